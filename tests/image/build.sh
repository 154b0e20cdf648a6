#!/usr/bin/env bash
# Builds the Dockerfile for real, without a container engine: Debian's buildah on a base image that debootstrap makes. Then checks the result: labels,
# user, size, what is in it, the SBOM, and that the operator runs from its root file system, read-only and as its user, against a real API server,
# with the credentials where a pod finds them. Needs root.
#
# usage: build.sh [--if-asked]     --if-asked: exit 77 unless SEAWORTHY_TEST_IMAGE is set
# env:   SEAWORTHY_CACHE        the base, the layers and the compiler's cache are kept here; default ${XDG_CACHE_HOME:-~/.cache}/seaworthy
#        SEAWORTHY_TESTBED_BIN  as for tests/e2e
#
# Cold on two cores: base 1 to 2 minutes, packages 1, compilation 10 to 15. Unchanged sources: seconds.
if [ "${1:-}" = --if-asked ] && [ -z "${SEAWORTHY_TEST_IMAGE:-}" ]; then
  echo 'the image is built by ./dev image and ./dev test --full'
  exit 77
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../e2e/lib.sh"
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/image
version=$(cat "$root/VERSION")
commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
is() { [ "$2" = "$3" ] || fail "$1"$'\n'"  wanted: $2"$'\n'"  got:    $3"; ok "$1: $3"; }
[ "$(id -u)" = 0 ] || fail 'buildah without a container engine needs root here'
for program in buildah debootstrap skopeo; do command -v $program >/dev/null || fail "$program is missing: ./dev image installs it"; done

mkdir -p "$cache" "$cache/tmp"
exec 9>"$cache/lock"
flock 9
# RUN --mount=type=cache lies under TMPDIR.
export TMPDIR=$cache/tmp
build() { buildah --storage-driver overlay --root "$cache/store" --runroot "$cache/run" "$@" 9>&-; }
# Of runs that were ended: with the lock held they are nobody's.
build rm --all >/dev/null 2>&1 || true
container=''
mounted=''
cleanup_image() {
  local code=$?
  stop_operator || true
  [ -z "$mounted" ] || umount -R "$mounted" 2>/dev/null || true
  [ -z "$container" ] || build rm "$container" >/dev/null 2>&1 || true
  set +e # else the next line ends it here when it failed, and the test bed stays
  (exit "$code")
  cleanup
}
trap cleanup_image EXIT

# ---- the base ----
sources=$(find /etc/apt/sources.list.d -name 'debian.sources' | head -n 1)
[ -n "$sources" ] || fail 'no debian.sources: whence are the packages to come?'
key=$(sha256sum "$here/base.sh" | cut -c 1-16)
base=localhost/seaworthy-base:$key
if ! build inspect --type image "$base" >/dev/null 2>&1; then
  begin=$SECONDS
  rootfs=$(mktemp -d)
  "$here/base.sh" "$rootfs" "$sources" >"$work/debootstrap.log" 2>&1 || { tail -n 20 "$work/debootstrap.log" >&2; fail 'debootstrap failed'; }
  container=$(build from scratch)
  build add -q "$container" "$rootfs" / >/dev/null
  build config --cmd bash "$container"
  build commit -q --rm "$container" "$base" >/dev/null
  container=''
  rm -rf "$rootfs"
  ok "the base was made in $((SECONDS - begin)) s"
fi

# ---- the Dockerfile ----
begin=$SECONDS
image=localhost/seaworthy:$version
build bud --isolation chroot --pull=never --format docker --network host --layers -v "$sources:/etc/apt/sources.list.d/debian.sources:ro" \
  --build-arg "BASE=$base" --build-arg "VERSION=$version" --build-arg "COMMIT=$commit" --ignorefile "$root/.dockerignore" \
  -t "$image" -f "$root/Dockerfile" "$root" >"$work/bud.log" 2>&1 || { tail -n 40 "$work/bud.log" >&2; fail 'the Dockerfile does not build'; }
ok "the Dockerfile builds, in $((SECONDS - begin)) s"

# ---- what it says of itself ----
build push -q "$image" "oci-archive:$work/image.tar" >/dev/null
skopeo inspect --config "oci-archive:$work/image.tar" >"$work/config.json"
config() { jq -r "$1" "$work/config.json"; }
is 'user' 65532:65532 "$(config .config.User)"
is 'entry point' '["/usr/bin/seaworthy"] ["run"]' "$(config '[.config.Entrypoint, .config.Cmd] | map(tojson) | join(" ")')"
is 'label version' "$version" "$(config '.config.Labels["org.opencontainers.image.version"]')"
is 'label revision' "$commit" "$(config '.config.Labels["org.opencontainers.image.revision"]')"
is 'label licenses' Apache-2.0 "$(config '.config.Labels["org.opencontainers.image.licenses"]')"
is 'one layer' 1 "$(config '.rootfs.diff_ids | length')"

