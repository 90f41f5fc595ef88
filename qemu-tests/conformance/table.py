# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/conformance.md, between its marks, from the results."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple

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


def _days(results: Results) -> str:
    """Of one run, or of each runtime's own."""
    days = {runtime: results[runtime]["date"] for runtime in RUNTIMES if runtime in results}
    if len(set(days.values())) == 1:
        return f"in one run on {days[OURS]}"
    return ", ".join(f"{runtime} on {day}" for runtime, day in days.items())


def _suite_table(suite: Suite, results: Results) -> List[str]:
    groups = sorted(results[OURS]["groups"])
    heads = [results.get(runtime, {}).get("version", "not run") for runtime in RUNTIMES]
    return [f"### {suite.title}", "", f"Run {_days(results)}; passed / failed / skipped.", "",
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


def _of_suite(suite: Suite, kept: Dict[str, object]) -> Tuple[List[str], List[str]]:
    if OURS not in kept["runtimes"]:
        return [], []
    more, missing = _differences(suite, kept["runtimes"])
    return [*_suite_table(suite, kept["runtimes"]), *more], missing


def _of_machine(title: str, tabulate: Callable[[dict], Tuple[List[str], List[str]]],
                kept: dict) -> Tuple[List[str], List[str]]:
    more, missing = tabulate(kept)
    return [f"### {title}", "", *more], missing


def _sections(text: str) -> Dict[str, str]:
    """Title → what stands there."""
    parts = text.split("\n### ")[1:]
    return {part.split("\n", 1)[0]: "### " + part.rstrip("\n") + "\n" for part in parts}


def write(suites: List[Suite], folder: Path) -> int:
    """Rewrites the document, as far as there are results: what it says of other runs stays. 1 when a
    difference has no explanation, which is printed."""
    parts = [(suite.name, suite.title, partial(_of_suite, suite)) for suite in suites]
    parts += [(name, title, partial(_of_machine, title, tabulate)) for name, title, tabulate in
              (("apparmor", "AppArmor", apparmor.lines),
               ("probe", "The differential probe", probe_table.lines))]
    head, rest = DOCUMENT.read_text().split(BEGIN)
    before, rest = rest.split(END)
    kept = _sections(before)
    missing: List[str] = []
    for name, title, lines_of in parts:
        if (folder / f"{name}.json").exists():
            lines, unexplained = lines_of(json.loads((folder / f"{name}.json").read_text()))
            missing += unexplained
            if lines:
                kept[title] = "\n".join(lines).rstrip("\n") + "\n"
    text = "\n".join(kept[title] for _, title, _ in parts if title in kept)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest}")
    for line in missing:
        print(f"not explained: {line}")
    return 1 if missing else 0
