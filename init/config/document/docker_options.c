// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/docker_options.h"

#include "lib/cleanup.h"
#include "lib/suggest.h"

#include <string.h>

#define WINDOWS "it is for Windows"
#define ALONE "there are no other containers"

static const struct docker_option options[] = {
	{"add-host", 0, ADDS_TEXT, "extra_hosts"},
	{"annotation", 0, ADDS_TEXT, "annotations"},
	{"attach", 'a', TAKES_TEXT, NULL},
	{"blkio-weight", 0, IS_REFUSED, "the kernel has no weights of disks: --device-read-bps limits a rate"},
	{"blkio-weight-device", 0, IS_REFUSED,
	 "the kernel has no weights of disks: --device-read-bps limits a rate"},
	{"cap-add", 0, ADDS_TEXT, "cap_add"},
	{"cap-drop", 0, ADDS_TEXT, "cap_drop"},
	{"cgroup-parent", 0, IS_REFUSED, "the machine decides where its cgroups are"},
	{"cgroupns", 0, SETS_TEXT, "cgroup"},
	{"cidfile", 0, IS_REFUSED, "there is nobody in a machine who would read the file"},
	{"cpu-count", 0, IS_REFUSED, WINDOWS},
	{"cpu-percent", 0, IS_REFUSED, WINDOWS},
	{"cpu-period", 0, SETS_QUOTA, "period"},
	{"cpu-quota", 0, SETS_QUOTA, "quota"},
	{"cpu-rt-period", 0, IS_REFUSED, "containers have no real-time scheduling"},
	{"cpu-rt-runtime", 0, IS_REFUSED, "containers have no real-time scheduling"},
	{"cpu-shares", 'c', SETS_TEXT, "cpu_shares"},
	{"cpus", 0, SETS_TEXT, "cpus"},
	{"cpuset-cpus", 0, SETS_TEXT, "cpuset"},
	{"cpuset-mems", 0, IS_REFUSED, "the kernel knows one memory and no nodes of it"},
	{"detach", 'd', TAKES_NOTHING, NULL},
	{"detach-keys", 0, TAKES_TEXT, NULL},
	{"device", 0, ADDS_TEXT, "devices"},
	{"device-cgroup-rule", 0, ADDS_TEXT, "device_cgroup_rules"},
	{"device-read-bps", 0, ADDS_RATE, "device_read_bps"},
	{"device-read-iops", 0, ADDS_RATE, "device_read_iops"},
	{"device-write-bps", 0, ADDS_RATE, "device_write_bps"},
	{"device-write-iops", 0, ADDS_RATE, "device_write_iops"},
	{"disable-content-trust", 0, TAKES_NOTHING, NULL},
	{"dns", 0, ADDS_TEXT, "dns"},
	{"dns-opt", 0, ADDS_TEXT, "dns_opt"},
	{"dns-option", 0, ADDS_TEXT, "dns_opt"},
	{"dns-search", 0, ADDS_TEXT, "dns_search"},
	{"domainname", 0, SETS_TEXT, "domainname"},
	{"entrypoint", 0, SETS_TEXT, "entrypoint"},
	{"env", 'e', ADDS_TEXT, "environment"},
	{"env-file", 0, ADDS_TEXT, "env_file"},
	{"expose", 0, ADDS_TEXT, "expose"},
	{"gpus", 0, IS_REFUSED, "the kernel has no GPU drivers"},
	{"group-add", 0, ADDS_TEXT, "group_add"},
	{"health-cmd", 0, SETS_TEXT, "healthcheck.test"},
	{"health-interval", 0, SETS_TEXT, "healthcheck.interval"},
	{"health-retries", 0, SETS_TEXT, "healthcheck.retries"},
	{"health-start-interval", 0, SETS_TEXT, "healthcheck.start_interval"},
	{"health-start-period", 0, SETS_TEXT, "healthcheck.start_period"},
	{"health-timeout", 0, SETS_TEXT, "healthcheck.timeout"},
	{"help", 0, IS_REFUSED_FLAG, "a machine runs the container"},
	{"hostname", 'h', SETS_TEXT, "hostname"},
	{"init", 0, SETS_TRUE, "init"},
	{"interactive", 'i', SETS_TRUE, "stdin_open"},
	{"io-maxbandwidth", 0, IS_REFUSED, WINDOWS},
	{"io-maxiops", 0, IS_REFUSED, WINDOWS},
	{"ip", 0, IS_REFUSED, "the network would need a subnet: write networks in Compose YAML"},
	{"ip6", 0, IS_REFUSED, "the network would need a subnet: write networks in Compose YAML"},
	{"ipc", 0, SETS_TEXT, "ipc"},
	{"isolation", 0, IS_REFUSED, WINDOWS},
	{"kernel-memory", 0, IS_REFUSED, "cgroup v2 has no such limit"},
	{"label", 'l', ADDS_TEXT, "labels"},
	{"label-file", 0, IS_REFUSED, "write the labels with --label"},
	{"link", 0, IS_REFUSED, ALONE},
	{"link-local-ip", 0, IS_REFUSED, "Docker itself does nothing with it"},
	{"log-driver", 0, SETS_TEXT, "logging.driver"},
	{"log-opt", 0, ADDS_TEXT, "logging.options"},
	{"mac-address", 0, SETS_TEXT, "mac_address"},
	{"memory", 'm', SETS_TEXT, "mem_limit"},
	{"memory-reservation", 0, SETS_TEXT, "mem_reservation"},
	{"memory-swap", 0, SETS_TEXT, "memswap_limit"},
	{"memory-swappiness", 0, IS_REFUSED, "cgroup v2 has no such switch"},
	{"mount", 0, ADDS_MOUNT, "volumes"},
	{"name", 0, SETS_TEXT, "container_name"},
	{"net", 0, SETS_NETWORK, "network_mode"},
	{"net-alias", 0, ADDS_TEXT, "aliases"},
	{"network", 0, SETS_NETWORK, "network_mode"},
	{"network-alias", 0, ADDS_TEXT, "aliases"},
	{"no-healthcheck", 0, SETS_TRUE, "healthcheck.disable"},
	{"oom-kill-disable", 0, IS_REFUSED_FLAG, "cgroup v2 has no such switch"},
	{"oom-score-adj", 0, SETS_TEXT, "oom_score_adj"},
	{"pid", 0, SETS_TEXT, "pid"},
	{"pids-limit", 0, SETS_TEXT, "pids_limit"},
	{"platform", 0, SETS_TEXT, "platform"},
	{"privileged", 0, SETS_TRUE, "privileged"},
	{"publish", 'p', ADDS_TEXT, "ports"},
	{"publish-all", 'P', IS_REFUSED_FLAG, "nobody would know the machine's ports: name each with --publish"},
	{"pull", 0, SETS_TEXT, "pull_policy"},
	{"quiet", 'q', TAKES_NOTHING, NULL},
	{"read-only", 0, SETS_TRUE, "read_only"},
	{"restart", 0, SETS_TEXT, "restart"},
	{"rm", 0, TAKES_NOTHING, NULL},
	{"runtime", 0, IS_REFUSED, "there is one runtime, and it is built in"},
	{"security-opt", 0, ADDS_TEXT, "security_opt"},
	{"shm-size", 0, SETS_TEXT, "shm_size"},
	{"sig-proxy", 0, TAKES_NOTHING, NULL},
	{"stop-signal", 0, SETS_TEXT, "stop_signal"},
	{"stop-timeout", 0, SETS_SECONDS, "stop_grace_period"},
	{"storage-opt", 0, IS_REFUSED, "there is one kind of storage"},
	{"sysctl", 0, ADDS_TEXT, "sysctls"},
	{"tmpfs", 0, ADDS_TEXT, "tmpfs"},
	{"tty", 't', SETS_TRUE, "tty"},
	{"ulimit", 0, ADDS_LIMIT, "ulimits"},
	{"use-api-socket", 0, IS_REFUSED_FLAG, "there is no Docker Engine in the machine"},
	{"user", 'u', SETS_TEXT, "user"},
	{"userns", 0, SETS_TEXT, "userns_mode"},
	{"uts", 0, SETS_TEXT, "uts"},
	{"volume", 'v', ADDS_TEXT, "volumes"},
	{"volume-driver", 0, IS_REFUSED, "say it of the one volume: --mount volume-driver="},
	{"volumes-from", 0, IS_REFUSED, ALONE},
	{"workdir", 'w', SETS_TEXT, "working_dir"},
};

const struct docker_option *docker_option_find(const char *name, size_t length, char letter)
{
	for (size_t i = 0; i < countof(options); i++) {
		const struct docker_option *option = &options[i];
		if (letter ? option->letter == letter
			   : strlen(option->name) == length &&
				     strncmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

bool docker_option_takes_value(const struct docker_option *option)
{
	return option->shape != TAKES_NOTHING && option->shape != SETS_TRUE &&
	       option->shape != IS_REFUSED_FLAG;
}

static const char *nth_name(const void *context, size_t i)
{
	(void)context;
	return i < countof(options) ? options[i].name : NULL;
}

const char *docker_option_suggest(const char *name)
{
	return suggest(name, nth_name, NULL);
}
