#!/usr/bin/env bash
# The suite drives real Chromium and Firefox, and lets flite speak (Redis and PostgreSQL where they are): install, or say what is missing.
set -euo pipefail
wanted=()
command -v chromium >/dev/null || wanted+=(chromium)
command -v redis-server >/dev/null || wanted+=(redis-server)
command -v ip >/dev/null || wanted+=(iproute2)
command -v flite >/dev/null || wanted+=(flite)
command -v cc >/dev/null || wanted+=(gcc libc6-dev)
may_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }
if ! command -v firefox-esr >/dev/null && ! command -v firefox >/dev/null; then
    if may_install; then
        wanted+=(firefox-esr)
    else
        echo "Firefox's test is skipped; to run it: sudo apt-get install firefox-esr" >&2
    fi
fi
[ ${#wanted[@]} -eq 0 ] && exit 0
if ! may_install; then
    echo "The tests need these packages; install them with: sudo apt-get install ${wanted[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# policy-rc.d keeps Debian from starting a redis service of its own on the test machine
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
