#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the software bill of materials (CycloneDX 1.5, JSON) of the image: Berth itself and
every third-party source with the exact version that was used.

usage: apt.sh resolve | sbom.py VERSION EPOCH LOCK >SBOM
"""

import datetime
import json
import sys
import uuid


def purposes(lock):
    """name → what the lock says that it is for."""
    with open(lock, encoding="utf-8") as file:
        lines = [line.split(None, 5) for line in file if line.startswith(("source", "package"))]
    return {words[1]: words[5].strip() for words in lines}


def licence(text):
    text = text.replace("_", " ")
    return {"expression": text} if " " in text else {"license": {"id": text}}


def component(line, purpose):
    name, version, kind, spdx = line.split()
    # Without Debian's revision it is upstream's tarball as it stands.
    if "-" in version or kind == "package":
        origin = f"pkg:deb/debian/{name}@{version}?distro=trixie"
        origin += "&arch=source" if kind == "source" else ""
    else:
        origin = f"pkg:generic/{name}@{version}"
    origin = origin.replace("+", "%2B")
    return {
        "type": "operating-system" if name.startswith("linux") else "library",
        "bom-ref": origin,
        "name": name,
        "version": version,
        "description": purpose[name],
        "licenses": [licence(spdx)],
        "purl": origin,
    }


def main():
    version, epoch, lock = sys.argv[1:]
    purpose = purposes(lock)
    components = [component(line, purpose) for line in sys.stdin]
    content = json.dumps(components, sort_keys=True)
    time = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    berth = {"type": "firmware", "bom-ref": "berth", "name": "berth", "version": version,
             "licenses": [licence("Apache-2.0")]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, version + content)),
        "version": 1,
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": berth},
        "components": components,
        "dependencies": [{"ref": "berth", "dependsOn": [c["bom-ref"] for c in components]}],
    }
    json.dump(document, sys.stdout, indent=1)
    print()


main()
