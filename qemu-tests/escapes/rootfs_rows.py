# SPDX-License-Identifier: Apache-2.0
"""Attacks on the building of the root file system."""

import os
import subprocess
from pathlib import Path

from place import (CANARY, CORE_PATTERN, DEV, PROC, PTS, SYS, Place, bind, case, check, started,
                   tmpfs)

# Of a race: a weakened build loses in a few starts, at most some forty were seen.
STARTS = int(os.environ.get("ESCAPE_STARTS", "300"))
MANY_STARTS = 3 * STARTS


@case("CVE-2021-30465 mount target swapped in a shared volume")
def mount_target(place: Place) -> None:
    shared = place.folder("shared")
    (shared / "target").mkdir()
    (shared / "link").symlink_to(CANARY)
    root = place.root()
    bundle = place.bundle(root, ["/bin/true"], [bind(shared, "/vol"), tmpfs("/vol/target")],
                          hook=place.outside_hook(root))
    done = 0
    with place.swapping(shared, "target", "link"):
        for number in range(MANY_STARTS):
            done += place.run(bundle).returncode == 0
            place.check_machine(f"after {number} starts")
    check(done > MANY_STARTS / 2, f"only {done} of the starts came so far")


def real_proc(place: Place, done: subprocess.CompletedProcess, what: str) -> None:
    """The start failed, or /proc and /sys are what they should be and nothing is at /evil."""
    if started(done):
        check(done.stdout.split() == ["proc", "/proc", "sysfs", "/sys"], f"{what}: {done.stdout}")
    place.check_machine(what)


KINDS = ("while read a b c d e f; do case $e in /proc|/sys|/evil*|/tmp*) f=${f#* - }; "
         "[ $e = /sys ] && t=sysfs || t=proc; echo $t $e;; esac; done </proc/self/mountinfo")


@case("CVE-2019-19921 CVE-2023-27561 CVE-2023-28642 /proc or /sys of the image is a link")
def proc_is_a_link(place: Place) -> None:
    attacks = [("proc", "/evil"), ("proc", "evil"), ("sys", "/evil"), ("sys", ".."),
               ("proc", str(CANARY)), ("sys", "../../../../../../../run/canary")]
    for number, (name, target) in enumerate(attacks):
        folders = [item for item in ("proc", "sys", "dev", "tmp", "evil", "etc") if item != name]
        root = place.root(f"root-{number}", [(name, target)], folders)
        bundle = place.bundle(root, ["sh", "-c", KINDS], [PROC, SYS])
        real_proc(place, place.run(bundle), f"{name} -> {target}")
        real_proc(place, place.start_inside(root, ["/bin/sh", "-c", KINDS]),
                  f"{name} -> {target}, in-process")


@case("CVE-2019-19921 CVE-2023-27561 /proc swapped while the container starts")
def proc_swapped(place: Place) -> None:
    """The root itself is what the sibling writes to; a procfs without its masks would be seen."""
    root = place.root("root", [("decoy", "/evil")], ("proc", "sys", "dev", "evil", "etc", "tmp"))
    script = ("for i in 1 2 3 4 5 6 7 8; do attacker writable /proc/sys/kernel/core_pattern "
              "/decoy/sys/kernel/core_pattern; done")
    bundle = place.bundle(root, ["sh", "-c", script], [PROC])
    done = 0
    with place.swapping(root, "proc", "decoy"):
        for number in range(STARTS):
            result = place.run(bundle)
            done += result.returncode == 0
            check("writable" not in result.stdout, f"after {number} starts: {result.stdout}")
            place.check_machine(f"after {number} starts")
    check(done > 0, "no start came so far")


def with_selinux(place: Place, bundle: Path) -> subprocess.CompletedProcess:
    """In a machine that seems to have SELinux. No label can really be set, so a container that runs
    has its label nowhere."""
    place.count += 1
    script = ("mount -t tmpfs none /sys/fs && mkdir /sys/fs/selinux /sys/fs/cgroup && "
              "echo 1 >/sys/fs/selinux/enforce && mount -t cgroup2 none /sys/fs/cgroup && "
              'exec "$@"')
    return subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh",
                           place.runtime, "--root", "/run/escape/state", "run", "--bundle",
                           str(bundle), f"c{place.count}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=30)


