#!/usr/bin/env python3
"""Asks a real API server what tests/sim/recorded/steps.json asks, and prints steps with its answers, in the form that the model's test compares.

usage: record.py SERVER CA_FILE TOKEN DENIED_TOKEN COMPACT_COMMAND    with the token of somebody who may do everything, and of somebody who may do nothing
"""
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import sys
import urllib.parse

STEPS = pathlib.Path(__file__).with_name("steps.json")
SHORT = {
    "$audits": "/apis/audit.seaworthy.dev/v1alpha1/namespaces/shop/workloadaudits",
    "$waivers": "/apis/audit.seaworthy.dev/v1alpha1/namespaces/shop/waivers",
    "$policies": "/apis/networking.k8s.io/v1/networkpolicies",
    "$leases": "/apis/coordination.k8s.io/v1/namespaces/seaworthy/leases",
    "$apply": "?fieldManager=seaworthy&force=true&fieldValidation=Strict",
}


class Server:
    def __init__(self, url, ca_file, token, denied):
        at = urllib.parse.urlsplit(url)
        self.address, self.context = (at.hostname, at.port), ssl.create_default_context(cafile=ca_file)
        self.tokens = {False: token, True: denied}

    def ask(self, method, path, body=None, content_type=None, denied=False, accept="application/json"):
        connection = http.client.HTTPSConnection(*self.address, context=self.context, timeout=30)
        headers = {"Authorization": "Bearer " + self.tokens[denied], "Accept": accept}
        if content_type:
            headers["Content-Type"] = content_type
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def filled(text, saved, quote):
    """`text` with what earlier answers gave: {version:NAME}, {uid:NAME}, {continue:NAME}."""
    for short, path in SHORT.items():
        text = text.replace(short, path)
    return re.sub(r"\{(version|uid|continue):(\w+)\}", lambda m: quote(saved[m[2]][m[1]]), text)


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def main():
    url, ca_file, token, denied, compact = sys.argv[1:]
    server, saved, versions, recorded = Server(url, ca_file, token, denied), {}, {}, []
    for step in json.loads(STEPS.read_text()):
        if "put" in step or "remove" in step:
            group, version, resource = (step.get("put") or step["remove"]).split("/")
            meta = step["object"]["metadata"] if "put" in step else step
            path = f"/apis/{group}/{version}/namespaces/{meta['namespace']}/{resource}/{meta['name']}"
            if "remove" in step:
                status, text = server.ask("DELETE", path)
            else:
                kind = {"networkpolicies": "NetworkPolicy", "waivers": "Waiver"}[resource]
                body = json.dumps({"apiVersion": f"{group}/{version}", "kind": kind, **step["object"]})
                status, text = server.ask("PATCH", path + "?fieldManager=somebody&force=true", body, "application/apply-patch+yaml")
            if status >= 300:
                sys.exit(f"{step}: {status} {text}")
            recorded.append(step)
            continue
        if "compact" in step:
            subprocess.run(compact, shell=True, check=True, stdout=subprocess.DEVNULL)
            recorded.append(step)
            continue
        if "watch" in step:
            path = filled(step["watch"], saved, urllib.parse.quote)
            status, text = server.ask("GET", path, denied=step.get("denied", False))
            answer = {"status": status}
            if status == 200:
                answer["events"] = [said(json.loads(line)) for line in text.splitlines()]
            else:
                answer["reason"] = (parsed(text) or {}).get("reason")
            recorded.append({**step, "answer": answer})
            continue
        body = step.get("body")
        text_body = body if isinstance(body, str) else json.dumps(body) if body is not None else None
        if text_body is not None:
            text_body = filled(text_body, saved, str)
        content_type = "application/apply-patch+yaml" if step["method"] == "PATCH" else "application/json" if body is not None else None
        path = filled(step["path"], saved, urllib.parse.quote)
        status, text = server.ask(step["method"], path, text_body, content_type, step.get("denied", False))
        document = parsed(text)
        answer = {"status": status}
        if status >= 400:
            answer["reason"] = (document or {}).get("reason")
        elif step["method"] != "DELETE":
            meta = document["metadata"]
            if "items" in document:
                answer["items"] = [item["metadata"]["name"] for item in document["items"] if item["metadata"]["namespace"] == "shop"]
                answer["more"] = bool(meta.get("continue"))
                if "as_old_as" in step:
                    answer["same_version"] = meta["resourceVersion"] == saved[step["as_old_as"]]["version"]
            else:
                key = path.split("?")[0].removesuffix("/status")
                key = key if step["method"] != "POST" else key + "/" + meta["name"]
                # Whether it changed anything, and to a later version.
                before = versions.get(key)
                answer["version"] = "first" if before is None else "same" if before == int(meta["resourceVersion"]) else "later" if int(meta["resourceVersion"]) > before else "EARLIER"
                versions[key] = int(meta["resourceVersion"])
            if "save" in step:
                saved[step["save"]] = {"version": meta["resourceVersion"], "uid": meta.get("uid", ""), "continue": meta.get("continue", "")}
        recorded.append({**step, "answer": answer})
    print("[\n" + ",\n".join(json.dumps(step, sort_keys=True) for step in recorded) + "\n]")


def said(frame):
    """One event, without what differs from run to run."""
    if frame["type"] == "ERROR":
        return f"ERROR {frame['object']['code']} {frame['object']['reason']}"
    meta = frame["object"]["metadata"]
    if frame["type"] == "BOOKMARK":
        return "BOOKMARK initial-events-end" if meta.get("annotations", {}).get("k8s.io/initial-events-end") == "true" else "BOOKMARK"
    return f"{frame['type']} {meta['name']}"


main()
