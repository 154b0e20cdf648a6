# Shared by the rows of the fault matrix: the operator behind the fault proxy on the control plane of its lane, and how to make and measure faults.
# A row is rows/NN_name.sh: comment lines that say what it is about (faults.sh reads them), and a function `row`, which ends with `figure`.
# shellcheck shell=bash
# Needs, beside what tests/e2e/lib.sh needs: FAULTS_BED (state folder of the control plane), FAULTS_PROXY (the program).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"
faults=$root/tests/faults
testbed=$root/tests/testbed
bed=$FAULTS_BED
# shellcheck disable=SC1091
. "$bed/env.sh"

# An operator is known by its name: behind a proxy of the same name, with that name in the lease and in the audit log.
declare -A pid metrics_of health_of report_of kubeconfig_of address_of control_of proxy_of
row_figure='' row_name=${row_name:-row}

fail() {
  printf 'FAIL  %s\n' "$*" >&2
  local name
  for name in "${!pid[@]}"; do
    [ ! -s "$work/$name.log" ] || { echo "--- the last lines of operator $name:" >&2; tail -n 15 "$work/$name.log" | cut -c 1-400 >&2; }
  done
  if [ -n "${FAULTS_KEEP:-}" ]; then
    mkdir -p "$FAULTS_KEEP"
    cp "$work"/* "$FAULTS_KEEP/" 2>/dev/null || true
    for name in "${!control_of[@]}"; do requests "$name" >"$FAULTS_KEEP/$name.requests" 2>/dev/null || true; done
    tail -c "+$((audit_from + 1))" "$AUDIT_LOG" >"$FAULTS_KEEP/audit.log" || true
  fi
  exit 1
}
cleanup() {
  local code=$? name process
  trap - EXIT
  for name in "${!pid[@]}"; do kill -CONT "${pid[$name]}" 2>/dev/null || true; kill -KILL "${pid[$name]}" 2>/dev/null || true; done
  for process in "${proxy_of[@]}" "${servers[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  if [ "$(type -t row_cleanup)" = function ]; then row_cleanup || true; fi
  rm -rf "$work"
  exit "$code"
}
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- operators and proxies

# proxy NAME [FLAGS...]
proxy() {
  local name=$1 folder=$work/$1.files
  shift
  mkdir -p "$folder"
  setsid "$FAULTS_PROXY" serve -upstream "$SERVER" -ca "$CA_FILE" -certificate "$bed/pki/apiserver.crt" -key "$bed/pki/apiserver.key" -agent "$name" \
    -addresses "$folder/addresses" "$@" >>"$work/$name.proxy.log" 2>&1 </dev/null &
  proxy_of[$name]=$!
  within 5 "proxy $name listens" test -s "$folder/addresses"
  read -r address_of["$name"] control_of["$name"] <"$folder/addresses"
  # Files of its own, so that a row can put others in their place.
  TB_TOKEN_DURATION=24h "$testbed/operator_kubeconfig.sh" "$bed" >/dev/null
  cp "$bed/serviceaccounts/seaworthy-seaworthy/token" "$CA_FILE" "$folder/"
  kubeconfig_of[$name]=$folder/kubeconfig
  cat >"$folder/kubeconfig" <<K
apiVersion: v1
kind: Config
current-context: proxy
clusters: [{name: proxy, cluster: {server: "https://${address_of[$name]}", certificate-authority: "$folder/ca.crt"}}]
users: [{name: seaworthy, user: {tokenFile: "$folder/token"}}]
contexts: [{name: proxy, context: {cluster: proxy, user: seaworthy, namespace: seaworthy}}]
K
}
control() { # NAME METHOD PATH [BODY]
  curl -sf -X "$2" "http://${control_of[$1]}$3" ${4+--data-binary "$4"} || fail "the proxy of $1 refuses: $2 $3"
}
rule() { control "${3:-a}" PUT "/rules/$1" "$2"; } # RULE JSON [OPERATOR]
unrule() { control "${2:-a}" DELETE "/rules/$1"; } # RULE [OPERATOR]
cut_connections() { control "${3:-a}" POST "/cut?how=${2:-close}&match=$(jq -rn --arg m "${1:-}" '$m | @uri')"; } # [PATTERN] [close|reset] [OPERATOR]
requests() { control "$1" GET "/requests?since=${3:-0}&match=$(jq -rn --arg m "${2:-}" '$m | @uri')"; }            # OPERATOR [PATTERN] [SINCE]
count_requests() { control "${3:-a}" GET "/count?since=${2:-0}&match=$(jq -rn --arg m "$1" '$m | @uri')"; }       # PATTERN [SINCE] [OPERATOR]
counted() { [ "$(count_requests "$2" "${3:-0}" "${4:-a}")" -ge "$1" ]; }                                          # AT_LEAST PATTERN [SINCE] [OPERATOR]

# launch NAME [FLAGS...]: without waiting.
launch() {
  local name=$1
  shift
  metrics_of[$name]=$(free_port) health_of[$name]=$(free_port) report_of[$name]=$(free_port)
  setsid ${launcher[@]+"${launcher[@]}"} "$binary" run --kubeconfig "${kubeconfig_of[$name]}" --identity "$name" --metrics-address "127.0.0.1:${metrics_of[$name]}" \
    --health-address "127.0.0.1:${health_of[$name]}" --report-address "127.0.0.1:${report_of[$name]}" "$@" >>"$work/$name.log" 2>&1 </dev/null &
  pid[$name]=$!
}
launcher=() # what a row puts before the operator's command line
ready() {
  kill -0 "${pid[$1]}" 2>/dev/null || fail "operator $1 ended by itself"
  [ "$(curl -s --max-time 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:${health_of[$1]}/readyz")" = 200 ]
}
# operator NAME [FLAGS...]: behind a proxy of its own; returns when it is ready.
operator() {
  [ -n "${proxy_of[$1]:-}" ] || proxy "$1"
  launch "$@"
  within 90 "operator $1 is ready" ready "$1"
}
stop() { # NAME [SIGNAL]: with the time it took, in ms
  local begin
  begin=$(now_ms)
  kill "-${2:-TERM}" "${pid[$1]}"
  while kill -0 "${pid[$1]}" 2>/dev/null; do sleep 0.02; done
  stopped_ms=$(($(now_ms) - begin))
  stopped_code=0
  wait "${pid[$1]}" 2>/dev/null || stopped_code=$?
}
page() { curl -sf --max-time 5 "http://127.0.0.1:${metrics_of[$1]}/metrics" || true; }
leads() { [ "$(page "$1" | awk '/^leader_election_master_status/ {print $2}')" = 1 ]; }
exports() { [ "$(page "$1" | grep -c '^seaworthy_workload_score{')" != 0 ]; }
healthy() { [ "$(curl -s --max-time 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:${health_of[${1:-a}]}/healthz")" = 200 ]; }
# use NAME: metrics, series, failing and reports_agree of tests/e2e/lib.sh are about that operator.
use() {
  metrics_port=${metrics_of[$1]} health_port=${health_of[$1]} report_port=${report_of[$1]}
  # A fresh audit goes around the proxy.
  operator_kubeconfig=$bed/serviceaccounts/seaworthy-seaworthy/kubeconfig
}
# total PATTERN [OPERATOR]: the sum of all series that match.
total() { page "${2:-a}" | awk -v p="$1" '!/^#/ && $0 ~ p {sum += $NF} END {printf "%d\n", sum}'; }
# The operator's own page about its watches is made every 10 seconds.
total_reaches() { [ "$(total "$2" "${3:-a}")" -ge "$1" ]; } # AT_LEAST PATTERN [OPERATOR]
# p99_between BEFORE AFTER: the bucket of the 99th percentile of what came between two files of one histogram's _bucket lines.
p99_between() {
  local p99
  p99=$(paste "$1" "$2" | awk '{match($1, /le="[^"]*"/); le[NR] = substr($1, RSTART + 4, RLENGTH - 5); n[NR] = $NF - $2} END {for (i = 1; i <= NR; i++) if (n[i] >= 0.99 * n[NR]) {print le[i]; exit}}')
  [ "$p99" != +Inf ] || fail 'p99 is beyond the histogram'
  echo "$p99"
}
resident() { awk '/^VmRSS/ {print $2}' "/proc/${pid[${1:-a}]}/status"; }
cpu_ms() { awk '{print ($14 + $15) * 10}' "/proc/${pid[${1:-a}]}/stat"; }

# ---- the cluster

component() { TB_RUN=$bed "$testbed/signal.sh" "$@" >/dev/null; }            # NAME SIGNAL
restart() { TB_RUN=$bed "$testbed/restart.sh" "$@" >/dev/null 2>>"$work/bed.log"; } # NAME [-9] [FLAGS...]
compact() { TB_RUN=$bed "$testbed/compact.sh" >/dev/null; }
api_ready() { kubectl get --raw /readyz; }

turn=0
# know_turn: as the cluster has it, which a row before, or a backup, may have left either way.
know_turn() { case $(kubectl -n shop get deploy cart -o 'jsonpath={.spec.template.spec.containers[0].image}') in *:latest) turn=0 ;; *) turn=1 ;; esac; }
# change: makes one that shows: shop/cart's image-tag fails, or fails no more.
change() {
  turn=$((turn + 1))
  local tag=latest
  [ $((turn % 2)) = 0 ] || tag=2.0.$turn
  kubectl -n shop set image deploy/cart "cart=registry.example/shop/cart:$tag" >/dev/null
}
change_shows() {
  local wanted=0 got
  [ $((turn % 2)) = 1 ] || wanted=1
  got=$(page "${1:-a}" | grep -c '^seaworthy_check_failing{namespace="shop",workload="cart".*check="image-tag"' || true)
  [ "$got" = "$wanted" ]
}
# recovers SECONDS WHAT [OPERATOR]: from $begin (ms) on, a change made now is seen in /metrics; $took says when, in ms.
recovers() {
  within "$1" "$2: the API server takes a change" change
  within "$1" "$2: the change is seen" change_shows "${3:-a}"
  took=$(($(now_ms) - begin))
  at_most $(($1 * 1000)) "$took" "$2, ms"
}
at_most() { awk -v l="$1" -v v="$2" 'BEGIN {exit !(v <= l)}' || fail "$3: $2, more than $1"; }   # LIMIT VALUE WHAT
at_least() { awk -v l="$1" -v v="$2" 'BEGIN {exit !(v >= l)}' || fail "$3: $2, less than $1"; } # LIMIT VALUE WHAT
equal() { [ "$1" = "$2" ] || fail "$3: $2, want $1"; }                                         # WANTED GOT WHAT
figure() { row_figure=$*; }
seconds_of() { awk -v ms="$1" 'BEGIN {printf "%.1f s", ms / 1000}'; }

# bulk COUNT [NAMESPACE] [TAG]: so many Deployments without pods.
bulk() {
  local i
  kubectl create namespace "${2:-bulk}" >/dev/null 2>&1 || true
  for ((i = 0; i < $1; i++)); do
    printf -- '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w%d, namespace: %s, labels: {app: w%d}}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: w%d}}\n' "$i" "${2:-bulk}" "$i" "$i"
    printf '  template:\n    metadata: {labels: {app: w%d}}\n    spec: {containers: [{name: app, image: "registry.example/bulk/w%d:%s"}]}\n' "$i" "$i" "${3:-1.0.0}"
  done >"$work/bulk.yaml"
  kubectl apply --server-side --force-conflicts -f "$work/bulk.yaml" >/dev/null
}
# operator_over_bulk: operator a, which has judged and written of 1,000 Deployments in namespace bulk; they stay for the rows that come after.
operator_over_bulk() {
  operator a
  [ "$(reports_of bulk)" = 1000 ] || bulk 1000
  within 150 'reports of all' reports_are 1000 bulk
  settled
}
# service_accounts COUNT NAMESPACE
service_accounts() {
  local i
  for ((i = 0; i < $1; i++)); do printf -- '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a%d, namespace: %s}\n' "$i" "$2"; done |
    kubectl apply --server-side -f - >/dev/null
}
workloads_seen() { [ "$(page a | grep -c "^seaworthy_workload_score{namespace=\"$2\"" || true)" = "$1" ]; }       # COUNT NAMESPACE
reports_of() { kubectl get workloadaudits -n "$1" -o name 2>/dev/null | wc -l; }                                # NAMESPACE
reports_are() { [ "$(reports_of "$2")" = "$1" ]; }                                                             # COUNT NAMESPACE

# ---- what every row must leave behind

# What the operators wrote since the row began, from the API server's audit log.
our_writes() { tail -c "+$((${1:-$audit_from} + 1))" "$AUDIT_LOG" | grep -E '"verb":"(create|update|patch|delete)"' | grep -c '"username":"system:serviceaccount:seaworthy:seaworthy".*audit.seaworthy.dev' || true; }
our_deletes() { tail -c "+$((audit_from + 1))" "$AUDIT_LOG" | grep '"verb":"delete"' | grep -c '"username":"system:serviceaccount:seaworthy:seaworthy"' || true; }
audit_now() { stat -c %s "$AUDIT_LOG"; }

# settled [SECONDS]: until nothing has been written for 8 seconds: the writer leaves 5 between two writes of one object.
settled() {
  local at same=0 until=$((SECONDS + ${1:-180}))
  at=$(audit_now)
  while [ "$same" -lt 8 ]; do
    sleep 1
    local new
    new=$(our_writes "$at")
    at=$(audit_now)
    if [ "$new" = 0 ]; then same=$((same + 1)); else same=0; fi
    [ "$SECONDS" -lt "$until" ] || fail "the operator did not stop writing within ${1:-180} s"
  done
}

# converges NAME: faults have ended; within 180 s its views agree with a fresh audit. Sets $converged (ms until the last difference went).
converges() {
  local begin
  begin=$(now_ms) converged=''
  within 120 'the API server answers' api_ready
  use "$1"
  until [ "$(now_ms)" -gt $((begin + 180000)) ]; do
    if views_agree >"$work/differences" 2>&1; then converged=$(($(now_ms) - begin)); break; fi
    converged=''
    sleep 1
  done
  [ -n "$converged" ] || { cat "$work/differences" >&2; fail 'what the operator shows, what it wrote and a fresh audit differ'; }
  settled
  views_agree >"$work/differences" 2>&1 || { cat "$work/differences" >&2; fail 'they agreed, and then differed again'; }
}

begin_row() {
  audit_from=$(audit_now)
  within 60 'the API server answers' api_ready
  kubectl delete lease -n seaworthy seaworthy --ignore-not-found >/dev/null # of the row before
  know_turn
}

# end_row OPERATOR: no rule is left, all agrees, and the history is as it should be.
end_row() {
  local name
  for name in "${!control_of[@]}"; do control "$name" DELETE /rules; done
  for name in "${!pid[@]}"; do kill -CONT "${pid[$name]}" 2>/dev/null || true; done
  healthy "$1" || fail "operator $1 is not live"
  converges "$1"
  "$faults/history.py" "$AUDIT_LOG" --from "$audit_from" --leaders --may-be-quiet >"$work/history" || { cat "$work/history" >&2; fail 'the audit log shows what must not be'; }
  if grep -E '"level":"(critical|error)"' "$work/$1.log" | grep -Ev "${tolerated:-^$}" >&2; then fail 'the operator logged an error'; fi
}
