// SPDX-License-Identifier: Apache-2.0
/* OpenStack Nova's metadata service, and clouds made of it. */
#include "init/config/sources/table.h"

#include "init/config/sources/meta_data.h"
#include "init/config/sources/metadata.h"

#include "lib/cleanup.h"

static bool hint(const struct config_search *search)
{
	static const char *const names[] = {"OpenStack Nova",   "OpenStack Compute",
					    "OpenTelekomCloud", "SAP CCloud VM",
					    "HUAWEICLOUD",      "Samsung Cloud Platform"};
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(search->identity.product, names[i]) == 0 ||
		    strcmp(search->identity.asset_tag, names[i]) == 0)
			return true;
	return false;
}

static void take_hostname(struct config_search *search, struct config_answer *answer)
{
	static const struct metadata_question about = {.url = METADATA_HOST
						       "/openstack/latest/meta_data.json"};
	enum { ABOUT_MAX = 64 * 1024 };
	_cleanup_free_ char *text = malloc(ABOUT_MAX);
	size_t size = 0;
	if (text && metadata_ask(search, &about, text, ABOUT_MAX, &size, NULL) == 200)
		meta_data_hostname(text, size, answer->hostname);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question document = {.url = METADATA_HOST
							  "/openstack/latest/user_data"};
	(void)place;
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		take_hostname(search, answer);
	return outcome;
}

const struct config_source source_openstack = {
	.name = "openstack",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/openstack/latest/user_data`; known by the product name or the "
		 "asset tag",
	.by = "OpenStack Nova and clouds made of it",
	.example = "openstack server create --user-data compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
