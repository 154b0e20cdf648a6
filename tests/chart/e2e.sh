#!/usr/bin/env bash
# The chart and manifests/install.yaml on a real control plane: what is rendered passes the API server's strict validation, the operator runs with the
# Deployment's own arguments and account, its permissions are what is meant and can be switched, the chart's own workload scores 100, an upgrade
# brings new CRDs, and what is uninstalled leaves nothing behind but what is documented to stay.
#
# env: SEAWORTHY_BUILD, SEAWORTHY_TESTBED_BIN  as for tests/e2e
#      SEAWORTHY_CHART_TOOLS                   what build_tools.sh prints; without it the test is skipped (77) where they were never built
#      SEAWORTHY_CHART_SET                     one more --set for helm, for a binary that lacks a flag: metrics.secure=false
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SEAWORTHY_CHART_TOOLS:-$("$here/build_tools.sh" --if-built)} || { echo 'helm was not built here: tests/chart/build_tools.sh'; exit 77; }
. "$here/../e2e/lib.sh"
chart=$root/charts/seaworthy
set_more=${SEAWORTHY_CHART_SET:+--set=$SEAWORTHY_CHART_SET}
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
account=system:serviceaccount:seaworthy:seaworthy

helm() { "$tools/${helm:-helm}" "$@"; }
# With the account that nobody but the operator's pod has; kubectl warns of kinds that are not namespaced.
may() { kubectl auth can-i --as "$account" "$@" 2>/dev/null || true; }
is() { [ "$2" = "$3" ] || fail "$1"$'\n'"  wanted: $2"$'\n'"  got:    $3"; ok "$1"; }

# Everything that is in the cluster, but for what comes and goes with the control plane's own life.
inventory() {
  local kinds
  kinds=$(kubectl api-resources --verbs=list -o name | grep -vE '^(events|endpoints$|componentstatuses|leases\.coordination.*|ipaddresses.*|.*\.metrics\.k8s\.io)' | paste -sd,)
  # The kinds of ours go away while they are asked for: such an answer is none.
  kubectl get "$kinds" -A --ignore-not-found -o custom-columns=K:.kind,NS:.metadata.namespace,N:.metadata.name --no-headers | awk '{print $1 "/" $2 "/" $3}' | sort
  kubectl get leases -A --no-headers -o custom-columns=NS:.metadata.namespace,N:.metadata.name | awk '$1 != "kube-node-lease" {print "Lease/" $1 "/" $2}' | sort
}
same_inventory() { inventory >"$work/after" && diff "$1" "$work/after" >"$work/left"; }
nothing_left() { # FILE WHAT
  local begin
  begin=$(now_ms)
  until same_inventory "$1"; do
    [ $(($(now_ms) - begin)) -lt 60000 ] || fail "$2: the cluster differs from before:"$'\n'"$(cat "$work/left")"
    sleep 0.5
  done
  ok "$2: the cluster is as it was before"
}

bed_start
kubectl apply --server-side -f "$here/monitoring_crds.yaml" >/dev/null
kubectl wait --for=condition=Established crd --all --timeout=30s >/dev/null
within 30 'the roles of users are filled' sh -c 'kubectl get clusterrole view -o json | jq -e ".rules | length > 10"'
inventory >"$work/before"

# ---- what is rendered is valid, with everything switched on as with the defaults ----
everything=(--set 'serviceMonitor.enabled=true,serviceMonitor.labels.release=kps,serviceMonitor.relabelings[0].targetLabel=cluster,serviceMonitor.relabelings[0].replacement=prod-1'
  --set 'prometheusRule.enabled=true,prometheusRule.labels.release=kps,prometheusRule.alertLabels.team=platform,dashboards.enabled=true,dashboards.folder=Seaworthy'
  --set 'networkPolicy.egress.enabled=true,rbac.podLogs=true,config.log-sampling=true'
  --set 'metrics.readers[0].kind=ServiceAccount,metrics.readers[0].name=default,metrics.readers[0].namespace=default')
kubectl create namespace seaworthy >/dev/null
for version in helm helm4; do
  helm=$version
  helm template seaworthy "$chart" -n seaworthy ${set_more:+"$set_more"} "${everything[@]}" >"$work/all.yaml"
  kubectl apply --server-side --dry-run=server --validate=strict -f "$work/all.yaml" >"$work/dry" 2>&1 || fail "refused: $(cat "$work/dry")"
  [ "$(grep -c 'Warning' "$work/dry")" = 0 ] || fail "$(cat "$work/dry")"
  ok "$("$tools/$version" version --template '{{.Version}}'): $(grep -c 'serverside-applied' "$work/dry") objects pass the server's strict validation"
