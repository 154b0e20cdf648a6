# fault: the same with --bump-revision --mark-compacted, as etcd recommends
# expected: 410 or too large a version, lists anew within 60 s
# lane: restored
# takes: 90
# bed: spoilt
# shellcheck source=tests/faults/rows/05_etcd_from_snapshot.sh
. "$faults/rows/05_etcd_from_snapshot.sh"
row() {
  operator a
  settled
  snapshot
  kubectl create deployment -n shop later --image=registry.example/shop/later:latest >/dev/null
  kubectl -n shop delete cronjob report >/dev/null
  sleep 2
  restore --bump-revision 1000000000 --mark-compacted
  begin=$(now_ms)
  within 60 'what the snapshot does not know is gone' not failing_of later
  within 60 'what it does know is back' shows_cronjob
  took=$(($(now_ms) - begin))
  at_most 60000 "$took" 'until all is as restored, ms'
  know_turn
  figure "all as restored after $(seconds_of "$took")"
}
