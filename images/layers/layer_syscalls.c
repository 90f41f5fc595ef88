// SPDX-License-Identifier: Apache-2.0
/* What layer_apply() and tree_remove() call, and what musl and glibc call for them. */
#include "images/layers/layer.h"

#include "lib/syscalls.h"

const uint16_t layer_syscalls[] = {
	/* the stream and the files */
	__NR_read, __NR_write, __NR_pwrite64, __NR_close, __NR_lseek, __NR_ftruncate, __NR_fcntl,
	/* directories and leaves */
	__NR_openat, __NR_openat2, __NR_getdents64, __NR_readlinkat, __NR_fstat, __NR_newfstatat,
	__NR_statx, __NR_fstatfs, __NR_mkdirat, __NR_mknodat, __NR_symlinkat, __NR_linkat,
	__NR_unlinkat,
	/* metadata */
	__NR_fchown, __NR_fchownat, __NR_fchmod, __NR_fchmodat, __NR_fchmodat2, __NR_fsetxattr,
	__NR_lsetxattr, __NR_flistxattr, __NR_fremovexattr, __NR_utimensat, __NR_fchdir,
	__NR_chdir,
	/* the allocator and the C library */
	__NR_brk, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise,
	__NR_getrandom, __NR_clock_gettime, __NR_futex, __NR_rt_sigprocmask, __NR_rt_sigreturn,
	__NR_restart_syscall, __NR_exit, __NR_exit_group,
#ifdef __NR_open
	/* how musl spells open() and chmod() on older architectures */
	__NR_open, __NR_chmod,
#endif
	UINT16_MAX,
};
