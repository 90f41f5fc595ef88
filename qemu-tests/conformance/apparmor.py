# SPDX-License-Identifier: Apache-2.0
"""process.apparmorProfile: the same containers under a small profile with each runtime, in a machine
whose kernel runs AppArmor. What Berth is to do stands in EXPECTED; the others are shown beside it."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Tuple

from harness import debian
from harness.paths import BERTH
from harness.recipes import _busybox as busybox  # pylint: disable=protected-access

from .machine import IN_MACHINE, KERNEL, RUNTIMES
from .probe import CONFIG

EXPECTED = {
    "the first process": "berth-case (enforce)",
    "what the profile denies": "sh: can't create /tmp/denied: Permission denied",
    "exec": "berth-case (enforce)",
    "exec --apparmor": "berth-other (enforce)",
    "exec --apparmor of a profile that is not there is refused": "yes",
    "unconfined": "unconfined",
    "a profile that is not there is refused": "yes",
    "left over of it": "",
}
BUNDLES: Dict[str, Tuple[str, List[str]]] = {
    "label": ("berth-case", ["cat", "/proc/self/attr/current"]),
    "denied": ("berth-case", ["sh", "-c", "echo >/tmp/allowed && echo >/tmp/denied"]),
    "sleep": ("berth-case", ["sleep", "1000"]),
    "unconfined": ("unconfined", ["cat", "/proc/self/attr/current"]),
    "missing": ("berth-none", ["true"]),
}


def _bundle(folder: Path) -> None:
    rootfs = folder / "rootfs"
    rootfs.mkdir()
    busybox(rootfs)
    for name in ("proc", "sys", "dev", "run", "volume"):
        (rootfs / name).mkdir(exist_ok=True)
    for name, (profile, words) in BUNDLES.items():
        config: Dict[str, Any] = copy.deepcopy(CONFIG)
        config["process"].update(apparmorProfile=profile, args=words)
        config["mounts"] = [mount for mount in config["mounts"] if mount["type"] != "bind"]
        (folder / f"{name}.json").write_text(json.dumps(config, indent=1))


def run(folder: Path) -> Dict[str, Dict[str, str]]:
    """{runtime: {case: what came of it}}; what was printed is kept in the folder."""
    with tempfile.TemporaryDirectory(prefix="berth-apparmor-") as name:
        bundle = Path(name) / "bundle"
        bundle.mkdir()
        _bundle(bundle)
        done = debian.run(f"apparmor-cases {','.join(RUNTIMES)}",
                          [("berth-runtime", BERTH), *sorted(IN_MACHINE.iterdir())],
                          folders={"bundle": bundle}, limit=600, kernel=KERNEL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "console").write_text(f"{done.machine.console}\n{done.output}")
    for key, text in done.files.items():
        (folder / key).write_text(text)
    assert done.status == 0, done
    return {runtime: dict((line + "\t").split("\t")[:2]
                          for line in done.files.get(f"{runtime}.apparmor", "").splitlines())
            for runtime in RUNTIMES}


def lines(seen: Dict[str, Dict[str, str]]) -> Tuple[List[str], List[str]]:
    """Lines of the document; where Berth is not as it should be."""
    table = ["| case | Berth | crun | runc |", "|---|---|---|---|"]
    wrong: List[str] = []
    for case, expected in EXPECTED.items():
        values = [seen.get(runtime, {}).get(case) for runtime in RUNTIMES]
        cells = ["no answer" if value is None else f"`{value}`" if value else "nothing"
                 for value in values]
        table.append(f"| {case} | {' | '.join(cells)} |")
        if values[0] != expected:
            wrong.append(f"apparmor: {case}: {values[0]!r} is not {expected!r}")
    return [*table, ""], wrong
