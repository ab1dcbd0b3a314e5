#!/bin/sh
# The browser tests need Chromium or Chrome: one on PATH, else apt as root, else one clear line.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo 'no Chromium on PATH; the browser tests need it: install the package "chromium" and rerun' >&2
exit 1
