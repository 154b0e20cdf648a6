# fault: the leader is asked to end (SIGTERM)
# expected: the other leads after 4 s; it has ended after 8 s
# also: tests/e2e/handover.sh
# lane: leaders
# takes: 40
# guard: yes
. "$faults/rows/35_leader_stopped.sh"
row() {
  pair
  begin=$(now_ms)
  kill -TERM "${pid[a]}"
  within 6 'b leads' leads b
  took=$(($(now_ms) - begin))
  at_most 4000 "$took" 'until b led, ms'
  within 10 'a has ended' not kill -0 "${pid[a]}"
  local ended=$(($(now_ms) - begin))
  at_most 8000 "$ended" 'until a had ended, ms'
  unset 'pid[a]'
  leader=b
  figure "b led after $(seconds_of "$took"), a had ended after $(seconds_of "$ended")"
}
