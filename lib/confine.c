// SPDX-License-Identifier: Apache-2.0
#include "lib/confine.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#if defined __x86_64__
enum { OWN_ARCHITECTURE = (int)AUDIT_ARCH_X86_64 };
#elif defined __aarch64__
enum { OWN_ARCHITECTURE = (int)AUDIT_ARCH_AARCH64 };
#endif

enum {
	CALLS_MAX = 250,
	FILTER_MAX = 250, /* a jump reaches 255 instructions */
	SYSTEM_CALLS = 470, /* about as many as the kernel has */
	KEEP_MAX = 4096, /* the applier of a pull holds one pipe per layer */
};

static const uint64_t ACCESS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t ACCESS_WRITE =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
	LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER |
	LANDLOCK_ACCESS_FS_TRUNCATE;
/* Only these apply to a rule on something that is not a directory. */
static const uint64_t ACCESS_FILE_ONLY = LANDLOCK_ACCESS_FS_READ_FILE |
					 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
					 LANDLOCK_ACCESS_FS_EXECUTE;

static int landlock_allow(int ruleset, const struct confine_path *rule, struct error *err)
{
	_cleanup_close_ int fd = open(rule->path, O_PATH | O_CLOEXEC);
	if (fd < 0 && rule->optional)
		return 0;
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open %s for a Landlock rule", rule->path);
	struct landlock_path_beneath_attr attr = {.parent_fd = fd};
	attr.allowed_access = (rule->access & CONFINE_READ ? ACCESS_READ : 0) |
			      (rule->access & CONFINE_WRITE ? ACCESS_WRITE : 0) |
			      (rule->access & CONFINE_EXECUTE ? LANDLOCK_ACCESS_FS_EXECUTE : 0);
	if (!S_ISDIR(st.st_mode))
		attr.allowed_access &= ACCESS_FILE_ONLY;
	if (sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr) < 0)
		return error_errno(err, errno, "add a Landlock rule for %s", rule->path);
	return 0;
}

static int restrict_files(const struct confine_policy *policy, bool strict, struct error *err)
{
	struct {
		uint64_t handled_access_fs, handled_access_net;
	} attr = {ACCESS_READ | ACCESS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE, 0};
	if (!policy->network)
		attr.handled_access_net = 3; /* TCP bind and connect */
	_cleanup_close_ int ruleset = sys_landlock_create_ruleset((void *)&attr, sizeof attr, 0);
	if (ruleset < 0)
		return strict ? error_errno(err, errno, "create a Landlock rule set") : 0;
	for (const struct confine_path *rule = policy->paths; rule && rule->path; rule++)
		if (landlock_allow(ruleset, rule, err) < 0)
			return -1;
	if (sys_landlock_restrict_self(ruleset) < 0)
		return error_errno(err, errno, "apply the Landlock rule set");
	return 0;
}

/* The numbers at which the answer changes, ascending: nothing is allowed below the first, all from it up
 * to the second, and so on. */
struct edges {
	uint32_t at[2 * CALLS_MAX];
	size_t count;
};

static int compare_numbers(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void find_edges(uint16_t *calls, size_t count, struct edges *out)
{
	qsort(calls, count, sizeof *calls, compare_numbers);
	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!out->count || out->at[out->count - 1] < calls[i]) {
			out->at[out->count++] = calls[i];
			out->at[out->count++] = calls[i] + 1U;
		} else
			out->at[out->count - 1] = calls[i] + 1U;
	}
}

struct filter {
	struct sock_filter code[FILTER_MAX];
	size_t count;
};

static void put(struct filter *filter, struct sock_filter instruction)
{
	if (filter->count < FILTER_MAX)
		filter->code[filter->count] = instruction;
	filter->count++;
}

/* The edge that halves the system calls from the one before `low` to `high`, as well as one can. */
static size_t find_middle(const struct edges *edges, size_t low, size_t high)
{
	uint32_t begin = low ? edges->at[low - 1] : 0;
	uint32_t end = high < edges->count ? edges->at[high] : SYSTEM_CALLS;
	size_t middle = low;
	while (middle + 1 < high && edges->at[middle] + edges->at[middle + 1] < begin + end)
		middle++;
	return middle;
}

/* Decides on numbers between the edges `low` and `high`: a tree, for the kernel walks through the filter
 * once for each system call there is when it is installed; so it is the numbers that are halved, and not
 * the edges. All jumps are forward: `end` is where the two answers stand, first "no". */
static void put_tree(struct filter *filter, const struct edges *edges, size_t low, size_t high,
		     size_t end)
{
	size_t middle = find_middle(edges, low, high), here = filter->count, left = middle - low;
	size_t no = end - here - 1, yes = no + 1;
	bool leaf_right = middle + 1 == high;
	put(filter, (struct sock_filter)BPF_JUMP(
			    BPF_JMP | BPF_JGE | BPF_K, edges->at[middle],
			    (uint8_t)(!leaf_right ? left : (middle + 1) % 2 ? yes : no),
			    (uint8_t)(left ? 0 : middle % 2 ? yes : no)));
	if (left)
		put_tree(filter, edges, low, middle, end);
	if (!leaf_right)
		put_tree(filter, edges, middle + 1, high, end);
}

