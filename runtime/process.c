// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/capabilities.h"
#include "runtime/container.h"
#include "runtime/environment.h"
#include "runtime/resolve.h"
#include "runtime/seccomp.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Open files as containers have them since Docker 25: a low soft limit, because programs exist that
 * loop over every possible descriptor, and a hard limit that servers raise themselves to. */
enum { OPEN_FILES_SOFT = 1024, OPEN_FILES_HARD = 524288 };

int process_enter_directory(int root_fd, const char *path, struct error *err)
{
	const char *directory = path && *path ? path : "/";
	if (*directory != '/')
		return error_set(err, "working directory \"%s\" is not absolute", directory);
	_cleanup_close_ int fd = resolve_directory(root_fd, directory, err);
	if (fd < 0)
		return error_context(err, "working directory");
	char cwd[PATH_MAX];
	if (fchdir(fd) < 0)
		return error_errno(err, errno, "enter the working directory \"%s\"", directory);
	/* The system call itself: it marks a directory outside the root by "(unreachable)",
	 * which a C library may hide. */
	if (syscall(SYS_getcwd, cwd, sizeof cwd) < 0 || cwd[0] != '/')
		return error_set(err, "working directory \"%s\" is outside the container",
				 directory);
	return 0;
}

int process_limit(int proc_fd, struct error *err)
{
	struct rlimit files = {OPEN_FILES_SOFT, OPEN_FILES_HARD}, now;
	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return error_errno(err, errno, "read the limit of open files");
	/* Without CAP_SYS_RESOURCE (not the case in the machine) the hard limit can only fall. */
	if (setrlimit(RLIMIT_NOFILE, &files) < 0 && errno == EPERM) {
		files.rlim_max = now.rlim_max;
		files.rlim_cur = now.rlim_max < OPEN_FILES_SOFT ? now.rlim_max : OPEN_FILES_SOFT;
		if (setrlimit(RLIMIT_NOFILE, &files) < 0)
			return error_errno(err, errno, "limit open files");
	}
	char path[32];
	snprintf(path, sizeof path, "%d/oom_score_adj", getpid());
	_cleanup_close_ int fd = sys_openat2(proc_fd, path, O_WRONLY, 0,
					     RESOLVE_BENEATH | RESOLVE_NO_XDEV |
						     RESOLVE_NO_SYMLINKS);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return error_errno(err, errno, "set the OOM score");
	return 0;
}

int process_confine(const struct identity *identity, struct error *err)
{
	if (capabilities_limit(CAPABILITIES_DEFAULT, err) < 0 ||
	    identity_assume(identity, err) < 0)
		return -1;
	/* Leaving uid 0 has emptied the sets already; this also covers a kernel told not to. */
	if (capabilities_set(identity->uid == 0 ? CAPABILITIES_DEFAULT : 0, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "set no_new_privs");
	return seccomp_apply_default(err);
}

/* 127 when nothing is there, 126 when something is that cannot be executed. */
static int explain_failure(const char *path, int code, int *exit_status, struct error *err)
{
	struct stat st;
	bool there = stat(path, &st) == 0;
	*exit_status = code == ENOENT || (code == ENOTDIR && !there) ? CONTAINER_NOT_FOUND
								      : CONTAINER_NOT_EXECUTABLE;
	if (there && S_ISDIR(st.st_mode))
		return error_set(err, "exec %s: it is a directory", path);
	if (there && code == ENOENT)
		return error_set(err, "exec %s: the interpreter or loader it names is not in the "
				 "image", path);
	if (there && code == EACCES && !(st.st_mode & 0111))
		return error_set(err, "exec %s: not executable (mode %04o)", path,
				 (unsigned)(st.st_mode & 07777));
	if (code == ENOEXEC)
		return error_set(err, "exec %s: neither a program for this machine nor a script "
				 "with #!", path);
	return error_errno(err, code, "exec %s", path);
}

/* Joins the first element of *rest with the name and advances; an empty element means ".". */
static bool next_candidate(const char **rest, const char *name, char path[PATH_MAX])
{
	size_t length = strcspn(*rest, ":");
	int size = snprintf(path, PATH_MAX, "%.*s/%s", length ? (int)length : 1,
			    length ? *rest : ".", name);
	*rest += length;
	return size > 0 && size < PATH_MAX;
}

static int execute_in_path(char **argv, char **envp, const char *search, int *exit_status,
			   struct error *err)
{
	char path[PATH_MAX], refused[PATH_MAX] = "";
	int refusal = 0;
	for (const char *rest = search;; rest++) {
		if (next_candidate(&rest, argv[0], path)) {
			execve(path, argv, envp);
			int code = errno;
			struct stat st;
			bool program = stat(path, &st) == 0 && S_ISREG(st.st_mode);
			/* A program that is there and does not run is the one that was meant;
			 * without permission for it a later one may do. */
			if (program && code != EACCES && code != ENOENT)
				return explain_failure(path, code, exit_status, err);
			if (program && !refusal) {
				refusal = code;
				memcpy(refused, path, sizeof refused);
			}
		}
		if (!*rest)
			break;
	}
	if (refusal)
		return explain_failure(refused, refusal, exit_status, err);
	*exit_status = CONTAINER_NOT_FOUND;
	return error_set(err, "exec \"%.128s\": not found in PATH (%.200s)", argv[0], search);
}

int process_execute(const struct string_list *args, const struct string_list *environment,
		    int *exit_status, struct error *err)
{
	*exit_status = CONTAINER_SETUP_FAILED;
	if (args->count == 0)
		return error_set(err, "no command: neither the image nor the user names one");
	char **argv = args->items, **envp = environment->items;
	if (!*argv[0]) {
		*exit_status = CONTAINER_NOT_FOUND;
		return error_set(err, "exec \"\": the command is empty");
	}
	if (!strchr(argv[0], '/')) {
		const char *search = environment_get(environment, "PATH");
		return execute_in_path(argv, envp, search ? search : "", exit_status, err);
	}
	execve(argv[0], argv, envp);
	return explain_failure(argv[0], errno, exit_status, err);
}
