// SPDX-License-Identifier: Apache-2.0
/* Amazon EC2, Instance Metadata Service version 2 (EC2 User Guide, "Access instance metadata");
 * version 1 only where the service has no second. */
#include "init/config/sources/table.h"

#include "init/config/sources/session_token.h"

#include <strings.h>

/* "ec2…", or the same with the first group's bytes in the other order (EC2 User Guide, "Detect
 * whether a host is an EC2 instance"). */
static bool hint(const struct config_search *search)
{
	const char *uuid = search->identity.uuid;
	return strncasecmp(uuid, "ec2", 3) == 0 ||
	       (strlen(uuid) > 8 && uuid[4] == '2' && strncasecmp(uuid + 6, "ec", 2) == 0 &&
		strncasecmp(search->identity.vendor, "amazon", 6) == 0);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	struct session_token token;
	(void)place;
	if (session_token_get(search, METADATA_HOST "/latest/api/token",
			      "X-aws-ec2-metadata-token-ttl-seconds: 21600", NULL,
			      "X-aws-ec2-metadata-token", &token, err) < 0)
		return CONFIG_FAILED;
	const char *header = *token.header ? token.header : NULL;
	const struct metadata_question document = {.url = METADATA_HOST "/latest/user-data",
						   .headers = {header}},
				       name = {.url = METADATA_HOST
					       "/latest/meta-data/local-hostname",
					       .headers = {header}};
	enum config_outcome outcome = metadata_document(search, &document, answer, err);
	if (outcome == CONFIG_FOUND)
		metadata_hostname(search, &name, answer);
	return outcome;
}

const struct config_source source_ec2 = {
	.name = "ec2",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `/latest/user-data` with a session token (IMDSv2); known by the "
		 "system UUID",
	.by = "Amazon EC2's user data",
	.example = "aws ec2 run-instances --user-data file://compose.yaml",
	.hint = hint,
	.fetch = fetch,
};
