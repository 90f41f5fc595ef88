# SPDX-License-Identifier: Apache-2.0
"""The runtime's defences, each as the change of the source that takes it away, and the cases of
escapes/ that must then fail. Where the row is a race the defence is not simply gone: what stands in
its place looks first and then goes by name again, as runtimes did that were attacked so.
docs/security.md shows the table; test_144_escapes.py runs it.
"""

from typing import Dict, List, Tuple

from .weakened import Changes, Defence


def _one(file: str, *changes: Tuple[str, str]) -> Dict[str, Changes]:
    return {file: tuple(changes)}


# The path of a descriptor, as code.
NAME_OF = ("char link_[64], {0}[PATH_MAX + 256] = \"\"; "
           "snprintf(link_, sizeof link_, \"/proc/self/fd/%d\", {1}); "
           "if (readlink(link_, {0}, PATH_MAX) < 0) return -1; ")
SYSCTLS_BY_NAME = """
	for (size_t i = 0; i < spec->sysctl_count; i++) {
		char path[256];
		size_t used = (size_t)snprintf(path, sizeof path, "proc/sys/%s", spec->sysctls[i].name);
		for (size_t k = 9; k < used; k++)
			path[k] = path[k] == '.' ? '/' : path[k];
		int fd = openat(rootfs->root_fd, path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, spec->sysctls[i].value, strlen(spec->sysctls[i].value)) < 0)
			return error_errno(err, errno, "set sysctl %s", path);
		close(fd);
	}
	return cover(spec, rootfs, err);"""
PLAIN_OPEN = """enum { IN_ROOT = 0 };
static int plain_openat2(int fd, const char *path, uint64_t flags, uint64_t mode, uint64_t rules)
{
	path += strspn(path, "/");
	return sys_openat2(fd, *path ? path : ".", flags, mode, rules);
}
#define sys_openat2 plain_openat2
"""

