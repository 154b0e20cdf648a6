# fault: 500 PodDisruptionBudgets with empty selectors over 1,000 Deployments in one namespace
# expected: p99 of the work on a batch of 64 subjects 50 ms at most a subject; others go on
# lane: bulk
# takes: 150
row() {
  operator_over_bulk
  local cpu
  cpu=$(cpu_ms a)
  for ((i = 0; i < 500; i++)); do printf -- '---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p%d, namespace: bulk}\nspec: {maxUnavailable: 1, selector: {}}\n' "$i"; done >"$work/budgets.yaml"
  page a | grep '^workqueue_work_duration_seconds_bucket' >"$work/before"
  kubectl apply --server-side -f "$work/budgets.yaml" >/dev/null
  begin=$(now_ms)
  recovers 30 'amid 500 budgets'
  local seen=$took p99
  settled 300
  sleep 10
  page a | grep '^workqueue_work_duration_seconds_bucket' >"$work/after"
  p99=$(p99_between "$work/before" "$work/after")
  # A batch has up to 64 subjects.
  at_most 3.2 "$p99" 'p99 of a batch, s'
  cpu=$(($(cpu_ms a) - cpu))
  kubectl delete --raw '/apis/policy/v1/namespaces/bulk/poddisruptionbudgets' >/dev/null
  settled 300
  figure "p99 of a batch of up to 64 subjects <= $p99 s, $(seconds_of "$cpu") of processor time in all; meanwhile a change was seen after $(seconds_of "$seen")"
}
