# fault: /metrics with TLS: 1,000 scrapes a second with made-up tokens, and 100 clients that never finish their request
# expected: 5 token reviews a second at most; live; somebody who may scrape is answered
# also: tests/e2e/secured.sh
# lane: quick
# takes: 60
row() {
  kubectl create serviceaccount -n default scraper >/dev/null 2>&1 || true
  kubectl create clusterrolebinding scraper --clusterrole=seaworthy-metrics-reader --serviceaccount=default:scraper >/dev/null 2>&1 || true
  local token reviews at tried
  token=$(kubectl create token -n default scraper)
  operator a --metrics-secure true
  secure=yes
  at=$(audit_now)
  tried=$(python3 - "${metrics_of[a]}" <<'P'
import socket, ssl, sys, threading, time
port, end, done = int(sys.argv[1]), time.time() + 15, [0] * 8
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
def slow():
    try:
        s = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5)); s.sendall(b"GET /metrics HT"); time.sleep(15)
    except OSError: pass
def flood(i):
    n = 0
    while time.time() < end:
        try:
            s = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5)); s.settimeout(5)
            for _ in range(50):
                n += 1
                s.sendall(f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nonsense-{i}-{n}\r\n\r\n".encode())
                if not s.recv(4096): break
                done[i] += 1
                if time.time() >= end: break
            s.close()
        except OSError: time.sleep(0.01)
threads = [threading.Thread(target=slow, daemon=True) for _ in range(100)] + [threading.Thread(target=flood, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads[100:]: t.join()
print(sum(done))
P
) &
  local flood=$!
  local looks=0
  sleep 2
  for i in 1 2 3 4 5 6; do healthy a || fail 'not live in the flood'; looks=$((looks + 1)); sleep 2; done
  wait "$flood" || fail 'the flood did not run'
  sleep 6
  [ "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "https://127.0.0.1:${metrics_of[a]}/metrics")" = 200 ] || fail 'who may scrape is not answered after the flood'
  local total
  tail -c "+$((at + 1))" "$AUDIT_LOG" | grep '"tokenreviews"' | jq -r 'select(.user.username == "system:serviceaccount:seaworthy:seaworthy") | .requestReceivedTimestamp | sub("[.].*"; "")' >"$work/reviews"
  reviews=$(sort "$work/reviews" | uniq -c | sort -rn | awk 'NR == 1 {print $1}') total=$(wc -l <"$work/reviews")
  # Five of strangers as they are sent; where the machine halts for a moment, those of two seconds arrive in one. The scraper has its own.
  at_most 11 "${reviews:-0}" 'token reviews in one second'
  at_most 85 "$total" 'token reviews in the 15 seconds of the flood and one more'
  at_least 1 "${reviews:-0}" 'token reviews in one second'
  figure "${reviews} token reviews in the busiest second, $total in all; live at each of $looks looks; who may scrape is answered after it"
}
page() { curl -skf --max-time 5 -H "Authorization: Bearer $(kubectl create token -n default scraper)" "https://127.0.0.1:${metrics_of[$1]}/metrics" || true; }
metrics() { page a; }
