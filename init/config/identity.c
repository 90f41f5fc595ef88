// SPDX-License-Identifier: Apache-2.0
#include "init/config/identity.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/text.h"

#include <fcntl.h>
#include <string.h>

void identity_read(const char *folder, struct identity *out)
{
	const struct {
		const char *file;
		char *text;
	} fields[] = {
		{"sys_vendor", out->vendor},           {"product_name", out->product},
		{"product_serial", out->serial},       {"product_uuid", out->uuid},
		{"chassis_asset_tag", out->asset_tag},
	};
	memset(out, 0, sizeof *out);
	_cleanup_close_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; dir >= 0 && i < countof(fields); i++) {
		char *text = fields[i].text;
		if (file_read(dir, fields[i].file, text, IDENTITY_TEXT, NULL) < 0) {
			*text = 0;
			continue;
		}
		text[strcspn(text, "\n")] = 0;
		text_one_line(text);
	}
}

const char *identity_describe(const struct identity *identity, char *out, unsigned capacity)
{
	if (*identity->vendor || *identity->product)
		snprintf(out, capacity, "%.60s%s%.60s", identity->vendor,
			 *identity->vendor && *identity->product ? " " : "", identity->product);
	else
		snprintf(out, capacity, "nothing");
	return out;
}
