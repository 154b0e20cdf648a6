#!/usr/bin/env python3
"""Draws the dashboards from a Prometheus: a look at layout, units, order and colours. It is our own rendering and no Grafana.

usage: preview.py --prometheus URL --out FOLDER [--interval S] [--range S] [--set NAME=VALUE]... [--chromium PROGRAM]
       writes FOLDER/NAME.html, and FOLDER/NAME.png where there is a Chromium
"""
import argparse
import html
import math
import pathlib
import shutil
import subprocess
import tempfile
import time

from panels import DASHBOARDS, Prometheus, built_in, load, substitute

COLOURS = {"green": "#73bf69", "light-green": "#96d98d", "yellow": "#fade2a", "orange": "#ff9830", "red": "#f2495c", "dark-red": "#c4162a", "blue": "#5794f2", "purple": "#b877d9"}
PALETTE = ["#73bf69", "#fade2a", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#96d98d", "#ffcb7d", "#ff7383", "#ca95e5", "#37872d", "#e0b400", "#1f60c4", "#fa6400"]
WIDTH, CELL, GAP = 1500, 36, 8


def tint(name):
    return COLOURS.get(name, name)


def number(value, decimals=None):
    if decimals is None:
        decimals = 0 if abs(value) >= 100 or float(value).is_integer() else 2
    return f"{value:.{decimals}f}"


def duration(seconds, decimals=1):
    for unit, length in (("weeks", 604800), ("days", 86400), ("hours", 3600), ("min", 60), ("s", 1)):
        if abs(seconds) >= length:
            return f"{seconds / length:.{decimals}f} {unit}"
    return f"{seconds * 1000:.{max(decimals, 1)}f} ms"


def shown(value, config):
    """A number in the panel's unit, and its colour by mapping or threshold."""
    if value is None or math.isnan(value):
        return "", None
    for one in config.get("mappings", []):
        for key, result in one.get("options", {}).items():
            if key.replace(".", "").lstrip("-").isdigit() and float(key) == value:
                return result["text"], result.get("color")
    colour = None
    for step in config.get("thresholds", {}).get("steps", []):
        if step["value"] is None or value >= step["value"]:
            colour = step["color"]
    unit, decimals = config.get("unit", "short"), config.get("decimals")
    if unit == "percentunit":
        words = number(value * 100, 0 if decimals is None else decimals) + " %"
    elif unit == "s":
        words = duration(value, 1 if decimals is None else decimals)
    elif unit == "bytes":
        power = min(4, int(math.log(max(abs(value), 1), 1024)))
        words = f"{value / 1024 ** power:.{1 if decimals is None else decimals}f} {('B', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"
    elif unit == "dateTimeFromNow":
        words = duration(time.time() - value / 1000, 0) + " ago"
    elif unit in ("reqps", "ops", "wps"):
        words = number(value, decimals) + {"reqps": " req/s", "ops": " ops/s", "wps": " wr/s"}[unit]
    else:
        words = number(value, decimals)
    return words, colour


def config_of(panel, name):
    config = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["id"] == "byName" and override["matcher"]["options"] == name:
            config.update({one["id"]: one["value"] for one in override["properties"]})
    return config


def legend(target, labels):
    text = target.get("legendFormat", "")
    if text == "__auto":
        return "{" + ", ".join(f"{k}={v}" for k, v in labels.items() if k != "__name__") + "}" if labels else target["expr"][:30]
    for key, value in labels.items():
        text = text.replace("{{" + key + "}}", value)
    import re
    return re.sub(r"\{\{\w+\}\}", "", text).strip()


def last(one):
    return float(one["value"][1] if "value" in one else one["values"][-1][1])


def stat(panel, answers, width, height):
    cells = []
    everything = [(t, s) for t, result in answers for s in result]
    for target, one in everything:
        name = legend(target, one["metric"])
        words, colour = shown(last(one), panel["fieldConfig"]["defaults"])
        by_name = panel["options"]["textMode"] == "name"
        words = name if by_name else words
        size = min(height * 0.5, width / max(len(everything), 1) / max(len(words), 3) * 1.5)
        under = "" if by_name or len(everything) == 1 else f"<small>{html.escape(name)}</small>"
        cells.append(f'<div class=stat style="color:{tint(colour or "#ccc")};font-size:{size:.0f}px">{html.escape(words)}{under}</div>')
    return f"<div class=row>{''.join(cells) or '<div class=none>No data</div>'}</div>"


def axis(low, high, whole):
    step = 10 ** math.floor(math.log10(max((high - low) / 4, 1e-9)))
    step = next(s for s in (step, 2 * step, 5 * step, 10 * step) if (high - low) / s <= 5)
    step = max(step, 1) if whole else step
    first = math.ceil(low / step - 1e-9)
    return [round((first + i) * step, 10) for i in range(int((high - low) / step + 1e-9) + 1)]


def timeseries(panel, answers, width, height, start, end):
    defaults = panel["fieldConfig"]["defaults"]
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    lines = [(legend(t, s["metric"]), [(float(x), float(y)) for x, y in s["values"] if y != "NaN"]) for t, result in answers for s in result]
    lines = [line for line in lines if line[1]]
    if not lines:
        return "<div class=none>No data</div>"
    side = panel["options"]["legend"]["placement"] == "right"
    plot = width - 85 - (min(260, width * 0.38) if side else 0)
    tall = height - 26 - (0 if side else 18)
    base, areas = {}, []
    for name, points in lines:
        if stacked:
            points = [(x, y, base.get(x, 0)) for x, y in points]
            for x, y, b in points:
                base[x] = b + y
            areas.append((name, [(x, b + y, b) for x, y, b in points]))
        else:
            areas.append((name, [(x, y, 0) for x, y in points]))
    values = [y for _, points in areas for _, y, _ in points]
    low, high = defaults.get("min", min(values)), defaults.get("max", max(values))
    if high <= low:
        high = low + 1
    px = lambda x: 70 + (x - start) / (end - start) * plot
    py = lambda y: 6 + (high - y) / (high - low) * tall
    out = []
    for mark in axis(low, high, defaults.get('decimals') == 0):
        out.append(f'<line x1=70 x2={70 + plot:.0f} y1={py(mark):.1f} y2={py(mark):.1f} stroke="#333"/><text x=65 y={py(mark) + 4:.1f} text-anchor=end>{html.escape(shown(mark, {**defaults, "thresholds": {}})[0])}</text>')
    for i in range(5):
        at = start + (end - start) * i / 4
        out.append(f'<text x={px(at):.0f} y={tall + 22} text-anchor=middle>{time.strftime("%H:%M:%S", time.localtime(at))}</text>')
    rows = []
    for index, (name, points) in enumerate(areas):
        colour = tint(config_of(panel, name).get("color", {}).get("fixedColor", PALETTE[index % len(PALETTE)]))
        line = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y, _ in points)
        if stacked:
            back = " ".join(f"{px(x):.1f},{py(b):.1f}" for x, _, b in reversed(points))
            out.append(f'<polygon points="{line} {back}" fill="{colour}" fill-opacity=.6 />')
        out.append(f'<polyline points="{line}" fill=none stroke="{colour}" stroke-width=1.5 />')
        value = lines[index][1][-1][1]
        rows.append(f'<tr><td><b style="color:{colour}">━</b> {html.escape(name)}<td class=r>{shown(value, {**defaults, "thresholds": {}})[0]}')
    picture = f'<svg width={plot + 85:.0f} height={tall + 26}>{"".join(out)}</svg>'
    if side:
        return f'<div class=row>{picture}<div class=legend><table>{"".join(rows[:12])}</table></div></div>'
    return picture


