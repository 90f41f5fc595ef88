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
#include "runtime/nursery.h"
#include "runtime/process.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"
#include "runtime/seccomp.h"
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
			      links->seccomp_agent, nursery_descriptor()};
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

/* Where a container that is made beforehand waits: as late as nothing changes by it. What it mounts of
 * others may change meanwhile, the user's entry and the working directory too; and a filter that is
 * not ours may not let it wait. */
enum stop { BEFORE_IDENTITY, BEFORE_FILTER, BEFORE_PROGRAM };

static enum stop stop_of(const struct container_spec *spec)
{
	const struct sock_filter *filter = spec->process.seccomp.code;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (!spec->mounts[i].type)
			return BEFORE_IDENTITY;
	return filter && filter != seccomp_default_program ? BEFORE_FILTER : BEFORE_PROGRAM;
}

static int stop_at(struct story *story, enum stop place, struct error *err)
{
	if (!story->links->hold || stop_of(story->spec) != place)
		return 0;
	if (place == BEFORE_PROGRAM)
		descriptors_leave_only(&story->spec->process, story->status_fd);
	return sync_ask(story->status_fd, SYNC_CREATED, err);
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
	    stop_at(story, BEFORE_IDENTITY, err) < 0 || prepare_process(story, err) < 0)
		return -1;
	if (wait_for_start(story, err) < 0 ||
	    hooks_run_inside(&spec->start_container, spec, "created", err) < 0)
		return -1;
	if (stop_at(story, BEFORE_FILTER, err) < 0 ||
	    process_confine(&spec->process, &story->process, story->links->seccomp_agent, spec,
			    err) < 0 ||
	    stop_at(story, BEFORE_PROGRAM, err) < 0)
		return -1;
	return process_execute(&spec->process, &story->process, &story->exit_status, err);
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
