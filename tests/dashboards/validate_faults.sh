#!/usr/bin/env bash
# Faults planted one at a time, each of which tests/dashboards/validate must find by name: a validator that finds nothing proves nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEAWORTHY_VALIDATE_ROOT=$work/tree

planted=0
# plant FILE FROM TO MESSAGE: replaces the first FROM, which must be there.
plant() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree"/{tests,charts/seaworthy/files}
  # dashboards/ links into the chart: here they are files.
  cp -rL "$root/dashboards" "$root/docs" "$work/tree/"
  cp -r "$root/tests/rules" "$work/tree/tests/"
  cp -r "$root/charts/seaworthy/files/rules" "$work/tree/charts/seaworthy/files/"
  python3 - "$work/tree/$1" "$2" "$3" <<'PY'
import sys
path, old, new = sys.argv[1:]
text = open(path, encoding="utf-8").read()
if old not in text:
    sys.exit(f"{path} has no {old!r} to plant a fault in")
open(path, "w", encoding="utf-8").write(text.replace(old, new, 1))
PY
  if "$here/validate.sh" >"$work/out"; then
    echo "not found: $2 -> $3 in $1" >&2
    exit 1
  fi
  grep -qF -- "$4" "$work/out" || { echo "found, but not as '$4':" >&2; cat "$work/out" >&2; exit 1; }
  planted=$((planted + 1))
}

overview=dashboards/seaworthy-overview.json
plant $overview '"tags": [' '"tagz": 1, "tags": [' 'tagz'
plant $overview '"title": "Cluster score"' '"title": 7' 'seaworthy-overview.json'
plant $overview '"colorMode": "value"' '"colorMode": 5' 'colorMode'
plant $overview '"decimals": 0' '"decimals": "none"' 'decimals'
plant $overview 'seaworthy_cluster_score{' 'seaworthy_cluster_scores{' 'no metric like seaworthy_cluster_scores'
plant $overview 'max by (cluster) (seaworthy_cluster_score' 'max by (clusters) (seaworthy_cluster_score' 'by (clusters): there is no such label'
plant $overview 'seaworthy_workload_coverage_ratio{cluster=~\"$cluster\",namespace' 'seaworthy_workload_coverage_ratio{cluster=~\"$cluster\",name_space' 'has no label name_space'
plant $overview 'namespace=~\"$namespace\"' 'namespace=~\"$namespaces\"' 'no variable $namespaces'
plant $overview '"legendFormat": "{{section}}"' '"legendFormat": "{{sektion}}"' 'legend {{sektion}}'
plant $overview '"workload_type": "Type"' '"workload_typ": "Type"' 'renames workload_typ, which is not there'
plant $overview 'sum(max by (cluster, namespace, workload, workload_type) (seaworthy_workload_findings' 'sum((seaworthy_workload_findings' 'counts duplicates of a second replica'
plant $overview '"title": "Coverage"' '"title": "Cluster score"' 'two panels have that title'
plant $overview '"uid": "seaworthy-overview"' '"uid": "overview"' "its file's name as uid"
alerts=charts/seaworthy/files/rules/alerts.yaml
plant $alerts 'seaworthy_data_stale' 'seaworthy_data_state' 'no metric like seaworthy_data_state'
plant $alerts '$labels.attestation' '$labels.attest' 'an annotation names the label attest'
plant $alerts 'severity: critical}' 'severity: page}' 'severity is critical, warning or info'
plant $alerts '        for: 10m
' '' 'wants the prefix Seaworthy and a `for`'
plant $alerts '#seaworthydown' '#seaworthyup' 'wants a description and its runbook_url'
plant $alerts 'alert: SeaworthyDown' 'alert: SeaworthyGone' 'no section in docs/runbooks.md'
plant docs/runbooks.md '## SeaworthyDown' '## SeaworthyGone' 'a section for SeaworthyGone, which is no alert'
plant docs/runbooks.md 'seaworthy_data_stale' 'seaworthy_data_state' 'no metric seaworthy_data_state'
plant docs/metrics.md '`seaworthy_section_score`' '`seaworthy_part_score`' 'no metric like seaworthy_section_score'
echo "$planted faults planted, all found"
