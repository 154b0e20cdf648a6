#!/usr/bin/env bash
# The fault matrix on a real control plane: each row makes one fault, mostly through the fault proxy (tests/faults/proxy), and measures. After each,
# /metrics, the report objects and an audit from scratch must agree, and the API server's audit log must show no write that should not be.
#
# usage: faults.sh [ROW...]           those rows, by number; none: all of them, and docs/reliability.md is written anew
#        faults.sh --quick            a handful, for `./dev test --full` (FAULTS_QUICK=1 is the same)
#        faults.sh --chaos [MINUTES] [--seed SEED]   kill -9 of operator, API server and etcd at random times while workloads change; default 10
#        faults.sh --list             what there is
# env:   FAULTS_LANES  control planes at a time, default 3 (600 MiB each)     FAULTS_KEEP  a folder for what a failing row leaves behind
#        FAULTS_RESULTS  a folder for NN.json of each row, default a temporary one     FAULTS_NO_DOCUMENT=1  leave docs/reliability.md alone
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
faults=$root/tests/faults

header() { sed -n "s/^# $2: //p" "$1" | head -n 1; } # FILE KEY
list() {
  local file
  for file in "$faults"/rows/*.sh; do printf '%s %s\n' "$(basename "$file" .sh | cut -d_ -f 1)" "$(header "$file" fault)"; done
}

quick=${FAULTS_QUICK:-} chaos='' seed=$RANDOM wanted=()
while [ $# != 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --chaos) chaos=10; if [[ ${2:-} =~ ^[0-9]+$ ]]; then chaos=$2; shift; fi ;;
    --seed) seed=$2; shift ;;
    --list) list; exit 0 ;;
    *[!0-9]*) echo "faults.sh: $1?" >&2; exit 2 ;;
    *) wanted+=("$((10#$1))") ;;
  esac
  shift
done

FAULTS_PROXY=$("$faults/build.sh" | tail -n 1)
export FAULTS_PROXY
results=${FAULTS_RESULTS:-$work/results}
mkdir -p "$results"
beds_lock=$work/beds.lock
# What table.py says of it: dev, release, ...
FAULTS_BUILD=$(basename "$(dirname "$binary")")
export FAULTS_BUILD
# Of its own: a build that goes on beside must not take it away.
cp "$binary" "$work/seaworthy"
export SEAWORTHY_BUILD=$work

# lane NAME FILE...: a control plane of its own, and rows one after the other; what a row spoilt is thrown away.
lane() {
  local name=$1 file number result code
  shift
  work=$work/$name
  mkdir -p "$work"
  state=''
  trap '[ -z "$state" ] || "$root/tests/testbed/down.sh" "$state" >/dev/null 2>&1 || true' EXIT
  trap 'exit 143' TERM INT
  for file in "$@"; do
    if [ -z "$state" ]; then
      # One at a time: starting takes all the processor there is, and each waits only so long.
      exec 8>"$beds_lock"
      flock 8
      bed_up 8>&-
      flock -u 8
      kubectl apply --server-side -f "$root/samples/shop.yaml" >/dev/null 2>&1
      kubectl -n shop rollout status deploy/web --timeout=60s >/dev/null
    fi
    number=$(basename "$file" .sh | cut -d_ -f 1)
    result=$results/$number.json
    code=0
    FAULTS_BED=$state bash "$faults/row.sh" "$file" "$result" >"$work/$number.log" 2>&1 &
    row=$!
    wait "$row" || code=$?
    if [ "$code" = 0 ]; then
      printf 'ok    %s %s: %s (%s s)\n' "$number" "$(header "$file" fault)" "$(jq -r .figure "$result")" "$(jq -r .seconds "$result")"
    else
      printf 'FAIL  %s %s\n' "$number" "$(header "$file" fault)"
      sed 's/^/      /' "$work/$number.log" | tail -n 40
      jq -c --arg figure "failed: $(grep -h '^FAIL' "$work/$number.log" | head -n 1 | cut -c 7-)" '.result = "FAIL" | .figure = $figure' "$result" >"$result.new" && mv "$result.new" "$result"
    fi
    if [ "$code" != 0 ] || [ "$(header "$file" bed)" = spoilt ]; then
      "$root/tests/testbed/down.sh" "$state" >/dev/null 2>&1 || true
      state=''
    fi
  done
}

lanes=()
finish() {
  local code=$? process
  trap - EXIT
  for process in "${lanes[@]}"; do kill "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -n "$chaos" ]; then
  export FAULTS_CHAOS_MINUTES=$chaos FAULTS_CHAOS_SEED=$seed
  say "seed $seed, $chaos minutes"
  (lane chaos "$faults/chaos.sh")
  [ "$(jq -r .result "$results"/chaos*.json)" = ok ] || exit 1
  exit 0
fi

declare -A rows_of takes_of
numbers=()
for file in "$faults"/rows/*.sh; do
  number=$((10#$(basename "$file" .sh | cut -d_ -f 1)))
  in_lane=$(header "$file" lane)
  [ -n "$in_lane" ] || continue # not made here; its lines are for the table
  if [ "${#wanted[@]}" != 0 ]; then
    [[ " ${wanted[*]} " == *" $number "* ]] || continue
  elif [ -n "$quick" ]; then
    [ "$(header "$file" guard)" = yes ] || continue
  fi
  rows_of[$in_lane]+=" $file"
  takes_of[$in_lane]=$((${takes_of[$in_lane]:-0} + $(header "$file" takes)))
  numbers+=("$(basename "$file" .sh | cut -d_ -f 1)")
  rm -f "$results/${numbers[-1]}.json"
done
[ "${#numbers[@]}" != 0 ] || fail "no such row: ${wanted[*]}"

# The longest lanes first.
at_once=${FAULTS_LANES:-3}
for in_lane in $(for name in "${!takes_of[@]}"; do echo "${takes_of[$name]} $name"; done | sort -rn | cut -d' ' -f 2); do
  while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do wait -n || true; done
  # shellcheck disable=SC2086
  (lane "$in_lane" ${rows_of[$in_lane]}) &
  lanes+=($!)
done
for process in "${lanes[@]}"; do wait "$process" || true; done

done_well=0
for number in "${numbers[@]}"; do
  [ "$(jq -r .result "$results/$number.json" 2>/dev/null || true)" != ok ] || done_well=$((done_well + 1))
done
if [ -z "$quick" ] && [ -z "${FAULTS_NO_DOCUMENT:-}" ]; then "$faults/table.py" "$results"; fi
say "$done_well of ${#numbers[@]} rows are as they should be"
[ "$done_well" = "${#numbers[@]}" ]
