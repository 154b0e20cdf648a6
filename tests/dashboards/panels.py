"""What the tests and the preview of dashboards share: panels in order, variables put in, and a Prometheus to ask."""
import json
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARDS = sorted((ROOT / "dashboards").glob("*.json"))


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def walk(dashboard):
    """Every panel but rows, those of collapsed rows too."""
    for panel in dashboard["panels"]:
        for one in [panel, *panel.get("panels", [])]:
            if one["type"] != "row":
                yield one


class Unknown(Exception):
    pass


def substitute(text, values):
    """Puts variables in as Grafana does for Prometheus; one that nobody set is an error."""
    def put(match):
        name = match.group(1) or match.group(2)
        if name not in values:
            raise Unknown(f"${name} in {text}")
        return str(values[name])
    return re.sub(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)", put, text)


def built_in(seconds, interval):
    """$__rate_interval is four times the scrape interval, which is what Grafana takes at least."""
    return {"__rate_interval": f"{4 * interval}s", "__interval": f"{interval}s", "__range": f"{seconds}s", "__range_s": seconds, "datasource": "prometheus"}


class Prometheus:
    def __init__(self, url):
        self.url = url

    def get(self, path, **parameters):
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["error"]) from None

    def instant(self, query, **more):
        return self.get("query", query=query, **more)["result"]

    def range(self, query, start, end, step):
        return self.get("query_range", query=query, start=start, end=end, step=step)["result"]

    def values(self, query):
        """What a query variable would offer."""
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", query)
        if not match:
            raise Unknown(f"not label_values(selector, label): {query}")
        return self.get(f"label/{match.group(2)}/values", **{"match[]": match.group(1)})
