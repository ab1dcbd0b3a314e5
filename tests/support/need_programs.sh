#!/bin/sh
# Programs that the tests need: on PATH, else apt as root, all at once, else one clear line.
missing=
need() {  # PACKAGES NAME...: one of the names will do
  packages=$1
  shift
  for name; do command -v "$name" >/dev/null && return; done
  missing="$missing $packages"
}
install() {
  # RUNLEVEL=1 keeps Debian from starting any as a service.
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq &&
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
need firefox-esr firefox firefox-esr
[ -z "$missing" ] || install || {
  echo 'no Firefox on PATH, some tests of /phone are skipped; the package is "firefox-esr"' >&2
}
missing=
need chromium chromium chromium-browser google-chrome google-chrome-stable
need libimage-exiftool-perl exiftool
need nginx-light nginx
need caddy caddy
need 'nodejs npm g++ make' npm
[ -z "$missing" ] || install || {
  echo "the tests need programs that are not on PATH; install these packages and rerun:$missing" >&2
  exit 1
}