@case("CVE-2019-16884 CVE-2025-52881 a label written into a false /proc")
def false_proc(place: Place) -> None:
    root = place.root()
    fake = place.folder("fake")
    for thread in ("self", "thread-self"):
        (fake / thread / "attr" / "apparmor").mkdir(parents=True)
        for name in ("exec", "current", "apparmor/exec"):
            (fake / thread / "attr" / name).write_text("")
    (fake / "sys").mkdir()
    label = {"selinuxLabel": "system_u:system_r:container_t:s0"}
    for mounts in ([bind(fake, "/proc")], [PROC, bind(fake, "/proc")],
                   [{**bind(fake, "/proc"), "type": "none"}]):
        bundle = place.bundle(root, ["sh", "-c", "echo ran"], mounts, label,
                              {"maskedPaths": [], "readonlyPaths": []})
        done = with_selinux(place, bundle)
        check("ran" not in done.stdout.split(), f"runs without its label: {done.stdout}")
        check("SELinux" in done.stdout, f"another failure: {done.stdout}")


@case("CVE-2019-16884 a mount inside /proc")
def mount_in_proc(place: Place) -> None:
    root, fake = place.root(), place.folder("fake")
    for where in ("/proc/self", "/proc/self/attr", "//proc/./self/attr", "/proc/sys/../self",
                  "/proc/1", "/./proc/thread-self"):
        for kind in ("bind", "none", "tmpfs"):
            mount = {**bind(fake, where), "type": kind}
            if kind == "tmpfs":
                mount["options"] = []
            done = place.run(place.bundle(root, ["sh", "-c", "echo ran"], [PROC, mount]))
            check("ran" not in done.stdout.split(), f"{kind} on {where}: {done.stdout}")


WRITE_MASKED = ("for f in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do "
                "echo owned >$f; done 2>&-; cat /proc/sys/kernel/core_pattern")


@case("CVE-2025-31133 /dev/null is a link to what must not be written")
def null_is_a_link(place: Place) -> None:
    root = place.root("root", [("dev/null", str(CORE_PATTERN)), ("dev/zero", str(CORE_PATTERN))])
    volume = place.folder("volume")
    (volume / "null").symlink_to(CORE_PATTERN)
    for mounts in ([PROC], [PROC, bind(volume, "/dev")]):
        done = place.run(place.bundle(root, ["sh", "-c", WRITE_MASKED], mounts))
        check("owned" not in done.stdout, done.stdout)
        place.check_machine(done.stdout)
    done = place.start_inside(root, ["/bin/sh", "-c", WRITE_MASKED])
    check("owned" not in done.stdout, done.stdout)
    place.check_machine(done.stdout)


@case("CVE-2025-31133 /dev/null swapped while paths are masked")
def null_swapped(place: Place) -> None:
    root, shared = place.root(), place.folder("shared")
    os.mknod(shared / "null", 0o20666, os.makedev(1, 3))
    (shared / "link").symlink_to(CORE_PATTERN)
    bundle = place.bundle(root, ["sh", "-c", WRITE_MASKED], [PROC, bind(shared, "/dev")])
    done = 0
    with place.swapping(shared, "null", "link"):
        for number in range(STARTS):
            result = place.run(bundle)
            done += started(result)
            check("owned" not in result.stdout, f"after {number} starts: {result.stdout}")
            place.check_machine(f"after {number} starts")
    check(done > STARTS / 2, f"only {done} of the starts came so far")


TERMINALS = ("while read a b c d e f; do case \"$f\" in *' - devpts '*) echo mount $e;; esac; "
             "case $e in /dev/console) echo \"console ${f#* - }\";; esac; "
             "done </proc/self/mountinfo; "
             "[ -t 0 ] && echo terminal")


def check_terminals(place: Place, done: subprocess.CompletedProcess, after: object) -> bool:
    """False when the container did not start."""
    text = done.stdout.replace("\r", "")
    place.check_machine(after)
    if not started(done):
        return False
    mounts = {line[6:] for line in text.splitlines() if line.startswith("mount ")}
    check(mounts <= {"/dev/pts", "/dev/console"}, f"{after}: terminals at {mounts}")
    console = [line for line in text.splitlines() if line.startswith("console ")]
    check(all(line.startswith("console devpts ") for line in console), f"{after}: {console}")
    check("terminal" in text.split(), f"{after}: no terminal: {text}")
    return True


@case("CVE-2025-52565 /dev/console or /dev/pts is a link")
def console_is_a_link(place: Place) -> None:
    for number, (name, target) in enumerate([
            ("console", "/etc/victim"), ("console", str(CANARY / "made")),
            ("console", "/proc/self/attr/exec"), ("pts", "/etc"), ("ptmx", "/etc/victim")]):
        volume = place.folder(f"volume-{number}")
        (volume / name).symlink_to(target)
        if name != "pts":
            (volume / "pts").mkdir()
        root = place.root(f"root-{number}")
        (root / "etc/victim").write_text("")
        done = place.run(place.bundle(root, ["sh", "-c", TERMINALS],
                                      [PROC, bind(volume, "/dev"), PTS], {"terminal": True}))
        check_terminals(place, done, f"{name} -> {target}: {done.stdout}")


