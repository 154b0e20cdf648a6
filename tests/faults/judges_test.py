#!/usr/bin/env python3
"""The judges of the fault matrix must be able to say no: history.py and oracle.py, each given what is right, and then what is wrong in one place."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

here = pathlib.Path(__file__).resolve().parent
OURS = "system:serviceaccount:seaworthy:seaworthy"


def event(second, verb, resource, name, namespace="shop", agent="a", user=OURS, code=200, body=None, group="audit.seaworthy.dev"):
    at = f"2026-01-01T00:00:{second:02}.000000Z"
    return {"user": {"username": user}, "verb": verb, "userAgent": agent, "requestReceivedTimestamp": at, "stageTimestamp": at,
            "objectRef": {"resource": resource, "name": name, "namespace": namespace, "apiGroup": group},
            "responseStatus": {"code": code}, "requestObject": body}


def lease(second, holder):
    return event(second, "update", "leases", "seaworthy", "seaworthy", holder, body={"spec": {"holderIdentity": holder}}, group="coordination.k8s.io")


def write(second, agent="a", score=1, version=None, **more):
    return event(second, "patch", "workloadaudits", "deployment-web", agent=agent, body={"metadata": {"resourceVersion": version or str(second)}, "status": {"score": score}}, **more)


class History(unittest.TestCase):
    def judge(self, *events):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in events)
            log.flush()
            done = subprocess.run([here / "history.py", log.name, "--leaders"], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_a_handover(self):
        code, said = self.judge(lease(1, "a"), write(2), lease(3, "b"), write(4, "b", 2), write(9, "b", 3))
        self.assertEqual(code, 0, said)

    def test_a_write_by_who_led_before(self):
        code, said = self.judge(lease(1, "a"), write(2), lease(3, "b"), write(4, "b", 2), write(5, "a", 3))
        self.assertEqual(code, 1)
        self.assertIn("though b led", said)

    def test_one_that_was_refused_is_none(self):
        code, said = self.judge(lease(1, "a"), write(2), lease(3, "b"), write(4, "b", 2), write(5, "a", 3, code=409))
        self.assertEqual(code, 0, said)

    def test_the_same_twice(self):
        code, said = self.judge(lease(1, "a"), write(2), write(3))
        self.assertEqual(code, 1)
        self.assertIn("twice", said)

    def test_the_same_again_after_the_store_went_back(self):
        code, said = self.judge(lease(1, "a"), write(2, version="7"), write(3, version="7"))
        self.assertEqual(code, 0, said)

    def test_the_same_again_after_an_edit(self):
        code, said = self.judge(lease(1, "a"), write(2), write(3, user="tenant", score=9), write(4))
        self.assertEqual(code, 0, said)

    def test_a_deletion_without_proof(self):
        gone = event(5, "delete", "workloadaudits", "deployment-web")
        code, said = self.judge(lease(1, "a"), write(2), gone)
        self.assertEqual(code, 1)
        self.assertIn("no proof", said)
        proof = event(4, "get", "deployments", "web", code=404, group="apps")
        code, said = self.judge(lease(1, "a"), write(2), proof, gone)
        self.assertEqual(code, 0, said)

    def test_nothing_to_judge(self):
        self.assertEqual(self.judge(lease(1, "a"))[0], 1)


def finding(check, verdict, **more):
    return {"check": check, "section": "images", "severity": "high", "verdict": verdict, "message": "m", **more}


LABELS = 'namespace="shop",workload="web",workload_type="deployment"'


class Oracle(unittest.TestCase):
    fresh = {"workloads": [{"namespace": "shop", "kind": "Deployment", "name": "web", "tier": "standard", "score": 50, "grade": "F", "coverage": 0.5, "ready": False,
                            "findings": [finding("image-tag", "fail"), finding("probe", "pass"), finding("load-test", "unknown")]}],
             "namespaces": [], "nodes": [], "cluster": {"score": 50, "grade": "F", "coverage": 0.5, "ready": 0, "workloads": 1, "sections": {"images": 50}, "findings": []}}
    metrics = "\n".join(["# HELP x y", f"seaworthy_workload_score{{{LABELS}}} 50", f"seaworthy_workload_coverage_ratio{{{LABELS}}} 0.5",
                         f"seaworthy_workload_production_ready{{{LABELS}}} 0",
                         *(f'seaworthy_workload_findings{{{LABELS},verdict="{verdict}",severity="high"}} 1' for verdict in ("fail", "pass", "unknown")),
                         f'seaworthy_check_failing{{{LABELS},check="image-tag",section="images",severity="high",verdict="fail"}} 1',
                         "seaworthy_cluster_score 50", 'seaworthy_section_score{section="images"} 50'])

    @staticmethod
    def objects():
        audit = {"kind": "WorkloadAudit", "metadata": {"namespace": "shop", "name": "deployment-web"},
                 "status": {"score": 50, "grade": "F", "coverage": 0.5, "tier": "standard", "subject": {"kind": "Deployment", "name": "web"},
                            "conditions": [{"type": "ProductionReady", "status": "False"}], "counts": {v: {"total": 1} for v in ("fail", "pass", "unknown")},
                            "findings": [{"check": "image-tag", "severity": "high", "verdict": "fail", "message": "m"}], "passed": ["probe"],
                            "unknown": [{"checks": ["load-test"]}]}}
        cluster = {"kind": "ClusterAudit", "metadata": {"name": "cluster"}, "status": {"score": 50, "grade": "F", "coverage": 0.5, "ready": 0, "workloads": 1, "counts": {}}}
        return [audit, cluster]

    def judge(self, metrics, objects):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / name for name in ("fresh", "metrics", "objects")]
            for file, text in zip(files, (json.dumps(self.fresh), metrics + "\n", json.dumps({"items": objects}))):
                file.write_text(text)
            return subprocess.run([here / "oracle.py", *files], capture_output=True, text=True)

    def test_all_the_same(self):
        done = self.judge(self.metrics, self.objects())
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_each_line_of_metrics_counts(self):
        lines = self.metrics.splitlines()
        for at in range(1, len(lines)):
            self.assertEqual(self.judge("\n".join(lines[:at] + lines[at + 1:]), self.objects()).returncode, 1, lines[at])
        self.assertEqual(self.judge(self.metrics + "\n" + lines[1].replace("web", "gone"), self.objects()).returncode, 1)

    def test_each_word_of_a_report_counts(self):
        for path, value in ((("score",), 51), (("findings",), []), (("passed",), []), (("unknown",), []), (("tier",), "critical"), (("coverage",), 0.6),
                            (("conditions",), [{"type": "ProductionReady", "status": "True"}]), (("counts",), {}), (("grade",), "A")):
            objects = self.objects()
            objects[0]["status"][path[0]] = value
            self.assertEqual(self.judge(self.metrics, objects).returncode, 1, path)

    def test_what_passed_for_one_budget_and_not_for_another(self):
        budgets = [finding("pdb-orphan", verdict, subject=f"PodDisruptionBudget/{verdict}", severity="info") for verdict in ("pass", "unknown")]
        summary = {"score": None, "grade": None, "coverage": 0.5, "ready": 0, "workloads": 1}
        audit = {"kind": "NamespaceAudit", "metadata": {"namespace": "shop", "name": "namespace"}, "status": {**summary, "counts": {}, "unknown": [{"checks": ["pdb-orphan"]}]}}
        with unittest.mock.patch.dict(self.fresh, namespaces=[{"name": "shop", **summary, "findings": budgets}]):
            self.assertEqual(self.judge(self.metrics, self.objects() + [audit]).returncode, 0)
            audit["status"]["passed"] = ["pdb-orphan"]
            self.assertEqual(self.judge(self.metrics, self.objects() + [audit]).returncode, 1)

    def test_reports_that_are_missing_stale_or_double(self):
        objects = self.objects()
        self.assertEqual(self.judge(self.metrics, objects[1:]).returncode, 1)
        self.assertEqual(self.judge(self.metrics, objects + objects[:1]).returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
