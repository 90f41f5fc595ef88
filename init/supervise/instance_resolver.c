// SPDX-License-Identifier: Apache-2.0
/* The resolver's settings in a container. */
#include "init/supervise/instance.h"

#include "lib/file.h"
#include "lib/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

void instance_set_resolver(struct instance *instance, const char *resolv_conf)
{
	resolver_compose(&instance->config->resolver, resolv_conf, instance->resolv_conf);
	instance->resolver_changed = true;
	if (instance->state != INSTANCE_WAITING || instance->standby)
		instance_write_resolver(instance);
}

/* The runtime binds this very file into the container: it is rewritten, not replaced. */
void instance_write_resolver(const struct instance *instance)
{
	char path[PATH_MAX];
	struct error err = ERROR_INIT;
	snprintf(path, sizeof path, "/var/lib/berth/containers/%s/files/resolv.conf",
		 instance->config->name);
	if (file_write(AT_FDCWD, path, instance->resolv_conf, strlen(instance->resolv_conf), 0644,
		       &err) < 0)
		log_warning("berth", "7 network: %s", err.text);
}
