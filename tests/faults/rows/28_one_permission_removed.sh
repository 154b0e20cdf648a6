# fault: the permission for PodDisruptionBudgets removed for 60 s, and given back
# expected: checks that need them unknown, no report deleted; 90 s to recover
# lane: permissions
# takes: 120
row() {
  operator a
  settled
  local reports before
  before=$(verdicts)
  [ "$(grep -c pass <<<"$before")" != 0 ] || fail "nothing passes by a budget before: $before"
  reports=$(reports_of shop)
  kubectl get clusterrole seaworthy -o json | jq '.rules |= map(select(.resources != ["poddisruptionbudgets"]))' | kubectl replace -f - >/dev/null
  # An open watch outlives the permission.
  cut_connections poddisruptionbudgets
  begin=$(now_ms)
  within 60 'the checks are unknown' unknown_budgets
  local unknown=$(($(now_ms) - begin))
  sleep 20
  equal "$reports" "$(reports_of shop)" 'reports'
  equal 0 "$(our_deletes)" 'deletions'
  change
  within 10 'other kinds go on' change_shows
  kubectl apply --server-side --force-conflicts -f "$root/manifests/install.yaml" -l 'app.kubernetes.io/component!=operator' >/dev/null
  begin=$(now_ms)
  within 90 'the verdicts are back' same_verdicts "$before"
  took=$(($(now_ms) - begin))
  figure "unknown after $(seconds_of "$unknown"), no report deleted; back $(seconds_of "$took") after the permission was"
}
verdicts() { curl -sf "http://localhost:${report_of[a]}/report.json" | jq -r '[.workloads[] | select(.name == "web") | .findings[] | select(.check | startswith("pdb")) | .check + "=" + .verdict] | sort | join(" ")'; }
unknown_budgets() { [ "$(verdicts | grep -c 'pass')" = 0 ] && [ "$(verdicts | grep -c unknown)" != 0 ]; }
same_verdicts() { [ "$(verdicts)" = "$1" ]; }
