"""The operator on clusters, beside kube-state-metrics on the same ones: from start to idle."""
import time

import measure
from clusters import LISTED, Cluster, KubeStateMetrics, Operator, Size
from measure import Stat, once
from table import Row

SCENARIOS = {"start", "memory", "scrape", "idle", "change", "relist"}

REAL = [Size(1000, 2700, 50, True), Size(2000, 5400, 100, True), Size(10000, 20000, 200, True)]
QUICK = [Size(100, 270, 10, True), Size(1000, 2700, 50, False)]
LARGEST = Size(10000, 150000, 5000, False)


def run(tools, wanted, quick, add, say):
    if not wanted:
        return
    growth = {}
    for size in QUICK if quick else REAL:
        with Cluster(tools, size, say) as cluster:
            ksm = tools.peer("kube-state-metrics")
            if "start" in wanted or "memory" in wanted:
                start(cluster, ksm, 1 if quick else 3, add, say, wanted, growth=growth)
            if wanted - {"start", "memory"}:
                steady(cluster, ksm, wanted, quick, add, say)
    for (scenario, figure), points in growth.items():
        if len(points) > 1:
            add(Row(scenario, f"growth of {figure}, {points[0][0]:,} to {points[-1][0]:,} objects", "exponent", once(measure.exponent(points)), "growth"))


def largest(tools, quick, add, say):
    """What two cores cannot hold as a real control plane."""
    size = Size(1000, 15000, 500, False) if quick else LARGEST
    with Cluster(tools, size, say) as cluster:
        ksm = tools.peer("kube-state-metrics")
        start(cluster, ksm, 1, add, say, {"start", "memory"}, "memory-largest" if not quick else "")
        steady(cluster, None, {"scrape", "idle", "change", "relist"}, quick, add, say)


def label(size):
    return f"{size.workloads:,} workloads, {size.pods:,} pods" + (f", {size.nodes:,} nodes" if size.nodes >= 1000 else "") + ("" if size.real else ", synthetic API server")


def start(cluster, ksm, runs, add, say, wanted, memory_key="", growth=None):
    """Both are started in turn, on the same cluster, each alone."""
    size, what = cluster.size, label(cluster.size)
    served, ours, theirs = [], {"wall": [], "cpu": [], "peak": [], "rss": []}, {"wall": [], "cpu": [], "peak": [], "rss": []}
    kinds = {}
    for turn in range(runs):
        answer = cluster.control("lists", *LISTED)
        served.append(answer["seconds"])
        for name, figures in ("ours", ours), ("ksm", theirs):
            if name == "ksm" and not ksm:
                continue
            # Reports are the writer's business: its first pass over a new cluster takes minutes by its own budget, and is no part of the start.
            process = Operator(cluster, "--write-reports=false") if name == "ours" else KubeStateMetrics(cluster, ksm)
            with process:
                figures["wall"].append(process.complete())
                figures["cpu"].append(process.cpu())
                process.page()
                time.sleep(8 if runs > 1 else 4)  # what is freed after the start is freed by then
                figures["rss"].append(process.rss())
                figures["peak"].append(process.peak())
                if name == "ours" and turn == runs - 1:
                    kinds = process.by_resource("seaworthy_cache_resident_bytes")
                    objects = process.by_resource("seaworthy_watch_objects")

    def peers(figure):
        return {"kube-state-metrics": Stat(theirs[figure])} if theirs[figure] else {}

    for scenario, figure in ("start", "cpu"), ("memory", "rss"):
        if scenario in wanted and growth is not None:
            growth.setdefault((scenario, figure), []).append((sum(cluster.counts.values()), Stat(ours[figure]).median))
    if "start" in wanted:
        key = "start-1000" if size.workloads >= 1000 and size.real else ""
        add(Row("start", f"{what}: to complete metrics", "s", Stat(ours["wall"]), key, peers("wall")))
        add(Row("start", f"{what}: cpu until then", "s", Stat(ours["cpu"]), "", peers("cpu")))
        add(Row("start", f"{what}: the lists alone, read by a client that throws them away", "s", Stat(served)))
        add(Row("start", f"{what}: start / lists", "ratio", Stat([a / b for a, b in zip(ours["wall"], served)]), "start-lists" if size.real else ""))
    if "memory" in wanted:
        key = memory_key or {(1000, True): "memory-1000", (10000, True): "memory-10000"}.get((size.workloads, size.real), "")
        add(Row("memory", f"{what}: resident", "MiB", Stat(ours["rss"]), key, peers("rss")))
        if size.workloads >= 10000 and theirs["rss"]:
            add(Row("memory", f"{what}: resident, beside kube-state-metrics", "MiB", Stat(ours["rss"]), "memory-eighth", peers("rss")))
        add(Row("memory", f"{what}: highest", "MiB", Stat(ours["peak"]), "", peers("peak")))
        for kind, size_bytes in sorted(kinds.items(), key=lambda one: -one[1])[:6]:
            if size_bytes > 100_000:
                add(Row("memory", f"{what}: of it {kind}", "MiB", once(size_bytes / 1048576), note=f"{objects.get(kind, 0):,.0f} objects, {size_bytes / max(objects.get(kind, 1), 1):,.0f} bytes each"))


