#!/usr/bin/env bash
# What docker.io/library/debian:bookworm-slim is, made from Debian's own packages, for machines that reach no registry of images.
#
# usage: base.sh FOLDER SOURCES     SOURCES: the machine's own debian.sources, whose first URI is asked
set -euo pipefail
rootfs=${1:?}
uri=$(awk '$1 == "URIs:" { print $2; exit }' "$2")
chmod 755 "$rootfs"
debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg bookworm "$rootfs" "$uri"
rm -rf "$rootfs"/var/cache/apt/archives/*.deb "$rootfs"/var/lib/apt/lists/* "$rootfs"/usr/share/{man,locale,info}/* "$rootfs"/dev/* "$rootfs/etc/apt/sources.list"
# Licences stay, as in the official image.
find "$rootfs/usr/share/doc" -type f ! -name copyright -delete
# Only a place to mount on: where packages come from here is nobody's business there.
: >"$rootfs/etc/apt/sources.list.d/debian.sources"
# As the official image has it; without, apt leaves 80 MB of caches.
cat >"$rootfs/etc/apt/apt.conf.d/docker-clean" <<'CLEAN'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CLEAN
