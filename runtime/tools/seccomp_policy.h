// SPDX-License-Identifier: Apache-2.0
/*
 * The system call policy of containers, as data: Docker's documented default (an allow-list, EPERM
 * for the rest) with its conditions on capabilities and architectures, and Berth's own denials of
 * TIOCSTI and TIOCLINUX. Names that an architecture does not have are skipped for it.
 */
#ifndef BERTH_RUNTIME_TOOLS_SECCOMP_POLICY_H
#define BERTH_RUNTIME_TOOLS_SECCOMP_POLICY_H

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>

enum policy_arch { POLICY_X86_64 = 1, POLICY_AARCH64 = 2 };

enum { POLICY_NO_CAPABILITY = -1 };

struct policy_rule {
	const char *names;       /* separated by spaces */
	int capability;          /* only for processes that may have it */
	int without_capability;  /* only for processes that may not */
	unsigned architectures;  /* only there; 0 = everywhere */
	int error;               /* fails with it; 0 = allowed */
};

/*
 * Looks at the low half of one argument of a call. All the arguments here are ints for the kernel,
 * or flags in the low half of a long: the upper half means nothing, and a comparison of all 64 bits
 * could be bypassed by setting it. The first condition of a call that holds decides; when none
 * does, the rules above decide.
 */
struct policy_condition {
	const char *name;
	unsigned argument;
	uint32_t mask;           /* holds when any of these bits is set; 0: when equal to value */
	uint32_t value;
	int without_capability;  /* as above */
	int error;               /* then fails with it; 0 = allowed */
};

/* The set for which the conditions are evaluated: runtime/capabilities.c's default. */
#define POLICY_BIT(capability) (1ULL << (capability))
static const uint64_t POLICY_CAPABILITIES =
	POLICY_BIT(CAP_AUDIT_WRITE) | POLICY_BIT(CAP_CHOWN) | POLICY_BIT(CAP_DAC_OVERRIDE) |
	POLICY_BIT(CAP_FOWNER) | POLICY_BIT(CAP_FSETID) | POLICY_BIT(CAP_KILL) |
	POLICY_BIT(CAP_MKNOD) | POLICY_BIT(CAP_NET_BIND_SERVICE) | POLICY_BIT(CAP_NET_RAW) |
	POLICY_BIT(CAP_SETFCAP) | POLICY_BIT(CAP_SETGID) | POLICY_BIT(CAP_SETPCAP) |
	POLICY_BIT(CAP_SETUID) | POLICY_BIT(CAP_SYS_CHROOT);

#define ANY POLICY_NO_CAPABILITY
#define ALLOW(...) {.names = __VA_ARGS__, .capability = ANY, .without_capability = ANY}
#define ALLOW_IF(cap, ...) {.names = __VA_ARGS__, .capability = cap, .without_capability = ANY}
#define ALLOW_ON(where, ...) \
	{.names = __VA_ARGS__, .capability = ANY, .without_capability = ANY, .architectures = where}
/* CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: a container makes no namespaces. */
#define NAMESPACE_FLAGS 0x7e020000

