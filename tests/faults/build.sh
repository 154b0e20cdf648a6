#!/usr/bin/env bash
# Builds tests/faults/proxy (Go, the standard library alone) into the cache, and prints the program's path.
#
# env: SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
export GOFLAGS=-mod=readonly GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0

key=$(cat "$here"/proxy/{go.mod,*.go} | sha256sum | cut -c 1-16)
program=$cache/faults/$key/faultproxy
if [ ! -x "$program" ]; then
  go=$("$here/../testbed/go.sh" "$here/proxy/go.mod")
  mkdir -p "$cache/faults"
  work=$(mktemp -d "$cache/faults/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$here/proxy" && "$go" vet . && "$go" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/faultproxy" .) >&2
  chmod 755 "$work"
  # Whoever is first wins; the content is the same.
  mv -T "$work" "$cache/faults/$key" 2>/dev/null || [ -x "$program" ]
fi
echo "$program"
