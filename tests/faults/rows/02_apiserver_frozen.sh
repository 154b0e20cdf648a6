# fault: API server stopped (SIGSTOP) for 200 s: its kernel answers, it does not
# expected: a stream that had two bookmarks is cut after 160 s at most; live all the time; 35 s to recover
# lane: frozen
# takes: 480
row() {
  operator a
  # Bookmarks come about once a minute; a stream is held to them from the second on.
  within 240 'streams have had two bookmarks' two_bookmarks
  component apiserver STOP
  begin=$(now_ms)
  local stopped=$begin cut=''
  while [ $(($(now_ms) - stopped)) -lt 200000 ]; do
    healthy || fail 'not live while the API server is frozen'
    [ -n "$cut" ] || { total_reaches 1 '^seaworthy_watch_restarts_total[{].*reason="stalled"' && cut=$(($(now_ms) - stopped)); }
    sleep 1
  done
  exports a || fail 'series went away'
  [ -n "$cut" ] || fail 'no stream was found to be stalled in 200 s'
  # What counts the cuts is rendered every ten seconds; the limit is 150 s after the last byte, which may have come up to a minute before.
  at_most 170000 "$cut" 'until the first cut, ms'
  component apiserver CONT
  begin=$(now_ms)
  recovers 35 'the API server goes on'
  equal 0 "$(our_deletes)" 'deletions'
  figure "first stream cut after $(seconds_of "$cut"); the next change seen $(seconds_of "$took") after it went on"
}
two_bookmarks() { [ "$(page a | awk '/^seaworthy_watch_events_total[{].*type="bookmark"/ && $NF >= 3' | wc -l)" -gt 10 ]; }
