# fault: the token in its file replaced, and the old one revoked
# expected: no write is lost, 401 at most once a connection
# lane: quick
# takes: 60
row() {
  proxy a
  bound_token one
  launch a
  within 90 'the operator is ready' ready a
  settled
  local since refused
  bound_token two
  kubectl -n seaworthy delete secret bound-one >/dev/null
  since=$(now_ms)
  # The API server remembers for ten seconds that a token was good.
  sleep 12
  cut_connections
  begin=$(now_ms)
  recovers 15 'with the new token'
  settled
  refused=$(requests a '' "$since" | jq -r 'select(.status == 401) | .request' | wc -l)
  local connections
  connections=$(requests a watch=1 "$since" | wc -l)
  at_most "$connections" "$refused" 'requests refused'
  # A write that was refused is not repeated by the transport; the writer makes it again: what stands in the end is compared after the row.
  local writes
  writes=$(requests a 'PATCH' "$since" | jq -r 'select(.status == 401) | .request' | sort | uniq -d | wc -l)
  equal 0 "$writes" 'writes refused twice'
  figure "$refused requests of $connections connections refused once; the next change seen after $(seconds_of "$took")"
}
# Only then: the token is no longer good.
row_cleanup() { kubectl -n seaworthy delete secret bound-one bound-two --ignore-not-found >/dev/null; }
# bound_token NAME: one that is good only as long as its Secret is there, put in place in one move.
bound_token() {
  kubectl -n seaworthy create secret generic "bound-$1" >/dev/null 2>&1 || true
  kubectl -n seaworthy create token seaworthy --duration 1h --bound-object-kind Secret --bound-object-name "bound-$1" >"$work/token"
  mv "$work/token" "$work/a.files/token"
}
