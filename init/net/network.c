// SPDX-License-Identifier: Apache-2.0
#include "init/net/network.h"

#include "init/net/dhcp.h"
#include "init/net/ipv4.h"
#include "init/net/links.h"
#include "init/net/plan.h"
#include "init/net/rtnetlink.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#define BUSYBOX "/bin/busybox"
#define DHCP_SCRIPT "/usr/share/udhcpc/default.script"
#define RESOLV_CONF "/run/resolv.conf" /* /etc/resolv.conf links to it */

/* What is in force on the device. */
struct setting {
	struct in_addr address, router; /* 0 = none */
	uint8_t prefix;
};

static const struct network_plan no_plan;

static struct {
	struct ip_config config;
	const struct network_plan *plan;
	uint64_t timeout_ms;
	network_ready *ready;
	void *context;
	bool reported; /* ready has been or is about to be called */
	bool failed;
	struct error failure;
	int route, monitor; /* rtnetlink sockets: requests, link events */
	int timer;
	bool chosen, carrier; /* a device; its cable */
	bool dhcp_started;
	struct links seen; /* for the message when none can be chosen */
	struct setting setting;
	struct network_state state;
} net = {.plan = &no_plan, .route = -1, .monitor = -1};

static void deliver(void *context)
{
	(void)context;
	network_addresses_settled();
	net.ready(&net.state, net.failed ? &net.failure : NULL, net.context);
}

/* The first outcome goes to the caller, always from the loop: network_start has returned by then.
 */
static void report(const struct error *err)
{
	if (net.reported)
		return;
	net.reported = true;
	net.failed = err != NULL;
	if (err)
		net.failure = *err;
	loop_timer_cancel(net.timer);
	if (loop_timer(0, deliver, NULL, NULL) < 0)
		deliver(NULL);
}

/* Readers see the old file or the new one, never half of it. */
static void write_resolv_conf(void)
{
	struct error err = ERROR_INIT;
	static const char next[] = RESOLV_CONF ".new";
	const char *text = net.state.resolv_conf;
	if (file_write(AT_FDCWD, next, text, strlen(text), 0644, &err) < 0)
		log_warning("berth", "7 network: %s", err.text);
	else if (rename(next, RESOLV_CONF) < 0)
		log_warning("berth", "7 network: rename %s: %m", next);
}

/* Puts address and route in force and takes away those that they replace. */
static int apply(const struct setting *next, uint32_t lifetime, struct error *err)
{
	const struct setting old = net.setting;
	const char *device = net.state.device;
	if (rtnetlink_address_add(net.route, device, next->address, next->prefix, lifetime, err) <
	    0)
		return -1;
	net.setting = *next;
	net.setting.router = old.router;
	if (old.address.s_addr &&
	    (old.address.s_addr != next->address.s_addr || old.prefix != next->prefix))
		rtnetlink_address_delete(net.route, device, old.address, old.prefix, NULL);
	if (next->router.s_addr == 0) {
		if (old.router.s_addr)
			rtnetlink_default_route_delete(net.route, device, old.router, NULL);
		net.setting.router.s_addr = 0;
		return 0;
	}
	bool on_link = !ipv4_same_subnet(next->address, next->router, next->prefix);
	if (rtnetlink_default_route_set(net.route, device, next->router, on_link, err) < 0)
		return -1;
	net.setting.router = next->router;
	return 0;
}

/* Those of `ip=`, behind the others. */
static void add_resolvers6(char *out, size_t capacity)
{
	for (unsigned i = 0; i < net.config.dns6_count; i++) {
		char address[INET6_ADDRSTRLEN];
		size_t used = strlen(out);
		inet_ntop(AF_INET6, &net.config.dns6[i], address, sizeof address);
		snprintf(out + used, capacity - used, "nameserver %s\n", address);
	}
}

/* Its own address is IPv6 when there is no other. */
static void describe_addresses(struct network_state *state)
{
	const struct ip_config *config = &net.config;
	char text[INET6_ADDRSTRLEN];
	if (net.setting.address.s_addr) {
		ipv4_format(net.setting.address, text);
		snprintf(state->address, sizeof state->address, "%s/%u", text, net.setting.prefix);
		if (net.setting.router.s_addr)
			ipv4_format(net.setting.router, state->gateway);
		return;
	}
	inet_ntop(AF_INET6, &config->client6, text, sizeof text);
	snprintf(state->address, sizeof state->address, "%s/%u", text, config->prefix6);
	if (!IN6_IS_ADDR_UNSPECIFIED(&config->gateway6))
		inet_ntop(AF_INET6, &config->gateway6, state->gateway, sizeof state->gateway);
}

