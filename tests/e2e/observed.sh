#!/usr/bin/env bash
# What only a watch sees, on a real control plane: rollouts that keep availability and that do not, pods that are lost, containers that will not
# stop, a drain that a budget blocks, an edit by hand, a CronJob that stops succeeding. Each verdict comes in the right words, outlives a restart
# of the operator, and is undone when what it is about is mended.
. "$(dirname "$0")/lib.sh"

# kwok's own life of pods, and one in which containers end as the annotation says before the pod goes.
programs=${SEAWORTHY_TESTBED_BIN:-$("$root/tests/testbed/build.sh" 2>/dev/null | tail -n 1)}
awk -v RS='---\n' -v ORS='---\n' '!/name: pod-delete/' "$programs/../stages.yaml" >"$work/stages.yaml"
cat >>"$work/stages.yaml" <<'K'
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-stop}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
    - {key: '.metadata.annotations["test/exit-code"]', operator: Exists}
    - {key: .status.phase, operator: In, values: [Running]}
  next:
    statusTemplate: |
      {{ $root := . }}
      containerStatuses:
      {{ range .spec.containers }}
      - {name: {{ .name | Quote }}, image: {{ .image | Quote }}, ready: false, restartCount: 0, state: {terminated: {exitCode: {{ index $root.metadata.annotations "test/exit-code" }}, reason: Error, finishedAt: {{ Now | Quote }}}}}
      {{ end }}
      phase: Failed
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-delete}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
    - {key: '.metadata.annotations["test/exit-code"]', operator: DoesNotExist}
  next: {delete: true}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-delete-stopped}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
    - {key: '.metadata.annotations["test/exit-code"]', operator: Exists}
    - {key: .status.phase, operator: NotIn, values: [Running]}
  next: {delete: true}
K
export TB_STAGES=$work/stages.yaml
bed_up

deployment() { # NAME REPLICAS STRATEGY [ANNOTATION of the pods]
  cat <<K
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: shop}
spec:
  replicas: $2
  selector: {matchLabels: {app: $1}}
  strategy: $3
  template:
    metadata: {labels: {app: $1}, annotations: {${4:-}}}
    spec: {containers: [{name: app, image: "registry.example/shop/$1:1"}]}
K
}
service() {
  cat <<K
---
apiVersion: v1
kind: Service
metadata: {name: $1, namespace: shop}
spec: {selector: {app: $1}, ports: [{port: 80, targetPort: 8080}]}
K
}
surge='{rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}'
{
  printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
  deployment keeps 3 "$surge"
  service keeps
  deployment falls 2 '{type: Recreate}'
  service falls
  deployment single 1 "$surge"
  deployment stubborn 2 "$surge" 'test/exit-code: "137"'
  deployment drained 2 "$surge"
  cat <<'K'
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: drained, namespace: shop}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: drained}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick, namespace: shop}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: "registry.example/shop/tick:1"}]}}}}
---
apiVersion: audit.seaworthy.dev/v1alpha1
kind: AuditPolicy
metadata: {name: quick}
spec: {params: {cron-last-success: {graceMinutes: 0.2}}}
K
} >"$work/shop.yaml"
# The holds of 10 minutes begin with the workload's creation and are not this test's: what is asked here says itself when it is due.
kubectl apply --server-side -f "$work/shop.yaml" >/dev/null
for name in keeps falls single stubborn drained; do kubectl -n shop rollout status "deploy/$name" --timeout=60s >/dev/null; done
endpoints() { kubectl -n shop get endpointslices -l "kubernetes.io/service-name=$1" -o json | jq '[.items[].endpoints[]? | select(.conditions.ready)] | length'; }
has_endpoints() { [ "$(endpoints "$1")" = "$2" ]; }
within 30 'endpoints of keeps' has_endpoints keeps 3
within 30 'endpoints of falls' has_endpoints falls 2
start_operator

