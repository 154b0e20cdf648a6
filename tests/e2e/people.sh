#!/usr/bin/env bash
# What people say on a real control plane: policies, waivers, attestations, their statuses and their ends; what turned, with cause, in status, metrics and
# events; all of it the same after a restart.
. "$(dirname "$0")/lib.sh"

bed_up
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
start_operator
within 30 'six WorkloadAudits' sh -c '[ "$(kubectl get wa -n shop -o name | wc -l)" = 6 ]'

head='apiVersion: audit.seaworthy.dev/v1alpha1'
# finding WORKLOAD-AUDIT CHECK: the finding as JSON; empty when there is none.
finding() { kubectl -n shop get wa "$1" -o json | jq -c --arg check "$2" '.status.findings[]? | select(.check == $check)'; }
verdict() { finding "$1" "$2" | jq -r .verdict; }
is() { [ "$("${@:2}")" = "$1" ]; }
state() { kubectl -n shop get "$1" "$2" -o jsonpath='{.status.state}'; }
said() { kubectl -n shop get "$1" "$2" -o jsonpath='{.status.message}'; }
turned() { kubectl -n shop get wa "$1" -o json | jq -c --arg check "$2" '[.status.transitions[]? | select(.check == $check)] | last'; }

# --- a waiver, which ends while it is watched
kubectl apply -f - >/dev/null <<YAML
$head
kind: Waiver
metadata: {name: hurry, namespace: shop}
spec: {checks: [image-tag], workloads: [{kind: Deployment, name: cart}], reason: JIRA-12, owner: team-shop, expires: "$(date -u -d '+25 seconds' +%Y-%m-%dT%H:%M:%SZ)"}
YAML
within 15 'the finding is waived' is waived verdict deployment-cart image-tag
[ "$(finding deployment-cart image-tag | jq -r '.found + " " + .waiver.name')" = 'fail Waiver/hurry' ] || fail "not who answers for it: $(finding deployment-cart image-tag)"
within 15 'the waiver is told that it counts' is Valid state waiver hurry
[ "$(kubectl -n shop get waiver hurry -o jsonpath='{.status.matched}')" = 1 ] || fail 'the waiver matches another number than 1'
[ -n "$(series '^seaworthy_waiver_expiry_timestamp_seconds[{].*waiver="hurry"')" ] || fail 'no metric counts down to its end'
failing shop cart image-tag && fail 'a waived finding is still exported as failing'
within 40 'it ends by itself' is fail verdict deployment-cart image-tag
within 10 'and says so' is Expired state waiver hurry
ok 'a Waiver holds, is told how many it matches, and ends by its date'

# --- what is not understood says why
kubectl apply -f - >/dev/null <<YAML
$head
kind: Waiver
metadata: {name: typo, namespace: shop}
spec: {checks: [image-tgg], workloads: [{kind: Deployment, name: cart}], reason: r, expires: "$(date -u -d '+2 days' +%Y-%m-%dT%H:%M:%SZ)"}
YAML
within 15 'an unknown id is named' is 'spec.checks[0]: there is no check "image-tgg"' said waiver typo
is Invalid state waiver typo || fail 'it is not called invalid'
kubectl -n shop delete waiver hurry typo >/dev/null
within 10 'the metric of a deleted waiver goes' is '' series '^seaworthy_waiver_expiry_timestamp_seconds[{].*waiver="hurry"'
ok 'an unknown id makes it Invalid, by name'

# --- an attestation of an image, which then changes
digest=sha256:$(printf 'a%.0s' {1..64}) next=sha256:$(printf 'b%.0s' {1..64})
kubectl -n shop set image deploy/web "app=registry.example/shop/web@$digest" >/dev/null
kubectl apply -f - >/dev/null <<YAML
$head
kind: Attestation
metadata: {name: drained, namespace: shop}
spec: {checks: [pre-stop], workloads: [{kind: Deployment, name: cart}, {kind: Deployment, name: web}], by: sre@shop, performedAt: "$(date -u -d '-1 day' +%Y-%m-%dT%H:%M:%SZ)", validFor: 90d, forImage: "$digest"}
YAML
kubectl -n shop set image deploy/cart "cart=registry.example/shop/cart@$digest" >/dev/null
within 20 'the missing hook is attested' is attested verdict deployment-cart pre-stop
[ "$(finding deployment-cart pre-stop | jq -r .attestation.name)" = Attestation/drained ] || fail 'nor who attested it'
kubectl -n shop set image deploy/cart "cart=registry.example/shop/cart@$next" >/dev/null
within 20 'the next image is nobody'\''s attestation' is warn verdict deployment-cart pre-stop
within 10 'the cause is that it ended' sh -c "kubectl -n shop get wa deployment-cart -o json | jq -e '[.status.transitions[] | select(.check == \"pre-stop\")] | last | .to == \"warn\" and .cause == \"expiry\"'"
ok 'an Attestation bound to an image lapses with the next one'

