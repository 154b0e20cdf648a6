#!/usr/bin/env bash
# Every optional kind comes and goes twenty times while the operator runs: each time the verdicts are right, and neither threads, descriptors nor
# memory grow. The CustomResourceDefinitions are made from the table of kinds.
. "$(dirname "$0")/lib.sh"
rounds=${SEAWORTHY_ROUNDS:-20}
bed_up

# group, version, kind, resource and namespaced of each kind that is not built in, not ours and not off by default.
crds() {
  tr -d '\n' <"$root/src/vocabulary/kind.cc" | grep -o '{Kind::k[A-Za-z0-9]*, *"[^}]*}' |
    sed 's/{Kind::k[^,]*, *"\([^"]*\)", *"\([^"]*\)", *"\([^",]*\)[^"]*", *"\([^"]*\)", *\(true\|false\).*/\2 \3 \1 \4 \5/' |
    grep -Ev '^ |seaworthy[.]dev|^openreports[.]io |^(apps|batch|policy|autoscaling|(networking|discovery|storage|scheduling|rbac.authorization|admissionregistration|apiregistration|metrics)[.]k8s[.]io) ' |
    while read -r group version kind resource namespaced; do
      loose_crd "$group" "$version" "$kind" "$resource" "$([ "$namespaced" = true ] && echo Namespaced || echo Cluster)"
    done
}
crds >"$work/crds.yaml"
count=$(grep -c '^kind: CustomResourceDefinition' "$work/crds.yaml")
[ "$count" -gt 45 ] || fail "only $count optional kinds were found in the table"

kubectl apply -f - >/dev/null <<'K'
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {seaworthy.dev/tier: critical}} # alerts and dashboards are asked of that tier alone
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example.com/shop/web:1.2", ports: [{name: metrics, containerPort: 9090}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: metrics, port: 9090, targetPort: metrics}]}
K
cat >"$work/objects.yaml" <<'K'
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: web, namespace: shop}
spec: {groups: [{name: web, rules: [{alert: WebDown, expr: 'absent(up{namespace="shop",job="web"})', labels: {severity: critical}, annotations: {runbook_url: "https://runbooks.example.com/web"}}]}]}
---
apiVersion: grafana.integreatly.org/v1beta1
kind: GrafanaDashboard
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {instanceSelector: {matchLabels: {dashboards: grafana}}, json: "{\"title\": \"web\", \"panels\": [{\"targets\": [{\"expr\": \"up{namespace=\\\"shop\\\", job=\\\"web\\\"}\"}]}]}"}
K
start_operator

verdicts() { # of the checks that the objects are about
  curl -sf "http://localhost:$report_port/report.json" |
    jq -r '[.workloads[] | select(.name == "web") | .findings[] | select(.check | IN("metrics-scraped", "alerts-defined", "runbook", "dashboard")) | .check + "=" + .verdict] | sort | join(" ")'
}
say_is() { [ "$(verdicts)" = "$1" ]; }
kinds_live() { [ "$(curl -sf "http://127.0.0.1:$health_port/readyz?verbose" | grep -c ' live$')" = "$1" ]; }
figures() { echo "$(awk '/^Threads/ {print $2}' "/proc/$operator_pid/status") $(find "/proc/$operator_pid/fd" -mindepth 1 | wc -l) $(awk '/^VmRSS/ {print $2}' "/proc/$operator_pid/status")"; }

live=$(curl -sf "http://127.0.0.1:$health_port/readyz?verbose" | grep -c ' live$')
without=$(verdicts)
with=''
for round in $(seq "$rounds"); do
  kubectl apply --server-side -f "$work/crds.yaml" >/dev/null
  kubectl wait --for=condition=Established -f "$work/crds.yaml" --timeout=30s >/dev/null
  within 150 "round $round: all optional kinds are watched" kinds_live $((live + count))
  kubectl apply -f "$work/objects.yaml" >/dev/null
  if [ -z "$with" ]; then
    sleep 3
    with=$(verdicts)
    [ "$with" != "$without" ] || fail "the objects change nothing: $with"
    [ "$(grep -o 'metrics-scraped=[a-z]*' <<<"$with")" = metrics-scraped=pass ] || fail "a ServiceMonitor that selects the Service is not seen: $with"
    [ "$(grep -o '=pass' <<<"$with" | wc -l)" = 4 ] || fail "a rule, its runbook or a dashboard about the workload is not seen: $with"
  fi
  within 60 "round $round: with its objects: $with" say_is "$with"
  kubectl delete -f "$work/crds.yaml" >/dev/null
  within 150 "round $round: no optional kind is watched" kinds_live "$live"
  within 60 "round $round: without them again: $without" say_is "$without"
  if [ "$round" = 5 ] || [ "$round" = 1 ]; then early=$(figures); fi
  say "      round $round: threads, descriptors, KiB resident: $(figures)"
done
late=$(figures)
read -r threads descriptors memory <<<"$early"
read -r threads2 descriptors2 memory2 <<<"$late"
[ "$threads" = "$threads2" ] || fail "threads grew from $threads to $threads2"
[ "$descriptors2" -le $((descriptors + 4)) ] || fail "descriptors grew from $descriptors to $descriptors2"
[ "$memory2" -le $((memory + 8192)) ] || fail "resident memory grew from $memory to $memory2 KiB"
ok "$count kinds came and went $rounds times: threads $threads -> $threads2, descriptors $descriptors -> $descriptors2, resident $memory -> $memory2 KiB"
ok "without: $without"
ok "with:    $with"
