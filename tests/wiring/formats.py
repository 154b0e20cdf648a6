#!/usr/bin/env python3
"""What `scan` writes, held against those who define it: SARIF's schema, an XML parser, a JSON parser; with hostile names, too.

usage: formats.py BINARY SAMPLE...
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import jsonschema

here = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True  # the checkout stays as it is
sys.path.insert(0, str(here.parent / "e2e" / "page"))
import manifests  # noqa: E402


def fail(what):
    print("FAIL ", what, file=sys.stderr)
    sys.exit(1)


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    samples = [str(pathlib.Path(path).resolve()) for path in sys.argv[2:]]
    schema = json.loads((here / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema)
    if not list(validator.iter_errors({"version": "2.1.0", "runs": [{"results": [{"message": {}}]}]})):
        fail("the validator accepts anything")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "all.yaml").write_text(manifests.text(40), encoding="utf-8")
        (path / "broken.yaml").write_text("a: [\n", encoding="utf-8")
        for name, arguments in (("sample", samples), ("hostile", ["all.yaml", "broken.yaml", "missing.yaml"])):
            command = [binary, "scan", *arguments, "-o", "sarif=r.sarif", "-o", "junit=r.xml", "-o", "json=r.json", "-o", "html=r.html"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode != (2 if name == "hostile" else 1):
                fail(f"{name}: exit {done.returncode}: {done.stderr}")
            report = json.loads((path / "r.json").read_text(encoding="utf-8"))
            bad = sum(f["verdict"] in ("fail", "warn") and f["severity"] != "info" for part in ("workloads", "namespaces", "nodes") for one in report[part] for f in one["findings"])
            bad += sum(f["verdict"] in ("fail", "warn") and f["severity"] != "info" for f in report["cluster"]["findings"])

            sarif = json.loads((path / "r.sarif").read_text(encoding="utf-8"))
            errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(sarif)]
            if errors:
                fail(f"{name}: {len(errors)} breaches of SARIF's schema: " + "; ".join(errors[:5]))
            results = sarif["runs"][0]["results"]
            if len(results) != bad or bad == 0:
                fail(f"{name}: {len(results)} results of {bad} findings")
            prints = {r["partialFingerprints"]["primaryLocationLineHash"] for r in results}
            if len(prints) != len(results):
                fail(f"{name}: {len(results) - len(prints)} results share a fingerprint with another")
            print(f"ok    {name}: {len(results)} results, valid by SARIF's schema, each with a fingerprint of its own")

            suites = xml.parse(path / "r.xml").getroot()
            failures = [case for case in suites.iter("testcase") if case.find("failure") is not None]
            wanted = sum(f["verdict"] == "fail" and f["severity"] != "info" for part in ("workloads", "namespaces", "nodes") for one in report[part] for f in one["findings"])
            wanted += sum(f["verdict"] == "fail" and f["severity"] != "info" for f in report["cluster"]["findings"])
            if len(failures) != wanted:
                fail(f"{name}: {len(failures)} failures in JUnit of {wanted}")
            for suite in suites.iter("testsuite"):
                if int(suite.get("tests")) != len(suite.findall("testcase")) or int(suite.get("failures")) != len(suite.findall("testcase/failure")):
                    fail(f"{name}: the counts of {suite.get('name')} are not those of its cases")
            print(f"ok    {name}: {len(failures)} failures in JUnit, parsed")

            html = (path / "r.html").read_text(encoding="utf-8")
            data = html.split('id="data">', 1)[1].split("</script>", 1)[0]
            if len([row for row in json.loads(data)["rows"] if row[0] == 0]) != len(report["workloads"]):
                fail(f"{name}: the page has other workloads")
            print(f"ok    {name}: {len(report['workloads'])} workloads in the page")


main()
