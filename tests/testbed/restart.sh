#!/usr/bin/env bash
# Stops one component of a bed and starts it again with the same command line; one that is down is only started.
# Returns once etcd or the API server answers again. Without -9 an API server with watchers takes ten seconds to go.
#
# usage: restart.sh NAME [-9] [MORE FLAGS...]    etcd, apiserver, kcm, scheduler, kwok; -9 kills it.
#        The flags are for this start only.
# env:   TB_RUN (set by env.sh), TB_WAIT seconds, default 60
# shellcheck source=tests/testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
name=${1:?usage: restart.sh NAME [-9] [MORE FLAGS...]}
shift
signal=TERM
if [ "${1:-}" = -9 ]; then signal=KILL; shift; fi
tb_use "${TB_RUN:-}"
[ -e "$TB_RUN/cmd/$name" ] || tb_die "no component $name in $TB_RUN"

tb_stop "$name" "$signal"
eval "command=($(cat "$TB_RUN/cmd/$name"))"
# shellcheck disable=SC2154
tb_launch "$name" "${command[@]}" "$@"
TB_WATCHED=$name
case $name in
  etcd) tb_until "${TB_WAIT:-60}" 'etcd to be healthy' tb_etcd_ready ;;
  apiserver) tb_until "${TB_WAIT:-60}" 'the API server to be ready' tb_ready ;;
  *) exit 0 ;;
esac

# A controller that found no API server while it started has given up. A kubelet would start it again; so do we. One that
# was stopped on purpose is no longer listed.
while read -r pid other started; do
  tb_alive "$pid" "$started" && continue
  tb_say "$other had died of the outage: starting it again"
  eval "command=($(cat "$TB_RUN/cmd/$other"))"
  tb_launch "$other" "${command[@]}"
done < <(cat "$TB_RUN/pids")
