#!/usr/bin/env bash
# Builds tests/dashboards/validate from the Go modules that its go.sum pins, into the cache, and runs it on this checkout.
#
# env: SEAWORTHY_VALIDATE_ROOT  another tree to judge
#      SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
#
# Cold: a minute or two, most of it Grafana's schema. Warm: a second, without the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
# go.sum pins every byte, so nothing may rewrite it; a toolchain is never fetched behind our back.
export GOFLAGS=-mod=readonly GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0

key=$(cat "$here"/validate/{go.mod,go.sum,main.go} | sha256sum | cut -c 1-16)
program=$cache/dashboards/$key/validate
if [ ! -x "$program" ]; then
  go=$("$here/../testbed/go.sh" "$here/validate/go.mod")
  mkdir -p "$cache/dashboards"
  work=$(mktemp -d "$cache/dashboards/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$here/validate" && "$go" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/validate" .)
  chmod 755 "$work"
  # Whoever is first wins; the content is the same.
  mv -T "$work" "$cache/dashboards/$key" 2>/dev/null || [ -x "$program" ]
fi
exec "$program" "${SEAWORTHY_VALIDATE_ROOT:-$here/../..}"
