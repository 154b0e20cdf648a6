# fault: kill -9 of operators, API server and etcd at random times while workloads change, among other faults
# expected: afterwards nothing is missing, stale or double
# lane: chaos
# Not a row: `faults.sh --chaos MINUTES --seed SEED` runs it. Two operators, each behind its proxy.
# shellcheck source=tests/faults/changes.sh
. "$faults/changes.sh"
# An API server that is killed again and again knows no roles for a while.
# shellcheck disable=SC2034  # read by end_row
tolerated='not allowed to write audit objects'
row() {
  random_setup
  operator a
  operator b
  RANDOM=$FAULTS_CHAOS_SEED
  declare -gA did=()
  local end=$((SECONDS + FAULTS_CHAOS_MINUTES * 60)) next=$((SECONDS + 10)) changes=0
  while [ "$SECONDS" -lt "$end" ]; do
    random_change
    changes=$((changes + 1))
    sleep 0.1
    [ "$SECONDS" -ge "$next" ] || continue
    trouble
    next=$((SECONDS + 3 + RANDOM % 12))
    for name in a b; do [ ! -e "/proc/${pid[$name]}" ] && fail "operator $name ended by itself"; done
  done
  control a DELETE /rules
  control b DELETE /rules
  local name leaders=''
  within 120 'the API server answers' api_ready
  begin=$(now_ms)
  within 90 'a is ready' ready a
  within 90 'b is ready' ready b
  within 90 'one of them leads' one_leads
  for name in a b; do ! leads "$name" || { leaders+=$name; leader=$name; }; done
  equal 1 ${#leaders} 'leaders'
  row_figure="$changes changes, $(for name in "${!did[@]}"; do printf '%s %s, ' "${did[$name]}" "$name"; done)leader after $(seconds_of $(($(now_ms) - begin)))"
}
one_leads() { leads a || leads b; }
trouble() {
  local name what
  name=$([ $((RANDOM % 2)) = 0 ] && echo a || echo b)
  case $((RANDOM % 12)) in
    0 | 1 | 2) what='operators killed'; stop "$name" KILL; sleep $((RANDOM % 4)); launch "$name" ;;
    3 | 4 | 5) what='API servers killed'; restart apiserver -9 ;;
    6 | 7) what='etcds killed'; restart etcd -9; restart_dead ;;
    8) what='connections cut'; cut_connections '' "$([ $((RANDOM % 2)) = 0 ] && echo close || echo reset)" "$name" ;;
    9) what='spells of bad answers'; bad_answers "$name" ;;
    10) what='operators stopped'; kill -STOP "${pid[$name]}"; sleep $((RANDOM % 20)); kill -CONT "${pid[$name]}" ;;
    11) what='compactions'; compact; restart apiserver -9 ;;
  esac
  did[$what]=$((${did[$what]:-0} + 1))
}
# An API server that found no etcd for long ends; as a kubelet would, we start it again.
restart_dead() { kubectl get --raw /readyz >/dev/null 2>&1 || restart apiserver -9; }
bad_answers() { # OPERATOR
  control "$1" DELETE /rules
  case $((RANDOM % 6)) in
    0) rule bad '{"match": ".*", "status": 503, "body": "", "times": 30}' "$1" ;;
    1) rule bad '{"match": "watch=1", "cutAt": 900, "times": 20}' "$1" ;;
    2) rule bad '{"match": "PATCH|PUT|POST", "lose": true, "times": 10}' "$1" ;;
    3) rule bad '{"match": ".*", "delayMs": 2000, "times": 40}' "$1" ;;
    4) rule bad '{"match": "watch=1", "duplicate": 2, "drop": ["BOOKMARK"]}' "$1" ;;
    5) rule bad '{"match": ".*", "refuse": "reset", "times": 40}' "$1" ;;
  esac
}
