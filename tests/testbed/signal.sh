#!/usr/bin/env bash
# Sends a signal to one component of a bed: STOP is a silent peer (connections stay open, nothing answers), CONT wakes
# it, TERM and KILL end it and wait for that; restart.sh NAME starts it again.
#
# usage: signal.sh NAME STOP|CONT|TERM|KILL
# env:   TB_RUN (set by env.sh)
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# = 2 ] || tb_die 'usage: signal.sh NAME STOP|CONT|TERM|KILL'
tb_use "${TB_RUN:-}"
read -r pid _ < <(tb_pid "$1") || tb_die "$1 does not run"
case $2 in
  STOP | CONT) kill "-$2" "$pid" ;;
  TERM | KILL) tb_stop "$1" "$2" ;;
  *) tb_die "signal $2? one of STOP, CONT, TERM, KILL" ;;
esac
