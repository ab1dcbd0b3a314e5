#!/bin/sh
# A test reads sidecars back by ExifTool: one on PATH, else apt as root, else one clear line.
command -v exiftool >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    libimage-exiftool-perl >/dev/null && exit 0
fi
echo 'no exiftool on PATH; a test reads sidecars back by it: install the package "libimage-exiftool-perl" and rerun' >&2
exit 1
