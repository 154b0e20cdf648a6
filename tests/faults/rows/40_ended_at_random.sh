# fault: SIGTERM at 200 random times, from the start on
# expected: ended after 8 s each time, with code 0; afterwards nothing is missing, stale or double
# lane: ended
# takes: 560
row() {
  proxy a
  local i worst=0
  RANDOM=4711
  for ((i = 0; i < 200; i++)); do
    launch a
    sleep "$(awk -v r=$((RANDOM % 1000)) 'BEGIN {printf "%.3f", r / 1000 * (r % 4 ? 1.2 : 3)}')"
    kill -0 "${pid[a]}" 2>/dev/null || fail "it had ended by itself in round $i"
    [ $((i % 5)) != 0 ] || change
    stop a
    # Before its handlers stand, the signal itself ends it.
    case $stopped_code in 0 | 143) ;; *) fail "round $i: it ended with code $stopped_code" ;; esac
    at_most 8000 "$stopped_ms" 'until it had ended, ms'
    [ "$stopped_ms" -le "$worst" ] || worst=$stopped_ms
  done
  operator a
  begin=$(now_ms)
  recovers 20 'after 200 ends'
  figure "ended after $(seconds_of "$worst") at most"
}
