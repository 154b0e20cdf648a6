# fault: annotations, labels and values with NUL, escape sequences, bidi controls, line ends, quotes and made-up series
# expected: /metrics is what promtool takes, each line of the log is JSON, neither holds a control character
# also: fuzz targets fuzz_prometheus_label, fuzz_log_line, fuzz_report
# lane: quick
# takes: 45
row() {
  operator a
  python3 - >"$work/hostile.json" <<'P'
import json
evil = "\x00\x1b[31m\u202e\u2028\"\\\n# HELP fake\nseaworthy_fake{a=\"b\"} 1\r\n"
print(json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hostile", "namespace": "shop",
    "labels": {"app": "hostile", "seaworthy.dev/owner": "o"}, "annotations": {"seaworthy.dev/owner": evil, "seaworthy.dev/tier": evil, "seaworthy.dev/runbook": evil, "x": evil}},
    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "hostile"}}, "template": {"metadata": {"labels": {"app": "hostile"}, "annotations": {"y": evil}},
        "spec": {"containers": [{"name": "app", "image": "registry.example/shop/hostile" + "\"\n" + ":latest", "command": [evil], "env": [{"name": "A", "value": evil}]}]}}}}))
P
  kubectl create --raw /apis/apps/v1/namespaces/shop/deployments -f "$work/hostile.json" >/dev/null 2>"$work/refused" || fail "the API server refuses it: $(head -c 300 "$work/refused")"
  within 20 'it is judged' judged
  within 20 'its report is written' kubectl -n shop get wa deployment-hostile
  page a >"$work/page"
  promtool check metrics <"$work/page" >"$work/promtool" 2>&1 || true
  if grep -Ei 'error|parsing' "$work/promtool" >&2; then fail 'promtool does not take /metrics'; fi
  [ "$(grep -c '^seaworthy_fake' "$work/page" || true)" = 0 ] || fail 'a series of its own came through'
  jq -e . "$work/a.log" >/dev/null || fail 'the log is not JSON'
  python3 - "$work/page" "$work/a.log" <<'P' || fail 'a control character came through'
import sys, unicodedata
for name in sys.argv[1:]:
    for line in open(name, encoding="utf-8", newline="\n"):
        bad = [c for c in line.rstrip("\n") if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
        if bad: sys.exit(f"{name}: {bad!r}: {line!r}")
P
  local lines
  lines=$(grep -vc '^#' "$work/page")
  kubectl -n shop delete deployment hostile >/dev/null
  figure "$lines series taken by promtool, $(wc -l <"$work/a.log") lines of log are JSON, no control character in either"
}
judged() { use a; [ -n "$(score shop hostile)" ]; }
