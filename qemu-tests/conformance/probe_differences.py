# SPDX-License-Identifier: Apache-2.0
"""Where what a process sees of itself differs between Berth and crun or runc, and why: pattern of
"case: section key" → reason. The first pattern that fits counts."""

from typing import Dict

_MASK = ("Berth masks with a file of no permission and an empty directory on a small file system "
         "that is read-only as a whole; crun and runc bind /dev/null and tmpfs")
_EXEC = ("a process that joins gets the attributes of the container's first process, as with runc; "
         "crun takes them from nowhere")

DIFFERENCES: Dict[str, str] = {
    "*: descriptor [012]": "runc relays the standard streams of a foreground container",
    "*: mount /proc/acpi": _MASK,
    "*: mount /proc/keys": _MASK,
    "*: mount /proc/timer_list": _MASK,
    "*: mount /sys/firmware": _MASK,
    "*: file /sys/firmware": _MASK,
    "*: * /dev/core": "a link that crun makes too; runc does not when /proc/kcore is masked",
    "*: mount /sys": "runc sets the file system read-only, crun and Berth the mount",
    "*: mount /sys/fs/cgroup": "crun names it otherwise and adds nosymfollow",
    "*: mounts in order": "the same mounts; only the masks of runc come in another order",
    "exec: limits *": _EXEC,
    "exec: process cwd": _EXEC,
    "exec: process oom_score_adj": _EXEC,
    "exec: status NoNewPrivs": _EXEC,
    "*: file /volume": "crun gives a mount point that it makes the sticky bit",
    "bare: environment HOME": "runc sets no HOME where the configuration has no environment",
    "bare: status Cap*": "a configuration without capabilities: crun and Berth leave none, runc all",
    "bare: sysctl net/*": "follows from the capabilities that runc leaves in the host's network",
    "bare: sysctl kernel/*apparmor*": "readable with the capabilities that runc leaves",
    "bare: writable *": "follows from the capabilities that runc leaves in the host's network",
    "user-namespace: device /dev/fuse": "crun and Berth make the device, runc binds the host's",
    "user-namespace: device /dev/mqueue":
        "the kernel makes it with the IPC namespace, before IDs are mapped; its mode lets all in",
    "user-namespace: mount /dev/*": "Berth binds devices with nosuid and noexec",
    "user: mount /volume/new":
        "the mount says rprivate, which Berth keeps; with crun and runc `rootfsPropagation` makes it shared",
    "bare: cgroup -": "without `linux.cgroupsPath` the group is below /berth-runtime",
}
