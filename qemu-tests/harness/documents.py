# SPDX-License-Identifier: Apache-2.0
"""Documents: Berth's normal form beside that of Debian's docker compose."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Tuple

from . import suites
from .command import CommandFailed
from .paths import BERTH

FOLDER = Path(__file__).parents[1] / "documents"
# What variables the documents find; nothing else of this machine's.
VARIABLES = {"PATH": "/usr/bin:/bin", "HOME": "/home/me", "MINIO_USER": "admin",
             "MINIO_PASSWORD": "pa$$word", "KEYCLOAK_ADMIN": "root"}


def run_berth(*words: object, stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([str(BERTH), *map(str, words)], input=stdin, text=True,
                          capture_output=True, env=VARIABLES, timeout=60, check=False)


def lint(*words: object, stdin: str = "") -> subprocess.CompletedProcess:
    """`berth lint`; problems are on standard error."""
    return run_berth("lint", *words, stdin=stdin)


def explain(*files: Path, profiles: Tuple[str, ...] = (), form: str = "json") -> Any:
    """The normal form that `berth explain` prints."""
    words = [word for profile in profiles for word in ("--profile", profile)]
    done = run_berth("explain", "--format", form, *words, *files)
    if done.returncode:
        raise CommandFailed(f"berth explain {files}: {done.stderr}")
    return json.loads(done.stdout) if form != "yaml" else done.stdout


def compose() -> Path:
    return suites.program("docker-compose", "trixie",
                          "usr/libexec/docker/cli-plugins/docker-compose")


def run_config(*files: Path, profiles: Tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    """`docker compose config` of the same files."""
    words: List[str] = [word for file in files for word in ("-f", str(file))]
    words += [word for profile in profiles for word in ("--profile", profile)]
    return subprocess.run([str(compose()), *words, "config", "--format", "json"], text=True,
                          capture_output=True, env=dict(VARIABLES, HOME="/home/me"),
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


def config(*files: Path, profiles: Tuple[str, ...] = ()) -> Dict[str, Any]:
    """What `docker compose config` makes of them."""
    done = run_config(*files, profiles=profiles)
    if done.returncode:
        raise CommandFailed(f"docker compose config {files}: {done.stderr}")
    return undollar(json.loads(done.stdout))


def undollar(value: Any) -> Any:
    """docker compose writes its result as a document again, in which a dollar sign is two."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [undollar(item) for item in value]
    if isinstance(value, dict):
        return {name: undollar(item) for name, item in value.items()}
    return value


def _used(document: Dict[str, Any], kind: str) -> set:
    """The networks, volumes, secrets or configs that a service of the document names."""
    names = set()
    for service in document["services"].values():
        for item in service.get(kind) or []:
            names.add(item if isinstance(item, str) else item.get("source"))
    return names


def _prune(value: Any) -> Any:
    """Without what says nothing: empty maps, null and false."""
    if isinstance(value, list):
        return [_prune(item) for item in value]
    if not isinstance(value, dict):
        return value
    pruned = {name: _prune(item) for name, item in value.items()}
    return {name: item for name, item in pruned.items()
            if item not in ({}, None, False) or name == "environment"}


def comparable(document: Dict[str, Any]) -> Dict[str, Any]:
    """The differences that are meant, taken out of either side:

    - docker compose prints command and entrypoint as null, and ipam, placement and volume as {},
      where nothing is said; and false not at all;
    - it leaves out networks, volumes, secrets and configs that no service uses;
    - it prints extra hosts in the order of their names;
    - extension fields are kept by it and have no meaning.
    """
    result = {name: value for name, value in document.items() if not name.startswith("x-")}
    for kind in ("networks", "volumes", "secrets", "configs"):
        used = _used(document, kind)
        kept = {name: _prune(item or {}) for name, item in (document.get(kind) or {}).items()
                if name in used}
        result[kind] = kept
    services = {}
    for name, service in document["services"].items():
        networks = {key: _prune(item or {}) for key, item in (service.get("networks") or {}).items()}
        environment = service.get("environment") or {}
        service = _prune(service)
        service.update(networks=networks, environment=environment)
        if "extra_hosts" in service:
            service["extra_hosts"] = sorted(service["extra_hosts"])
        services[name] = {key: value for key, value in service.items() if not key.startswith("x-")}
    result["services"] = services
    return result


def differences(ours: Any, theirs: Any, path: str = "") -> List[str]:
    """Every key whose value is not the same, as "KEY: OURS, THEIRS"."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(set(ours) | set(theirs)):
            found += differences(ours.get(key, "(absent)"), theirs.get(key, "(absent)"),
                                 f"{path}.{key}" if path else key)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [line for index, (left, right) in enumerate(zip(ours, theirs))
                for line in differences(left, right, f"{path}[{index}]")]
    return [] if ours == theirs else [f"{path}: {ours!r}, {theirs!r}"]


def count_values(value: Any) -> int:
    if isinstance(value, dict):
        return sum(count_values(item) for item in value.values())
    if isinstance(value, list):
        return sum(count_values(item) for item in value)
    return 1
