# fault: etcd stopped (SIGSTOP) for 30 s
# expected: no deletion, series stay; 35 s to recover
# lane: servers
# takes: 60
row() {
  operator a
  component etcd STOP
  sleep 30
  healthy || fail 'not live without etcd'
  exports a || fail 'series went away'
  component etcd CONT
  begin=$(now_ms)
  recovers 35 'etcd goes on'
  equal 0 "$(our_deletes)" 'deletions'
  figure "seen $(seconds_of "$took") after etcd went on"
}
