#!/usr/bin/env python3
"""Counts the instructions of fixed inner scenarios with callgrind, and compares them with baseline.json.

usage: guard.py PROGRAM BUILD_TYPE [--refresh]   exit 1 where one costs over 5 % more, 77 where there is nothing to compare

Counts depend on the compiler, the C library and the build type, so each combination has its own baseline; --refresh writes
that of this machine anew. A scenario that got cheaper by over 5 % fails as well: its baseline would let it grow back.
"""
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOLERANCE = 0.05
BASELINE = Path(__file__).with_name("baseline.json")


def count(program, scenario):
    with tempfile.TemporaryDirectory() as work:
        command = ["valgrind", "--tool=callgrind", "--toggle-collect=Measured", "--collect-atstart=no", f"--callgrind-out-file={work}/out", program, scenario]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"guard: {scenario}: {done.stderr[-2000:]}")
        return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def main():
    program, build_type = sys.argv[1:3]
    refresh = "--refresh" in sys.argv
    if not shutil.which("valgrind"):
        print("guard: skipped, valgrind is not here")
        sys.exit(77)
    compiler = subprocess.run(["c++", "-dumpfullversion"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    here = f"{build_type}, g++ {compiler}, {' '.join(platform.libc_ver())}, {platform.machine()}"
    baselines = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if here not in baselines and not refresh:
        print(f"guard: skipped, baseline.json has nothing for {here}; guard.py --refresh writes it. It has: {'; '.join(baselines)}")
        sys.exit(77)
    before = baselines.get(here, {})
    names = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    counts = {name: count(program, name) for name in names}
    failed = False
    for name, now in counts.items():
        then = before.get(name)
        change = f"{100 * (now / then - 1):+.1f} %" if then else "new"
        off = then is None or abs(now / then - 1) > TOLERANCE
        failed |= off
        print(f"{'FAIL ' if off and not refresh else 'ok   '} {name:20} {now:>12,} instructions {change}")
    if refresh:
        baselines[here] = counts
        BASELINE.write_text(json.dumps(baselines, indent=1, sort_keys=True) + "\n")
    elif failed or set(before) - set(counts):
        print("guard: where that is right, tests/bench/guard.py PROGRAM BUILD_TYPE --refresh, and say why in the commit")
        sys.exit(1)


if __name__ == "__main__":
    main()
