# Shared by the end-to-end scenarios: a test bed of their own, the operator under its own ServiceAccount, and ways to ask both.
# shellcheck shell=bash
# Needs: SEAWORTHY_BUILD (folder of the binary), SEAWORTHY_TESTBED_BIN (else the test bed builds its programs).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${SEAWORTHY_BUILD:-$root/build/dev}/seaworthy
work=$(mktemp -d)
operator_pid=''
servers=() # pids of what else a scenario started

say() { printf '%s\n' "$*"; }
ok() { printf 'ok    %s\n' "$*"; }
fail() {
  printf 'FAIL  %s\n' "$*" >&2
  [ ! -s "$work/operator.log" ] || { echo '--- the last lines of the operator:' >&2; tail -n 15 "$work/operator.log" >&2; }
  exit 1
}

cleanup() {
  local code=$?
  stop_operator || true
  local pid
  for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
  [ -z "${state:-}" ] || "$root/tests/testbed/down.sh" "$state" >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT

# bed_start: a control plane with nothing of ours.
bed_start() {
  state=$("$root/tests/testbed/up.sh" 2>"$work/bed.log") || { tail -n 20 "$work/bed.log" >&2; fail 'the test bed did not come up'; }
  # shellcheck disable=SC1091
  . "$state/env.sh"
}

# bed_up: a control plane with our CRDs and RBAC and nothing else of ours: the operator runs as a process, so its Deployment stays out.
bed_up() {
  bed_start
  kubectl apply --server-side -f "$root/manifests/install.yaml" -l 'app.kubernetes.io/component!=operator' >/dev/null
  kubectl wait --for=condition=Established crd -l app.kubernetes.io/part-of=seaworthy --timeout=30s >/dev/null 2>&1 || true
  operator_kubeconfig=$("$root/tests/testbed/operator_kubeconfig.sh" "$state")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_operator [FLAGS...]: returns when it is ready.
start_operator() {
  metrics_port=$(free_port) health_port=$(free_port) report_port=$(free_port)
  setsid "$binary" run --kubeconfig "$operator_kubeconfig" --metrics-address "127.0.0.1:$metrics_port" \
    --health-address "127.0.0.1:$health_port" --report-address "127.0.0.1:$report_port" "$@" >>"$work/operator.log" 2>&1 </dev/null &
  operator_pid=$!
  within 60 'the operator is ready' operator_ready
}
operator_ready() {
  kill -0 "$operator_pid" 2>/dev/null || fail 'the operator ended by itself'
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$health_port/readyz")" = 200 ]
}
stop_operator() { # with the time it took, in ms
  [ -n "$operator_pid" ] || return 0
  local begin
  begin=$(now_ms)
  kill "$operator_pid" 2>/dev/null || true
  while kill -0 "$operator_pid" 2>/dev/null; do sleep 0.05; done
  operator_pid=''
  stopped_ms=$(($(now_ms) - begin))
}

now_ms() { date +%s%3N; }

# within SECONDS WHAT COMMAND...: the command succeeds within that time, asked ten times a second.
within() {
  local seconds=$1 what=$2 begin
  shift 2
  begin=$(now_ms)
  until "$@" >/dev/null 2>&1; do
    [ $(($(now_ms) - begin)) -lt $((seconds * 1000)) ] || fail "not within $seconds s: $what"
    sleep 0.1
  done
}

metrics() { curl -sf "http://127.0.0.1:$metrics_port/metrics"; }
# series PATTERN: the value of the one series that the extended regular expression matches; empty when there is none.
series() { metrics | awk -v p="$1" '!/^#/ && $0 ~ p {if (!seen++) print $NF}'; }
score() { series "^seaworthy_workload_score[{].*namespace=\"$1\",workload=\"$2\""; } # NAMESPACE WORKLOAD
# grep reads to the end: with -q curl would be cut off, and fail.
failing() { [ "$(metrics | grep -c "^seaworthy_check_failing{.*namespace=\"$1\",workload=\"$2\".*check=\"$3\"")" != 0 ]; } # NAMESPACE WORKLOAD CHECK
not() { ! "$@"; }

# What the operator wrote, from the API server's own audit log.
writes() { grep -c '"username":"system:serviceaccount:seaworthy:seaworthy".*audit.seaworthy.dev' <(grep -E '"verb":"(create|update|patch|delete)"' "$AUDIT_LOG") || true; }

# loose_crd GROUP VERSION KIND RESOURCE [SCOPE]: prints a CustomResourceDefinition that takes any object, as a stand-in for somebody else's kind.
loose_crd() {
  cat <<K
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: $4.$1, annotations: {api-approved.kubernetes.io: "unapproved, a test's own"}}
spec:
  group: $1
  scope: ${5:-Namespaced}
  names: {kind: $3, plural: $4, singular: ${3,,}, listKind: ${3}List}
  versions: [{name: $2, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
K
}

# The last writes, a line each, with what they said before: for a failure's reader.
last_writes() {
  grep -E '"verb":"patch"' "$AUDIT_LOG" | jq -c 'select(.objectRef.apiGroup == "audit.seaworthy.dev") | {at: .stageTimestamp, uri: .objectRef, status: .requestObject.status}' |
    tail -n "${1:-12}"
}

# Waits until the operator has written nothing for 7 seconds: it leaves 5 between two writes of one object.
quiet() {
  local before=-1 same=0
  for _ in $(seq 1 600); do
    local current
    current=$(writes)
    if [ "$current" = "$before" ]; then same=$((same + 1)); else same=0; fi
    before=$current
    [ "$same" -lt 70 ] || return 0
    sleep 0.1
  done
  fail 'the operator did not stop writing within 60 s'
}

# The audit of the running operator and that of a fresh process, without what names the moment.
normal_report() { jq -S 'del(.generatedBy)'; }
reports_agree() {
  curl -sf "http://localhost:$report_port/report.json" | normal_report >"$work/live.json"
  { "$binary" scan --cluster --kubeconfig "$operator_kubeconfig" -o json || true; } | normal_report >"$work/fresh.json"
  cmp -s "$work/live.json" "$work/fresh.json"
}
# And so do /metrics and the report objects, by what the fresh one alone makes of them: says what differs.
views_agree() {
  reports_agree || { echo 'the live report and a fresh one differ:'; diff "$work/live.json" "$work/fresh.json" | head -n 20; return 1; }
  metrics >"$work/metrics.txt" || return 1
  kubectl get workloadaudits,namespaceaudits,clusteraudits -A -o json >"$work/objects.json" || return 1
  "$root/tests/faults/oracle.py" "$work/fresh.json" "$work/metrics.txt" "$work/objects.json"
}
