#!/usr/bin/env python3
"""Writes the three dashboards beside this file.

usage: generate.py          writes seaworthy-{overview,workload,operator}.json
       generate.py --check  fails when one of them is not what would be written

A script, because the three share variables, colours, links and the way in which replicas are not counted twice: every query of a
workload series goes through `max by (cluster, ...)` first. `cluster` is a label that Prometheus may add (external_labels, relabelling);
without it the variable stays at All, which matches its absence too.
"""
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent

GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "#8e8e8e"
SEVERITIES = ["critical", "high", "medium", "low", "info"]
SEVERITY_COLOURS = {"critical": "dark-red", "high": "red", "medium": "orange", "low": "yellow", "info": "blue"}
VERDICT_COLOURS = {"pass": "green", "attested": "light-green", "waived": "purple", "warn": "yellow", "unknown": GREY, "fail": "red"}
# The limits of the grades (docs/scoring.md).
SCORE_STEPS = [(None, "red"), (60, "orange"), (70, "yellow"), (80, "light-green"), (90, "green")]

W = "cluster, namespace, workload, workload_type"
PLACE = 'cluster=~"$cluster"'


# ---- panels -------------------------------------------------------------------------------------------------------------

def thresholds(steps):
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in steps]}


def colour(name, value):
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": value}}]}


def colours(table):
    return [colour(name, value) for name, value in table.items()]


def column(name, *properties):
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": key, "value": value} for key, value in properties]}


def mapping(**texts):
    """Values to texts and colours: v1=("yes", "green")."""
    options = {}
    for index, (value, (text, tint)) in enumerate(texts.items()):
        options[value[1:].replace("_", ".")] = {"index": index, "text": text, "color": tint}
    return [{"type": "value", "options": options}]


SCORE_CELL = (("custom.cellOptions", {"type": "color-background", "mode": "basic"}), ("thresholds", thresholds(SCORE_STEPS)), ("decimals", 0), ("custom.width", 90))
SEVERITY_CELL = (("mappings", [{"type": "value", "options": {str(5 - i): {"index": i, "text": s, "color": SEVERITY_COLOURS[s]} for i, s in enumerate(SEVERITIES)}}]),
                 ("custom.cellOptions", {"type": "color-text"}), ("custom.width", 90))


def target(expr, legend="", instant=False, table=False):
    """A query; its letter is given by the panel."""
    query = {"expr": expr, "legendFormat": legend or "__auto", "editorMode": "code", "range": not instant, "instant": instant}
    if table:
        query["format"] = "table"
    return query


def panel(kind, title, description, targets, size, unit="short", options=None, defaults=None, overrides=(), transformations=None, **more):
    queries = []
    for letter, query in zip("ABCDEFGH", targets):
        queries.append({"refId": letter, "datasource": {"type": "prometheus", "uid": "${datasource}"}, **query})
    made = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "targets": queries,
        "options": options or {},
        "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": list(overrides)},
        "gridPos": {"w": size[0], "h": size[1], "x": 0, "y": 0},
        **more,
    }
    if transformations:
        made["transformations"] = transformations
    return made


def stat(title, description, expr, steps, width=4, unit="short", legend="", decimals=None, mappings=None, link=None, graph="none", text="auto"):
    defaults = {"thresholds": thresholds(steps), "color": {"mode": "thresholds"}, "mappings": mappings or []}
    if decimals is not None:
        defaults["decimals"] = decimals
    if link:
        defaults["links"] = link
    options = {"colorMode": "value", "graphMode": graph, "justifyMode": "auto", "orientation": "auto", "textMode": text, "wideLayout": True, "showPercentChange": False, "percentChangeColorMode": "standard",
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel("stat", title, description, [target(expr, legend, instant=graph == "none")], (width, 4), unit, options, defaults)


def series(title, description, targets, width=12, height=8, unit="short", stack=False, overrides=(), low=None, high=None, legend="table", decimals=None, fill=10):
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 60 if stack else fill, "showPoints": "never", "spanNulls": False,
              "stacking": {"mode": "normal" if stack else "none", "group": "A"}, "axisBorderShow": False}
    defaults = {"custom": custom, "color": {"mode": "palette-classic"}}
    if low is not None:
        defaults["min"] = low
    if high is not None:
        defaults["max"] = high
    if decimals is not None:
        defaults["decimals"] = decimals
    options = {"legend": {"displayMode": legend, "placement": "right" if legend == "table" else "bottom", "showLegend": True, "calcs": ["lastNotNull"] if legend == "table" else []},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, targets, (width, height), unit, options, defaults, overrides)


