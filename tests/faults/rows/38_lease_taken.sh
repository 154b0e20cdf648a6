# fault: replies to renewals of the lease lost after the API server has done them; the lease deleted; the lease taken by hand
# expected: no demotion over its own write or a lease that is not there; demotion at another's name, and back when that has run out
# lane: leaders
# takes: 90
row() {
  operator a
  within 20 'a leads' leads a
  settled
  rule lose '{"match": "PUT .*/leases/", "lose": true, "times": 3}'
  local until=$((SECONDS + 15))
  while [ "$SECONDS" -lt "$until" ]; do leads a || fail 'a took its own write for another'"'"'s'; sleep 0.2; done
  local lost
  lost=$(requests a 'PUT .*/leases/' | jq -r .how | grep -c lost || true)
  at_least 2 "$lost" 'replies lost'
  unrule lose
  kubectl delete lease -n seaworthy seaworthy >/dev/null
  until=$((SECONDS + 8))
  while [ "$SECONDS" -lt "$until" ]; do leads a || fail 'a gave up a lease that nobody took'; sleep 0.2; done
  [ "$(kubectl get lease -n seaworthy seaworthy -o 'jsonpath={.spec.holderIdentity}')" = a ] || fail 'the lease was not made again'
  kubectl patch lease -n seaworthy seaworthy --type merge -p '{"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 5}}' >/dev/null
  begin=$(now_ms)
  within 10 'a leads no more' not leads a
  took=$(($(now_ms) - begin))
  within 30 'a leads again once that lease has run out' leads a
  figure "$lost replies lost and the lease deleted: it led on; taken by hand: it led no more after $(seconds_of "$took")"
}
