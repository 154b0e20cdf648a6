#!/usr/bin/env bash
# Starts a throwaway Kubernetes control plane on loopback: etcd, kube-apiserver, kube-controller-manager, kube-scheduler,
# and kwok with fake nodes. No root, no container engine. Beds side by side do not meet: each has ports and a folder of its own.
#
# usage: RUN=$(tests/testbed/up.sh); . "$RUN/env.sh"; ...; tests/testbed/down.sh "$RUN"
#        stdout is the state folder (lib.sh says what is in it), progress goes to stderr
# env:   TB_RUN             state folder, default a new one under TMPDIR
#        TB_BIN             the programs, default SEAWORTHY_TESTBED_BIN, else what build.sh prints
#        TB_ONLY=api        etcd and kube-apiserver alone: ready in half the time; no controllers, so no default
#                           ServiceAccounts, no garbage collection, and view/edit/admin have no rules
#        TB_NODES           fake nodes, default 5 (0: none); TB_NODE_CPU 16, TB_NODE_MEMORY 64Gi, TB_NODE_PODS 110
#        TB_STAGES          kwok's stages, default its fast ones (stages.yaml beside the programs)
#        TB_AUDIT=0         no audit log, for measurements
#        TB_WAIT            seconds that each wait may take, default 60
#        TB_APISERVER_ARGS, TB_KCM_ARGS, TB_SCHEDULER_ARGS, TB_KWOK_ARGS  more flags, split at blanks
#        TB_KEEP=1          keep the state when it fails
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=v1.36.3
nodes=${TB_NODES:-5}
limit=${TB_WAIT:-60}
begin=$(date +%s%3N)
elapsed() { echo "$(($(date +%s%3N) - begin)) ms"; }

TB_BIN=${TB_BIN:-${SEAWORTHY_TESTBED_BIN:-}}
[ -n "$TB_BIN" ] || TB_BIN=$("$tb_here/build.sh" | tail -n 1)
TB_BIN=$(cd "$TB_BIN" && pwd)
TB_STAGES=$(realpath "${TB_STAGES:-$TB_BIN/../stages.yaml}")
for tool in curl jq openssl python3; do command -v "$tool" >/dev/null || tb_die "$tool is missing: ./dev install"; done

TB_RUN=${TB_RUN:-$(mktemp -d "${TMPDIR:-/tmp}/seaworthy-testbed.XXXXXX")}
mkdir -p "$TB_RUN"
TB_RUN=$(cd "$TB_RUN" && pwd)
if [ -e "$TB_RUN/pids" ]; then tb_die "a bed stands in $TB_RUN already: down.sh first"; fi
chmod 700 "$TB_RUN"

fail() {
  local code=$?
  [ "$code" != 0 ] || return 0
  trap - EXIT
  tb_say "up.sh failed after $(elapsed)"
  "$tb_here/down.sh" "$TB_RUN" || true
  exit "$code"
}
trap fail EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Below the kernel's ephemeral range, so that no outgoing connection can sit on a port while its owner restarts.
free_ports() {
  python3 - "$1" <<'PY'
import random, socket, sys
try:
    top = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
except OSError:
    top = 32768
low, high = (10240, top) if top > 12000 else (20000, 60000)
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(low, high)))
    except OSError:
        continue
    held.append(s)
print(*(s.getsockname()[1] for s in held))
PY
}

# certificate NAME SUBJECT EXTENSIONS [CA]: NAME.key and NAME.crt (EC P-256: ten milliseconds a key)
certificate() {
  local ca=${4:-ca}
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial -out "$1.crt" -days 3650 \
    -extfile <(echo "$3") 2>/dev/null
}

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.crt" -days 3650 \
    -subj "/CN=testbed-$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

make_pki() {
  local client=extendedKeyUsage=clientAuth
  mkdir -p "$TB_RUN/pki"
  cd "$TB_RUN/pki"
  authority ca
  authority front-proxy-ca
  certificate apiserver /CN=kube-apiserver "extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:::1,IP:10.96.0.1"
  certificate admin /O=system:masters/CN=admin "$client"
  certificate kcm /CN=system:kube-controller-manager "$client"
  certificate scheduler /CN=system:kube-scheduler "$client"
  certificate front-proxy-client /CN=front-proxy-client "$client" front-proxy-ca
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out sa.key 2>/dev/null
  openssl pkey -in sa.key -pubout -out sa.pub
  cd - >/dev/null
}

