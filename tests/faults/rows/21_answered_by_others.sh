# fault: somebody else answers watches: 503, a 502 in HTML, a 200 in HTML, for 10 s each
# expected: none of it is parsed, no list anew, backoff
# lane: quick
# takes: 70
row() {
  operator a
  sleep 11
  local relists since worst=0 answer
  relists=$(total '^seaworthy_watch_relists_total')
  for answer in '"status": 503, "body": "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":503}"' \
    '"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<html><body>Bad Gateway</body></html>"' \
    '"status": 200, "headers": {"Content-Type": "text/html"}, "body": "<html>{\"type\":\"DELETED\",\"object\":{}}</html>"'; do
    rule other "{\"match\": \"watch=1\", $answer}"
    since=$(now_ms)
    cut_connections watch=1
    sleep 10
    local most
    most=$(requests a watch=1 "$since" | jq -r '.request | sub("\\?.*"; "")' | sort | uniq -c | sort -rn | awk 'NR == 1 {print $1}')
    at_most 8 "${most:-0}" 'tries of one kind in 10 s'
    at_least 1 "${most:-0}" 'tries of one kind in 10 s'
    [ "$most" -le "$worst" ] || worst=$most
    unrule other
    begin=$(now_ms)
    recovers 75 'the API server itself answers'
  done
  sleep 10
  exports a || fail 'series went away'
  equal "$relists" "$(total '^seaworthy_watch_relists_total')" 'lists anew'
  figure "$worst tries of a kind in 10 s at most; the next change seen after $(seconds_of "$took")"
}
