// SPDX-License-Identifier: Apache-2.0
/* Hetzner Cloud's metadata service (its documentation, "Server metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/metadata.h"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.vendor, "Hetzner");
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question document = {.url = METADATA_HOST
							  "/hetzner/v1/userdata"},
					      name = {.url = METADATA_HOST
						      "/hetzner/v1/metadata/hostname"};
	(void)place;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		metadata_hostname(search, &name, answer);
	return outcome;
}

const struct config_source source_hetzner = {
	.name = "hetzner",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/hetzner/v1/userdata`; known by the vendor `Hetzner`",
	.by = "Hetzner Cloud's user data",
	.example = "hcloud server create --user-data-from-file compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
