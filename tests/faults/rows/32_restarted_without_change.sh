# fault: the operator restarted over 1,000 workloads, nothing changed
# expected: no write; ready within 30 s; at most 2 list or watch requests a watched kind
# lane: bulk
# takes: 150
row() {
  operator_over_bulk
  stop a
  local at since
  at=$(audit_now) since=$(now_ms)
  launch a
  within 30 'the operator is ready' ready a
  took=$(($(now_ms) - since))
  sleep 20
  equal 0 "$(our_writes "$at")" 'writes of a restart'
  local most
  most=$(requests a '[?].*(watch=1|limit=)' "$since" | jq -r 'select(.status != 429) | .request | sub("\\?.*"; "")' | sort | uniq -c | sort -rn | awk 'NR == 1 {print $1}')
  at_most 2 "$most" 'list or watch requests of one kind'
  figure "0 writes; ready after $(seconds_of "$took"); $most list or watch requests a kind at most"
}