static void describe(const char *source, struct in_addr ntp, const char *domain,
		     const struct in_addr *dns, unsigned dns_count)
{
	struct network_state *state = &net.state;
	char text[INET6_ADDRSTRLEN];
	state->gateway[0] = state->ntp[0] = 0;
	describe_addresses(state);
	if (!IN6_IS_ADDR_UNSPECIFIED(&net.config.ntp6)) {
		inet_ntop(AF_INET6, &net.config.ntp6, text, sizeof text);
		snprintf(state->ntp, sizeof state->ntp, "[%s]", text);
	} else if (ntp.s_addr) {
		ipv4_format(ntp, state->ntp);
	}
	snprintf(state->source, sizeof state->source, "%s", source);
	resolv_conf_format(domain, dns, dns_count, state->resolv_conf, sizeof state->resolv_conf);
	add_resolvers6(state->resolv_conf, sizeof state->resolv_conf);
	plan_resolver(net.plan, state->resolv_conf, sizeof state->resolv_conf);
	state->up = true;
	write_resolv_conf();
}

/* Devices that come after the first bridge have no IPv6 by themselves (bridge.c). */
static void allow_ipv6(const char *device)
{
	char path[96];
	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	file_put(AT_FDCWD, path, "0", NULL);
}

static int apply_ipv6(struct error *err)
{
	const struct ip_config *config = &net.config;
	const char *device = net.state.device;
	allow_ipv6(device);
	if (rtnetlink_address6_add(net.route, device, &config->client6, config->prefix6, err) < 0)
		return -1;
	return IN6_IS_ADDR_UNSPECIFIED(&config->gateway6)
		       ? 0
		       : rtnetlink_default_route6_set(net.route, device, &config->gateway6, err);
}

static void configure_static(void)
{
	struct error err = ERROR_INIT;
	const struct setting wanted = {net.config.client, net.config.gateway, net.config.prefix};
	if ((net.config.prefix6 ? apply_ipv6(&err) : apply(&wanted, 0, &err)) < 0 ||
	    plan_apply(net.route, net.plan, net.state.device, &err) < 0) {
		log_warning("berth", "7 network: %s", err.text);
		report(&err);
		return;
	}
	describe("static", net.config.ntp, "", net.config.dns, net.config.dns_count);
	report(NULL);
}

static void lease_bound(const struct dhcp_lease *lease)
{
	struct error err = ERROR_INIT;
	const struct setting wanted = {lease->address, lease->router, lease->prefix};
	bool changed = wanted.address.s_addr != net.setting.address.s_addr || !net.state.up;
	if (apply(&wanted, lease->lifetime, &err) < 0 ||
	    (changed && plan_apply(net.route, net.plan, net.state.device, &err) < 0)) {
		error_context(&err, "apply the DHCP lease");
		log_warning("berth", "7 network: %s", err.text);
		report(&err);
		return;
	}
	/* Names given in ip= come before those of the server. */
	bool own = net.config.dns_count + net.config.dns6_count > 0;
	describe("dhcp", net.config.ntp.s_addr ? net.config.ntp : lease->ntp, lease->domain,
		 own ? net.config.dns : lease->dns, own ? net.config.dns_count : lease->dns_count);
	if (net.reported && changed)
		log_info("berth", "7 network: %s has %s by DHCP", lease->device, net.state.address);
	report(NULL);
}

static void lease_lost(void)
{
	if (!net.setting.address.s_addr)
		return;
	log_warning("berth", "7 network: the DHCP lease of %s on %s has ended", net.state.address,
		    net.state.device);
	if (net.setting.router.s_addr)
		rtnetlink_default_route_delete(net.route, net.state.device, net.setting.router,
					       NULL);
	rtnetlink_address_delete(net.route, net.state.device, net.setting.address,
				 net.setting.prefix, NULL);
	net.setting = (struct setting){0};
	net.state.up = false;
}

static void lease_event(const struct dhcp_lease *lease, void *context)
{
	(void)context;
	if (strcmp(lease->device, net.state.device) != 0)
		log_warning("berth", "7 network: ignored a DHCP lease for %s", lease->device);
	else if (lease->event == DHCP_BOUND)
		lease_bound(lease);
	else if (lease->event == DHCP_DECONFIG)
		lease_lost();
}

static void configure_dhcp(void)
{
	struct error err = ERROR_INIT;
	if (net.dhcp_started) {
		dhcp_restart();
		return;
	}
	const struct dhcp_client client = {
		.busybox = BUSYBOX,
		.script = DHCP_SCRIPT,
		.device = net.state.device,
		.hostname = net.config.hostname,
		.client_id = net.config.client_id,
		.client_id_type = net.config.client_id_type,
	};
	net.dhcp_started = true;
	if (dhcp_start(&client, lease_event, NULL, &err) < 0)
		report(&err);
}

