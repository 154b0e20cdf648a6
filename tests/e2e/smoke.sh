#!/usr/bin/env bash
# The main path on a real control plane: a sample shop is audited, changes show, deletions leave nothing, a restart writes nothing.
. "$(dirname "$0")/lib.sh"

bed_up
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
start_operator
[ "$(series '^seaworthy_initial_audit_complete')" = 1 ] || fail 'seaworthy_initial_audit_complete is not 1'
within 30 'six WorkloadAudits' sh -c '[ "$(kubectl get wa -n shop -o name | wc -l)" = 6 ]'
ok "audited: web $(score shop web), cart $(score shop cart)"
[ "$(score shop web)" -ge 90 ] || fail "the well-kept Deployment scores $(score shop web)"
[ "$(score shop cart)" -lt 35 ] || fail "the sloppy Deployment scores $(score shop cart)"
kubectl get ca cluster >/dev/null || fail 'no ClusterAudit'
within 10 'metrics pass promtool' sh -c "curl -sf http://127.0.0.1:$metrics_port/metrics | promtool check metrics"
ok 'promtool has nothing to say about /metrics'

# --- a change shows at once
before=$(score shop cart)
begin=$(now_ms)
kubectl -n shop set image deploy/cart cart=registry.example/shop/cart:2.3.1 >/dev/null
within 5 'the tag is no finding any more' not failing shop cart image-tag
ok "kubectl set image shows in /metrics $(($(now_ms) - begin)) ms after the command was started, kubectl included"
[ "$(score shop cart)" -gt "$before" ] || fail 'the score did not rise'
within 15 'the WorkloadAudit follows' sh -c '! kubectl -n shop get wa deployment-cart -o json | jq -e ".status.findings[] | select(.check == \"image-tag\")"'
ok 'the WorkloadAudit follows'

kubectl -n shop scale deploy/web --replicas=1 >/dev/null
within 5 'one replica is a finding' failing shop web replicas
kubectl -n shop scale deploy/web --replicas=3 >/dev/null
within 5 'and no longer' not failing shop web replicas
ok 'kubectl scale shows both ways'
kubectl -n shop delete pdb web >/dev/null
within 5 'the missing budget is a finding' failing shop web pdb
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
within 5 'and no longer' not failing shop web pdb
ok 'a deleted PodDisruptionBudget shows both ways'

# --- a deleted workload leaves no series and no object
kubectl -n shop delete deploy cart >/dev/null
within 5 'no series of cart' sh -c "! curl -sf http://127.0.0.1:$metrics_port/metrics | grep -q 'workload=\"cart\"'"
within 20 'no WorkloadAudit of cart' not kubectl -n shop get wa deployment-cart
ok 'a deleted workload leaves no series and no object'

# --- a restart without changes writes nothing
sleep 1
quiet
before=$(writes)
stop_operator
ok "SIGTERM to exit: $stopped_ms ms"
[ "$stopped_ms" -lt 8000 ] || fail 'stopping took 8 s or more'
start_operator
sleep 6
[ "$(writes)" = "$before" ] || { last_writes >&2; fail "a restart without changes wrote $(($(writes) - before)) times"; }
ok 'a restart without changes writes nothing'

# --- what is live equals a fresh audit
within 10 'the live report equals a fresh scan --cluster' reports_agree
ok 'the live report equals a fresh scan --cluster'

# --- protobuf of the kinds that have it
series '^seaworthy_watch_objects' | grep -q . || fail 'nothing is told of the watches'
series '^seaworthy_watch_restarts_total.*reason="format"' | grep -q . && fail "protobuf that cannot be read: $(series '^seaworthy_watch_restarts_total.*reason="format"')"
ok 'what comes as protobuf is read'

# --- its permissions are enough and not too many
[ "$(kubectl auth can-i list secrets --as=system:serviceaccount:seaworthy:seaworthy -A)" = no ] || fail 'it may read Secrets'
forbidden=$(grep '"username":"system:serviceaccount:seaworthy:seaworthy"' "$AUDIT_LOG" | grep -c '"code":403' || true)
[ "$forbidden" = 0 ] || fail "the operator was refused $forbidden times"
ok 'no request of the operator was refused'
say "$(grep -c . "$work/operator.log") log lines; resident: $(($(series '^process_resident_memory_bytes' | awk '{printf "%d", $1}') / 1048576)) MiB"
