# SPDX-License-Identifier: Apache-2.0
"""The differences that the probe saw, as a table; those without a reason."""

from fnmatch import fnmatchcase
from typing import Dict, Iterator, List, Optional, Tuple

from .machine import RUNTIMES
from .probe_differences import DIFFERENCES

OURS, *OTHERS = RUNTIMES
Facts = Dict[str, Dict[str, Dict[str, str]]]
LONGEST = 60


def different(facts: Facts) -> Iterator[Tuple[str, str, List[Optional[str]]]]:
    """(case, key, values in the order of RUNTIMES, None where there is none)."""
    for case, of in facts.items():
        for key in sorted(set().union(*of.values())):
            values = [of[runtime].get(key) for runtime in RUNTIMES]
            if any(value != values[0] for value in values):
                yield case, key, values


def reason(case: str, key: str) -> Optional[str]:
    for pattern, text in DIFFERENCES.items():
        if fnmatchcase(f"{case}: {key}", pattern):
            return text
    return None


def _cell(value: Optional[str]) -> str:
    if value is None:
        return "absent"
    text = value if len(value) <= LONGEST else value[:LONGEST] + "…"
    return f"`{text}`".replace("|", "\\|") if text.strip() else "empty"


def lines(facts: Facts) -> Tuple[List[str], List[str]]:
    """Lines of the document; differences without a reason."""
    by_reason: Dict[str, Dict[Tuple[str, ...], List[str]]] = {}
    missing: List[str] = []
    for case, key, values in different(facts):
        why = reason(case, key)
        if why is None:
            missing.append(f"probe: {case}: {key}: {dict(zip(RUNTIMES, values))}")
            continue
        cells = (key, *(_cell(value) for value in values))
        by_reason.setdefault(why, {}).setdefault(cells, []).append(case)
    table = ["| what | in | Berth | crun | runc | why |", "|---|---|---|---|---|---|"]
    for why, rows in by_reason.items():
        for (key, *cells), cases in rows.items():
            where = "all" if len(cases) == len(facts) else ", ".join(cases)
            table.append(f"| `{key}` | {where} | {' | '.join(cells)} | {why} |")
    same = sum(len(set.intersection(*(set(of[runtime].items()) for runtime in RUNTIMES)))
               for of in facts.values())
    return [f"{same} facts are the same with all three.", "", *table, ""], missing
