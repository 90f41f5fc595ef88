// SPDX-License-Identifier: Apache-2.0
/* The machine's description as PID 1 takes it from a worker that may have been taken over. */
#include "init/config/machine_codec.h"

#include "init/config/networks.h"
#include "init/net/ipv4.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whoever is behind a bridge has a device and an address of it. */
static void check_networks(const struct container_config *container)
{
	const struct network_attachment *at = container->attachments;
	if (container->network == NETWORK_BRIDGE && !at)
		abort();
	for (; at; at = at->next)
		if (!at->endpoint.bridge || strchr(at->endpoint.device, '/') ||
		    strchr(at->endpoint.bridge->device, '/') || !*at->endpoint.device ||
		    (!at->endpoint.bridge->prefix && !at->endpoint.bridge->prefix6) ||
		    (at->endpoint.bridge->prefix &&
		     (!ipv4_same_subnet(at->endpoint.address, at->endpoint.bridge->gateway,
					at->endpoint.bridge->prefix) ||
		      at->endpoint.address.s_addr == at->endpoint.bridge->gateway.s_addr)))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine machine;
	static uint8_t storage[FRAME_MAX];
	struct error err = ERROR_INIT;
	if (size < 1 || size > sizeof storage)
		return 0;
	memcpy(storage, data, size);
	struct frame frame = {.type = storage[0], .size = size, .at = 1, .capacity = size, .data = storage};
	machine_init(&machine);
	if (machine_decode(&frame, &machine, &err) < 0)
		return 0;
	for (unsigned i = 0; i < machine.container_count; i++)
		check_networks(machine.containers[i]);
	if (machine.container->name && strchr(machine.container->name, '/'))
		abort();
	return 0;
}
