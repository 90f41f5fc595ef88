# SPDX-License-Identifier: Apache-2.0
"""Running other programs: never without a time limit, and with their words in the error."""

import subprocess
from pathlib import Path
from typing import Sequence, Union

Word = Union[str, Path]


class CommandFailed(Exception):
    """A program ended with a status other than 0; the text has its output."""


def run(*words: Word, timeout: float = 120, cwd: Path = None, stdin: bytes = None) -> bytes:
    """Runs a program and returns its standard output."""
    command = [str(word) for word in words]
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, cwd=cwd, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: status {done.returncode}\n"
                            f"{(done.stdout + done.stderr).decode(errors='replace')}")
    return done.stdout


def end(process: subprocess.Popen, patience: float = 5) -> None:
    """Ends a program that the harness started, and waits for it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def joined(words: Sequence[Word]) -> str:
    return " ".join(str(word) for word in words)
