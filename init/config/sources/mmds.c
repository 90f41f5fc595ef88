// SPDX-License-Identifier: Apache-2.0
/* Firecracker's microVM metadata service, second version (its documentation, "mmds"). Firecracker
 * has no SMBIOS: nothing shows that it is there. */
#include "init/config/sources/table.h"

#include "init/config/sources/session_token.h"

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	struct session_token token;
	(void)place;
	int got = session_token_get(search, METADATA_HOST "/latest/api/token",
				    "X-metadata-token-ttl-seconds: 300", NULL, "X-metadata-token",
				    &token, err);
	if (got == 0)
		error_set(err, METADATA_HOST "/latest/api/token is not there: MMDS must be of the "
					     "version 2");
	if (got <= 0)
		return CONFIG_FAILED;
	const struct metadata_question document = {.url = METADATA_HOST "/latest/user-data",
						   .headers = {token.header}};
	return metadata_document(search, &document, answer, err);
}

const struct config_source source_mmds = {
	.name = "mmds",
	.trust = TRUST_NETWORK,
	.on_link = "169.254.169.254",
	.place = "169.254.169.254, `/latest/user-data` with a session token; only when "
		 "`berth.config=mmds` "
		 "asks for it",
	.by = "Firecracker's MMDS, version 2",
	.example = "PUT /mmds {\"latest\": {\"user-data\": \"…\"}}",
	.fetch = fetch,
};
