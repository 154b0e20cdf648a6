#!/usr/bin/env bash
# The page that the operator serves at / of its report port: only to localhost, with the headers of a page that nobody frames, and alive in Chromium.
. "$(dirname "$0")/lib.sh"

bed_up
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
start_operator
url=http://localhost:$report_port/
within 30 'the report has the shop' sh -c "[ \"\$(curl -sf http://localhost:$report_port/report.json | jq '.workloads | length')\" = 6 ]"

headers=$(curl -s -D - -o "$work/page.html" "$url" | tr -d '\r')
for header in 'HTTP/1.1 200' 'Content-Type: text/html; charset=utf-8' "frame-ancestors 'none'" "default-src 'none'" 'X-Content-Type-Options: nosniff' \
  'Referrer-Policy: no-referrer' 'Cache-Control: no-store' 'Cross-Origin-Resource-Policy: same-origin'; do
  grep -qF "$header" <<<"$headers" || fail "the page's headers lack: $header"
done
ok 'the page comes with the headers that it should have'
for host in evil.example "evil.example:$report_port" 127.0.0.1.evil.example; do
  [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Host: $host" "$url")" = 403 ] || fail "it answers to the host $host"
done
ok 'another host name is refused: no page of another site reads it by DNS rebinding'
[ "$(curl -s -o /dev/null -w '%{http_code}' "${url}favicon.ico")" = 404 ] || fail 'something else is served'
python3 "$root/tests/e2e/page/page_test.py" --url "$url" || fail 'the page does not work in Chromium'
ok 'the page works in Chromium'