@case("CVE-2025-52565 /dev/console swapped while the terminal is mounted")
def console_swapped(place: Place) -> None:
    root, shared = place.root(), place.folder("shared")
    (root / "etc/victim").write_text("")
    (shared / "pts").mkdir()
    (shared / "console").write_text("")
    (shared / "link").symlink_to("/etc/victim")
    bundle = place.bundle(root, ["sh", "-c", TERMINALS], [PROC, bind(shared, "/dev"), PTS],
                          {"terminal": True})
    done = 0
    with place.swapping(shared, "console", "link"):
        for number in range(STARTS):
            result = place.run(bundle)
            # A mount follows what it is on when the sibling gives that another name.
            result.stdout = result.stdout.replace("/dev/link", "/dev/console")
            done += check_terminals(place, result, f"after {number} starts")
    check(done > 0, "no start came so far")


@case("CVE-2025-52565 /dev/pts swapped while the terminal is opened")
def pts_swapped(place: Place) -> None:
    root, shared = place.root(), place.folder("shared")
    (root / "etc/victim").write_text("")
    (shared / "pts").mkdir()
    (shared / "false").mkdir()
    for number in range(3):
        (shared / f"false/{number}").symlink_to("/etc/victim")
    (shared / "false/ptmx").symlink_to("/etc/victim")
    bundle = place.bundle(root, ["sh", "-c", TERMINALS], [PROC, bind(shared, "/dev"), PTS],
                          {"terminal": True})
    done = 0
    with place.swapping(shared, "pts", "false"):
        for number in range(STARTS):
            result = place.run(bundle)
            # The sibling may have swapped the whole devpts away again.
            text = result.stdout.replace("/dev/false", "/dev/pts")
            result.stdout = text
            done += check_terminals(place, result, f"after {number} starts")
    check(done > 0, "no start came so far")


@case("CVE-2025-52881 /proc swapped while sysctls are written")
def sysctl_swapped(place: Place) -> None:
    root = place.root("root", (), ("proc", "sys", "dev", "etc", "decoy/sys/kernel"))
    (root / "decoy/sys/kernel/domainname").symlink_to(CORE_PATTERN)
    bundle = place.bundle(root, ["cat", "/proc/sys/kernel/domainname",
                                 "/decoy/sys/kernel/domainname"], [PROC],
                          linux={"sysctl": {"kernel.domainname": "landed"}})
    landed = 0
    with place.swapping(root, "proc", "decoy"):
        for number in range(STARTS):
            result = place.run(bundle)
            place.check_machine(f"after {number} starts")
            if started(result):
                check("(none)" not in result.stdout, f"after {number} starts: not written")
                landed += "landed" in result.stdout.split()
            last = result.stdout
    check(landed > 0, f"no sysctl was seen to be written: {last}")


@case("CVE-2026-41579 CVE-2026-47766 /dev of the image is a link")
def dev_is_a_link(place: Place) -> None:
    for number, target in enumerate([str(CANARY), "../../../../../../run/canary", "/etc"]):
        root = place.root(f"root-{number}", [("dev", target)], ("proc", "sys", "etc", "tmp"))
        place.run(place.bundle(root, ["/bin/true"], [PROC]))
        place.run(place.bundle(root, ["/bin/true"], [PROC, DEV, PTS]))
        place.check_machine(f"/dev -> {target}")
        place.start_inside(root, ["/bin/true"])
        place.check_machine(f"/dev -> {target}, in-process")


@case("CVE-2024-45310 folders and files made through a swapped link")
def made_through_link(place: Place) -> None:
    root, shared = place.root(), place.folder("shared")
    source = place.folder("source")
    (source / "file").write_text("")
    (shared / "target").mkdir()
    (shared / "link").symlink_to(CANARY)
    done = 0
    with place.swapping(shared, "target", "link"):
        for number in range(STARTS):
            mounts = [bind(shared, "/vol"), bind(source, f"/vol/target/new-{number}/deep"),
                      bind(source / "file", f"/vol/target/file-{number}")]
            done += place.run(place.bundle(root, ["/bin/true"], mounts)).returncode == 0
            place.check_machine(f"after {number} starts")
    check(done > 0, "no start came so far")