# --- a change by hand: the cause, the manager, the counters, one event
before=$(series '^seaworthy_manual_changes_total[{].*workload="web"')
kubectl -n shop patch deploy web --field-manager=kubectl-edit --type=json -p '[{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"},
  {"op": "add", "path": "/spec/template/spec/containers/0/env", "value": [{"name": "LOG_LEVEL", "value": "debug"}]}]' >/dev/null
within 15 'the transition is in the status' sh -c "kubectl -n shop get wa deployment-web -o json | jq -e '[.status.transitions[]? | select(.check == \"readiness-probe\")] | last | .from == \"pass\" and .to == \"fail\" and .cause == \"workload\" and .manager == \"kubectl-edit\"'"
within 5 'it is counted as a regression' sh -c "curl -sf http://127.0.0.1:$metrics_port/metrics | grep 'seaworthy_regressions_total{.*workload=\"web\".*check=\"readiness-probe\",cause=\"workload\"'"
within 5 'and as a change by hand' sh -c "[ \"\$(curl -sf http://127.0.0.1:$metrics_port/metrics | grep '^seaworthy_manual_changes_total{.*workload=\"web\"' | sed 's/.* //')\" != '${before:-}' ]"
event() { kubectl -n shop get events.events.k8s.io -o json | jq -e --arg reason "$1" '[.items[] | select(.reason == $reason and .regarding.name == "web")] | length == 1'; }
within 30 'one event says so' event Regressed
kubectl -n shop get events.events.k8s.io -o json | jq -r '.items[] | select(.reason == "Regressed" and .regarding.name == "web") | .note' | grep -q 'readiness-probe.*kubectl-edit' || fail 'the event names neither check nor manager'
within 5 'another names the change' event ManualChange
ok 'kubectl edit: the transition with cause and manager, both counters, one event each'

# --- a restart keeps it, and writes nothing. The rollout that the edit began says something once it is over.
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
quiet
count=$(writes) kept=$(turned deployment-web readiness-probe)
stop_operator
start_operator
sleep 6
[ "$(turned deployment-web readiness-probe)" = "$kept" ] || fail 'the transition did not survive a restart'
[ "$(writes)" = "$count" ] || { last_writes >&2; fail "a restart wrote $(($(writes) - count)) times"; }
[ -z "$(series '^seaworthy_regressions_total[{].*workload="web"')" ] || fail 'a restart counts what was counted'
ok 'transitions survive a restart, which writes and counts nothing'

# --- and it is undone when mended
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
within 15 'mended' sh -c "kubectl -n shop get wa deployment-web -o json | jq -e '[.status.transitions[] | select(.check == \"readiness-probe\")] | last | .to == \"pass\"'"
ok 'what is mended turns back'

# --- an edit of the policy is nobody's regression
kubectl apply -f - >/dev/null <<YAML
$head
kind: AuditPolicy
metadata: {name: house}
spec: {threshold: 70, severities: {pdb: critical}, disabled: [liveness-probe], params: {replicas: {minimum: 9}}, tiers: [{tier: critical, selector: {matchLabels: {app.kubernetes.io/name: web}}}]}
---
$head
kind: AuditPolicy
metadata: {name: zeal}
spec: {threshold: 90, disabled: [no-such-check]}
YAML
within 15 'a tier by selector' is critical kubectl -n shop get wa deployment-web -o jsonpath='{.status.tier}'
within 15 'the loser is told' is 'threshold: 70, overridden by policy zeal (90)' kubectl get auditpolicy house -o jsonpath='{.status.overridden[0]}'
within 15 'an unknown id is named' is 'disabled[0]: there is no check "no-such-check"' kubectl get auditpolicy zeal -o jsonpath='{.status.message}'
within 15 'three replicas fail under the new rule, whose doing it is' sh -c "kubectl -n shop get wa deployment-web -o json | jq -e '[.status.transitions[] | select(.check == \"replicas\")] | last | .to == \"fail\" and .cause == \"checklist\"'"
[ -z "$(series '^seaworthy_regressions_total[{].*check="replicas"')" ] || fail 'an edit of the policy is counted as a regression'
kubectl delete auditpolicy house zeal >/dev/null
within 15 'without them all is as before' is standard kubectl -n shop get wa deployment-web -o jsonpath='{.status.tier}'
ok 'policies merge, answer in their status, and page nobody'

quiet
within 10 'the live report equals a fresh scan --cluster' reports_agree
ok 'the live report equals a fresh scan --cluster'
