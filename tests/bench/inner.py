"""The inner scenarios, by Google Benchmark (inner.cc)."""
import json
import subprocess

from measure import exponent, once
from table import Row


def run(tools, pattern, quick):
    command = [tools.inner, f"--benchmark_filter={pattern}", "--benchmark_format=json"]
    if quick:
        command.append("--benchmark_min_time=0.01")
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(answer.stdout)["benchmarks"]


SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}


def decode(tools, quick, add):
    rows(run(tools, "^(Decode|Parse)/", quick), "decode", add)


def evaluate(tools, quick, add):
    rows(run(tools, "^(Evaluate|EvaluateAll|Change|Relist|Page)/" + ("1000$" if quick else ""), quick), "evaluate", add)


def rows(results, scenario, add):
    for one in results:
        microseconds = one["cpu_time"] * SECONDS[one["time_unit"]] * 1e6 / max(one.get("per", 1), 1)
        note = f"{one['bytes_per_second'] / 1e6:,.0f} MB/s" if "bytes_per_second" in one else ""
        each = {"Evaluate": " a workload", "EvaluateAll": " a workload", "Relist": " an object", "Decode": " an object", "Parse": " an object", "Page": " a page", "Change": " a change"}[one["name"].split("/")[0]]
        add(Row(scenario, one["name"] + each, "us", once(microseconds), "evaluate" if one["name"].startswith("Evaluate/") else "", note=note))


def growth(tools, quick, add):
    points = {}
    pattern = "^(Evaluate|EvaluateAll|Change|Relist|Page)/|^Shape" if not quick else "^(Evaluate|Change)/(100|1000)$|^Shape.*/(250|500|50|100)$"
    for one in run(tools, pattern, quick):
        name, n = one["name"].rsplit("/", 1)
        points.setdefault(name, []).append((int(n), one["cpu_time"] * SECONDS[one["time_unit"]]))
    for name, series in points.items():
        series.sort()
        if len(series) < 2:
            continue
        n, seconds = series[-1]
        add(Row("growth", f"{name}: at {n:,}", "ms", once(seconds * 1000)))
        add(Row("growth", f"{name}: {series[0][0]:,} to {n:,}", "exponent", once(exponent(series)), "bounded" if name.startswith("Shape") else "growth"))
