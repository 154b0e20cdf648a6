#!/usr/bin/env bash
# Holds manifests/install.yaml and what the writer sends against a real API server: everything installs, the reports of the golden file are stored byte
# for byte as they were rendered, columns and conditions are what people are promised, bad objects are refused with a reason, and the
# operator's account may do what it needs and nothing else. Stops at the first mismatch.
#
# usage: crds.sh
# env:   SEAWORTHY_TESTBED_BIN  the test bed's programs, default what build.sh prints
#        TB_KEEP=1              keep the bed's state
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/seaworthy-crds.XXXXXX")
export TB_RUN=$work/bed
passed=0
finish() {
  local code=$?
  trap - EXIT
  "$root/tests/testbed/down.sh" "$work/bed" || code=1
  [ -n "${TB_KEEP:-}" ] || rm -rf "$work"
  if [ "$code" = 0 ]; then echo "$passed passed, 0 failed"; else echo "$passed passed, 1 failed"; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
ok() { passed=$((passed + 1)); echo "ok   $*"; }
no() { echo "FAIL $*"; exit 1; }
# is WHAT WANTED GOT
is() { if [ "$2" = "$3" ]; then ok "$1"; else no "$1"$'\n'"  wanted: $2"$'\n'"  got:    $3"; fi; }

TB_ONLY=api "$root/tests/testbed/up.sh" >/dev/null
# shellcheck disable=SC1091  # written by up.sh
. "$work/bed/env.sh"

# ---- installation ----
kubectl apply -f "$root/manifests/install.yaml" >"$work/apply" || no "kubectl apply -f manifests/install.yaml"
ok "kubectl apply -f manifests/install.yaml ($(wc -l <"$work/apply") objects)"
kubectl wait --for=condition=Established crd --all --timeout=30s >/dev/null || no "the kinds are not served"
is "all schemas are structural" "" \
  "$(kubectl get crd -o json | jq -r '.items[] | select(any(.status.conditions[]; .type == "NonStructuralSchema")) | .metadata.name')"
versions() { kubectl get -f "$root/manifests/install.yaml" -o json | jq -c '[.items[] | .kind + "/" + .metadata.name + " " + .metadata.resourceVersion]'; }
before=$(versions)
kubectl apply -f "$root/manifests/install.yaml" >/dev/null
is "a second apply changes nothing" "$before" "$(versions)"
for short in wa nsa ca ap att catt wv cwv; do kubectl get "$short" -A >/dev/null 2>&1 || no "short name $short"; done
ok "short names"
is "category seaworthy" 8 "$(kubectl api-resources --categories=seaworthy --no-headers | wc -l)"

# ---- reports, as the writer sends them and with its account ----
kubectl create namespace shop >/dev/null
"$root/tests/testbed/operator_kubeconfig.sh" "$work/bed" seaworthy/seaworthy >/dev/null
token=$(cat "$work/bed/serviceaccounts/seaworthy-seaworthy/token")
api=$SERVER/apis/audit.seaworthy.dev/v1alpha1
send() { # METHOD PATH [BODY [CONTENT-TYPE]]: prints the answer, its code goes to $work/code
  curl -sS --cacert "$CA_FILE" -H "Authorization: Bearer $token" -X "$1" "$api/$2" ${3:+--data-binary "$3"} \
    -H "Content-Type: ${4:-application/apply-patch+yaml}" -o "$work/answer" -w '%{http_code}' >"$work/code"
  cat "$work/answer"
}
code() { cat "$work/code"; }
query='fieldManager=seaworthy&force=true&fieldValidation=Strict'
paths=(namespaces/shop/workloadaudits/deployment-web namespaces/shop/namespaceaudits/namespace clusteraudits/cluster)
mapfile -t bodies <"$root/tests/sinks/report/golden.jsonl"
[ "${#bodies[@]}" = 3 ] || no "golden.jsonl has ${#bodies[@]} objects"
for i in 0 1 2; do
  path=${paths[$i]} body=${bodies[$i]}
  answer=$(send PATCH "$path?$query" "$body")
  is "PATCH creates $path" 201 "$(code)"
  status=${body#*\"status\":}
  status=${status%\}}
  is "  its status is stored byte for byte" "$status" "$(jq -c .status <<<"$answer")"
  version=$(jq -r .metadata.resourceVersion <<<"$answer") uid=$(jq -r .metadata.uid <<<"$answer")
  is "  the same again changes nothing" "$version" "$(send PATCH "$path?$query" "$body" | jq -r .metadata.resourceVersion)"
  [ "$(jq -c . <<<"$answer" | wc -c)" -le 3072 ] || no "  over 3 KiB"
  ok "  $(jq -c . <<<"$answer" | wc -c) bytes, managedFields and all"

  locked() { # VERSION UID
    send PATCH "$path?$query" "$(jq -c --arg v "$1" --arg u "$2" '.metadata.resourceVersion = $v | .metadata.uid = $u | .status.score = 5' <<<"$body")" >/dev/null
    code
  }
  is "  a stale resourceVersion is refused" 409 "$(locked 1 "$uid")"
  is "  another uid is refused" 409 "$(locked 1 00000000-0000-4000-8000-000000000000)"
  is "  another uid of this version too, otherwise" 422 "$(locked "$version" 00000000-0000-4000-8000-000000000000)"
  is "  the right ones are not" 200 "$(locked "$version" "$uid")"

  # Somebody adds, changes and takes away; one apply puts everything back.
  kubectl patch "$(jq -r .kind <<<"$body")" -n shop "$(basename "$path")" --type merge --field-manager intruder \
    -p '{"status":{"score":100,"grade":"A","passed":["made-up"],"coverage":null,"truncated":{"findings":7}}}' >/dev/null
  is "  what others did to it is undone" "$status" "$(send PATCH "$path?$query" "$body" | jq -c .status)"
  # The writer takes this 500 for what it is: a rejection, not a failure (sinks/report/answer.cc).
  is "  unknown fields are refused" 'failed to create typed patch object' \
    "$(send PATCH "$path?$query" "$(jq -c '.status.novelty = 1' <<<"$body")" | jq -r .message | grep -o '^failed to create typed patch object')"
done
reference=$(kubectl get wa -n shop deployment-web -o json | jq -c '.metadata.ownerReferences[0] | [.controller, .blockOwnerDeletion, .kind, .name]')
is "the report goes with its workload" '[false,false,"Deployment","web"]' "$reference"
other=$(jq -c '.metadata.name = "other"' <<<"${bodies[1]}")
send PATCH "namespaces/shop/namespaceaudits/other?$query" "$other" >/dev/null
is "a namespace has one NamespaceAudit" 422 "$(code)"
other=$(jq -c '.metadata.name = "other"' <<<"${bodies[2]}")
send PATCH "clusteraudits/other?$query" "$other" >/dev/null
is "there is one ClusterAudit" 422 "$(code)"
send PATCH "namespaces/gone/workloadaudits/x?$query" "$(jq -c '.metadata.namespace = "gone" | .metadata.name = "x"' <<<"${bodies[0]}")" >/dev/null
is "a namespace that is not there" 404 "$(code)"
gone=$(jq -c '.metadata.uid = "00000000-0000-4000-8000-000000000000" | .metadata.resourceVersion = "1" | .metadata.name = "gone"' <<<"${bodies[0]}")
send PATCH "namespaces/shop/workloadaudits/gone?$query" "$gone" >/dev/null
is "an update of what is gone creates nothing" 409 "$(code)"

# ---- columns, conditions ----
row() { kubectl get "$@" | tr -s ' ' | sed 's/ [0-9]*s$/ AGE/; s/ $//'; }
is "kubectl get wa -A" 'NAMESPACE NAME READY SCORE GRADE FAILED UNKNOWN WORST AGE
shop deployment-web False 71 C 1 2 readiness-probe AGE' "$(row wa -A)"
is "kubectl get nsa -A" 'NAMESPACE NAME SCORE GRADE READY LOWEST COVERAGE
shop namespace 78 C 1/2 71 shop/Deployment/web 0.7' "$(row nsa -A)"
is "kubectl get ca" 'NAME SCORE GRADE READY LOWEST COVERAGE
cluster 81 B 41/57 31 shop/Deployment/web 1' "$(row ca)"
kubectl wait -n shop --for=condition=ProductionReady=false wa/deployment-web --timeout=5s >/dev/null || no "kubectl wait"
turned=${bodies[0]/\"status\":\"False\",\"type\":\"ProductionReady\"/\"status\":\"True\",\"type\":\"ProductionReady\"}
send PATCH "${paths[0]}?$query" "$turned" >/dev/null
kubectl wait -n shop --for=condition=ProductionReady wa/deployment-web --timeout=5s >/dev/null || no "kubectl wait"
ok "kubectl wait --for=condition=ProductionReady"

# ---- deletions ----
uid=$(kubectl get wa -n shop deployment-web -o jsonpath='{.metadata.uid}')
gone() { # UID VERSION
  send DELETE "${paths[0]}" "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"resourceVersion\":\"$2\",\"uid\":\"$1\"}}" application/json >/dev/null
  code
}
version=$(kubectl get wa -n shop deployment-web -o jsonpath='{.metadata.resourceVersion}')
is "DELETE of another uid is refused" 409 "$(gone 00000000-0000-4000-8000-000000000000 "$version")"
is "DELETE of another version is refused" 409 "$(gone "$uid" 1)"
is "DELETE of what was seen works" 200 "$(gone "$uid" "$version")"

# ---- what people write ----
good() { # WHAT, the object on stdin
  local output
  output=$(kubectl create --validate=strict -f - 2>&1) || no "$1: $output"
  ok "$1"
}
bad() { # WHAT MESSAGE, the object on stdin
  local output
  if output=$(kubectl create --validate=strict -f - 2>&1); then no "$1 is accepted"; fi
  grep -qF -- "$2" <<<"$output" || no "$1: not for \"$2\" but: $output"
  ok "refused: $1"
}
head='apiVersion: audit.seaworthy.dev/v1alpha1'
att() { printf '%s\nkind: Attestation\nmetadata: {name: %s, namespace: shop}\nspec: {%s}\n' "$head" "$1" "$2"; }
waiver() { printf '%s\nkind: Waiver\nmetadata: {name: %s, namespace: shop}\nspec: {%s}\n' "$head" "$1" "$2"; }
policy() { printf '%s\nkind: AuditPolicy\nmetadata: {name: %s}\nspec: {%s}\n' "$head" "$1" "$2"; }
digest=sha256:$(printf 'a%.0s' {1..64})
who='by: sre@shop, performedAt: "2026-10-01T10:00:00Z"'
att load-test "checks: [load-test], workloads: [{kind: Deployment, name: web}], selector: {matchLabels: {tier: web}}, $who, validFor: 90d,
  evidence: \"https://wiki/1\", note: 600 rps, forImage: \"$digest\", forGeneration: 14" | good "an Attestation with every field"
att short "checks: [load-test], selector: {matchExpressions: [{key: tier, operator: In, values: [web]}]}, $who" | good "an Attestation with the least"
att a1 "checks: [], workloads: [{kind: Deployment, name: web}], $who" | bad "no check" "name at least one check"
att a2 "checks: [load-test], $who" | bad "no workload" "by name or by selector"
att a3 "checks: [load-test], selector: {}, $who" | bad "an empty selector" "an empty selector would select everything"
att a4 "checks: [load-test], selector: {matchExpressions: [{key: tier, operator: In}]}, $who" | bad "In without values" "In and NotIn need values"
att a5 "checks: [Load_Test], workloads: [{kind: D, name: web}], $who" | bad "an id that is none" "should match"
att a6 "checks: [load-test], workloads: [{kind: D, name: web}], $who, validFor: 400d" | bad "more than a year" "365d"
att a7 "checks: [load-test], workloads: [{kind: D, name: web}], $who, validFor: forever" | bad "a duration that is none" "should match"
att a8 "checks: [load-test], workloads: [{kind: D, name: web}], performedAt: \"2026-10-01T10:00:00Z\"" | bad "nobody" "spec.by"
att a9 "checks: [load-test], workloads: [{kind: D, name: web}], by: me, performedAt: yesterday" | bad "a time that is none" "date-time"
att a10 "checks: [load-test], workloads: [{kind: D, name: web}], $who, evidence: \"javascript:alert(1)\"" | bad "evidence that is no URL" "should match"
att a11 "checks: [load-test], workloads: [{kind: D, name: web}], $who, forImage: latest" | bad "an image that is no digest" "should match"
att a12 "checks: [load-test, load-test], workloads: [{kind: D, name: web}], $who" | bad "a check twice" "Duplicate value"
good "a ClusterAttestation" <<<"$head
kind: ClusterAttestation
metadata: {name: etcd}
spec: {checks: [etcd-backup], $who, validFor: 720h}"
waiver mesh 'checks: [read-only-root], sections: [security], workloads: [{kind: Deployment, name: web}], selector: {matchLabels: {a: b}},
  containers: [istio-proxy], reason: JIRA-12, owner: sre, expires: "2026-12-31T00:00:00Z"' | good "a Waiver with every field"
waiver quota 'checks: [namespace-quota], reason: small, expires: "2026-12-31T00:00:00Z"' | good "a Waiver for the namespace"
waiver w1 'workloads: [{kind: D, name: web}], reason: r, expires: "2026-12-31T00:00:00Z"' | bad "a Waiver of nothing" "name at least one check or section"
waiver w2 'checks: [pdb], expires: "2026-12-31T00:00:00Z"' | bad "a Waiver without a reason" "spec.reason"
waiver w3 'checks: [pdb], reason: r' | bad "a Waiver without an end" "spec.expires"
waiver w4 'sections: [secrets], reason: r, expires: "2026-12-31T00:00:00Z"' | bad "a section that is none" "Unsupported value"
waiver w5 'checks: [pdb], reason: r, expires: "2026-12-31T00:00:00Z", until: x' | bad "a field that is none" "unknown field"
good "a ClusterWaiver with every field" <<<"$head
kind: ClusterWaiver
metadata: {name: sandbox}
spec: {checks: [pdb], sections: [monitoring], namespaces: [sandbox, 'dev-*'], nodes: ['spot-*'], workloads: [{kind: Deployment, name: web}],
  selector: {matchLabels: {a: b}}, containers: [app], reason: test, owner: sre, expires: '2026-12-31T00:00:00Z'}"
policy everything 'profile: standard, threshold: 80, coverageFloor: 0.6, disabled: [dashboard], severities: {pdb: critical}, params: {image-size: {warnMiB: 300}},
  tiers: [{tier: critical, namespaceSelector: {matchLabels: {a: b}}, selector: {matchLabels: {c: d}}}], systemNamespaces: ["kube-*"],
  allow: {workloadTiers: false, waiverAnnotations: false, roles: false}, managers: {pipeline: [jenkins], interactive: [my-ide]}, waiverMaxDays: 180,
  customChecks: [{id: custom-team-label, severity: low, section: namespaces, kinds: [Deployment], message: no team label, fix: set it,
    params: {any: [1, {thing: true}]}, expression: "has(object.metadata.labels)"}]' | good "an AuditPolicy with every field"
is "  whose free parameters stay" '{"any":[1,{"thing":true}]}' "$(kubectl get ap everything -o json | jq -c '.spec.customChecks[0].params')"
policy empty '' | good "an empty AuditPolicy"
policy p1 'threshold: 101' | bad "a threshold over 100" "less than or equal to 100"
policy p2 'severities: {pdb: fatal}' | bad "a severity that is none" "Unsupported value"
policy p3 'tiers: [{tier: critical}]' | bad "a tier of nothing" "which namespaces or which workloads"
policy p4 'managers: {pipeline: [x], interactive: [x]}' | bad "a manager that is both" "either a pipeline"
policy p5 'disabled: [pdb], severities: {pdb: low}' | bad "a severity of a disabled check" "a disabled check needs no severity"
policy p6 'customChecks: [{id: team, severity: low, section: namespaces, kinds: [Deployment], message: m, expression: "true"}]' | bad "a custom check without its prefix" "should match"
policy p7 'params: {image-size: {warnMiB: big}}' | bad "a parameter that is no number" "must be of type number"
send PATCH 'namespaces/shop/attestations/load-test/status?fieldManager=seaworthy&force=true' "{\"apiVersion\":\"audit.seaworthy.dev/v1alpha1\",\"kind\":\"Attestation\",
  \"metadata\":{\"name\":\"load-test\",\"namespace\":\"shop\"},\"status\":{\"state\":\"Valid\",\"matched\":1,\"expires\":\"2026-12-30T10:00:00Z\"}}" >/dev/null
is "the operator answers in the status" 200 "$(code)"
is "kubectl get att" 'NAME CHECKS STATE MATCHED EXPIRES
load-test ["load-test"] Valid 1 2026-12-30T10:00:00Z
short ["load-test"]' "$(row att -n shop)"
send PATCH 'namespaces/shop/attestations/load-test?fieldManager=seaworthy&force=true' "$(att load-test 'checks: [pdb]')" >/dev/null
is "but does not touch what people wrote" 403 "$(code)"

# ---- permissions ----
operator=system:serviceaccount:seaworthy:seaworthy
may() { kubectl auth can-i --as "$operator" "$@" 2>/dev/null || true; }
# kubectl auth can-i knows no group of a resource that is not served, so the server is asked itself, all at once.
denied=$(sed -n '/Kind::kConfigMap,/d; /Kind::kOpenReport,/d; /"version[.]seaworthy[.]dev"/d; /"source[.]seaworthy[.]dev"/d; s/^ *{Kind::k[^"]*"[^"]*", "\([^"]*\)", "[^"]*", "\([^"]*\)".*/\2 \1/p' "$root/src/vocabulary/kind.cc" |
  while read -r resource group; do
    for verb in get list watch; do
      jq -nc --arg user "$operator" --arg group "$group" --arg resource "$resource" --arg verb "$verb" '{apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview",
        spec: {user: $user, groups: ["system:serviceaccounts", "system:serviceaccounts:seaworthy", "system:authenticated"], resourceAttributes: {group: $group, resource: $resource, verb: $verb}}}'
    done
  done | kubectl create -f - -o json | jq -r '.. | objects | select(.kind? == "SubjectAccessReview" and .status.allowed != true) | .spec.resourceAttributes | "\(.verb) \(.resource).\(.group)"')
is "may read every kind that is not off by default" "" "$denied"
for what in 'get secrets' 'list secrets' 'get configmaps' 'get pods --subresource=log' 'create pods --subresource=exec' 'get nodes --subresource=proxy' 'create pods' 'delete pods' 'patch deployments.apps' \
  'update deployments.apps' 'impersonate users' 'escalate clusterroles.rbac.authorization.k8s.io' 'bind clusterroles.rbac.authorization.k8s.io' \
  'create attestations.audit.seaworthy.dev' 'patch waivers.audit.seaworthy.dev' 'delete auditpolicies.audit.seaworthy.dev' 'deletecollection workloadaudits.audit.seaworthy.dev' \
  'update leases.coordination.k8s.io' 'create serviceaccounts --subresource=token' 'delete namespaces'; do
  # shellcheck disable=SC2086  # two words
  is "may not $what" no "$(may $what -n kube-system)"
done
is "may hold its lease" yes "$(may update leases.coordination.k8s.io/seaworthy -n seaworthy)"
is "may hold no other lease there" no "$(may update leases.coordination.k8s.io/other -n seaworthy)"
# All of it, as kubectl tells it: a right that comes or goes shows in the change that brings it.
# What anyone may who is known to the API server (system:discovery, system:basic-user) begins with a space or "self".
rights() { kubectl auth can-i --list --no-headers --as "$operator" -n "$1" | sed '/^ /d; /^self/d; s/  */ /g; s/ $//' | LC_ALL=C sort; }
rights kube-system >"$work/rights.any"
rights seaworthy >"$work/rights.own"
{ echo '# in any namespace' && cat "$work/rights.any" && echo '# in its own as well' && LC_ALL=C comm -13 "$work/rights.any" "$work/rights.own"; } >"$work/rights"
golden=$root/tests/golden/rights.txt
[ -z "${SEAWORTHY_REFRESH:-}" ] || cp "$work/rights" "$golden"
diff -u "$golden" "$work/rights" >&2 || no "its rights are not those of tests/golden/rights.txt; if they should be, SEAWORTHY_REFRESH=1 tests/e2e/crds.sh writes it"
ok "its rights are those of tests/golden/rights.txt"
is "no rule has a wildcard" "" "$(kubectl get clusterroles,roles -A -l app.kubernetes.io/part-of=seaworthy -o json | jq -r '.items[] | select(any(.rules[]?; tostring | contains("*"))) | .metadata.name')"
is "reports aggregate to view alone" 'seaworthy-view rbac.authorization.k8s.io/aggregate-to-view' \
  "$(kubectl get clusterroles -l app.kubernetes.io/part-of=seaworthy -o json | jq -r '.items[] | .metadata as $m | $m.labels | keys[] | select(startswith("rbac.authorization")) | $m.name + " " + .')"

# ---- the pod ----
pod=$(kubectl get deployment -n seaworthy seaworthy -o json | jq '{apiVersion: "v1", kind: "Pod", metadata: (.spec.template.metadata + {name: "probe", namespace: "seaworthy"}), spec: .spec.template.spec}')
kubectl create --dry-run=server -f - <<<"$pod" >"$work/pod" 2>&1 || no "the pod is refused: $(cat "$work/pod")"
is "the pod meets the restricted Pod Security Standard" "pod/probe created (server dry run)" "$(cat "$work/pod")"
jq '.spec.containers[0].securityContext.allowPrivilegeEscalation = true' <<<"$pod" | kubectl create --dry-run=server -f - >"$work/pod" 2>&1 && no "the namespace enforces nothing"
grep -q 'violates PodSecurity "restricted' "$work/pod" || no "not refused for PodSecurity: $(cat "$work/pod")"
ok "which its namespace enforces"
