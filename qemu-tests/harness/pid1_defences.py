# SPDX-License-Identifier: Apache-2.0
"""PID 1's defences, each as the change of the source that takes it away, and the attack that must then
be lost (pid1_attacks.py). docs/security.md shows the table; test_146_pid1.py runs it.
"""

from typing import Dict, List

from .weakened import Defence

PIPED = """
	_cleanup_close_ int watches = epoll_create1(0), probed = dup(0);
	struct epoll_event event = {.events = EPOLLIN};
	int ends_[2];
	if (pipe(ends_) < 0 || epoll_ctl(watches, EPOLL_CTL_ADD, ends_[0], &event) < 0)
		return error_errno(err, errno, "watch descriptor %d", fd);
	close(ends_[0]);
	close(ends_[1]);
"""

# Waits for children that are known, one by one.
KNOWN = """static pid_t wait_known(int *status)
{
	for (size_t i = 0; i < countof(children); i++)
		if (children[i].pid && waitpid(children[i].pid, status, WNOHANG) > 0)
			return children[i].pid;
	return 0;
}

static struct child take(pid_t pid)
"""

PID1_DEFENCES: Dict[str, Defence] = {
    "score-reset": Defence(
        "containers do not inherit that PID 1 is never killed for memory",
        {"runtime/defaults.c": (("		.has_oom_score_adj = true,\n", ""),)},
        ("memory runs out",)),
    "pids-limit": Defence(
        "the number of a container's processes has a limit",
        {"runtime/defaults.c": (("	if (limits->pids)\n", "	if (false)\n"),)},
        ("fork bomb", "10,000 zombies in a container with the usual limit")),
    "processes-kept": Defence(
        "all containers together leave processes to PID 1",
        {"runtime/cgroup.c": (("keep_processes(fd, err) < 0", "false"),
                              ("static int keep_processes",
                               "__attribute__((unused)) static int keep_processes"))},
        ("fork bomb without a limit",)),
    "no-watches": Defence(
        "PID 1 waits with poll (instead: with epoll, whose watches are counted)",
        {"lib/loop.c": (("	if (fcntl(fd, F_GETFD) < 0)\n", PIPED +
                         "	if (fcntl(fd, F_GETFD) < 0)\n"),)},
        ("watches of epoll",)),
    "start-again": Defence(
        "a start that fails is tried again as the policy says",
        {"init/supervise/restart.c": (("	if (instance->stop_requested)\n		return false;\n",
                                       "	if (instance->stop_requested || *instance->error.text)\n"
                                       "		return false;\n"),)},
        ("files of the machine", "table of descriptors full for a while")),
    "kill-first": Defence(
        "a container that cannot be killed by its cgroup is killed by its first process",
        {"init/supervise/stop_signal.c": (
            ("	if (container_signal(&instance->process, SIGKILL, &err) < 0)", "	if (false)"),)},
        ("table of descriptors full: ",)),
    "all-reaped": Defence(
        "all that is dead is reaped (instead: one for each signal)",
        {"init/supervise/children.c": (("		if (i == REAP_MAX) {\n			kill(getpid(), "
                                        "SIGCHLD);\n			return;\n		}\n",
                                        "		return;\n"),)},
        ("10,000 orphans", "SIGCHLD storm")),
    "strangers-reaped": Defence(
        "a container's zombies go with its process table, and PID 1 reaps whatever is left to it",
        {"runtime/defaults.c": (("CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC",
                                 "CLONE_NEWNS | CLONE_NEWIPC"),),
         "init/supervise/children.c": (("static struct child take(pid_t pid)\n", KNOWN),
                                       ("waitpid(-1, &status, WNOHANG)", "wait_known(&status)"))},
        ("10,000 zombies in a container",)),
    "logger-again": Defence(
        "a logger that dies is started again",
        {"init/supervise/output.c": (("	loop_timer(RESTART_MS, start_logger, NULL, NULL);\n}\n\n"
                                      "static void start_logger(void *context)\n",
                                      "}\n\nstatic void start_logger(void *context)\n"),)},
        ("kill -1 beside",)),
    "own-processes": Defence(
        "a container has a process table of its own",
        {"runtime/defaults.c": (("CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC",
                                 "CLONE_NEWNS | CLONE_NEWIPC"),)},
        ("kill -1 in a container",)),
    "lines-lost": Defence(
        "a line that the console refuses is lost (instead: tried again)",
        {"init/supervise/logger.c": (
            ("		write_all(logger->console, out, size, NULL);\n",
             "		while (write_all(logger->console, out, size, NULL) < 0)\n"
             "			continue;\n"),)},
        ("console refuses",)),
    "null-console": Defence(
        "without a console /dev/null takes its place (instead: the standard error)",
        {"init/boot/console.c": (
            ("console = fcntl(null, F_DUPFD_CLOEXEC, 3);", "console = -1;"),
            ("use_as(console, 1);", "use_as(console >= 0 ? console : null, 1);"),
            ("use_as(console, 2);", "use_as(console >= 0 ? console : null, 2);")),
         "init/supervise/own_output.c": (
             ("	output_start(console_fd, delay_ms);",
              "	output_start(console_fd >= 0 ? console_fd : STDERR_FILENO, delay_ms);"),)},
        ("no console",)),
    "lines-by-pipe": Defence(
        "PID 1's lines go through the logger, and are lost when that is full (instead: to the console)",
        {"init/supervise/own_output.c": (("	log_setup(own, 1, LOG_LEVEL_INFO);",
                                          "	log_setup(console_fd, 1, LOG_LEVEL_INFO);"),)},
        ("console stuck while the machine ends",)),
    "drain-limit": Defence(
        "what is still to be said has two seconds",
        {"init/supervise/output.c": (("	loop_timer(DRAIN_MS, drain_no_longer, NULL, NULL);\n", ""),)},
        ("console stuck while the machine ends",)),
    "kernel-silent": Defence(
        "the kernel is silent at the end when the console is held up",
        {"init/supervise/stop.c": (("	if (output_is_held_up())\n", "	if (false)\n"),)},
        ("console stuck while the kernel",)),
    "last-words": Defence(
        "PID 1's last words do not wait for the console",
        {"init/supervise/output.c": (("	log_setup(open_last_words(), 1,",
                                      "	log_setup(STDERR_FILENO, 1,"),
                                     ("static int open_last_words",
                                      "__attribute__((unused)) static int open_last_words"))},
        ("console stuck while the machine ends",)),
    "store-limit": Defence(
        "the store in memory is smaller than the memory",
        {"init/boot/store.c": (("available_bytes() / 4 * 3", "available_bytes() * 4"),)},
        ("disk full",)),
    "stop-timeout": Defence(
        "what does not stop in time is killed",
        {"init/supervise/instance.c": (("	set_timer(instance, "
                                        "instance->config->stop_timeout_ms);\n", ""),)},
        ("SIGTERM ignored",)),
    "all-killed": Defence(
        "a container's processes end with it, by its process table and by its cgroup",
        {"runtime/defaults.c": (("CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC",
                                 "CLONE_NEWNS | CLONE_NEWIPC"),),
         "runtime/container.c": (("		cgroup_kill(container->cgroup_fd, NULL);\n",
                                  "		;\n"),)},
        ("daemons",)),
    "early-end": Defence(
        "an end may come before it is known that the program runs",
        {"init/supervise/instance.c": (("{executed,     exited_early, ask_to_stop,      ignore}",
                                        "{executed,     ignore,       ask_to_stop,      ignore}"),)},
        ("ends in the first",)),
}

# Weakened in `make test`, too.
SAMPLE = ["no-watches", "own-processes"]

# Cases that no change of the source loses, and why.
KEPT = {
    "console gone": "the kernel takes what is written to a device that is gone",
    "console sends back": "nobody reads what comes in, and the end does not wait for it",
}


def pid1_table(attacks: List[str]) -> str:
    """As it stands in docs/security.md."""
    lines = ["| case | taken away, each in a build of its own: the case fails |", "|---|---|"]
    for name in attacks:
        taken = [defence.what for defence in PID1_DEFENCES.values()
                 if name in lost_by(defence, attacks)]
        why = [f"nothing: {reason}" for start, reason in KEPT.items() if name.startswith(start)]
        assert taken or why, f"no defence is taken away for {name}"
        lines.append(f"| {name} | {'; '.join(taken or why)} |")
    return "\n".join(lines)


def lost_by(defence: Defence, attacks: List[str]) -> List[str]:
    """The attacks that a defence is for; one whose name is whole is only itself."""
    found = []
    for name in defence.cases:
        found += [name] if name in attacks else [item for item in attacks if item.startswith(name)]
    assert len(found) >= len(defence.cases), defence.cases
    return found
