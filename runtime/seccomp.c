// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int seccomp_apply_default(struct error *err)
{
	struct sock_fprog program = {
		.len = seccomp_default_length,
		/* The kernel copies the program; its interface only lacks the const. */
		.filter = (struct sock_filter *)(uintptr_t)seccomp_default_program,
	};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return error_errno(err, errno, "install the system call filter (%u instructions)",
				   program.len);
	return 0;
}
