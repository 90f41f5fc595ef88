// SPDX-License-Identifier: Apache-2.0
#include "runtime/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (1ULL << (capability))

const uint64_t CAPABILITIES_DEFAULT =
	BIT(CAP_AUDIT_WRITE) | BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
	BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_MKNOD) | BIT(CAP_NET_BIND_SERVICE) |
	BIT(CAP_NET_RAW) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |
	BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);

int capabilities_limit(uint64_t keep, struct error *err)
{
	for (int capability = 0; capability < 64; capability++) {
		if (keep & BIT(capability) || prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			return 0; /* beyond the last one this kernel knows */
		return error_errno(err, errno, "drop capability %d from the bounding set",
				   capability);
	}
	return 0;
}

int capabilities_set(uint64_t held, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	for (int half = 0; half < 2; half++)
		data[half].effective = data[half].permitted = (uint32_t)(held >> (32 * half));
	/* A capability cannot be ambient without being inheritable: this empties both. */
	if (syscall(SYS_capset, &header, data) < 0)
		return error_errno(err, errno, "set capabilities to %#llx",
				   (unsigned long long)held);
	return 0;
}
