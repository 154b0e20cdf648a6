# fault: lists by pages; while the second page is held up, history is compacted and the API server restarted
# expected: the list begins anew; what only a part of the pages says is never shown
# lane: servers
# takes: 90
row() {
  local count=1200 lowest
  kubectl create namespace pages >/dev/null 2>&1 || true
  service_accounts $count pages
  proxy a
  # As a server that has no streaming lists.
  rule pages '{"match": "sendInitialEvents=true", "status": 422, "body": "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Invalid\",\"code\":422,\"message\":\"sendInitialEvents is forbidden\"}"}'
  launch a
  within 90 'the operator is ready' ready a
  within 30 'the accounts are shown' accounts_at_least $count
  counted 3 '/serviceaccounts[?].*limit=500' || fail 'it did not list by pages'
  # Now lose its version, so that it lists anew; the first page passes, the second is held up for as long as the outage.
  rule late '{"match": "/serviceaccounts[?].*continue=", "hold": true}'
  kubectl -n pages annotate sa a0 touched=1 --overwrite >/dev/null
  # Something else is written after it: a server that starts at the very version of the last account's write can resume a watch there.
  kubectl annotate namespace pages touched=1 --overwrite >/dev/null
  compact
  local since
  since=$(now_ms)
  restart apiserver -9
  within 60 'the second page is asked for' counted 1 '/serviceaccounts[?].*continue=' "$since"
  kubectl -n pages annotate sa a0 touched=2 --overwrite >/dev/null
  compact
  restart apiserver -9
  unrule late
  lowest=$count
  local until=$((SECONDS + 45))
  while [ "$SECONDS" -lt "$until" ]; do
    local shown
    shown=$(accounts)
    [ -z "$shown" ] || [ "$shown" -ge "$lowest" ] || lowest=$shown
    sleep 0.5
  done
  at_least $count "$lowest" 'accounts shown while it listed'
  # Asked for at least twice from the beginning: the first list came to nothing.
  local lists gone
  lists=$(requests a '/serviceaccounts[?].*limit=500' "$since" | jq -r 'select(.request | contains("continue=") | not) | .status' | grep -c 200 || true)
  gone=$(requests a '/serviceaccounts[?].*continue=' "$since" | jq -r .status | grep -c 410 || true)
  at_least 1 "$gone" 'second pages answered 410'
  at_least 2 "$lists" 'lists begun'
  kubectl delete namespace pages --wait=false >/dev/null
  within 60 'the accounts are gone' accounts_below 100
  figure "$gone pages were 410, $lists lists begun; never fewer than $lowest of $count shown"
}
accounts() { page a | awk '/^seaworthy_watch_objects[{]resource="serviceaccounts"/ {print $NF}'; }
accounts_at_least() { [ "$(accounts)" -ge "$1" ]; }
accounts_below() { [ "$(accounts)" -lt "$1" ]; }
