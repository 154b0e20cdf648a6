"""scan against the static peers: whole processes, one of each in turn."""
import subprocess

import measure
from measure import Stat, once
from table import Row

PEERS = {
    "kube-linter": lambda program, folder: [program, "lint", "--format", "json", folder],
    "kube-score": lambda program, folder: [program, "score", "--output-format", "json", *sorted(folder.glob("*.yaml"))],
    "polaris": lambda program, folder: [program, "audit", "--audit-path", folder, "--format", "json"],
}
# polaris takes half a minute for 1,000 workloads, kube-linter and kube-score as much for 5,000.
LARGEST = {"polaris": 1000, "kube-linter": 5000, "kube-score": 5000}


def manifests(tools, workloads, *more):
    folder = tools.work / f"manifests-{workloads}{''.join(more)}"
    subprocess.run([tools.generate, "manifests", folder, str(workloads), *more], check=True)
    return folder


def ours(tools, path):
    return [tools.seaworthy, "scan", path, "-o", "json"]


def scan(tools, quick, add, say):
    sizes = [100, 1000] if quick else [100, 1000, 5000, 10000]
    cpu, peaks = [], []
    for size in sizes:
        folder = manifests(tools, size)
        commands = {"ours": ours(tools, folder)}
        runs = 1 if quick else 5 if size <= 1000 else 3
        for name, command in PEERS.items():
            program = tools.peer(name)
            if program and size <= LARGEST[name]:
                commands[name] = command(program, folder)
        slow = {name: commands.pop(name) for name in ["polaris"] if name in commands}
        results = measure.interleaved(commands, runs, timeout=300)
        results.update(measure.interleaved(slow, 1, timeout=300))
        what = f"{size:,} workloads in YAML"
        mine = results.pop("ours")
        add(row(what, "wall", "s", mine, results, lambda r: r.wall, size))
        add(row(what, "cpu", "s", mine, results, lambda r: r.cpu, size))
        add(row(what, "peak", "MiB", mine, results, lambda r: r.peak_mib, size))
        cpu.append((size, measure.Stat([r.cpu for r in mine]).median))
        peaks.append((size, measure.Stat([r.peak_mib for r in mine]).median))
    large = [(n, v) for n, v in cpu if n >= 1000] if not quick else cpu
    if len(large) > 1:
        add(Row("scan", f"growth of cpu, {large[0][0]:,} to {large[-1][0]:,} workloads", "exponent", once(measure.exponent(large)), "scan-growth"))
    size = sizes[min(1, len(sizes) - 1)]
    listed = manifests(tools, size, "1", "json") / "list.json"
    done = measure.interleaved({"ours": ours(tools, listed)}, 1 if quick else 5)["ours"]
    add(Row("scan", f"{size:,} workloads in one JSON List, cpu", "s", Stat([r.cpu for r in done])))
    floor = measure.own_peak_mib()
    if peaks[0][1] <= floor * 1.05:
        say(f"peaks of scan cannot read below {floor:.0f} MiB, this program's own")


def row(what, figure, unit, mine, results, pick, size):
    return Row("scan", f"{what}, {figure}", unit, Stat([pick(r) for r in mine]), f"scan-{figure}" if size >= 1000 else "", {name: Stat([pick(r) for r in done]) for name, done in results.items() if done})


def growth(tools, quick, add):
    """One thing in excess, in manifests."""
    for shape, largest in {"budgets": 5000, "namespace": 10000, "containers": 1000}.items():
        sizes = [largest // 20, largest // 10] if quick else [largest // 4, largest // 2, largest]
        points = []
        for n in sizes:
            folder = tools.work / f"shape-{shape}-{n}"
            subprocess.run([tools.generate, "shape", shape, str(n), folder], check=True)
            done = measure.interleaved({"ours": ours(tools, folder)}, 1 if quick else 3, timeout=300)["ours"]
            points.append((n, Stat([r.cpu for r in done])))
        add(Row("growth", f"scan, {shape}: cpu at {sizes[-1]:,}", "s", points[-1][1]))
        add(Row("growth", f"scan, {shape}: cpu, {sizes[0]:,} to {sizes[-1]:,}", "exponent", once(measure.exponent([(n, stat.median) for n, stat in points])), "bounded"))
