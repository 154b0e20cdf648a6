# fault: API server killed three times, ended once, and started again
# expected: the next change is seen at most 35 s after the API server is ready, 5 s in the median; the watches resume, no list anew but for 410
# lane: servers
# takes: 80
row() {
  operator a
  local times=() round
  for round in 1 2 3 4; do
    component apiserver "$([ "$round" = 4 ] && echo TERM || echo KILL)"
    sleep 3
    healthy || fail 'not live without an API server'
    exports a || fail 'series went away without an API server'
    restart apiserver
    begin=$(now_ms)
    recovers 35 'the API server is back'
    times+=("$took")
  done
  local sorted
  mapfile -t sorted < <(printf '%s\n' "${times[@]}" | sort -n)
  at_most 5000 "${sorted[1]}" 'in the median, ms'
  equal 0 "$(our_deletes)" 'deletions'
  figure "seen $(seconds_of "${sorted[1]}") after it was ready in the median, $(seconds_of "${sorted[3]}") at most"
}
