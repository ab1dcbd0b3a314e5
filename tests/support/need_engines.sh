#!/bin/sh
# Tests of /phone open it in Firefox and WebKit too: here already, else apt as root, else they are skipped.
{ command -v firefox || command -v firefox-esr; } >/dev/null && command -v xvfb-run >/dev/null &&
  ls /usr/lib/*/webkit2gtk-4.1/MiniBrowser >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    firefox-esr libwebkit2gtk-4.1-0 xvfb xauth >/dev/null && exit 0
fi
echo 'no Firefox or no WebKitGTK; some tests of /phone are skipped: the packages are "firefox-esr", "libwebkit2gtk-4.1-0" and "xvfb"' >&2
