#!/usr/bin/env bash
# Makes the data of pod_security_upstream_test: upstream's own example pods, and random ones judged by upstream's evaluator (oracle.go). Both
# come from the version of k8s.io/pod-security-admission that go.mod and go.sum pin.
#
# usage: fetch.sh      the last line on stdout is the folder, for SEAWORTHY_PSA_TESTDATA; progress goes to stderr
#                      FOLDER/{baseline,restricted}/v1.N/{pass,fail}/*.yaml    FOLDER/generated.yaml
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
#
# Cold: a download of about 20 MB and a build of half a minute. Warm: under a second, without the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
# go.sum pins every byte, so nothing may rewrite it.
export GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0

cd "$here"
key=$(sha256sum go.mod go.sum oracle.go fetch.sh | sha256sum | cut -c 1-16)
folder=$cache/pod-security/$key
if [ ! -e "$folder/generated.yaml" ]; then
  go=$("$here/../../../testbed/go.sh" "$here/go.mod")
  "$go" mod download k8s.io/pod-security-admission
  module=$("$go" list -m -f '{{.Dir}}' k8s.io/pod-security-admission)
  mkdir -p "$cache/pod-security"
  work=$(mktemp -d "$cache/pod-security/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # A copy, since the module cache may be cleaned while this folder stays; only of the newest version, which is the one that checks.md states.
  for level in baseline restricted; do
    mkdir -p "$work/$level"
    newest=$(ls "$module/test/testdata/$level" | sort -V | tail -n 1)
    cp -r "$module/test/testdata/$level/$newest" "$work/$level/"
  done
  chmod -R u+w "$work"
  "$go" run . >"$work/generated.yaml"
  chmod 755 "$work"
  # Whoever is first wins; the content is the same.
  mv -T "$work" "$folder" 2>/dev/null || [ -e "$folder/generated.yaml" ]
fi
echo "$folder"
