#!/usr/bin/env python3
"""Makes of expressions.txt what the API server and the operator each judge by, and compares what they said.

policies.py vap N         ValidatingAdmissionPolicies and bindings of the N-th batch of expressions
policies.py audit FILE    AuditPolicies with the expressions whose numbers stand in FILE, or those that do not with ^FILE
policies.py compare DIR   DIR/refused, DIR/warnings.OBJECT and DIR/report.json
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
EXPRESSIONS = [line for line in (HERE / "expressions.txt").read_text().splitlines() if line]
# The API server cuts the warnings of one request beyond 4096 characters.
BATCH = 12
PARAMS = {"data": {"registry": "registry.example.com", "least": "2", "memory": "1Gi"}}


def vap(batch):
    for number in range(batch * BATCH, min(len(EXPRESSIONS), (batch + 1) * BATCH)):
        name = f"cel-{number:03d}"
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
            "spec": {
                "failurePolicy": "Fail", "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
                "matchConstraints": {"resourceRules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}]},
                "validations": [{"expression": EXPRESSIONS[number], "message": "FALSE"}],
            },
        }
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
            "spec": {
                "policyName": name, "validationActions": ["Warn"], "paramRef": {"name": "cel", "namespace": "cel", "parameterNotFoundAction": "Deny"},
                "matchResources": {"objectSelector": {"matchLabels": {"batch": str(batch)}}},
            },
        }


def audit(numbers):
    for first in range(0, len(numbers), 50):
        checks = [
            {"id": f"custom-cel-{number:03d}", "severity": "info", "section": "design", "kinds": ["Deployment"], "message": "it is false", "params": PARAMS,
             "expression": EXPRESSIONS[number]}
            for number in numbers[first:first + 50]
        ]
        yield {"apiVersion": "audit.seaworthy.dev/v1alpha1", "kind": "AuditPolicy", "metadata": {"name": f"cel-{numbers[0]:03d}-{first}"}, "spec": {"customChecks": checks}}


def said_by_server(path, refused):
    verdicts = {number: "refused" if number in refused else "true" for number in range(len(EXPRESSIONS))}
    for number, text in re.findall(r"ValidatingAdmissionPolicy 'cel-(\d+)' with binding '[^']*'[^:]*: (.*)", path.read_text()):
        verdicts[int(number)] = "false" if text.strip() == "FALSE" else "error"
    return verdicts


def said_by_us(report, name):
    words = {"pass": "true", "fail": "false", "unknown": "error"}
    verdicts = {number: "refused" for number in range(len(EXPRESSIONS))}
    workload = next(one for one in report["workloads"] if one["namespace"] == "cel" and one["name"] == name)
    for finding in workload["findings"]:
        if match := re.fullmatch(r"custom-cel-(\d+)", finding["check"]):
            verdicts[int(match[1])] = words[finding["verdict"]]
    return verdicts


def compare(folder):
    report = json.loads((folder / "report.json").read_text())
    refused = {int(line) for line in (folder / "refused").read_text().split()}
    counts, differ = {}, 0
    for path in sorted(folder.glob("warnings.*")):
        name = path.suffix[1:]
        server, ours = said_by_server(path, refused), said_by_us(report, name)
        for number, expression in enumerate(EXPRESSIONS):
            counts[server[number]] = counts.get(server[number], 0) + 1
            if server[number] != ours[number]:
                differ += 1
                print(f"{name}: the API server says {server[number]}, we say {ours[number]}: {expression}")
    print("verdicts compared:", ", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    # A comparison without errors, or without what is refused, would show little.
    return differ == 0 and all(counts.get(word, 0) > 5 for word in ("true", "false", "error", "refused"))


def main():
    what, argument = sys.argv[1:3]
    if what == "vap":
        for one in vap(int(argument)):
            print("---")
            print(json.dumps(one))
    elif what == "batches":
        print(-(-len(EXPRESSIONS) // BATCH))
    elif what == "audit":
        named = {int(line) for line in pathlib.Path(argument.lstrip("^")).read_text().split()}
        for one in audit([n for n in range(len(EXPRESSIONS)) if (n in named) != argument.startswith("^")]):
            print("---")
            print(json.dumps(one))
    elif what == "compare":
        sys.exit(0 if compare(pathlib.Path(argument)) else 1)


main()
