#!/usr/bin/env bash
# Makes the data of kubernetes_protobuf_test: upstream's own samples of every kind, random objects, and the table of fields written anew
# (src/api/kubernetes_messages). All of it comes from the version of k8s.io/api that go.mod and go.sum pin there.
#
# usage: fetch.sh      the last line on stdout is the folder, for SEAWORTHY_API_SAMPLES; progress goes to stderr
#                      FOLDER/upstream/VERSION/GROUP.VERSION.KIND.{json,pb}    FOLDER/random.bin    FOLDER/messages.inc
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy      GO  see tests/testbed/go.sh
#
# Cold: a download of about 10 MB and a build of half a minute. Warm: under a second, without the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module=$(cd "$here/../../../src/api/kubernetes_messages" && pwd)
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
# go.sum pins every byte, so nothing may rewrite it.
export GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0

cd "$module"
key=$(cat go.mod go.sum main.go samples.go "$here/fetch.sh" | sha256sum | cut -c 1-16)
folder=$cache/api-samples/$key
if [ ! -e "$folder/messages.inc" ]; then
  go=$("$here/../../testbed/go.sh" "$module/go.mod")
  "$go" mod download k8s.io/api
  api=$("$go" list -m -f '{{.Dir}}' k8s.io/api)
  mkdir -p "$cache/api-samples"
  work=$(mktemp -d "$cache/api-samples/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # A copy, since the module cache may be cleaned while this folder stays.
  mkdir "$work/upstream"
  cp -r "$api"/testdata/HEAD "$api"/testdata/v* "$work/upstream/"
  chmod -R u+w "$work"
  find "$work/upstream" -name '*.yaml' -delete
  "$go" run . -samples 40 >"$work/random.bin"
  "$go" run . >"$work/messages.inc"
  chmod 755 "$work"
  # Whoever is first wins; the content is the same.
  mv -T "$work" "$folder" 2>/dev/null || [ -e "$folder/messages.inc" ]
fi
echo "$folder"
