// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine_codec.h"

#include "init/config/command_line.h"
#include "init/config/keys.h"
#include "init/config/volume_sources.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

static const char line[] =
	"berth.image=nginx:1.27 berth.cmd=\"a 'b c'\" berth.entrypoint=/e berth.env=A=1 berth.env=B= "
	"berth.user=1:2 berth.workdir=/srv berth.name=web berth.port=8080:80 berth.port=127.0.0.1:53:53/udp "
	"berth.memory=64M berth.cpus=0.5 berth.pids=100 berth.restart=on-failure:3 berth.stop-timeout=7 "
	"berth.on-exit=reboot berth.hostname=box berth.registry.insecure=r:5000 "
	"berth.registry.connect=q=10.0.0.1:5000 berth.pull.deadline=60 berth.deadline=5 berth.images.url=http://h/i "
	"berth.cap-drop=ALL berth.cap-add=CHOWN berth.ulimit=nofile=5:6 berth.sysctl=net.core.somaxconn=9 "
	"berth.tmpfs=/run:size=1m berth.volume=data:/data:ro,nocopy berth.add-host=h=1.2.3.4 berth.read-only=true berth.shm-size=1M "
	"berth.container-hostname=inner berth.stop-signal=SIGINT berth.oom-score-adj=-5 "
	"berth.health.test=\"CMD-SHELL 'a b'\" berth.health.interval=500ms berth.health.timeout=2 "
	"berth.health.retries=4 berth.health.start-period=1m berth.health.start-interval=1h "
	"berth.health.on-failure=stop berth.device=/dev/a:/dev/b:r \"berth.device-cgroup-rule=c 1:* rw\" "
	"berth.group-add=audio berth.pid=host berth.ipc=none berth.cgroup=host "
	"berth.privileged=true berth.init=true berth.security-opt=seccomp=unconfined "
	"berth.data=serial=x,format=if-empty,option=discard berth.rescue=on-failure berth.watchdog=30 berth.watchdog.device=software "
	"berth.machine-link=v5,vlan=5,on=bond0,address=fd00::2/64 berth.machine-link=bond0,bond=802.3ad,member=eth1,miimon=50 "
	"berth.machine-address=10.1.0.2/16 berth.machine-route=::/0=fd00::1 berth.machine-dns=::1 berth.machine-search=a.example berth.machine-mtu=1400 "
	"berth.images.settings={} berth.images.credentials={} berth.pull.policy=missing berth.machine-sysctl=vm.swappiness=1 berth.time.ntp=a berth.time.ntp=[::1]:5 ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0:off:10.0.0.3";

/* One line has no room for all of them. */
static const char more[] =
	"berth.cpu-shares=512 berth.cpuset=0-1,3 berth.memory-reservation=16M berth.memory-swap=96M "
	"berth.device-read-bps=/dev/vda:1M berth.device-write-bps=/dev/vda:2M "
	"berth.device-read-iops=/dev/vda:30 berth.device-write-iops=/dev/vdb:40 "
	"berth.tty=100x40 berth.stdin-open=true berth.log.driver=syslog berth.log.syslog=udp://10.0.0.9 "
	"berth.log.facility=local3 berth.log.tag=t/1 berth.machine-log.console=problems "
	"berth.machine-log.syslog=tcp://[fd00::1]:6514 berth.machine-log.facility=user "
	"berth.machine-log.file=true berth.machine-log.max-size=1M berth.machine-log.max-file=2 "
	"berth.domainname=lan.test berth.dns=1.2.3.4 berth.dns-search=a.test berth.dns-option=ndots:2 "
	"berth.platform=linux/amd64/v2 berth.restart-delay=5s berth.restart-window=2m";

/* What only a document says. */
static const char *const documents[][2] = {
	{"service.check", "liveness delay=5ms CMD a"},
	{"service.hook", "stop user=5 CMD 'a b'"},
	{"service.variable", "A=address"},
	{"service.non-root", "true"},
	{"service.companion", "true"},
};

