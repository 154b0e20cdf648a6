# fault: the API server has a certificate of a new authority, and the file with the authority changes
# expected: watches stay open; new connections verify by the new one
# lane: quick
# takes: 40
row() {
  operator a
  settled
  local since
  certificate fresh 'subjectAltName=IP:127.0.0.1' 2
  cp "$work/fresh-ca.crt" "$work/a.files/ca.new"
  mv "$work/a.files/ca.new" "$work/a.files/ca.crt"
  control a PUT /certificate "{\"certificate\": \"$work/fresh.crt\", \"key\": \"$work/fresh.key\"}"
  since=$(now_ms)
  begin=$since
  recovers 10 'on connections of before'
  equal 0 "$(count_requests watch=1 "$since")" 'watches that were opened anew by the rotation'
  cut_connections
  begin=$(now_ms)
  recovers 20 'on new connections'
  figure "no watch was cut; after all connections were, the next change seen after $(seconds_of "$took")"
}
# certificate NAME EXTENSIONS DAYS: of an authority of its own, NAME-ca.crt.
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1-ca.key" -out "$work/$1-ca.crt" -days 2 -subj "/CN=$1-ca" -addext basicConstraints=critical,CA:TRUE >/dev/null 2>&1
  signed "$1" "$work/$1-ca" "$2" "$3"
}
signed() { # NAME AUTHORITY EXTENSIONS DAYS
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj /CN=kube-apiserver >/dev/null 2>&1
  if [ "$4" = expired ]; then
    mkdir -p "$work/ca"
    : >"$work/ca/index.txt"
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nserial=%s\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\n%s\n' \
      "$work/ca/index.txt" "$work/ca" "$work/ca/serial" "$3" >"$work/ca/config"
    echo 01 >"$work/ca/serial"
    openssl ca -batch -config "$work/ca/config" -cert "$2.crt" -keyfile "$2.key" -in "$work/$1.csr" -out "$work/$1.crt" -startdate 20200101000000Z -enddate 20200102000000Z -notext >/dev/null 2>&1
  else
    openssl x509 -req -in "$work/$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -out "$work/$1.crt" -days "$4" -extfile <(echo "$3") >/dev/null 2>&1
  fi
}
