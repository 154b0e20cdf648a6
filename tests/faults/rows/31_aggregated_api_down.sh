# fault: an APIService whose service does not answer
# expected: other kinds unaffected, nothing removed
# lane: quick
# takes: 50
row() {
  operator a
  settled
  kubectl apply -f - >/dev/null <<'K'
apiVersion: v1
kind: Service
metadata: {name: dead, namespace: default}
spec: {ports: [{port: 443}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: dead, namespace: default}}
K
  local kinds after
  kinds=$(live_kinds)
  # Discovery is asked for again when a collection is not found, on a CRD's change and every ten minutes.
  loose_crd example.com v1 Nudge nudges | kubectl create -f - >/dev/null
  sleep 15
  begin=$(now_ms)
  recovers 10 'with a dead aggregated API'
  after=$(live_kinds)
  equal "$kinds" "$after" 'kinds that are watched'
  equal 0 "$(our_deletes)" 'deletions'
  kubectl delete apiservice v1beta1.metrics.k8s.io >/dev/null
  kubectl delete service dead >/dev/null
  kubectl delete crd nudges.example.com >/dev/null
  figure "$after kinds watched all the time; the next change seen after $(seconds_of "$took")"
}
live_kinds() { curl -sf "http://127.0.0.1:${health_of[a]}/readyz?verbose" | grep -c ' live$'; }