def steady(cluster, ksm, wanted, quick, add, say):
    size, what = cluster.size, label(cluster.size)
    # In the change scenario reports are written, where the server has our kinds: by then the first pass is over.
    reports = size.real and "change" in wanted and size.workloads <= 2000
    with Operator(cluster, f"--write-reports={'true' if reports else 'false'}") as operator:
        operator.complete()
        if reports:
            wait_for_reports(operator, say)
        if "scrape" in wanted:
            scrape(cluster, operator, ksm, quick, add)
        if "idle" in wanted:
            idle(operator, what, 10 if quick else 60, add)
        if "change" in wanted:
            change(cluster, operator, ksm, reports, quick, add, say)
        if "relist" in wanted and not size.real:
            relist(cluster, operator, add)


def wait_for_reports(operator, say):
    begin = time.monotonic()
    while time.monotonic() - begin < 600:
        if operator.value("seaworthy_report_pending") == 0 and operator.value("seaworthy_report_objects") > 0:
            time.sleep(11)  # its metrics are ten seconds old at most
            if operator.value("seaworthy_report_pending") == 0:
                say(f"all reports written after {time.monotonic() - begin:.0f} s")
                return
        time.sleep(1)
    raise RuntimeError("reports are pending after ten minutes")


def scrape(cluster, operator, ksm, quick, add):
    what = label(cluster.size)
    runs = 3 if quick else 10

    def pages(process):
        process.page()
        return [process.page() for _ in range(runs)]

    mine, theirs = pages(operator), []
    if ksm:
        with KubeStateMetrics(cluster, ksm) as process:
            process.complete()
            theirs = pages(process)
    body = mine[-1][1]
    series = sum(1 for line in body.splitlines() if not line.startswith(b"#"))
    peers = {"kube-state-metrics": Stat([seconds * 1000 for seconds, _ in theirs])} if theirs else {}
    note = f"{len(body) / 1e6:.1f} MB, {series:,} series"
    if theirs:
        note += f"; theirs {len(theirs[-1][1]) / 1e6:.1f} MB, {sum(1 for line in theirs[-1][1].splitlines() if not line.startswith(b'#')):,} series"
    add(Row("scrape", f"{what}: the whole page", "ms", Stat([seconds * 1000 for seconds, _ in mine]), "scrape-10000" if cluster.size.workloads >= 10000 else "", peers, note))


def idle(operator, what, seconds, add):
    time.sleep(5)

    def counts():
        _, body = operator.page()
        requests = writes = 0.0
        for line in body.decode().splitlines():
            if line.startswith("rest_client_requests_total{"):
                value = float(line.rsplit(" ", 1)[1])
                requests += value
                writes += 0 if 'method="GET"' in line else value
        return requests, writes

    before, cpu, begin = counts(), operator.cpu(), time.monotonic()
    time.sleep(seconds)
    cpu, elapsed = operator.cpu() - cpu, time.monotonic() - begin
    after = counts()
    add(Row("idle", f"{what}: requests", "1/s", once((after[0] - before[0]) / elapsed), "idle-requests"))
    add(Row("idle", f"{what}: writes", "", once(after[1] - before[1]), "idle-writes"))
    add(Row("idle", f"{what}: cpu", "% of a core", once(100 * cpu / elapsed), "idle-cpu"))


