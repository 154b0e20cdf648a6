#!/usr/bin/env bash
# The API server killed, frozen, and its history compacted under the operator: it recovers by itself, deletes nothing but at most the report of
# the one subject that went, and ends equal to a fresh audit.
. "$(dirname "$0")/lib.sh"
testbed=$root/tests/testbed

bed_up
kubectl apply --server-side -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
start_operator
sh -c 'sleep 1'
quiet
audits=$(kubectl get wa -A -o name | wc -l)
[ "$audits" = 6 ] || fail "$audits WorkloadAudits, want 6"
series_before=$(metrics | grep -c '^seaworthy_workload_score')

deletes() { # what the operator deleted, one RESOURCE/NAME a line
  jq -r 'select(.user.username == "system:serviceaccount:seaworthy:seaworthy" and .verb == "delete") |
    "\(.objectRef.resource)/\(.objectRef.name)"' "$AUDIT_LOG" | sort -u
}
alive() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$health_port/healthz")" = 200 ] || fail "not live: $1"; }
kept() { [ "$(metrics | grep -c '^seaworthy_workload_score')" = "$series_before" ] || fail "series went away: $1"; }

# --- killed: what is known stays, changes made while we were blind are seen afterwards
TB_RUN=$state "$testbed/signal.sh" apiserver KILL >/dev/null
sleep 5
alive 'API server killed'
kept 'API server killed'
TB_RUN=$state "$testbed/restart.sh" apiserver >/dev/null 2>&1
begin=$(now_ms)
kubectl -n shop set image deploy/cart cart=registry.example/shop/cart:2.0.0 >/dev/null
within 40 'the change made after the restart is seen' not failing shop cart image-tag
ok "API server killed and back: the next change was seen $(($(now_ms) - begin)) ms after it was up"
within 40 'it may write again' sh -c '! kubectl -n shop get wa deployment-cart -o json | jq -e ".status.findings[] | select(.check == \"image-tag\")"'
ok 'and written'

# --- frozen for 25 s (longer than the lease): nothing is deleted, the lease is taken up again
TB_RUN=$state "$testbed/signal.sh" apiserver STOP >/dev/null
sleep 25
alive 'API server frozen'
kept 'API server frozen'
TB_RUN=$state "$testbed/signal.sh" apiserver CONT >/dev/null
begin=$(now_ms)
kubectl -n shop set image deploy/cart cart=registry.example/shop/cart:latest >/dev/null
within 40 'the change made after the freeze is seen' failing shop cart image-tag
ok "API server frozen for 25 s: the next change was seen within $(($(now_ms) - begin)) ms"

# --- deletions while it was away, and a history that cannot be resumed (410)
TB_RUN=$state "$testbed/signal.sh" kcm STOP >/dev/null
operator_was=$operator_pid
kill -STOP "$operator_was"
kubectl -n shop delete cronjob report >/dev/null
for i in $(seq 1 20); do kubectl -n shop annotate deploy web touched="$i" --overwrite >/dev/null; done
TB_RUN=$state "$testbed/compact.sh" >/dev/null
TB_RUN=$state "$testbed/restart.sh" apiserver >/dev/null 2>&1
kill -CONT "$operator_was"
TB_RUN=$state "$testbed/signal.sh" kcm CONT >/dev/null
within 60 'the CronJob deleted unseen is gone' sh -c "! curl -sf http://127.0.0.1:$metrics_port/metrics | grep -q 'workload=\"report\"'"
ok 'a deletion that nobody saw, behind a compacted history, is noticed'
within 60 'its WorkloadAudit is gone' not kubectl -n shop get wa cronjob-report

within 90 'the live report equals a fresh scan --cluster' reports_agree
ok 'the live report equals a fresh scan --cluster'
[ "$(kubectl get wa -A -o name | wc -l)" = 5 ] || fail "$(kubectl get wa -A -o name | wc -l) WorkloadAudits, want 5"

# The controller manager was stopped while the subject went, so either its garbage collector or, a minute later, the operator's own sweep
# removes the report; nothing else may have been deleted.
deleted=$(deletes)
case $deleted in
'' | workloadaudits/cronjob-report) ok "the operator deleted nothing that has a subject (${deleted:-nothing at all})" ;;
*) fail "the operator deleted $deleted" ;;
esac
metrics | grep -E '^seaworthy_watch_relists_total' | grep -v ' 0$' | head -n 3 || true
