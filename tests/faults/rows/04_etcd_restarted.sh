# fault: etcd killed, away for 10 s, started again with the same data
# expected: 60 s to recover
# lane: servers
# takes: 40
row() {
  operator a
  component etcd KILL
  sleep 10
  healthy || fail 'not live without etcd'
  restart etcd
  begin=$(now_ms)
  recovers 60 'etcd is back'
  equal 0 "$(our_deletes)" 'deletions'
  figure "seen $(seconds_of "$took") after etcd was back"
}
