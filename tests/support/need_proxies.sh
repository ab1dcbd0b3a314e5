#!/bin/sh
# The tests below a prefix need nginx and Caddy: on PATH, else apt as root, else one clear line.
command -v nginx >/dev/null && command -v caddy >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  # RUNLEVEL=1 keeps Debian from starting either as a service.
  apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends nginx-light caddy >/dev/null && exit 0
fi
echo 'no nginx or no caddy on PATH; two tests need them: install the packages "nginx-light" and "caddy" and rerun' >&2
exit 1
