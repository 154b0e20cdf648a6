#!/usr/bin/env python3
"""The software bill of materials of the image, as CycloneDX 1.5 JSON: Seaworthy, the Debian packages whose shared libraries are in the image, and
those whose code was compiled in or whose files were copied. The same packages give the same bytes.

usage: sbom.py --version V --linked FILE --copied FILE --status FOLDER    FILE: a package a line; FOLDER: dpkg's record of each
"""
import argparse
import json
import pathlib
import re
import urllib.parse


def fields(text):
    """The fields of a control record, without those that go on over several lines."""
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.M))


def component(folder, package, how):
    record = fields((folder / package.split(":")[0]).read_text())
    name, version = record["Package"], record["Version"]
    # "Source: boost1.74 (1.74.0+ds1-21)": with its version where that is another one. Vulnerabilities are known by source package.
    source = re.match(r"(\S+)(?: \((.*)\))?", record.get("Source", name))
    purl = f"pkg:deb/debian/{urllib.parse.quote(name)}@{urllib.parse.quote(version)}?arch={record['Architecture']}&distro=debian-12"
    properties = {"seaworthy:how": how, "debian:source": source[1], "debian:source-version": source[2] or version}
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": [{"name": key, "value": value} for key, value in properties.items()],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--version", "--linked", "--copied", "--status"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.status)
    components = []
    for path, how in ((arguments.linked, "shared library"), (arguments.copied, "compiled in or copied")):
        components += [component(folder, package, how) for package in pathlib.Path(path).read_text().split()]
    own = f"pkg:generic/seaworthy@{arguments.version}"
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "seaworthy",
                "version": arguments.version,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": sorted(components, key=lambda c: c["bom-ref"]),
        "dependencies": [{"ref": own, "dependsOn": sorted(c["bom-ref"] for c in components)}],
    }
    print(json.dumps(bom, indent=2))


if __name__ == "__main__":
    main()
