#!/usr/bin/env bash
# ./dev demo: a throwaway control plane, a small shop, the operator, and what it shows; then one bad Deployment is mended.
# SEAWORTHY_DEMO_KEEP=1 leaves everything running until Enter is pressed.
. "$(dirname "$0")/lib.sh"

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
run() {
  printf '\033[2m$ %s\033[0m\n' "$*"
  "$@"
}
[ -t 1 ] || {
  step() { printf '\n==> %s\n' "$*"; }
  run() {
    printf '$ %s\n' "$*"
    "$@"
  }
}

step 'A control plane of our own: etcd, kube-apiserver, controller-manager, scheduler, and nodes that kwok plays'
bed_up
kubectl get nodes
echo 'The custom resources and the operator'"'"'s permissions are applied from manifests/install.yaml.'

step 'A shop with good and bad workloads of all four kinds'
run kubectl apply --server-side -f "$root/samples/shop.yaml" 2>/dev/null | sed "s#$root/##"
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null

step 'The operator, under its own ServiceAccount'
start_operator --log-format text
cat "$work/operator.log"
within 30 'six WorkloadAudits' sh -c '[ "$(kubectl get wa -n shop -o name | wc -l)" = 6 ]'
within 30 'the ClusterAudit' kubectl get ca cluster

step 'What it says'
run kubectl get ca
echo
run kubectl get wa -A
echo
echo '$ curl -s .../metrics | grep -E "seaworthy_(workload_score|check_failing.*cart)"'
metrics | grep -E '^seaworthy_(workload_score|check_failing.*workload="cart".*verdict="fail")'

step 'cart is the worst Deployment; somebody mends it'
before=$(score shop cart)
echo "score of shop/Deployment/cart: $before"
cat >"$work/fix.yaml" <<'FIX'
spec:
  replicas: 2
  template:
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: cart}}}
      containers:
        - name: cart
          image: registry.example/shop/cart:2.3.1
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 128Mi}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          livenessProbe: {httpGet: {path: /live, port: 8080}, failureThreshold: 6}
          env: [{name: DB_PASSWORD, value: null, valueFrom: {secretKeyRef: {name: cart, key: password}}}]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
FIX
sed 's/^/    /' "$work/fix.yaml"
# Who asks /metrics without a pause sees the new score first; when the API server accepted the change stands in its audit log.
python3 - "$metrics_port" "$before" >"$work/seen" <<'WATCH' &
import sys, time, urllib.request
port, before = sys.argv[1], sys.argv[2]
end = time.time() + 20
while time.time() < end:
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    score = [l.rsplit(" ", 1)[1] for l in page.splitlines() if l.startswith('seaworthy_workload_score{namespace="shop",workload="cart"')]
    if score and score[0] != before:
        print(time.time(), score[0])
        break
WATCH
watcher=$!
sleep 0.3
run kubectl -n shop patch deploy cart --patch-file "$work/fix.yaml" | sed "s#$work/##"
wait "$watcher"
read -r seen after <"$work/seen" || fail 'the score did not change'
accepted=$(grep '"resource":"deployments","namespace":"shop","name":"cart"' "$AUDIT_LOG" | grep '"verb":"patch"' | tail -n 1 | jq -r .stageTimestamp)
delay=$(python3 -c 'import sys, datetime; t = datetime.datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")).timestamp(); print(f"{(float(sys.argv[2]) - t) * 1000:.1f}")' "$accepted" "$seen")
echo "score of shop/Deployment/cart: $before -> $after, in /metrics $delay ms after the API server had answered the patch"
within 20 'the WorkloadAudit follows' sh -c "[ \"\$(kubectl -n shop get wa deployment-cart -o jsonpath='{.status.score}')\" != '$before' ]"
kubectl -n shop rollout status deploy/cart --timeout=60s >/dev/null
sleep 6 # an object is written every 5 s at most
echo "and $(score shop cart) once the new pods had replaced the old ones:"
run kubectl -n shop get wa deployment-cart
echo
echo 'What is left to do, worst first:'
kubectl -n shop get wa deployment-cart -o json | jq -r '.status.findings[] | select(.severity != "info") | "  \(.verdict) \(.severity)\t\(.check): \(.message)"' | head -n 8

step 'The same engine on the manifest alone'
echo '$ seaworthy scan samples/shop.yaml | tail'
{ "$binary" scan "$root/samples/shop.yaml" 2>/dev/null || true; } | sed "s#$root/##" | tail -n 12

if [ -n "${SEAWORTHY_DEMO_KEEP:-}" ]; then
  step 'Everything is still running'
  printf 'export KUBECONFIG=%s\nexport PATH=%s:$PATH\nmetrics: http://127.0.0.1:%s/metrics\nEnter ends it. ' "$KUBECONFIG" "$TB_BIN" "$metrics_port"
  read -r _
fi
stop_operator
step "Done: the operator ended $stopped_ms ms after SIGTERM, the control plane is taken down"