def rows_of(panel, answers):
    """The table that Grafana's merge and organize make: columns in order, and rows."""
    many = len(panel["targets"]) > 1
    merged = {}
    for target, result in answers:
        for one in result:
            labels = {k: v for k, v in one["metric"].items() if k != "__name__"}
            shared = [key for key in merged if all(dict(key).get(k, v) == v for k, v in labels.items())] if many else []
            for key in shared or [tuple(sorted(labels.items()))]:
                row = merged.setdefault(key, dict(key))
                row["Value #" + target["refId"] if many else "Value"] = last(one)
    organize = next(t["options"] for t in panel["transformations"] if t["id"] == "organize")
    names = {name for row in merged.values() for name in row if not organize["excludeByName"].get(name)}
    names = sorted(names, key=lambda n: organize["indexByName"].get(n, 99))
    heads = [organize["renameByName"].get(n, n) for n in names]
    rows = [[row.get(n) for n in names] for row in merged.values()]
    for order in panel["options"].get("sortBy", []):
        if order["displayName"] in heads:
            at = heads.index(order["displayName"])
            rows.sort(key=lambda r: (r[at] is None, r[at] if r[at] is not None else 0), reverse=order["desc"])
    return heads, rows


def table(panel, answers, width, height):
    heads, rows = rows_of(panel, answers)
    if not rows:
        return "<div class=none>No data</div>"
    out = ["<table class=t><tr>" + "".join(f"<th>{html.escape(h)}" for h in heads)]
    for row in rows[: int((height - 30) / 27)]:
        cells = []
        for head, value in zip(heads, row):
            config = config_of(panel, head)
            kind = config.get("custom.cellOptions", {}).get("type")
            style = ""
            if isinstance(value, float):
                words, colour = shown(value, config)
                if kind == "gauge":
                    most = max(r[heads.index(head)] for r in rows)
                    cells.append(f'<td class=r><span class=bar style="width:{value / most * 60:.0f}px"></span> {words}')
                    continue
                if kind == "color-background":
                    style = f"background:{tint(colour)};color:#111"
                elif kind == "color-text":
                    style = f"color:{tint(colour)}"
                cells.append(f'<td class=r style="{style}">{html.escape(words)}' if not config.get("mappings") else f'<td style="{style}">{html.escape(words)}')
            else:
                for one in config.get("mappings", []):
                    if value in one["options"]:
                        style = f"color:{tint(one['options'][value]['color'])}"
                linked = ' class=link' if config.get("links") else ""
                cells.append(f'<td{linked} style="{style}">{html.escape(value or "")}')
        out.append("<tr>" + "".join(cells))
    more = f"<small>{len(rows)} rows</small>" if len(rows) > int((height - 30) / 27) else ""
    return "".join(out) + "</table>" + more


