# fault: the operator is started anew against the API server that lags
# expected: what is shown and written is never older than before
# lane: second
# takes: 60
. "$faults/rows/09_server_that_lags.sh"
row() {
  second_server_lags
  settled
  local before
  before=$(audit_now)
  control a PUT /upstream "https://127.0.0.1:$second_port"
  stop a KILL
  launch a
  local until=$((SECONDS + 20)) was=no
  while [ "$SECONDS" -lt "$until" ]; do
    if exports a; then
      was=yes
      change_shows || fail 'it shows what the second server knew before'
    fi
    sleep 0.3
  done
  kill -CONT "$relay"
  begin=$(now_ms)
  within 60 'the operator is ready' ready a
  recovers 15 'the link moves again'
  equal 0 "$(our_deletes)" 'deletions'
  figure "in 20 s of a stale server: exported $was, and nothing older; the next change seen $(seconds_of "$took") after the link moved"
}