kubeconfig() {
  local pki=$TB_RUN/pki
  cat >"$TB_RUN/$1.kubeconfig" <<K
apiVersion: v1
kind: Config
current-context: testbed
clusters: [{name: testbed, cluster: {server: "$SERVER", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}}]
contexts: [{name: testbed, context: {cluster: testbed, user: $1}}]
K
}

write_configuration() {
  SERVER=https://127.0.0.1:$TB_APISERVER_PORT
  ETCD=http://127.0.0.1:$TB_ETCD_PORT
  CA_FILE=$TB_RUN/pki/ca.crt
  AUDIT_LOG=$TB_RUN/audit.log
  export KUBECONFIG=$TB_RUN/admin.kubeconfig
  kubeconfig admin
  kubeconfig kcm
  kubeconfig scheduler
  {
    echo "export PATH=$(printf %q "$TB_BIN"):\$PATH"
    for name in KUBECONFIG TB_RUN TB_BIN SERVER ETCD CA_FILE AUDIT_LOG TB_APISERVER_PORT TB_ETCD_PORT TB_PEER_PORT \
      TB_KCM_PORT TB_SCHEDULER_PORT TB_KWOK_PORT; do
      printf 'export %s=%q\n' "$name" "${!name}"
    done
  } >"$TB_RUN/env.sh"
  # The operator's own writes with their bodies, so that a test can compare them; the rest by name only.
  cat >"$TB_RUN/audit-policy.yaml" <<'K'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Request
  users: ["system:serviceaccount:seaworthy:seaworthy"]
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
K
  cat >"$TB_RUN/scheduler.yaml" <<K
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: "$TB_RUN/scheduler.kubeconfig", qps: 2000, burst: 4000}
K
}

start_api() {
  local pki=$TB_RUN/pki peer=http://127.0.0.1:$TB_PEER_PORT more=()
  # No fsync: the data is thrown away.
  tb_start etcd "$TB_BIN/etcd" --name testbed --data-dir "$TB_RUN/etcd" --unsafe-no-fsync --log-level warn \
    --quota-backend-bytes 8589934592 --listen-client-urls "$ETCD" --advertise-client-urls "$ETCD" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "testbed=$peer"
  if [ "${TB_AUDIT:-1}" != 0 ]; then
    # One file of any size: a reader must not lose it to a rotation.
    more+=(--audit-log-path "$AUDIT_LOG" --audit-policy-file "$TB_RUN/audit-policy.yaml" --audit-log-maxsize 1048576)
  fi
  # With no controller-manager there is no default ServiceAccount, and this plugin would refuse every pod.
  if [ "${TB_ONLY:-}" = api ]; then more+=(--disable-admission-plugins=ServiceAccount); fi
  # shellcheck disable=SC2206
  more+=(${TB_APISERVER_ARGS:-})
  tb_start apiserver "$TB_BIN/kube-apiserver" --etcd-servers "$ETCD" --bind-address 127.0.0.1 --external-hostname 127.0.0.1 \
    --secure-port "$TB_APISERVER_PORT" --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
    --client-ca-file "$pki/ca.crt" --cert-dir "$TB_RUN/certs" --allow-privileged \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$pki/sa.pub" \
    --service-account-signing-key-file "$pki/sa.key" --authorization-mode RBAC --service-cluster-ip-range 10.96.0.0/12 \
    --endpoint-reconciler-type none --max-requests-inflight 800 --max-mutating-requests-inflight 400 \
    --requestheader-client-ca-file "$pki/front-proxy-ca.crt" --requestheader-allowed-names front-proxy-client \
    --requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
    --requestheader-username-headers X-Remote-User --proxy-client-cert-file "$pki/front-proxy-client.crt" \
    --proxy-client-key-file "$pki/front-proxy-client.key" ${more[@]+"${more[@]}"}
  tb_until "$limit" 'the API server to be ready' tb_ready || return 1
  tb_say "API server ready at $(elapsed)"
}

