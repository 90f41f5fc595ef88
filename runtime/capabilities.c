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

static int permitted_now(uint64_t *out, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data) < 0)
		return error_errno(err, errno, "read the capabilities");
	*out = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

int capabilities_set(const struct capability_sets *sets, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	uint64_t have = 0;
	if (permitted_now(&have, err) < 0)
		return -1;
	have &= sets->bounding;
	for (int half = 0; half < 2; half++) {
		data[half].permitted = (uint32_t)((sets->permitted & have) >> (32 * half));
		data[half].effective =
			data[half].permitted & (uint32_t)(sets->effective >> (32 * half));
		data[half].inheritable = (uint32_t)((sets->inheritable & have) >> (32 * half));
	}
	/* A capability cannot be ambient without being inheritable: this drops the others. */
	if (syscall(SYS_capset, &header, data) < 0)
		return error_errno(err, errno, "set capabilities to %#llx",
				   (unsigned long long)sets->permitted);
	if (sets->ambient == 0)
		return 0;
	uint64_t raise = sets->ambient & sets->permitted & sets->inheritable & have;
	for (int capability = 0; capability < 64; capability++)
		if (raise & BIT(capability) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
			return error_errno(err, errno, "raise ambient capability %d", capability);
	return 0;
}
