# fault: 1,000 Deployments changed at once
# expected: writes within the budget of 20/s (burst 40) and 5 %; p99 from event to metric 5 s at most
# lane: bulk
# takes: 150
row() {
  operator_over_bulk
  local at
  at=$(audit_now)
  page a | grep '^seaworthy_change_to_metric_seconds_bucket' >"$work/before"
  begin=$(now_ms)
  bulk 1000 bulk latest
  within 30 'all are seen' all_fail
  took=$(($(now_ms) - begin))
  page a | grep '^seaworthy_change_to_metric_seconds_bucket' >"$work/after"
  settled
  local p99 most writes
  p99=$(p99_between "$work/before" "$work/after")
  at_most 5 "$p99" 'p99 from event to metric, s'
  most=$(tail -c "+$((at + 1))" "$AUDIT_LOG" | grep audit.seaworthy.dev | jq -r 'select(.user.username == "system:serviceaccount:seaworthy:seaworthy" and .verb == "patch") | .requestReceivedTimestamp | sub("[.].*"; "Z") | fromdate' |
    sort -n | uniq -c | awk '{n[$2] = $1; last = $2; if (!first) first = $2} END {for (t = first; t <= last; t++) {sum += n[t]; if (t >= first + 10) sum -= n[t - 10]; if (sum > most) most = sum} print most}')
  writes=$(our_writes "$at")
  at_most 252 "$most" 'writes in ten seconds' # (10 x 20 + 40) and 5 %
  at_least 1000 "$writes" 'writes'
  bulk 1000 bulk 1.0.0
  settled
  figure "all seen $(seconds_of "$took") after the first was sent, p99 from event to metric <= $p99 s; $most writes in the busiest ten seconds"
}
all_fail() { [ "$(page a | grep -c '^seaworthy_check_failing{namespace="bulk".*check="image-tag"')" = 1000 ]; }
