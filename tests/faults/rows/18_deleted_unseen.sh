# fault: 1,000 Deployments deleted while the operator is cut off, behind a compacted history
# expected: reports and series gone 10 s after the list anew
# lane: bulk
# takes: 120
row() {
  operator_over_bulk
  control a PUT /listening off
  cut_connections
  # kubectl waits for each; the API server's own deletion of a collection does not.
  kubectl delete --raw '/apis/apps/v1/namespaces/bulk/deployments?propagationPolicy=Background' >/dev/null
  within 60 'the Deployments are gone' gone
  compact
  restart apiserver -9
  control a PUT /listening on
  begin=$(now_ms)
  # It comes back from up to a minute of backoff first.
  within 75 'it listed anew' total_reaches 1 '^seaworthy_watch_relists_total[{]resource="deployments"'
  local listed
  listed=$(now_ms)
  within 60 'no series is left' workloads_seen 0 bulk
  within 60 'no report is left' reports_are 0 bulk
  took=$(($(now_ms) - listed))
  at_most 10000 "$took" 'from the list anew to the last of them gone, ms'
  figure "series and reports of 1,000 gone $(seconds_of "$took") after the list anew, $(seconds_of $(($(now_ms) - begin))) after the connection was back"
}
gone() { [ "$(kubectl get deployments -n bulk -o name | wc -l)" = 0 ]; }
