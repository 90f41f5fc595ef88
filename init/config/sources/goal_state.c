// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/goal_state.h"

#include <stdio.h>
#include <string.h>

/* The text between <name> and </name>, of the first such element, if it has only harmless
 * characters. */
static int element(const char *xml, const char *name, char *out, size_t capacity, struct error *err)
{
	char tag[32];
	int length = snprintf(tag, sizeof tag, "<%s>", name);
	const char *begin = strstr(xml, tag);
	size_t size = begin ? strspn(begin + length,
				     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-._()")
			    : 0;
	if (size == 0 || size >= capacity || begin[(size_t)length + size] != '<')
		return error_set(err, "the goal state has no %s", name);
	memcpy(out, begin + length, size);
	out[size] = 0;
	return 0;
}

int goal_state_answer(const char *xml, char *body, size_t capacity, struct error *err)
{
	char incarnation[24], container[96], instance[160];
	if (element(xml, "Incarnation", incarnation, sizeof incarnation, err) < 0 ||
	    element(xml, "ContainerId", container, sizeof container, err) < 0 ||
	    element(xml, "InstanceId", instance, sizeof instance, err) < 0)
		return -1;
	snprintf(body, capacity,
		 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		 "<Health xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		 "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">"
		 "<GoalStateIncarnation>%s</GoalStateIncarnation><Container><ContainerId>%s"
		 "</ContainerId><RoleInstanceList><Role><InstanceId>%s</InstanceId><Health>"
		 "<State>Ready</State></Health></Role></RoleInstanceList></Container></Health>",
		 incarnation, container, instance);
	return 0;
}
