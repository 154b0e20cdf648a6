#!/usr/bin/env bash
# Two operators on one cluster: one leads, the other has everything ready. The leader is ended, killed, stopped and woken, and has its lease taken by
# hand; each time the other takes over within the stated time, writes never interleave, and the workloads' series come from one of them alone.
. "$(dirname "$0")/lib.sh"
bed_up
kubectl apply -f "$root/samples/shop.yaml" >/dev/null

declare -A pid metrics_of health_of
start() { # NAME
  local name=$1
  metrics_of[$name]=$(free_port) health_of[$name]=$(free_port)
  POD_NAME=$name setsid "$binary" run --kubeconfig "$operator_kubeconfig" --metrics-address "127.0.0.1:${metrics_of[$name]}" --identity "$name" \
    --health-address "127.0.0.1:${health_of[$name]}" --report-address 127.0.0.1:0 >>"$work/operator.$name.log" 2>&1 </dev/null &
  pid[$name]=$!
}
ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:${health_of[$1]}/readyz")" = 200 ]; }
# One that is stopped does not answer: it is not asked for long.
page() { curl -sf --max-time 2 "http://127.0.0.1:${metrics_of[$1]}/metrics" || true; }
leads() { [ "$(page "$1" | awk '/^leader_election_master_status/ {print $2}')" = 1 ]; }
exports() { [ "$(page "$1" | grep -c '^seaworthy_workload_score{')" != 0 ]; }
holder() { kubectl get lease -n seaworthy seaworthy -o jsonpath='{.spec.holderIdentity}'; }
finish() {
  local code=$? name
  trap - EXIT
  for name in "${!pid[@]}"; do kill -CONT "${pid[$name]}" 2>/dev/null || true; kill -KILL "${pid[$name]}" 2>/dev/null || true; done
  [ "$code" = 0 ] || tail -n 5 "$work"/operator.*.log >&2
  [ -z "${state:-}" ] || "$root/tests/testbed/down.sh" "$state" >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
# takes_over NAME SECONDS WHAT: from $begin on.
takes_over() {
  within "$2" "$3: $1 leads" leads "$1"
  ok "$3: $1 leads after $(($(now_ms) - begin)) ms"
  within 5 "$1 exports the workloads" exports "$1"
}

start a
within 60 'a is ready' ready a
within 20 'a leads' leads a
start b
within 60 'b is ready' ready b
! leads b || fail 'both lead'
! exports b || fail 'one that does not lead exports workloads'
ok 'a leads; b is ready and exports no workload'

begin=$(now_ms)
kill -TERM "${pid[a]}"
takes_over b 4 'the leader is asked to end'
while kill -0 "${pid[a]}" 2>/dev/null; do sleep 0.05; done
took=$(($(now_ms) - begin))
[ "$took" -le 8000 ] || fail "it took $took ms to end"
ok "it ended after $took ms"

start a
within 60 'a is ready again' ready a
begin=$(now_ms)
kill -KILL "${pid[b]}"
wait "${pid[b]}" 2>/dev/null || true
takes_over a 20 'the leader is killed'

start b
within 60 'b is ready again' ready b
begin=$(now_ms)
kill -STOP "${pid[a]}"
takes_over b 20 'the leader is stopped'
# Something changes that both will want to write.
kubectl create deployment -n default late --image=registry.example.com/late:latest >/dev/null
sleep 12
woken=$(date -u +%Y-%m-%dT%H:%M:%S)
kill -CONT "${pid[a]}"
not_exporting() { ! leads "$1" && ! exports "$1"; }
within 15 'the one that wakes up leads no more' not_exporting a
ok 'the one that wakes up leads no more, and exports no workload'
sleep 5
# Both write as one account, so the audit log cannot tell them apart; but all that was due has been written by the new leader, so that
# whatever the old one still wrote would be a write too many.
writes_since() { grep -E '"verb":"(create|patch|update|delete)"' "$AUDIT_LOG" | jq -r --arg since "$woken" 'select(.stageTimestamp > $since and .objectRef.apiGroup == "audit.seaworthy.dev") | .objectRef.name' | wc -l; }
count=$(writes_since)
[ "$count" -le 2 ] || fail "$count reports were written after the old leader woke up: it wrote what was written already"
ok "after it woke up, $count reports were written"

begin=$(now_ms)
before=$(holder)
kubectl patch lease -n seaworthy seaworthy --type merge -p '{"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 5}}' >/dev/null
within 10 'the leader of old notices that the lease is another'"'"'s' not_exporting "$before"
ok "the lease taken by hand: $before leads no more after $(($(now_ms) - begin)) ms"
someone() { leads a || leads b; }
within 30 'somebody leads once that lease has run out' someone
! { leads a && leads b; } || fail 'both lead'
ok "once it has run out, $(holder) leads"
