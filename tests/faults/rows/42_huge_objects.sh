# fault: a Deployment of 1.2 MiB, all `<`, six times as much on the wire; an object nested 4,000 deep
# expected: read, or said to be unreadable; others unaffected; 64 MiB more memory at most
# also: tests/api and tests/cache have hostile objects of every kind
# lane: quick
# takes: 60
row() {
  operator a
  settled
  local memory most
  memory=$(resident)
  python3 - >"$work/huge.json" <<'P'
import json
print(json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "huge", "namespace": "shop"}, "spec": {"replicas": 0,
    "selector": {"matchLabels": {"app": "huge"}}, "template": {"metadata": {"labels": {"app": "huge"}}, "spec": {"containers": [
        {"name": "app", "image": "registry.example/shop/huge:latest", "env": [{"name": "A", "value": "<" * 1_200_000}]}]}}}}))
P
  kubectl create --raw /apis/apps/v1/namespaces/shop/deployments -f "$work/huge.json" >/dev/null
  loose_crd monitoring.coreos.com v1 ServiceMonitor servicemonitors | kubectl apply -f - >/dev/null
  kubectl wait --for=condition=Established crd/servicemonitors.monitoring.coreos.com --timeout=30s >/dev/null
  python3 -c 'print("{\"apiVersion\":\"monitoring.coreos.com/v1\",\"kind\":\"ServiceMonitor\",\"metadata\":{\"name\":\"deep\",\"namespace\":\"shop\"},\"spec\":{\"selector\":{},\"endpoints\":[]},\"x\":" + "[" * 4000 + "]" * 4000 + "}")' >"$work/deep.json"
  kubectl create --raw /apis/monitoring.coreos.com/v1/namespaces/shop/servicemonitors -f "$work/deep.json" >/dev/null
  within 20 'the huge one is judged or unreadable' told_of_huge
  local told
  told=$(use a; failing shop huge image-tag && echo judged || echo unreadable)
  within 40 'the deep one is unreadable' total_reaches 1 '^seaworthy_watch_unreadable_objects[{]resource="servicemonitors"'
  most=$(($(resident) - memory))
  at_most 65536 "$most" 'memory more, KiB'
  begin=$(now_ms)
  recovers 10 'others'
  kubectl -n shop delete deployment huge >/dev/null
  kubectl delete crd servicemonitors.monitoring.coreos.com >/dev/null
  sleep 5
  figure "the huge one $told, the deep one unreadable; $((most / 1024)) MiB more"
}
told_of_huge() { (use a; failing shop huge image-tag) || total_reaches 1 '^seaworthy_watch_unreadable_objects[{]resource="deployments"'; }
