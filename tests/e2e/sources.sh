#!/usr/bin/env bash
# The sources beside the API, with the real things: Prometheus (Debian's), a container registry (Debian's docker-registry), pods' logs by way of the
# API server, and metrics.k8s.io. What they say shows, is kept over a restart, and is not asked for twice.
. "$(dirname "$0")/lib.sh"

debian=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/debian
export PATH=$PATH:$debian/prometheus/usr/bin:$debian/docker-registry/usr/bin
for program in prometheus promtool docker-registry; do command -v $program >/dev/null || fail "$program is missing: ./dev install"; done

serve() { # LOG COMMAND...
  local log=$1
  shift
  setsid "$@" >"$work/$log" 2>&1 </dev/null &
  servers+=($!) # the cleanup of lib.sh ends them
}

# One certificate for all of them: whoever asks has to be told whom to trust.
cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.crt -days 2 -subj /CN=sources \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2>/dev/null

# ---- the cluster; kwok serves one log for all pods -----------------------------------------------------------------------
# As a container runtime writes it.
line() { echo "2026-11-24T12:00:00.000000000Z stdout F $1"; }
for ((i = 0; i < 48; i++)); do line "{\"level\":\"info\",\"n\":$i,\"token\":\"never-to-be-seen\"}"; done >app.log
line 'a line of prose, never-to-be-seen' >>app.log
cat >logs.yaml <<K
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterLogs
metadata: {name: all}
spec: {logs: [{logsFile: $work/app.log}]}
K
export TB_KWOK_ARGS="--config $work/logs.yaml --tls-cert-file $work/server.crt --tls-private-key-file $work/server.key"
bed_up
for node in $(kubectl get nodes -o name); do
  kubectl patch "$node" --subresource=status --type=merge -p "{\"status\":{\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":$TB_KWOK_PORT}}}}" >/dev/null
done
kubectl create namespace shop >/dev/null

