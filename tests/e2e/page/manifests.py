"""Manifests of many workloads that differ in what is wrong with them, and of some whose names and values are meant to break a page."""

import json

HOSTILE = [
    '<img src=x onerror=alert(1)>',
    '</script><script>alert(2)</script>',
    '"><svg/onload=alert(3)>',
    "<!--<script>",
    "${alert(4)}`'\"&amp;&lt;",
    "\u202egnp.exe\u202c",
    "a'; kubectl delete ns --all; echo 'b",
]


def workload(namespace, kind, name, index):
    container = {"name": "app", "image": f"registry.example/{namespace}/app:{'latest' if index % 7 == 0 else '1.%d.0' % (index % 40)}"}
    if index % 3:
        container["resources"] = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    if index % 4:
        container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 8080}}
        container["ports"] = [{"containerPort": 8080}]
    if index % 5 == 0:
        container["securityContext"] = {"privileged": True}
    elif index % 2:
        container["securityContext"] = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
    pod = {"containers": [container]}
    labels = {"app.kubernetes.io/name": f"app-{index}"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    if kind != "DaemonSet":
        spec["replicas"] = 1 + index % 3
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": spec}


def document(value):
    return json.dumps(value)  # which is YAML, too


def many(count, namespaces=50):
    for index in range(count):
        kind = ("Deployment", "Deployment", "StatefulSet", "DaemonSet")[index % 4]
        yield document(workload(f"team-{index % namespaces:02}", kind, f"service-{index:05}", index))


def hostile():
    for index, name in enumerate(HOSTILE):
        value = workload("evil", "Deployment", name, 5 * index)
        value["spec"]["template"]["spec"]["containers"][0]["name"] = name
        value["spec"]["template"]["spec"]["containers"][0]["image"] = name + ":latest"
        yield document(value)


def text(count):
    return "---\n" + "\n---\n".join([*hostile(), *many(count)]) + "\n"
