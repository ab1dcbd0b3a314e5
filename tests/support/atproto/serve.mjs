// The real servers of the AT Protocol on this machine: a directory in memory, and Bluesky's PDS.
import crypto from 'node:crypto'
import http from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'

// Where they are installed; both listen on every interface unless they are held back.
const require = createRequire(path.resolve(process.env.INSTALLED, 'package.json'))
const listen = http.Server.prototype.listen
http.Server.prototype.listen = function (port, ...more) {
  return listen.call(this, port ?? 0, '127.0.0.1', ...more.filter((one) => typeof one === 'function'))
}

const [data, plcPort, pdsPort, appView] = process.argv.slice(2)
const { PlcServer, Database } = require('@did-plc/server')
const plc = PlcServer.create({ db: Database.mock(), port: Number(plcPort) })
await plc.start()

const secret = (bytes) => crypto.randomBytes(bytes).toString('hex')
Object.assign(process.env, {
  PDS_PORT: pdsPort,
  PDS_HOSTNAME: 'localhost',
  PDS_DEV_MODE: 'true',
  PDS_DATA_DIRECTORY: data,
  PDS_BLOBSTORE_DISK_LOCATION: `${data}/blobs`,
  PDS_BLOBSTORE_DISK_TMP_LOCATION: `${data}/blobs-coming`,
  PDS_DID_PLC_URL: `http://127.0.0.1:${plcPort}`,
  PDS_BSKY_APP_VIEW_URL: appView,
  PDS_BSKY_APP_VIEW_DID: 'did:web:appview.test',
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_INVITE_REQUIRED: 'false',
  PDS_RATE_LIMITS_ENABLED: process.env.RATE_LIMITS ?? 'false',
  PDS_CRAWLERS: '',
  PDS_JWT_SECRET: secret(16),
  PDS_DPOP_SECRET: secret(32),
  PDS_ADMIN_PASSWORD: secret(16),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: secret(32),
})
const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')
const pds = await PDS.create(envToCfg(readEnv()), envToSecrets(readEnv()))
await pds.start()
process.on('SIGTERM', async () => {
  await pds.destroy()
  await plc.destroy()
  process.exit(0)
})
