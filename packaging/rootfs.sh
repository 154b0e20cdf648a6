#!/usr/bin/env bash
# Lays out the root file system of the image: the program, the shared libraries that the loader would take, the system's certificate authorities,
# and what scanners look for (dpkg's records of the packages that these files are from, their copyright files, an SBOM).
#
# usage: rootfs.sh PROGRAM FOLDER     on the Debian that PROGRAM was built on
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$1 out=$2
mkdir -p "$out"/{usr/bin,etc/ssl/certs,tmp} "$out/var/lib/dpkg/status.d" "$out/usr/share/sbom"
chmod 1777 "$out/tmp"
install -m 755 "$program" "$out/usr/bin/seaworthy"
strip --strip-unneeded "$out/usr/bin/seaworthy"

# Where one asks for /lib/x, /usr/lib/x is meant: in the image as on a merged-/usr Debian.
for link in lib lib64; do ln -sfn "usr/$link" "$out/$link"; done
libraries=()
while read -r path; do
  real=$(readlink -f "$path")
  libraries+=("$real")
  # Under the name by which the loader asks.
  install -D -m 755 "$real" "$out/usr${path#/usr}"
done < <(ldd "$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\/lib/ { print $1 }')
[ "${#libraries[@]}" -ge 3 ] || { echo "rootfs.sh: $program has no shared libraries?" >&2; exit 1; }
install -m 644 /etc/ssl/certs/ca-certificates.crt "$out/etc/ssl/certs/"

# Hosts that containers' runtimes write to /etc/hosts come before DNS.
echo 'hosts: files dns' >"$out/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/nonexistent\nnonroot:x:65532:65532:nonroot:/:/nonexistent\n' >"$out/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$out/etc/group"
. /etc/os-release
printf 'PRETTY_NAME="%s"\nNAME="%s"\nVERSION_ID="%s"\nVERSION_CODENAME=%s\nID=%s\n' "$PRETTY_NAME" "$NAME" "$VERSION_ID" "$VERSION_CODENAME" "$ID" >"$out/etc/os-release"

# The package of each file. dpkg knows some by the name of before the merge of /usr.
owner() {
  local found
  found=$(dpkg-query -S "$1" 2>/dev/null) || found=$(dpkg-query -S "${1#/usr}" 2>/dev/null) || { echo "rootfs.sh: no package has $1" >&2; exit 1; }
  found=${found%%$'\n'*}
  echo "${found%%: *}"
}
for file in "${libraries[@]}"; do owner "$file"; done | sort -u >"$out/../packages.linked"
# What is compiled in: headers of these packages are code of ours now.
printf '%s\n' nlohmann-json3-dev libcli11-dev libboost1.74-dev libspdlog-dev ca-certificates | sort >"$out/../packages.copied"
while read -r package; do
  name=${package%%:*}
  dpkg-query -s "$package" >"$out/var/lib/dpkg/status.d/$name"
  install -D -m 644 "/usr/share/doc/$name/copyright" "$out/usr/share/doc/$name/copyright"
done < <(cat "$out/../packages.linked" "$out/../packages.copied")
install -D -m 644 "$here/../LICENSE" "$out/usr/share/doc/seaworthy/copyright"
python3 "$here/sbom.py" --version "$(cat "$here/../VERSION")" --linked "$out/../packages.linked" --copied "$out/../packages.copied" \
  --status "$out/var/lib/dpkg/status.d" >"$out/usr/share/sbom/seaworthy.cdx.json"
rm "$out/../packages.linked" "$out/../packages.copied"
