#!/usr/bin/env bash
# The browser tests drive the system's Chromium and need fonts for both languages. Installed here when we may.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
fc-list 2>/dev/null | grep -q 'Noto Sans CJK' || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "The browser tests need: apt-get install ${missing[*]}" >&2
  exit 1
fi
apt-get -qq -o DPkg::Lock::Timeout=120 update
DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}" >/dev/null