def table(title, description, queries, columns, width=12, height=9, sort=None, overrides=(), hide=()):
    """`queries`: (expression, name of its value); `columns`: label -> heading, in order; values follow by their names."""
    rename, index, exclude = {}, {}, {"Time": True}
    for place, (label, heading) in enumerate(columns.items()):
        rename[label], index[label] = heading, place
    for place, (_, name) in enumerate(queries):
        field = "Value" if len(queries) == 1 else "Value #" + "ABCDEFGH"[place]
        if name is None:
            exclude[field] = True
            continue
        rename[field], index[field] = name, len(columns) + place
    for label in hide:
        exclude[label] = True
    steps = [{"id": "merge", "options": {}}] if len(queries) > 1 else []
    steps.append({"id": "organize", "options": {"excludeByName": exclude, "indexByName": index, "renameByName": rename}})
    options = {"frameIndex": 0, "showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}
    if sort:
        options["sortBy"] = [{"displayName": sort[0], "desc": sort[1]}]
    defaults = {"custom": {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False}}
    return panel("table", title, description, [target(e, instant=True, table=True) for e, _ in queries], (width, height), "short", options, defaults, overrides, steps)


def bars(title, description, expr, legend, width=8, height=9, unit="short", steps=SCORE_STEPS, low=0, high=100, overrides=(), targets=None):
    defaults = {"min": low, "thresholds": thresholds(steps), "color": {"mode": "thresholds"}, "decimals": 0}
    if high is not None:
        defaults["max"] = high
    options = {"displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color", "namePlacement": "left", "sizing": "auto", "minVizHeight": 12, "minVizWidth": 8,
               "maxVizHeight": 300, "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []}, "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel("bargauge", title, description, targets or [target(expr, legend, instant=True)], (width, height), unit, options, defaults, overrides)


def timeline(title, description, expr, legend, mappings, width=24, height=10):
    defaults = {"custom": {"lineWidth": 0, "fillOpacity": 80}, "color": {"mode": "thresholds"}, "thresholds": thresholds([(None, GREY)]), "mappings": mappings}
    options = {"mergeValues": True, "showValue": "never", "alignValue": "left", "rowHeight": 0.8, "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
               "tooltip": {"mode": "single", "sort": "none"}}
    return panel("state-timeline", title, description, [target(expr, legend)], (width, height), "short", options, defaults)


def under(one):
    """Puts it below the panel before it and not beside it."""
    return {**one, "below": True}


def text(title, content, width, height):
    return {"type": "text", "title": title, "description": "", "options": {"mode": "markdown", "content": content}, "gridPos": {"w": width, "h": height, "x": 0, "y": 0}}


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": 24, "h": 1, "x": 0, "y": 0}}


# ---- variables and links ------------------------------------------------------------------------------------------------

DATASOURCE = {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "hide": 0, "refresh": 1, "includeAll": False, "multi": False, "regex": "",
              "options": []}
ALL = {"selected": True, "text": "All", "value": "$__all"}


def labels(name, title, query, everything=True, multi=False):
    made = {"type": "query", "name": name, "label": title, "datasource": {"type": "prometheus", "uid": "${datasource}"}, "query": {"query": query, "refId": name}, "definition": query,
            "refresh": 2, "sort": 1, "includeAll": everything, "multi": multi, "hide": 0, "regex": "", "options": []}
    if everything:
        # Not the list of all values: with thousands of them that is a long regular expression; and it matches a missing label.
        made["allValue"] = ".*"
        made["current"] = ALL
    return made


CLUSTER = labels("cluster", "Cluster", "label_values(seaworthy_build_info, cluster)")
SEVERITY = {"type": "custom", "name": "severity", "label": "Severity", "query": ",".join(SEVERITIES), "includeAll": True, "allValue": ".*", "multi": True, "hide": 0, "current": ALL,
            "options": []}

WORKLOAD_LINK = [{"title": "This workload", "targetBlank": False,
                  "url": "/d/seaworthy-workload/seaworthy-workload?${datasource:queryparam}&${cluster:queryparam}&var-namespace=${__data.fields.Namespace}"
                         "&var-workload_type=${__data.fields.Type}&var-workload=${__data.fields.Workload}&${__url_time_range}"}]
WORKLOAD_COLUMN = column("Workload", ("links", WORKLOAD_LINK))


def dashboard(uid, title, description, variables, panels):
    x = y = tall = below = 0
    for number, one in enumerate(panels, 1):
        one["id"] = number
        grid = one["gridPos"]
        if one.pop("below", False):
            grid["x"], grid["y"] = x - grid["w"], y + below
            below += grid["h"]
            continue
        if x + grid["w"] > 24:
            x, y, tall = 0, y + tall, 0
        grid["x"], grid["y"] = x, y
        x, tall, below = x + grid["w"], max(tall, grid["h"]), grid["h"]
    links = [{"type": "dashboards", "title": "Seaworthy", "tags": ["seaworthy"], "asDropdown": True, "icon": "external link", "includeVars": True, "keepTime": True, "targetBlank": False,
              "tooltip": "", "url": ""}]
    return {
        "id": None, "uid": uid, "title": title, "description": description, "tags": ["seaworthy", "kubernetes"], "schemaVersion": 39, "version": 1, "editable": True,
        "graphTooltip": 1, "refresh": "1m", "time": {"from": "now-24h", "to": "now"}, "timepicker": {}, "timezone": "browser", "fiscalYearStartMonth": 0, "weekStart": "",
        "annotations": {"list": [
            {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True, "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts",
             "type": "dashboard"},
            # Scores before and after it are not comparable.
            {"datasource": {"type": "prometheus", "uid": "${datasource}"}, "enable": True, "hide": False, "iconColor": "purple", "name": "Checklist changed",
             "expr": f"max by (cluster) (max by (cluster, hash) (seaworthy_checklist_info{{{PLACE}}}) unless on (cluster, hash) max_over_time(seaworthy_checklist_info{{{PLACE}}}[1h] offset 2m))"
                     f" and on (cluster) max by (cluster) (max_over_time(seaworthy_checklist_info{{{PLACE}}}[1h] offset 2m))",
             "titleFormat": "The checklist changed: an upgrade or an edit of a policy", "step": "60s", "useValueForTime": False},
        ]},
        "templating": {"list": variables}, "links": links, "panels": panels,
    }


# ---- the overview -------------------------------------------------------------------------------------------------------

NAMESPACED = f'{PLACE},namespace=~"$namespace",workload_type=~"$workload_type"'
ONE = f"{W}, check, section, severity, verdict"


def workloads(metric, more=""):
    return f"max by ({W}) ({metric}{{{NAMESPACED}{more}}})"


def failing(by=ONE, more='verdict="fail"'):
    return f'max by ({by}) (seaworthy_check_failing{{{NAMESPACED},severity=~"$severity",{more}}})'


def ranked(inner):
    """A severity as a number, so that a table can be sorted by it."""
    return " or ".join(f'{inner(s)} * {5 - i}' for i, s in enumerate(SEVERITIES))


def overview():
    score = workloads("seaworthy_workload_score")
    worst = f"bottomk(50, {score})"
    capacity = "survives-node-loss|node-overcommit|multi-zone|control-plane-redundant|cluster-dns"
    own = f'seaworthy_check_failing{{{PLACE},namespace="",workload="",severity=~"$severity"}}'
    band = lambda low, high: f"count(({score}) >= {low}" + (f" < {high}" if high else "") + ") or vector(0)"
    bands = [(90, None, "90 to 100", "green"), (80, 90, "80 to 89", "light-green"), (70, 80, "70 to 79", "yellow"), (60, 70, "60 to 69", "orange"), (0, 60, "0 to 59", "red")]
    panels = [
        row("How ready is it?"),
        stat("Cluster score", "Score of the whole cluster, 0 to 100: the mean of the namespaces, the cluster's own findings and its nodes. Not narrowed by the filters above.",
             f"max by (cluster) (seaworthy_cluster_score{{{PLACE}}})", SCORE_STEPS, 3, decimals=0, legend="{{cluster}}", graph="area"),
        stat("Coverage", "How much of what applies could be decided, on average. A high score over little coverage says little.",
             f"avg({workloads('seaworthy_workload_coverage_ratio')})", [(None, "red"), (0.4, "orange"), (0.6, "yellow"), (0.8, "green")], 3, unit="percentunit", decimals=0),
        stat("Production-ready", "Share of the workloads that are production-ready: no critical or high finding, a score and a coverage above the threshold.",
             f"sum({workloads('seaworthy_workload_production_ready')} == bool 1) / count({workloads('seaworthy_workload_production_ready')})",
             [(None, "red"), (0.5, "orange"), (0.8, "yellow"), (0.95, "green")], 3, unit="percentunit", decimals=0),
        stat("Workloads", "Workloads that are audited.", f"count({workloads('seaworthy_workload_production_ready')}) or vector(0)", [(None, BLUE)], 3, decimals=0),
        stat("Failing, critical", "Critical checks that fail, over all workloads. Any is too many.",
             f'sum(max by ({W}) (seaworthy_workload_findings{{{NAMESPACED},verdict="fail",severity="critical"}})) or vector(0)', [(None, "green"), (1, "red")], 3, decimals=0),
        stat("Failing, high", "High checks that fail, over all workloads. One makes a workload not production-ready.",
             f'sum(max by ({W}) (seaworthy_workload_findings{{{NAMESPACED},verdict="fail",severity="high"}})) or vector(0)', [(None, "green"), (1, "orange")], 3, decimals=0),
        stat("Regressed", "Checks that turned to fail within the time range and by no change of the checklist.",
             f'count(max by ({W}, check) (seaworthy_last_regression_timestamp_seconds{{{NAMESPACED},cause!="checklist"}}) > time() - $__range_s) or vector(0)',
             [(None, "green"), (1, "orange")], 3, decimals=0),
        stat("Loss of a node", "Whether the pods of any one node would fit on the others, as the check survives-node-loss finds it. No finding also where it could not tell.",
             f'max by (cluster) (seaworthy_check_failing{{{PLACE},namespace="",workload="",check="survives-node-loss"}}) or max by (cluster) (seaworthy_checklist_info{{{PLACE}}} * 0)',
             [(None, "green"), (1, "red")], 3, legend="{{cluster}}", mappings=mapping(v0=("no finding", "green"), v1=("would not fit", "red"))),

        row("Over time"),
        series("Score by namespace", "The ten lowest at each moment. A violet line marks a change of the checklist: scores before and after it do not compare.",
               [target(f'bottomk(10, max by (cluster, namespace) (seaworthy_namespace_score{{{PLACE},namespace=~"$namespace"}}))', "{{cluster}} {{namespace}}")], 12, 9, low=0, high=100, decimals=0,
               fill=0),
        series("Failing checks by severity", "Checks that fail, over all workloads.",
               [target(f'sum by (severity) (max by ({W}, severity) (seaworthy_workload_findings{{{NAMESPACED},verdict="fail",severity=~"$severity",severity="{s}"}}))', "{{severity}}") for s in SEVERITIES], 12, 9,
               stack=True, decimals=0,
               overrides=colours(SEVERITY_COLOURS), low=0),
        bars("Sections of the checklist", "Score of each section over all workloads, the lowest first. Not narrowed by namespace.",
             f"sort(min by (section) (seaworthy_section_score{{{PLACE}}}))", "{{section}}", 12, 11),
        bars("Workloads by score", "How many workloads score how well. The limits are those of the grades A to F.", None, None, 12, 11, high=None,
             targets=[target(band(low, high), name, instant=True) for low, high, name, _ in bands], overrides=colours({name: tint for _, _, name, tint in bands}), steps=[(None, BLUE)]),

        row("Where to begin"),
        table("Worst workloads", "The 50 workloads with the lowest score. The name leads to the workload's own dashboard.",
              [(worst, "Score"), (f"{workloads('seaworthy_workload_coverage_ratio')} and on ({W}) {worst}", "Coverage"),
               (f'sum by ({W}) (max by ({W}, severity) (seaworthy_workload_findings{{{NAMESPACED},verdict="fail",severity=~"critical|high"}})) and on ({W}) {worst}', "Grave findings")],
              {"cluster": "Cluster", "namespace": "Namespace", "workload": "Workload", "workload_type": "Type"}, 14, 11, ("Score", False),
              [column("Score", *SCORE_CELL), column("Coverage", ("unit", "percentunit"), ("decimals", 0), ("custom.width", 100)), column("Grave findings", ("decimals", 0), ("custom.width", 130)),
               column("Type", ("custom.width", 120)), WORKLOAD_COLUMN]),
        table("Checks that fail most", "The 30 checks that most workloads fail: mending one of them in a shared chart or template mends many. docs/checks.md says why and how.",
              [(f"topk(30, count by (check, section, severity) ({failing()}))", "Workloads")], {"check": "Check", "section": "Section", "severity": "Severity"}, 10, 11, ("Workloads", True),
              [column("Workloads", ("decimals", 0), ("custom.width", 110), ("custom.cellOptions", {"type": "gauge", "mode": "basic"}), ("min", 0), ("color", {"mode": "fixed", "fixedColor": "orange"})),
               column("Severity", ("custom.width", 90))]),

        row("What changed"),
        table("Regressions", "Checks that turned to fail, the latest first, as long as they are in the time range. Cause: workload (its own change), environment (something around it), expiry (a waiver or an attestation "
              "ended), checklist (an upgrade or a policy). A restart of the operator empties this table.",
              [(f"topk(50, max by ({W}, check, cause) (seaworthy_last_regression_timestamp_seconds{{{NAMESPACED}}}) > time() - $__range_s) * 1000", "When")],
              {"cluster": "Cluster", "namespace": "Namespace", "workload": "Workload", "workload_type": "Type", "check": "Check", "cause": "Cause"}, 16, 9, ("When", True),
              [column("When", ("unit", "dateTimeFromNow"), ("custom.width", 150)), column("Type", ("custom.width", 120)), column("Cause", ("custom.width", 110)), WORKLOAD_COLUMN]),
        table("Changes by hand", "Workloads whose pod template an interactive tool changed (kubectl edit, set, patch), with how often within the time range.",
              [(f"topk(50, max by ({W}) (max_over_time(seaworthy_manual_changes_total{{{NAMESPACED}}}[$__range])))", "Changes")],
              {"cluster": "Cluster", "namespace": "Namespace", "workload": "Workload", "workload_type": "Type"}, 8, 9, ("Changes", True),
              [column("Changes", ("decimals", 0), ("custom.width", 90)), column("Type", ("custom.width", 110)), WORKLOAD_COLUMN]),

        row("What ends"),
        table("Attestations", "What people vouch for, the next to end first. Without a namespace: a ClusterAttestation.",
              [(f'bottomk(50, max by (cluster, namespace, attestation) (seaworthy_attestation_expiry_timestamp_seconds{{{PLACE},namespace=~"$namespace|"}})) - time()', "Time left")],
              {"cluster": "Cluster", "namespace": "Namespace", "attestation": "Attestation"}, 12, 7, ("Time left", False), [ENDS]),
        table("Waivers", "What people answer for, the next to end first. Without a namespace: a ClusterWaiver.",
              [(f'bottomk(50, max by (cluster, namespace, waiver) (seaworthy_waiver_expiry_timestamp_seconds{{{PLACE},namespace=~"$namespace|"}})) - time()', "Time left")],
              {"cluster": "Cluster", "namespace": "Namespace", "waiver": "Waiver"}, 12, 7, ("Time left", False), [ENDS]),

        row("The cluster itself"),
        table("Findings about the cluster", "Checks of the cluster as a whole that fail or warn.",
              [(ranked(lambda s: f'max by (cluster, check, section, verdict) (seaworthy_check_failing{{{PLACE},namespace="",workload="",severity="{s}"}})'), "Severity")],
              {"cluster": "Cluster", "check": "Check", "section": "Section", "verdict": "Verdict"}, 12, 8, ("Severity", True), [column("Severity", *SEVERITY_CELL), VERDICT_CELL]),
        timeline("Capacity and redundancy", "Checks of what is left when a node, a zone or a control-plane member goes. Nothing is drawn while a check passes.",
                 f'max by (cluster, check) (seaworthy_check_failing{{{PLACE},namespace="",workload="",check=~"{capacity}",verdict="fail"}}) * 2'
                 f' or max by (cluster, check) (seaworthy_check_failing{{{PLACE},namespace="",workload="",check=~"{capacity}",verdict="warn"}})', "{{cluster}} {{check}}", VERDICTS, 12, 8),
        table("Nodes", "Checks of nodes that fail.", [(f"topk(100, max by (cluster, node, check) (seaworthy_node_failing{{{PLACE}}}))", None)],
              {"cluster": "Cluster", "node": "Node", "check": "Check"}, 12, 8),
        table("Findings about namespaces and budgets", "What a namespace or a PodDisruptionBudget itself fails, not its workloads.",
              [(ranked(lambda s: f'max by (cluster, namespace, workload, check, verdict) (seaworthy_check_failing{{{PLACE},namespace=~"$namespace",namespace!="",workload_type=~"|poddisruptionbudget",severity="{s}"}})'),
                "Severity")], {"cluster": "Cluster", "namespace": "Namespace", "workload": "Budget", "check": "Check", "verdict": "Verdict"}, 12, 8, ("Severity", True),
              [column("Severity", *SEVERITY_CELL), VERDICT_CELL]),
    ]
    variables = [DATASOURCE, CLUSTER,
                 labels("namespace", "Namespace", f"label_values(seaworthy_workload_info{{{PLACE}}}, namespace)", multi=True),
                 labels("workload_type", "Workload type", f'label_values(seaworthy_workload_info{{{PLACE},namespace=~"$namespace"}}, workload_type)', multi=True), SEVERITY]
    return dashboard("seaworthy-overview", "Seaworthy / Overview", "How production-ready the workloads of a cluster are: scores, coverage, what fails, what changed, what ends.", variables, panels)


ENDS = column("Time left", ("unit", "s"), ("decimals", 1), ("custom.width", 130), ("custom.cellOptions", {"type": "color-text"}),
              ("thresholds", thresholds([(None, "red"), (0, "orange"), (7 * 86400, "yellow"), (30 * 86400, "green")])))
VERDICTS = mapping(v2=("fail", "red"), v1=("warn", "yellow"))
VERDICT_CELL = column("Verdict", ("mappings", [{"type": "value", "options": {"fail": {"index": 0, "text": "fail", "color": "red"}, "warn": {"index": 1, "text": "warn", "color": "yellow"}}}]),
                      ("custom.cellOptions", {"type": "color-text"}), ("custom.width", 90))


# ---- one workload -------------------------------------------------------------------------------------------------------

def workload():
    one = f'{PLACE},namespace="$namespace",workload_type="$workload_type",workload="$workload"'
    max_of = lambda metric, by="", more="": f"max by ({W}{by}) ({metric}{{{one}{more}}})"
    graph = lambda metric: f"max by (cluster) ({metric}{{{one}}})"
    panels = [
        row("$workload_type $namespace/$workload"),
        stat("Score", "0 to 100, rounded down.", graph("seaworthy_workload_score"), SCORE_STEPS, 3, decimals=0, graph="area", legend="{{cluster}}"),
        stat("Coverage", "How much of what applies could be decided. The findings table of the WorkloadAudit says what could not be told, and why.", graph("seaworthy_workload_coverage_ratio"),
             [(None, "red"), (0.4, "orange"), (0.6, "yellow"), (0.8, "green")], 3, unit="percentunit", decimals=0, legend="{{cluster}}"),
        stat("Production-ready", "No critical or high finding, a score and a coverage above the threshold. Unknown where coverage is too low or a source is denied.",
             graph("seaworthy_workload_production_ready"), [(None, "red"), (0.5, "yellow"), (1, "green")], 3, legend="{{cluster}}",
             mappings=mapping(v0=("no", "red"), v0_5=("unknown", "yellow"), v1=("yes", "green"))),
        stat("Failing, critical and high", "One of them is enough not to be production-ready.",
             f'sum(max by ({W}, severity) (seaworthy_workload_findings{{{one},verdict="fail",severity=~"critical|high"}})) or vector(0)', [(None, "green"), (1, "red")], 4, decimals=0),
        stat("Changes by hand", "Changes of the pod template by an interactive tool within the time range.",
             f"sum(max by ({W}) (max_over_time(seaworthy_manual_changes_total{{{one}}}[$__range]))) or vector(0)", [(None, "green"), (1, "orange")], 4,
             decimals=0),
        stat("Tier and owner", "Tier from the policy, owner as its labels or its namespace's declare it.", f"max by (tier, owner) (seaworthy_workload_info{{{one}}})", [(None, BLUE)], 7,
             legend="{{tier}} {{owner}}", text="name"),

        row("History"),
        series("Score and coverage", "A violet line marks a change of the checklist: scores before and after it do not compare.",
               [target(graph("seaworthy_workload_score"), "{{cluster}} score"), target(f"{graph('seaworthy_workload_coverage_ratio')} * 100", "{{cluster}} coverage, %")], 12, 8, low=0, high=100,
               decimals=0),
        series("Checks by verdict", "Of the checks that apply. Unknown: could not be told. Attested and waived: people vouch or answer for it.",
               [target(f"sum by (verdict) ({max_of('seaworthy_workload_findings', ', verdict, severity')})", "{{verdict}}")], 12, 8, stack=True, low=0, decimals=0, overrides=colours(VERDICT_COLOURS)),
        timeline("Transitions", "When each check failed or warned. Nothing is drawn while it passes.",
                 f'max by (check) (seaworthy_check_failing{{{one},verdict="fail"}}) * 2 or max by (check) (seaworthy_check_failing{{{one},verdict="warn"}})', "{{check}}", VERDICTS, 24, 12),

        row("Findings and evidence"),
        table("Findings", "What fails or warns now, the gravest first. docs/checks.md says why it matters and how to mend it.",
              [(ranked(lambda s: f'max by (check, section, verdict) (seaworthy_check_failing{{{one},severity="{s}"}})'), "Severity")],
              {"check": "Check", "section": "Section", "verdict": "Verdict"}, 12, 12, ("Severity", True), [column("Severity", *SEVERITY_CELL), VERDICT_CELL]),
        table("Regressions", "Checks that turned to fail since the operator started, and why: workload (its own change), environment (something around it), expiry (a waiver or an attestation ended), checklist "
              "(an upgrade or a policy).",
              [(f"max by (check, cause) (seaworthy_last_regression_timestamp_seconds{{{one}}}) * 1000", "When"), (f"max by (check, cause) (seaworthy_regressions_total{{{one}}})", "Times")],
              {"check": "Check", "cause": "Cause"}, 12, 6, ("When", True), [column("When", ("unit", "dateTimeFromNow")), column("Times", ("decimals", 0), ("custom.width", 80))]),
        under(table("Attestations and waivers of the namespace", "What people vouch and answer for here. The WorkloadAudit names the one that counts for a finding.",
              [(f'max by (cluster, attestation) (seaworthy_attestation_expiry_timestamp_seconds{{{PLACE},namespace="$namespace"}}) - time()'
                f' or max by (cluster, waiver) (seaworthy_waiver_expiry_timestamp_seconds{{{PLACE},namespace="$namespace"}}) - time()', "Time left")],
              {"attestation": "Attestation", "waiver": "Waiver"}, 12, 6, ("Time left", False), [ENDS], hide=["cluster"])),
        text("The evidence in full", "Messages, patches, what could not be told and why, and what only a watch sees (rollouts, restarts, lost pods) are in the WorkloadAudit:\n\n"
             "```\nkubectl -n $namespace get wa $workload_type-$workload -o yaml\nkubectl -n $namespace wait --for=condition=ProductionReady wa/$workload_type-$workload\n```\n\n"
             "`status.findings` has a message and since when for each finding, `status.unknown` groups what could not be decided by reason, `status.transitions` holds the last changes with cause "
             "and manager.", 24, 5),
    ]
    variables = [DATASOURCE, CLUSTER,
                 labels("namespace", "Namespace", f"label_values(seaworthy_workload_info{{{PLACE}}}, namespace)", everything=False),
                 labels("workload_type", "Workload type", f'label_values(seaworthy_workload_info{{{PLACE},namespace="$namespace"}}, workload_type)', everything=False),
                 labels("workload", "Workload", f'label_values(seaworthy_workload_info{{{PLACE},namespace="$namespace",workload_type="$workload_type"}}, workload)', everything=False)]
    return dashboard("seaworthy-workload", "Seaworthy / Workload", "One workload: score, findings, evidence, transitions.", variables, panels)


# ---- the operator -------------------------------------------------------------------------------------------------------

def operator():
    self = f"and on (cluster, job, instance) seaworthy_build_info{{{PLACE}}}"
    yes_no = mapping(v0=("no", "red"), v1=("yes", "green"))
    rate = lambda by, metric, more="": f"sum by ({by}) (rate({metric}{{{PLACE}{more}}}[$__rate_interval]))"
    mine = lambda by, metric, more="": f"sum by ({by}) (rate({metric}{{{PLACE}{more}}}[$__rate_interval]) {self})"
    quantile = lambda q, metric: f"histogram_quantile({q}, sum by (le) (rate({metric}{{{PLACE}}}[$__rate_interval])))"
    mine_quantile = lambda q, metric, by: f"histogram_quantile({q}, sum by (le, {by}) (rate({metric}{{{PLACE}}}[$__rate_interval]) {self}))"
    panels = [
        row("Is it well?"),
        stat("Replicas", "Replicas that are scraped.", f"count(seaworthy_build_info{{{PLACE}}}) or vector(0)", [(None, "red"), (1, "green")], 3, decimals=0),
        stat("Leaders", "Replicas that hold the lease: one a cluster. Only they export workload series and write.",
             f"sum by (cluster) (leader_election_master_status{{{PLACE}}} {self})", [(None, "red"), (1, "green"), (2, "orange")], 3, decimals=0, legend="{{cluster}}"),
        stat("First audit done", "Until then a missing series means nothing.", f"min by (cluster) (seaworthy_initial_audit_complete{{{PLACE}}})", [(None, "red"), (1, "green")], 3, mappings=yes_no,
             legend="{{cluster}}"),
        stat("Last evaluation", "How long ago, in the replica that is furthest behind; an idle operator looks every ten seconds.",
             f"max by (cluster) (time() - seaworthy_last_evaluation_timestamp_seconds{{{PLACE}}})", [(None, "green"), (60, "orange"), (300, "red")], 3, unit="s", decimals=0, legend="{{cluster}}"),
        stat("Stale resources", "Of which nothing has been heard for five minutes.", f"sum(max by (cluster, resource) (seaworthy_data_stale{{{PLACE}}}))", [(None, "green"), (1, "red")], 3, decimals=0),
        stat("Not readable", "Resources that may not be read or cannot be followed: checks that need them are unknown.",
             f"sum(max by (cluster, resource) (seaworthy_watch_degraded{{{PLACE}}}))", [(None, "green"), (1, "orange")], 3, decimals=0),
        stat("Reports held up", "1 where writing audit objects is forbidden, or stopped because there are far more of them than workloads.",
             f'max by (cluster) ({{__name__=~"seaworthy_report_write_degraded|seaworthy_report_breaker_open|seaworthy_report_sweep_stopped",{PLACE}}})', [(None, "green"), (1, "red")], 3,
             mappings=mapping(v0=("no", "green"), v1=("yes", "red")), legend="{{cluster}}"),
        stat("Series left out", "Because of the cap on their number; the mildest findings go first.", f"sum(max by (cluster, family) (seaworthy_series_dropped{{{PLACE}}}))",
             [(None, "green"), (1, "red")], 3, decimals=0),

        row("Speed"),
        series("Change to metric", "From the arrival of a changed object to the metrics that show it.",
               [target(quantile(0.99, "seaworthy_change_to_metric_seconds_bucket"), "99 %"), target(quantile(0.5, "seaworthy_change_to_metric_seconds_bucket"), "50 %")], 12, 8, unit="s", low=0),
        series("Queue", "Subjects that wait for their evaluation. It returns to nothing at once, but after a start and a change of policy.",
               [target(f"max by (cluster, instance, name) (workqueue_depth{{{PLACE}}} {self})", "{{instance}} {{name}}")], 12, 8, low=0, decimals=0),

        row("API server"),
        series("Requests by code", "To the API server, by method and status code; <error> is no answer at all.", [target(mine("code, method", "rest_client_requests_total"), "{{method}} {{code}}")], 12, 8, unit="reqps", low=0, stack=True),
        series("Duration of requests, 99 %", "But for watches.", [target(mine_quantile(0.99, "rest_client_request_duration_seconds_bucket", "method"), "{{method}}")], 12, 8, unit="s", low=0),
        series("Watches that ended", "By reason; eof is the ordinary one. Per second.", [target(rate("reason", "seaworthy_watch_restarts_total"), "{{reason}}")], 12, 8, unit="ops", low=0),
        series("Lists after the first", "By what made them necessary. Few are ordinary; many are load on the API server.", [target(rate("reason", "seaworthy_watch_relists_total"), "{{reason}}")], 12, 8,
               unit="ops", low=0),
        table("Resources", "What is watched: the state of its watch, objects, memory, since when silent.",
              [(f"max by (resource, phase) (seaworthy_watch_phase{{{PLACE}}})", None), (f"max by (resource) (seaworthy_watch_objects{{{PLACE}}})", "Objects"),
               (f"max by (resource) (seaworthy_cache_resident_bytes{{{PLACE}}})", "Memory"), (f"max by (resource) (seaworthy_watch_unreadable_objects{{{PLACE}}})", "Unreadable"),
               (f"max by (resource) (time() - seaworthy_watch_last_progress_timestamp_seconds{{{PLACE}}})", "Silent for")],
              {"resource": "Resource", "phase": "State"}, 24, 10, ("Objects", True),
              [column("Memory", ("unit", "bytes"), ("decimals", 1)), column("Objects", ("decimals", 0)), column("Unreadable", ("decimals", 0)),
               column("Silent for", ("unit", "s"), ("decimals", 0), ("custom.cellOptions", {"type": "color-text"}), ("thresholds", thresholds([(None, "green"), (300, "red")])))]),

        row("Audit objects"),
        series("Writes by result", "Requests to write or delete audit objects.", [target(rate("result", "seaworthy_report_writes_total"), "{{result}}")], 12, 8, unit="wps", low=0, stack=True),
        series("Waiting to be written", "Audit objects that differ from what was found. An object is written at most every five seconds.",
               [target(f"max by (cluster) (seaworthy_report_pending{{{PLACE}}})", "{{cluster}} pending")], 12, 8, low=0, decimals=0),
        stat("Edited by others", "Audit objects that somebody else edited or deleted, within the time range. They are put right.",
             f"sum(increase(seaworthy_report_tamper_total{{{PLACE}}}[$__range])) or vector(0)", [(None, "green"), (1, "orange")], 6, decimals=0),
        stat("Writes allowed", "Requests a second that the writer allows itself; halved when the API server asks for less.", f"min by (cluster) (seaworthy_report_write_limit_per_second{{{PLACE}}})",
             [(None, "orange"), (5, "green")], 6, unit="reqps", decimals=0, legend="{{cluster}}"),
        stat("Audit objects held", "Audit objects that the API server holds.", f"sum(max by (cluster) (seaworthy_report_objects{{{PLACE}}}))", [(None, BLUE)], 6, decimals=0),
        stat("Unreadable objects", "That could not be decoded; checks that need them are unknown.", f"sum(max by (cluster, resource) (seaworthy_watch_unreadable_objects{{{PLACE}}}))",
             [(None, "green"), (1, "orange")], 6, decimals=0),

        row("Process"),
        series("Memory", "Resident, by replica.", [target(f"process_resident_memory_bytes{{{PLACE}}} {self}", "{{instance}}")], 8, 8, unit="bytes", low=0),
        series("Processor", "Cores, by replica.", [target(f"rate(process_cpu_seconds_total{{{PLACE}}}[$__rate_interval]) {self}", "{{instance}}")], 8, 8, unit="short", low=0),
        series("File descriptors", "Open, by replica.", [target(f"process_open_fds{{{PLACE}}} {self}", "{{instance}}")], 8, 8, low=0, decimals=0),
        table("Versions", "What runs where, and since when.",
              [(f"max by (cluster, job, instance, version, commit) (seaworthy_build_info{{{PLACE}}})", None),
               (f"max by (cluster, job, instance) (process_start_time_seconds{{{PLACE}}} {self}) * 1000", "Started")],
              {"cluster": "Cluster", "job": "Job", "instance": "Instance", "version": "Version", "commit": "Commit"}, 12, 6, overrides=[column("Started", ("unit", "dateTimeFromNow"))]),
        series("Memory of what is kept", "Prepared workload series, and cached objects by resource (the ten largest).",
               [target(f"max(seaworthy_metrics_resident_bytes{{{PLACE}}})", "workload series"), target(f"topk(10, max by (resource) (seaworthy_cache_resident_bytes{{{PLACE}}}))", "{{resource}}")], 12, 6,
               unit="bytes", low=0),
    ]
    return dashboard("seaworthy-operator", "Seaworthy / Operator", "How Seaworthy itself is doing.", [DATASOURCE, CLUSTER], panels)


def main():
    stale = 0
    for made in (overview(), workload(), operator()):
        path = here / (made["uid"] + ".json")
        content = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv[1:]:
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            print(f"{path.name} is not what dashboards/generate.py writes; run it", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
