#!/usr/bin/env bash
# Writes a kubeconfig that holds nothing but a ServiceAccount's token, so that the operator under test has exactly that
# account's permissions. Prints its path. Beside it stand token, ca.crt and namespace, as a pod finds them mounted.
#
# usage: operator_kubeconfig.sh STATE [NAMESPACE/NAME] [--create]
#        default seaworthy/seaworthy; --create makes the namespace and the account first if they are missing
# env:   TB_TOKEN_DURATION  default 24h (10m is the API server's least); run it again to rotate the token
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
create=0
args=()
for arg in "$@"; do
  if [ "$arg" = --create ]; then create=1; else args+=("$arg"); fi
done
tb_use "${args[0]:-}"
account=${args[1]:-seaworthy/seaworthy}
namespace=${account%%/*} name=${account#*/}

if [ "$create" = 1 ]; then
  kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace" >&2
  kubectl -n "$namespace" get serviceaccount "$name" >/dev/null 2>&1 \
    || kubectl -n "$namespace" create serviceaccount "$name" >&2
fi
out=$TB_RUN/serviceaccounts/$namespace-$name
umask 077
mkdir -p "$out"
kubectl -n "$namespace" create token "$name" --duration "${TB_TOKEN_DURATION:-24h}" >"$out/token.new" \
  || tb_die "no token for $account: does the ServiceAccount exist?"
mv "$out/token.new" "$out/token" # a reader sees the old token or the new one, never half of one
cp "$CA_FILE" "$out/ca.crt"
printf %s "$namespace" >"$out/namespace"
cat >"$out/kubeconfig" <<K
apiVersion: v1
kind: Config
current-context: testbed
clusters: [{name: testbed, cluster: {server: "$SERVER", certificate-authority: "$out/ca.crt"}}]
users: [{name: "$account", user: {tokenFile: "$out/token"}}]
contexts: [{name: testbed, context: {cluster: testbed, user: "$account", namespace: "$namespace"}}]
K
echo "$out/kubeconfig"
