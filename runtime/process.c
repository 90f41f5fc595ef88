// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/syscalls.h"
#include "runtime/attributes.h"
#include "runtime/capabilities.h"
#include "runtime/descriptors.h"
#include "runtime/environment.h"
#include "runtime/label.h"
#include "runtime/resolve.h"
#include "runtime/seccomp.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { ENVIRONMENT_BYTES = 4 * 1024 * 1024 };

int process_become_ordinary(struct error *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "become undumpable");
	confine_reset_signals();
	if (setsid() < 0)
		return error_errno(err, errno, "start a session");
	umask(0); /* modes below are meant as they are written */
	return 0;
}

int process_leave_keyring(struct error *err)
{
	enum { JOIN_SESSION_KEYRING = 1 }; /* keyctl(2) */
	if (syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return error_errno(err, errno, "make a session keyring");
	return 0;
}

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

static int build_environment(const struct process_spec *spec, const char *hostname,
			     const char *home, struct string_list *out, struct error *err)
{
	struct arena arena;
	void *block = malloc(ENVIRONMENT_BYTES); /* lives until execve */
	if (!block)
		return error_errno(err, ENOMEM, "build the environment");
	arena_init(&arena, block, ENVIRONMENT_BYTES);
	if (spec->add_defaults)
		return environment_build(&spec->env, hostname, home, &arena, out, err);
	return environment_merge(&spec->env, home, &arena, out, err);
}

static int find_identity(const struct process_spec *spec, int root_fd, struct identity *out,
			 struct error *err)
{
	if (spec->user && identity_resolve(root_fd, spec->user, out, err) < 0)
		return -1;
	if (spec->user && spec->non_root && out->uid == 0)
		return error_set(err, "its user \"%.60s\" is root, and it says runAsNonRoot: say which other "
				      "user it is", *spec->user ? spec->user : "0");
	if (spec->user)
		return identity_add_groups(root_fd, &spec->more_groups, out, err);
	return identity_of_numbers(root_fd, spec, !environment_get(&spec->env, "HOME"), out, err);
}

/* The process may open its standard streams again by /dev/stdout and the like: pipes belong to the
 * user and the group of the process. A device or file of the host's keeps its owner. */
static void own_stdio(const struct process_spec *spec, const struct identity *identity)
{
	/* Who the user is was not known yet when the terminal was opened. */
	if (spec->terminal && spec->user)
		fchown(0, identity->uid, (gid_t)-1);
	for (int i = 0; i < 3 && !spec->terminal; i++) {
		struct stat st;
		if (fstat(i, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
		    st.st_uid != identity->uid)
			fchown(i, identity->uid, identity->gid);
	}
}

int process_prepare(const struct process_spec *spec, const char *hostname, int root_fd,
		    struct process *out, int *exit_status, struct error *err)
{
	struct error why = ERROR_INIT;
	if (find_identity(spec, root_fd, &out->identity, err) < 0 ||
	    build_environment(spec, hostname, out->identity.home, &out->environment, err) < 0 ||
	    descriptors_fill_stdio(spec, err) < 0)
		return -1;
	own_stdio(spec, &out->identity);
	if (process_enter_directory(root_fd, spec->working_dir, err) < 0)
		return -1;
	if (spec->user || program_check(&spec->args, &out->environment, exit_status, &why) == 0)
		return 0;
	/* Only the user itself may be able to see it. */
	if (why.code == EACCES)
		return 0;
	if (err)
		*err = why;
	return -1;
}

/* An image's user other than root has no capabilities, as with Docker. */
static struct capability_sets sets_of(const struct process_spec *spec,
				      const struct identity *identity)
{
	struct capability_sets sets = spec->capabilities;
	if (spec->user && identity->uid != 0)
		sets.effective = sets.permitted = sets.inheritable = sets.ambient = 0;
	return sets;
}

static int assume(const struct process_spec *spec, const struct identity *identity,
		  struct error *err)
{
	struct capability_sets sets = sets_of(spec, identity);
	if (spec->has_capabilities && capabilities_limit(sets.bounding, err) < 0)
		return -1;
	/* Leaving uid 0 would empty the sets. */
	if (spec->has_capabilities && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "keep capabilities over the change of user");
	if (identity_assume(identity, err) < 0)
		return -1;
	if (!spec->has_capabilities)
		return 0;
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return capabilities_set(&sets, err);
}

/* Without no_new_privs the filter takes the privilege that goes before; with it, it comes last. */
static int confine(const struct process_spec *spec, const struct identity *identity,
		   int seccomp_agent, const struct container_spec *container, struct error *err)
{
	if (!spec->no_new_privs && seccomp_apply(&spec->seccomp, seccomp_agent, container, err) < 0)
		return -1;
	if (assume(spec, identity, err) < 0)
		return -1;
	if (!spec->no_new_privs)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "set no_new_privs");
	return seccomp_apply(&spec->seccomp, seccomp_agent, container, err);
}

int process_confine(const struct process_spec *spec, const struct process *process,
		    int seccomp_agent, const struct container_spec *container, struct error *err)
{
	umask(spec->has_umask ? spec->umask : 022);
	if (container && container->has_personality && personality(container->personality) < 0)
		return error_errno(err, errno, "set the personality");
	if (label_set(spec->apparmor, spec->selinux, err) < 0 ||
	    descriptors_close_at_exec(spec, err) < 0 || attributes_limit(spec, err) < 0)
		return -1;
	return confine(spec, &process->identity, seccomp_agent, container, err);
}

int process_execute(const struct process_spec *spec, const struct process *process, int *exit_status,
		    struct error *err)
{
	return spec->reaper
		       ? reaper_execute(&spec->args, &process->environment, exit_status, err)
		       : program_execute(&spec->args, &process->environment, exit_status, err);
}
