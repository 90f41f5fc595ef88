// SPDX-License-Identifier: Apache-2.0
/* Microsoft Azure: user data from the instance metadata service, and the report to the wire server
 * without which Azure takes a machine for one that failed to start (its documentation, "Azure
 * Instance Metadata Service" and "Create a Linux image without a provisioning agent"). */
#include "init/config/sources/table.h"

#include "init/config/sources/goal_state.h"
#include "init/config/sources/metadata.h"

#include "lib/cleanup.h"

#include <stdlib.h>
#include <time.h>

#define WIRE_SERVER "http://168.63.129.16/machine/"

enum { TRIES = 5, PAUSE_MS = 500, GOAL_STATE_MAX = 32 * 1024 };

static bool hint(const struct config_search *search)
{
	return strcmp(search->identity.asset_tag, "7783-7084-3265-9085-8269-3286-77") == 0;
}

/* The service says 404 and 410 while it is not ready, and 429 when it is asked too often. */
static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	static const struct metadata_question document = {
		METADATA_HOST
		"/metadata/instance/compute/userData?api-version=2021-01-01&format=text",
		NULL,
		{"Metadata: true"},
		NULL,
		false};
	static const struct metadata_question name = {
		METADATA_HOST "/metadata/instance/compute/name?api-version=2021-01-01&format=text",
		NULL,
		{"Metadata: true"},
		NULL,
		false};
	const struct timespec pause = {0, PAUSE_MS * 1000000L};
	enum config_outcome outcome = CONFIG_FAILED;
	(void)place;
	for (unsigned i = 0; i < TRIES; i++) {
		outcome = metadata_document(search, &document, answer, err);
		if (outcome == CONFIG_FOUND ||
		    (outcome == CONFIG_NOTHING && answer->size == 0 && i > 1))
			break;
		nanosleep(&pause, NULL);
	}
	answer->base64 = true;
	if (outcome == CONFIG_FOUND)
		metadata_hostname(search, &name, answer);
	return outcome;
}

static int read_goal_state(struct config_search *search, char *body, size_t capacity,
			   struct error *err)
{
	static const struct metadata_question question = {
		WIRE_SERVER "?comp=goalstate",
		NULL,
		{"x-ms-version: 2012-11-30", "x-ms-agent-name: berth"},
		NULL,
		false};
	size_t size = 0;
	_cleanup_free_ char *xml = malloc(GOAL_STATE_MAX);
	if (!xml)
		return error_set(err, "no memory for the goal state");
	long status = metadata_ask(search, &question, xml, GOAL_STATE_MAX, &size, err);
	if (status != 200)
		return status < 0 ? -1 : error_set(err, "the goal state: status %ld", status);
	return goal_state_answer(xml, body, capacity, err);
}

static int report_ready(struct config_search *search, struct error *err)
{
	char body[1024], out[4096];
	size_t size = 0;
	const struct metadata_question question = {WIRE_SERVER "?comp=health",
						   NULL,
						   {"x-ms-version: 2012-11-30",
						    "x-ms-agent-name: berth",
						    "Content-Type: text/xml;charset=utf-8"},
						   body,
						   false};
	if (read_goal_state(search, body, sizeof body, err) < 0)
		return error_context(err, "report to Azure's wire server");
	long status = metadata_ask(search, &question, out, sizeof out, &size, err);
	if (status == 200 || status == 202)
		return 0;
	if (status >= 0)
		error_set(err, "status %ld", status);
	return error_context(err, "report to Azure's wire server");
}

const struct config_source source_azure = {
	.name = "azure",
	.trust = TRUST_NETWORK,
	.place = "169.254.169.254, `userData` of the instance; known by the chassis' asset tag. "
		 "The wire server "
		 "168.63.129.16 is told when the document is good",
	.by = "Azure's user data (not its custom data)",
	.example = "az vm create --user-data compose.yaml",
	.hint = hint,
	.fetch = fetch,
	.accepted = report_ready,
};
