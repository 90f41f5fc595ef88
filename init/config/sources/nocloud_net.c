// SPDX-License-Identifier: Apache-2.0
/* NoCloud over the network: an address in the system's serial number, or in `ds=` on the kernel
 * command line (cloud-init's documentation, "NoCloud"). */
#include "init/config/sources/table.h"

#include "init/config/sources/meta_data.h"
#include "init/config/sources/metadata.h"

enum { META_DATA_MAX = 64 * 1024 };

/* "nocloud;…" or "nocloud-net;…", what follows the first semicolon; NULL for anything else. */
static const char *settings_of(const char *text)
{
	static const char *const names[] = {"nocloud-net;", "nocloud;"};
	for (size_t i = 0; text && i < 2; i++)
		if (strncmp(text, names[i], strlen(names[i])) == 0)
			return text + strlen(names[i]);
	return NULL;
}

static const char *find_settings(const struct config_search *search)
{
	const char *serial = search->identity.serial;
	const char *own = settings_of(search->seed);
	return own ? own : settings_of(strncmp(serial, "ds=", 3) == 0 ? serial + 3 : NULL);
}

/* The value of one of two names among "name=value;name=value". */
static bool take_setting(const char *settings, const char *shorter, const char *longer, char *out,
			 size_t capacity)
{
	while (settings && *settings) {
		size_t name = strcspn(settings, "=;"), size = strcspn(settings, ";");
		if (settings[name] == '=' && size - name - 1 < capacity &&
		    ((name == strlen(shorter) && strncmp(settings, shorter, name) == 0) ||
		     (name == strlen(longer) && strncmp(settings, longer, name) == 0))) {
			memcpy(out, settings + name + 1, size - name - 1);
			out[size - name - 1] = 0;
			return true;
		}
		settings += size + (settings[size] == ';');
	}
	return false;
}

static bool hint(const struct config_search *search)
{
	char seed[CONFIG_TARGET_MAX];
	return take_setting(find_settings(search), "s", "seedfrom", seed, sizeof seed) &&
	       strncmp(seed, "http", 4) == 0;
}

static int open_seed(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	char seed[CONFIG_TARGET_MAX] = "";
	const char *settings = find_settings(search);
	if (!take_setting(settings, "s", "seedfrom", seed, sizeof seed))
		return error_set(err, "nothing says where: give ds=nocloud;s=http://host/path/");
	if (config_fill_url(search, seed, place->url, sizeof place->url, err) < 0)
		return error_context(err, "ds=nocloud");
	snprintf(place->where, sizeof place->where, "%s", place->url);
	return 0;
}

/* cloud-init wants meta-data to be there; so do we, as it shows that this is a seed. */
static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static char text[META_DATA_MAX];
	char url[CONFIG_TARGET_MAX + 16], own[CONFIG_HOSTNAME] = "";
	size_t size = 0;
	struct metadata_question question = {.url = url};
	snprintf(url, sizeof url, "%smeta-data", place->url);
	long status = metadata_ask(search, &question, text, sizeof text, &size, err);
	if (status != 200)
		return status < 0
			       ? CONFIG_FAILED
			       : (error_set(err, "%.150s answers with the status %ld", url, status),
				  CONFIG_FAILED);
	snprintf(url, sizeof url, "%suser-data", place->url);
	enum config_outcome outcome = metadata_document(search, &question, answer, err);
	meta_data_hostname(text, size, answer->hostname);
	if (take_setting(find_settings(search), "h", "local-hostname", own, sizeof own))
		meta_data_take_hostname(own, answer->hostname);
	return outcome;
}

const struct config_source source_nocloud_net = {
	.name = "nocloud-net",
	.trust = TRUST_NETWORK,
	.place = "`user-data` and `meta-data` below an address in the system's serial number "
		 "(SMBIOS type 1) or in "
		 "`ds=` on the command line",
	.by = "a web server; whoever starts the machine names it",
	.example = "-smbios type=1,serial=ds=nocloud;s=http://host/seed/",
	.hint = hint,
	.open = open_seed,
	.fetch = fetch,
};
