# fault: every watch ends properly as soon as it is open, without an event, for five minutes
# expected: after two minutes at most 0.05 requests a second and kind
# lane: calm
# takes: 330
row() {
  operator a
  rule end '{"match": "watch=1", "status": 200, "body": ""}'
  cut_connections watch=1
  sleep 120
  local since kinds requests
  since=$(now_ms)
  sleep 150
  healthy || fail 'not live'
  kinds=$(requests a watch=1 "$since" | jq -r '.request | sub("\\?.*"; "")' | sort -u | wc -l)
  requests=$(count_requests watch=1 "$since")
  at_least 20 "$kinds" 'kinds that were tried again'
  local rate
  rate=$(awk -v n="$requests" -v k="$kinds" 'BEGIN {printf "%.3f", n / 150 / k}')
  at_most 0.05 "$rate" 'requests a second and kind'
  unrule end
  begin=$(now_ms)
  recovers 75 'the streams stay open'
  figure "$rate requests a second and kind over $kinds kinds; the next change seen after $(seconds_of "$took")"
}
