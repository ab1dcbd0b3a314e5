// A real OpenID Connect provider on this machine: who logs in as "ada.staff.class" is of these groups.
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [installed, port] = process.argv.slice(2)
const require = createRequire(path.resolve(installed, 'package.json'))
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')))

const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'selfie',
      client_secret: 'a secret of tests',
      application_type: 'native', // any port of this machine
      redirect_uris: ['http://127.0.0.1/oauth2callback'],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: crypto.randomUUID() }] },
  cookies: { keys: [crypto.randomUUID()] },
  scopes: ['openid', 'email', 'groups'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  conformIdTokenClaims: false, // claims stand in the ID token
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => {
      const [name, ...groups] = id.split('.')
      return { sub: id, email: `${name}@example.test`, email_verified: name !== 'eve', groups }
    },
  }),
  ttl: { IdToken: (_, token) => (token.available.sub.startsWith('brief') ? 1 : 3600) },
  features: { rpInitiatedLogout: { enabled: true } },
})
provider.Client.prototype.postLogoutRedirectUriAllowed = () => true
provider.listen(port, '127.0.0.1')
