# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/conformance.md, between its marks, from the results."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from harness.paths import ROOT

from . import apparmor, probe_table, tap
from .machine import RUNTIMES, Suite
from .misses import MISSES

DOCUMENT = ROOT / "docs" / "conformance.md"
BEGIN = "<!-- Written by `make conformance`: -->\n"
END = "<!-- until here. -->\n"
RANK = {tap.OK: 0, tap.SKIPPED: 1, tap.FAILED: 2, None: 2}
OURS, *OTHERS = RUNTIMES

Results = Dict[str, Dict[str, object]]      # runtime → {"version", "groups"}


def statuses(results: Results, runtime: str, group: str) -> Dict[str, str]:
    tests = results.get(runtime, {}).get("groups", {}).get(group, [])
    return {name: status for name, status, _ in tests}


def compared(results: Results) -> Iterator[Tuple[str, str, Dict[str, Optional[str]]]]:
    """(group, test, {runtime: status, None where the test did not run})."""
    for group in sorted(results.get(OURS, {}).get("groups", {})):
        of = {runtime: statuses(results, runtime, group) for runtime in RUNTIMES}
        names = dict.fromkeys(name for runtime in RUNTIMES for name in of[runtime])
        for name in names:
            yield group, name, {runtime: of[runtime].get(name) for runtime in RUNTIMES}


def is_worse(status: Dict[str, Optional[str]]) -> bool:
    return RANK[status[OURS]] > min(RANK[status[other]] for other in OTHERS)


def is_better(status: Dict[str, Optional[str]]) -> bool:
    return RANK[status[OURS]] < min(RANK[status[other]] for other in OTHERS)


def explanation(suite: str, group: str, name: str) -> Optional[str]:
    for pattern, reason in MISSES.get(suite, {}).items():
        if fnmatchcase(f"{group}: {name}", pattern):
            return reason
    return None


def counts(results: Results, runtime: str, groups: List[str]) -> str:
    count = Counter(status for group in groups
                    for status in statuses(results, runtime, group).values())
    return f"{count[tap.OK]} / {count[tap.FAILED]} / {count[tap.SKIPPED]}"


def _row(words: List[str]) -> str:
    return "| " + " | ".join(words) + " |"


def _suite_table(suite: Suite, results: Results, day: str) -> List[str]:
    groups = sorted(results[OURS]["groups"])
    heads = [results.get(runtime, {}).get("version", "not run") for runtime in RUNTIMES]
    return [f"### {suite.title}", "", f"Run on {day}; passed / failed / skipped.", "",
            _row(["program", *heads]), _row(["---"] * 4),
            _row(["**all**", *(f"**{counts(results, runtime, groups)}**" for runtime in RUNTIMES)]),
            *(_row([group, *(counts(results, runtime, [group]) for runtime in RUNTIMES)])
              for group in groups), ""]


def _list(title: str, lines: List[str]) -> List[str]:
    return [title, "", *(lines or ["None."]), ""]


MANY = 6    # tests of one program, from which on they are only counted


def _named(tests: List[Tuple[str, str]]) -> str:
    """(group, test) as text."""
    by_group: Dict[str, List[str]] = {}
    for group, name in tests:
        by_group.setdefault(group, []).append(name)
    words: List[str] = []
    for group, names in by_group.items():
        words += ([f"`` {group}: {name} ``" if "`" in name else f"`{group}: {name}`"
                   for name in names] if len(names) < MANY
                  else [f"{len(names)} of `{group}`"])
    return ", ".join(words)


def _differences(suite: Suite, results: Results) -> Tuple[List[str], List[str]]:
    """Lines of the document; what is not explained."""
    by_reason: Dict[str, List[Tuple[str, str]]] = {}
    missing: List[str] = []
    unknown: List[Tuple[str, str]] = []
    better: List[Tuple[str, str]] = []
    all_fail: List[Tuple[str, str]] = []
    for group, name, status in compared(results):
        if is_worse(status):
            reason = explanation(suite.name, group, name)
            if reason:
                by_reason.setdefault(reason, []).append((group, name))
            else:
                unknown.append((group, name))
                missing.append(f"{suite.name}: {group}: {name}: {status}")
        elif is_better(status):
            better.append((group, name))
        elif status[OURS] in (tap.FAILED, None):
            all_fail.append((group, name))
    worse = [f"- {_named(tests)}: {reason}" for reason, tests in by_reason.items()]
    if unknown:
        worse.append(f"- {_named(unknown)}: no reason is known yet")
    lines = [*_list("Where Berth is worse than the better of the two:", worse),
             *_list("Where it is better than both:", [_named(better)] if better else []),
             *_list("Where all three fail:", [_named(all_fail)] if all_fail else [])]
    return lines, missing


def write(suites: List[Suite], folder: Path) -> int:
    """Rewrites the document; 1 when a difference has no explanation, which is printed."""
    lines: List[str] = []
    missing: List[str] = []
    for suite in suites:
        path = folder / f"{suite.name}.json"
        if not path.exists():
            continue
        kept = json.loads(path.read_text())
        if OURS not in kept["runtimes"]:
            continue
        lines += _suite_table(suite, kept["runtimes"], kept["date"])
        more, unexplained = _differences(suite, kept["runtimes"])
        lines += more
        missing += unexplained
    for name, title, tabulate in (("apparmor", "AppArmor", apparmor.lines),
                                  ("probe", "The differential probe", probe_table.lines)):
        if (folder / f"{name}.json").exists():
            more, unexplained = tabulate(json.loads((folder / f"{name}.json").read_text()))
            lines += [f"### {title}", "", *more]
            missing += unexplained
    text = DOCUMENT.read_text()
    head, rest = text.split(BEGIN)
    DOCUMENT.write_text(head + BEGIN + "\n" + "\n".join(lines) + END + rest.split(END)[1])
    for line in missing:
        print(f"not explained: {line}")
    return 1 if missing else 0
