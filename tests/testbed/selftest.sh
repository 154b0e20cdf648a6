#!/usr/bin/env bash
# Proves that the test bed is what the tests take it for. Two beds are started at once: a full one, and an API-only one.
# Prints a line for each property, stops at the first that does not hold, and takes both beds down.
#
# usage: selftest.sh
# env:   SEAWORTHY_TESTBED_BIN  the programs, default what build.sh prints
#        TB_KEEP=1              keep the beds' state (the processes end all the same)
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/seaworthy-selftest.XXXXXX")
full=$work/full api=$work/api
passed=0
finish() {
  local code=$?
  trap - EXIT
  "$tb_here/down.sh" "$full" || code=1
  "$tb_here/down.sh" "$api" || code=1
  [ -n "${TB_KEEP:-}" ] || rm -rf "$work"
  if [ "$code" = 0 ]; then echo "$passed passed, 0 failed"; else echo "$passed passed, 1 failed"; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ok() {
  passed=$((passed + 1))
  echo "ok   $* ($((SECONDS - step)) s)"
  step=$SECONDS
}
no() {
  echo "FAIL $*"
  exit 1
}
step=$SECONDS

# in_bed DIR COMMAND...: runs it with that bed's environment.
in_bed() (
  tb_use "$1"
  shift
  "$@"
)

TB_BIN=${SEAWORTHY_TESTBED_BIN:-$("$tb_here/build.sh" | tail -n 1)}
export TB_BIN

unset TB_ONLY TB_NODES TB_AUDIT TB_STAGES
TB_RUN=$full "$tb_here/up.sh" >/dev/null 2>"$work/full.err" &
full_up=$!
TB_RUN=$api TB_ONLY=api "$tb_here/up.sh" >/dev/null 2>"$work/api.err" &
api_up=$!
code=0
wait "$full_up" || code=$?
wait "$api_up" || code=$?
[ "$code" = 0 ] || { cat "$work/full.err" "$work/api.err" >&2; no 'two beds start at once'; }
ok "two beds start at once: $(tail -n 1 "$work/full.err" | grep -o 'up in [0-9]* ms'), API-only $(tail -n 1 "$work/api.err" | grep -o 'up in [0-9]* ms')"

kf() { in_bed "$full" kubectl "$@"; }
ka() { in_bed "$api" kubectl "$@"; }

kf create namespace bed-full >/dev/null
ka create namespace bed-api >/dev/null
if kf get namespace bed-api >/dev/null 2>&1 || ka get namespace bed-full >/dev/null 2>&1; then no 'two beds are two clusters'; fi
ok 'two beds are two clusters'

[ "$(kf get nodes --no-headers | awk '$2 == "Ready"' | wc -l)" = 5 ] || no '5 nodes are Ready'
[ "$(kf get nodes -o jsonpath='{range .items[*]}{.metadata.labels.topology\.kubernetes\.io/zone}{.status.nodeInfo.kubeletVersion}{.status.allocatable.cpu}{.status.allocatable.pods} {end}')" \
  = 'av1.36.316110 bv1.36.316110 cv1.36.316110 av1.36.316110 bv1.36.316110 ' ] || no 'nodes have zones, a version and sizes'
ok '5 nodes are Ready, over zones a, b and c'

kf -n bed-full create deployment web --image=registry.example/web:1.2.3 --replicas=2 >/dev/null
kf -n bed-full wait --for=condition=Available deployment/web --timeout=60s >/dev/null || no 'a Deployment becomes Available'
[ "$(kf -n bed-full get deployment web -o jsonpath='{.status.availableReplicas}')" = 2 ] || no 'both replicas are available'
ok 'a Deployment of 2 becomes Available'

kf apply -f - >/dev/null <<'K'
apiVersion: v1
kind: List
items:
- apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: by-hand}
  provisioner: kubernetes.io/no-provisioner
  volumeBindingMode: Immediate
- apiVersion: v1
  kind: PersistentVolume
  metadata: {name: disk}
  spec:
    storageClassName: by-hand
    accessModes: [ReadWriteOnce]
    capacity: {storage: 1Gi}
    hostPath: {path: /nonexistent}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: data, namespace: bed-full}
  spec:
    storageClassName: by-hand
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
K
kf -n bed-full wait --for=jsonpath='{.status.phase}'=Bound pvc/data --timeout=60s >/dev/null || no 'a claim binds'
ok 'a claim binds to a hostPath volume'

kf -n bed-full apply -f - >/dev/null <<'K'
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  ttlSecondsAfterFinished: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "registry.example/once:1"}]
K
kf -n bed-full wait --for=delete job/once --timeout=60s >/dev/null || no 'a finished Job is cleaned up'
ok 'a Job completes and is removed after its TTL'

# The operator's own account: bound to nothing, then to view.
config=$("$tb_here/operator_kubeconfig.sh" "$full" --create 2>/dev/null)
as_operator() { in_bed "$full" kubectl --kubeconfig "$config" "$@"; }
[ "$(as_operator auth whoami -o jsonpath='{.status.userInfo.username}')" = system:serviceaccount:seaworthy:seaworthy ] \
  || no 'the token is the ServiceAccount'
