# fault: every permission removed for ten minutes
# expected: no crash, ready, metrics served, nothing deleted
# lane: permissions
# takes: 760
row() {
  operator a
  settled
  local binding
  kubectl get clusterrolebindings,rolebindings -A -o json | jq '.items |= map(select(any(.subjects[]?; .kind == "ServiceAccount" and .name == "seaworthy"))) | del(.items[].metadata.resourceVersion, .items[].metadata.uid)' >"$work/bindings.json"
  at_least 1 "$(jq '.items | length' "$work/bindings.json")" 'bindings'
  kubectl delete -f "$work/bindings.json" >/dev/null
  cut_connections
  local until=$((SECONDS + 600)) asked=0 since
  since=$(now_ms)
  while [ "$SECONDS" -lt "$until" ]; do
    healthy a || fail 'not live'
    ready a || fail 'not ready any more'
    exports a || fail 'series went away'
    asked=$((asked + 1))
    sleep 5
  done
  local rate
  rate=$(awk -v n="$(count_requests '' "$((since + 300000))")" 'BEGIN {printf "%.1f", n / 300}')
  kubectl create -f "$work/bindings.json" >/dev/null
  begin=$(now_ms)
  within 330 'a change is taken' change
  within 330 'a change is seen' change_shows
  took=$(($(now_ms) - begin))
  equal 0 "$(our_deletes)" 'deletions'
  figure "live, ready and exporting at each of $asked looks; $rate requests/s in the second half; the next change seen after $(seconds_of "$took")"
}