def change(cluster, operator, ksm, reports, quick, add, say):
    size, what = cluster.size, label(cluster.size)
    targets = min(size.workloads, 2000)
    rates = [10, 100] if quick else [10, 100, 1000]
    seconds = 5 if quick else 20

    def measure_rate(process, rate, *more):
        flags = ["-metrics", f"http://127.0.0.1:{process.port}/metrics", "-family", process.family, "-label", process.label, "-targets", targets, "-rate", rate, "-seconds", seconds]
        return cluster.control("change", *flags, "-pid", process.pid, *more)

    for rate in rates:
        mine = measure_rate(operator, rate)
        if "metric_ms" not in mine:
            say(f"at {rate}/s no change was seen: {mine}")
            continue
        theirs = None
        if ksm and size.real:
            # One family of Deployments alone: the least that it can be asked for.
            with KubeStateMetrics(cluster, ksm, "--resources", "deployments", "--metric-allowlist", KubeStateMetrics.family) as process:
                process.complete(families={KubeStateMetrics.family.encode() + b"{": cluster.counts["deployments"]})
                theirs = measure_rate(process, rate)
        note = f"{mine['achieved_rate']:.0f}/s reached, n={mine['metric_ms']['n']}, lost {mine['lost'].get('metric_ms', 0)}"
        budgets = rate == 100 and size.real and size.workloads == 2000

        def peers(figure):
            return {"kube-state-metrics, one family": once(theirs["metric_ms"][figure])} if theirs and "metric_ms" in theirs else {}

        add(Row("change", f"{what}, {rate}/s: patch sent -> metric, p50", "ms", once(mine["metric_ms"]["p50"]), "change-p50" if budgets else "", peers("p50"), note))
        add(Row("change", f"{what}, {rate}/s: patch sent -> metric, p99", "ms", once(mine["metric_ms"]["p99"]), "change-p99" if budgets else "", peers("p99")))
        add(Row("change", f"{what}, {rate}/s: cpu", "% of a core", once(mine["cpu_percent"]), "", {"kube-state-metrics, one family": once(theirs["cpu_percent"])} if theirs else {}))
        add(Row("change", f"{what}, {rate}/s: patch sent -> bare watch client, p50", "ms", once(mine["watch_ms"]["p50"])))
        add(Row("change", f"{what}, {rate}/s: bare watch client -> metric, p50", "ms", once(mine["after_watch_ms"]["p50"]), "change-after-watch" if size.real else "", {}, f"p99 {mine['after_watch_ms']['p99']:.1f}; one look at the page takes {mine['poll_ms']['p50']:.1f}"))
    if reports:
        mine = measure_rate(operator, 10, "-audits")
        if "audit_ms" in mine:
            note = f"n={mine['audit_ms']['n']}, lost {mine['lost'].get('audit_ms', 0)}"
            add(Row("change", f"{what}, 10/s: patch sent -> WorkloadAudit, p50", "ms", once(mine["audit_ms"]["p50"]), "audit-p50", {}, note))
            add(Row("change", f"{what}, 10/s: patch sent -> WorkloadAudit, p99", "ms", once(mine["audit_ms"]["p99"]), "audit-p99"))
        else:
            say("no WorkloadAudit followed")


def relist(cluster, operator, add):
    what = label(cluster.size)
    cpu, begin = operator.cpu(), time.monotonic()
    relists = operator.value("seaworthy_watch_relists_total")
    cluster.expire()
    # All kinds have listed again when the count of relists has stopped rising; it is told every ten seconds.
    seen, still = relists, 0
    while still < 25 and time.monotonic() - begin < 300:
        time.sleep(1)
        now = operator.value("seaworthy_watch_relists_total")
        still = still + 1 if now == seen and now > relists else 0
        seen = now
    took = operator.cpu() - cpu
    add(Row("relist", f"{what}: all kinds after a 410, cpu", "s", once(took), note=f"{seen - relists:.0f} kinds, highest resident so far {operator.peak():,.0f} MiB"))
