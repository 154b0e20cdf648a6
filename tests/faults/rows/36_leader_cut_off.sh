# fault: the leader alone is cut off from the API server: nothing is forwarded, for 40 s
# expected: its last write 13 s after at most; the other leads after 20 s; no write of one among those of the other
# lane: leaders
# takes: 90
. "$faults/rows/35_leader_stopped.sh"
row() {
  pair
  begin=$(now_ms)
  rule hold '{"match": ".*", "hold": true}' a
  change
  within 22 'b leads' leads b
  took=$(($(now_ms) - begin))
  at_most 20000 "$took" 'until b led, ms'
  within 20 'b sees the change' change_shows b
  sleep 20
  # Everything that a had begun is let through now, late.
  unrule hold a
  begin=$(now_ms)
  within 60 'a leads no more' yields a
  local yielded=$(($(now_ms) - begin))
  settled
  leader=b
  figure "b led after $(seconds_of "$took"); a, reached again, led no more after $(seconds_of "$yielded")"
}
