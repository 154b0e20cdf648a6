# fault: replies to writes of reports lost after the API server has done them
# expected: one effect each: nothing is written twice
# also: unit test `Transport.NeverSendsAWriteTwice`
# lane: quick
# takes: 60
# guard: yes
row() {
  operator a
  settled
  rule lose '{"match": "PATCH .*/workloadaudits/", "lose": true, "times": 3}'
  local round at
  at=$(audit_now)
  for round in 1 2 3; do change; within 10 'the change is seen' change_shows; sleep 6; done
  settled
  local lost
  lost=$(requests a 'PATCH .*/workloadaudits/' | jq -r .how | grep -c lost || true)
  at_least 2 "$lost" 'replies lost'
  unrule lose
  # That nothing was written twice the history check after the row says.
  figure "$lost replies lost, $(our_writes "$at") writes arrived, none twice"
}
