#!/usr/bin/env python3
"""Asks a Prometheus every query of the dashboards, with their variables put in.

usage: query.py --prometheus URL [--interval SECONDS] [--range SECONDS] [--set NAME=VALUE]... [--may-be-empty FILE] [--all]
                [--expect "DASHBOARD / PANEL=VALUE"]...

Fails on an error, on a variable that nobody set, and on an empty answer, but for the panels of --may-be-empty: lines
"DASHBOARD / PANEL / LETTER: why it may be empty". With --all those too must have data, and each line must name a query that exists, so
that the list cannot outlive its reasons. --expect: the one value that a panel must show.
"""
import argparse
import sys
import time

from panels import DASHBOARDS, Prometheus, Unknown, built_in, load, substitute, walk


def may_be_empty(path):
    reasons = {}
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line and not line.startswith("#"):
            place, _, reason = line.partition(": ")
            if not reason:
                sys.exit(f"{path}: no reason: {line}")
            reasons[place] = reason
    return reasons


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prometheus", required=True)
    parser.add_argument("--interval", type=int, default=15)
    parser.add_argument("--range", type=int, default=300)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--may-be-empty")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--expect", action="append", default=[])
    arguments = parser.parse_args()
    prometheus = Prometheus(arguments.prometheus)
    chosen = dict(one.split("=", 1) for one in arguments.set)
    allowed = may_be_empty(arguments.may_be_empty) if arguments.may_be_empty else {}
    expected = dict(one.rsplit("=", 1) for one in arguments.expect)
    seen, bad, asked, excused = set(), [], 0, []
    now = time.time()
    for path in DASHBOARDS:
        dashboard = load(path)
        values = built_in(arguments.range, arguments.interval)
        for variable in dashboard["templating"]["list"]:
            name = variable["name"]
            place = f"{path.stem} / variable / {name}"
            if variable["type"] == "query":
                seen.add(place)
                try:
                    offered = prometheus.values(substitute(variable["query"]["query"], values))
                except (Unknown, RuntimeError) as error:
                    bad.append(f"{place}: {error}")
                    continue
                if not offered:
                    (excused if place in allowed and not arguments.all else bad).append(f"{place}: offers nothing")
                values[name] = variable["allValue"] if variable["includeAll"] else chosen.get(name, offered[0] if offered else "")
                if name in chosen and not variable["includeAll"] and chosen[name] not in offered:
                    bad.append(f"{place}: does not offer {chosen[name]}, but {offered}")
            elif variable["type"] == "custom":
                values[name] = variable["allValue"]
        for annotation in dashboard["annotations"]["list"]:
            if "expr" in annotation:
                try:
                    prometheus.range(substitute(annotation["expr"], values), now - arguments.range, now, arguments.interval)
                except (Unknown, RuntimeError) as error:
                    bad.append(f"{path.stem} / annotation / {annotation['name']}: {error}")
        for panel in walk(dashboard):
            for target in panel.get("targets", []):
                place = f"{path.stem} / {panel['title']} / {target['refId']}"
                seen.add(place)
                asked += 1
                try:
                    query = substitute(target["expr"], values)
                    result = prometheus.instant(query) if target["instant"] else prometheus.range(query, now - arguments.range, now, arguments.interval)
                except (Unknown, RuntimeError) as error:
                    bad.append(f"{place}: {error}")
                    continue
                if target["refId"] == "A" and place[: -len(" / A")] in expected:
                    wanted, got = expected[place[: -len(" / A")]], [s["value"][1] for s in result]
                    if got != [wanted]:
                        bad.append(f"{place}: shows {got}, not {wanted}")
                finite = [s for s in result for v in ([s["value"]] if "value" in s else s["values"]) if v[1] not in ("NaN", "+Inf", "-Inf")]
                if not finite:
                    (excused if place in allowed and not arguments.all else bad).append(f"{place}: empty: {query}")
    bad += [f"{place}: listed as possibly empty, and no such query" for place in allowed if place not in seen]
    print(f"{asked} queries asked, {len(excused)} empty as they may be" + (f": {'; '.join(e.split(': ')[0] for e in excused)}" if excused else ""))
    for line in bad:
        print(f"FAIL  {line}", file=sys.stderr)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
