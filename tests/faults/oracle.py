#!/usr/bin/env python3
"""Whether /metrics, the report objects and an audit from scratch say the same, byte for byte.

usage: oracle.py FRESH METRICS OBJECTS
  FRESH    what `seaworthy scan --cluster -o json` found
  METRICS  the operator's /metrics
  OBJECTS  `kubectl get workloadaudits,namespaceaudits,clusteraudits -A -o json`

From FRESH alone it derives what the other two should say, in a way of its own, and compares sorted lines. Prints what differs, and ends with 1.
"""
import collections
import difflib
import json
import re
import sys

fresh = json.load(open(sys.argv[1]))
metrics = open(sys.argv[2]).read()
objects = json.load(open(sys.argv[3]))["items"]
SEVERITIES = ("info", "low", "medium", "high", "critical")


def number(value):
    return f"{value:g}"


def series():
    """The lines of /metrics that follow from the audit."""
    def failing(namespace, workload, kind, finding):
        if finding["verdict"] in ("fail", "warn") and "waiver" not in finding:
            return [f'seaworthy_check_failing{{namespace="{namespace}",workload="{workload}",workload_type="{kind}",check="{finding["check"]}",'
                    f'section="{finding["section"]}",severity="{finding["severity"]}",verdict="{finding["verdict"]}"}} 1']
        return []

    for one in fresh["workloads"]:
        kind = one["kind"].lower()
        labels = f'namespace="{one["namespace"]}",workload="{one["name"]}",workload_type="{kind}"'
        if one.get("score") is not None:
            yield f"seaworthy_workload_score{{{labels}}} {one['score']}"
        yield f"seaworthy_workload_coverage_ratio{{{labels}}} {number(one['coverage'])}"
        ready = {True: "1", False: "0", None: "0.5"}[one["ready"]]
        yield f"seaworthy_workload_production_ready{{{labels}}} {ready}"
        counts = collections.Counter((f["verdict"], f["severity"]) for f in one["findings"] if f["verdict"] != "na")
        for (verdict, severity), count in counts.items():
            yield f'seaworthy_workload_findings{{{labels},verdict="{verdict}",severity="{severity}"}} {count}'
        for finding in one["findings"]:
            yield from failing(one["namespace"], one["name"], kind, finding)
    for one in fresh["namespaces"]:
        if one.get("score") is not None:
            yield f'seaworthy_namespace_score{{namespace="{one["name"]}"}} {one["score"]}'
        for finding in one["findings"]:
            kind, _, name = finding.get("subject", "/").partition("/")
            yield from failing(one["name"], name, kind.lower(), finding)
    for one in fresh["nodes"]:
        for finding in one["findings"]:
            if finding["verdict"] == "fail":
                yield f'seaworthy_node_failing{{node="{one["name"]}",check="{finding["check"]}"}} 1'
    cluster = fresh["cluster"]
    if cluster.get("score") is not None:
        yield f"seaworthy_cluster_score {cluster['score']}"
    for section, score in cluster["sections"].items():
        yield f'seaworthy_section_score{{section="{section}"}} {score}'
    for finding in cluster["findings"]:
        yield from failing("", "", "", finding)


FAMILIES = re.compile(r"seaworthy_(workload_(score|coverage_ratio|production_ready|findings)|check_failing|namespace_score|node_failing|cluster_score|section_score)[ {]")


def shown(findings):
    return sorted(json.dumps({key: f[key] for key in ("check", "container", "message", "severity", "since", "subject", "verdict") if key in f}, sort_keys=True)
                  for f in findings if f["verdict"] in ("fail", "warn") and f["severity"] is not None)


def of_audit(one, kind, name, extra):
    """What its report object should say; only what both have in the same words."""
    by = collections.defaultdict(collections.Counter)
    for finding in one["findings"]:
        by[finding["verdict"]][finding["severity"]] += 1
    said = {"kind": kind, "name": name, "score": one.get("score"), "grade": one.get("grade"), "coverage": one["coverage"],
            "findings": shown(one["findings"]),
            # Several budgets are judged by one check: it passed when it passed for all of them.
            "passed": sorted({f["check"] for f in one["findings"] if f["verdict"] == "pass"} - {f["check"] for f in one["findings"] if f["verdict"] not in ("pass", "na")}),
            "unknown": sorted({f["check"] for f in one["findings"] if f["verdict"] == "unknown"}),
            # Info counts for nothing, so it is no part of the total.
            "counts": {verdict: sum(count for severity, count in by[verdict].items() if severity != "info") for verdict in ("fail", "warn", "pass", "unknown")}}
    said.update(extra)
    return said


def of_object(one):
    status, metadata = one["status"], one["metadata"]
    name = "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
    passed = set(status.get("passed", []))
    said = {"kind": one["kind"], "name": name, "score": status.get("score"), "grade": status.get("grade"), "coverage": status["coverage"],
            "findings": shown(status.get("findings", [])), "passed": sorted(passed),
            "unknown": sorted({check for group in status.get("unknown", []) for check in group["checks"]}),
            "counts": {verdict: status["counts"].get(verdict, {}).get("total", 0) for verdict in ("fail", "warn", "pass", "unknown")}}
    if one["kind"] == "WorkloadAudit":
        condition = next(c for c in status["conditions"] if c["type"] == "ProductionReady")
        said["ready"] = {"True": True, "False": False, "Unknown": None}[condition["status"]]
        said["tier"] = status["tier"]
        said["subject"] = status["subject"]["kind"] + "/" + status["subject"]["name"]
    else:
        said["ready"], said["workloads"] = status["ready"], status["workloads"]
    return said


def expected_objects():
    for one in fresh["workloads"]:
        yield of_audit(one, "WorkloadAudit", f"{one['namespace']}/{one['kind'].lower()}-{one['name']}",
                       {"ready": one["ready"], "tier": one["tier"], "subject": one["kind"] + "/" + one["name"]})
    for one in fresh["namespaces"]:
        yield of_audit(one, "NamespaceAudit", one["name"] + "/namespace", {"ready": one["ready"], "workloads": one["workloads"]})
    yield of_audit(fresh["cluster"], "ClusterAudit", "cluster", {"ready": fresh["cluster"]["ready"], "workloads": fresh["cluster"]["workloads"]})


def compare(what, wanted, found):
    if wanted == found:
        return True
    print(f"{what} and the audit from scratch differ (- from scratch, + {what}):")
    lines = [line for line in difflib.unified_diff(wanted, found, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
    for line in lines[:20]:
        print("  " + line[:400])
    if len(lines) > 20:
        print(f"  and {len(lines) - 20} more")
    return False


# A report has a cap on its size, and says so where it left something out: there only the rest is compared.
capped = {said["kind"] + " " + said["name"] for said in map(of_object, (one for one in objects if "truncated" in one["status"]))}


def texts(reports):
    for one in reports:
        if one["kind"] + " " + one["name"] in capped:
            one = {key: value for key, value in one.items() if key not in ("findings", "passed", "unknown")}
        yield json.dumps(one, sort_keys=True)


lines = metrics.splitlines()
same = compare("/metrics", sorted(series()), sorted(line for line in lines if FAMILIES.match(line)))
same = compare("the report objects", sorted(texts(expected_objects())), sorted(texts(map(of_object, objects)))) and same
sys.exit(0 if same else 1)
