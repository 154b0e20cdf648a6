#!/usr/bin/env bash
# The chart by helm 3 and 4, without a cluster: lint, unit tests, packaging, and that manifests/install.yaml is its output.
#
# env: SEAWORTHY_CHART_TOOLS  what build_tools.sh prints; without it the test is skipped (77) where they were never built
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${SEAWORTHY_CHART_TOOLS:-$("$here/build_tools.sh" --if-built)} || { echo 'helm was not built here: tests/chart/build_tools.sh'; exit 77; }
chart=$root/charts/seaworthy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
ok() { echo "ok    $*"; }
fail() { echo "FAIL  $*" >&2; exit 1; }

for helm in helm helm4; do
  "$tools/$helm" lint --strict "$chart" >"$work/lint" 2>&1 || fail "$(cat "$work/lint")"
  "$tools/$helm" template seaworthy "$chart" -n seaworthy --no-hooks --set namespace.create=true,crds.keep=false >"$work/$helm.yaml" 2>"$work/stderr"
  [ ! -s "$work/stderr" ] || fail "$helm warns: $(cat "$work/stderr")"
  ok "$("$tools/$helm" version --template '{{.Version}}'): lint, template"
done
diff -B "$work/helm.yaml" "$work/helm4.yaml" >&2 || fail 'helm 3 and 4 render something else'
ok 'both render the same'
[ "$(grep -cE '[[:blank:]]$' "$work/helm.yaml")" = 0 ] || fail "blanks at the end of a line: $(grep -nE '[[:blank:]]$' "$work/helm.yaml" | head -n 5)"

"$tools/helm-unittest" --strict "$chart" >"$work/unittest" 2>&1 || { cat "$work/unittest" >&2; fail 'helm-unittest'; }
[ "$(awk '$1 == "Tests:" { print $2 }' "$work/unittest")" -ge 30 ] || fail 'hardly a test was run'
ok "helm-unittest: $(grep -E '^Tests:' "$work/unittest" | sed 's/  */ /g')"

"$root/charts/generate.py" --check --helm "$tools/helm" || fail 'see above'
ok 'manifests/install.yaml is what helm renders'

# ---- what files/ has goes out as it is; with none of it the chart works as well ----
cp -r "$chart" "$work/with"
mkdir -p "$work/with/files"/{rules,dashboards}
rm -f "$work/with/files"/{rules,dashboards}/*
empty=$("$tools/helm" template x "$work/with" --set prometheusRule.enabled=true,dashboards.enabled=true --show-only templates/prometheusrule.yaml --show-only templates/dashboards.yaml 2>&1 || true)
[ "$(grep -c '^kind:' <<<"$empty")" = 0 ] || fail "objects of nothing: $empty"
cat >"$work/with/files/rules/one.yaml" <<'RULES'
groups:
  - name: one
    interval: 1m
    rules:
      - alert: Kept
        expr: up == 0
        labels: {severity: critical}
        annotations: {runbook_url: 'docs/r.md#kept', description: '{{ $labels.instance }} is {{ printf "%.2f" $value }}'}
      - alert: Dropped
        expr: up == 1
      - alert: Elsewhere
        expr: up == 2
        annotations: {runbook_url: 'https://other.example/r'}
RULES
printf 'groups: [{name: two, rules: [{record: "a:b:sum", expr: sum(up)}]}, {name: none, rules: [{alert: Dropped, expr: up}]}]\n' >"$work/with/files/rules/two.yaml"
printf '{"title": "{{ not a template }}", "panels": [{"expr": "sum by (x) (up{a=\\"b\\"})"}]}\n' | tee "$work/with/files/dashboards/seaworthy-overview.json" >"$work/with/files/dashboards/other.json"
"$tools/helm" template x "$work/with" --set prometheusRule.enabled=true,'prometheusRule.disabled={Dropped}',prometheusRule.alertLabels.team=sre,prometheusRule.runbookPrefix=https://docs.example/ \
  --set dashboards.enabled=true,dashboards.folder=Ops --show-only templates/prometheusrule.yaml --show-only templates/dashboards.yaml >"$work/with.yaml"
grep -v '^#' "$work/with.yaml" >"$work/with.txt"
has() { [ "$(grep -cF -- "$1" "$work/with.txt")" = "${2:-1}" ] || fail "\"$1\" is not ${2:-1} times in $(cat "$work/with.txt")"; }
has '{{ $labels.instance }} is {{ printf "%.2f" $value }}'
has 'alert: Kept'
has 'Dropped' 0
has 'name: none' 0
has 'interval: 1m'
has 'team: sre' 2
has 'runbook_url: https://docs.example/docs/r.md#kept'
has 'runbook_url: https://other.example/r'
has 'severity: critical'
has 'record: a:b:sum'
has 'name: x-seaworthy-dashboard-overview'
has 'name: x-seaworthy-dashboard-other'
has '{"title": "{{ not a template }}", "panels": [{"expr": "sum by (x) (up{a=\"b\"})"}]}' 2
has 'grafana_folder: Ops' 2
has 'grafana_dashboard: "1"' 2
ok 'rules and dashboards: none, one, several; left out by name; their own braces stay'

# ---- the package ----
"$tools/helm" package "$chart" -d "$work" >/dev/null
package=$work/seaworthy-$(cat "$root/VERSION").tgz
tar -tzf "$package" >"$work/files"
for file in values.schema.json files/crds.yaml examples/attestations.yaml templates/NOTES.txt; do
  [ "$(grep -cx "seaworthy/$file" "$work/files")" = 1 ] || fail "the package lacks $file"
done
[ "$(grep -c '^seaworthy/tests/' "$work/files")" = 0 ] || fail 'the package has our tests in it'
# Helm keeps chart and manifest of each release in one Secret, 1 MiB at most. Twice base64 of their gzip is what that takes, roughly.
size=$(stat -c %s "$package")
[ "$size" -lt 250000 ] || fail "the package has $size bytes: a release would soon not fit into its Secret"
ok "the package: $(wc -l <"$work/files") files, $size bytes"
