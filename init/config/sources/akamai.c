// SPDX-License-Identifier: Apache-2.0
/* Akamai (Linode): a token, then the user data in base64 (its documentation, "Overview of the
 * Metadata service"). */
#include "init/config/sources/table.h"

#include "init/config/sources/session_token.h"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.vendor, "Akamai") ||
	       metadata_is(search->identity.vendor, "Linode");
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	struct session_token token;
	(void)place;
	int got = session_token_get(search, METADATA_HOST "/v1/token",
				    "Metadata-Token-Expiry-Seconds: 300", "Accept: text/plain",
				    "Metadata-Token", &token, err);
	if (got == 0)
		error_set(err, METADATA_HOST "/v1/token is not there");
	if (got <= 0)
		return CONFIG_FAILED;
	const struct metadata_question document = {.url = METADATA_HOST "/v1/user-data",
						   .headers = {token.header}};
	answer->base64 = true;
	return metadata_document(search, &document, answer, err);
}

const struct config_source source_akamai = {
	.name = "akamai",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/v1/user-data` with a token; known by the vendors `Akamai` and "
		 "`Linode`",
	.by = "Akamai's (Linode's) user data",
	.example = "linode-cli linodes create --metadata.user_data \"$(base64 -w0 compose.yaml)\"",
	.hint = hint,
	.fetch = fetch,
};
