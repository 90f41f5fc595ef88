// SPDX-License-Identifier: Apache-2.0
/* The object "linux.memoryPolicy". */
#include "runtime/oci/config.h"

#include <linux/mempolicy.h>

/* MPOL_…, since Linux 6.9: newer than the headers of Debian 12. */
enum { WEIGHTED_INTERLEAVE = 6 };

const struct oci_number oci_memory_modes[] = {
	{"MPOL_DEFAULT", MPOL_DEFAULT},
	{"MPOL_PREFERRED", MPOL_PREFERRED},
	{"MPOL_BIND", MPOL_BIND},
	{"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
	{"MPOL_LOCAL", MPOL_LOCAL},
	{"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
	{"MPOL_WEIGHTED_INTERLEAVE", WEIGHTED_INTERLEAVE},
	{NULL, 0},
};

const struct oci_number oci_memory_flags[] = {
	{"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
	{"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
	{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
	{NULL, 0},
};

/* Which modes go with which flags and nodes is the kernel's to say. */
void oci_config_memory_policy(struct oci_reader *reader, yyjson_val *object,
			      struct memory_policy *out)
{
	struct string_list flags = {0};
	if (!object)
		return;
	const char *mode = oci_needed_text(reader, object, "linux.memoryPolicy.mode");
	if (reader->bad)
		return;
	out->given = true;
	out->mode = (int)oci_find_number(reader, oci_memory_modes, mode, "linux.memoryPolicy.mode");
	oci_texts(reader, object, "linux.memoryPolicy.flags", &flags);
	for (size_t i = 0; i < flags.count; i++)
		out->mode |= (int)oci_find_number(reader, oci_memory_flags, flags.items[i],
						  "linux.memoryPolicy.flags");
	oci_number_list(reader, object, "linux.memoryPolicy.nodes", &out->nodes);
}
