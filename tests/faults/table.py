#!/usr/bin/env python3
"""Writes the table of the fault matrix into docs/reliability.md, between its markers: rows that ran anew get their figures, others keep theirs.

usage: table.py RESULTS     folder of NN.json files (row.sh)
"""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
page = root / "docs/reliability.md"
begin, end = "<!-- fault matrix: written by ./dev faults -->", "<!-- end of the fault matrix -->"
text = page.read_text()
before, _, rest = text.partition(begin)
old, _, after = rest.partition(end)
known = {int(m[1]): m[0] for m in re.finditer(r"^\| (\d+) \|.*$", old, re.M)}
results = {one["row"]: one for one in (json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("[0-9]*.json"))}


def header(file, key):
    match = re.search(rf"^# {key}: (.*)$", file.read_text(), re.M)
    return match[1] if match else ""


def cell(words):
    return words.replace("|", "\\|")


def row(file):
    number = int(file.name[:2])
    fault, expected = header(file, "fault"), header(file, "expected")
    also = header(file, "also")
    if header(file, "lane"):
        if number not in results and number in known:
            return known[number]
        measured = "not run yet" if number not in results else ("" if results[number]["result"] == "ok" else "**FAILED** ") + results[number]["figure"]
    else:
        measured = f"not made here: {header(file, 'why')}. Instead: {header(file, 'simulated')}"
    return f"| {number} | {cell(fault)} | {cell(expected)} | {cell(measured)} | {cell(also)} |"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=root).stdout.strip()


files = sorted((root / "tests/faults/rows").glob("*.sh"))
cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
memory = int(re.search(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.M)[1]) // 1024 // 1024
version = re.search(r"^k8s=(\S+)", (root / "tests/testbed/build.sh").read_text(), re.M)[1]
said = (f"Last run: {datetime.date.today()}, {len(results)} rows, Kubernetes {version}, {os.cpu_count()} cores ({cpu[1] if cpu else 'unknown'}), {memory} GiB, "
        f"{os.environ.get('FAULTS_BUILD', 'unknown')} build, up to {os.environ.get('FAULTS_LANES', '3')} control planes at a time, load {os.getloadavg()[2]:.0f} over its last quarter of an hour.")
table = ["", "", said, "", "| # | fault | expected | measured | also |", "|---|---|---|---|---|", *map(row, files), ""]
page.write_text(before + begin + "\n".join(table) + end + after)