def bargauge(panel, answers, width, height):
    out = []
    for target, result in answers:
        for one in result:
            name = legend(target, one["metric"])
            config = config_of(panel, name)
            value = last(one)
            words, colour = shown(value, config)
            colour = config.get("color", {}).get("fixedColor", colour)
            most = config.get("max") or max(last(s) for _, r in answers for s in r) or 1
            out.append(f'<tr><td class=r>{html.escape(name)}<td style="width:{width - 220}px"><span class=bar style="width:{max(2, value / most * (width - 230)):.0f}px;background:{tint(colour)}"></span>'
                       f'<td style="color:{tint(colour)}">{words}')
    return f'<table class=bars style="line-height:{max(10, (height - 16) / max(len(out), 1) - 3):.0f}px">{"".join(out)}</table>'


def timeline(panel, answers, width, height, start, end):
    lines = [(legend(t, s["metric"]), s["values"]) for t, result in answers for s in result]
    if not lines:
        return "<div class=none>No data</div>"
    merged = {}
    for name, points in lines:
        merged.setdefault(name, []).extend((float(x), float(y)) for x, y in points)
    lines = sorted(merged.items())
    tall = (height - 40) / len(lines)
    step = (end - start) / 200
    out = []
    for index, (name, points) in enumerate(lines):
        y = index * tall
        out.append(f'<text x=190 y={y + tall / 2 + 4:.0f} text-anchor=end font-size={min(12, tall):.0f}>{html.escape(name)}</text>')
        for x, value in points:
            at = 200 + (x - start) / (end - start) * (width - 220)
            out.append(f'<rect x={at:.1f} y={y + 1:.1f} width={(width - 220) / 200 + step * 0 + 1:.1f} height={max(tall - 2, 1):.1f} fill="{tint(shown(value, panel["fieldConfig"]["defaults"])[1])}"/>')
    return f'<svg width={width} height={height - 10}>{"".join(out)}</svg>'


