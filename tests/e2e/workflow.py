#!/usr/bin/env python3
"""Runs the steps of docs/ci/pull-request.yml as GitHub would, on a repository with a pull request that makes something worse and one that does not.

usage: workflow.py BINARY
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent.parent

GOOD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example/web:1.4.2
"""


def steps(text):
    """The `run` blocks by the names of their steps. No YAML library is needed for a file of our own."""
    found = {}
    for name, body in re.findall(r"- name: (.+?)\n(?:(?! +- ).*\n)*? +run: \|\n((?: {10}.*\n)+)", text):
        found[name] = re.sub(r"^ {10}", "", body, flags=re.M)
    return found


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    blocks = steps((root / "docs" / "ci" / "pull-request.yml").read_text(encoding="utf-8") + "\n")
    assert {"Audit both sides", "Compare", "Show the comparison"} <= blocks.keys(), blocks.keys()
    changes = {
        "worse": (GOOD.replace("web:1.4.2", "web:latest").replace("replicas: 3", "replicas: 1"), 1),
        "harmless": (GOOD.replace("1.4.2", "1.4.3"), 0),
        "first": (GOOD, None),  # there was no manifest before
    }
    for name, (manifest, expected) in changes.items():
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            repository, temp, tools = work / "repository", work / "temp", work / "tools"
            for each in (repository / "k8s", temp, tools):
                each.mkdir(parents=True)
            (tools / "seaworthy").symlink_to(binary)
            (tools / "gh").write_text('#!/bin/sh\necho "$@" > "$RUNNER_TEMP/gh"\n')
            (tools / "gh").chmod(0o755)
            environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUNNER_TEMP": str(temp), "MANIFESTS": "k8s", "NUMBER": "7",
                           "GITHUB_STEP_SUMMARY": str(temp / "summary"), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example",
                           "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example"}

            def run(command):
                return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=repository, env=environment, capture_output=True, text=True)

            def must(command):
                done = run(command)
                assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
                return done.stdout

            must("git init -q . && git commit -q --allow-empty -m empty")
            if name != "first":
                (repository / "k8s" / "web.yaml").write_text(GOOD)
                must("git add -A && git commit -q -m base")
            environment["BASE"] = must("git rev-parse HEAD").strip()
            (repository / "k8s" / "web.yaml").write_text(manifest)
            must("git add -A && git commit -q -m change")

            must(blocks["Audit both sides"])
            done = run(blocks["Compare"])
            if expected is not None and done.returncode != expected:
                sys.exit(f"FAIL  {name}: exit {done.returncode}: {done.stdout}{done.stderr}")
            if name == "first" and done.returncode not in (0, 1):
                sys.exit(f"FAIL  {name}: exit {done.returncode}: {done.stdout}{done.stderr}")
            if expected == 1:
                assert re.search(r"^::error file=k8s/web\.yaml,line=12,title=worse%3A image-tag \(high\)::", done.stdout, re.M), done.stdout
            must(blocks["Show the comparison"])
            summary = (temp / "summary").read_text(encoding="utf-8")
            assert summary.startswith("## Production readiness: "), summary
            assert "pr comment 7" in (temp / "gh").read_text()
            assert (temp / "seaworthy.sarif").stat().st_size > 1000 and (temp / "seaworthy.html").stat().st_size > 1000
            print(f"ok    {name}: exit {done.returncode}; {summary.splitlines()[0]}")


main()
