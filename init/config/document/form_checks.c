// SPDX-License-Identifier: Apache-2.0
/* Texts that must be of a form of their own. */
#include "init/config/document/forms.h"

#include "images/reference.h"
#include "init/config/device_keys.h"
#include "init/config/keys.h"
#include "lib/suggest.h"
#include "runtime/container.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum form_result check_image(struct normaliser *normaliser, struct node *node)
{
	struct reference reference;
	struct error err = ERROR_INIT;
	if (reference_parse(node->text, &reference, &err) < 0)
		complain(normaliser, node, "%s", err.text);
	return FORM_DONE;
}

/* One of the words, or another one's: "service:NAME", "container:NAME". */
static enum form_result check_shared(struct normaliser *normaliser, struct node *node,
				     const char *words)
{
	char near[40];
	if (schema_is_choice(words, node->text) ||
	    (strncmp(node->text, "service:", 8) == 0 && node->text[8]) ||
	    (strncmp(node->text, "container:", 10) == 0 && node->text[10]))
		return FORM_DONE;
	return complain_suggesting(normaliser, node->at, schema_suggest_choice(words, node->text, near),
				   "\"%.40s\" is none of %s|service:NAME|container:NAME", node->text,
				   words);
}

enum form_result check_network_mode(struct normaliser *normaliser, struct node *node)
{
	if (strcmp(node->text, "default") == 0)
		return FORM_DONE;
	return check_shared(normaliser, node, "bridge|host|none");
}

enum form_result check_pid(struct normaliser *normaliser, struct node *node)
{
	return check_shared(normaliser, node, "host");
}

enum form_result check_ipc(struct normaliser *normaliser, struct node *node)
{
	return check_shared(normaliser, node, "private|shareable|none|host");
}

/* They go, as docker compose has it: Docker's own driver knows none. */
enum form_result check_ipam(struct normaliser *normaliser, struct node *node)
{
	struct node *options = node_get(node, "options");
	size_t outer = path_push(normaliser, "options");
	for (const struct node *at = options ? options->first : NULL; at; at = at->next) {
		size_t mark = path_push(normaliser, at->key);
		problem_add(normaliser->problems, PROBLEM_WARNING, at->at, normaliser->path, NULL,
			    "addresses are handed out by the default driver, as in Docker, which has no "
			    "options: it changes nothing");
		path_pop(normaliser, mark);
	}
	path_pop(normaliser, outer);
	if (options)
		node_remove(node, options);
	return FORM_DONE;
}

enum form_result check_device_rules(struct normaliser *normaliser, struct node *node)
{
	struct device_rule rule;
	unsigned index = 0;
	for (struct node *item = node->first; item; item = item->next) {
		struct error err = ERROR_INIT;
		size_t mark = path_push_index(normaliser, index++);
		if (parse_device_rule(item->text, &rule, &err) < 0)
			complain(normaliser, item, "%s", err.text);
		path_pop(normaliser, mark);
	}
	return FORM_DONE;
}

enum form_result check_device_access(struct normaliser *normaliser, struct node *node)
{
	if (!*node->text || node->text[strspn(node->text, "rwm")])
		complain(normaliser, node, "\"%.20s\" are not some of r, w and m", node->text);
	return FORM_DONE;
}

enum form_result check_restart(struct normaliser *normaliser, struct node *node)
{
	static const char *const policies = "no|on-failure|always|unless-stopped";
	enum restart_policy policy;
	unsigned max;
	char near[40];
	struct error err = ERROR_INIT;
	if (parse_restart(node->text, &policy, &max, &err) < 0)
		complain_suggesting(normaliser, node->at,
				    schema_suggest_choice(policies, node->text, near), "%s", err.text);
	return FORM_DONE;
}

