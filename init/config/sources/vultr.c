// SPDX-License-Identifier: Apache-2.0
/* Vultr's metadata service: one JSON document with all (its API reference, "Metadata"). */
#include "init/config/sources/table.h"

#include "init/config/sources/meta_data.h"
#include "init/config/sources/metadata.h"

#include "lib/cleanup.h"
#include "lib/json.h"

enum { ABOUT_MAX = USER_DATA_MAX + 64 * 1024, JSON_MEMORY = 4 * 1024 * 1024 };

static bool hint(const struct config_search *search)
{
	return metadata_is(search->identity.vendor, "Vultr");
}

static enum config_outcome take(const char *text, size_t size, struct config_answer *answer,
				struct error *err)
{
	struct json json;
	enum config_outcome outcome = CONFIG_FAILED;
	if (json_open(&json, answer->where, text, size, JSON_MEMORY, err) == 0) {
		yyjson_val *root = json_root(&json);
		const char *document = json_text(root, "user-data");
		outcome = config_take_text(document && *document ? document : NULL,
					   METADATA_HOST "/v1.json, user-data", answer, err);
		meta_data_take_hostname(json_text_or_empty(root, "hostname"), answer->hostname);
	}
	json_close(&json);
	return outcome;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question about = {.url = METADATA_HOST "/v1.json",
						       .headers = {"Metadata-Token: cloudinit"}};
	size_t size = 0;
	(void)place;
	_cleanup_free_ char *text = malloc(ABOUT_MAX);
	snprintf(answer->where, sizeof answer->where, "%s", about.url);
	long status = text ? metadata_ask(search, &about, text, ABOUT_MAX, &size, err)
			   : error_set(err, "no memory for %s", about.url);
	if (status == 200)
		return take(text, size, answer, err);
	if (status >= 0)
		error_set(err, "%s answers with the status %ld", about.url, status);
	return CONFIG_FAILED;
}

const struct config_source source_vultr = {
	.name = "vultr",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `user-data` in `/v1.json`; known by the vendor `Vultr`",
	.by = "Vultr's user data",
	.example = "vultr-cli instance create --userdata \"$(cat compose.yaml)\"",
	.hint = hint,
	.fetch = fetch,
};
