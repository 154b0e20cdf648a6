#!/usr/bin/env bash
# The shipped rules in a real Prometheus, its alerts in a real Alertmanager, and what a receiver is told: an installation, an edit of a policy and a restart of
# the operator tell it nothing; a regression, a change by hand, a waiver near its end and an operator that is gone do, and resolve.
#
# The rules are those that are shipped but for their patience, so that the test takes minutes: `for` becomes seconds (see below), and the windows of five minutes that
# bridge gaps become 20 seconds; a checklist is new for half a minute. tests/rules/ tests them as they are.
. "$(dirname "$0")/lib.sh"

debian=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/debian
export PATH=$PATH:$debian/prometheus/usr/bin:$debian/prometheus-alertmanager/usr/bin
for program in prometheus promtool prometheus-alertmanager amtool; do command -v $program >/dev/null || fail "$program is missing: ./dev install"; done
serve() { # LOG COMMAND...
  local log=$1
  shift
  setsid "$@" >"$work/$log" 2>&1 </dev/null &
  servers+=($!)
}

# ---- who is told: one line "STATUS ALERTNAME LABELS" each --------------------------------------------------------------------
receiver_port=$(free_port)
serve told python3 -u -c '
import http.server, json, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]:
            labels = alert["labels"]
            print(alert["status"], labels.pop("alertname"), json.dumps(labels, sort_keys=True), alert["annotations"]["description"], flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
' "$receiver_port"
fail() {
  tail -n 5 "$work"/{told,prometheus.log,alertmanager.log} >&2 || true
  printf 'FAIL  %s\n' "$*" >&2
  exit 1
}
told() { [ "$(grep -cE "^$1" "$work/told")" != 0 ]; }

bed_up
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
kubectl -n shop rollout status deploy/web --timeout=120s >/dev/null
start_operator

# A restart takes its place on the same port.
restart_operator() {
  stop_operator
  setsid "$binary" run --kubeconfig "$operator_kubeconfig" --metrics-address "127.0.0.1:$metrics_port" --health-address "127.0.0.1:$health_port" \
    --report-address "127.0.0.1:$report_port" >>"$work/operator.log" 2>&1 </dev/null &
  operator_pid=$!
  within 60 'the operator is ready again' operator_ready
}

# ---- Alertmanager and Prometheus -------------------------------------------------------------------------------------------
alertmanager_port=$(free_port) prometheus_port=$(free_port)
cat >"$work/alertmanager.yaml" <<K
route: {receiver: test, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: test, webhook_configs: [{url: "http://127.0.0.1:$receiver_port/", send_resolved: true}]}]
K
amtool check-config "$work/alertmanager.yaml" >/dev/null || fail 'amtool refuses the configuration'
# Debian's build reads its templates from /usr/share, where a package that is only unpacked has nothing: a copy of the program that looks for them,
# under a path of the same length, in the folder where it is started.
python3 - "$(command -v prometheus-alertmanager)" "$work" <<'PY' || fail 'the copy of Alertmanager'
import os, pathlib, sys
program, work = map(pathlib.Path, sys.argv[1:])
fixed = b"/usr/share/prometheus/alertmanager"
content = program.read_bytes()
templates = list((program.resolve().parents[1] / "share/prometheus/alertmanager").glob("*.tmpl"))
assert fixed in content and templates and len(fixed) % 2 == 0, "Debian's build has another path"
(work / "alertmanager").write_bytes(content.replace(fixed, b"./" * (len(fixed) // 2)))
os.chmod(work / "alertmanager", 0o755)
for template in templates:
    (work / template.name).write_bytes(template.read_bytes())
PY
cd "$work"
serve alertmanager.log ./alertmanager --config.file="$work/alertmanager.yaml" --web.listen-address="127.0.0.1:$alertmanager_port" --cluster.listen-address= \
  --storage.path="$work/silences"
# The operator's own alerts wait for 40 s, longer than a restart takes.
awk '/name: seaworthy-operator/ { own = 1 } /^ *for: [1-9]/ { sub(/for: .*/, own ? "for: 40s" : "for: 3s") } { gsub(/\[5m\]/, "[20s]"); print }' \
  "$root/charts/seaworthy/files/rules/alerts.yaml" >"$work/alerts.yaml"
sed 's/\[5m\]/[20s]/; s/offset 30m/offset 30s/' "$root/charts/seaworthy/files/rules/recording.yaml" >"$work/recording.yaml"
cat >"$work/prometheus.yaml" <<K
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [recording.yaml, alerts.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$alertmanager_port"]}]}]}
scrape_configs:
  - job_name: seaworthy
    honor_labels: true
    static_configs: [{targets: ["127.0.0.1:$metrics_port"]}]
K
promtool check config "$work/prometheus.yaml" >/dev/null || fail 'promtool refuses the configuration'
serve prometheus.log prometheus --config.file="$work/prometheus.yaml" --web.listen-address="127.0.0.1:$prometheus_port" --storage.tsdb.path="$work/tsdb"

ask() { curl -sf -G "http://127.0.0.1:$prometheus_port/api/v1/query" --data-urlencode "query=$1" | jq -r '[.data.result[] | .value[1]] | join(" ")'; }
is() { [ "$(ask "$1")" = "$2" ]; }
# Nothing but the alerts that are named (a regular expression) was told since the last look.
looked=0
only() {
  local strange
  strange=$(tail -n +$((looked + 1)) "$work/told" | grep -vE "^(firing|resolved) (SeaworthyWatchdog|$1) " || true)
  looked=$(wc -l <"$work/told")
  [ -z "$strange" ] || fail "told of $strange"
}

# ---- an installation: the shop has critical and high findings --------------------------------------------------------------
within 60 'the watchdog is heard' told 'firing SeaworthyWatchdog'
within 60 'the privileged DaemonSet is known' is 'count(cluster_namespace_workload_check:seaworthy_check_failing:known{workload="node-logger"})' 2
sleep 10
only none
bad=$(curl -sf "http://127.0.0.1:$prometheus_port/api/v1/rules" | jq -r '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.lastError)"')
[ -z "$bad" ] || fail "rules that cannot be evaluated: $bad"
ok "an installation with $(ask 'sum(seaworthy_workload_findings{verdict="fail",severity=~"critical|high"})') grave findings tells nobody but the watchdog"

# ---- an edit of the policy that makes a check critical and another one fail ------------------------------------------------
kubectl apply -f - >/dev/null <<'K'
apiVersion: audit.seaworthy.dev/v1alpha1
kind: AuditPolicy
metadata: {name: house}
spec: {severities: {image-tag: critical}, params: {replicas: {minimum: 9}}}
K
within 30 'web fails under the new policy' failing shop web replicas
within 30 'the new critical findings are known' is 'count(cluster_namespace_workload_check:seaworthy_check_failing:known{check="image-tag"}) > bool 0' 1
sleep 12
only none
kubectl delete auditpolicy house >/dev/null
within 30 'all is as before' not failing shop web replicas
ok 'an edit of the policy tells nobody'

# ---- a regression by hand, a restart in the middle of it, the mend ---------------------------------------------------------
kubectl -n shop patch deploy web --field-manager=kubectl-edit --type=json -p '[{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"},
  {"op": "add", "path": "/spec/template/spec/containers/0/env", "value": [{"name": "LOG_LEVEL", "value": "debug"}]}]' >/dev/null
within 60 'the regression fires' told 'firing SeaworthyCheckRegressed .*"cause": "workload", "check": "readiness-probe".*"workload": "web"'
within 60 'the change by hand fires' told 'firing SeaworthyManualChange .*"workload": "web"'
ok "$(grep '^firing SeaworthyCheckRegressed' "$work/told" | head -n 1)"
restart_operator
within 30 'the restarted operator is scraped' is 'max(seaworthy_initial_audit_complete)' 1
sleep 25
! told 'resolved SeaworthyCheckRegressed' || fail 'a restart resolved the regression'
[ "$(grep -c '^firing SeaworthyCheckRegressed' "$work/told")" = 1 ] || fail 'a restart fired the regression again'
only 'SeaworthyCheckRegressed|SeaworthyManualChange'
ok 'a restart of the operator neither resolves it nor fires anything'
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
within 90 'the mend resolves it' told 'resolved SeaworthyCheckRegressed .*"check": "readiness-probe".*"workload": "web"'
ok "$(grep '^resolved SeaworthyCheckRegressed' "$work/told" | head -n 1)"

# ---- a waiver near its end, a privileged newcomer --------------------------------------------------------------------------
kubectl apply -f - >/dev/null <<K
apiVersion: audit.seaworthy.dev/v1alpha1
kind: Waiver
metadata: {name: hurry, namespace: shop}
spec: {checks: [image-tag], workloads: [{kind: Deployment, name: cart}], reason: JIRA-12, owner: team-shop, expires: "$(date -u -d '+5 days' +%Y-%m-%dT%H:%M:%SZ)"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: miner, namespace: shop}
spec:
  selector: {matchLabels: {app: miner}}
  template:
    metadata: {labels: {app: miner}}
    spec: {containers: [{name: miner, image: "registry.example/miner:1.0.0", securityContext: {privileged: true}}]}
K
within 60 'the waiver near its end fires' told 'firing SeaworthyWaiverExpiring .*"waiver": "hurry"'
within 60 'the privileged newcomer fires' told 'firing SeaworthyCriticalCheckFailing .*"check": "not-privileged".*"workload": "miner"'
kubectl -n shop delete deploy miner >/dev/null
within 90 'a deleted workload resolves' told 'resolved SeaworthyCriticalCheckFailing .*"workload": "miner"'
kubectl -n shop delete waiver hurry >/dev/null
within 90 'a deleted waiver resolves' told 'resolved SeaworthyWaiverExpiring .*"waiver": "hurry"'
ok 'a waiver near its end and a privileged newcomer fire, and resolve when they are deleted'

# ---- nobody there ----------------------------------------------------------------------------------------------------------
only 'SeaworthyCheckRegressed|SeaworthyManualChange|SeaworthyWaiverExpiring|SeaworthyCriticalCheckFailing'
stop_operator
within 120 'an operator that is gone fires' told 'firing SeaworthyDown'
restart_operator
within 60 'and resolves' told 'resolved SeaworthyDown'
ok 'an operator that is gone fires, and resolves when it is back'
curl -sf "http://127.0.0.1:$metrics_port/metrics" | promtool check metrics || fail 'promtool check metrics'
ok 'promtool check metrics is clean'
