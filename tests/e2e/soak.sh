#!/usr/bin/env bash
# Hours of random changes and faults, with the memory of the operator drawn as a line: it must not rise. Ends with a comparison with a fresh audit.
#
# usage: soak.sh [MINUTES] [SEED]   default 60 and a random one, which is printed
. "$(dirname "$0")/lib.sh"
testbed=$root/tests/testbed
# shellcheck source=tests/faults/changes.sh
. "$root/tests/faults/changes.sh"
minutes=${1:-60} seed=${2:-$RANDOM}
RANDOM=$seed
say "seed $seed, $minutes minutes"
bed_up
kubectl apply --server-side -f "$root/samples/shop.yaml" >/dev/null 2>&1
random_setup
start_operator
: >"$work/samples"

fault() {
  case $((RANDOM % 6)) in
    0) TB_RUN=$state "$testbed/restart.sh" apiserver -9 ;;
    1) TB_RUN=$state "$testbed/signal.sh" apiserver STOP; sleep $((RANDOM % 25)); TB_RUN=$state "$testbed/signal.sh" apiserver CONT ;;
    2) TB_RUN=$state "$testbed/compact.sh"; TB_RUN=$state "$testbed/restart.sh" apiserver ;;
    3) kill -STOP "$operator_pid"; sleep $((RANDOM % 20)); kill -CONT "$operator_pid" ;;
    4) TB_RUN=$state "$testbed/restart.sh" etcd -9 ;;
    5) kubectl delete lease -n seaworthy seaworthy ;;
  esac >/dev/null 2>&1 || true
}
sample() {
  printf '%s %s %s %s\n' "$(date +%s)" "$(awk '/^VmRSS/ {print $2}' "/proc/$operator_pid/status")" "$(awk '/^Threads/ {print $2}' "/proc/$operator_pid/status")" \
    "$(find "/proc/$operator_pid/fd" -mindepth 1 | wc -l)" >>"$work/samples"
}

end=$((SECONDS + minutes * 60)) next_fault=$((SECONDS + 60)) next_sample=$SECONDS faults=0 changes=0
while [ "$SECONDS" -lt "$end" ]; do
  random_change
  changes=$((changes + 1))
  kill -0 "$operator_pid" 2>/dev/null || fail 'the operator ended by itself'
  if [ "$SECONDS" -ge "$next_sample" ]; then sample; next_sample=$((SECONDS + 15)); fi
  if [ "$SECONDS" -ge "$next_fault" ]; then
    fault
    faults=$((faults + 1)) next_fault=$((SECONDS + 60 + RANDOM % 60))
    say "      $(((end - SECONDS) / 60)) minutes left: $(tail -n 1 "$work/samples" | awk '{print $2 " KiB, " $3 " threads, " $4 " descriptors"}')"
  fi
  sleep 0.3
done
within 120 'the API server answers' kubectl get --raw /readyz
quiet
within 180 '/metrics, report objects and a fresh audit agree' views_agree
ok "$changes changes and $faults faults: /metrics, report objects and a fresh audit agree"
divergence=$(series '^seaworthy_cache_divergence_total' || true)
[ "${divergence:-0}" = 0 ] || fail "the cache diverged $divergence times"
# The slope of the last three quarters: before, pools and caches fill.
python3 - "$work/samples" <<'P' || fail 'memory rises'
import sys
rows = [list(map(float, line.split())) for line in open(sys.argv[1])]
rows = rows[len(rows) // 4:]
hours = [(row[0] - rows[0][0]) / 3600 for row in rows]
memory = [row[1] / 1024 for row in rows]
mean_h, mean_m = sum(hours) / len(rows), sum(memory) / len(rows)
spread = sum((h - mean_h) ** 2 for h in hours)
slope = sum((h - mean_h) * (m - mean_m) for h, m in zip(hours, memory)) / spread if spread else 0
print(f"ok    resident {memory[0]:.1f} -> {memory[-1]:.1f} MiB, slope {slope:.2f} MiB/h over {hours[-1]:.2f} h; threads {min(r[2] for r in rows):.0f} to {max(r[2] for r in rows):.0f}, descriptors {min(r[3] for r in rows):.0f} to {max(r[3] for r in rows):.0f}")
# In less than half an hour a slope is noise.
sys.exit(1 if hours[-1] > 0.4 and slope > 1 else 0)
P