STYLE = """body{background:#111217;color:#ccccdc;font:13px sans-serif;margin:8px;width:1500px;position:relative}
.p{position:absolute;background:#181b1f;border:1px solid #2a2d33;overflow:hidden;box-sizing:border-box}.p h3{font-size:13px;font-weight:500;margin:6px 8px 4px}
.r0{position:absolute;font-size:15px;font-weight:600;padding-top:6px}.row{display:flex;height:100%}.stat{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;font-weight:600;height:75%}
.stat small{font-size:11px;color:#999}.none{text-align:center;padding-top:20px;color:#888}svg text{fill:#9a9aa5;font-size:11px}table{border-collapse:collapse}.t{width:100%}.t td,.t th{padding:4px 8px;border-bottom:1px solid
#24272c;text-align:left;white-space:nowrap}.t th{color:#6e9fff;font-weight:500}td.r{text-align:right!important}.bar{display:inline-block;height:70%;min-height:9px;background:#ff9830;vertical-align:middle}.legend{font-size:11px;overflow:hidden}.legend
td{padding:1px 6px;white-space:nowrap}.bars{margin:2px 8px}.bars td{padding:0 6px;white-space:nowrap;font-size:12px}.link{color:#6e9fff;text-decoration:underline}pre{background:#111217;padding:6px 10px}small{color:#888;padding:4px 8px}.md{padding:0 10px}"""


def markdown(content):
    out, code = [], False
    for line in content.split("\n"):
        if line == "```":
            out.append("</pre>" if code else "<pre>")
            code = not code
        else:
            out.append(html.escape(line) + ("\n" if code else "<br>" if line == "" else ""))
    return f"<div class=md>{''.join(out)}</div>"


def draw(dashboard, prometheus, values, seconds, interval):
    end = time.time()
    start = end - seconds
    out = [f"<h2>{html.escape(dashboard['title'])}</h2>"]
    bottom = 0
    for panel in dashboard["panels"]:
        grid = panel["gridPos"]
        column = WIDTH / 24
        left, top, width, height = grid["x"] * column, 50 + grid["y"] * CELL, grid["w"] * column - GAP, grid["h"] * CELL - GAP
        bottom = max(bottom, top + height)
        title = html.escape(substitute(panel["title"], values) if "$" in panel["title"] else panel["title"])
        if panel["type"] == "row":
            out.append(f'<div class=r0 style="left:{left:.0f}px;top:{top:.0f}px">▾ {title}</div>')
            continue
        answers = []
        for target in panel.get("targets", []):
            query = substitute(target["expr"], values)
            answers.append((target, prometheus.instant(query, time=end) if target["instant"] else prometheus.range(query, start, end, max(1, seconds // 200))))
        inner = height - 28
        kind = panel["type"]
        if kind == "stat":
            body = stat(panel, answers, width, inner)
        elif kind == "timeseries":
            body = timeseries(panel, answers, width, inner, start, end)
        elif kind == "table":
            body = table(panel, answers, width, inner)
        elif kind == "bargauge":
            body = bargauge(panel, answers, width, inner)
        elif kind == "state-timeline":
            body = timeline(panel, answers, width, inner, start, end)
        elif kind == "text":
            body = markdown(substitute(panel["options"]["content"], values))
        else:
            raise SystemExit(f"no drawing for panels of type {kind}")
        out.append(f'<div class=p style="left:{left:.0f}px;top:{top:.0f}px;width:{width:.0f}px;height:{height:.0f}px"><h3>{title}</h3>{body}</div>')
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><body style='height:{bottom + 20:.0f}px'>{''.join(out)}", int(bottom + 40)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prometheus", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--interval", type=int, default=15)
    parser.add_argument("--range", type=int, default=300)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    arguments = parser.parse_args()
    prometheus = Prometheus(arguments.prometheus)
    chosen = dict(one.split("=", 1) for one in arguments.set)
    out = pathlib.Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    for path in DASHBOARDS:
        dashboard = load(path)
        values = built_in(arguments.range, arguments.interval)
        for variable in dashboard["templating"]["list"]:
            name = variable["name"]
            if variable["type"] != "datasource":
                values[name] = variable["allValue"] if variable["includeAll"] else chosen.get(name, "")
        page, height = draw(dashboard, prometheus, values, arguments.range, arguments.interval)
        (out / f"{path.stem}.html").write_text(page, encoding="utf-8")
        if arguments.chromium:
            with tempfile.TemporaryDirectory() as profile:
                subprocess.run([arguments.chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={WIDTH + 20},{height}",
                                f"--screenshot={out / path.stem}.png", (out / f"{path.stem}.html").resolve().as_uri()], check=True, timeout=120, capture_output=True)
            print(out / f"{path.stem}.png")


if __name__ == "__main__":
    main()