/* clone() is allowed when its flags (32 bits: little endian) have CLONE_THREAD, which the kernel takes
 * with CLONE_VM and CLONE_SIGHAND only; clone3(), whose flags a filter cannot see, is said not to
 * exist. */
static void put_threads(struct filter *filter)
{
	const struct sock_filter thread[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	for (size_t i = 0; i < countof(thread); i++)
		put(filter, thread[i]);
}

static void put_filter(struct filter *filter, const struct edges *edges, bool threads)
{
	put(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch)));
	put(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						 (uint32_t)OWN_ARCHITECTURE, 1, 0));
	put(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	put(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr)));
	if (threads)
		put_threads(filter);
	if (edges->count)
		put_tree(filter, edges, 0, edges->count, filter->count + edges->count);
	put(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	put(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

/* An allow-list: a wrong architecture or an unlisted call kills the process. */
static int restrict_calls(const struct confine_policy *policy, struct error *err)
{
	uint16_t calls[CALLS_MAX] = {0};
	struct edges edges;
	struct filter filter = {.count = 0};
	size_t count = 0;
	while (count < CALLS_MAX && policy->syscalls[count] != UINT16_MAX) {
		calls[count] = policy->syscalls[count];
		count++;
	}
	find_edges(calls, count, &edges);
	if (policy->syscalls[count] == UINT16_MAX)
		put_filter(&filter, &edges, policy->threads);
	if (!filter.count || filter.count > FILTER_MAX)
		return error_set(err, "%s: the %zu system calls that are allowed do not fit a filter",
				 policy->name, count);
	struct sock_fprog program = {.len = (unsigned short)filter.count, .filter = filter.code};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return error_errno(err, errno, "install the system call filter of %s", policy->name);
	return 0;
}

static int set_limit(int resource, uint64_t value, const char *name, struct error *err)
{
	struct rlimit limit = {value, value};
	if (setrlimit(resource, &limit) < 0)
		return error_errno(err, errno, "set %s to %llu", name, (unsigned long long)value);
	return 0;
}

static int limit_resources(const struct confine_policy *policy, struct error *err)
{
	if (set_limit(RLIMIT_CORE, 0, "RLIMIT_CORE", err) < 0 ||
	    set_limit(RLIMIT_NOFILE, policy->open_files ? policy->open_files : 64, "RLIMIT_NOFILE",
		      err) < 0)
		return -1;
	return policy->address_space ? set_limit(RLIMIT_AS, policy->address_space, "RLIMIT_AS", err)
				     : 0;
}

static int set_capabilities(uint64_t keep, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = (uint32_t)(keep >> (32 * i));
	if (syscall(__NR_capset, &header, data) < 0)
		return error_errno(err, errno, "set capabilities");
	return 0;
}

static int drop_identity(const struct confine_policy *policy, struct error *err)
{
	for (int cap = 0; cap <= 63; cap++)
		if (!(policy->keep_capabilities >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) < 0 &&
		    errno == EINVAL)
			break;
	if (policy->keep_capabilities && policy->uid)
		prctl(PR_SET_KEEPCAPS, 1);
	/* Not through the C library, which would look for other threads: there are none yet. */
	if (policy->uid && (syscall(__NR_setgroups, 0, NULL) < 0 ||
			    syscall(__NR_setresgid, policy->gid, policy->gid, policy->gid) < 0 ||
			    syscall(__NR_setresuid, policy->uid, policy->uid, policy->uid) < 0))
		return error_errno(err, errno, "become user %u", policy->uid);
	return set_capabilities(policy->keep_capabilities, err);
}

int confine_self(const struct confine_policy *policy, bool strict, struct error *err)
{
	prctl(PR_SET_NAME, policy->name);
	/* A worker must not outlive the process that reads its answers. */
	if (limit_resources(policy, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "set no_new_privs");
	if (restrict_files(policy, strict, err) < 0)
		return -1;
	if (geteuid() == 0 && drop_identity(policy, err) < 0)
		return -1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	return policy->syscalls ? restrict_calls(policy, err) : 0;
}

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void confine_close_fds(const int *keep, unsigned count)
{
	int sorted[KEEP_MAX];
	if (count > countof(sorted))
		count = countof(sorted);
	memcpy(sorted, keep, count * sizeof *keep);
	qsort(sorted, count, sizeof *sorted, compare_fds);
	unsigned next = 3;
	for (unsigned i = 0; i < count; i++) {
		if (sorted[i] < (int)next)
			continue;
		if (sorted[i] > (int)next)
			sys_close_range(next, (unsigned)sorted[i] - 1, 0);
		next = (unsigned)sorted[i] + 1;
	}
	sys_close_range(next, ~0U, 0);
}

void confine_reset_signals(void)
{
	/* Not through the C library, which keeps signals 32 to 34 to itself. Zeros are SIG_DFL. */
	const unsigned long action[8] = {0};
	for (int number = 1; number <= 64; number++)
		syscall(__NR_rt_sigaction, number, action, NULL, 8);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