# ---- what is in it ----
container=$(build from --pull-never "$image")
mount=$(build mount "$container")
rootfs=$work/rootfs
cp -a "$mount" "$rootfs"
build rm "$container" >/dev/null
container=''
mib() { awk -v b="$1" 'BEGIN { printf "%.1f MiB", b / 1048576 }'; }
bytes=$(du -sb --apparent-size "$rootfs" | cut -f 1)
packed=$(stat -c %s "$work/image.tar")
ok "size: $(mib "$bytes"), $(mib "$packed") as an OCI archive; the program alone $(mib "$(stat -c %s "$rootfs/usr/bin/seaworthy")")"
[ "$bytes" -lt $((48 * 1048576)) ] || fail 'over 48 MiB: what came in?'
is 'programs in it' /usr/bin/seaworthy "$(find "$rootfs" -type f -perm /111 ! -name '*.so*' -printf '/%P\n')"
is 'setuid files' '' "$(find "$rootfs" -perm /6000 -printf '/%P\n')"
host=$(awk -F/ '$1 == "URIs:" || /^URIs/ { print $3; exit }' "$sources")
[ -z "$host" ] || is 'files that name where packages came from here' '' "$(grep -rlF "$host" "$rootfs" | head -n 3)"
is 'version of the program' "seaworthy $version (commit $commit)" "$(chroot --userspec=65532:65532 "$rootfs" /usr/bin/seaworthy version)"

# ---- its bill of materials ----
bom=$rootfs/usr/share/sbom/seaworthy.cdx.json
is 'SBOM' 'CycloneDX 1.5 seaworthy' "$(jq -r '"\(.bomFormat) \(.specVersion) \(.metadata.component.name)"' "$bom")"
in_bom=$(jq -r '.components[].name' "$bom" | sort)
is 'packages in the SBOM and in dpkg'"'"'s records' "$(sed -n 's/^Package: //p' "$rootfs"/var/lib/dpkg/status.d/* | sort | paste -sd' ')" "$(paste -sd' ' <<<"$in_bom")"
for package in libc6 libssl3 libstdc++6 libcpprest2.10 nlohmann-json3-dev; do
  [ "$(grep -cx -- "$package" <<<"$in_bom")" = 1 ] || fail "the SBOM does not name $package"
done
needed=$(find "$rootfs/usr/lib" "$rootfs/usr/lib64" -name '*.so*' | wc -l)
ok "SBOM: $(wc -l <<<"$in_bom") Debian packages for $needed shared libraries and what is compiled in"
[ "$(find "$rootfs/usr/share/doc" -name copyright | wc -l)" = "$(($(wc -l <<<"$in_bom") + 1))" ] || fail 'a copyright file is missing'

# ---- it runs: as its user, from a read-only root, with a pod's credentials, against a real API server ----
bed_up
account=$rootfs/var/run/secrets/kubernetes.io/serviceaccount # a container runtime makes the place where it mounts
mkdir -p "$account" "$rootfs/proc"
cp "$(dirname "$operator_kubeconfig")"/{token,ca.crt,namespace} "$account/"
chmod 644 "$account"/*
mounted=$rootfs
mount --bind "$rootfs" "$rootfs"
mount -o remount,bind,ro "$rootfs"
mount -t proc proc "$rootfs/proc"
if touch "$rootfs/tmp/x" 2>/dev/null; then fail 'the root is not read-only'; fi
address=${SERVER#https://}
cat >"$work/seaworthy" <<RUN
#!/bin/sh
# The in-cluster configuration alone: --kubeconfig FILE, which the test passes, is dropped.
[ "\$1 \$2" = 'run --kubeconfig' ] || exec chroot --userspec=65532:65532 "$rootfs" /usr/bin/seaworthy "\$@"
shift 3
exec env -i PATH="\$PATH" KUBERNETES_SERVICE_HOST=${address%:*} KUBERNETES_SERVICE_PORT=${address##*:} POD_NAME=seaworthy-0 POD_NAMESPACE=seaworthy \\
  chroot --userspec=65532:65532 "$rootfs" /usr/bin/seaworthy run "\$@"
RUN
chmod +x "$work/seaworthy"
binary=$work/seaworthy
kubectl apply --server-side --force-conflicts -f "$root/samples/shop.yaml" >/dev/null 2>&1
start_operator
is 'it runs as' 65532 "$(awk '$1 == "Uid:" { print $2 }' "/proc/$operator_pid/status")"
within 30 'six WorkloadAudits' sh -c '[ "$(kubectl get wa -n shop -o name | wc -l)" = 6 ]'
ok "from the image's root: $(kubectl get wa -n shop -o name | wc -l) WorkloadAudits, web scores $(score shop web), $(($(series '^process_resident_memory_bytes' | awk '{printf "%d", $1}') / 1048576)) MiB resident"
stop_operator
ok "and stops in $stopped_ms ms"
