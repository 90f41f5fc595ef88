// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/standby.h"

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* What a container that waits costs is half a megabyte; a machine that is near its end has better uses
 * for that. */
enum { SPARE_KIB = 16 * 1024 };

bool standby_suits(const struct container_spec *spec)
{
	const unsigned long own = CLONE_NEWNS | CLONE_NEWPID;
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (i != NAMESPACE_NETWORK && spec->join[i] >= 0)
			return false;
	return (spec->namespaces & own) == own && !(spec->namespaces & CLONE_NEWUSER) &&
	       !spec->parent_hooks && !spec->await_start && !spec->process.terminal;
}

bool standby_affordable(void)
{
	static const char key[] = "MemAvailable:";
	char text[256]; /* it is the third line */
	_cleanup_close_ int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	text[got > 0 ? got : 0] = 0;
	const char *found = strstr(text, key);
	return found && strtoull(found + strlen(key), NULL, 10) >= SPARE_KIB;
}

void standby_hear(struct instance *instance)
{
	struct error why = ERROR_INIT;
	int status;
	if (container_start_result(instance->process.status_fd, &status, &why) == 1) {
		instance->prepared_ns = monotonic_ns();
		return;
	}
	loop_remove(instance->process.status_fd);
	instance->standby = STANDBY_LEAVING;
	instance->standby_failed = true;
}

void standby_renew_resolver(struct instance *instance)
{
	if (instance->resolver_changed)
		instance_write_resolver(instance);
}

void standby_go(struct instance *instance)
{
	struct error err = ERROR_INIT;
	standby_renew_resolver(instance);
	if (instance->standby == STANDBY_MADE && container_go(&instance->process, &err) == 0)
		instance->standby = STANDBY_NONE;
}

void standby_drop(struct instance *instance)
{
	struct error err = ERROR_INIT;
	instance->standby = STANDBY_LEAVING;
	loop_remove(instance->process.status_fd);
	if (container_kill(&instance->process, &err) < 0)
		log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
}

void standby_abandon(struct instance *instance)
{
	int *const fds[] = {&instance->process.pidfd, &instance->process.status_fd,
			    &instance->process.cgroup_fd};
	if (instance->process.pidfd < 0)
		return;
	container_kill(&instance->process, NULL);
	loop_remove(instance->process.status_fd);
	for (size_t i = 0; i < countof(fds); i++)
		close(steal_fd(fds[i]));
}

void standby_clean(struct instance *instance)
{
	struct error err = ERROR_INIT;
	loop_remove(instance->process.status_fd);
	instance->standby = STANDBY_NONE;
	instance->standby_failed = true;
	if (container_cleanup(&instance->process, instance->config->name, &err) < 0)
		log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
}
