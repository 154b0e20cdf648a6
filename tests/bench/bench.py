#!/usr/bin/env python3
"""The benchmarks: `./dev bench` builds what they need and calls this.

usage: bench.py [SCENARIO...] [--quick] [--peers PATH] [--json FILE] [--markdown FILE]

Scenarios: scan, decode, evaluate, growth; on clusters start, memory, scrape, idle, change, relist; largest. Without names, all.
--quick: small sizes and single runs, to see that all works. --peers: a search path of folders with kube-linter,
kube-score, polaris, kube-state-metrics; default PATH. Environment: SEAWORTHY_BUILD, SEAWORTHY_TESTBED_BIN, GO.
"""
import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import clusters
import inner
import live
import measure
import scan
import table

PEERS = ["kube-linter", "kube-score", "polaris", "kube-state-metrics"]


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    known = {"scan", "decode", "evaluate", "growth", "largest", *live.SCENARIOS}
    wanted = set(arguments.scenarios) or known
    if wanted - known:
        parser.error(f"no scenario {', '.join(sorted(wanted - known))}; there are {', '.join(sorted(known))}")
    build = Path(os.environ.get("SEAWORTHY_BUILD", clusters.ROOT / "build/release"))
    machine = measure.machine()
    say(f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, load {machine['load'][0]}")
    if machine["load"][0] > 0.5 * machine["cores"]:
        say("this machine is not quiet: ratios of one run hold, absolute figures are too high")
    rows = []
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="seaworthy-bench.") as work:
        tools = clusters.Tools(build, work, arguments.peers)
        missing = [name for name in PEERS if tools.peer(name) is None]
        for name in missing:
            say(f"{name} is not here: its figures are left out")

        def add(row):
            rows.append(row)
            print(" | ".join(cell for cell in table.cells(row) if cell), flush=True)

        if wanted & ({"largest"} | live.SCENARIOS):
            tools.build_control()
        if "scan" in wanted:
            scan.scan(tools, arguments.quick, add, say)
        if "decode" in wanted:
            inner.decode(tools, arguments.quick, add)
        if "evaluate" in wanted:
            inner.evaluate(tools, arguments.quick, add)
        if "growth" in wanted:
            inner.growth(tools, arguments.quick, add)
            scan.growth(tools, arguments.quick, add)
        live.run(tools, wanted & live.SCENARIOS, arguments.quick, add, say)
        if "largest" in wanted:
            live.largest(tools, arguments.quick, add, say)
    machine["load_after"] = measure.load()
    say(f"done in {time.monotonic() - begin:.0f} s, load {machine['load_after'][0]}")
    print()
    print(table.markdown(rows))
    command = "./dev bench " + " ".join(sys.argv[1:])
    if arguments.json:
        arguments.json.write_text(table.document(machine, command.strip(), missing, rows) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text(table.markdown(rows) + "\n")
    missed = [row for row in rows if table.verdict(row)[1] == "MISSED"]
    for row in missed:
        say(f"missed: {row.scenario}, {row.what}: {table.shown(row.ours)} {row.unit}, {table.verdict(row)[0]}")
    if not rows:
        sys.exit("bench: nothing was measured")


if __name__ == "__main__":
    main()
