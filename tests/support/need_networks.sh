#!/bin/sh
# The bot's tests need Node and the servers of two networks: installed into .venv, once.
set -e
cd "$(dirname "$0")/../.."
into=.venv/networks
want="tests/support/atproto/package-lock.json tests/support/need_networks.sh"
if cat $want | cmp -s - $into/installed; then exit 0; fi
if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm g++ make >/dev/null
fi
command -v npm >/dev/null || {
  echo 'no npm on PATH; the tests of the bot need Node 18.7 or newer: install it and rerun' >&2
  exit 1
}
mkdir -p $into/atproto
cp tests/support/atproto/package*.json $into/atproto
(cd $into/atproto && npm ci --no-audit --no-fund --loglevel=error)
# Apart from ours: it would put uvloop under the app, which visitors' own installs don't have.
.venv/bin/pip install --quiet --upgrade --target $into/mastodon 'mastodon-mock==0.6.1'
cat $want >$into/installed
