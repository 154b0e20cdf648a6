# fault: streams in segments of one byte (a TLS record each); many events in one read; a proper end in the middle of an event
# expected: the same state; events by the byte, a TLS record each, cost no more than 3 times what they cost curl
# also: unit tests `Frames.*`
# lane: quick
# takes: 70
row() {
  operator a
  sleep 2
  local plain single gathered bare
  ten_changes; plain=$cost
  rule byte '{"match": "/deployments[?].*watch=1", "segment": 1}'
  # What a record costs the kernel and OpenSSL nobody can save: curl reads the same events through the same proxy.
  curl -s --cacert "$work/a.files/ca.crt" -H "Authorization: Bearer $(cat "$work/a.files/token")" -o "$work/bare" "https://${address_of[a]}/apis/apps/v1/deployments?watch=1" &
  pid[curl]=$!
  sleep 2
  ten_changes; single=$cost
  bare=$(cpu_ms curl)
  kill "${pid[curl]}"
  unset 'pid[curl]'
  at_least 20 "$bare" 'processor time of curl, ms'
  at_most $((plain + 3 * bare)) "$single" 'processor time of events by single bytes, ms'
  unrule byte
  rule gather '{"match": "watch=1", "gatherMs": 3000}'
  ten_changes; gathered=$cost
  unrule gather
  # Ends as a stream that the server could not encode further.
  rule clean '{"match": "/deployments[?].*watch=1", "cutAt": 700, "clean": true, "times": 3}'
  cut_connections '/deployments[?].*watch=1'
  begin=$(now_ms)
  recovers 30 'streams that ended properly in the middle of an event'
  figure "processor time of ten changes: $plain ms, by single bytes $single ms (curl: $bare ms), gathered $gathered ms"
}
ten_changes() { # sets cost: the processor time that they took, ms
  local i before
  before=$(cpu_ms a)
  for i in $(seq 10); do change; done
  within 30 'the last change is seen' change_shows
  sleep 2
  cost=$(($(cpu_ms a) - before))
}
