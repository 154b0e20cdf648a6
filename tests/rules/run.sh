#!/usr/bin/env bash
# promtool over the rules: syntax and lint, then the unit tests; each alert fires in one of them and is quiet in another
# (tests/dashboards/validate holds that).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PATH=$PATH:${SEAWORTHY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/debian/prometheus/usr/bin
command -v promtool >/dev/null || { echo 'promtool is missing: ./dev install' >&2; exit 1; }
promtool check rules --lint=all --lint-fatal ../../charts/seaworthy/files/rules/*.yaml
promtool test rules ./*.test.yaml
