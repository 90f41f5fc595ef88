// SPDX-License-Identifier: Apache-2.0
/* A credential in the forms that systemd passes to virtual machines (systemd.io/CREDENTIALS): an
 * OEM string of SMBIOS, or an item of fw_cfg. */
#include "init/config/sources/table.h"

#include "init/config/sources/fw_cfg_file.h"

static const char item[] = "io.systemd.credentials/berth.config";
static const char plain[] = "io.systemd.credential:berth.config=";
static const char encoded[] = "io.systemd.credential.binary:berth.config=";

static bool has_text(const struct config_search *search, const char *text)
{
	return memmem(search->table, search->table_size, text, strlen(text)) != NULL;
}

static bool hint(const struct config_search *search)
{
	return has_text(search, plain) || has_text(search, encoded) || fw_cfg_has(item);
}

static int open_item(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	(void)search;
	return fw_cfg_has(item) ? fw_cfg_open(item, place, err) : 0;
}

static const char *find(const struct config_search *search, const char *prefix)
{
	return smbios_string(search->table, search->table_size, SMBIOS_OEM_STRINGS, prefix);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	if (place->fds[0] >= 0)
		return fw_cfg_read(place, answer, err);
	const char *text = find(search, encoded);
	answer->base64 = text != NULL;
	if (!text)
		text = find(search, plain);
	return config_take_text(text, "credential of SMBIOS type 11", answer, err);
}

const struct config_source source_credentials = {
	.name = "credentials",
	.trust = TRUST_COMMAND_LINE,
	.local = true,
	.place =
		"systemd's credential `berth.config`: `io.systemd.credential:berth.config=TEXT` or "
		"`io.systemd.credential.binary:berth.config=BASE64` in SMBIOS type 11, "
		"`opt/io.systemd.credentials/berth.config` in fw_cfg",
	.by = "systemd-vmspawn, mkosi, QEMU",
	.example = "-smbios type=11,value=io.systemd.credential.binary:berth.config=…",
	.hint = hint,
	.open = open_item,
	.fetch = fetch,
};
