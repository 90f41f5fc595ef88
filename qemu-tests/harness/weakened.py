# SPDX-License-Identifier: Apache-2.0
"""Berth without one of its defences: the changed sources are compiled in a scratch folder and
linked with the build's other objects. The product has no switch for it."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from .command import run
from .paths import BUILD, ROOT

COMMANDS = BUILD / "test" / "commands"
# What the changed texts may need.
HEADERS = [word for name in ("fcntl", "limits", "sched", "stdbool", "stdio", "stdlib", "string",
                             "sys/stat", "sys/sysmacros", "unistd") for word in ("-include", f"{name}.h")]
# Its quotation marks are not in the recorded command.
VERSION = ["-UBERTH_VERSION", '-DBERTH_VERSION="weakened"']
Changes = Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class Defence:
    what: str                       # in a few words
    changes: Dict[str, Changes]     # source → texts that it has once → without
    cases: Tuple[str, ...]          # beginnings of the cases that must then fail

    def changed(self, file: str) -> str:
        """The source without the defence; an AssertionError when its text is not there any more."""
        text = (ROOT / file).read_text()
        for old, new in self.changes[file]:
            assert text.count(old) == 1, f"{self.what}: {file} has {text.count(old)} times {old!r}"
            text = text.replace(old, new)
        return text


def _commands() -> Tuple[List[str], List[str]]:
    """How a source of the program is compiled, and how the program is linked."""
    lines = [shlex.split(line) for line in COMMANDS.read_text().splitlines()]
    return lines[2], lines[3]


def _compile(source: Path, target: Path) -> Path:
    compiler, *flags = _commands()[0]
    run(compiler, *flags, "-Wno-error", *HEADERS, *VERSION, "-c", "-o", target, source, cwd=ROOT)
    return target


def _objects(without: Sequence[str]) -> List[Path]:
    """What berth is linked from; left-overs of sources that are gone are not."""
    folder = BUILD / "objects"
    found = []
    for path in sorted(folder.rglob("*.o")):
        source = str(path.relative_to(folder).with_suffix(".c"))
        if source not in without and (source.startswith("gen/") or (ROOT / source).exists()):
            found.append(path)
    return found


def program(scratch: Path, defence: Defence = None, main: str = "init/berth.c") -> Path:
    """The program, without the defence when there is one; `main` may take the place of berth's."""
    scratch.mkdir(exist_ok=True)
    files = list(defence.changes) if defence else []
    changed = []
    for number, file in enumerate(files):
        source = scratch / f"{number}-{Path(file).name}"
        source.write_text(defence.changed(file))
        changed.append(_compile(source, source.with_suffix(".o")))
    without = [*files, "init/berth.c"]
    changed.append(BUILD / "objects/init/berth.o" if main == "init/berth.c" else
                   _compile(ROOT / main, scratch / "main.o"))
    linker, *flags = _commands()[1]
    run(linker, "-o", scratch / "program", *changed, *_objects(without), *flags, cwd=ROOT)
    return scratch / "program"
