// SPDX-License-Identifier: Apache-2.0
/* DigitalOcean's metadata service (its API reference, "Metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/metadata.h"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.vendor, "DigitalOcean");
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question document = {.url = METADATA_HOST
							  "/metadata/v1/user-data"},
					      name = {.url = METADATA_HOST "/metadata/v1/hostname"};
	(void)place;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		metadata_hostname(search, &name, answer);
	return outcome;
}

const struct config_source source_digitalocean = {
	.name = "digitalocean",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/metadata/v1/user-data`; known by the vendor `DigitalOcean`",
	.by = "DigitalOcean's user data",
	.example = "doctl compute droplet create --user-data-file compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