# found KIND/NAME CHECK: "VERDICT: message" as the report has it.
found() {
  curl -sf "http://localhost:$report_port/report.json" |
    jq -r --arg kind "${1%/*}" --arg name "${1#*/}" --arg check "$2" \
      '.workloads[] | select(.namespace == "shop" and .kind == $kind and .name == $name) | .findings[] | select(.check == $check) | .verdict + ": " + (.message // "")'
}
says() { found "$1" "$2" | grep -qE "^$3"; } # KIND/NAME CHECK REGEX
expect() { # SECONDS KIND/NAME CHECK REGEX
  local begin
  begin=$(now_ms)
  until says "$2" "$3" "$4"; do
    [ $(($(now_ms) - begin)) -lt $(($1 * 1000)) ] || fail "$2 $3: not within $1 s: $4; it says: $(found "$2" "$3")"
    sleep 0.2
  done
  ok "$2 $3: $(found "$2" "$3" | cut -c 1-160)"
}
settled() { kubectl -n shop rollout status "deploy/$1" --timeout=60s >/dev/null; }
release() { # NAME: another image, and wait
  kubectl -n shop set image "deploy/$1" "app=registry.example/shop/$1:$RANDOM" >/dev/null
  settled "$1"
}

for check in rollout-kept-available pod-loss-survived graceful-stop-observed deployed-by-pipeline; do
  expect 10 Deployment/keeps "$check" 'unknown: '
done

# --- a rollout that keeps availability, and one that does not, until it is mended
release keeps
expect 20 Deployment/keeps rollout-kept-available 'pass: ready endpoints never fell under 3 during revision 2, which ended on 20'
release falls
expect 20 Deployment/falls rollout-kept-available 'fail: ready endpoints fell to 0 on 20.* during revision 2, wanted at least 1 \(2 ready when it began, 2 desired, 2 may be gone at a time\)'
within 5 'metrics say so' failing shop falls rollout-kept-available

# --- a pod that is deleted: others stay, or none does
victim() { kubectl -n shop get pods -l "app=$1" -o jsonpath='{.items[0].metadata.name}'; }
kubectl -n shop delete pod "$(victim keeps)" --wait=false >/dev/null
expect 20 Deployment/keeps pod-loss-survived 'pass: a ready pod went away on 20.*, at least 2 stayed ready, and it was replaced within [0-9]+ s$'
kubectl -n shop delete pod "$(victim single)" --wait=false >/dev/null
expect 20 Deployment/single pod-loss-survived 'fail: a ready pod went away on 20.* and no other was ready$'
kubectl -n shop scale deploy/falls --replicas=1 >/dev/null
settled falls
expect 10 Deployment/falls pod-loss-survived 'unknown: no ready pod has been seen to go away'
kubectl -n shop scale deploy/falls --replicas=2 >/dev/null
settled falls

# --- containers that do not stop when they are asked to
release stubborn
expect 20 Deployment/stubborn graceful-stop-observed 'fail: most of its containers that were asked to stop ended with exit code 137'

# --- a drain that a budget blocks loses no pod
node=$(kubectl -n shop get pods -l app=drained -o jsonpath='{.items[0].spec.nodeName}')
! kubectl drain "$node" --pod-selector=app=drained --force --timeout=4s >"$work/drain.log" 2>&1 || fail 'the budget blocked nothing'
grep -q 'Cannot evict pod' "$work/drain.log" || fail "the drain failed otherwise: $(tail -n 1 "$work/drain.log")"
expect 10 Deployment/drained pdb-sensible 'fail: .*(blocks|evict|drain)'
expect 10 Deployment/drained pod-loss-survived 'unknown: no ready pod has been seen to go away'

# --- an edit by hand
KUBE_EDITOR="sed -i s,shop/single:1,shop/single:9," kubectl -n shop edit deploy/single >/dev/null
settled single
expect 10 Deployment/single deployed-by-pipeline 'fail: the template was last changed by manager kubectl-edit \(a manager.s name is chosen by the client\)'
expect 10 Deployment/single manual-change 'warn: the template was changed on 20.* by manager kubectl-edit'
within 10 'and the counter counts it' sh -c "curl -sf http://127.0.0.1:$metrics_port/metrics | grep -q '^seaworthy_manual_changes_total{.*workload=\"single\".*} 1'"

