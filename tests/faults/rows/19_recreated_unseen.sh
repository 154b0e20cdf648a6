# fault: a Deployment deleted and created again under its name while the operator is cut off
# expected: taken for another one; its old report is replaced
# lane: quick
# takes: 50
# guard: yes
row() {
  operator a
  kubectl -n shop create deployment twin --image=registry.example/shop/twin:latest >/dev/null
  within 15 'its report' report_of_uid "$(uid_of)"
  settled
  local old
  old=$(uid_of)
  control a PUT /listening off
  cut_connections
  kubectl -n shop delete deployment twin >/dev/null
  kubectl -n shop create deployment twin --image=registry.example/shop/twin:1.0.0 >/dev/null
  [ "$(uid_of)" != "$old" ] || fail 'it is the same'
  control a PUT /listening on
  begin=$(now_ms)
  within 75 'the new one is judged' not failing_image
  took=$(($(now_ms) - begin))
  within 20 'the report is about the new one' report_of_uid "$(uid_of)"
  kubectl -n shop delete deployment twin >/dev/null
  within 20 'its report goes with it' not kubectl -n shop get wa deployment-twin
  figure "judged anew $(seconds_of "$took") after the connection was back, its report replaced"
}
uid_of() { kubectl -n shop get deployment twin -o 'jsonpath={.metadata.uid}'; }
report_of_uid() { [ "$(kubectl -n shop get wa deployment-twin -o 'jsonpath={.status.subject.uid}')" = "$1" ]; }
failing_image() { use a; failing shop twin image-tag; }
