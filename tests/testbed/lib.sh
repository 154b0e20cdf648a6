# shellcheck shell=bash
# Shared by the test bed's scripts; sourced, never run. TB_RUN is the bed's state folder throughout:
#   env.sh               what a user of the bed sources     admin.kubeconfig   system:masters
#   pids                 "PID NAME STARTTIME", oldest first  log/NAME.log       each component's output
#   cmd/NAME             its command line, shell-quoted      audit.log          the API server's audit log
#   pki/                 keys and certificates               etcd/              etcd's data
set -euo pipefail

# shellcheck disable=SC2034  # used by the scripts that source this
tb_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

tb_say() { printf 'testbed: %s\n' "$*" >&2; }
tb_die() { tb_say "$*"; exit 1; }

# tb_use DIR: makes DIR (default TB_RUN) the bed to work on.
tb_use() {
  TB_RUN=${1:-${TB_RUN:-}}
  [ -n "$TB_RUN" ] || tb_die 'which bed? set TB_RUN to its state folder, or source its env.sh'
  [ -e "$TB_RUN/env.sh" ] || tb_die "no bed in $TB_RUN"
  # shellcheck disable=SC1091  # written by up.sh
  . "$TB_RUN/env.sh"
}

# tb_starttime PID: field 22 of stat; fails when the process has ended. One that nobody has waited for (Z) has ended only
# when its last thread has: until then it holds its ports.
tb_starttime() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) } # the name before it may hold anything
  # shellcheck disable=SC2086
  set -- $stat
  if [ "$1" = Z ] && [ "${18}" -le 1 ]; then return 1; fi
  echo "${20}"
}

# A pid alone may have been given to another process since; its start time tells.
tb_alive() { [ "$(tb_starttime "$1")" = "$2" ]; }

# tb_pid NAME: prints "PID STARTTIME" of a component that runs; fails when it does not.
tb_pid() {
  local pid name started
  while read -r pid name started; do
    if [ "$name" = "$1" ] && tb_alive "$pid" "$started"; then echo "$pid $started"; return; fi
  done <"$TB_RUN/pids"
  return 1
}

# tb_start NAME COMMAND...: starts it detached (a Ctrl-C at the terminal is not for it) and records it.
tb_start() {
  local name=$1
  shift
  mkdir -p "$TB_RUN/cmd" "$TB_RUN/log"
  printf '%q ' "$@" >"$TB_RUN/cmd/$name"
  tb_launch "$name" "$@"
}

tb_launch() {
  local name=$1 pid
  shift
  setsid "$@" >>"$TB_RUN/log/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  disown "$pid"
  tb_record "$name" "$pid $name $(tb_starttime "$pid" || echo gone)"
}

# tb_record NAME [LINE]: replaces NAME's line in pids, in one move; with no LINE it goes.
tb_record() {
  { grep -v " $1 " "$TB_RUN/pids" || true; printf '%s' "${2:+$2$'\n'}"; } >"$TB_RUN/pids.new"
  mv "$TB_RUN/pids.new" "$TB_RUN/pids"
}

# tb_end PID STARTTIME [SIGNAL]: signals and waits; after 10 s of patience it is killed.
tb_end() {
  local i
  tb_alive "$1" "$2" || return 0
  kill "-${3:-TERM}" "$1" 2>/dev/null || return 0
  kill -CONT "$1" 2>/dev/null || true # a stopped process would never see the signal
  for ((i = 0; i < 300; i++)); do
    tb_alive "$1" "$2" || return 0
    [ "$i" != 200 ] || kill -KILL "$1" 2>/dev/null || true
    sleep 0.05
  done
  tb_die "process $1 survived SIGKILL"
}

# tb_stop NAME [SIGNAL]: ends a component and strikes it off, so that its death is not taken for an accident.
tb_stop() {
  local pid started
  read -r pid started < <(tb_pid "$1") || return 0
  tb_end "$pid" "$started" "${2:-TERM}"
  tb_record "$1"
}

# tb_check [NAME]: fails, with the end of its log, when that component (default any) has died.
tb_check() {
  local pid name started
  while read -r pid name started; do
    [ "${1:-$name}" = "$name" ] || continue
    tb_alive "$pid" "$started" && continue
    tb_say "$name died; the end of $TB_RUN/log/$name.log:"
    tail -n 15 "$TB_RUN/log/$name.log" >&2
    return 1
  done <"$TB_RUN/pids"
}

# tb_until SECONDS WHAT COMMAND...: polls the command; fails when the time is up or a component has died (one only, where
# TB_WATCHED names it).
tb_until() {
  local limit=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    tb_check "${TB_WATCHED:-}" || return 1
    if [ "$SECONDS" -ge "$end" ]; then tb_say "gave up after $limit s: $what"; return 1; fi
    sleep 0.1
  done
}

# tb_curl PATH [ARGS...]: the API server as admin.
tb_curl() {
  local path=$1
  shift
  curl -sS --max-time 30 --cacert "$CA_FILE" --cert "$TB_RUN/pki/admin.crt" --key "$TB_RUN/pki/admin.key" "$SERVER$path" "$@"
}

tb_ready() { tb_curl /readyz -f --max-time 5; }
tb_etcd_ready() { curl -fsS --max-time 5 "$ETCD/health"; }