done
sed 's/honorLabels/honourLabels/' "$work/all.yaml" | kubectl apply --server-side --dry-run=server --validate=strict -f - >"$work/dry" 2>&1 && fail 'a misspelt field is not refused'
ok 'and a misspelt field does not'
kubectl delete namespace seaworthy >/dev/null
within 30 'the namespace is gone' not kubectl get namespace seaworthy
nothing_left "$work/before" 'dry runs'
helm=helm

# ---- an upgrade from an older release brings new CRDs ----
cp -r "$chart" "$work/older"
sed -i 's/^version: .*/version: 0.0.1/' "$work/older/Chart.yaml"
sed -i '/name: Coverage, type: number/d' "$work/older/files/crds.yaml"
columns() { kubectl get crd workloadaudits.audit.seaworthy.dev -o json | jq -r '[.spec.versions[0].additionalPrinterColumns[].name] | join(" ")'; }
helm install seaworthy "$work/older" -n seaworthy --create-namespace ${set_more:+"$set_more"} >"$work/notes"
[[ $(columns) != *Coverage* ]] || fail 'the older chart has the column'
helm upgrade seaworthy "$chart" -n seaworthy ${set_more:+"$set_more"} --set serviceMonitor.enabled=true,serviceMonitor.labels.release=kps,prometheusRule.enabled=true >/dev/null
[[ $(columns) == *Coverage* ]] || fail 'the upgrade left the CRDs as they were'
ok 'helm upgrade brings the new CRDs'
kubectl -n seaworthy rollout status deployment/seaworthy --timeout=60s >/dev/null
ok 'helm install, upgrade: the Deployment is rolled out'

# ---- permissions: the chart's are those of manifests/install.yaml, and no more than is meant ----
rules() { jq -S '[.items[] | select(.kind | test("Role")) | {kind, name: .metadata.name, namespace: .metadata.namespace, rules, roleRef, subjects}] | sort_by(.kind, .name)'; }
helm get manifest seaworthy -n seaworthy | kubectl create --dry-run=client -f - -o json | jq -s '{items: map(.items // [.]) | add}' | rules >"$work/chart.rules"
kubectl create --dry-run=client -f "$root/manifests/install.yaml" -o json | jq -s '{items: map(.items // [.]) | add}' | rules >"$work/install.rules"
[ "$(jq length "$work/chart.rules")" -ge 10 ] || fail 'the release has no roles'
[ -n "$set_more" ] || diff "$work/chart.rules" "$work/install.rules" >&2 || fail 'roles of the chart and of manifests/install.yaml differ'
ok 'roles of the release and of manifests/install.yaml are the same'
for what in 'list secrets' 'get secrets' 'list configmaps' 'get pods --subresource=log' 'create pods' 'patch deployments.apps' 'delete namespaces' 'update leases.coordination.k8s.io' 'create waivers.audit.seaworthy.dev'; do
  # shellcheck disable=SC2086  # two words
  is "may not $what" no "$(may $what -n kube-system)"
done
for what in 'list pods' 'watch deployments.apps' 'patch workloadaudits.audit.seaworthy.dev' 'patch waivers.audit.seaworthy.dev --subresource=status' 'create events.events.k8s.io' 'list servicemonitors.monitoring.coreos.com'; do
  # shellcheck disable=SC2086
  is "may $what" yes "$(may $what -n kube-system)"
done
kubectl auth can-i --list --as "$account" -n kube-system >"$work/rights"
[ "$(awk '$1 != "Resources" && /\*/ && !/\[.*\/\*\]/ {print}' "$work/rights" | grep -c .)" = 0 ] || fail "wildcards: $(grep '\*' "$work/rights")"
[ "$(grep -cE '^(secrets|configmaps|pods/log|pods/exec) ' "$work/rights")" = 0 ] || fail "$(cat "$work/rights")"
ok "kubectl auth can-i --list: $(($(wc -l <"$work/rights") - 1)) lines, no wildcard, nothing sensitive"
kubectl create serviceaccount reader -n default >/dev/null
kubectl create rolebinding reader --clusterrole=view --serviceaccount=default:reader -n default >/dev/null
within 10 'who may view may read audits' sh -c '[ "$(kubectl auth can-i list workloadaudits.audit.seaworthy.dev -n default --as system:serviceaccount:default:reader)" = yes ]'
[ "$(kubectl auth can-i delete workloadaudits.audit.seaworthy.dev -n default --as system:serviceaccount:default:reader)" = no ] || fail 'a viewer may delete audits'
kubectl delete rolebinding,serviceaccount reader -n default >/dev/null
ok 'who may view a namespace may read its audits'

