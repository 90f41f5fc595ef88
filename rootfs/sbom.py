#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the bill of materials (CycloneDX 1.5 JSON): each third-party source with its exact version.

  sbom.py VERSION <resolved     a line of input: NAME VERSION KIND LICENCE
"""

import datetime
import json
import os
import sys
import uuid


def component(line: str) -> dict:
    name, version, kind, licence = line.split()[:4]
    licence = licence.replace("_WITH_", " WITH ")
    return {
        "type": "operating-system" if name.startswith("linux") else "library",
        "bom-ref": f"{name}@{version}",
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": f"pkg:deb/debian/{name}@{version}?distro=trixie"
        + ("&arch=source" if kind == "source" else ""),
    }


def main() -> None:
    components = sorted((component(line) for line in sys.stdin if line.strip()),
                        key=lambda item: item["name"])
    date = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    content = json.dumps(components, sort_keys=True)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "timestamp": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "firmware", "name": "berth", "version": sys.argv[1],
                          "licenses": [{"expression": "Apache-2.0"}]},
        },
        "components": components,
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
