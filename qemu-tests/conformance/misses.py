# SPDX-License-Identifier: Apache-2.0
"""Where Berth is worse than the better of crun and runc, and why it stays so: suite → pattern of
"group: test" → reason, as docs/conformance.md shows it. Anything else makes the run fail."""

from typing import Dict

_NAME = "the test looks for crun's own name or version"
_WORDS = "Berth refuses as well; the test looks for crun's own words"
_RUNC_NAME = "the test looks for runc's own name, version or help"
_RUNC_WORDS = "the test looks for the messages of runc's own steps"
_EXTENSION = "an annotation of crun's, which is no part of the specification"

MISSES: Dict[str, Dict[str, str]] = {
    "crun": {
        "test_commands: version-command": _NAME,
        "test_commands: state-created":
            "a race: while `create` is under way Berth says `creating`, as the specification has it, and "
            "crun that there is no such container yet, which is what the test waits for",
        "test_delete: test_help_delete": _NAME,
        "test_exec: exec-help": _NAME,
        "test_start: help": _NAME,
        "test_oci_features: crun-features": _NAME,
        "test_seccomp: seccomp-listener":
            "the test wants crun's constant 0.2.0 as ociVersion; Berth says the bundle's own, "
            "which is what the specification calls it",
        "test_start: start": "the test reads the file in which crun keeps its state",
        "test_scheduler: scheduler-deadline-*": _WORDS,
        "test_resources: resources-unified-invalid-*": _WORDS,
        "test_hooks: test-annotation-hook-stdout-stderr": _EXTENSION,
        "test_seccomp: annotation-seccomp-fail-unknown-syscall": _EXTENSION,
        "test_uid_gid: keep-groups": _EXTENSION,
        "test_exec: exec_add_no_new_privileges":
            "a process that joins a container with no_new_privs has it too, as with runc; with "
            "crun it has not",
        "test_start: sd-notify*":
            "the test asks crun's version for +SYSTEMD and for the socket at crun's own path; Berth's "
            "is at /run/notify/notify.sock, as runc's",
        "test_tty: test-detach-tty":
            "the configuration has a number among the arguments, which the schema forbids; Berth and "
            "runc refuse it",
        "test_terminal: terminal-readonly-rootfs-no-dev-tmpfs":
            "the configuration has a user namespace without mappings; crun invents one, Berth "
            "refuses it",
    },
    "runc": {
        "help: *": _RUNC_NAME,
        "version: *": _RUNC_NAME,
        "debug: *": _RUNC_WORDS,
        "exec: runc --debug*": _RUNC_WORDS,
        "exec: runc exec --cgroup subcgroup *":
            "Berth refuses a group that is not there as well; the test looks for runc's own words",
        "cgroups: runc run (hugetlb limits)":
            "the configuration has `pagesize` where the specification has `pageSize`; a parser that "
            "minds the case, as crun's and Berth's, misses it",
        "cgroups: runc run/create should error/warn about a non-empty cgroup":
            "a group that has processes already is refused, because at the end all in it is killed; runc "
            "refuses it too since 1.3, in other words",
        "update: update devices *":
            "the configuration has the access `rwa`, which is none of the specification's",
        "no_pivot: *":
            "with --no-pivot the root is only changed: no user namespace can be made in the container, "
            "so that the test does not come as far as the mount that it wants to fail",
        "seccomp-notify: * (SCMP_ACT_NOTIFY write)":
            "runc refuses it, because its own process would wait for the agent; with Berth a helper "
            "hands the listener over, and the agent may decide about write as about any other call",
    },
    "runtime-tools": {
        "linux_ns_itype: *":
            "a container without a mount namespace of its own is refused: its mounts would be the "
            "host's, where they stay after it, as with crun and runc they do",
        "linux_process_apparmor_profile: *":
            "an AppArmor profile is refused where the kernel runs no AppArmor, as with runc; crun "
            "leaves it out, and the container is less confined than asked for",
        "start: `start` operation MUST generate an error if `process` was not set":
            "the test passes when `start` without `process` succeeds, the opposite of its name; Berth "
            "and runc refuse to create such a container",
    },
}