# ---- a registry, with an image of 2020 that keeps its package lists -------------------------------------------------------
registry_port=$(free_port)
registry=localhost:$registry_port
mkdir blobs
# robot:pull-only
echo 'robot:$2b$05$Y3nCKYDrCovbWoyer7qk6OV2trFUxjKLczc/tusJYRavwIWvcao4m' >htpasswd
cat >registry.yaml <<K
version: 0.1
log: {level: info, fields: {service: registry}}
storage: {filesystem: {rootdirectory: $work/blobs}}
http: {addr: "127.0.0.1:$registry_port", tls: {certificate: $work/server.crt, key: $work/server.key}}
auth: {htpasswd: {realm: sources, path: $work/htpasswd}}
K
serve registry.log docker-registry serve registry.yaml
registry() { curl -sS --cacert "$work/server.crt" -u robot:pull-only "$@"; }
within 20 'the registry answers' sh -c "curl -sf --cacert $work/server.crt -u robot:pull-only https://$registry/v2/"
digest() { echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"; }
upload() { # FILE
  local place
  place=$(registry -o /dev/null -D - -X POST "https://$registry/v2/team/web/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  registry -f -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$place&digest=$(digest "$1")" >/dev/null
}
put() { registry -f -X PUT -H "Content-Type: $2" --data-binary "@$1" "https://$registry/v2/team/web/manifests/$(digest "$1")" >/dev/null; }
head -c 6000000 /dev/urandom >layer
cat >config.json <<'K'
{"architecture":"amd64","os":"linux","created":"2020-03-01T10:00:00Z","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},
 "history":[{"created_by":"ENV A=1","empty_layer":true},{"created_by":"RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit"}]}
K
upload layer
upload config.json
oci=application/vnd.oci.image
cat >manifest.json <<K
{"schemaVersion":2,"mediaType":"$oci.manifest.v1+json","config":{"mediaType":"$oci.config.v1+json","digest":"$(digest config.json)","size":$(stat -c %s config.json)},
 "layers":[{"mediaType":"$oci.layer.v1.tar+gzip","digest":"$(digest layer)","size":6000000}]}
K
put manifest.json "$oci.manifest.v1+json"
cat >index.json <<K
{"schemaVersion":2,"mediaType":"$oci.index.v1+json","manifests":[{"mediaType":"$oci.manifest.v1+json","digest":"$(digest manifest.json)","size":$(stat -c %s manifest.json),"platform":{"os":"linux","architecture":"amd64"}}]}
K
put index.json "$oci.index.v1+json"
echo "{\"auths\":{\"$registry\":{\"auth\":\"$(printf robot:pull-only | base64)\"}}}" >docker.json
ok "a registry has $registry/team/web@$(digest index.json)"

# ---- Prometheus, with eight days of history -------------------------------------------------------------------------------
now=$(date +%s)
awk -v now="$now" 'BEGIN {
  gib = 1024 * 1024 * 1024
  split("data-filling-0 data-lake-0 data-calm-0", claims, " ")
  split("20 200 20", size, " ")
  m[1] = "capacity_bytes"; m[2] = "available_bytes"; m[3] = "used_bytes"; m[4] = "inodes"; m[5] = "inodes_free"
  for (k = 1; k <= 5; k++) {
    print "# TYPE kubelet_volume_stats_" m[k] " gauge"
    for (c = 1; c <= 3; c++) for (t = now - 8 * 86400; t <= now + 3600; t += 280) {
      age = now - t
      free = c == 1 ? 0.10 + 0.01 * age / 3600 : c == 2 ? 0.96 : 0.6
      if (free > 0.9 && c == 1) free = 0.9
      v = k == 1 ? size[c] : k == 2 ? size[c] * free : k == 3 ? size[c] * (1 - free) : 1000
      if (k <= 3) v *= gib
      if (k == 5) v *= 0.9
      printf "kubelet_volume_stats_%s{namespace=\"shop\",persistentvolumeclaim=\"%s\",cluster=\"one\"} %.0f %d\n", m[k], claims[c], v, t
      # Of another cluster: everything is full.
      if (k <= 2) printf "kubelet_volume_stats_%s{namespace=\"shop\",persistentvolumeclaim=\"%s\",cluster=\"two\"} %.0f %d\n", m[k], claims[c], k == 1 ? size[c] * gib : 1, t
    }
  }
  n["prometheus_notifications_alertmanagers_discovered"] = 0
  n["prometheus_notifications_sent_total"] = 1; n["alertmanager_notifications_total"] = 1; n["alertmanager_notifications_failed_total"] = 2
  for (name in n) {
    base = name; sub(/_total$/, "", base)
    print "# TYPE " base " " (n[name] == 0 ? "gauge" : "counter")
    for (t = now - 2 * 86400; t <= now + 3600; t += 280)
      printf "%s{cluster=\"one\",integration=\"email\"} %d %d\n", name, n[name] == 0 ? 2 : n[name] == 1 ? (t - now + 172800) / 240 : 0, t
  }
  print "# EOF"
}' >history.txt
promtool tsdb create-blocks-from openmetrics history.txt tsdb >backfill.log 2>&1 || { tail -n 5 backfill.log >&2; fail 'promtool could not make the history'; }
prometheus_port=$(free_port)
echo 'scrape_configs: []' >prometheus.yaml
echo "tls_server_config: {cert_file: $work/server.crt, key_file: $work/server.key}" >web.yaml
serve prometheus.log prometheus --config.file=prometheus.yaml --web.config.file=web.yaml --web.listen-address="127.0.0.1:$prometheus_port" --storage.tsdb.path=tsdb
within 30 'Prometheus answers' sh -c "curl -sf --cacert $work/server.crt https://localhost:$prometheus_port/-/ready"
ok "Prometheus has $(grep -vc '^#' history.txt) samples of eight days"

# ---- workloads ------------------------------------------------------------------------------------------------------------
for name in filling lake calm; do
  kubectl apply -f - >/dev/null <<K
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: $name, namespace: shop}
spec:
  serviceName: $name
  selector: {matchLabels: {app: $name}}
  template:
    metadata: {labels: {app: $name}}
    spec: {containers: [{name: db, image: "team/store:1.0.0", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 20Gi}}}}]
K
done
kubectl apply -f - >/dev/null <<K
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "$registry/team/web:1.0.0", resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
K
kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
pod=$(kubectl -n shop get pods -l app=web -o jsonpath='{.items[0].metadata.name}')
# It has run for an hour, and a runtime says which digest.
kubectl -n shop patch pod "$pod" --subresource=status --type=merge -p "{\"status\":{\"containerStatuses\":[{\"name\":\"app\",\"image\":\"$registry/team/web:1.0.0\",
  \"imageID\":\"$registry/team/web@$(digest index.json)\",\"ready\":true,\"started\":true,\"restartCount\":0,\"state\":{\"running\":{\"startedAt\":\"$(date -u -d '1 hour ago' +%FT%TZ)\"}}}]}}" >/dev/null
within 20 'claims exist' kubectl -n shop get pvc data-filling-0 data-lake-0 data-calm-0
[ "$(kubectl -n shop logs "$pod" | wc -l)" = 49 ] || fail 'the bed serves no logs'

finding() { # WORKLOAD CHECK: verdict and message
  curl -sf "http://localhost:$report_port/report.json" | jq -r --arg w "$1" --arg c "$2" '.workloads[] | select(.name == $w) | .findings[] | select(.check == $c) | "\(.verdict) \(.message // "")"'
}
is() { # WORKLOAD CHECK PATTERN
  within 60 "$1 $2: $3 (now: $(finding "$1" "$2"))" sh -c "$(declare -f finding); report_port=$report_port; finding $1 $2 | grep -qE -- \"$3\""
  ok "$1 $2: $(finding "$1" "$2")"
}

