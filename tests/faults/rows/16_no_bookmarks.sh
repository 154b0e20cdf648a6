# fault: bookmarks are suppressed, and nothing changes, for 15 minutes
# expected: no stream is taken for dead; watches that end resume at versions 15 minutes old, without a list anew
# lane: without_bookmarks
# takes: 960
row() {
  proxy a
  # Those that end the first list are not optional.
  rule none '{"match": "watch=1.*[&?]resourceVersion=", "drop": ["BOOKMARK"]}'
  launch a
  within 90 'the operator is ready' ready a
  # The streams that brought the first lists are exempt: replaced by ones without.
  cut_connections watch=1
  settled
  sleep 12
  local since relists stalled ended
  since=$(now_ms)
  relists=$(total '^seaworthy_watch_relists_total')
  sleep 840
  stalled=$(total '^seaworthy_watch_restarts_total[{].*reason="(stalled|probe)"')
  equal 0 "$stalled" 'streams taken for dead'
  equal "$relists" "$(total '^seaworthy_watch_relists_total')" 'lists anew'
  ended=$(count_requests watch=1 "$since")
  at_least 20 "$ended" 'watches that were opened anew'
  begin=$(now_ms)
  recovers 10 'after 15 minutes without a bookmark'
  figure "$ended watches resumed at old versions, 0 taken for dead, 0 lists anew"
}
