// SPDX-License-Identifier: Apache-2.0
/* A document at an address that the command line names. */
#include "init/config/sources/table.h"

#include "init/config/sources/meta_data.h"
#include "init/config/sources/metadata.h"
#include "init/config/url_template.h"

#include "lib/file.h"

#include <fcntl.h>

static bool hint(const struct config_search *search)
{
	return search->target && (strncmp(search->target, "http://", 7) == 0 ||
				  strncmp(search->target, "https://", 8) == 0);
}

static void read_mac(const char *device, char out[32])
{
	char path[64];
	snprintf(path, sizeof path, "/sys/class/net/%.20s/address", device);
	if (!*device || file_read(AT_FDCWD, path, out, 32, NULL) < 0)
		*out = 0;
	out[strcspn(out, "\n")] = 0;
}

int config_fill_url(const struct config_search *search, const char *text, char *out,
		    size_t capacity, struct error *err)
{
	char mac[32];
	read_mac(search->device, mac);
	const struct url_names names = {search->identity.uuid, search->identity.serial, mac,
					search->hostname};
	return url_template_fill(text, &names, out, capacity, err);
}

/* While there is privilege: the names are only for root to read. */
static int open_url(const struct config_search *search, struct config_place *place,
		    struct error *err)
{
	if (config_fill_url(search, search->target, place->url, sizeof place->url, err) < 0)
		return error_context(err, "berth.config");
	snprintf(place->where, sizeof place->where, "%s", place->url);
	return 0;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	const struct metadata_question document = {.url = place->url};
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	return outcome == CONFIG_NOTHING ? CONFIG_FAILED : outcome;
}

const struct config_source source_url = {
	.name = "url",
	.trust = TRUST_NETWORK,
	.place = "`berth.config=http://…` or `https://…`; `${uuid}`, `${serial}`, `${mac}` and "
		 "`${hostname}` are "
		 "filled in. With `berth.config.digest` what comes is as good as the command line",
	.by = "a web server",
	.example = "berth.config=https://host/${serial}.yaml",
	.hint = hint,
	.open = open_url,
	.fetch = fetch,
};
