# fault: the API server's certificate is of another authority, for another address, or expired
# expected: no connection, and not a byte of the token is sent
# lane: quick
# takes: 60
. "$faults/rows/25_authority_rotated.sh"
row() {
  operator a
  settled
  certificate other 'subjectAltName=IP:127.0.0.1' 2
  signed elsewhere "$bed/pki/ca" 'subjectAltName=IP:127.0.0.9,DNS:elsewhere' 2
  signed old "$bed/pki/ca" 'subjectAltName=IP:127.0.0.1' expired
  local name since tried=0
  for name in other elsewhere old; do
    control a PUT /certificate "{\"certificate\": \"$work/$name.crt\", \"key\": \"$work/$name.key\"}"
    local failed
    failed=$(control a GET /handshakes | jq .failed)
    cut_connections
    since=$(now_ms)
    sleep 8
    equal 0 "$(count_requests '' "$since")" "requests sent to a server with certificate $name"
    failed=$(($(control a GET /handshakes | jq .failed) - failed))
    at_least 5 "$failed" "connections given up over certificate $name"
    tried=$((tried + failed))
  done
  control a PUT /certificate "{\"certificate\": \"$bed/pki/apiserver.crt\", \"key\": \"$bed/pki/apiserver.key\"}"
  begin=$(now_ms)
  recovers 75 'the right certificate'
  figure "$tried handshakes given up, 0 requests sent; the next change seen $(seconds_of "$took") after the right certificate was back"
}