# ---- the operator, with the arguments and the account of the Deployment ----
mapfile -t args < <(kubectl -n seaworthy get deployment seaworthy -o json | jq -r '.spec.template.spec.containers[0].args[1:][]')
"$binary" run --help >"$work/help"
for flag in $(printf '%s\n' "${args[@]}" | sed 's/=.*//') $(jq -r '.properties.config.properties | keys[] | "--" + .' "$chart/values.schema.json"); do
  [ "$(grep -c -- "^ *$flag " "$work/help")" = 1 ] || fail "seaworthy run has no flag $flag"
done
own='--help --help-all --config --kubeconfig --context --metrics-address --metrics-secure --metrics-cert-file --metrics-key-file --health-address --report-address --leader-elect --leader-namespace --leader-name --identity --open-reports'
unknown=$(grep -oE '^ *(-h,)?--[a-z-]+' "$work/help" | sed 's/^ *//; s/^-h,//' | while read -r flag; do
  [[ " $own " == *" $flag "* ]] || jq -e --arg f "${flag#--}" '.properties.config.properties | has($f)' "$chart/values.schema.json" >/dev/null || echo "$flag"
done)
is 'values.schema.json knows every flag that the chart does not set itself' '' "$unknown"
operator_kubeconfig=$("$root/tests/testbed/operator_kubeconfig.sh" "$state")
export POD_NAME=seaworthy-0 POD_NAMESPACE=seaworthy
scheme=http token=''
if [[ " ${args[*]} " == *" --metrics-secure=true "* ]]; then
  scheme=https
  kubectl create serviceaccount prometheus -n default >/dev/null
  token=$(kubectl create token prometheus -n default)
fi
start_operator "${args[@]}"
ok "the operator runs with: ${args[*]}"
code() { curl -sk -o "$work/page" -w '%{http_code}' ${1:+-H "Authorization: Bearer $1"} "$scheme://127.0.0.1:$metrics_port/metrics"; }
if [ "$scheme" = https ]; then
  is '/metrics without a token' 401 "$(code '')"
  is '/metrics with a token that may not' 403 "$(code "$token")"
  kubectl create clusterrolebinding prometheus --clusterrole=seaworthy-metrics-reader --serviceaccount=default:prometheus >/dev/null
  # Answers are kept for a while.
  within 90 '/metrics with a token that may' sh -c "[ \"\$(curl -sk -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer $token' https://127.0.0.1:$metrics_port/metrics)\" = 200 ]"
  kubectl delete clusterrolebinding prometheus >/dev/null
  kubectl -n default delete serviceaccount prometheus >/dev/null
  ok 'and with one to whom metrics-reader is bound: 200'
else
  is '/metrics' 200 "$(code '')"
fi
within 20 'it holds its lease' sh -c '[ "$(kubectl -n seaworthy get lease seaworthy -o jsonpath="{.spec.holderIdentity}")" != "" ]'

# ---- the chart's own workload ----
within 30 'the audit of its own Deployment' kubectl -n seaworthy get wa deployment-seaworthy
audit() { kubectl -n seaworthy get wa deployment-seaworthy -o json; }
# As if they had been made today: otherwise the example would fail this test when it expires.
sed "s/performedAt: .*/performedAt: \"$(date -u +%Y-%m-%dT00:00:00Z)\"/" "$chart/examples/attestations.yaml" >"$work/attestations.yaml"
kubectl apply --server-side -f "$work/attestations.yaml" >/dev/null
own_score() { audit | jq -e '.status.score == 100 and ([.status.findings[]? | select(.verdict == "fail" or .verdict == "warn") | select(.severity != "info")] | length == 0) and ([.status.findings[]? | select(.verdict == "attested")] | length > 0)'; }
within 30 'its own workload scores 100' own_score || audit | jq .status
ok "its own Deployment: $(audit | jq -c '{score: .status.score, grade: .status.grade, coverage: .status.coverage, ready: (.status.conditions[] | select(.type == "ProductionReady").status)}')"
kubectl -n seaworthy get wa deployment-seaworthy -o wide | sed 's/^/      /'
audit | jq -r '.status.unknown[]? | "      unknown: \(.checks | join(" ")): \(.message // .reason)"'
# Their statuses are gathered for a second; the audit may be written before.
attested() { kubectl get att -n seaworthy -o json | jq -r '[.items[].status.state] | unique | join(" ")'; }
within 10 'all attestations are answered' sh -c "kubectl get att -n seaworthy -o json | jq -e 'all(.items[]; .status.state)'"
is 'attestations of the example' Valid "$(attested)"
helm template seaworthy "$chart" -n seaworthy ${set_more:+"$set_more"} --set serviceMonitor.enabled=true >"$work/scan.yaml"
"$binary" scan "$work/scan.yaml" "$work/attestations.yaml" -o json 2>/dev/null >"$work/scan.json" || fail 'scan finds something'
is 'and in a scan of what helm template prints' '[{"name":"seaworthy","score":100}]' "$(jq -c '[.workloads[] | {name, score}]' "$work/scan.json")"
helm template seaworthy "$chart" -n seaworthy --set podDisruptionBudget.enabled=false,networkPolicy.enabled=false,replicaCount=1 | { "$binary" scan - -o json 2>/dev/null || true; } >"$work/scan.json"
[ "$(jq '.workloads[0].score' "$work/scan.json")" -lt 100 ] || fail 'a chart without budget, policy and second replica scores 100 as well'
ok "while without budget, policy and a second replica it scores $(jq '.workloads[0].score' "$work/scan.json")"

