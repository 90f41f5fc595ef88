# SPDX-License-Identifier: Apache-2.0
"""What a test program said, in the Test Anything Protocol."""

import re
from dataclasses import dataclass
from typing import Dict, List, Optional

OK, SKIPPED, FAILED = "ok", "skipped", "failed"
LINE = re.compile(r"^(not )?ok\b ?(\d+)?(?: - | )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s+# ?(SKIP.*))?$", re.I)
DIRECTIVE = re.compile(r"\s*# ?(skip|todo)\b:?\s*(.*)$", re.I)
DURATION = re.compile(r"\s*# [\d.]+s$| in \d+(?:ms|sec)$")


@dataclass
class Test:
    name: str
    status: str         # OK, SKIPPED or FAILED
    reason: str = ""    # of a skip


def _test(found: "re.Match[str]") -> Test:
    name = DURATION.sub("", found[3])
    status, reason = (FAILED if found[1] else OK), ""
    directive = DIRECTIVE.search(name)
    if directive:
        name, reason = name[:directive.start()], DURATION.sub("", directive[2])
        status = SKIPPED
    return Test(name.strip() or f"test {found[2] or ''}".strip(), status, reason)


def _unique(tests: List[Test]) -> List[Test]:
    """Names that a program uses again get a number."""
    seen: Dict[str, int] = {}
    for test in tests:
        seen[test.name] = seen.get(test.name, 0) + 1
        if seen[test.name] > 1:
            test.name += f" ({seen[test.name]})"
    return tests


def parse(text: str, status: Optional[int]) -> List[Test]:
    """The tests of one program that ended with a status. Tests that were planned and did not come,
    and an end with a status other than 0 that no failed test explains, are failed tests as well."""
    tests: List[Test] = []
    planned = None
    for line in text.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned = int(plan[1])
            if planned == 0 and plan[2]:
                tests.append(Test("all", SKIPPED, plan[2]))
            continue
        found = LINE.match(line)
        if found:
            tests.append(_test(found))
    tests = _unique(tests)
    if planned is not None and planned > len(tests):
        tests.append(Test(f"{planned - len(tests)} tests that did not run", FAILED))
    elif planned is None or (status != 0 and all(test.status != FAILED for test in tests)):
        tests.append(Test("the program ends in order", FAILED))
    return tests
