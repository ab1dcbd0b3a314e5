#!/bin/sh
# Tests need servers of others, of two networks for the bot and a provider to sign in at: installed
# into .venv, once, by npm and pip.
set -e
cd "$(dirname "$0")/../.."
into=.venv/networks
want="tests/support/atproto/package-lock.json tests/support/oidc/package-lock.json
  tests/support/need_networks.sh"
if cat $want | cmp -s - $into/installed; then exit 0; fi
command -v npm >/dev/null || {
  echo 'no npm on PATH; the tests need Node 18.7 or newer: install it and rerun' >&2
  exit 1
}
for part in atproto oidc; do
  mkdir -p $into/$part
  cp tests/support/$part/package*.json $into/$part
  (cd $into/$part && npm ci --no-audit --no-fund --loglevel=error)
done
# Apart from ours: it would put uvloop under the app, which visitors' own installs don't have.
.venv/bin/pip install --quiet --upgrade --target $into/mastodon 'mastodon-mock==0.6.1'
cat $want >$into/installed