refusal=$(as_operator -n bed-full get pods 2>&1) && no 'an unbound ServiceAccount is refused'
grep -q Forbidden <<<"$refusal" || no "an unbound ServiceAccount is refused: $refusal"
kf create clusterrolebinding operator-view --clusterrole=view --serviceaccount=seaworthy:seaworthy >/dev/null
for ((i = 0; i < 50; i++)); do as_operator -n bed-full get pods >/dev/null 2>&1 && break; sleep 0.1; done
[ "$(as_operator -n bed-full get pods --no-headers | wc -l)" = 2 ] || no 'view lets it list pods'
ok 'RBAC: an unbound ServiceAccount is refused, one bound to view lists'

kf -n bed-full create rolebinding operator-edit --clusterrole=edit --serviceaccount=seaworthy:seaworthy >/dev/null
for ((i = 0; i < 50; i++)); do as_operator -n bed-full create configmap written --from-literal=word=audited >/dev/null 2>&1 && break; sleep 0.1; done
in_bed "$full" jq -se '
  any(.[]; .level == "Metadata" and .verb == "list" and .user.username == "system:serviceaccount:seaworthy:seaworthy")
  and any(.[]; .level == "Request" and .verb == "create" and .requestObject.data.word == "audited")
  and all(.[]; .stage != "RequestReceived")
  and all(.[]; .level == "Metadata" or .user.username == "system:serviceaccount:seaworthy:seaworthy")' "$full/audit.log" >/dev/null \
  || no "the audit log has every request, and the bodies of the operator's writes"
ok "the audit log has every request, and the bodies of the operator's writes ($(wc -l <"$full/audit.log") lines)"

before=$(in_bed "$full" tb_pid apiserver)
in_bed "$full" "$tb_here/restart.sh" apiserver -9
[ "$(in_bed "$full" tb_pid apiserver)" != "$before" ] || no 'the API server is another process'
kf -n bed-full scale deployment web --replicas=3 >/dev/null
kf -n bed-full wait --for=jsonpath='{.status.availableReplicas}'=3 deployment/web --timeout=60s >/dev/null \
  || no 'the controllers go on after the API server was killed'
in_bed "$full" tb_check || no 'every component lives on'
ok 'the API server is killed and comes back; the controllers go on'

in_bed "$full" "$tb_here/signal.sh" apiserver STOP
if in_bed "$full" tb_curl /readyz -f --max-time 1 >/dev/null 2>&1; then no 'a stopped API server is silent'; fi
in_bed "$full" "$tb_here/signal.sh" apiserver CONT
in_bed "$full" tb_until 30 'the API server to wake' tb_ready || no 'a stopped API server wakes'
ok 'the API server is stopped (silent, not closed) and wakes'

in_bed "$full" "$tb_here/signal.sh" etcd KILL
if in_bed "$full" tb_pid etcd >/dev/null; then no 'etcd is gone'; fi
in_bed "$full" "$tb_here/restart.sh" etcd
in_bed "$full" tb_until 30 'the API server to find etcd again' tb_ready || no 'the API server finds etcd again'
[ "$(kf -n bed-full get configmap written -o jsonpath='{.data.word}')" = audited ] || no 'the data outlives etcd'
ok 'etcd is killed and started again with its data'

# 410: a watch from a revision that was compacted away, after the watch cache was emptied by a restart.
maps=/api/v1/namespaces/bed-api/configmaps
old=$(in_bed "$api" tb_curl "$maps?limit=1" | jq -r .metadata.resourceVersion)
for i in 1 2 3; do ka -n bed-api create configmap "later-$i" >/dev/null; done
compacted=$(in_bed "$api" "$tb_here/compact.sh")
[ "$compacted" -gt "$old" ] || no "compacted at $compacted, past $old"
in_bed "$api" "$tb_here/restart.sh" apiserver
event=$(in_bed "$api" tb_curl "$maps?watch=1&resourceVersion=$old&timeoutSeconds=5" | head -n 1)
[ "$(jq -r '"\(.type) \(.object.code) \(.object.reason)"' <<<"$event")" = 'ERROR 410 Expired' ] \
  || no "an old watch gets ERROR 410: $event"
ok 'after a compaction and a restart an old watch gets one ERROR event, code 410'

ka -n bed-api run lone --image=registry.example/lone:1 >/dev/null || no 'API-only: a bare pod is accepted'
[ "$(ka -n bed-api get pod lone -o jsonpath='{.status.phase}')" = Pending ] || no 'API-only: it stays Pending'
ok 'API-only: a bare pod is accepted'

pids=$(cat "$full/pids" "$api/pids")
"$tb_here/down.sh" "$full"
"$tb_here/down.sh" "$api"
while read -r pid name started; do
  if tb_alive "$pid" "$started"; then no "$name (pid $pid) outlived down.sh"; fi
done <<<"$pids"
if [ -z "${TB_KEEP:-}" ] && [ -e "$full" ]; then no 'down.sh leaves the state behind'; fi
ok 'down.sh ends every process and removes the state'
