// SPDX-License-Identifier: Apache-2.0
/* Oracle Cloud Infrastructure, second version of its service (its documentation, "Instance
 * Metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/metadata.h"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.asset_tag, "OracleCloud.com");
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question
		document = {.url = METADATA_HOST "/opc/v2/instance/metadata/user_data",
			    .headers = {"Authorization: Bearer Oracle"}},
		name = {.url = METADATA_HOST "/opc/v2/instance/hostname",
			.headers = {"Authorization: Bearer Oracle"}};
	(void)place;
	answer->base64 = true;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		metadata_hostname(search, &name, answer);
	return outcome;
}

const struct config_source source_oracle = {
	.name = "oracle",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/opc/v2/instance/metadata/user_data`; known by the asset tag "
		 "`OracleCloud.com`",
	.by = "Oracle Cloud's user data",
	.example = "oci compute instance launch --user-data-file compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
