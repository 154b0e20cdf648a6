# Random changes to a cluster, of every kind that people and controllers make; for the soak and for chaos. RANDOM is the seed of both.
# shellcheck shell=bash
soak_namespaces=(soak-a soak-b soak-c)

random_setup() {
  local ns
  for ns in "${soak_namespaces[@]}"; do kubectl create namespace "$ns" >/dev/null 2>&1 || true; done
}

random_workload() { # NAMESPACE NAME
  cat <<K
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2, namespace: $1}
spec:
  replicas: $((1 + RANDOM % 3))
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2}}
    spec: {containers: [{name: app, image: "registry.example/soak/$2:1.$((RANDOM % 5)).0", resources: {requests: {cpu: 10m, memory: $((16 + RANDOM % 64))Mi}}}]}
K
}

random_companion() { # NAMESPACE NAME: what stands beside a workload
  case $((RANDOM % 6)) in
    0) printf 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: %s, namespace: %s}\nspec: {maxUnavailable: %s, selector: {matchLabels: {app: %s}}}\n' "$2" "$1" $((RANDOM % 2)) "$2" ;;
    1) printf 'apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {selector: {app: %s}, ports: [{port: %s}]}\n' "$2" "$1" "$2" $((8000 + RANDOM % 4)) ;;
    2) printf 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: %s, namespace: %s}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}, minReplicas: 2, maxReplicas: %s, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]}\n' "$2" "$1" "$2" $((3 + RANDOM % 4)) ;;
    3) printf 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\nspec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress]}\n' "$2" "$1" "$2" ;;
    4) printf 'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota, namespace: %s}\nspec: {hard: {pods: "%s"}}\n' "$1" $((50 + RANDOM % 50)) ;;
    5) printf 'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: %s, namespace: %s}\nspec:\n  schedule: "0 3 * * *"\n  suspend: %s\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "registry.example/soak/job:1.%s"}]}}}}\n' "$2" "$1" "$([ $((RANDOM % 2)) = 0 ] && echo true || echo false)" $((RANDOM % 3)) ;;
  esac
}

# One change. What fails, because the object is not there or the API server is away, is no matter.
random_change() {
  local ns name kinds=(pdb service hpa networkpolicy cronjob)
  ns=${soak_namespaces[RANDOM % 3]} name=w$((RANDOM % 12))
  case $((RANDOM % 12)) in
    0 | 1 | 2) random_workload "$ns" "$name" | kubectl apply --server-side --force-conflicts -f - ;;
    3) kubectl -n "$ns" scale deploy "$name" --replicas=$((RANDOM % 4)) ;;
    4) kubectl -n "$ns" delete deploy "$name" --wait=false ;;
    5) kubectl -n "$ns" rollout restart deploy "$name" ;;
    6 | 7) random_companion "$ns" "$name" | kubectl apply --server-side --force-conflicts -f - ;;
    8) kubectl -n "$ns" delete "${kinds[RANDOM % 5]}" "$name" --wait=false ;;
    9) kubectl label namespace "$ns" --overwrite "pod-security.kubernetes.io/enforce=$([ $((RANDOM % 2)) = 0 ] && echo baseline || echo privileged)" ;;
    10) kubectl -n "$ns" delete deploy "$name" && random_workload "$ns" "$name" | kubectl apply --server-side -f - ;; # another one of that name
    11) kubectl -n "$ns" annotate deploy "$name" --overwrite "touched=$RANDOM" ;;
  esac >/dev/null 2>&1 || true
}
