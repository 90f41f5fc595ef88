// SPDX-License-Identifier: Apache-2.0
/*
 * The machine description: the one internal form that every source of configuration ends in. All
 * strings live in the description's own arena.
 */
#ifndef BERTH_INIT_CONFIG_MACHINE_H
#define BERTH_INIT_CONFIG_MACHINE_H

#include "images/pull/pull.h"
#include "init/config/trust.h"
#include "init/net/network.h"
#include "init/net/plan.h"
#include "lib/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MACHINE_ARENA = 256 * 1024,
	MACHINE_REGISTRIES_MAX = 16,
	MACHINE_IMAGE_URLS_MAX = 8,
	MACHINE_SERVICES_MAX = 64,
	MACHINE_NETWORKS_MAX = BRIDGES_MAX,
	MACHINE_CONTENTS_MAX = 64,
	RUN_LONGEST_S = 400 * 86400,
};

struct network_config;
struct network_attachment;

/* Of disks: what a container may read and write in a second. */
enum disk_rate { RATE_READ_BYTES, RATE_WRITE_BYTES, RATE_READ_CALLS, RATE_WRITE_CALLS, RATE_COUNT };
enum { RESTART_LONGEST_MS = 24 * 3600 * 1000 };
enum restart_policy { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };
enum exit_action { EXIT_POWEROFF, EXIT_REBOOT, EXIT_HOLD };
enum ide_policy { IDE_WHEN_NEEDED, IDE_ALWAYS, IDE_NEVER };
enum rescue_policy { RESCUE_NEVER, RESCUE_ON_FAILURE, RESCUE_AT_START };
enum network_mode {
	NETWORK_BRIDGE,
	NETWORK_HOST,
	NETWORK_NONE,
	NETWORK_SERVICE, /* that of another service of the document */
};

/* Limits beside memory, CPUs and processes (init/config/resources.h). */
struct resource_config {
	uint64_t cpu_shares;         /* 0: 1024, as all have */
	uint64_t memory_reservation; /* 0: none */
	const char *memory_swap;     /* memory and swap together, a size or "-1"; NULL: no swap */
	const char *cpuset;          /* "0-2,4"; NULL: all */
	struct string_list rates[RATE_COUNT]; /* "PATH:RATE" each */
};

/* What a container's /etc/resolv.conf says; what is empty comes from the machine's. */
struct resolver_config {
	struct string_list servers, search, options;
};

enum log_driver { LOG_INHERIT, LOG_CONSOLE, LOG_NONE, LOG_JSON_FILE, LOG_LOCAL, LOG_SYSLOG };
enum log_console { LOG_CONSOLE_ALL, LOG_CONSOLE_PROBLEMS, LOG_CONSOLE_NONE };

/* Where output goes (init/config/logging.h). */
struct log_config {
	enum log_driver driver;     /* of a container */
	const char *syslog;         /* "udp://10.0.0.1:514", or NULL */
	const char *facility, *tag; /* NULL: daemon, the container's name */
	uint64_t file_bytes;        /* 0: LOG_BYTES_DEFAULT */
	unsigned file_count;        /* 0: LOG_FILES_DEFAULT */
};

struct container_config {
	const char *name;  /* [a-z0-9][a-z0-9_.-]{0,62} */
	const char *image; /* reference as given */
	struct string_list entrypoint, command, env;
	bool has_entrypoint, has_command; /* they replace the image's, even when empty */
	const char *user, *working_dir;   /* NULL: the image's */
	struct port_mapping ports[NET_PORTS_MAX];
	unsigned port_count;
	uint64_t memory_bytes, cpu_millis, pids; /* 0: no limit */
	struct resource_config resources;
	struct resolver_config resolver;
	struct log_config log;
	bool tty, stdin_open;
	unsigned columns, rows; /* of the terminal; 0: not known */
	const char *domainname;               /* NULL: none */
	const char *platform;                 /* "linux/amd64/v2"; NULL: whatever the machine is */
	enum restart_policy restart;
	unsigned restart_max;     /* on-failure:N, 0: no bound */
	uint64_t restart_delay_ms;  /* 0: it doubles */
	uint64_t restart_window_ms; /* after a run this long the attempts count anew; 0: they do not */
	uint64_t stop_timeout_ms; /* between the stop signal and the kill */
	enum network_mode network;
	struct network_attachment *attachments; /* with NETWORK_BRIDGE (init/config/networks.h) */
	/* As they are written (init/config/container_options.h, volumes.h). */
	struct string_list cap_add, cap_drop, ulimits, sysctls, tmpfs, volumes, hosts;
	bool read_only;
	const char *hostname, *stop_signal; /* NULL: the machine's or its name; the image's */
	uint64_t shm_bytes;                 /* 0: 64 MiB */
	int oom_score_adj;
	struct health_config health; /* what is not said: the image's (init/config/health.h) */
	bool stop_unhealthy;
	struct string_list checks; /* more tests, as parse_check() takes them */
	struct string_list hooks;  /* init/config/hooks.h */
	struct string_list files; /* init/config/files.h */
	struct string_list volumes_from; /* services whose volumes it has too (volumes.h) */
	/* As they are written (init/config/device_keys.h, sharing.h). */
	struct string_list devices, device_rules, groups;
	const char *pid, *ipc; /* NULL: its own */
	bool uts_host, cgroup_host;
	bool privileged, init, userns_host;
	bool non_root;  /* it is not started as user 0 */
	bool companion; /* the machine does not go on for its sake */
	struct string_list variables; /* "NAME=address|hostname": what only the machine knows */
	struct string_list security; /* init/config/security.h */
	const char *seccomp_profile; /* the content that is its filter, or NULL */
	/* Of a document with several services (init/config/services.h). */
	const char *service;                         /* its name in the document, or NULL */
	const char *network_of;                      /* with NETWORK_SERVICE: whose network */
	struct string_list depends_on, links, aliases; /* as they are written */
	bool has_pull_policy;                        /* otherwise the machine's holds */
	enum pull_policy pull_policy;
};

