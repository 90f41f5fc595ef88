// SPDX-License-Identifier: Apache-2.0
/*
 * Both ends of a lease. First byte 'F': the rest is a frame as PID 1 receives it. Otherwise the
 * input is lines: the event, then NAME=value as udhcpc's environment has them. What is accepted
 * must survive the way through a frame unchanged.
 */
#include "init/net/dhcp_lease.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int decode(uint8_t *data, size_t size, struct dhcp_lease *out)
{
	struct error err = ERROR_INIT;
	struct frame frame = {
		.data = data, .size = size, .capacity = size, .at = 1, .type = data[0]};
	return dhcp_lease_decode(&frame, out, &err);
}

static void check_round_trip(const struct dhcp_lease *lease)
{
	uint8_t storage[DHCP_FRAME_MAX];
	struct frame frame;
	struct dhcp_lease back;
	char resolv_conf[512];
	dhcp_lease_encode(lease, &frame, storage, sizeof storage);
	if (frame.bad || decode(storage, frame.size, &back) < 0 ||
	    memcmp(lease, &back, sizeof back) != 0)
		abort();
	resolv_conf_format(lease->domain, lease->dns, lease->dns_count, resolv_conf,
			   sizeof resolv_conf);
}

static void fuzz_environment(char *text)
{
	char *environment[33] = {NULL};
	unsigned count = 0;
	struct dhcp_lease lease;
	struct error err = ERROR_INIT;
	char *line = strchr(text, '\n');
	if (line)
		*line++ = 0;
	while (line && count < 32) {
		environment[count++] = line;
		line = strchr(line, '\n');
		if (line)
			*line++ = 0;
	}
	if (dhcp_lease_from_environment(text, environment, &lease, &err) > 0)
		check_round_trip(&lease);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_lease lease;
	char *copy = malloc(size + 1);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = 0;
	if (size > 1 && data[0] == 'F') {
		if (decode((uint8_t *)copy + 1, size - 1, &lease) == 0)
			check_round_trip(&lease);
	} else {
		fuzz_environment(copy);
	}
	free(copy);
	return 0;
}
