// SPDX-License-Identifier: Apache-2.0
/* What the HTTP client calls, and what libcurl, mbedTLS and musl call for it. */
#include "images/http/http.h"

#include <sys/syscall.h>

#define NR(name) __NR_##name

/* Memory, time and signals; sockets and DNS; reading the few files; frames. */
const uint16_t http_syscalls[] = {
	NR(brk), NR(mmap), NR(munmap), NR(mremap), NR(mprotect), NR(madvise), NR(futex),
	NR(clock_gettime), NR(clock_nanosleep), NR(nanosleep), NR(gettimeofday), NR(sched_yield),
	NR(rt_sigaction), NR(rt_sigprocmask), NR(rt_sigreturn), NR(restart_syscall), NR(getpid),
	NR(gettid), NR(getrandom), NR(uname), NR(exit), NR(exit_group),
	NR(socket), NR(socketpair), NR(bind), NR(connect), NR(shutdown), NR(getsockname),
	NR(getpeername), NR(getsockopt), NR(setsockopt), NR(sendto), NR(sendmsg), NR(recvfrom),
	NR(recvmsg), NR(ppoll), NR(pipe2), NR(eventfd2), NR(fcntl), NR(ioctl),
	NR(openat), NR(openat2), NR(close), NR(read), NR(readv), NR(pread64), NR(write), NR(writev),
	NR(lseek), NR(fstat), NR(newfstatat), NR(statx), NR(faccessat), NR(getdents64),
#ifdef __x86_64__
	/* musl's spellings on older architectures */
	NR(open), NR(stat), NR(lstat), NR(access), NR(poll), NR(pipe), NR(time),
#endif
	UINT16_MAX,
};
