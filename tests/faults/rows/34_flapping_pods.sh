# fault: pods turn unready and ready, 100 times a second in all, for two minutes
# expected: one write of a report in 5 s at most
# lane: bulk
# takes: 190
row() {
  kubectl create namespace flap >/dev/null 2>&1 || true
  for i in 1 2 3 4 5; do kubectl -n flap create deployment "f$i" --image="registry.example/flap/f$i:1.0.0" --replicas=10 >/dev/null; done
  within 60 'the pods run' fifty_run
  operator a
  settled
  local turned cpu at
  at=$(audit_now) cpu=$(cpu_ms a)
  turned=$(kubectl -n flap get pods -o json | jq -r '.items[] | "/api/v1/namespaces/flap/pods/" + .metadata.name' |
    "$FAULTS_PROXY" churn -upstream "$SERVER" -ca "$CA_FILE" -certificate "$bed/pki/admin.crt" -key "$bed/pki/admin.key" -rate 100 -seconds 120)
  cpu=$(($(cpu_ms a) - cpu))
  at_least 4000 "$turned" 'pods turned'
  local least
  least=$(tail -c "+$((at + 1))" "$AUDIT_LOG" | { grep '"workloadaudits"' || true; } | jq -r 'select(.user.username == "system:serviceaccount:seaworthy:seaworthy" and .verb == "patch" and .responseStatus.code < 300) | [.objectRef.namespace + "/" + .objectRef.name, (.requestReceivedTimestamp | sub("[.].*"; "Z") | fromdate) + ("0" + (.requestReceivedTimestamp | capture("(?<f>[.][0-9]+)").f) | tonumber)] | @tsv' |
    awk '{if ($1 in last && (least == "" || $2 - last[$1] < least)) least = $2 - last[$1]; last[$1] = $2} END {printf "%.1f", least == "" ? 999 : least}')
  at_least 4.8 "$least" 'seconds between two writes of one report'
  local writes
  writes=$(our_writes "$at")
  kubectl delete namespace flap --wait=false >/dev/null
  within 60 'its series are gone' workloads_seen 0 flap
  figure "$turned turns, $writes writes, $([ "$least" = 999.0 ] && echo 'none twice' || echo "$least s at least between two of one report"); $(awk -v c="$cpu" 'BEGIN {printf "%.0f %%", c / 1200}') of a core"
}
fifty_run() { [ "$(kubectl -n flap get pods --field-selector status.phase=Running -o name | wc -l)" = 50 ]; }
