#!/usr/bin/env bash
# Custom checks and the API server's own CEL say the same: each expression of cel/expressions.txt as a custom check of the running operator, and as a
# ValidatingAdmissionPolicy before which the same objects are created as a dry run.
. "$(dirname "$0")/lib.sh"
here=$root/tests/e2e/cel
policies() { python3 "$here/policies.py" "$@"; }

bed_up
kubectl apply --server-side -f "$here/objects.yaml" >/dev/null
batches=$(policies batches -)
: >"$work/refused"
for batch in $(seq 0 $((batches - 1))); do
  policies vap "$batch" >"$work/vap.yaml"
  kubectl create -f "$work/vap.yaml" >/dev/null 2>"$work/create.log" || true
  # A policy that does not compile is not created.
  grep -o 'ValidatingAdmissionPolicy[.a-z0-9]* "cel-[0-9]*" is invalid' "$work/create.log" | grep -o '"cel-[0-9]*"' | grep -o '[0-9]\+' | sed 's/^0*\(.\)/\1/' >>"$work/refused" || true
done
ok "the API server refuses $(wc -l <"$work/refused") expressions"

# The one that is always false tells when the API server has learnt of its policy; a second more for the others.
sentinel() {
  kubectl create -f - >/dev/null <<'YAML' || return 1
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: sentinel}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]}
  validations: [{expression: "false", message: SENTINEL}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: sentinel}
spec: {policyName: sentinel, validationActions: [Warn]}
YAML
}
sentinel || fail 'the sentinel policy'
for name in kept sloppy odd; do kubectl get -n cel deploy "$name" -o json >"$work/$name.json"; done
kubectl delete -n cel deploy kept sloppy odd --wait >/dev/null
dry_run_of() { # NAME BATCH
  jq --arg batch "$2" 'del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp, .metadata.generation, .metadata.managedFields)
    | .metadata.labels.batch = $batch' "$work/$1.json" >"$work/object.json"
  kubectl create --dry-run=server -f "$work/object.json" 2>&1 >/dev/null
}
knows_sentinel() { dry_run_of kept none | grep -q SENTINEL; }
within 30 'the API server knows its policies' knows_sentinel
sleep 2
for name in kept sloppy odd; do
  : >"$work/warnings.$name"
  for batch in $(seq 0 $((batches - 1))); do dry_run_of "$name" "$batch" >>"$work/warnings.$name"; done
done
kubectl apply --server-side --force-conflicts -f "$here/objects.yaml" >/dev/null
ok 'the API server has judged three objects by each of the others'

policies audit "^$work/refused" | kubectl create -f - >/dev/null
policies audit "$work/refused" | kubectl create -f - >/dev/null
start_operator
curl -sf "http://localhost:$report_port/report.json" >"$work/report.json"
policies compare "$work" || fail 'the operator and the API server disagree'
ok 'the operator says the same'
grep -q '"unreadable"' "$work/operator.log" && fail 'the operator could not read something' || true

# --- a policy that changes while the operator runs: the objects are listed again, and judged by the new expression
kubectl apply -f - >/dev/null <<'YAML'
apiVersion: audit.seaworthy.dev/v1alpha1
kind: AuditPolicy
metadata: {name: zz-team}
spec:
  customChecks:
  - {id: custom-team-label, severity: high, section: namespaces, kinds: [Deployment], message: no team label, fix: set it, expression: "has(object.metadata.labels.team)"}
YAML
within 10 'the new check finds sloppy' failing cel sloppy custom-team-label
failing cel kept custom-team-label && fail 'kept has a team'
kubectl label -n cel deploy sloppy team=web >/dev/null
within 5 'a label mends it' not failing cel sloppy custom-team-label
kubectl patch ap zz-team --type json -p '[{"op": "replace", "path": "/spec/customChecks/0/expression", "value": "object.spec.replicas > 1"}]' >/dev/null
within 10 'another expression is judged anew' failing cel sloppy custom-team-label
ok 'a changed policy is judged anew while the operator runs'

# --- the namespace alone changes
kubectl patch ap zz-team --type json -p '[{"op": "replace", "path": "/spec/customChecks/0/expression", "value": "namespaceObject.metadata.labels.env != \"prod\" || object.spec.replicas > 1"}]' >/dev/null
sleep 1
within 10 'sloppy in production' failing cel sloppy custom-team-label
kubectl label ns cel env=test --overwrite >/dev/null
within 5 'not in production any more' not failing cel sloppy custom-team-label
ok 'a label of the namespace shows on its workloads'

# --- a restart writes nothing on account of custom checks
quiet
before=$(writes)
stop_operator
start_operator
sleep 6
[ "$(writes)" = "$before" ] || { last_writes >&2; fail "a restart without changes wrote $(($(writes) - before)) times"; }
ok 'a restart without changes writes nothing'
