// SPDX-License-Identifier: Apache-2.0
/* Google Compute Engine (its documentation, "About VM metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/metadata.h"

#define ATTRIBUTES METADATA_HOST "/computeMetadata/v1/instance/attributes/"
#define FLAVOR     "Metadata-Flavor: Google"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.product, "Google Compute Engine") ||
	       strncmp(search->identity.serial, "GoogleCloud-", 12) == 0;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question
		document = {ATTRIBUTES "user-data", NULL, {FLAVOR}, NULL, false},
		container = {ATTRIBUTES "gce-container-declaration", NULL, {FLAVOR}, NULL, false},
		encoding = {ATTRIBUTES "user-data-encoding", NULL, {FLAVOR}, NULL, false},
		name = {METADATA_HOST "/computeMetadata/v1/instance/hostname",
			NULL,
			{FLAVOR},
			NULL,
			false};
	char text[METADATA_TEXT];
	(void)place;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		answer->base64 = metadata_text(search, &encoding, text, NULL) == 0 &&
				 metadata_is(text, "base64");
	else if (outcome == CONFIG_NOTHING)
		outcome = metadata_document(search, &container, answer, err);
	if (outcome != CONFIG_FOUND)
		return outcome;
	metadata_hostname(search, &name, answer);
	return outcome;
}

const struct config_source source_gcp = {
	.name = "gcp",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, the attribute `user-data` (and `user-data-encoding`), else "
		 "`gce-container-declaration`; known by the product name `Google Compute Engine`",
	.by = "Google Compute Engine's instance metadata",
	.example = "gcloud compute instances create --metadata-from-file user-data=compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
