// SPDX-License-Identifier: Apache-2.0
/* A string of our own in the firmware's table. */
#include "init/config/sources/table.h"

static const char plain[] = "org.berth.config=", encoded[] = "org.berth.config.binary=";

static const char *find(const struct config_search *search, const char *prefix)
{
	return smbios_string(search->table, search->table_size, SMBIOS_OEM_STRINGS, prefix);
}

/* Does not parse: only whether the words are there. */
static bool hint(const struct config_search *search)
{
	static const char both[] = "org.berth.config";
	return memmem(search->table, search->table_size, both, sizeof both - 1) != NULL;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)place;
	const char *text = find(search, encoded);
	answer->base64 = text != NULL;
	if (!text)
		text = find(search, plain);
	return config_take_text(text, "SMBIOS type 11", answer, err);
}

const struct config_source source_smbios = {
	.name = "smbios",
	.trust = TRUST_COMMAND_LINE,
	.local = true,
	.place = "an OEM string (SMBIOS type 11) `org.berth.config=TEXT`, or "
		 "`org.berth.config.binary=BASE64`",
	.by = "whoever starts the machine: QEMU, libvirt, cloud-hypervisor",
	.example = "-smbios type=11,path=string.txt",
	.hint = hint,
	.fetch = fetch,
};
