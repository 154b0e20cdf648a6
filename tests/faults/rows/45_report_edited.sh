# fault: a tenant edits a WorkloadAudit, deletes another, and edits again at once
# expected: as before within 35 s; counted; no loop
# lane: quick
# takes: 100
row() {
  operator a
  settled
  local before tampered at
  before=$(report web)
  tampered=$(total '^seaworthy_report_tamper_total')
  at=$(audit_now)
  kubectl -n shop patch wa deployment-web --type merge -p '{"status": {"score": 1, "grade": "F"}}' >/dev/null
  begin=$(now_ms)
  within 36 'the edited report is as before' same_report web "$before"
  took=$(($(now_ms) - begin))
  at_most 35000 "$took" 'until the edited report was as before, ms'
  # Again at once: put back no sooner than 30 s after the last time.
  kubectl -n shop patch wa deployment-web --type merge -p '{"status": {"score": 2}}' >/dev/null
  local again
  again=$(now_ms)
  within 45 'the report edited again is as before' same_report web "$before"
  again=$(($(now_ms) - again))
  local other
  other=$(report db statefulset)
  kubectl -n shop delete wa statefulset-db >/dev/null
  begin=$(now_ms)
  within 36 'the deleted report is back' same_report db "$other" statefulset
  local back=$(($(now_ms) - begin))
  sleep 11
  local counted writes
  counted=$(($(total '^seaworthy_report_tamper_total') - tampered))
  equal 3 "$counted" 'counted'
  settled
  writes=$(our_writes "$at")
  at_most 6 "$writes" 'writes'
  figure "edited: as before after $(seconds_of "$took"); again: $(seconds_of "$again"); deleted: back after $(seconds_of "$back"); $writes writes"
}
report() { kubectl -n shop get wa "${2:-deployment}-$1" -o json | jq -cS '.status'; }
same_report() { [ "$(report "$1" "${3:-deployment}")" = "$2" ]; }
