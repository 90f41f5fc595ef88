// SPDX-License-Identifier: Apache-2.0
/*
 * What a container is, as data: the one form that a start is made from. init fills it from the
 * machine description and the image (runtime/defaults.h has Docker's values), runtime/oci/ from a
 * bundle's config.json. All pointers are borrowed; whoever fills it keeps them alive.
 *
 * Names in comments such as linux.maskedPaths are those of the OCI runtime specification.
 */
#ifndef BERTH_RUNTIME_SPEC_H
#define BERTH_RUNTIME_SPEC_H

#include "lib/arena.h"
#include "lib/mount.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	CONTAINER_LAYERS_MAX = 256,
	SPEC_CPUS_MAX = 1024, /* of an affinity mask */
};

/* The namespaces, in the order in which a process joins them. */
enum spec_namespace {
	NAMESPACE_USER,
	NAMESPACE_MOUNT,
	NAMESPACE_PID,
	NAMESPACE_NETWORK,
	NAMESPACE_IPC,
	NAMESPACE_UTS,
	NAMESPACE_CGROUP,
	NAMESPACE_TIME,
	NAMESPACE_COUNT,
};

struct id_map {
	uint32_t inside, outside, size;
};

struct id_maps {
	const struct id_map *uids, *gids;
	size_t uid_count, gid_count;
};

struct spec_mount {
	const char *destination; /* resolved in the container's root */
	const char *type;        /* of the new file system; NULL for a bind mount */
	const char *source;      /* of a bind mount: a path of the host */
	const char *within;      /* what of the directory `source`: a path that is resolved with it as
	                            the root; NULL: all */
	bool no_links;           /* no symbolic link is followed in `within` */
	const char *fill_lock;   /* of a bind mount: when it is empty, it begins with a copy of what is
	                            at destination. A file of the host, made when missing, that is
	                            locked meanwhile and not empty while the copy is not whole. */
	bool fill_inside; /* … of what is in it: its own owner and mode stay */
	bool spare; /* left out when the directory at destination has something in it */
	const struct mount_option *options; /* of the new file system; NULL: none */
	uint64_t set, clear;                /* MOUNT_ATTR_* of this mount */
	uint64_t recursive_set, recursive_clear; /* … and of all below it */
	unsigned long propagation;          /* MS_SHARED, …; 0: the container's default */
	bool propagation_recursive;
	bool recursive;     /* a bind mount takes the mounts below its source along */
	bool remount;       /* changes what is mounted at destination */
	bool copy_up;       /* tmpfs: begins with a copy of what is at destination */
	bool idmap, idmap_recursive;
	bool own_cgroup;    /* a bind mount of the container's cgroup */
	bool ensure_real;   /* destination must be a real directory, no link on the way */
	struct id_maps maps; /* for idmap; empty: those of the container */
};

struct spec_device {
	const char *path; /* absolute, inside */
	char type;        /* 'c', 'b', 'p' */
	unsigned major, minor;
	mode_t mode; /* permissions */
	uid_t uid;
	gid_t gid;
};

/* One rule of the device filter. The last rule that matches decides; without any, no. */
struct device_rule {
	bool allow;
	char type;        /* 'c', 'b', 'a' for both */
	int64_t major, minor; /* -1: any */
	unsigned access;  /* DEVICE_* */
};
enum { DEVICE_READ = 1, DEVICE_WRITE = 2, DEVICE_CREATE = 4, DEVICE_ALL = 7 };

/* A file of the container's cgroup and what is written into it, in order. */
struct cgroup_setting {
	const char *file, *value;
	bool optional; /* no error when the kernel does not have the file */
	const char *rather, *rather_value; /* instead, where the kernel has that file; or NULL */
};

struct resources {
	const struct cgroup_setting *settings;
	size_t setting_count;
	const struct device_rule *devices;
	size_t device_count;
	bool has_devices; /* otherwise the filter of the parent group holds */
};

struct sysctl {
	const char *name, *value; /* "net.ipv4.ip_forward" or with '/' */
};

struct spec_hook {
	const char *path;
	struct string_list args, env;
	bool has_env;       /* otherwise the runtime's own environment */
	unsigned timeout_s; /* 0: none */
};

struct hook_list {
	const struct spec_hook *items;
	size_t count;
};

struct capability_sets {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

struct resource_limit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
	bool may_be_lower;   /* what cannot be raised stays as it is */
};

struct seccomp_filter {
	const struct sock_filter *code; /* NULL: no filter */
	unsigned short length;
	unsigned flags;            /* SECCOMP_FILTER_FLAG_* */
	const char *listener_path; /* Unix socket that gets the listener, or NULL */
	const char *listener_metadata;
};

struct scheduler_spec {
	bool given;
	uint32_t policy; /* SCHED_* */
	int32_t nice;
	uint32_t priority;
	uint64_t flags; /* SCHED_FLAG_* */
	uint64_t runtime, deadline, period;
};

