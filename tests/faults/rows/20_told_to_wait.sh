# fault: watches are answered 429 with Retry-After: 7
# expected: 7 s at least until the next try, no list anew
# lane: quick
# takes: 45
row() {
  operator a
  sleep 11
  local relists since
  relists=$(total '^seaworthy_watch_relists_total')
  rule wait '{"match": "/deployments[?].*watch=1", "status": 429, "headers": {"Retry-After": "7"}, "body": "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"TooManyRequests\",\"code\":429,\"details\":{\"retryAfterSeconds\":7}}"}'
  since=$(now_ms)
  cut_connections '/deployments[?].*watch=1'
  within 35 'three tries' counted 3 '/deployments[?].*watch=1' "$since"
  local least
  least=$(requests a '/deployments[?].*watch=1' "$since" | jq -s '[.[].at] | [range(1; length) as $i | .[$i] - .[$i - 1]] | min')
  at_least 7000 "$least" 'between two tries, ms'
  unrule wait
  begin=$(now_ms)
  recovers 15 'the server takes watches again'
  sleep 10
  equal "$relists" "$(total '^seaworthy_watch_relists_total')" 'lists anew'
  figure "$(seconds_of "$least") at least between tries; the next change seen after $(seconds_of "$took")"
}
