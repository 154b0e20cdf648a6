# fault: the operator's clock jumps two hours ahead, two back, and ten minutes ahead (libfaketime, wall clock alone)
# expected: the lease is not touched by it; no verdict that depends on age turns
# lane: quick
# takes: 120
row() {
  local library
  library=$("$faults/faketime.sh")
  proxy a
  echo '+0' >"$work/clock"
  launcher=(env "LD_PRELOAD=$library" "FAKETIME_TIMESTAMP_FILE=$work/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1)
  launch a
  launcher=()
  within 90 'the operator is ready' ready a
  settled
  local before jump at until
  before=$(verdicts_of_all)
  at=$(audit_now)
  for jump in +7200 -7200 +600; do
    echo "$jump" >"$work/clock"
    until=$((SECONDS + 25))
    while [ "$SECONDS" -lt "$until" ]; do leads a || fail "it does not lead after a jump of $jump s"; sleep 0.5; done
    [ "$(verdicts_of_all)" = "$before" ] || { diff <(echo "$before") <(verdicts_of_all) | head >&2 || true; fail "verdicts turned after a jump of $jump s"; }
    begin=$(now_ms)
    recovers 10 "after a jump of $jump s"
    change
    within 10 'and back' change_shows
  done
  equal 1 "$(tail -c "+$((at + 1))" "$AUDIT_LOG" | grep '"leases"' | jq -r 'select(.user.username == "system:serviceaccount:seaworthy:seaworthy") | .requestObject.spec.holderIdentity // empty' | sort -u | wc -l)" 'holders of the lease'
  echo '+0' >"$work/clock"
  sleep 15
  figure 'led on, no verdict turned, changes seen after each jump'
}
verdicts_of_all() { curl -sf "http://localhost:${report_of[a]}/report.json" | jq -r '.workloads[] | .name as $w | .findings[] | select(.check != "image-tag") | $w + " " + .check + " " + .verdict' | grep -v '^cart ' | sort; }
