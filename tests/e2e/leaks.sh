#!/usr/bin/env bash
# No credential leaves the operator: planted words in env, args, commands of hooks, annotations (kubectl's own among them), URLs and probe headers, and the
# operator's own token, are looked for in its logs (at debug level), /metrics, the report page and its data, everything that it wrote, its events, and
# scan's output in every format. That decoded objects hold none is tests/cache/decode_canary_test.cc.
. "$(dirname "$0")/lib.sh"

plants=(pl4nted-env-9f2 pl4nted-arg-9f2 pl4nted-annotation-9f2 pl4nted-url-9f2 pl4nted-header-9f2 pl4nted-init-9f2 pl4nted-cron-9f2 AKIAPL4NTED9F2EXAMPL ghp_pl4nted9f2pl4nted9f2pl4nted9f2pl4n)
cat >"$work/leaky.yaml" <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: leaky
  namespace: shop
  annotations:
    example.com/token: pl4nted-annotation-9f2
    kubectl.kubernetes.io/last-applied-configuration: '{"spec":{"env":[{"name":"DB_PASSWORD","value":"pl4nted-env-9f2"}]}}'
spec:
  replicas: 1
  selector: {matchLabels: {app: leaky}}
  template:
    metadata:
      labels: {app: leaky}
      annotations: {example.com/api-key: pl4nted-annotation-9f2}
    spec:
      initContainers:
        - name: init
          image: registry.example/shop/leaky:1.0.0
          command: [sh, -c, 'curl -H "Authorization: Bearer pl4nted-init-9f2" http://db']
          env: [{name: AWS_ACCESS_KEY_ID, value: AKIAPL4NTED9F2EXAMPL}]
      containers:
        - name: app
          image: registry.example/shop/leaky:1.0.0
          args: [--password=pl4nted-arg-9f2, --token, ghp_pl4nted9f2pl4nted9f2pl4nted9f2pl4n]
          env:
            - {name: DB_PASSWORD, value: pl4nted-env-9f2}
            - {name: DATABASE_URL, value: 'postgres://shop:pl4nted-url-9f2@db:5432/shop'}
          livenessProbe:
            httpGet: {path: '/?key=pl4nted-url-9f2', port: 8080, httpHeaders: [{name: Authorization, value: pl4nted-header-9f2}]}
          lifecycle: {preStop: {exec: {command: [sh, -c, 'logout pl4nted-arg-9f2']}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: leaky, namespace: shop}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - {name: job, image: 'registry.example/shop/job:1', env: [{name: SECRET_KEY, value: pl4nted-cron-9f2}], args: ['mysqldump -ppl4nted-cron-9f2']}
YAML
bed_up
kubectl create namespace shop >/dev/null
kubectl apply -f "$work/leaky.yaml" >/dev/null
kubectl -n shop rollout status deploy/leaky --timeout=60s >/dev/null
start_operator --log-level debug
within 30 'the plain secrets are found' failing shop leaky no-plain-secrets
within 30 'the CronJob is audited' sh -c "curl -sf http://127.0.0.1:$metrics_port/metrics | grep -c 'workload=\"leaky\",workload_type=\"cronjob\"'"
# Something turns, so that there is an event; and a custom check that reads values.
kubectl apply -f - >/dev/null <<'YAML'
apiVersion: audit.seaworthy.dev/v1alpha1
kind: AuditPolicy
metadata: {name: own}
spec:
  customChecks:
    - id: custom-no-env-values
      section: security
      kinds: [Deployment]
      expression: "!object.spec.template.spec.containers.exists(c, has(c.env) && c.env.exists(e, has(e.value) && e.value.contains('9f2')))"
      message: an env value is set
      severity: low
YAML
kubectl -n shop set image deploy/leaky app=registry.example/shop/leaky:latest >/dev/null
within 30 'the change is seen' failing shop leaky image-tag
quiet
found=0
look() { # WHAT FILE
  local plant
  [ -s "$2" ] || fail "$1: nothing to look at"
  for plant in "${plants[@]}" "$token"; do
    if [ "$(grep -c -F -- "$plant" "$2")" != 0 ]; then
      found=1
      printf 'FAIL  %s holds %s\n' "$1" "${plant:0:24}" >&2
    fi
  done
}
token=$(cat "$state/serviceaccounts/seaworthy-seaworthy/token")
# The plants are where they are looked for: else nothing would be found, ever.
kubectl -n shop get deploy,cronjob leaky -o yaml >"$work/object"
for plant in "${plants[@]}"; do grep -c -F "$plant" "$work/object" >/dev/null || fail "$plant is not planted"; done
metrics >"$work/out.metrics"
look /metrics "$work/out.metrics"
curl -sf "http://localhost:$report_port/" >"$work/out.page"
look 'the page' "$work/out.page"
curl -sf "http://localhost:$report_port/report.json" >"$work/out.report"
look /report.json "$work/out.report"
curl -s "http://127.0.0.1:$health_port/readyz?verbose" >"$work/out.ready"
look /readyz "$work/out.ready"
kubectl get wa,nsa,ca,auditpolicies -A -o json >"$work/out.audits"
look 'the audits' "$work/out.audits"
kubectl get events.events.k8s.io -A -o json | jq '.items[] | select(.reportingController | contains("seaworthy"))' >"$work/out.events"
look 'the events' "$work/out.events"
grep '"username":"system:serviceaccount:seaworthy:seaworthy"' "$AUDIT_LOG" >"$work/out.requests"
look 'its requests' "$work/out.requests"
look 'the log' "$work/operator.log"
for format in text json sarif junit github markdown html; do
  { "$binary" scan "$work/leaky.yaml" -o "$format" || true; } >"$work/out.scan" 2>&1
  look "scan -o $format" "$work/out.scan"
done
{ "$binary" scan --cluster --kubeconfig "$operator_kubeconfig" -o json || true; } >"$work/out.scan" 2>&1
look 'scan --cluster' "$work/out.scan"
[ "$found" = 0 ] || fail 'a credential leaves the operator'
ok "$((${#plants[@]} + 1)) planted words are in none of its outputs"
