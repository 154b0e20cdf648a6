# fault: 302 to another host, for everything
# expected: an error; the other host sees neither token nor request
# lane: quick
# takes: 40
# guard: yes
row() {
  operator a
  settled
  proxy trap
  local since
  rule away "{\"match\": \".*\", \"status\": 302, \"headers\": {\"Location\": \"https://${address_of[trap]}/\"}}"
  since=$(now_ms)
  cut_connections
  sleep 12
  at_least 10 "$(count_requests '' "$since")" 'requests that were redirected'
  equal 0 "$(count_requests '' 0 trap)" 'requests at the other host'
  equal 0 "$(control trap GET /handshakes | jq '.done + .failed')" 'connections to the other host'
  local redirected
  redirected=$(count_requests '' "$since")
  unrule away
  begin=$(now_ms)
  recovers 75 'no redirect'
  figure "$redirected requests redirected, 0 followed"
}
