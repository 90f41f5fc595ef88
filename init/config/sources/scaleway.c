// SPDX-License-Identifier: Apache-2.0
/* Scaleway's metadata service, which gives user data only to who asks from a privileged port (its
 * documentation, "Using metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/meta_data.h"
#include "init/config/sources/metadata.h"

#define HOST "http://169.254.42.42"

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.vendor, "Scaleway");
}

/* HOSTNAME=… among the lines of /conf. */
static void take_hostname(struct config_search *search, struct config_answer *answer)
{
	static const struct metadata_question about = {.url = HOST "/conf"};
	static char text[32 * 1024];
	size_t size = 0;
	if (metadata_ask(search, &about, text, sizeof text, &size, NULL) != 200)
		return;
	char *line = strncmp(text, "HOSTNAME=", 9) == 0 ? text : strstr(text, "\nHOSTNAME=");
	if (!line)
		return;
	line = strchr(line, '=') + 1;
	line[strcspn(line, "\r\n")] = 0;
	meta_data_take_hostname(line, answer->hostname);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question document = {.url = HOST "/user_data/cloud-init",
							  .low_port = true};
	(void)place;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		take_hostname(search, answer);
	return outcome;
}

const struct config_source source_scaleway = {
	.name = "scaleway",
	.trust = TRUST_NETWORK,
	.place = "169.254.42.42, `/user_data/cloud-init` from a port below 1024; known by the "
		 "vendor `Scaleway`",
	.by = "Scaleway's user data `cloud-init`",
	.example = "scw instance server create cloud-init=@compose.yaml",
	.hint = hint,
	.fetch = fetch,
	.low_port = true,
};
