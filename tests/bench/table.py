"""Rows of the benchmarks, the budgets that they are held against, and how both are printed."""
import json
from dataclasses import dataclass, field

from measure import Stat


@dataclass
class Row:
    scenario: str
    what: str  # with the size in it
    unit: str
    ours: Stat
    key: str = ""  # of a budget
    peers: dict = field(default_factory=dict)  # name -> Stat, lower is better
    note: str = ""

    def best_peer(self):
        peers = {name: stat.median for name, stat in self.peers.items() if stat}
        return min(peers.items(), key=lambda one: one[1]) if peers else None

    def ratio(self):
        """How many times the best peer's figure is ours."""
        best = self.best_peer()
        return best[1] / self.ours.median if best and self.ours and self.ours.median else None


def at_most(limit, text=None):
    return (text or f"<= {limit:g}"), lambda row: row.ours.median <= limit


def times(factor, text=None):
    return (text or f"{factor:g} x the fastest"), lambda row: None if row.ratio() is None else row.ratio() >= factor


# One place. None: cannot be told, for want of a peer.
BUDGETS = {
    "scan-wall": times(20, "20 x the fastest peer"),
    "scan-cpu": times(20, "20 x the fastest peer"),
    "scan-peak": times(1, "under the peers'"),
    "scan-growth": at_most(1.1, "linear: exponent <= 1.1"),
    "growth": at_most(1.1, "linear: exponent <= 1.1"),
    "bounded": at_most(2.0, "<= 2 (no worse than n^2, and the time beside it)"),
    "evaluate": at_most(30),
    "start-1000": times(1, "ahead of kube-state-metrics"),
    "start-lists": at_most(1.2, "<= 1.2 x the lists alone"),
    "memory-1000": at_most(30),
    "memory-10000": at_most(120),
    "memory-eighth": times(8, "1/8 of kube-state-metrics"),
    "memory-largest": at_most(600),
    "change-p50": at_most(15),
    "change-p99": at_most(100),
    "change-after-watch": at_most(5, "<= 5 after a bare watch client"),
    "audit-p50": at_most(500),
    "audit-p99": at_most(2000),
    "scrape-10000": at_most(100),
    "idle-requests": at_most(0.3),
    "idle-writes": at_most(0),
    "idle-cpu": at_most(0.5),
}


def number(value):
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
    return f"{value:,.{digits}f}"


def shown(stat):
    if not stat:
        return "-"
    if len(stat.values) == 1:
        return number(stat.median)
    return f"{number(stat.median)} ({number(min(stat.values))}-{number(max(stat.values))}, n={len(stat.values)})"


def verdict(row):
    if row.key not in BUDGETS:
        return "", ""
    text, holds = BUDGETS[row.key]
    answer = holds(row) if row.ours else None
    return text, "not told" if answer is None else "met" if answer else "MISSED"


HEADS = ["scenario", "what", "unit", "ours", "peers", "best peer / ours", "budget", ""]


def cells(row):
    text, answer = verdict(row)
    ratio = row.ratio()
    peers = "; ".join(f"{name} {shown(stat)}" for name, stat in row.peers.items())
    return [row.scenario, row.what + (f" ({row.note})" if row.note else ""), row.unit, shown(row.ours), peers, number(ratio) + " x" if ratio else "", text, answer]


def markdown(rows):
    lines = ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join(lines)


def document(machine, arguments, missing, rows):
    return json.dumps({
        "machine": machine, "command": arguments, "missing_peers": missing,
        "rows": [{"scenario": row.scenario, "what": row.what, "unit": row.unit, "ours": row.ours.json() if row.ours else None, "peers": {name: stat.json() for name, stat in row.peers.items() if stat},
                  "ratio": row.ratio(), "budget": verdict(row)[0] or None, "answer": verdict(row)[1] or None, "note": row.note or None} for row in rows]}, indent=1)
