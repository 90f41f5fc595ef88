// SPDX-License-Identifier: Apache-2.0
/*
 * Starts a container as PID 1 does: in this process, with Docker's defaults, its root an overlay.
 * Linked from Berth's own objects, or from weakened ones; by the name berth-runtime it is the OCI
 * runtime of those objects.
 *
 *   in-process STATE LAYER USER CWD ENVIRONMENT -- WORDS…     status: the container's
 *
 * IN_PROCESS_VOLUME=FOLDER:PATH: it has a volume as PID 1 makes one, filled from the image's content;
 * IN_PROCESS_PART: what of the folder it is.
 */
#include "lib/cleanup.h"
#include "runtime/container.h"
#include "runtime/defaults.h"
#include "runtime/oci/commands.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int await_end(struct container *container, const char *id)
{
	struct error err = ERROR_INIT;
	siginfo_t info = {0};
	int status;
	struct pollfd told = {.fd = container->status_fd, .events = POLLIN};
	poll(&told, 1, -1);
	if (container_start_result(container->status_fd, &status, &err) < 0) {
		fprintf(stderr, "in-process: %s\n", err.text);
		return status;
	}
	waitid((idtype_t)3 /* P_PIDFD */, (id_t)container->pidfd, &info, WEXITED);
	for (int i = 0; i < 1000 && container_cleanup(container, id, &err) < 0; i++)
		usleep(1000);
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int add_volume(struct container_spec *spec, struct arena *arena, char *text,
		      struct error *err)
{
	char *target = strchr(text, ':');
	struct spec_mount *mounts = arena_alloc(arena, (spec->mount_count + 1) * sizeof *mounts);
	if (!target || !mounts)
		return error_set(err, "IN_PROCESS_VOLUME is not FOLDER:PATH");
	*target++ = 0;
	memcpy(mounts, spec->mounts, spec->mount_count * sizeof *mounts);
	mounts[spec->mount_count++] = (struct spec_mount){
		.destination = target,
		.source = text,
		.within = getenv("IN_PROCESS_PART"),
		.fill_lock = getenv("IN_PROCESS_PART") ? NULL : arena_printf(arena, "%s.lock", text),
		.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	};
	spec->mounts = mounts;
	return 0;
}

static int run(char **words)
{
	static char block[256 * 1024];
	struct arena arena;
	struct container_spec spec;
	struct container container;
	struct error err = ERROR_INIT;
	char id[32];
	arena_init(&arena, block, sizeof block);
	defaults_fill(&spec);
	snprintf(id, sizeof id, "inside-%d", getpid());
	spec.id = id;
	spec.hostname = "inside";
	spec.hosts = "127.0.0.1 localhost\n";
	spec.resolv_conf = "nameserver 192.0.2.1\n";
	spec.state_dir = words[0];
	spec.process.user = words[2];
	spec.process.working_dir = *words[3] ? words[3] : NULL;
	spec.process.stdin_fd = 0;
	spec.process.stdout_fd = 1;
	spec.process.stderr_fd = 2;
	string_list_add(&spec.layers, &arena, words[1], &err);
	if (*words[4])
		string_list_add(&spec.process.env, &arena, words[4], &err);
	for (char **word = words + 6; *word; word++)
		string_list_add(&spec.process.args, &arena, *word, &err);
	char *volume = getenv("IN_PROCESS_VOLUME");
	if ((volume && add_volume(&spec, &arena, volume, &err) < 0) || container_prepare(&err) < 0 ||
	    container_start(&spec, -1, &container, &err) < 0) {
		fprintf(stderr, "in-process: %s\n", err.text);
		return CONTAINER_SETUP_FAILED;
	}
	return await_end(&container, id);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	if (strncmp(slash ? slash + 1 : argv[0], "berth-runtime", 13) == 0)
		return oci_main(argc, argv);
	return argc < 8 ? 2 : run(argv + 1);
}