static const struct policy_rule POLICY[] = {
	/* Files by path and by descriptor */
	ALLOW("access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 "
	      "dup3 faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat "
	      "fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync flock fstat fstat64 "
	      "fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents "
	      "getdents64 ioctl lchown lchown32 link linkat _llseek lseek lstat lstat64 mkdir "
	      "mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe pipe2 "
	      "pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink "
	      "readlinkat readv rename renameat renameat2 rmdir sendfile sendfile64 splice stat "
	      "stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs tee "
	      "truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes "
	      "vmsplice write writev statmount listmount"),
	ALLOW("fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr "
	      "lremovexattr lsetxattr removexattr setxattr getxattrat listxattrat removexattrat "
	      "setxattrat"),
	ALLOW("fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch "
	      "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup "
	      "io_submit"),
	/* Waiting for events */
	ALLOW("epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
	      "epoll_wait epoll_wait_old eventfd eventfd2 _newselect pause poll ppoll ppoll_time64 "
	      "pselect6 pselect6_time64 select"),
	/* Memory */
	ALLOW("brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore "
	      "mlock mlock2 mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall "
	      "munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages"),
	/* Processes, threads, identity, limits */
	ALLOW("clone execve execveat exit exit_group fork vfork wait4 waitid waitpid futex "
	      "futex_requeue "
	      "futex_time64 futex_wait futex_waitv futex_wake get_robust_list set_robust_list "
	      "get_thread_area set_thread_area gettid set_tid_address rseq getcpu prctl prlimit64 "
	      "getrlimit setrlimit ugetrlimit getrusage capget capset seccomp restart_syscall "
	      "sysinfo times uname pidfd_open pidfd_send_signal"),
	ALLOW("getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid "
	      "getpgrp getpid getppid getresgid getresgid32 getresuid getresuid32 getsid getuid "
	      "getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups "
	      "setgroups32 setpgid setregid setregid32 setresgid setresgid32 setresuid "
	      "setresuid32 setreuid setreuid32 setsid setuid setuid32"),
	ALLOW("getpriority setpriority ioprio_get ioprio_set sched_getaffinity sched_getattr "
	      "sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler "
	      "sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr "
	      "sched_setparam sched_setscheduler sched_yield"),
	ALLOW("landlock_add_rule landlock_create_ruleset landlock_restrict_self"),
	/* Signals */
	ALLOW("kill rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn "
	      "rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack "
	      "signalfd signalfd4 sigprocmask sigreturn tgkill tkill"),
	/* Clocks and timers; setting the clock needs CAP_SYS_TIME besides */
	ALLOW("adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 "
	      "clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer "
	      "gettimeofday nanosleep setitimer time timer_create timer_delete timer_getoverrun "
	      "timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
	      "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64"),
	/* Sockets; the families are limited below */
	ALLOW("accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom "
	      "recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown "
	      "socket socketpair"),
	/* System V and POSIX inter-process communication, random numbers */
	ALLOW("ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 "
	      "mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl "
	      "semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget getrandom"),
	/* Tracing of own processes: safe since Linux 4.8, when seccomp came to run after ptrace */
	ALLOW("process_vm_readv process_vm_writev ptrace"),
	ALLOW_ON(POLICY_X86_64, "arch_prctl modify_ldt uretprobe"),
	ALLOW_ON(POLICY_AARCH64, "sync_file_range2"),

	/* The flags of clone3 are behind a pointer: ENOSYS makes a C library fall back to clone */
	{.names = "clone3", .capability = ANY, .without_capability = CAP_SYS_ADMIN,
	 .error = ENOSYS},

	ALLOW_IF(CAP_SYS_ADMIN,
		 "bpf clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie "
		 "lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr "
		 "move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname "
		 "sethostname setns "
		 "syslog umount umount2 unshare"),
	ALLOW_IF(CAP_DAC_READ_SEARCH, "open_by_handle_at"),
	ALLOW_IF(CAP_SYS_BOOT, "reboot"),
	ALLOW_IF(CAP_SYS_CHROOT, "chroot"),
	ALLOW_IF(CAP_SYS_MODULE, "delete_module finit_module init_module"),
	ALLOW_IF(CAP_SYS_PACCT, "acct"),
	ALLOW_IF(CAP_SYS_PTRACE, "kcmp pidfd_getfd process_madvise"),
	ALLOW_IF(CAP_SYS_RAWIO, "ioperm iopl"),
	ALLOW_IF(CAP_SYS_TIME, "clock_settime clock_settime64 settimeofday stime"),
	ALLOW_IF(CAP_SYS_TTY_CONFIG, "vhangup"),
	ALLOW_IF(CAP_SYS_NICE, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
	ALLOW_IF(CAP_SYSLOG, "syslog"),
	ALLOW_IF(CAP_BPF, "bpf"),
	ALLOW_IF(CAP_PERFMON, "perf_event_open"),
};

static const struct policy_condition CONDITIONS[] = {
	/* PER_LINUX, PER_LINUX32, both with UNAME26, and the query; not ADDR_NO_RANDOMIZE */
	{"personality", 0, 0, 0x0, ANY, 0},
	{"personality", 0, 0, 0x8, ANY, 0},
	{"personality", 0, 0, 0x20000, ANY, 0},
	{"personality", 0, 0, 0x20008, ANY, 0},
	{"personality", 0, 0, 0xffffffff, ANY, 0},
	{"clone", 0, NAMESPACE_FLAGS, 0, CAP_SYS_ADMIN, EPERM},
	/* The kernel's crypto interface and the hypervisor's sockets */
	{"socket", 0, 0, 38 /* AF_ALG */, ANY, EPERM},
	{"socket", 0, 0, 40 /* AF_VSOCK */, ANY, EPERM},
	/* Typing into a terminal that is shared with someone outside */
	{"ioctl", 1, 0, 0x5412 /* TIOCSTI */, ANY, EPERM},
	{"ioctl", 1, 0, 0x541c /* TIOCLINUX */, ANY, EPERM},
};

#undef ANY
#endif
