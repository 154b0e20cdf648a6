# fault: watches of Deployments end with an ERROR event of code 500, again and again
# expected: resumed twice, the third time a list anew; then a try in 30 to 60 s
# lane: calm
# takes: 270
row() {
  operator a
  sleep 11
  rule error '{"match": "/deployments[?].*watch=1.*[&?]resourceVersion=", "status": 200, "body": "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"etcd went away\",\"reason\":\"InternalError\",\"code\":500}}\n"}'
  local since
  since=$(now_ms)
  cut_connections '/deployments[?].*watch=1'
  within 60 'a list anew' counted 1 '/deployments[?].*sendInitialEvents=true' "$since"
  local before
  before=$(requests a '/deployments[?].*watch=1' "$since" | jq -s '[.[] | select(.request | contains("sendInitialEvents"))][0].at as $at | [.[] | select(.at < $at)] | length')
  at_least 3 "$before" 'tries before the list anew'
  # The stream of that list goes on by itself: it has to be cut for the next error.
  local round
  for round in 1 2 3 4 5 6; do cut_connections '/deployments[?].*sendInitialEvents'; sleep 30; done
  # From an error to what it led to, in the end: what a cut ended is no part of that.
  local gap
  gap=$(requests a '/deployments[?].*watch=1' "$((since + 60000))" |
    jq -s '[range(1; length) as $i | select(.[$i - 1].how == "answered") | .[$i].at - .[$i - 1].ended] | max // 0')
  at_least 10000 "$gap" 'from an error to the next try in the end, ms'
  unrule error
  begin=$(now_ms)
  recovers 75 'streams without errors'
  figure "$before tries, then a list anew; up to $(seconds_of "$gap") from an error to the next try in the end"
}
