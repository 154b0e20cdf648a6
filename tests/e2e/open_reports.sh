#!/usr/bin/env bash
# Reports of openreports.io on a real control plane: none unless they are asked for, one a workload that says what its audit says, none written
# again after a restart, put back when edited, gone with the workload, and no trouble while their CRD is not there.
. "$(dirname "$0")/lib.sh"

bed_up
kubectl apply -f - >/dev/null <<'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: open-reports}
rules: [{apiGroups: [openreports.io], resources: [reports], verbs: [get, list, watch, create, patch, delete]}]
YAML
kubectl create clusterrolebinding open-reports --clusterrole=open-reports --serviceaccount=seaworthy:seaworthy >/dev/null
kubectl apply --server-side -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
reports() { kubectl get reports.openreports.io -A -o name 2>/dev/null | wc -l; }
report_writes() { grep -E '"verb":"(create|update|patch|delete)"' "$AUDIT_LOG" | grep '"username":"system:serviceaccount:seaworthy:seaworthy"' | grep -c '"apiGroup":"openreports.io"' || true; }

start_operator --open-reports true
within 30 'its own audits are written' sh -c '[ "$(kubectl get wa -A -o name | wc -l)" = 6 ]'
ok 'without the CRD it audits as ever'
kubectl apply --server-side -f "$root/tests/e2e/open_reports/crd.yaml" >/dev/null
within 60 'a Report of each workload' sh -c '[ "$(kubectl get reports.openreports.io -A -o name | wc -l)" = 6 ]'
ok 'once the CRD is there, a Report of each workload'
# Somebody else's, which is none of ours.
kubectl -n shop apply -f - >/dev/null <<'YAML'
{apiVersion: openreports.io/v1alpha1, kind: Report, metadata: {name: of-another-tool}, source: another, results: [{policy: x, result: pass}]}
YAML
quiet
for workload in $(kubectl -n shop get wa -o name); do
  name=${workload#*/}
  for verdict in fail warn pass; do
    said=$(kubectl -n shop get report "seaworthy-$name" -o json | jq --arg r $verdict '[.results[] | select(.result == $r and .properties.verdict == $r)] | map(.policy) | unique')
    audit=$(kubectl -n shop get wa "$name" -o json | jq --arg r $verdict 'if $r == "pass" then (.status.passed // []) else [.status.findings[]? | select(.verdict == $r) | .check] end | unique')
    if [ $verdict = pass ]; then # a check that passes for one container and fails for another is none of the audit's passes
      [ "$(jq -n --argjson a "$audit" --argjson b "$said" '$a - $b')" = '[]' ] || fail "$name: passes $audit, in the Report $said"
    else
      [ "$(jq -S . <<<"$said")" = "$(jq -S . <<<"$audit")" ] || fail "$name: $verdict $audit, in the Report $said"
    fi
  done
done
ok 'they say what the audits say'
kubectl -n shop get report seaworthy-deployment-cart -o json | jq -e '.metadata.ownerReferences[0].name == "cart" and .scope.kind == "Deployment" and .summary.fail > 5' >/dev/null || fail 'owner, scope or summary'
kubectl get reports.openreports.io -A

stop_operator
before=$(report_writes)
start_operator --open-reports true
sleep 15
[ "$(report_writes)" = "$before" ] || fail "a restart wrote $(($(report_writes) - before)) Reports"
ok 'a restart writes none'
kubectl -n shop patch report seaworthy-deployment-cart --type=merge -p '{"summary":{"fail":0},"results":[]}' >/dev/null
within 45 'an edit is put back' sh -c 'kubectl -n shop get report seaworthy-deployment-cart -o json | jq -e ".summary.fail > 5"'
ok 'an edit is put back'
kubectl -n shop delete deploy cart >/dev/null
within 60 'the Report goes with its workload' not kubectl -n shop get report seaworthy-deployment-cart
ok 'the Report goes with its workload'
kubectl -n shop get report of-another-tool >/dev/null || fail "another tool's Report is gone"
ok "another tool's Report is left alone"
kubectl delete crd reports.openreports.io >/dev/null
sleep 5
kubectl -n shop scale deploy/web --replicas=1 >/dev/null
within 30 'it audits on without the CRD' failing shop web replicas
ok 'and without the CRD it audits on'
stop_operator
kubectl apply --server-side -f "$root/tests/e2e/open_reports/crd.yaml" >/dev/null
start_operator
sleep 10
[ "$(reports)" = 0 ] || fail 'Reports were written that nobody asked for'
ok 'none unless they are asked for'
