#!/usr/bin/env bash
# Builds the programs that the benchmarks are compared with from their Go modules, into a cache outside the checkout, one folder a version. What cannot be
# had is told and left out: the tables say so.
#
# usage: peers.sh        the last line on stdout is a search path of the folders that stand; progress goes to stderr
#        peers.sh --list  NAME VERSION lines, without building
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
#
# Cold: a quarter of an hour on two cores. Warm: under a second, without the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
root=$cache/peers
export GOWORK=off CGO_ENABLED=0
unset GOFLAGS GOOS GOARCH GOROOT

# NAME VERSION MODULE PACKAGE. kube-linter's module is had under the name of its repository: its vanity name is not served by every proxy. The
# module cannot be installed under it, but it can be compiled in a copy, which is what is done with all.
peers='
kube-score v1.20.0 github.com/zegl/kube-score ./cmd/kube-score
kube-state-metrics v2.20.0 k8s.io/kube-state-metrics/v2 .
kube-linter v0.8.3 github.com/stackrox/kube-linter ./cmd/kube-linter
polaris v10.2.2 github.com/fairwindsops/polaris .
'
say() { printf 'peers: %s\n' "$*" >&2; }

if [ "${1:-}" = --list ]; then
  while read -r name version _; do [ -z "$name" ] || echo "$name $version"; done <<<"$peers"
  exit 0
fi

go=$("$here/../testbed/go.sh" 1.26.0)

mkdir -p "$root"
exec 9>"$root/lock"
flock 9
rm -rf "$root"/building.*

build() { # NAME VERSION MODULE PACKAGE
  local name=$1 version=$2 module=$3 package=$4 work=$5 source
  source=$("$go" mod download -json "$module@$version" 2>"$work/log" | python3 -c 'import json, sys
answer = json.load(sys.stdin)
if "Error" in answer: sys.exit(answer["Error"])
print(answer["Dir"])' 2>>"$work/log") || return 1
  cp -r "$source" "$work/source"
  chmod -R u+w "$work/source"
  # The lock's descriptor is closed for the children, so that none of them can keep it.
  (cd "$work/source" && "$go" build -mod=mod -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/$name" "$package") >>"$work/log" 2>&1 9>&- || return 1
}

path=''
while read -r name version module package; do
  [ -n "$name" ] || continue
  folder=$root/$name-$version
  if [ ! -x "$folder/$name" ]; then
    say "building $name $version"
    begin=$SECONDS
    work=$(mktemp -d "$root/building.XXXXXX")
    if build "$name" "$version" "$module" "$package" "$work"; then
      mkdir -p "$folder"
      mv "$work/$name" "$folder/$name"
      say "$name $version: built in $((SECONDS - begin)) s"
    else
      say "$name $version cannot be had here: $(tail -n 1 "$work/log" | cut -c 1-200)"
    fi
    rm -rf "$work"
  fi
  if [ -x "$folder/$name" ]; then path=${path:+$path:}$folder; fi
done <<<"$peers"
echo "$path"
