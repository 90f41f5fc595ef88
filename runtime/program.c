// SPDX-License-Identifier: Apache-2.0
/* The container's program: looking it up and executing it, with the shells' statuses. */
#include "lib/cleanup.h"
#include "runtime/container.h"
#include "runtime/environment.h"
#include "runtime/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
		return error_set(err, "exec %s: permission denied: not executable (mode %04o)", path,
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

/* Returns the errno value of a failure. A look finds what can be seen by mode; whether this user may
 * execute it, and the program can be loaded, is execve's to say. */
static int attempt(const char *path, char **argv, char **envp)
{
	struct stat st;
	if (envp) {
		execve(path, argv, envp);
		return errno;
	}
	if (stat(path, &st) < 0)
		return errno;
	return S_ISREG(st.st_mode) && st.st_mode & 0111 ? 0 : EACCES;
}

/* Tries each candidate: executes it, or with `envp` NULL only looks. 0 means: there is one. */
static int search_path(char **argv, char **envp, const char *search, int *exit_status,
		       struct error *err)
{
	char path[PATH_MAX], refused[PATH_MAX] = "";
	int refusal = 0;
	for (const char *rest = search;; rest++) {
		if (next_candidate(&rest, argv[0], path)) {
			int code = attempt(path, argv, envp);
			struct stat st;
			if (code == 0)
				return 0;
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
	return error_set(err, "exec \"%.128s\": executable file not found in $PATH (%.200s)",
			 argv[0], search);
}

static int find(const struct string_list *args, const struct string_list *environment,
		char **envp, int *exit_status, struct error *err)
{
	*exit_status = CONTAINER_SETUP_FAILED;
	if (args->count == 0)
		return error_set(err, "no command: neither the image nor the user names one");
	char **argv = args->items;
	if (!*argv[0]) {
		*exit_status = CONTAINER_NOT_FOUND;
		return error_set(err, "exec \"\": the command is empty");
	}
	if (!strchr(argv[0], '/')) {
		const char *search = environment_get(environment, "PATH");
		return search_path(argv, envp, search ? search : "", exit_status, err);
	}
	int code = attempt(argv[0], argv, envp);
	return code ? explain_failure(argv[0], code, exit_status, err) : 0;
}

int program_execute(const struct string_list *args, const struct string_list *environment,
		    int *exit_status, struct error *err)
{
	static char *none[] = {NULL};
	return find(args, environment, environment->items ? environment->items : none, exit_status,
		    err);
}

int program_check(const struct string_list *args, const struct string_list *environment,
		  int *exit_status, struct error *err)
{
	return find(args, environment, NULL, exit_status, err);
}
