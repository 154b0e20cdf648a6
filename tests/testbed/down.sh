#!/usr/bin/env bash
# Stops a bed, newest component first, and removes its state.
#
# usage: down.sh [STATE]     default TB_RUN; no bed there is no error
# env:   TB_KEEP=1           keep the state (logs, audit log, etcd's data)
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
TB_RUN=${1:-${TB_RUN:-}}
[ -n "$TB_RUN" ] || tb_die 'usage: down.sh STATE'
[ -e "$TB_RUN/pids" ] || exit 0

# All are told at once, newest first; the API server would otherwise wait for its watchers. After 2 s they are killed.
while read -r pid _ started; do
  if tb_alive "$pid" "$started"; then kill "$pid" 2>/dev/null || true; kill -CONT "$pid" 2>/dev/null || true; fi
done < <(tac "$TB_RUN/pids")
for ((i = 0; i < 40; i++)); do
  left=0
  while read -r pid _ started; do
    if tb_alive "$pid" "$started"; then left=1; fi
  done <"$TB_RUN/pids"
  [ "$left" = 1 ] || break
  sleep 0.05
done
while read -r pid _ started; do
  tb_end "$pid" "$started" KILL
done < <(tac "$TB_RUN/pids")
rm -f "$TB_RUN/pids"
[ -n "${TB_KEEP:-}" ] || rm -rf "$TB_RUN"