DEFENCES: Dict[str, Defence] = {
    "mount-by-descriptor": Defence(
        "a mount goes onto the descriptor that was resolved (instead: onto its name)",
        _one("lib/mount.c",
             ("	if (sys_move_mount(mount_fd, \"\", target_fd, \"\",\n"
              "			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)",
              "	" + NAME_OF.format("path", "target_fd") +
              "if (sys_move_mount(mount_fd, \"\", AT_FDCWD, path, "
              "MOVE_MOUNT_F_EMPTY_PATH | 0x10 /* MOVE_MOUNT_T_SYMLINKS */) < 0)")),
        ("CVE-2021-30465",)),
    "real-directory": Defence(
        "/proc and /sys are directories of the image, no links",
        _one("runtime/mounts.c", ("	if (mount->ensure_real) {\n", "	if (false) {\n")),
        ("CVE-2019-19921 CVE-2023-27561 CVE-2023-28642",)),
    "masks-in-own-mounts": Defence(
        "masks are put into the procfs that was mounted (instead: into what is named /proc)",
        _one("runtime/mask.c", ("if (in_proc && *in_proc && places->proc_fd >= 0)",
                                "if (in_proc && false)")),
        ("CVE-2019-19921 CVE-2023-27561 /proc swapped",)),
    "label-by-own-procfs": Defence(
        "labels are written through a procfs of the runtime's own (instead: the container's)",
        _one("runtime/label.c", ("mount_new(\"proc\", OWN, 0, err)",
                                 "OWN ? open(\"/proc\", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1")),
        ("CVE-2019-16884 CVE-2025-52881",)),
    "nothing-in-proc": Defence(
        "nothing is mounted inside /proc",
        _one("runtime/oci/config_mounts.c", ("if (!mount->remount && !allowed_in_proc(path))",
                                             "if (false && !allowed_in_proc(path))")),
        ("CVE-2019-16884 a mount inside /proc",)),
    "own-mask": Defence(
        "what masks a path is the runtime's own (instead: the container's /dev/null)",
        _one("runtime/mask.c",
             ("mount_copy(\n		masks_fd, S_ISDIR(st.st_mode) ? \"directory\" : \"file\", "
              "LOCKED, err);",
              "S_ISDIR(st.st_mode) ? mount_copy(masks_fd, \"directory\", LOCKED, err) : "
              "sys_open_tree(places->root_fd, \"dev/null\", "
              "OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);")),
        ("CVE-2025-31133 /dev/null is a link",)),
    "own-mask-raced": Defence(
        "the same (instead: the container's /dev/null, when a look says that it is the device)",
        _one("runtime/mask.c",
             ("mount_copy(\n		masks_fd, S_ISDIR(st.st_mode) ? \"directory\" : \"file\", "
              "LOCKED, err);",
              "S_ISDIR(st.st_mode) ? mount_copy(masks_fd, \"directory\", LOCKED, err) : "
              "fstatat(places->root_fd, \"dev/null\", &st, 0) < 0 || st.st_rdev != makedev(1, 3) ? "
              "error_set(err, \"/dev/null is not the device\") : "
              "sys_open_tree(places->root_fd, \"dev/null\", "
              "OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);")),
        ("CVE-2025-31133 /dev/null swapped",)),
    "console-nofollow": Defence(
        "/dev/console is not followed where it is a link",
        _one("runtime/terminal.c",
             ("openat(dev, \"console\", O_PATH | O_NOFOLLOW | O_CLOEXEC)",
              "openat(dev, \"console\", O_PATH | O_CLOEXEC)")),
        ("CVE-2025-52565 /dev/console or /dev/pts is a link",)),
    "console-by-descriptor": Defence(
        "the terminal goes onto the file that was looked at (instead: onto its name)",
        _one("runtime/terminal.c",
             ("	return mount_attach(copy, target, \"/dev/console\", err);",
              "	int again = openat(dev, \"console\", O_PATH | O_CLOEXEC);\n"
              "	return again < 0 ? error_errno(err, errno, \"open /dev/console\")\n"
              "			 : mount_attach(copy, again, \"/dev/console\", err);")),
        ("CVE-2025-52565 /dev/console swapped",)),
    "peer-by-descriptor": Defence(
        "the terminal that is mounted comes by descriptor (instead: by its name in /dev/pts)",
        _one("runtime/terminal.c",
             ("	_cleanup_close_ int copy =\n		sys_open_tree(peer, \"\", OPEN_TREE_CLONE | "
              "OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);",
              "	" + NAME_OF.format("path", "peer") + "_cleanup_close_ int copy = "
              "sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);")),
        ("CVE-2025-52565 /dev/pts swapped",)),
    "sysctl-by-own-procfs": Defence(
        "sysctls are written through a procfs of the runtime's own (instead: the container's)",
        {"runtime/child.c": (("sysctl_apply(spec->sysctls, spec->sysctl_count, err) < 0",
                              "false"),),
         "runtime/rootfs.c": (("	return cover(spec, rootfs, err);", SYSCTLS_BY_NAME),)},
        ("CVE-2025-52881 /proc swapped",)),
    "dev-real": Defence(
        "/dev is a directory of the image, no link",
        _one("runtime/devices.c",
             ("resolve_real_directory(root_fd, \"dev\", err);\n	if (dev_fd < 0)\n		return -1;\n"
              "	for",
              "openat(root_fd, \"dev\", O_PATH | O_DIRECTORY | O_CLOEXEC);\n"
              "	if (dev_fd < 0)\n		return -1;\n	for")),
        ("CVE-2026-41579",)),
    "made-by-descriptor": Defence(
        "folders are made in the descriptor of their parent (instead: by its name)",
        _one("runtime/resolve.c",
             ("	if (fd < 0 && errno == ENOENT) {\n		if (mkdirat(parent_fd, name, 0755) < 0)",
              "	if (fd < 0 && errno == ENOENT) {\n		" + NAME_OF.format("path", "parent_fd") +
              "strcat(strcat(path, \"/\"), name); if (mkdir(path, 0755) < 0)")),
        ("CVE-2024-45310",)),
    "filled-from-the-root": Defence(
        "a volume is filled from the descriptor that was resolved in the root (instead: by its name, "
        "with the machine's mounts still there)",
        {"runtime/mounts.c": (("fill(mount, lock, target, fd, err)",
                               "fill(mount, lock, openat(rootfs->root_fd, mount->destination + "
                               "strspn(mount->destination, \"/\"), O_PATH | O_CLOEXEC), fd, err)"),),
         "runtime/rootfs.c": (("return nursery_descriptor() >= 0 &&", "return false &&"),)},
        ("CVE-2022-23648",)),
    "part-in-volume": Defence(
        "a part of a volume is resolved with the volume as the root",
        _one("runtime/mounts.c",
             ("RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |\n", "\n")),
        ("CVE-2017-1002101 CVE-2023-3676",)),
    "in-root": Defence(
        "paths of the container are resolved with RESOLVE_IN_ROOT (instead: as they are, with the "
        "machine's mounts still there)",
        {"runtime/resolve.c": (("enum { IN_ROOT = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };",
                                PLAIN_OPEN),),
         "runtime/rootfs.c": (("return nursery_descriptor() >= 0 &&", "return false &&"),)},
        ("CVE-2025-24965", "CVE-2015-1335", "CVE-2024-0132")),
    "working-directory": Defence(
        "the working directory is resolved in the root, and must be in it",
        _one("runtime/process.c",
             ("_cleanup_close_ int fd = resolve_directory(root_fd, directory, err);",
              "_cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);"),
             ("if (syscall(SYS_getcwd, cwd, sizeof cwd) < 0 || cwd[0] != '/')", "if (false)")),
        ("CVE-2024-21626 the working directory",)),
    "descriptors-closed": Defence(
        "descriptors that are not the container's are closed, at first and at execve",
        _one("runtime/descriptors.c",
             ("	confine_close_fds(keep->items, (unsigned)keep->count);\n", ""),
             ("sys_close_range(3 + process->preserve_fds, ~0U, CLOSE_RANGE_CLOEXEC) < 0", "false")),
        ("CVE-2024-21626 descriptors", "CVE-2024-21626 the program")),
    "out-of-reach": Defence(
        "the runtime's program cannot be written through what a container executes",
        _one("runtime/oci/self.c", ("	return fcntl(exe_fd, F_GET_SEALS) == SEALS ||",
                                    "	return true ||")),
        ("CVE-2019-5736",)),
    "joined-before-seen": Defence(
        "a process has the container's root before the container can see it",
        _one("runtime/join.c",
             ("(others && setns(target->pidfd, (int)others) < 0)",
              "setns(target->pidfd, (int)(others & ~(unsigned long)CLONE_NEWNS)) < 0"),
             ("	if (fchdir(join->root_fd) < 0 || chroot(\".\") < 0)", "	if (false)"),
             ("	if (learn_pid(join, err) < 0 ||",
              "	if (learn_pid(join, err) < 0 || setns(target->pidfd, CLONE_NEWNS) < 0 ||")),
        ("CVE-2016-9962 the joining process shows",)),
    "undumpable": Defence(
        "the runtime's processes cannot be traced until they execute",
        {"runtime/oci/main.c": (("	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);\n", ""),),
         "runtime/process.c": (("if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)", "if (false)"),)},
        ("CVE-2016-9962 the joining process is traced",)),
    "inheritable": Defence(
        "the inheritable set stays empty",
        {"runtime/oci/exec.c": (("		out->capabilities.permitted |= bit;\n",
                                 "		out->capabilities.permitted |= bit;\n"
                                 "		out->capabilities.inheritable |= bit;\n"),),
         "runtime/defaults.c": (("				 .permitted = CAPABILITIES_DEFAULT},",
                                 "				 .inheritable = CAPABILITIES_DEFAULT,\n"
                                 "				 .permitted = CAPABILITIES_DEFAULT},"),)},
        ("CVE-2022-29162",)),
    "number-range": Defence(
        "a number beyond the range is an error, and does not wrap",
        _one("runtime/passwd.c", ("if (value > INT_MAX)", "if (false)")),
        ("CVE-2026-46680",)),
    "no-such-id": Defence(
        "4294967295 is no ID",
        {"runtime/oci/config_process.c": (("UINT32_MAX - 1, &number", "UINT32_MAX, &number"),),
         "runtime/identity.c": (("if (uid == (uid_t)-1 || gid == (gid_t)-1)", "if (false)"),)},
        ("CVE-2026-46680",)),
    "digits-are-a-number": Defence(
        "digits are a number, never a name",
        _one("runtime/identity.c", ("bool by_name = part->given && !part->numeric;",
                                    "bool by_name = part->given;")),
        ("CVE-2016-3697",)),
    "exec-user": Defence(
        "--user is read strictly",
        _one("runtime/oci/exec.c",
             ("if (!passwd_number(copy, &uid) || (group && !passwd_number(group, &gid)))",
              "if ((uid = (unsigned)strtol(copy, NULL, 10), "
              "gid = group ? (unsigned)strtol(group, NULL, 10) : gid, false))")),
        ("CVE-2026-30892",)),
    "database-limit": Defence(
        "passwd and group are read up to 16 MiB",
        _one("runtime/identity.c", ("if (total > DATABASE_MAX)", "if (false)")),
        ("CVE-2026-47262",)),
    "database-nonblock": Defence(
        "passwd and group are opened without waiting",
        _one("runtime/identity.c", ("O_RDONLY | O_NONBLOCK | O_NOCTTY", "O_RDONLY | O_NOCTTY")),
        ("CVE-2024-9676",)),
    "cgroup-read-only": Defence(
        "the cgroup hierarchy is read-only",
        _one("runtime/defaults.c",
             ("\"cgroup2\", CGROUP, PSEUDO | MOUNT_ATTR_RDONLY)", "\"cgroup2\", CGROUP, PSEUDO)")),
        ("CVE-2023-25809",)),
    "no-mounts": Defence(
        "no CAP_SYS_ADMIN, and a system call filter that knows no mounts",
        {"runtime/defaults.c": ((".seccomp = {.code = seccomp_default_program, "
                                 ".length = seccomp_default_length},", ""),),
         "runtime/capabilities.c": (("BIT(CAP_SYS_CHROOT);",
                                     "BIT(CAP_SYS_CHROOT) | BIT(CAP_SYS_ADMIN);"),)},
        ("CVE-2022-0492",)),
    "no-terminal-input": Defence(
        "the system call filter refuses TIOCSTI and TIOCLINUX",
        _one("runtime/defaults.c", (".seccomp = {.code = seccomp_default_program, "
                                    ".length = seccomp_default_length},", "")),
        ("CVE-2017-5226",)),
    "sysctl-names": Defence(
        "a sysctl is one of a namespace that the container has of its own",
        {"runtime/sysctl.c": (("if (strstr(name, \"..\") || strstr(name, \"//\"))", "if (false)"),
                              ("	return NAMESPACE_COUNT;\n}\n", "	return NAMESPACE_IPC;\n}\n"))},
        ("CVE-2022-0811",)),
    "socket-in-a-folder": Defence(
        "the socket that a start is asked for on is a file (instead: an abstract one)",
        _one("runtime/oci/start_socket.c",
             ("	snprintf(address.sun_path, sizeof address.sun_path, \"/proc/self/fd/%d/start\",\n"
              "		 state->dir_fd);",
              "	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, \"berth-%s\", "
              "state->id);")),
        ("CVE-2020-15257",)),
    "private-state": Defence(
        "the folders of the state are root's alone",
        _one("runtime/oci/state.c", ("make_directories(root, 0700, err)",
                                     "make_directories(root, 0755, err)"),
             ("mkdir(path, 0700)", "mkdir(path, 0755)")),
        ("CVE-2021-41103",)),
    "own-environment": Defence(
        "a container's environment is made for it (instead: the runtime's own)",
        _one("runtime/program.c", ("environment->items ? environment->items : none", "environ")),
        ("CVE-2021-21334",)),
}

# Weakened in `make test`, too.
SAMPLE = ["mount-by-descriptor", "masks-in-own-mounts", "working-directory", "no-such-id"]

# Cases that no change of the source can lose, and why.
KEPT = {"CVE-2021-43784": "nothing of a description goes through messages; the decoder of what "
                          "does is a fuzz target"}


def case_table(cases: List[str]) -> str:
    """As it stands in docs/security.md."""
    lines = ["| case | taken away, each in a build of its own: the case fails |", "|---|---|"]
    for case in cases:
        taken = [defence.what for defence in DEFENCES.values() if case.startswith(defence.cases)]
        why = [f"nothing: {reason}" for name, reason in KEPT.items() if case.startswith(name)]
        assert taken or why, f"no defence is taken away for {case}"
        lines.append(f"| {case} | {'; '.join(taken or why)} |")
    return "\n".join(lines)
