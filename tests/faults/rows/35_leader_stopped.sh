# fault: the leader stopped (SIGSTOP) for 30 s while things change, and woken
# expected: the other leads after 20 s; the old one's late writes come to nothing, and it leads no more
# also: tests/e2e/handover.sh
# lane: leaders
# takes: 75
row() {
  pair
  begin=$(now_ms)
  kill -STOP "${pid[a]}"
  within 22 'b leads' leads b
  took=$(($(now_ms) - begin))
  at_most 20000 "$took" 'until b led, ms'
  change
  within 20 'the change is seen' change_shows b
  while [ $(($(now_ms) - begin)) -lt 30000 ]; do sleep 0.2; done
  kill -CONT "${pid[a]}"
  begin=$(now_ms)
  within 15 'a leads no more' yields a
  local yielded=$(($(now_ms) - begin))
  sleep 6
  leader=b
  figure "b led after $(seconds_of "$took"); a, woken, led no more after $(seconds_of "$yielded")"
}
pair() {
  operator a
  within 20 'a leads' leads a
  operator b
  ! leads b || fail 'both lead'
  settled
}
yields() { ! leads "$1" && ! exports "$1"; }
