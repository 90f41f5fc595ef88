// SPDX-License-Identifier: Apache-2.0
#include "lib/confine.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
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

/* An allow-list: a wrong architecture or an unlisted call kills the process. With `threads` set,
 * clone() is allowed when its flags (32 bits: little endian) have CLONE_THREAD, which the kernel takes
 * with CLONE_VM and CLONE_SIGHAND only; clone3(), whose flags a filter cannot see, is said not to
 * exist. */
static int restrict_calls(const struct confine_policy *policy, struct error *err)
{
	struct sock_filter code[CALLS_MAX + 15];
	unsigned short count = 0, calls = 0;
	while (policy->syscalls[calls] != UINT16_MAX)
		calls++;
	if (calls > CALLS_MAX)
		return error_set(err, "%s: %u system calls allowed, at most %u fit a filter",
				 policy->name, calls, CALLS_MAX);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     offsetof(struct seccomp_data, arch));
	code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						     (uint32_t)OWN_ARCHITECTURE, 1, 0);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     offsetof(struct seccomp_data, nr));
	if (policy->threads) {
		const struct sock_filter thread[] = {
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
			BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		};
		memcpy(code + count, thread, sizeof thread);
		count += countof(thread);
	}
	for (unsigned short i = 0; i < calls; i++)
		code[count++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, policy->syscalls[i],
			(unsigned char)(calls - i), 0);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = count, .filter = code};
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
	if (policy->uid && (setgroups(0, NULL) < 0 ||
			    setresgid(policy->gid, policy->gid, policy->gid) < 0 ||
			    setresuid(policy->uid, policy->uid, policy->uid) < 0))
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
