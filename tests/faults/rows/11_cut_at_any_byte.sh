# fault: the stream of Deployments is cut in the middle of events, at 24 offsets, one after the other, while they change
# expected: the same state as without; what was cut is dropped
# also: unit test `Watcher.ACutAtAnyByteGivesTheSameState`: every byte of a recorded stream
# lane: quick
# takes: 110
row() {
  operator a
  local offset since made=0
  since=$(now_ms)
  for offset in 1 2 7 8 9 30 100 333 500 777 900 1000 1200 1500 2000 2500 3000 3500 4000 4500 5000 6000 7000 8000; do
    # A new process each time: one whose connection breaks again and again waits longer each time, as it should.
    stop a KILL
    launch a
    within 60 'the operator is ready' ready a
    rule cut "{\"match\": \"/deployments[?].*watch=1\", \"cutAt\": $offset, \"times\": 1}"
    cut_connections '/deployments[?].*watch=1'
    local opened
    opened=$(count_requests '/deployments[?].*watch=1' "$since")
    begin=$(now_ms)
    # Enough bytes for the cut to come.
    for i in 1 2 3; do change; done
    within 20 "cut at byte $offset: the last change is seen" change_shows
    made=$((made + 1))
    unrule cut
  done
  local cuts
  cuts=$(requests a '/deployments[?].*watch=1' "$since" | jq -r .how | grep -c '^cut$' || true)
  at_least 15 "$cuts" 'streams that were cut within an event'
  figure "$cuts streams cut within an event, each change seen"
}
