"""The inner scenarios, by Google Benchmark (inner.cc)."""
import json
import subprocess

from measure import once
from table import Row


def run(tools, pattern, quick):
    command = [tools.inner, f"--benchmark_filter={pattern}", "--benchmark_format=json"]
    if quick:
        command.append("--benchmark_min_time=0.01")
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(answer.stdout)["benchmarks"]


SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}


def inner(tools, quick, add):
    for one in run(tools, "^(Decode|Parse|Evaluate|Change|Relist|Page)/" if not quick else "^(Decode|Parse)/|^(Evaluate|Change|Relist|Page)/1000$", quick):
        if one.get("aggregate_name"):
            if one["aggregate_name"] == "BigO":
                continue
            continue
        per = one.get("per", 1)
        microseconds = one["cpu_time"] * SECONDS[one["time_unit"]] * 1e6 / max(per, 1)
        add(Row("inner", one["name"] + (f", {one['label']}" if one.get("label") else ""), "us", once(microseconds), "evaluate" if one["name"].startswith("Evaluate/") else ""))


def growth(tools, quick, add):
    from measure import exponent
    points = {}
    pattern = "^(Evaluate|Change|Relist|Page)/|^Shape" if not quick else "^(Evaluate|Change)/(100|1000)$|^Shape.*/(250|500|50|100)$"
    for one in run(tools, pattern, quick):
        if one.get("aggregate_name"):
            continue
        name, n = one["name"].rsplit("/", 1)
        points.setdefault(name, []).append((int(n), one["cpu_time"] * SECONDS[one["time_unit"]]))
    for name, series in points.items():
        series.sort()
        if len(series) < 2:
            continue
        n, seconds = series[-1]
        add(Row("growth", f"{name}: at {n:,}", "ms", once(seconds * 1000)))
        # A change costs what it touches, not what is there: its growth is told apart.
        add(Row("growth", f"{name}: {series[0][0]:,} to {n:,}", "exponent", once(exponent(series)), "bounded" if name.startswith("Shape") else "growth"))
