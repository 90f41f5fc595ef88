#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the machine of harness/debian.py and measures OCI runtimes on one and the same bundle.
Writes /host/out/figures.json; says on standard output what it does.

  runtime_bench.py ROUNDS RUNS MOST RUNTIME...    ROUNDS rounds of RUNS runs of each program; MOST
                                                  containers alive at once
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, Optional

WORK = Path("/run/bench")
OUT = Path("/host/out")
NULL = subprocess.DEVNULL


def make_bundle(name: str, arguments: List[str], memory: Optional[int] = None) -> Path:
    bundle = WORK / name
    (bundle / "rootfs/bin").mkdir(parents=True, exist_ok=True)
    for folder in ("proc", "sys", "dev"):
        (bundle / "rootfs" / folder).mkdir(exist_ok=True)
    if not (bundle / "rootfs/bin/busybox").exists():
        (bundle / "rootfs/bin/busybox").write_bytes(Path("/usr/bin/busybox").read_bytes())
        (bundle / "rootfs/bin/busybox").chmod(0o755)
        for applet in ("true", "sleep"):
            (bundle / "rootfs/bin" / applet).symlink_to("busybox")
    (bundle / "config.json").unlink(missing_ok=True)
    subprocess.run(["runc", "spec", "-b", bundle], check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["process"].update(terminal=False, args=arguments)
    if memory:
        config["linux"].setdefault("resources", {})["memory"] = {"limit": memory}
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle


def commands(runtimes: List[str], bundle: Path) -> Dict[str, List[str]]:
    root = bundle / "rootfs"
    every = {f"{name} run": [name, "run", "-b", str(bundle), "timed"] for name in runtimes}
    every["bwrap"] = ["bwrap", "--unshare-all", "--ro-bind", str(root), "/", "--proc", "/proc",
                      "--dev", "/dev", "/bin/true"]
    every["/bin/true alone"] = [str(root / "bin/busybox"), "true"]
    return every


def times(todo: Dict[str, List[str]], rounds: int, runs: int) -> Dict[str, List[float]]:
    """Seconds of each run; the programs take turns, so that all see the same machine."""
    found: Dict[str, List[float]] = {name: [] for name in todo}
    for _ in range(rounds):
        for name, words in todo.items():
            export = WORK / "hyperfine.json"
            subprocess.run(["hyperfine", "-N", "--style=none", "--warmup", "2", "--runs", str(runs),
                            "--export-json", export, " ".join(words)], check=True, stdout=NULL)
            found[name] += json.loads(export.read_text())["results"][0]["times"]
    return found


def peak(words: List[str]) -> int:
    """Bytes resident at most: of the command, or of a process that it waited for. (Asked of a small
    parent: the figure of a child begins with what its parent had.)"""
    done = subprocess.run(["busybox", "time", "-v", *words], check=True, stdout=NULL,
                          stderr=subprocess.PIPE, text=True)
    return int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", done.stderr)[1]) * 1024


def smallest_memory(runtime: str) -> Optional[int]:
    """The least limit, a power of two, with which /bin/true succeeds three times."""
    limit = 64 << 10
    while limit <= 64 << 20:
        bundle = make_bundle("small", ["/bin/true"], limit)
        words = [runtime, "run", "-b", str(bundle), "small"]
        ended = []
        for _ in range(3):
            ended.append(subprocess.run(words, check=False, stdout=NULL, stderr=NULL).returncode)
            subprocess.run([runtime, "delete", "--force", "small"], check=False, stdout=NULL,
                           stderr=NULL)
        if ended == [0, 0, 0]:
            return limit
        limit *= 2
    return None


def available() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) * 1024
    raise LookupError("MemAvailable")


def alive(runtime: str, count: int, bundle: Path) -> Dict[str, float]:
    """`count` containers that live at once: seconds and bytes for each."""
    before, started = available(), time.monotonic()
    for number in range(count):
        subprocess.run([runtime, "run", "--detach", "-b", bundle, f"alive{number}"], check=True,
                       stdin=NULL, stdout=NULL)
    took, used = time.monotonic() - started, before - available()
    running = int(subprocess.run(["pgrep", "-c", "-x", "sleep"], check=True,
                                 stdout=subprocess.PIPE).stdout)
    assert running == count, f"{running} of {count} containers of {runtime} run"
    started = time.monotonic()
    for number in range(count):
        subprocess.run([runtime, "delete", "--force", f"alive{number}"], check=True, stdin=NULL,
                       stdout=NULL)
    return {"start": took / count, "bytes": used / count,
            "delete": (time.monotonic() - started) / count}


def main() -> None:
    rounds, runs, most = map(int, sys.argv[1:4])
    runtimes = sys.argv[4:]
    bundle = make_bundle("true", ["/bin/true"])
    sleeper = make_bundle("sleep", ["/bin/sleep", "1000000"])
    figures: Dict[str, object] = {"times": times(commands(runtimes, bundle), rounds, runs)}
    print("timed", flush=True)
    figures["peak"] = {name: peak([name, "run", "-b", str(bundle), "peak"]) for name in runtimes}
    figures["smallest"] = {name: smallest_memory(name) for name in runtimes}
    print("memory", flush=True)
    figures["alive"] = {
        name: {str(count): alive(name, count, sleeper) for count in (1, 10, 100, 1000)
               if count <= most} for name in runtimes}
    figures["version"] = {
        name: subprocess.run([name, "--version"], check=True, stdout=subprocess.PIPE,
                             text=True).stdout.splitlines()[0] for name in runtimes + ["bwrap"]}
    (OUT / "figures.json").write_text(json.dumps(figures))


main()
