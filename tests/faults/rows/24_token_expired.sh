# fault: the token is no longer good and its file unchanged for 40 s; then the file is empty for 20 s
# expected: what is known stays, no crash; 60 s to recover once there is a good one
# lane: quick
# takes: 150
. "$faults/rows/23_token_rotated.sh"
row() {
  proxy a
  bound_token one
  launch a
  within 90 'the operator is ready' ready a
  settled
  kubectl -n seaworthy delete secret bound-one >/dev/null
  sleep 12
  cut_connections
  sleep 28
  [ "$(page a | grep -c '^seaworthy_watch_phase{.*unauthenticated"} 1' || true)" != 0 ] || fail 'no watch says that it is not let in'
  : >"$work/a.files/token"
  sleep 20
  healthy a || fail 'not live'
  ready a || fail 'not ready any more'
  exports a || fail 'series went away'
  bound_token two
  begin=$(now_ms)
  recovers 65 'a good token'
  equal 0 "$(our_deletes)" 'deletions'
  figure "the next change seen $(seconds_of "$took") after a good token was in the file"
}
