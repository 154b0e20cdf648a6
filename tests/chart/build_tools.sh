#!/usr/bin/env bash
# Builds helm 3, helm 4 and helm-unittest from the Go modules pinned by go.mod and go.sum, into a cache outside the checkout, and prints their folder.
#
# usage: build_tools.sh [--if-built]   the last line on stdout is the folder with helm, helm4 and helm-unittest; progress goes to stderr
#        --if-built                    only where they are in the cache already: exit 77 without a word when they are not
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
#
# Cold: several minutes on two cores. Warm: under a second, without the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
root=$cache/chart-tools
# go.sum pins every byte, so nothing may rewrite it; a toolchain is never fetched behind our back.
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0
unset GOOS GOARCH GOROOT

say() { printf 'chart tools: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The compiler is no part of the key: what it builds from the same sources does the same.
key=$(cd "$here" && cat go.mod go.sum build_tools.sh | sha256sum | cut -c 1-16)
bin=$root/$key
answers() { "$1/helm" version && "$1/helm4" version && "$1/helm-unittest" --help; }
if answers "$bin" >/dev/null 2>&1; then
  touch "$bin"
  echo "$bin"
  exit 0
fi
[ "${1:-}" != --if-built ] || exit 77

go=$("$here/../testbed/go.sh" "$here/go.mod")

mkdir -p "$root"
exec 9>"$root/lock"
flock 9
if answers "$bin" >/dev/null 2>&1; then # another one built them meanwhile
  echo "$bin"
  exit 0
fi
rm -rf "$root"/building.*
work=$(mktemp -d "$root/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$here"
begin=$SECONDS
build() { # PROGRAM PACKAGE [FLAGS]
  say "building $1"
  # The lock's descriptor is closed for the children, so that none of them can keep it.
  "$go" build -trimpath -buildvcs=false -ldflags "-s -w ${3:-}" -o "$work/$1" "$2" >"$work/log" 2>&1 9>&- || { tail -n 30 "$work/log" >&2; die "$1 does not build"; }
}
version() { "$go" list -m -f '{{.Version}}' "$1"; }
# As Helm's own Makefile sets them: without, helm 3 takes the cluster for a Kubernetes 1.20 and itself for a development version.
minor=$(version k8s.io/client-go | cut -d. -f2)
flags="-X helm.sh/helm/v3/internal/version.version=$(version helm.sh/helm/v3) -X helm.sh/helm/v4/internal/version.version=$(version helm.sh/helm/v4)"
for package in helm.sh/helm/v3/pkg/chartutil helm.sh/helm/v3/pkg/lint/rules; do flags+=" -X $package.k8sVersionMajor=1 -X $package.k8sVersionMinor=$minor"; done
build helm helm.sh/helm/v3/cmd/helm "$flags"
build helm-unittest github.com/helm-unittest/helm-unittest/cmd/helm-unittest "$flags"
build helm4 helm.sh/helm/v4/cmd/helm "$flags"
rm "$work/log"
answers "$work" >/dev/null || die 'a program does not answer'
chmod 755 "$work"
rm -rf "$bin"
mv "$work" "$bin"
say "done in $((SECONDS - begin)) s"
find "$root" -mindepth 1 -maxdepth 1 -type d ! -name "$key" -mtime +30 -exec rm -rf {} +
echo "$bin"