/* What the command line says about the search for a document (docs/sources.md). */
struct config_request {
	const char *target;       /* names of sources, an address …; NULL: whatever is found */
	const char *digest;       /* that the document must have, or NULL */
	const char *ca;           /* path of a PEM file, or NULL */
	enum config_trust trust;  /* the least from which dangerous keys are taken */
	struct string_list profiles; /* that are asked for */
	uint64_t timeout_s;       /* for sources over the network, all together */
};

/* The value of a secret or of a configuration file, which containers may be given as a file. */
struct machine_content {
	const char *name; /* "secrets/password" */
	const char *bytes;
	size_t size;
};

struct machine {
	char hostname[65];
	struct config_request config;
	struct container_config *containers[MACHINE_SERVICES_MAX];
	unsigned container_count;           /* at least one */
	struct container_config *container; /* whom settings are for: the one that came last */
	struct network_config *networks[MACHINE_NETWORKS_MAX];
	unsigned network_count;
	const char *project;                /* of the document whose folders are bound; NULL: berth */
	struct machine_content contents[MACHINE_CONTENTS_MAX];
	unsigned content_count;
	struct string_list volumes;         /* that are no folders (init/config/volume_sources.h) */
	struct log_config log;              /* of the machine's own lines, and of who says nothing */
	enum log_console log_console;
	bool log_kept;                      /* in files on the data disk */
	const char *exit_from;              /* the service whose end is the machine's, or NULL */
	enum exit_action on_exit;
	const char *data_disk; /* berth.data as it is written, or NULL (init/config/data_disk.h) */
	uint64_t watchdog_s;         /* 0: none */
	const char *watchdog_device; /* as watchdog_device_check() takes it, or NULL: auto */
	enum rescue_policy rescue;
	enum ide_policy ide; /* of the command line alone */
	bool userns;                        /* containers have other users than the machine */
	struct registry_option registries[MACHINE_REGISTRIES_MAX];
	size_t registry_count;
	uint64_t pull_deadline_s; /* 0: none */
	uint64_t deadline_s;      /* of all containers together, from the first start on; 0: none */
	enum pull_policy pull_policy;
	struct string_list media;      /* folders of mounted media with images */
	struct string_list image_urls; /* folders on web servers */
	struct string_list time_servers; /* for NTP, as ntp_server_parse() reads them */
	struct string_list sysctls;      /* NAME=VALUE, of the machine's own kernel */
	bool time_servers_given;         /* also when the list is empty: then nobody is asked */
	const char *image_settings, *credentials; /* contents of the puller's two files, or NULL */
	struct ip_config ip;
	/* The rest of the network, as it is written (init/net/plan.h); the size of packets of the card, 0: as
	 * it is. */
	struct string_list links, addresses, routes, dns, search;
	uint32_t mtu;
	struct arena arena;
	char block[MACHINE_ARENA];
};

/* Empty description with the defaults. */
void machine_init(struct machine *machine);

/* One more container with the defaults, whom settings are for from now on. -1: no room. */
int machine_add_container(struct machine *machine, struct error *err);

/* `to` becomes what `from` is; the texts stay where they are, and `from` is to be left alone. */
void machine_take(struct machine *to, const struct machine *from);

/* Fills what only makes sense once everything is read (container name, host name) and checks that the whole fits together. */
int machine_complete(struct machine *machine, struct error *err);

#endif
