#!/usr/bin/env bash
# The patches that findings come with are taken by a real API server: for each fixture in which a check complains, the patch of each finding of its
# subject is sent as `kubectl patch --dry-run=server` sends it.
. "$(dirname "$0")/lib.sh"
export TB_ONLY=api
bed_up

declare -A made
sent=0 objects=0
refused=$work/refused
: >"$refused"
for fixture in "$root"/tests/checks/*/*/{fail,warn}.*.yaml; do
  "$binary" scan "$fixture" -o json >"$work/report.json" 2>/dev/null || true
  jq -c '.workloads[]? | . as $w | .findings[]? | select(.fix.patch) | {ns: ($w.namespace // ""), kind: $w.kind, name: $w.name, check: .check, patch: .fix.patch}' "$work/report.json" >"$work/patches" 2>/dev/null || continue
  [ -s "$work/patches" ] || continue
  while read -r line; do
    ns=$(jq -r .ns <<<"$line") kind=$(jq -r .kind <<<"$line") name=$(jq -r .name <<<"$line")
    key=$fixture/$kind/$ns/$name
    if [ -z "${made[$key]:-}" ]; then
      objects=$((objects + 1))
      made[$key]=p$objects
      kubectl create namespace "p$objects" >/dev/null
      # The object as it is, but for what an API server sets by itself, in a namespace where it meets nobody.
      kubectl create --dry-run=client --validate=false -f "$fixture" -o json 2>/dev/null |
        jq --arg kind "$kind" --arg ns "$ns" --arg name "$name" --arg to "p$objects" '
          (if .kind == "List" then .items[] else . end) | select(.kind == $kind and .metadata.name == $name and (.metadata.namespace // $ns) == $ns)
          | del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.ownerReferences, .metadata.managedFields, .metadata.generation, .metadata.creationTimestamp)
          | .metadata.namespace = $to' |
        kubectl create -f - >"$work/created" 2>&1 || { echo "$fixture: $(head -c 300 "$work/created")" >>"$work/uncreated"; made[$key]=none; }
    fi
    [ "${made[$key]}" != none ] || continue
    sent=$((sent + 1))
    kubectl patch -n "${made[$key]}" "$kind" "$name" --type strategic --dry-run=server -p "$(jq -c .patch <<<"$line")" >/dev/null 2>"$work/error" ||
      echo "${fixture#"$root"/} $(jq -r .check <<<"$line"): $(head -c 400 "$work/error")" >>"$refused"
  done <"$work/patches"
done
[ ! -s "$refused" ] || { cat "$refused" >&2; fail "$(wc -l <"$refused") of $sent patches are refused"; }
[ "$sent" -gt 100 ] || fail "only $sent patches were found"
ok "$sent patches of $objects objects are taken by the API server"
[ ! -s "$work/uncreated" ] || ok "$(wc -l <"$work/uncreated") fixtures are no objects that an API server takes: $(cut -d: -f1 "$work/uncreated" | xargs -n1 basename | head -n 5 | tr '\n' ' ')"
