# fault: etcd and the API server restored from an older snapshot, revisions not raised
# expected: found by a probe, at once or within 12 minutes; nothing silent
# lane: restored
# takes: 110
# bed: spoilt
row() {
  operator a
  settled
  snapshot
  # What the snapshot does not know: one Deployment more, one less, and one that says otherwise.
  kubectl create deployment -n shop later --image=registry.example/shop/later:latest >/dev/null
  kubectl -n shop delete cronjob report >/dev/null
  # And a few hundred revisions, as the hours since a backup have: other clients write, and the restored store passes our versions within minutes.
  service_accounts 300 shop
  change
  within 20 'the last change is seen' change_shows
  settled
  local relists
  relists=$(total '^seaworthy_watch_relists_total')
  restore
  begin=$(now_ms)
  within 740 'what the snapshot does not know is gone' not failing_of later
  within 740 'what it does know is back' shows_cronjob
  took=$(($(now_ms) - begin))
  # Kinds that the test reads nothing of have their probes, too.
  figure "all as restored after $(seconds_of "$took"), $(($(total '^seaworthy_watch_relists_total') - relists)) lists anew"
  know_turn
}
failing_of() { use a; failing shop "$1" image-tag; }
shows_cronjob() { use a; [ -n "$(score shop report)" ]; }
snapshot() {
  component etcd TERM
  cp "$bed/etcd/member/snap/db" "$work/snapshot.db"
  restart etcd
  within 60 'etcd is back' api_ready
  begin=$(now_ms)
  recovers 60 'after the snapshot'
  settled
}
restore() { # [FLAGS...]
  component apiserver KILL
  component etcd KILL
  rm -rf "$bed/etcd"
  local peer
  peer=http://127.0.0.1:$TB_PEER_PORT
  "$TB_BIN/etcdutl" snapshot restore "$work/snapshot.db" --skip-hash-check --name testbed --data-dir "$bed/etcd" --initial-cluster "testbed=$peer" \
    --initial-advertise-peer-urls "$peer" "$@" >>"$work/bed.log" 2>&1 || fail 'etcdutl could not restore'
  # An outage is not over in an instant; and controllers must not act on memories of their own.
  for name in kcm scheduler kwok; do component "$name" KILL; done
  restart etcd
  restart apiserver
  for name in kcm scheduler kwok; do restart "$name"; done
}
