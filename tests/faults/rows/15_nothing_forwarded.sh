# fault: a proxy keeps connections open and forwards nothing, for all watches, for 200 s
# expected: a stream that had two bookmarks is cut after 160 s at most, others at their own timeout and 10 s
# lane: held
# takes: 470
. "$faults/rows/02_apiserver_frozen.sh"
row() {
  operator a
  within 240 'streams have had two bookmarks' two_bookmarks
  local held
  held=$(now_ms)
  rule hold '{"match": "watch=1", "hold": true}'
  within 215 'a watch is opened anew' counted 10 watch=1 "$held"
  local last
  # Those that ended by their own timeout in that time count for nothing: the first that came while nothing but the stall limit could end it.
  last=$(requests a watch=1 "$held" | jq -s '[.[].at] | sort | .[length / 2 | floor]')
  at_most 160000 $((last - held)) 'until half of the watches were opened anew, ms'
  unrule hold
  begin=$(now_ms)
  recovers 35 'the proxy forwards again'
  figure "opened anew $(seconds_of $((last - held))) after the last byte got through; the next change seen after $(seconds_of "$took")"
}
