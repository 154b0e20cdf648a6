# fault: every event of Deployments and pods comes four times; and events come again behind newer ones
# expected: nothing is evaluated for an event that is known; an older one after a newer makes one list anew
# lane: quick
# takes: 80
row() {
  operator a
  settled
  local once four
  six_changes
  once=$added
  rule dup '{"match": "/(deployments|pods|replicasets)[?].*watch=1", "duplicate": 3}'
  settled
  six_changes
  four=$added
  unrule dup
  at_least 1 "$once" 'evaluations queued for six changes'
  # Pods that come and go differ from run to run; four times the events would show.
  at_most $((once * 15 / 10)) "$four" 'evaluations queued with every event four times'
  local relists
  relists=$(total '^seaworthy_watch_relists_total[{].*deployments.*version_regression')
  rule again '{"match": "/deployments[?].*watch=1", "replay": true}'
  for i in 1 2 3 4; do change; sleep 0.2; done
  within 60 'the list anew' total_reaches $((relists + 1)) '^seaworthy_watch_relists_total[{].*deployments.*version_regression'
  unrule again
  begin=$(now_ms)
  recovers 70 'events come in order again'
  figure "$once evaluations queued for six changes, $four with each event four times; an old event: a list anew"
}
six_changes() { # sets added: the evaluations queued for them
  local i before
  sleep 11
  before=$(total '^workqueue_adds_total')
  for i in 1 2 3 4 5 6; do change; sleep 1; done
  within 20 'the last change is seen' change_shows
  sleep 21
  added=$(($(total '^workqueue_adds_total') - before))
}
