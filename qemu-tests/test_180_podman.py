# SPDX-License-Identifier: Apache-2.0
"""Debian's podman and conmon with an OCI runtime of choice, in a machine with Berth's kernel. One
machine runs all cases (tools/podman-cases.sh); the tests look at what each left."""

import json
import os
from typing import Dict

import pytest

from harness import debian, images
from harness.paths import BERTH, TOOLS

pytestmark = pytest.mark.xdist_group("podman")  # one machine for all

# Another one shows whether a failure is podman's: BERTH_PODMAN_RUNTIME=crun.
RUNTIME = os.environ.get("BERTH_PODMAN_RUNTIME", "berth-runtime")
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
DEFAULT_CAPABILITIES = "00000000800405fb"  # podman's
ALL_CAPABILITIES = "000001ffffffffff"


@pytest.fixture(scope="module", name="machine")
def machine_of_all(tmp_path_factory) -> debian.Done:
    seccomp = tmp_path_factory.mktemp("seccomp")
    (seccomp / "profile.json").write_text(json.dumps(PROFILE))
    done = debian.run(f"podman-cases.sh {RUNTIME}",
                      [("berth-runtime", BERTH), TOOLS / "podman-cases.sh"],
                      folders={"image": images.layout("probe"), "seccomp": seccomp}, limit=1200)
    assert done.status == 0, done
    return done


@pytest.fixture(name="case")
def case_of_machine(machine):
    """case("run") → its lines as a dictionary; in a failure the errors are shown."""
    def read(name: str) -> Dict[str, str]:
        print(machine.files.get(f"{name}.errors", ""))
        text = machine.files.get(name, "")
        print(text)
        return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    return read


def check(facts: Dict[str, str], **expected: str) -> None:
    """The facts named, with _ for -, are as expected."""
    wanted = {name.replace("_", "-"): value for name, value in expected.items()}
    assert {name: facts.get(name) for name in wanted} == wanted


def test_run(case):
    check(case("run"), output="typed", errors="there", status="7", missing="127", directory="126")


def test_terminal(case):
    check(case("terminal"), tty="/dev/pts/0", owner="0:5", terminals="3", console="writable",
          status="3")


def test_exec(case):
    check(case("exec"), input="typed", environment="12", directory="/tmp", user="1000:1000",
          first="sleep 1000 ", capabilities="0000000000000000", memory=str(64 << 20), status="5",
          missing="127", terminal="/dev/pts/0", privileged=ALL_CAPABILITIES, top="sleep")


def test_healthcheck(case):
    check(case("healthcheck"), before="1", after="0", health="healthy")


def test_stats_and_update(case):
    facts = case("stats")
    check(facts, updated=f"{48 << 20} 33", removed="0")
    processes, used = facts["stats"].split()[:2]
    assert int(processes) >= 1 and not used.startswith("0B")


def test_stop_and_logs(case):
    check(case("stop"), polite="exited 9", logs="third", logs_errors="second", deaf="exited 137",
          again="running 0")


def test_kill_and_pause(case):
    check(case("kill"), signal="handled", paused="paused 0", frozen="yes", thawed="yes",
          killed="137")


def test_options(case):
    facts = case("options")
    check(facts, read_only="refused", user="1000:1000 1000 29 50",
          capabilities="0000000000002000", no_new_privileges="1", hostname="there", limit="100",
          volume="data", volume_write="refused", tmpfs="tmpfs", sysctl="12345", oom="321",
          pids="12", forks="refused")
    check(facts, seccomp="refused", filter="2", device="read", device_write="refused",
          init="/run/podman-init")
    check(facts, privileged=ALL_CAPABILITIES, first="tini")
    check(facts, owner="0", userns="mapped")


def test_nothing_is_left(case):
    facts = case("left")
    check(facts, containers="0", groups="0")
    assert RUNTIME in facts["runtime"]