# ---- off: nothing is asked, nothing is judged -----------------------------------------------------------------------------
start_operator
is filling volume-usage '^na .*--prometheus-url is not set'
is web image-age '^na .*--registry-lookups is not set'
is web logs-structured '^na .*--log-sampling is not set'
is web requests-match-usage '^unknown .*install metrics-server'
stop_operator
[ "$(grep -c 'GET /v2/team' registry.log || true)" = 0 ] || fail 'the registry was asked though look-ups are off'

# ---- on -------------------------------------------------------------------------------------------------------------------
on=(--prometheus-url "https://localhost:$prometheus_port" --prometheus-ca-file "$work/server.crt" --prometheus-matchers 'cluster="one"'
  --registry-lookups true --registry-config "$work/docker.json" --registry-ca-file "$work/server.crt" --log-sampling true)
start_operator "${on[@]}"
is filling volume-usage '^fail claim data-filling-0: less than 15 % is free, and full within 4 days'
is lake volume-usage '^warn claim data-lake-0: of 200 GiB less than 10 % was used'
is calm volume-usage '^pass'
within 60 'the ClusterAudit passes alert-route' sh -c "curl -sf http://localhost:$report_port/report.json | jq -e '.cluster.findings[] | select(.check == \"alert-route\" and .verdict == \"pass\")'"
ok 'alert-route: notifications are delivered'
is web image-age "^fail container app: image $registry/team/web:1.0.0 was built more than 365 days ago"
is web image-build-leftovers '^warn .*apt-get install -y curl: package lists are kept'
within 60 'logs are denied' sh -c "[ \"\$(curl -s 'http://127.0.0.1:$health_port/readyz?verbose' | sed -n 's/^logsamples.source.seaworthy.dev //p')\" = denied ]"
is web logs-structured '^unknown .*access is denied'
kubectl create clusterrolebinding seaworthy-logs --clusterrole=seaworthy-logs --serviceaccount=seaworthy:seaworthy >/dev/null
quiet
stop_operator
asked=$(grep -c '"GET /v2/team' registry.log || true)
[ "$asked" -gt 0 ] || fail 'the registry was never asked'
start_operator "${on[@]}"
is web logs-structured '^pass'
# It runs on what it was told the last time.
is web image-age '^fail .*more than 365 days ago'
sleep 8
[ "$(grep -c '"GET /v2/team' registry.log || true)" = "$asked" ] || fail 'the registry was asked again for a digest that was known'
ok "the registry was asked $asked times for one image, and not again after a restart"
! grep -q never-to-be-seen "$work/operator.log" || fail 'a line of the log is in our own'
! kubectl get wa -A -o json | grep -q never-to-be-seen || fail 'a line of the log is in a WorkloadAudit'
ok 'nothing of a log line is kept'

# ---- metrics.k8s.io -------------------------------------------------------------------------------------------------------
quiet
stop_operator
loose_crd metrics.k8s.io v1beta1 PodMetrics pods | kubectl apply -f - >/dev/null
within 20 'metrics.k8s.io is served' kubectl get pods.metrics.k8s.io -A
kubectl create -f - >/dev/null <<K
{apiVersion: metrics.k8s.io/v1beta1, kind: PodMetrics, metadata: {name: $pod, namespace: shop}, timestamp: "$(date -u +%FT%TZ)", window: 15s,
 containers: [{name: app, usage: {cpu: 12345678n, memory: 90Mi}}]}
K
start_operator "${on[@]}"
is web requests-match-usage '^unknown .*less than a day of samples'
within 30 'metrics.k8s.io was asked' sh -c "curl -s 'http://127.0.0.1:$health_port/readyz?verbose' | grep -qx 'pods.metrics.k8s.io live'"
quiet
stop_operator
# What a week of samples would have left behind.
kubectl -n shop patch wa deployment-web --type=merge -p "{\"status\":{\"evidence\":{\"usage\":{\"at\":$(date +%s),\"containers\":{\"app\":{\"cpu\":{\"p95\":110,\"top\":120,\"weights\":\"10:zz\"},
  \"memory\":{\"p95\":100000000,\"top\":110000000,\"weights\":\"47:zz\"},\"minutes\":20000,\"image\":\"0000000000000000\"}}}}}}" >/dev/null
start_operator "${on[@]}"
is web requests-match-usage '^unknown .*less than a day'
ok 'samples of another image are void'
stop_operator
# ---- the sources go away ----------------------------------------------------------------------------------------------------
kill "${servers[@]}"
start_operator "${on[@]}"
is filling volume-usage '^unknown Prometheus'
ok 'the operator is ready without its sources'
stop_operator
[ "$stopped_ms" -lt 8000 ] || fail "stopping took $stopped_ms ms"
