# fault: the link is down: packets go nowhere, no end of a connection is told (network namespace, needs root)
# expected: the connections are given up after 45 s
# lane: calm
# takes: 120
# needs: root
row() {
  ip netns add "$space"
  ip link add "$near" type veth peer name "$far"
  ip link set "$far" netns "$space"
  ip address add 10.213.7.1/30 dev "$near"
  ip link set "$near" up
  ip netns exec "$space" ip link set lo up
  ip netns exec "$space" ip address add 10.213.7.2/30 dev "$far"
  ip netns exec "$space" ip link set "$far" up
  # A certificate for that address.
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/near.key" -out "$work/near.csr" -subj /CN=kube-apiserver >/dev/null 2>&1
  openssl x509 -req -in "$work/near.csr" -CA "$CA_FILE" -CAkey "$bed/pki/ca.key" -CAcreateserial -out "$work/near.crt" -days 2 -extfile <(echo 'subjectAltName=IP:10.213.7.1') >/dev/null 2>&1
  proxy a -listen 10.213.7.1:0
  control a PUT /certificate "{\"certificate\": \"$work/near.crt\", \"key\": \"$work/near.key\"}"
  launcher=(ip netns exec "$space")
  inside=(ip netns exec "$space")
  launch a
  within 90 'the operator is ready' ready a
  settled
  local before down
  before=$(connections)
  at_least 20 "$before" 'connections'
  down=$(now_ms)
  ip link set "$near" down
  within 60 'no connection of before is left' no_connections
  took=$(($(now_ms) - down))
  at_most 45000 "$took" 'until the last connection was given up, ms'
  local cut=$took
  healthy a || fail 'not live'
  sleep 5
  ip link set "$near" up
  begin=$(now_ms)
  recovers 40 'the link is up'
  figure "$before connections given up after $(seconds_of "$cut") at the latest; the next change seen $(seconds_of "$took") after the link was up"
}
space=faults-$$ near=fn$$ far=ff$$
connections() { ip netns exec "$space" ss -tnH state established dst 10.213.7.1 | wc -l; }
no_connections() { [ "$(connections)" = 0 ]; }
# Its ports are in there with it.
curl() { case "$*" in *"http://127.0.0.1:${metrics_of[a]:-none}/"* | *":${health_of[a]:-none}/"* | *":${report_of[a]:-none}/"*) ip netns exec "$space" curl "$@" ;; *) command curl "$@" ;; esac; }
row_cleanup() { ip link del "$near"; ip netns del "$space"; } 2>/dev/null