start_controllers() {
  local pki=$TB_RUN/pki
  # `*` is every controller that is on by default, which takes in volumes, HPAs, quotas and clean-up; those that need a
  # cloud or kubelets stay out by themselves. An hour's grace: on a busy machine kwok's leases come late, and the pods of
  # a silent node turn unready.
  # shellcheck disable=SC2086
  tb_start kcm "$TB_BIN/kube-controller-manager" --kubeconfig "$TB_RUN/kcm.kubeconfig" --bind-address 127.0.0.1 \
    --secure-port "$TB_KCM_PORT" --cert-dir "$TB_RUN/certs" --leader-elect=false --use-service-account-credentials=true \
    --service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" --controllers '*' \
    --flex-volume-plugin-dir "$TB_RUN/flex" --pvclaimbinder-sync-period 1s --node-monitor-grace-period 1h --kube-api-qps 2000 --kube-api-burst 4000 \
    --concurrent-deployment-syncs 20 --concurrent-replicaset-syncs 20 --concurrent-gc-syncs 20 ${TB_KCM_ARGS:-}
  # shellcheck disable=SC2086
  tb_start scheduler "$TB_BIN/kube-scheduler" --config "$TB_RUN/scheduler.yaml" --bind-address 127.0.0.1 \
    --secure-port "$TB_SCHEDULER_PORT" --cert-dir "$TB_RUN/certs" ${TB_SCHEDULER_ARGS:-}
  # shellcheck disable=SC2086
  tb_start kwok "$TB_BIN/kwok" --kubeconfig "$TB_RUN/admin.kubeconfig" --config "$TB_STAGES" --manage-all-nodes=true \
    --node-lease-duration-seconds 40 --node-ip 127.0.0.1 --server-address "127.0.0.1:$TB_KWOK_PORT" --cidr 10.64.0.0/10 \
    ${TB_KWOK_ARGS:-}
}

node_list() {
  local i zones=(a b c) size
  size="{cpu: '${TB_NODE_CPU:-16}', memory: ${TB_NODE_MEMORY:-64Gi}, ephemeral-storage: 100Gi, pods: '${TB_NODE_PODS:-110}'}"
  printf 'apiVersion: v1\nkind: List\nitems:\n'
  for ((i = 0; i < nodes; i++)); do
    cat <<K
- apiVersion: v1
  kind: Node
  metadata:
    name: node-$i
    annotations: {kwok.x-k8s.io/node: fake}
    labels:
      kubernetes.io/hostname: node-$i
      kubernetes.io/os: linux
      kubernetes.io/arch: amd64
      topology.kubernetes.io/region: local
      topology.kubernetes.io/zone: ${zones[i % 3]}
  status:
    allocatable: $size
    capacity: $size
    nodeInfo:
      architecture: amd64
      bootID: ''
      containerRuntimeVersion: containerd://2.1.4
      kernelVersion: 6.1.0-44-amd64
      kubeProxyVersion: ''
      kubeletVersion: $version
      machineID: ''
      operatingSystem: linux
      osImage: Debian GNU/Linux 12 (bookworm)
      systemUUID: ''
K
  done
}

# Ready, and free of the not-ready taint that node-lifecycle takes off a moment later.
nodes_ready() {
  tb_curl /api/v1/nodes | jq -e --argjson n "$nodes" '[.items[]
    | select((.spec.taints // [] | length) == 0 and any(.status.conditions[]?; .type == "Ready" and .status == "True"))]
    | length == $n'
}
default_account() { tb_curl /api/v1/namespaces/default/serviceaccounts/default -f; }
view_filled() { tb_curl /apis/rbac.authorization.k8s.io/v1/clusterroles/view -f | jq -e '.rules | length > 0'; }

# In a subshell with errexit off (it is called from a condition), so each step says `|| return`.
try() {
  local ports
  ports=$(free_ports 6) || return 1
  read -r TB_APISERVER_PORT TB_ETCD_PORT TB_PEER_PORT TB_KCM_PORT TB_SCHEDULER_PORT TB_KWOK_PORT <<<"$ports"
  : >"$TB_RUN/pids"
  write_configuration || return 1
  start_api || return 1
  if [ "${TB_ONLY:-}" = api ]; then return 0; fi
  start_controllers || return 1
  if [ "$nodes" -gt 0 ]; then
    node_list >"$TB_RUN/nodes.yaml"
    "$TB_BIN/kubectl" create -f "$TB_RUN/nodes.yaml" >/dev/null || return 1
  fi
  tb_until "$limit" 'the default ServiceAccount' default_account || return 1
  tb_until "$limit" 'the view role to be filled' view_filled || return 1
  tb_until "$((limit + nodes / 20))" "$nodes nodes to be ready" nodes_ready || return 1
  tb_check || return 1
}

make_pki
for attempt in 1 2 3; do
  if try; then
    tb_say "up in $(elapsed): $TB_RUN"
    echo "$TB_RUN"
    exit 0
  fi
  # Between the look for free ports and their use another program may have taken one: that alone is worth another go.
  grep -qs 'address already in use' "$TB_RUN"/log/*.log || exit 1
  [ "$attempt" != 3 ] || exit 1
  tb_say 'a port was taken meanwhile; trying others'
  TB_KEEP=1 "$tb_here/down.sh" "$TB_RUN"
  rm -rf "$TB_RUN"/{etcd,log,cmd,certs,audit.log}
done