static struct machine from, to;
static unsigned char storage[FRAME_MAX], again[FRAME_MAX];

static void test_round_trip(const char *line)
{
	static struct command_line_problems problems;
	struct frame frame, second;
	struct error err = ERROR_INIT;
	machine_init(&from);
	bool good = command_line_read(more, &from, &problems) == 0 &&
		    command_line_parse(line, &from, &problems) == 0;
	for (size_t i = 0; i < countof(documents); i++)
		good &= setting_key_find(documents[i][0])->apply(&from, documents[i][1], &err) == 0;
	ok(good, "the line is good: %s",
	   problems.count ? problems.kept[0].text : "");
	ok(add_volume_source(&from, "d,ext4,UUID=1-2,ro", &err) == 0, "a volume of a disk");
	frame_begin(&frame, 1, storage, sizeof storage);
	machine_encode(&frame, &from);
	frame.at = 1; /* as a frame that came */
	machine_init(&to);
	ok(!frame.bad && machine_decode(&frame, &to, &err) == 0, "what was written is read: %s",
	   err.text);
	frame_begin(&second, 1, again, sizeof again);
	machine_encode(&second, &to);
	ok(second.size == frame.size && memcmp(storage, again, frame.size) == 0,
	   "and written again it is the same");
	is(to.container->command.items[1], "b c", "a word of a list");
	is(to.container->health.test.items[1], "a b", "a test of health");
	ok(to.container->health.interval_ms == 500 && to.container->health.timeout_ms == 2000 &&
		   to.container->health.start_period_ms == 60000 &&
		   to.container->health.start_interval_ms == 3600000 &&
		   to.container->health.retries == 4 && to.container->stop_unhealthy,
	   "with its times");
	is(machine_volume_source(&to, "d"), "d,ext4,UUID=1-2,ro", "a volume");
	ok(to.registries[1].connect && !to.registries[0].connect, "what is absent stays so");
	ok(to.container->ports[1].family == AF_INET && to.container->ports[1].udp, "a port at an address");
	ok(memcmp(&to.ip.client6, &from.ip.client6, sizeof to.ip.client6) == 0 &&
		   to.ip.prefix6 == from.ip.prefix6 && to.ip.dns6_count == from.ip.dns6_count,
	   "and addresses of IPv6");
}

/* Every cut of a good frame, and every byte of it changed, is refused or gives a description within
 * its bounds. */
static void test_damage(void)
{
	struct frame whole, frame;
	struct error err = ERROR_INIT;
	unsigned wrong = 0;
	frame_begin(&whole, 1, storage, sizeof storage);
	machine_encode(&whole, &from);
	whole.at = 1;
	for (size_t size = 0; size < whole.size; size++) {
		frame = whole;
		frame.size = size;
		machine_init(&to);
		wrong += machine_decode(&frame, &to, &err) == 0;
	}
	ok(wrong == 0, "no cut frame is taken");
	for (size_t at = 1; at < whole.size; at++) {
		frame = whole;
		whole.data[at] ^= 0xff;
		machine_init(&to);
		if (machine_decode(&frame, &to, &err) == 0)
			wrong += to.container->port_count > NET_PORTS_MAX ||
				 to.registry_count > MACHINE_REGISTRIES_MAX ||
				 to.container->network > NETWORK_NONE || to.on_exit > EXIT_HOLD;
		whole.data[at] ^= 0xff;
	}
	ok(wrong == 0, "no damaged frame leads out of the bounds");
}

int main(void)
{
	static char six[sizeof line + 100];
	snprintf(six, sizeof six, "%.*s ip=[fd00::2]::[fd00::1]:56::eth0:off:[fd00::53]:9.9.9.9:[fd00::7b]",
		 (int)(strstr(line, " ip=") - line), line);
	test_round_trip(six);
	test_round_trip(line);
	test_damage();
	return tap_end();
}
