// SPDX-License-Identifier: Apache-2.0
/*
 * network_start in namespaces of its own: device choice, static addresses, time-outs and their
 * reasons. The device is one end of a veth pair; its other end, in another namespace, is the cable.
 */
#include "init/net/ipv4.h"
#include "init/net/network.h"
#include "init/net/rtnetlink.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum { TIMEOUT_MS = 400, LATE_MS = 100 };

/* Where the machine's device stands, and its cable. */
enum scene { NO_DEVICE, UNPLUGGED, PLUGGED, PLUGGED_LATE, DEVICE_LATE };

static const struct {
	const char *name, *ip;
	enum scene scene;
	const char *want; /* how the outcome begins */
} cases[] = {
	{"static", "10.9.0.2::10.9.0.1:24::eth0:off:10.9.0.1:9.9.9.9", PLUGGED,
	 "up eth0 10.9.0.2/24 via 10.9.0.1 static|nameserver 10.9.0.1|nameserver 9.9.9.9|"},
	{"static without gateway and resolvers", "10.9.0.2:::24", PLUGGED,
	 "up eth0 10.9.0.2/24 via  static|"},
	{"static with a gateway off the link", "10.9.0.2::10.8.0.1:32", PLUGGED,
	 "up eth0 10.9.0.2/32 via 10.8.0.1 static|"},
	{"a cable plugged in later", "10.9.0.2::10.9.0.1:24", PLUGGED_LATE,
	 "up eth0 10.9.0.2/24 via 10.9.0.1 static|"},
	{"a device that appears later", "10.9.0.2::10.9.0.1:24::eth0", DEVICE_LATE,
	 "up eth0 10.9.0.2/24 via 10.9.0.1 static|"},
	{"IPv6 alone", "[fd09::2]::[fd09::1]:64::eth0:off:[fd09::53]", PLUGGED,
	 "up eth0 fd09::2/64 via fd09::1 static|nameserver fd09::53|"},
	{"IPv6 by a link-local router", "[fd09::2]::[fe80::1]", PLUGGED,
	 "up eth0 fd09::2/64 via fe80::1 static|"},
	{"ip=off", "off", PLUGGED, "down   via  off|"},
	{"no device", "", NO_DEVICE, "no network device"},
	{"no such device", ":::::eth7:dhcp", PLUGGED, "no network device eth7"},
	{"no cable", "dhcp", UNPLUGGED, "no carrier on eth0"},
	{"no server", "dhcp", PLUGGED, "no DHCP answer on eth0 in 1 s"},
};

static int answer;

static void finish(const char *text)
{
	write_all(answer, text, strlen(text), NULL);
	_exit(0);
}

static void outcome(const struct network_state *state, const struct error *err, void *context)
{
	char text[1024], resolv_conf[512] = "";
	(void)context;
	if (err)
		finish(err->text);
	file_read(AT_FDCWD, "/run/resolv.conf", resolv_conf, sizeof resolv_conf, NULL);
	if (strcmp(resolv_conf, state->resolv_conf) != 0)
		finish("/run/resolv.conf is not what the state says");
	for (char *at = resolv_conf; *at; at++)
		if (*at == '\n')
			*at = '|';
	snprintf(text, sizeof text, "%s %s %s via %s %s|%s", state->up ? "up" : "down",
		 state->device, state->address, state->gateway, state->source, resolv_conf);
	finish(text);
}

static int route, far_route, elsewhere;

static void add_unplugged(void)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};
	struct error err = ERROR_INIT;
	const struct rtnetlink_pair pair = {"eth0", 0, "cable", mac, elsewhere, 0};
	if (rtnetlink_veth_create(route, &pair, &err) < 0)
		finish(err.text);
}

static void plug_in(void *context)
{
	struct error err = ERROR_INIT;
	(void)context;
	if (rtnetlink_link_up(far_route, "cable", &err) < 0)
		finish(err.text);
}

static void bring_device(void *context)
{
	add_unplugged();
	plug_in(context);
}

static void child_ended_event(int fd, uint32_t events, void *context)
{
	struct signalfd_siginfo info;
	(void)events;
	(void)context;
	if (read(fd, &info, sizeof info) < 0)
		return;
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		network_child_exited(pid, status);
}

static void play(enum scene scene, const char *ip)
{
	struct error err = ERROR_INIT;
	struct ip_config config;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	route = netlink_open(NETLINK_ROUTE, 0, &err);
	if (route < 0 || ip_config_parse(ip, &config, &err) < 0 ||
	    loop_add(signals, EPOLLIN, child_ended_event, NULL, &err) < 0)
		finish(err.text);
	if (scene == UNPLUGGED || scene == PLUGGED || scene == PLUGGED_LATE)
		add_unplugged();
	if (scene == PLUGGED)
		plug_in(NULL);
	if (scene == PLUGGED_LATE)
		loop_timer(LATE_MS, plug_in, NULL, &err);
	if (scene == DEVICE_LATE)
		loop_timer(LATE_MS, bring_device, NULL, &err);
	if (network_start(&config, TIMEOUT_MS, outcome, NULL, &err) < 0)
		finish(err.text);
	loop_run();
}

/* Two namespaces: first the one that holds the cable's end, then the machine's. */
static bool isolate(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return false;
	elsewhere = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	far_route = netlink_open(NETLINK_ROUTE, 0, NULL);
	return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0;
}

/* The outcome of one case, from a process of its own: there is one network per process. */
static void run(enum scene scene, const char *ip, char *out, size_t capacity)
{
	int pair[2];
	out[0] = 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		answer = pair[1];
		if (!isolate())
			finish("cannot isolate");
		play(scene, ip);
	}
	close(pair[1]);
	file_read_fd(pair[0], "the outcome", out, capacity, NULL);
	close(pair[0]);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	char got[1024];
	run(NO_DEVICE, "off", got, sizeof got);
	if (strcmp(got, "cannot isolate") == 0) {
		skip("network_start", "needs root, network and mount namespaces");
		return tap_end();
	}
	for (size_t i = 0; i < countof(cases); i++) {
		run(cases[i].scene, cases[i].ip, got, sizeof got);
		bool exact = strstr(cases[i].want, "DHCP") == NULL;
		if (!exact) /* why the client ended may follow */
			got[strlen(cases[i].want) < sizeof got ? strlen(cases[i].want) : 0] = 0;
		is(got, cases[i].want, cases[i].name);
	}
	return tap_end();
}
