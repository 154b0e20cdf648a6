#!/usr/bin/env bash
# Unpacks Debian's libfaketime into the cache, unless it is installed, and prints the library's path.
set -euo pipefail
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
find_library() { find /usr/lib "$cache/debian/libfaketime" -name libfaketimeMT.so.1 2>/dev/null | head -n 1; }
library=$(find_library || true)
if [ -z "$library" ]; then
  mkdir -p "$cache/debian"
  work=$(mktemp -d "$cache/debian/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work" # apt drops to a user of its own
  (
    cd "$work"
    apt-get download libfaketime || { if [ "$(id -u)" = 0 ]; then apt-get update; else sudo apt-get update; fi && apt-get download libfaketime; }
    dpkg-deb -x libfaketime_*.deb unpacked
  ) >&2
  rm -rf "$cache/debian/libfaketime"
  mv "$work/unpacked" "$cache/debian/libfaketime"
  library=$(find_library)
fi
echo "$library"
