#!/usr/bin/env bash
# What tests/sim/recorded/answers.json says that an API server answers, asked again: the simulation's model is compared with that file
# (tests/sim/model_test.cc). With --write the file is written anew.
. "$(dirname "$0")/lib.sh"
bed_up
kubectl create namespace shop >/dev/null
for account in all nobody; do
  kubectl create serviceaccount -n default "$account" >/dev/null
  "$root/tests/testbed/operator_kubeconfig.sh" "$state" "default/$account" >/dev/null
done
kubectl create clusterrolebinding all --clusterrole=cluster-admin --serviceaccount=default:all >/dev/null
account=$state/serviceaccounts/default-
# The watch cache serves old versions until its server is started again.
compact="TB_RUN=$state $root/tests/testbed/compact.sh && TB_RUN=$state $root/tests/testbed/restart.sh apiserver >&2"
"$root/tests/sim/recorded/record.py" "$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}')" "${account}all/ca.crt" \
  "$(cat "${account}all/token")" "$(cat "${account}nobody/token")" "$compact" >"$work/answers.json" 2>"$work/record.log" || { cat "$work/record.log" >&2; fail 'the questions could not be asked'; }
if [ "${1:-}" = --write ]; then
  cp "$work/answers.json" "$root/tests/sim/recorded/answers.json"
  say "$(grep -c '"answer"' "$root/tests/sim/recorded/answers.json") answers"
  exit 0
fi
diff "$root/tests/sim/recorded/answers.json" "$work/answers.json" || fail 'a real API server answers otherwise than it did'
ok "$(grep -c '"answer"' "$work/answers.json") answers, as they were recorded"
