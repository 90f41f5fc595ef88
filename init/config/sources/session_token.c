// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/session_token.h"

#include <string.h>

int session_token_get(struct config_search *search, const char *url, const char *lifetime,
		      const char *accept, const char *name, struct session_token *token,
		      struct error *err)
{
	/* An empty body, and no type for what is not there. */
	const struct metadata_question question = {
		.url = url,
		.method = "PUT",
		.headers = {lifetime, "Content-Type:", accept},
		.body = "",
	};
	char text[METADATA_TEXT];
	size_t size = 0;
	token->header[0] = 0;
	long status = metadata_ask(search, &question, text, sizeof text, &size, err);
	if (status < 0)
		return -1;
	if (status == 404)
		return 0;
	text[strcspn(text, "\r\n")] = 0;
	if (status != 200 || !*text)
		return error_set(err, "%.150s gives no token (status %ld)", url, status);
	snprintf(token->header, sizeof token->header, "%s: %s", name, text);
	return 1;
}
