# fault: streams in segments of one byte (a TLS record each); many events in one read; a proper end in the middle of an event
# expected: the same state; events by the byte cost no more than 3 times the processor time a TLS record
# also: unit tests `Frames.*`
# lane: quick
# takes: 70
row() {
  operator a
  sleep 2
  local plain single gathered cpu bytes since
  measure() { # prints the CPU ms of ten changes
    local i cpu
    cpu=$(cpu_ms a)
    for i in $(seq 10); do change; done
    within 30 'the last change is seen' change_shows
    sleep 2
    echo $(($(cpu_ms a) - cpu))
    printf '%s' "$turn" >"$work/turn"
  }
  plain=$(measure); turn=$(cat "$work/turn")
  rule byte '{"match": "/deployments[?].*watch=1", "segment": 1}'
  since=$(now_ms)
  single=$(measure); turn=$(cat "$work/turn")
  unrule byte
  rule gather '{"match": "watch=1", "gatherMs": 3000}'
  gathered=$(measure); turn=$(cat "$work/turn")
  unrule gather
  # Ends as a stream that the server could not encode further.
  rule clean '{"match": "/deployments[?].*watch=1", "cutAt": 700, "clean": true, "times": 3}'
  cut_connections '/deployments[?].*watch=1'
  begin=$(now_ms)
  recovers 30 'streams that ended properly in the middle of an event'
  figure "processor time of ten changes: $plain ms, by single bytes $single ms, gathered $gathered ms"
}
