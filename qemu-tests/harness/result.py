# SPDX-License-Identifier: Apache-2.0
"""What a machine left behind: status, console, report."""

import re
from dataclasses import dataclass
from typing import List, Optional

LINE = r"^(?:\[ *\d+\.\d+\] )?"


recent: List["Result"] = []  # of the test that runs, for the message of its failure


@dataclass(repr=False)
class Result:
    status: int                 # of `berth boot`, or of QEMU itself
    console: str                # everything from the serial port
    report: Optional[dict]      # None when there was none
    seconds: float
    messages: str = ""          # standard error of `berth boot` or QEMU

    def __post_init__(self) -> None:
        recent.append(self)

    def output(self, name: str, mark: str = "|") -> List[str]:
        """The container's lines; mark "!" is its standard error."""
        return re.findall(LINE + re.escape(f"{name} {mark} ") + r"(.*)$", self.console, re.M)

    def facts(self, name: str) -> dict:
        """The container's lines of the form "key: value"."""
        pairs = (line.partition(": ") for line in self.output(name))
        return {key: value for key, sep, value in pairs if sep}

    @property
    def errors(self) -> List[str]:
        return re.findall(r"berth: error: (.*)$", self.console + self.messages, re.M)

    @property
    def container(self) -> dict:
        assert self.report, f"no report:\n{self}"
        return self.report["containers"][0]

    def steps(self, name: str) -> List[dict]:
        """The ledger's entries of one step."""
        return [entry for entry in self.report["ledger"] if entry["name"] == name]

    def __str__(self) -> str:
        return f"status {self.status} after {self.seconds:.1f} s\n{self.messages}\n{self.console}"

    def excerpt(self, most: int = 80) -> str:
        """As str(), but without the middle of a long console."""
        lines = str(self).splitlines()
        if len(lines) > most:
            lines[most // 2:-most // 2] = [f"… {len(lines) - most} lines …"]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<machine that ended with {self.status}>"