@case("CVE-2025-24965 files that the runtime writes are links in the image")
def written_files(place: Place) -> None:
    files = ("hosts", "hostname", "resolv.conf")
    attacks = [[(f"etc/{name}", str(CANARY / name)) for name in files],
               [(f"etc/{name}", f"../../../../../../run/canary/{name}") for name in files],
               [("etc", str(CANARY))]]
    for number, links in enumerate(attacks):
        folders = ("proc", "sys", "dev") if links[0][0] == "etc" else ("proc", "sys", "dev", "etc")
        root = place.root(f"root-{number}", links, folders)
        done = place.start_inside(root, ["/bin/cat", "/etc/hosts"])
        place.check_machine(f"{links}: {done.stdout}")


@case("CVE-2015-1335 CVE-2017-1002101 mount targets that climb or are links")
def climbing_targets(place: Place) -> None:
    source = place.folder("source")
    (source / "file").write_text("")
    root = place.root("root", [("absolute", str(CANARY)), ("climb", "../../../../../../run/canary"),
                               ("up", "../../../../../..")])
    for where in ("/absolute/new", "/climb/new", "/up/run/canary/new",
                  "/tmp/../../../../../../run/canary/new", "absolute/new", "/absolute"):
        for mount in (bind(source, where), bind(source / "file", f"{where}-file"), tmpfs(where)):
            place.run(place.bundle(root, ["/bin/true"], [PROC, mount],
                                   hook=place.outside_hook(root)))
            place.check_machine(f"mount on {where}")


@case("CVE-2022-23648 a volume of the image whose path is a link out of it")
def image_volume(place: Place) -> None:
    """What the machine has at the link's target is not the volume's first content, and nothing is
    mounted there."""
    (CANARY / "secret").write_text("of the machine")
    root = place.root("root", [("absolute", str(CANARY)), ("climb", "../../../../../../run/canary"),
                               ("up", "../../../../../..")])
    try:
        for number, where in enumerate(("/absolute", "/climb", "/up/run/canary", "absolute",
                                        "/tmp/../../../../../../run/canary")):
            volume = place.folder(f"image-volume-{number}")
            done = place.start_inside(root, ["/bin/sh", "-c", "echo begun; cat $0/secret", where],
                                      env=dict(os.environ, IN_PROCESS_VOLUME=f"{volume}:{where}"))
            check("of the machine" not in done.stdout, f"VOLUME {where}: {done.stdout}")
            check(not os.listdir(volume), f"VOLUME {where}: filled with {os.listdir(volume)}")
            check(not started(done) or "begun" in done.stdout, f"VOLUME {where}: {done.stdout}")
            check(os.listdir(CANARY) == ["secret"], f"the machine's folder after VOLUME {where}")
    finally:
        (CANARY / "secret").unlink()


@case("CVE-2017-1002101 CVE-2023-3676 a part of a volume that is a link out of it")
def volume_part(place: Place) -> None:
    (CANARY / "secret").write_text("of the machine")
    root = place.root()
    volume = place.folder("parted")
    for name, target in (("absolute", str(CANARY)), ("climb", "../../../../../../run/canary"),
                         ("process", "/proc/self/root/run/canary")):
        (volume / name).symlink_to(target)
    try:
        for part in ("absolute", "climb", "process", "absolute/secret", "../../../run/canary"):
            done = place.start_inside(root, ["/bin/sh", "-c", "echo begun; cat /tmp/secret /tmp"],
                                      env=dict(os.environ, IN_PROCESS_VOLUME=f"{volume}:/tmp",
                                               IN_PROCESS_PART=part))
            check("of the machine" not in done.stdout, f"{part}: {done.stdout}")
    finally:
        (CANARY / "secret").unlink()


@case("CVE-2024-0132 CVE-2024-0133 a library injected through a linked folder")
def injected_library(place: Place) -> None:
    source = place.folder("source")
    (source / "libgpu.so").write_text("")
    root = place.root("root", [("lib", str(CANARY)), ("usr/lib", "../../../../../../run/canary"),
                               ("usr/lib64", str(CANARY / "made"))],
                      ("proc", "sys", "dev", "usr", "etc"))
    for folder in ("/lib", "/usr/lib", "/usr/lib64"):
        place.run(place.bundle(root, ["/bin/true"],
                               [PROC, bind(source / "libgpu.so", f"{folder}/x/libgpu.so", "ro"),
                                bind(source / "libgpu.so", f"{folder}/libgpu.so", "ro")]))
        place.check_machine(f"into {folder}")
