# fault: the operator moves from one API server to another whose link to etcd stands still
# expected: nothing goes back; when the link moves again, 10 s to recover
# lane: second
# takes: 60
row() {
  second_server_lags
  # To the second, which does not know of it.
  control a PUT /upstream "https://127.0.0.1:$second_port"
  cut_connections
  local until=$((SECONDS + 12))
  while [ "$SECONDS" -lt "$until" ]; do
    change_shows || fail 'it went back to what the second server knows'
    sleep 0.3
  done
  kill -CONT "$relay"
  begin=$(now_ms)
  recovers 15 'the link moves again'
  equal 0 "$(our_deletes)" 'deletions'
  figure "nothing went back in 12 s; the next change seen $(seconds_of "$took") after the link moved"
}
# second_server_lags: operator a, by way of the first server, has seen a change that the second does not know of.
second_server_lags() {
  second_server
  operator a
  settled
  kill -STOP "$relay"
  sleep 1
  change
  within 10 'the change is seen by way of the first server' change_shows
}
# second_server: one more API server on the same etcd, by way of a relay that can be stopped. Sets relay (pid) and second_port.
second_server() {
  "$FAULTS_PROXY" relay -upstream "127.0.0.1:$TB_ETCD_PORT" -addresses "$work/relay" >/dev/null 2>&1 &
  relay=$!
  servers+=("$relay")
  within 5 'the relay listens' test -s "$work/relay"
  second_port=$(free_port)
  eval "command=($(cat "$bed/cmd/apiserver"))"
  local i
  # shellcheck disable=SC2154
  for ((i = 0; i < ${#command[@]}; i++)); do
    case ${command[i]} in
      --etcd-servers) command[i + 1]=http://$(cat "$work/relay") ;;
      --secure-port) command[i + 1]=$second_port ;;
      # What it serves is audited too: the writes must be judged.
      --audit-log-path) command[i + 1]=$AUDIT_LOG ;;
    esac
  done
  setsid "${command[@]}" >"$work/second.log" 2>&1 </dev/null &
  servers+=($!)
  second=$!
  within 60 'the second API server is ready' curl -sf --cacert "$CA_FILE" --cert "$bed/pki/admin.crt" --key "$bed/pki/admin.key" "https://127.0.0.1:$second_port/readyz"
}
