// SPDX-License-Identifier: Apache-2.0
#include "init/config/trust.h"

#include "lib/cleanup.h"

#include <string.h>

static const char *const names[] = {
	[TRUST_NETWORK] = "network",
	[TRUST_DISK] = "disk",
	[TRUST_COMMAND_LINE] = "command-line",
	[TRUST_BUILT_IN] = "built-in",
};

const char *trust_name(enum config_trust trust)
{
	return names[trust];
}

int trust_parse(const char *text, enum config_trust *out, struct error *err)
{
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum config_trust)i;
			return 0;
		}
	return error_set(err, "\"%.40s\" is none of network, disk, command-line, built-in", text);
}

int trust_check(const char *key, const char *source, enum config_trust trust,
		enum config_trust least, struct error *err)
{
	if (trust >= least)
		return 0;
	return error_set(
		err,
		"%s is refused from %s (trust: %s): it is taken from %s or better; give it "
		"there, or allow this with berth.config.trust=%s on the kernel command line",
		key, source, names[trust], names[least], names[trust]);
}
