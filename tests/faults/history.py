#!/usr/bin/env python3
"""What the API server's audit log says of the operator's writes: none by a deposed leader, no two consecutive equal ones, no deletion without proof.

usage: history.py AUDIT_LOG [--from BYTE] [--leaders]
  --from     begin there; what was before is only read for who led and what was written last
  --leaders  each replica has a User-Agent of its own, the name that it puts in the lease (the fault proxy sets it), so that writes can be told apart

Prints a line of counts, and a line for each breach; ends with 1 when there is one, or when there is nothing to judge.
"""
import argparse
import json
import re
import sys

OURS = "system:serviceaccount:seaworthy:seaworthy"
GROUP = "audit.seaworthy.dev"

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("--from", dest="begin", type=int, default=0)
parser.add_argument("--leaders", action="store_true")
parser.add_argument("--may-be-quiet", action="store_true")
arguments = parser.parse_args()


def events():
    """(event, whether it is judged) by the time at which the API server had done it."""
    found = []
    with open(arguments.log, "rb") as log:
        while True:
            at = log.tell()
            line = log.readline()
            if not line.endswith(b"\n"):
                break  # still being written, or a server was killed while it wrote
            # Parsing all of it would take minutes.
            read = b'"verb":"get"' in line or b'"verb":"watch"' in line or b'"verb":"list"' in line
            wanted = (not read and (GROUP.encode() in line or b'"leases"' in line)) or b'"verb":"delete' in line or (b'"verb":"get"' in line and OURS.encode() in line)
            if not wanted:
                continue
            try:
                found.append((json.loads(line), at >= arguments.begin))
            except ValueError:
                continue  # a line that a killed server left half, with the next one behind it
    found.sort(key=lambda pair: pair[0]["stageTimestamp"])
    return found


def key_of(event):
    ref = event.get("objectRef", {})
    return ref.get("resource"), ref.get("namespace", ""), ref.get("name", "")


def content(event):
    body = json.loads(json.dumps(event.get("requestObject") or {}))
    for name in ("resourceVersion", "uid"):  # the lock, not the content
        body.get("metadata", {}).pop(name, None)
    return json.dumps(body, sort_keys=True)


breaches = []
last = {}  # object -> content of our last write; nothing once somebody else touched it
bases = {}  # object -> the version that our last write replaced
gone = {}  # (resource, namespace, name) -> why its absence is proven
leader, first_write = None, {}  # who stands in the lease; epoch -> (writer, time) of its first write
epoch = 0
counts = {"writes": 0, "conflicts": 0, "deletions": 0, "epochs": 0, "late": 0}

for event, judged in events():
    ours = event.get("user", {}).get("username") == OURS  # one that was refused with 401 has none
    code = event.get("responseStatus", {}).get("code", 0)
    done = 200 <= code < 300
    ref = event.get("objectRef", {})
    verb, group, agent = event["verb"], ref.get("apiGroup", ""), event.get("userAgent", "")
    key = key_of(event)
    if ref.get("resource") == "leases" and key[1:] == ("seaworthy", "seaworthy") and done and verb in ("create", "update"):
        holder = (event.get("requestObject") or {}).get("spec", {}).get("holderIdentity") or ""
        if holder and holder != leader:
            leader, epoch = holder, epoch + 1
            counts["epochs"] += judged
        continue
    if verb == "get" and ours and code == 404:
        gone[key] = event["stageTimestamp"]
        continue
    if verb in ("delete", "deletecollection") and not ours and done and group != GROUP:
        gone[key] = event["stageTimestamp"]
    if group != GROUP or verb not in ("create", "update", "patch", "delete", "deletecollection") or ref.get("subresource"):
        continue
    if not ours:
        if done:
            last = {other: said for other, said in last.items() if other != key and (verb != "deletecollection" or other[:2] != key[:2])}
        continue
    where = "/".join(part for part in key if part)
    if code == 409:
        counts["conflicts"] += judged
    if not done:
        continue
    # Judged by when it came in: what the server does with a request that it holds is not the sender's to decide, and the version in it is the fence.
    if arguments.leaders and agent != leader and judged:
        other = first_write.get(epoch)
        if other and event["requestReceivedTimestamp"] > other:
            breaches.append(f"{event['stageTimestamp']} {agent} wrote {where}, though {leader} led and had written at {other}")
        else:
            counts["late"] += 1
    if agent == leader or not arguments.leaders:
        first_write.setdefault(epoch, event["requestReceivedTimestamp"])
    if verb == "delete":
        counts["deletions"] += judged
        last.pop(key, None)
        if judged:
            kind, _, subject = key[2].partition("-")
            named = [other for other in gone if other[1] == key[1] and other[2] == subject and other[0].rstrip("s").startswith(kind.rstrip("s"))]
            space = [other for other in gone if other[0] == "namespaces" and other[2] == key[1]]
            if not named and not space:
                breaches.append(f"{event['stageTimestamp']} deleted {where} with no proof that its subject had gone")
        continue
    counts["writes"] += judged
    said = content(event)
    # Two that replaced the same version: the store has gone back to it in between, restored from a backup.
    replaced = (event.get("requestObject") or {}).get("metadata", {}).get("resourceVersion")
    gone_back = replaced is not None and bases.get(key) == replaced
    bases[key] = replaced
    if judged and last.get(key) == said and not gone_back:
        breaches.append(f"{event['stageTimestamp']} wrote {where} twice with the same content")
    last[key] = said

print(", ".join(f"{value} {name}" for name, value in counts.items()))
for breach in breaches:
    print("BREACH " + breach)
if not counts["writes"] and not arguments.may_be_quiet:
    print("BREACH no write of the operator is in the log: nothing was judged")
    breaches.append("")
sys.exit(1 if breaches else 0)
