#!/usr/bin/env bash
# Every query of the dashboards against a real Prometheus that scrapes real operators: first with the sample shop alone, then after things have
# happened, when none may be empty. The leader is scraped twice, as if two replicas exported the same: nothing may be counted twice.
# Where Chromium is installed it also draws the dashboards, into $SEAWORTHY_BUILD/dashboards: our own preview, to be looked at.
. "$(dirname "$0")/lib.sh"

debian=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/debian
export PATH=$PATH:$debian/prometheus/usr/bin
command -v prometheus >/dev/null || fail 'prometheus is missing: ./dev install'
preview=${SEAWORTHY_BUILD:-$root/build/dev}/dashboards

bed_up
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=120s >/dev/null
start_operator
leader=$metrics_port
follower=$(free_port)
setsid "$binary" run --kubeconfig "$operator_kubeconfig" --metrics-address "127.0.0.1:$follower" --health-address "127.0.0.1:$(free_port)" \
  --report-address "127.0.0.1:$(free_port)" >"$work/follower.log" 2>&1 </dev/null &
servers+=($!)
port=$(free_port)
interval=2
cat >"$work/prometheus.yaml" <<K
global: {scrape_interval: ${interval}s}
scrape_configs:
  - job_name: seaworthy
    honor_labels: true
    static_configs: [{targets: ["127.0.0.1:$leader", "localhost:$leader", "127.0.0.1:$follower"], labels: {cluster: test}}]
K
setsid prometheus --config.file="$work/prometheus.yaml" --web.listen-address="127.0.0.1:$port" --storage.tsdb.path="$work/tsdb" >"$work/prometheus.log" 2>&1 </dev/null &
servers+=($!)
url=http://127.0.0.1:$port
ask() { curl -sf -G "$url/api/v1/query" --data-urlencode "query=$1" | jq -r '[.data.result[] | .value[1]] | join(" ")'; }
is() { [ "$(ask "$1")" = "$2" ]; }
within 60 'all targets are scraped' is 'count(seaworthy_build_info)' 3
within 60 'workload series come twice' is 'count(seaworthy_workload_info)' 12
sleep $((6 * interval)) # enough for a rate

queries() { python3 "$root/tests/dashboards/query.py" --prometheus "$url" --interval $interval --set namespace=shop --set workload=web --set workload_type=deployment \
  --may-be-empty "$root/tests/dashboards/may_be_empty.txt" --expect 'seaworthy-overview / Workloads=6' --expect 'seaworthy-operator / Replicas=3' "$@"; }
queries || fail 'of a quiet cluster'
ok 'every query is answered in a quiet cluster'

# ---- things happen --------------------------------------------------------------------------------------------------------
# Both a regression and a change by hand.
kubectl -n shop patch deploy web --field-manager=kubectl-edit --type=json -p '[{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"},
  {"op": "add", "path": "/spec/template/spec/containers/0/env", "value": [{"name": "LOG_LEVEL", "value": "debug"}]}]' >/dev/null
kubectl apply -f - >/dev/null <<YAML
apiVersion: audit.seaworthy.dev/v1alpha1
kind: Waiver
metadata: {name: hurry, namespace: shop}
spec: {checks: [image-tag], workloads: [{kind: Deployment, name: cart}], reason: JIRA-12, owner: team-shop, expires: "$(date -u -d '+5 days' +%Y-%m-%dT%H:%M:%SZ)"}
---
apiVersion: audit.seaworthy.dev/v1alpha1
kind: Attestation
metadata: {name: drained, namespace: shop}
spec: {checks: [pre-stop], workloads: [{kind: Deployment, name: cart}], by: sre@shop, performedAt: "$(date -u -d '-70 day' +%Y-%m-%dT%H:%M:%SZ)", validFor: 90d}
---
# Ten of sixteen cores on each of five nodes: no other node has room for what is lost with one.
apiVersion: apps/v1
kind: Deployment
metadata: {name: search, namespace: shop}
spec:
  replicas: 5
  selector: {matchLabels: {app: search}}
  template:
    metadata: {labels: {app: search}}
    spec: {containers: [{name: search, image: "registry.example/search:1.0.0", resources: {requests: {cpu: "10", memory: 1Gi}}}]}
YAML
# Its disk has been full for an hour.
kubectl patch node node-4 --subresource=status --type=strategic \
  -p "{\"status\":{\"conditions\":[{\"type\":\"DiskPressure\",\"status\":\"True\",\"lastTransitionTime\":\"$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ)\"}]}}" >/dev/null
# Its watches have to begin anew.
"$root/tests/testbed/compact.sh" >/dev/null
"$root/tests/testbed/restart.sh" apiserver >/dev/null 2>&1
within 60 'the regression is scraped' is 'count(max by (check) (seaworthy_last_regression_timestamp_seconds{workload="web"})) > bool 0' 1
within 60 'the change by hand is scraped' is 'max(seaworthy_manual_changes_total{workload="web"})' 1
within 90 'the node is scraped' is 'count(max by (node) (seaworthy_node_failing))' 1
within 120 'the loss of a node is not survived' is 'max(seaworthy_check_failing{check="survives-node-loss"})' 1
kubectl -n shop set image deploy/web app=registry.example/shop/web:1.4.3 >/dev/null # for the histogram of changes
sleep $((3 * interval))
queries --all --expect 'seaworthy-overview / Workloads=7' --expect 'seaworthy-overview / Regressed=1' || fail 'after things have happened'
ok 'every query has an answer once things have happened, and none counts twice'

if command -v chromium >/dev/null; then
  python3 "$root/tests/dashboards/preview.py" --prometheus "$url" --interval $interval --range 180 --out "$preview" --set namespace=shop --set workload=web --set workload_type=deployment
  for name in overview workload operator; do [ "$(stat -c %s "$preview/seaworthy-$name.png")" -gt 20000 ] || fail "the picture of $name is empty"; done
  ok "drawn, to be looked at: $preview"
else
  say 'not drawn: chromium is not installed (./dev install --full)'
fi
