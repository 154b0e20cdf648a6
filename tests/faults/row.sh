#!/usr/bin/env bash
# Runs one row of the fault matrix on a control plane that stands, and writes what came of it as JSON.
#
# usage: row.sh ROWFILE RESULT     with FAULTS_BED and FAULTS_PROXY (lib.sh)
file=$1 result=$2
row_name=$(basename "$file" .sh)
# shellcheck source=tests/faults/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
number=${row_name%%_*}
begun=$SECONDS
write_result() { # RESULT FIGURE
  jq -nc --arg row "$number" --arg name "$row_name" --arg result "$1" --arg figure "$2" --arg seconds "$((SECONDS - begun))" \
    '{row: ($row | tonumber? // $row), name: $name, result: $result, figure: $figure, seconds: $seconds | tonumber}' >"$result"
}
write_result FAIL 'did not come to its end'
trap cleanup EXIT
leader=a
settles=yes
# shellcheck source=/dev/null
. "$file"
begin_row
# What ends a row without a word is said as well.
set -E
trap 'fail "$row_name ended at: $BASH_COMMAND"' ERR
row
[ -n "$row_figure" ] || fail 'the row says no figure'
if [ "$settles" = yes ]; then
  end_row "$leader"
  row_figure+="; all agree $(seconds_of "$converged") later"
fi
write_result ok "$row_figure"
