# fault: history compacted and the API server restarted while the operator was stopped: its versions are gone
# expected: one list anew a kind, no more
# lane: servers
# takes: 45
row() {
  operator a
  sleep 11
  local before
  before=$(page a | grep '^seaworthy_watch_relists_total' || true)
  kill -STOP "${pid[a]}"
  change
  local i
  for i in $(seq 1 20); do kubectl -n shop annotate deploy web touched="$i" --overwrite >/dev/null; done
  compact
  restart apiserver -9
  begin=$(now_ms)
  kill -CONT "${pid[a]}"
  within 60 'the change is seen' change_shows
  took=$(($(now_ms) - begin))
  sleep 15
  # Before the row no kind had been listed anew.
  [ -z "$(awk '$NF > 0' <<<"$before")" ] || fail "listed anew before the fault: $before"
  local kinds twice
  kinds=$(page a | awk '/^seaworthy_watch_relists_total/ && $NF > 0 {sub(/.*resource="/, ""); sub(/".*/, ""); print}' | sort | uniq -c | wc -l)
  twice=$(page a | awk '/^seaworthy_watch_relists_total/ {split($0, p, "\""); n[p[2]] += $NF; r[p[2]] += $NF} END {for (k in n) if (n[k] > 1) print k, n[k]}')
  at_least 1 "$kinds" 'kinds that were listed anew'
  [ -z "$twice" ] || fail "listed anew more than once: $twice"
  equal 0 "$(our_deletes)" 'deletions'
  figure "$kinds kinds listed anew, once each; the change seen after $(seconds_of "$took")"
}
