# fault: a namespace with 1,000 reports is deleted
# expected: no storm of writes, and the namespace goes
# lane: bulk
# takes: 200
row() {
  operator_over_bulk
  local at
  at=$(audit_now)
  kubectl delete namespace bulk --wait=false >/dev/null
  begin=$(now_ms)
  within 170 'the namespace is gone' not kubectl get namespace bulk
  took=$(($(now_ms) - begin))
  settled
  local writes
  writes=$(our_writes "$at")
  # The ClusterAudit and the NamespaceAudit follow, every five seconds.
  at_most 150 "$writes" 'requests that write'
  within 30 'no series is left' workloads_seen 0 bulk
  figure "gone after $(seconds_of "$took"), $writes writes meanwhile"
}