/* Called at the start and at each link event until there is a device to use. */
static void choose_device(void)
{
	struct error err = ERROR_INIT;
	if (links_raise(net.route, net.config.device, &net.seen, &err) < 0) {
		log_warning("berth", "7 network: %s", err.text);
		return;
	}
	const struct rtnetlink_link *link = links_choose(&net.seen);
	if (!link)
		return;
	net.chosen = net.carrier = true;
	snprintf(net.state.device, sizeof net.state.device, "%s", link->name);
	if (net.config.dhcp)
		configure_dhcp();
	else
		configure_static();
}

static void device_gone(void)
{
	log_error("berth", "7 network: device %s is gone", net.state.device);
	net.chosen = net.carrier = net.state.up = false;
	net.setting = (struct setting){0};
}

static void carrier_changed(bool carrier)
{
	net.carrier = carrier;
	log_line(carrier ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "berth",
		 "7 network: carrier %s on %s", carrier ? "is back" : "lost", net.state.device);
	if (carrier && net.config.dhcp)
		dhcp_renew();
}

static void find_device(const struct rtnetlink_link *link, void *context)
{
	if (strcmp(link->name, net.state.device) == 0)
		*(struct rtnetlink_link *)context = *link;
}

static void ignore_message(const struct nlmsghdr *message, void *context)
{
	(void)message;
	(void)context;
}

/* A queued event tells how the device was; what counts is how it is now. */
static void link_event(int fd, uint32_t events, void *context)
{
	struct error err = ERROR_INIT;
	struct rtnetlink_link now = {0};
	(void)events;
	(void)context;
	if (netlink_drain(fd, ignore_message, NULL, &err) < 0)
		log_warning("berth", "7 network: %s", err.text);
	if (!net.chosen) {
		choose_device();
		return;
	}
	if (rtnetlink_links(net.route, find_device, &now, &err) < 0)
		log_warning("berth", "7 network: %s", err.text);
	else if (!now.index)
		device_gone();
	else if (now.carrier != net.carrier)
		carrier_changed(now.carrier);
}

/* What the machine is still waiting for. */
static void timed_out(void *context)
{
	struct error err = ERROR_INIT;
	char names[128];
	unsigned long long seconds = (net.timeout_ms + 999) / 1000;
	(void)context;
	links_names(&net.seen, names, sizeof names);
	if (net.chosen && *dhcp_last_failure())
		error_temporary(&err, "no DHCP answer on %s in %llu s: %s", net.state.device,
				seconds, dhcp_last_failure());
	else if (net.chosen)
		error_temporary(&err, "no DHCP answer on %s in %llu s", net.state.device, seconds);
	else if (net.seen.count)
		error_temporary(&err, "no carrier on %s", names);
	else if (*net.config.device)
		error_temporary(&err, "no network device %s", net.config.device);
	else
		error_temporary(&err, "no network device");
	report(&err);
}

int network_start(const struct ip_config *config, uint64_t timeout_ms, network_ready *ready,
		  void *context, struct error *err)
{
	net.config = *config;
	net.timeout_ms = timeout_ms;
	net.ready = ready;
	net.context = context;
	if (!config->present)
		net.config.dhcp = true;
	net.route = netlink_open(NETLINK_ROUTE, 0, err);
	if (net.route < 0)
		return -1;
	if (rtnetlink_link_up(net.route, "lo", err) < 0)
		return -1;
	if (config->off) {
		snprintf(net.state.source, sizeof net.state.source, "off");
		report(NULL);
		return network_stay_alone(err);
	}
	net.monitor = netlink_open(NETLINK_ROUTE, RTMGRP_LINK, err);
	if (net.monitor < 0 || network_open_outside(err) < 0 || loop_add(net.monitor, EPOLLIN, link_event, NULL, err) < 0)
		return -1;
	net.timer = loop_timer(timeout_ms, timed_out, NULL, err);
	if (net.timer < 0 || plan_make_links(net.route, net.plan, err) < 0)
		return -1;
	choose_device();
	return 0;
}

void network_use_plan(const struct network_plan *plan)
{
	net.plan = plan;
}

int network_reach_on_link(const char *address, struct error *err)
{
	struct in_addr target;
	if (!net.state.up || inet_pton(AF_INET, address, &target) != 1)
		return error_set(err, "no network to reach %.40s", address);
	return rtnetlink_neighbour_route_set(net.route, net.state.device, target, err);
}

bool network_child_exited(pid_t pid, int wait_status)
{
	return dhcp_child_exited(pid, wait_status);
}
