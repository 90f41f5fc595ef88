// SPDX-License-Identifier: Apache-2.0
/* A Pod's probes and hooks as tests of health and hooks of Compose. */
#include "init/config/document/pod.h"

#include <stdlib.h>
#include <string.h>

/* A number, or the name of one of the container's ports; 0: reported. */
static long find_port(struct pod *pod, const struct node *container, const struct node *port)
{
	const struct node *list = node_get(container, "ports");
	size_t digits = strspn(port->text, "0123456789");
	long number =
		digits && digits < 6 && !port->text[digits] ? strtol(port->text, NULL, 10) : 0;
	for (const struct node *at = list ? list->first : NULL; at && !number; at = at->next) {
		const char *name = node_get_text(at, "name");
		if (name && strcmp(name, port->text) == 0)
			number = (long)node_get(at, "containerPort")->integer;
	}
	if (number > 0 && number < 65536)
		return number;
	complain(pod->normaliser, port,
		 "\"%.40s\" is neither a port nor the name of one of the container's", port->text);
	return 0;
}

/* "[::1]" of IPv6; empty for the container's own. */
static const char *host_of(struct pod *pod, const struct node *get)
{
	const struct node *host = node_get(get, "host");
	return !host ? ""
		     : pod_text(pod, host, strchr(host->text, ':') ? "[%s]" : "%s", host->text);
}

static void add_http(struct pod *pod, const struct node *container, const struct node *get,
		     struct node *test)
{
	const char *scheme = node_get_text(get, "scheme"), *path = node_get_text(get, "path");
	const struct node *headers = node_get(get, "httpHeaders");
	bool tls = scheme && strcmp(scheme, "HTTPS") == 0;
	long port = find_port(pod, container, node_get(get, "port"));
	pod_append_text(pod, test, "X-BERTH-HTTP", get);
	pod_append_text(pod, test,
			pod_text(pod, get, "%s://%s:%ld%s%s", tls ? "https" : "http",
				 host_of(pod, get), port, path && *path == '/' ? "" : "/",
				 path ? path : ""),
			get);
	for (const struct node *at = headers ? headers->first : NULL; at; at = at->next)
		pod_append_text(pod, test,
				pod_text(pod, at, "%s: %s", node_get_text(at, "name"),
					 node_get_text(at, "value")),
				at);
}

static void add_tcp(struct pod *pod, const struct node *container, const struct node *socket,
		    struct node *test)
{
	long port = find_port(pod, container, node_get(socket, "port"));
	pod_append_text(pod, test, "X-BERTH-TCP", socket);
	pod_append_text(pod, test, pod_text(pod, socket, "%s:%ld", host_of(pod, socket), port),
			socket);
}

static void add_command(struct pod *pod, const struct node *words, struct node *test)
{
	pod_append_text(pod, test, "CMD", words);
	for (const struct node *word = words->first; word; word = word->next)
		pod_append_text(pod, test, word->text, word);
}

/* Exactly one thing is to be done. */
static bool is_one(struct pod *pod, const struct node *handler)
{
	static const char *const kinds[] = {"exec", "httpGet", "tcpSocket", "sleep"};
	unsigned count = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		count += node_get(handler, kinds[i]) != NULL;
	if (count != 1)
		complain(pod->normaliser, handler,
			 count ? "does more than one thing"
			       : "says not what is done: exec, httpGet …");
	return count == 1;
}

static void put_test(struct pod *pod, const struct node *container, const struct node *probe,
		     struct node *check)
{
	const struct node *words = node_at(probe, "exec.command"),
			  *get = node_get(probe, "httpGet");
	const struct node *socket = node_get(probe, "tcpSocket");
	if (!is_one(pod, probe))
		return;
	struct node *test = pod_put_new(pod, check, "test", NODE_LIST, probe);
	if (words)
		add_command(pod, words, test);
	else if (get)
		add_http(pod, container, get, test);
	else if (socket)
		add_tcp(pod, container, socket, test);
}

/* A Pod's container is tested more often than Docker does when it does not say how often, and the
 * first time at once. */
static struct node *put_check(struct pod *pod, const struct node *container,
			      const struct node *probe, struct node *service, const char *key)
{
	bool health = strcmp(key, "healthcheck") == 0;
	const struct node *good = node_get(probe, "successThreshold");
	const char *delay = health ? "x-berth-delay" : "delay";
	struct node *check = pod_put_new(pod, service, key, NODE_MAP, probe);
	put_test(pod, container, probe, check);
	pod_put_seconds(pod, check, "interval", node_get(probe, "periodSeconds"));
	pod_put_seconds(pod, check, "timeout", node_get(probe, "timeoutSeconds"));
	pod_put_seconds(pod, check, delay, node_get(probe, "initialDelaySeconds"));
	pod_put(pod, check, "retries", node_get(probe, "failureThreshold"));
	if (health)
		pod_put(pod, check, "x-berth-successes", good);
	if (good && good->integer != 1 && strcmp(probe->key, "readinessProbe") != 0)
		complain(pod->normaliser, good, "must be 1 but in a readinessProbe");
	if (!node_get(check, "interval"))
		pod_put_text(pod, check, "interval", "10s", probe);
	if (!node_get(check, "timeout"))
		pod_put_text(pod, check, "timeout", "1s", probe);
	if (!node_get(check, delay))
		pod_put_text(pod, check, delay, "0s", probe);
	return check;
}

static void put_hook(struct pod *pod, const struct node *container, const struct node *handler,
		     struct node *service, const char *key)
{
	const struct node *words = node_at(handler, "exec.command"),
			  *get = node_get(handler, "httpGet");
	const struct node *sleep = node_get(handler, "sleep");
	if (!handler || !is_one(pod, handler))
		return;
	struct node *list = pod_put_new(pod, service, key, NODE_LIST, handler);
	struct node *hook = pod_put_new(pod, list, NULL, NODE_MAP, handler);
	if (words) {
		pod_put(pod, hook, "command", words);
	} else {
		struct node *test = pod_put_new(pod, hook, "x-berth-test", NODE_LIST, handler);
		if (get) {
			add_http(pod, container, get, test);
		} else if (sleep) {
			pod_append_text(pod, test, "X-BERTH-SLEEP", sleep);
			pod_append_text(pod, test,
					pod_text(pod, sleep, "%llds",
						 (long long)node_get(sleep, "seconds")->integer),
					sleep);
		}
	}
	if (strcmp(key, "post_start") == 0)
		pod_put_text(pod, hook, "x-berth-on-failure", "restart", handler);
}

/* Readiness is what a health is, else whether it lives. */
void pod_probes(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *ready = node_get(container, "readinessProbe");
	const struct node *lives = node_get(container, "livenessProbe");
	const struct node *starts = node_get(container, "startupProbe");
	const struct node *lifecycle = node_get(container, "lifecycle");
	if (ready)
		put_check(pod, container, ready, service, "healthcheck");
	if (lives && ready)
		put_check(pod, container, lives, service, "x-berth-liveness");
	else if (lives)
		pod_put_text(pod, put_check(pod, container, lives, service, "healthcheck"),
			     "x-berth-on-failure", "stop", lives);
	if (starts)
		put_check(pod, container, starts, service, "x-berth-startup");
	put_hook(pod, container, node_get(lifecycle, "postStart"), service, "post_start");
	put_hook(pod, container, node_get(lifecycle, "preStop"), service, "pre_stop");
	pod_put(pod, service, "stop_signal", node_get(lifecycle, "stopSignal"));
}
