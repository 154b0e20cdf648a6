#!/usr/bin/env bash
# Holds the C++ against .clang-format, or writes it so. clang-format is PyPI's: the same version everywhere, as another one
# breaks lines elsewhere; fetched once into the cache. Exit code 77, skipped, where it can neither be found nor fetched.
#
# usage: format.sh [--write]
# env:   SEAWORTHY_CACHE  default ${XDG_CACHE_HOME:-~/.cache}/seaworthy
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=19.1.7
cache=${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}
home=$cache/clang-format-$version

if [ ! -x "$home/bin/clang-format" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/clang-format.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if ! python3 -m venv "$work" || ! "$work/bin/pip" install --quiet --disable-pip-version-check "clang-format==$version"; then
    echo "clang-format $version is not here and could not be fetched"
    exit 77
  fi
  mv -T "$work" "$home" 2>/dev/null || [ -x "$home/bin/clang-format" ]
fi
# The package's own program: what pip writes to bin/ names the folder that it was installed into.
program=$(find "$home/lib" -path '*/clang_format/data/bin/clang-format' -type f | head -n 1)

if [ -e .git ]; then mapfile -t files < <(git ls-files '*.cc' '*.h'); else mapfile -t files < <(find include src tests -name '*.cc' -o -name '*.h'); fi
if [ "${1:-}" = --write ]; then
  printf '%s\0' "${files[@]}" | xargs -0 -n 60 -P "$(nproc)" "$program" -i
  exit 0
fi
printf '%s\0' "${files[@]}" | xargs -0 -n 60 -P "$(nproc)" "$program" --dry-run -Werror || {
  echo "not in the format of .clang-format; ./dev format writes it so"
  exit 1
}
echo "${#files[@]} files are in the format of .clang-format"
