#!/usr/bin/env bash
# Compacts etcd, so that older revisions are gone. The API server's watch cache still serves them until it is
# restarted: for a sure 410 write something, compact, then restart.sh apiserver.
#
# usage: compact.sh [REVISION]     default the current one; prints the revision
# env:   TB_RUN (set by env.sh)
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
tb_use "${TB_RUN:-}"
revision=${1:-$(curl -fsS --max-time 10 "$ETCD/v3/kv/range" -d '{"key":"AA=="}' | jq -er .header.revision)}
curl -fsS --max-time 60 "$ETCD/v3/kv/compaction" -d "{\"revision\":\"$revision\",\"physical\":true}" >/dev/null
echo "$revision"
