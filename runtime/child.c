// SPDX-License-Identifier: Apache-2.0
/*
 * One linear story with one way to fail: every step returns -1 with a message, and child_run()
 * reports it and exits. The process is a fork of its parent with a single thread; nothing of the
 * container runs before execve.
 */
#include "runtime/child.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "runtime/attributes.h"
#include "runtime/descriptors.h"
#include "runtime/environment.h"
#include "runtime/hooks.h"
#include "runtime/namespaces.h"
#include "runtime/process.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"
#include "runtime/sync.h"
#include "runtime/sysctl.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

struct story {
	const struct container_spec *spec;
	const struct start_links *links;
	int status_fd;   /* where failures go */
	int exit_status; /* of a failure */
	struct rootfs rootfs;
	struct process process;
};

static int keep_links(struct story *story, struct error *err)
{
	const struct start_links *links = story->links;
	const struct container_spec *spec = story->spec;
	struct descriptors keep = {0};
	descriptors_add(&keep, &story->status_fd, 1);
	descriptors_add(&keep, spec->join, NAMESPACE_COUNT);
	descriptors_add(&keep, &spec->remap.user_ns, spec->remap.on);
	const int single[] = {links->root_fd, links->listener, links->console,
			      links->seccomp_agent};
	descriptors_add(&keep, single, countof(single));
	if (links->sources)
		descriptors_add(&keep, links->sources, spec->mount_count);
	if (links->nodes)
		descriptors_add(&keep, links->nodes, rootfs_node_count(spec));
	return descriptors_arrange(&spec->process, &keep, err);
}

/* In a user namespace the parent maps the IDs first, and does all that needs the host's root; then
 * the process is root inside. */
static int become_root_inside(struct story *story, struct error *err)
{
	if (!namespaces_new_user(story->spec) && story->spec->join[NAMESPACE_USER] < 0)
		return attributes_apply(&story->spec->process, 0, err);
	if (sync_ask(story->status_fd, SYNC_WANTS_MAPS, err) < 0)
		return -1;
	return namespaces_become_root(err);
}

static int build_root(struct story *story, struct error *err)
{
	const struct container_spec *spec = story->spec;
	if (rootfs_build(spec, story->links, &story->rootfs, err) < 0 ||
	    sysctl_apply(spec->sysctls, spec->sysctl_count, err) < 0)
		return -1;
	if (spec->parent_hooks && sync_ask(story->status_fd, SYNC_ROOT_BUILT, err) < 0)
		return -1;
	/* Where createContainer hooks expect to be, and rootfs_enter() goes on from. */
	if (spec->create_container.count && fchdir(story->rootfs.root_fd) < 0)
		return error_errno(err, errno, "enter the root file system");
	return hooks_run_inside(&spec->create_container, spec, "creating", err);
}

static int prepare_process(struct story *story, struct error *err)
{
	const struct container_spec *spec = story->spec;
	const struct process_spec *process = &spec->process;
	if (attributes_set_memory_policy(&spec->memory_policy, err) < 0)
		return -1;
	if (process->terminal &&
	    terminal_open(process, story->rootfs.root_fd, story->links->console, true, err) < 0)
		return -1;
	/* Before the root is read-only; if it cannot be made now, entering it says why. */
	if (process->working_dir) {
		int fd = resolve_directory(story->rootfs.root_fd, process->working_dir, NULL);
		cleanup_close_fd(&fd);
	}
	if (rootfs_finish(spec, &story->rootfs, err) < 0 || remap_enter(spec, err) < 0)
		return -1;
	return process_prepare(process, spec->hostname, story->rootfs.root_fd, &story->process,
			       &story->exit_status, err);
}

static int wait_for_start(struct story *story, struct error *err)
{
	if (!story->spec->await_start)
		return 0;
	if (sync_send(story->status_fd, SYNC_CREATED, err) < 0)
		return -1;
	int connection = sync_await_start(story->links->listener, err);
	if (connection < 0)
		return -1;
	close(story->status_fd);
	story->status_fd = connection;
	return 0;
}

static int child_story(struct story *story, struct error *err)
{
	const struct container_spec *spec = story->spec;
	if (keep_links(story, err) < 0 || process_become_ordinary(err) < 0 ||
	    (!spec->keep_keyring && process_leave_keyring(err) < 0) ||
	    namespaces_before_root(spec, err) < 0 || become_root_inside(story, err) < 0 ||
	    namespaces_enter(spec, err) < 0 || hooks_learn_pid(err) < 0)
		return -1;
	if (build_root(story, err) < 0 || rootfs_enter(spec, &story->rootfs, err) < 0 ||
	    prepare_process(story, err) < 0)
		return -1;
	if (wait_for_start(story, err) < 0 ||
	    hooks_run_inside(&spec->start_container, spec, "created", err) < 0)
		return -1;
	return process_execute(&spec->process, &story->process, story->links->seccomp_agent,
			       spec, &story->exit_status, err);
}

_Noreturn void child_run(const struct container_spec *spec, const struct start_links *links,
			 int status_fd)
{
	struct error err = ERROR_INIT;
	struct story story = {.spec = spec, .links = links, .status_fd = status_fd,
			      .exit_status = CONTAINER_SETUP_FAILED, .rootfs = ROOTFS_INIT};
	child_story(&story, &err);
	child_fail(story.status_fd, story.exit_status, &err);
}