# --- all of it outlives a restart, which writes nothing
verdicts() {
  for one in keeps/rollout-kept-available falls/rollout-kept-available keeps/pod-loss-survived single/pod-loss-survived \
    stubborn/graceful-stop-observed drained/pdb-sensible single/deployed-by-pipeline single/manual-change; do
    printf '%s %s\n' "$one" "$(found "Deployment/${one%/*}" "${one#*/}")"
  done
}
suspended() { kubectl -n shop patch cronjob tick -p "{\"spec\":{\"suspend\":$1}}" >/dev/null; }
suspended true
within 90 'no run of tick is under way' sh -c '! kubectl -n shop get jobs -o json | jq -e ".items[] | select(.status.active)"'
verdicts >"$work/before"
sleep 6
quiet
wrote=$(writes)
stop_operator
start_operator
verdicts >"$work/after"
diff "$work/before" "$work/after" >&2 || fail 'a restart changed what was observed'
sleep 6
[ "$(writes)" = "$wrote" ] || { last_writes >&2; fail "a restart wrote $(($(writes) - wrote)) times"; }
ok 'a restart keeps what was observed, word by word, and writes nothing'
within 10 'the live report equals a fresh scan --cluster' reports_agree
ok 'a fresh scan --cluster reads it from the WorkloadAudits'

# --- and each is undone when it is mended
kubectl -n shop patch deploy/falls --type=json -p '[{"op": "replace", "path": "/spec/strategy", "value": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}}]' >/dev/null
release falls
expect 20 Deployment/falls rollout-kept-available 'pass: ready endpoints never fell under 2 during revision 3'
kubectl -n shop scale deploy/single --replicas=2 >/dev/null
settled single
kubectl -n shop delete pod "$(victim single)" --wait=false >/dev/null
expect 20 Deployment/single pod-loss-survived 'pass: a ready pod went away on 20.*, at least 1 stayed ready'
kubectl -n shop patch deploy/stubborn --type=json -p '[{"op": "replace", "path": "/spec/template/metadata/annotations/test~1exit-code", "value": "0"}]' >/dev/null
settled stubborn
for _ in 1 2 3; do
  sleep 1 # kubectl refuses two of them within a second
  kubectl -n shop rollout restart deploy/stubborn >/dev/null
  settled stubborn
done
expect 20 Deployment/stubborn graceful-stop-observed 'pass: '
kubectl -n shop patch pdb drained -p '{"spec":{"maxUnavailable":1}}' >/dev/null
kubectl drain "$node" --pod-selector=app=drained --force --timeout=60s >/dev/null 2>&1 || fail 'the drain is blocked still'
expect 10 Deployment/drained pdb-sensible 'pass: '
expect 20 Deployment/drained pod-loss-survived 'pass: a ready pod went away'
kubectl uncordon "$node" >/dev/null
kubectl -n shop set image deploy/single app=registry.example/shop/single:10 --field-manager=argocd-controller >/dev/null
settled single
expect 10 Deployment/single deployed-by-pipeline 'pass: '
expect 10 Deployment/single manual-change 'pass: '

# --- a CronJob succeeds, stops to, and does again: kwok, which ends its pods, sleeps for a while
suspended false
expect 130 CronJob/tick cron-last-success 'pass: '
TB_RUN=$state "$root/tests/testbed/signal.sh" kwok STOP >/dev/null
expect 300 CronJob/tick cron-last-success 'fail: no run has succeeded since 20.*, and it has been due at least twice since; a run that began on 20.* has not ended'
within 10 'metrics say so' failing shop tick cron-last-success
stop_operator
start_operator
expect 10 CronJob/tick cron-last-success 'fail: no run has succeeded since 20'
TB_RUN=$state "$root/tests/testbed/signal.sh" kwok CONT >/dev/null
expect 130 CronJob/tick cron-last-success 'pass: '
within 20 'the live report equals a fresh scan --cluster' reports_agree
say "$(grep -c . "$work/operator.log") log lines"