# ---- optional permissions ----
helm upgrade seaworthy "$chart" -n seaworthy ${set_more:+"$set_more"} --set rbac.podLogs=true,config.log-sampling=true,rbac.ecosystem=false,rbac.podMetrics=false,rbac.events=false,rbac.answer=false >/dev/null
is 'rbac.podLogs=true: may get pods/log' yes "$(may get pods --subresource=log -n kube-system)"
is 'rbac.ecosystem=false: may not list ServiceMonitors' no "$(may list servicemonitors.monitoring.coreos.com -n kube-system)"
is 'rbac.events=false: may not create events' no "$(may create events.events.k8s.io -n kube-system)"
is 'rbac.answer=false: may not answer waivers' no "$(may patch waivers.audit.seaworthy.dev --subresource=status -n kube-system)"
helm upgrade seaworthy "$chart" -n seaworthy ${set_more:+"$set_more"} --set config.write-reports=false >/dev/null
is 'config.write-reports=false: may not write audits' no "$(may patch workloadaudits.audit.seaworthy.dev -n kube-system)"
is 'and no longer read logs' no "$(may get pods --subresource=log -n kube-system)"
refused=0
for bad in replicaCount=0 replicaCount=two config.prometheus-urll=x config.check-series=maybe image.digest=latest rbac.secrets=true serviceMonitor.interval=often config.metrics-secure=false; do
  helm upgrade seaworthy "$chart" -n seaworthy --set "$bad" >/dev/null 2>"$work/refusal" && fail "$bad is taken"
  [ "$(grep -cE "schema|additional properties|don't meet" "$work/refusal")" != 0 ] || fail "$bad: $(cat "$work/refusal")"
  refused=$((refused + 1))
done
ok "$refused wrong values are refused by values.schema.json"

# ---- uninstalling: with the operator alive, which may not make its Lease anew ----
helm uninstall seaworthy -n seaworthy >/dev/null
sleep 4 # two of its tries to renew
is 'the Lease is gone, though the operator still runs' '' "$(kubectl -n seaworthy get lease -o name)"
stop_operator
is 'CRDs stay' 8 "$(kubectl get crd -o name | grep -c 'audit\.seaworthy\.dev')"
kubectl -n seaworthy get wa deployment-seaworthy >/dev/null 2>&1 && within 30 'the audit goes with its workload' not kubectl -n seaworthy get wa deployment-seaworthy
[ "$(kubectl get att -n seaworthy -o name | grep -c .)" != 0 ] || fail 'what people attested is gone'
ok 'what people attested stays'
kubectl delete crd -l app.kubernetes.io/part-of=seaworthy >/dev/null
kubectl delete namespace seaworthy >/dev/null
nothing_left "$work/before" 'helm uninstall, kubectl delete crd and namespace'

for version in helm helm4; do
  helm=$version
  helm install seaworthy "$chart" -n seaworthy --create-namespace ${set_more:+"$set_more"} --set crds.keep=false >/dev/null
  kubectl -n seaworthy rollout status deployment/seaworthy --timeout=60s >/dev/null
  kubectl -n seaworthy create -f - >/dev/null <<<'{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "seaworthy"}, "spec": {"holderIdentity": "x"}}'
  helm uninstall seaworthy -n seaworthy >/dev/null
  is "$version: no Lease is left" '' "$(kubectl -n seaworthy get lease -o name)"
  kubectl delete namespace seaworthy >/dev/null
  nothing_left "$work/before" "$version install --set crds.keep=false, uninstall, kubectl delete namespace"
done

# ---- without Helm ----
kubectl apply --server-side -f "$root/manifests/install.yaml" >/dev/null
kubectl -n seaworthy rollout status deployment/seaworthy --timeout=60s >/dev/null
kubectl delete -f "$root/manifests/install.yaml" >/dev/null
nothing_left "$work/before" 'kubectl apply and delete -f manifests/install.yaml'
