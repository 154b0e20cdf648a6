# fault: started with 40 file descriptors; with 300 MiB of address space; with no thread to be had
# expected: goes on and says so, or ends with a reason; nothing false is written
# lane: quick
# takes: 90
row() {
  local case limit ended told
  proxy a
  told=''
  # Where another user can read it, too.
  cp "$binary" "$work/seaworthy"
  binary=$work/seaworthy
  for case in 'descriptors n 40' 'memory v 300000' 'threads u 1'; do
    read -r name flag limit <<<"$case"
    # Root is not held to a number of processes.
    launcher=(bash -c "ulimit -$flag $limit; exec \"\$@\"" --)
    if [ "$name" = threads ]; then launcher=(setpriv --reuid 65532 --clear-groups "${launcher[@]}"); chmod -R a+rX "$work"; fi
    : >"$work/a.log"
    launch a
    ended=''
    for i in $(seq 1 150); do kill -0 "${pid[a]}" 2>/dev/null || { ended=yes; break; }; sleep 0.1; done
    if [ -n "$ended" ]; then
      local code=0
      wait "${pid[a]}" || code=$?
      [ -s "$work/a.log" ] || fail "$name: it ended with code $code and no word"
      told+="$name: ended with code $code and a reason; "
    else
      healthy a || fail "$name: it runs and is not live"
      [ -s "$work/a.log" ] || fail "$name: not a word"
      stop a
      told+="$name: went on; "
    fi
  done
  launcher=()
  operator a
  figure "${told%; }"
}
tolerated='.'