struct cpu_set {
	bool given;
	unsigned long bits[SPEC_CPUS_MAX / (8 * sizeof(unsigned long))];
};

/* NUMA: set_mempolicy(2) for the container's first process, and so for all. */
struct memory_policy {
	bool given;
	int mode; /* MPOL_*, with its flags */
	struct cpu_set nodes;
};

/* One process of a container: its first, or one that joins. */
struct process_spec {
	struct string_list args; /* args.items[0] is looked up in PATH of env, inside */
	struct string_list env;
	const char *reaper; /* the machine's program that runs it as its child (runtime/reaper.c), or NULL */
	const char *working_dir; /* absolute, or NULL for "/"; created when missing */
	const char *user;        /* the image's "", "user", "uid", "user:group", "uid:gid";
	                            NULL: the numbers below count */
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	bool non_root;           /* with `user`: it must not be 0 */
	struct string_list more_groups; /* with `user`: names of the image's group file, numbers */
	bool add_defaults;  /* PATH and HOSTNAME, where they are missing, and only entries K=V */
	bool has_umask;
	mode_t umask;
	bool has_capabilities; /* otherwise none is taken away */
	struct capability_sets capabilities;
	bool no_new_privs;
	bool has_oom_score_adj;
	int oom_score_adj;
	const struct resource_limit *limits;
	size_t limit_count;
	struct seccomp_filter seccomp;
	const char *apparmor, *selinux; /* labels, or NULL */
	struct scheduler_spec scheduler;
	bool has_io_priority;
	int io_priority; /* as ioprio_set(2) takes it */
	struct cpu_set initial_affinity, final_affinity;
	bool terminal;
	bool plain_lines;                  /* the terminal writes "\n" as it is, not as "\r\n" */
	unsigned rows, columns;            /* 0: not set */
	int stdin_fd, stdout_fd, stderr_fd; /* still owned by the caller; -1: the container's
	                                       /dev/null; without meaning on a terminal */
	unsigned preserve_fds;             /* so many descriptors from 3 on stay open */
};

/* A file that is given to the container to read. */
struct spec_file {
	const char *destination; /* resolved in the container's root, after all mounts */
	const void *bytes;
	size_t size;
	uid_t uid;
	gid_t gid;
	mode_t mode; /* permissions */
};

struct container_spec {
	const char *id;           /* names the cgroup and the state directory */
	struct process_spec process;
	const char *hostname, *domainname;

	/* The root: an overlay of layers, or a directory. */
	struct string_list layers; /* lowest first; never written */
	const char *state_dir;     /* with layers: empty or reused directory for upper and work; see
	                              docker's writable layer: it survives a restart */
	const char *resolv_conf, *hosts; /* with layers: contents of the two files, or NULL */
	const struct spec_file *files; /* with layers */
	size_t file_count;
	struct {                   /* with layers: a user namespace (runtime/remap.h) */
		bool on;
		int user_ns;   /* its descriptor, borrowed */
		uint32_t base; /* what its ID 0 is outside */
	} remap;
	const char *root_path;     /* absolute; NULL with layers */
	bool root_readonly;
	unsigned long root_propagation; /* MS_SHARED, MS_SLAVE, …; 0: private */
	bool keep_keyring;         /* the session keyring of the caller stays */
	bool no_pivot;             /* MS_MOVE and chroot, where pivot_root cannot be */

	unsigned long namespaces;  /* CLONE_NEW* to be made */
	int join[NAMESPACE_COUNT]; /* descriptors of namespaces to join, or -1 */
	struct id_maps maps;       /* of a new user namespace */
	bool has_time_offsets;
	int64_t monotonic_s, boottime_s;
	uint32_t monotonic_ns, boottime_ns;

	const struct spec_mount *mounts;
	size_t mount_count;
	struct string_list masked_paths, readonly_paths;
	bool mask_thermal;         /* the processors' temperature counters too */
	bool make_devices;         /* the default ones and links */
	const struct spec_device *devices;
	size_t device_count;
	bool all_devices;          /* those of the machine, beside these */
	const struct sysctl *sysctls;
	size_t sysctl_count;
	unsigned long personality;
	bool has_personality;
	struct memory_policy memory_policy;
	const char *mount_label;        /* SELinux, for new file systems; or NULL */
	struct string_list net_devices; /* pairs: name outside, name inside */

	const char *cgroup_path; /* below the mount of the hierarchy; NULL: /berth/ID */
	struct resources resources;

	/* Run in the container's namespaces, the second with its root: see runtime/hooks.h. */
	struct hook_list create_container, start_container;
	/* Stops and asks the parent: see runtime/sync.h. init does neither. */
	bool parent_hooks; /* before the root is changed */
	bool await_start;  /* before the program runs */
	const char *hook_state; /* the state as JSON with "PID" and "STATUS" left open; see hooks.h */
};

#endif
