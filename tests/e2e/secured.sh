#!/usr/bin/env bash
# /metrics behind TLS and the API server's word, on a real control plane: nobody without a token, nobody whom RBAC does not let in, whoever is
# bound to seaworthy-metrics-reader; without the API server nobody beyond what is known; certificates of files taken while running.
. "$(dirname "$0")/lib.sh"
bed_up
for account in scraper stranger; do
  kubectl create serviceaccount -n default "$account" >/dev/null
  "$root/tests/testbed/operator_kubeconfig.sh" "$state" "default/$account" >/dev/null
done
token() { cat "$state/serviceaccounts/default-$1/token"; }
kubectl create clusterrolebinding scraper --clusterrole=seaworthy-metrics-reader --serviceaccount=default:scraper >/dev/null

mkdir "$work/tls"
start_operator --metrics-secure true --metrics-cert-file "$work/tls/tls.crt" --metrics-key-file "$work/tls/tls.key"
url=https://127.0.0.1:$metrics_port/metrics
code() { curl -sk -o "$work/page" -w '%{http_code}' "$@" "$url" || true; }
is() { # WHAT WANTED GOT
  if [ "$2" = "$3" ]; then ok "$1 ($3)"; else fail "$1: wanted $2, got $3"; fi
}
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$metrics_port/metrics" || true)" != 200 ] || fail 'plain HTTP is answered'
ok 'plain HTTP is not answered'
is 'without a token' 401 "$(code)"
is 'with no real token' 401 "$(code -H 'Authorization: Bearer nonsense')"
is 'with the token of an account that may not' 403 "$(code -H "Authorization: Bearer $(token stranger)")"
is 'with the token of an account that may' 200 "$(code -H "Authorization: Bearer $(token scraper)")"
grep -c '^seaworthy_build_info' "$work/page" >/dev/null || fail 'the page has no metrics'
before=$(grep -c '"tokenreviews"' "$AUDIT_LOG" || true)
for _ in $(seq 20); do code -H "Authorization: Bearer $(token scraper)" >/dev/null; done
is 'twenty scrapes later, token reviews more' 0 $(($(grep -c '"tokenreviews"' "$AUDIT_LOG" || true) - before))
grep -rc "$(token scraper)" "$work/operator.log" >/dev/null && fail 'a token is in the log'
ok 'no token is in the log'

# A certificate of somebody's authority, put in place while the operator runs.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out "$work/ca.crt" -days 1 -subj /CN=ca >/dev/null 2>&1
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/new.key" -out "$work/new.csr" -subj /CN=seaworthy >/dev/null 2>&1
openssl x509 -req -in "$work/new.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 1 -out "$work/new.crt" -extfile <(echo 'subjectAltName=IP:127.0.0.1') >/dev/null 2>&1
cp "$work/new.key" "$work/tls/tls.key"
cp "$work/new.crt" "$work/tls/tls.crt"
verified() { curl -sf --cacert "$work/ca.crt" -H "Authorization: Bearer $(token scraper)" -o /dev/null "$url"; }
within 10 'the certificate of the files is shown' verified
ok 'the certificate of the files is taken while it runs'

TB_RUN=$state "$root/tests/testbed/signal.sh" apiserver STOP >/dev/null
is 'without the API server, somebody who is known' 200 "$(code -H "Authorization: Bearer $(token scraper)")"
is 'without the API server, somebody who is not' 503 "$(code --max-time 30 -H 'Authorization: Bearer another')"
TB_RUN=$state "$root/tests/testbed/signal.sh" apiserver CONT >/dev/null