enum form_result check_signal(struct normaliser *normaliser, struct node *node)
{
	const char *text = node->text;
	char near[40];
	if (container_signal_number(text) > 0)
		return FORM_DONE;
	const char *choices = strncasecmp(text, "SIG", 3) == 0
				      ? "SIGHUP|SIGINT|SIGQUIT|SIGKILL|SIGUSR1|SIGUSR2|SIGALRM|SIGTERM|"
					"SIGCONT|SIGSTOP|SIGTSTP|SIGWINCH|SIGPWR|SIGRTMIN|SIGRTMAX"
				      : "HUP|INT|QUIT|KILL|USR1|USR2|ALRM|TERM|CONT|STOP|TSTP|WINCH|PWR";
	return complain_suggesting(normaliser, node->at, schema_suggest_choice(choices, text, near),
				   "\"%.40s\" is not a signal such as SIGTERM or 15", text);
}

/* capabilities(7), without CAP_. */
static const char *const capabilities[] = {
	"ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF",
	"CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
	"IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE",
	"MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP",
	"SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE",
	"SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
	"SYS_TTY_CONFIG", "WAKE_ALARM",
};

static const char *nth_capability(const void *context, size_t i)
{
	(void)context;
	return i < sizeof capabilities / sizeof *capabilities ? capabilities[i] : NULL;
}

static bool is_capability(const char *name)
{
	name += strncasecmp(name, "CAP_", 4) == 0 ? 4 : 0;
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		if (strcasecmp(capabilities[i], name) == 0)
			return true;
	return false;
}

enum form_result check_capability(struct normaliser *normaliser, struct node *node)
{
	for (struct node *item = node->first; item; item = item->next)
		if (!is_capability(item->text))
			complain_suggesting(normaliser, item->at, suggest(item->text, nth_capability, NULL),
					    "\"%.40s\" is not a capability", item->text);
	return FORM_DONE;
}

enum form_result check_address(struct normaliser *normaliser, struct node *node)
{
	unsigned char out[16];
	if (inet_pton(AF_INET, node->text, out) != 1 && inet_pton(AF_INET6, node->text, out) != 1)
		complain(normaliser, node, "\"%.60s\" is not an IP address", node->text);
	return FORM_DONE;
}

enum form_result check_subnet(struct normaliser *normaliser, struct node *node)
{
	char address[64], *end = address;
	unsigned char out[16];
	size_t length = strcspn(node->text, "/");
	snprintf(address, sizeof address, "%.*s", (int)length, node->text);
	bool v4 = inet_pton(AF_INET, address, out) == 1, v6 = inet_pton(AF_INET6, address, out) == 1;
	const char *bits = node->text + length;
	unsigned long prefix = *bits && isdigit((unsigned char)bits[1]) ? strtoul(bits + 1, &end, 10)
									: 999;
	if ((!v4 && !v6) || prefix > (v4 ? 32 : 128) || *end)
		complain(normaliser, node, "\"%.60s\" is not a network such as 10.1.0.0/24", node->text);
	return FORM_DONE;
}

enum form_result check_mac(struct normaliser *normaliser, struct node *node)
{
	unsigned b[6];
	int end = 0;
	if (sscanf(node->text, "%2x:%2x:%2x:%2x:%2x:%2x%n", b, b + 1, b + 2, b + 3, b + 4, b + 5,
		   &end) != 6 || node->text[end])
		complain(normaliser, node, "\"%.40s\" is not a MAC address such as 02:00:00:00:00:01",
			 node->text);
	return FORM_DONE;
}

enum form_result check_user(struct normaliser *normaliser, struct node *node)
{
	const char *mark = strchr(node->text, ':');
	if (node_is_scalar(node) && mark && strchr(mark + 1, ':'))
		complain(normaliser, node, "\"%.60s\" is not a user: USER[:GROUP], names or numbers", node->text);
	return FORM_DONE;
}

enum form_result check_absolute(struct normaliser *normaliser, struct node *node)
{
	if (*node->text != '/')
		complain(normaliser, node, "\"%.60s\" is not an absolute path", node->text);
	return FORM_DONE;
}
