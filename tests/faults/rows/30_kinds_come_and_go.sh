# fault: all optional CustomResourceDefinitions installed and removed, five times
# expected: watched and not, each time; threads, descriptors and memory do not grow
# also: tests/e2e/optional_kinds.sh is this row, there with 20 rounds
# lane: kinds
# takes: 300
settles=no
row() {
  # It starts a control plane of its own.
  env -u TB_RUN SEAWORTHY_ROUNDS=5 "$root/tests/e2e/optional_kinds.sh" >"$work/kinds.out" 2>&1 || { tail -n 20 "$work/kinds.out" >&2; fail 'tests/e2e/optional_kinds.sh failed'; }
  row_figure=$(sed -n 's/^ok *//p' "$work/kinds.out" | head -n 1)
}
