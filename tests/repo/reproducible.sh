#!/usr/bin/env bash
# Builds HEAD twice, without a compiler cache, in folders of different names, at different times, in other time zones and
# locales, and compares the programs bit by bit. By hand (`./dev reproduce`): it takes as long as two builds.
#
# usage: reproducible.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/seaworthy-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CCACHE_DISABLE=1

built() { # FOLDER ENVIRONMENT...: prints the program's path
  local folder=$1
  shift
  mkdir -p "$(dirname "$folder")"
  git clone --quiet "$root" "$folder" >&2
  (cd "$folder" && env "$@" cmake --preset release && env "$@" cmake --build --preset release --parallel "$(nproc)" --target seaworthy) >"$work/log" 2>&1 ||
    { tail -n 30 "$work/log" >&2; exit 1; }
  echo "$folder/build/release/seaworthy"
}
first=$(built "$work/a" TZ=UTC LC_ALL=C)
second=$(built "$work/some/where/else/with a space" TZ=Pacific/Auckland LC_ALL=C.UTF-8)
sha256sum "$first" "$second" | sed "s|$work/||"
if ! cmp "$first" "$second"; then
  for section in $(objdump -h "$first" | awk '$1 ~ /^[0-9]+$/ {print $2}'); do
    for one in first second; do objcopy -O binary --only-section="$section" "${!one}" "$work/$one" 2>/dev/null || true; done
    cmp -s "$work/first" "$work/second" || echo "differs: $section"
  done
  exit 1
fi
echo "two builds of $(git -C "$root" rev-parse --short HEAD) are the same, $(stat -c %s "$first") bytes"
