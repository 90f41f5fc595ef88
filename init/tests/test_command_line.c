// SPDX-License-Identifier: Apache-2.0
#include "init/config/command_line.h"
#include "init/config/keys.h"
#include "init/config/words.h"
#include "lib/tap.h"

static struct machine machine;
static struct command_line_problems problems;

static int parse(const char *line)
{
	machine_init(&machine);
	return command_line_parse(line, &machine, &problems);
}

static void accepted(void)
{
	ok(parse("BOOT_IMAGE=x console=ttyS0 quiet berth.image=localhost:5000/team/web:1 "
		 "berth.env=A=1 berth.env=\"B=two words\" \"berth.env=C=3 4\" berth.port=8080:80 "
		 "berth.port=53/udp berth.memory=64m berth.cpus=1.5 berth.restart=on-failure:3 "
		 "berth.on-exit=hold berth.registry.insecure=localhost:5000 "
		 "berth.registry.connect=localhost:5000=10.0.2.2:5000 ip=dhcp "
		 "-- sh -c \"echo \\\"a\\\\b\\\"\\n\" \"\"") == 0, "a full line");
	const struct container_config *container = machine.container;
	is(container->name, "web", "the name comes from the repository");
	ok(container->env.count == 3, "three variables");
	is(container->env.items[1], "B=two words", "quotes around the value");
	is(container->env.items[2], "C=3 4", "quotes around the word");
	ok(container->command.count == 4, "arguments, the empty one too");
	is(container->command.items[2], "echo \"a\\b\"\n", "escapes within quotes");
	ok(container->port_count == 2 && container->ports[0].machine == 8080 &&
	   container->ports[1].udp, "ports");
	ok(container->memory_bytes == 64 << 20 && container->cpu_millis == 1500, "limits");
	ok(container->restart == RESTART_ON_FAILURE && container->restart_max == 3, "restart");
	ok(machine.on_exit == EXIT_HOLD, "on-exit");
	ok(machine.registry_count == 1 && machine.registries[0].insecure, "one registry, two keys");
	is(machine.registries[0].connect, "10.0.2.2:5000", "connect");
	ok(parse("berth.image=a berth.cmd=\"sh -c 'exit 3' x\\ y\"") == 0, "berth.cmd");
	ok(machine.container->command.count == 4, "is split like a shell does");
	is(machine.container->command.items[2], "exit 3", "single quotes");
	is(machine.container->command.items[3], "x y", "backslash");
	ok(parse("foo.bar=1 berthless root=/dev/sda berth.image=a") == 0, "the kernel's own words");
	ok(parse("berth.image=a --  \"-- \"") == 0 && machine.container->command.count == 1,
	   "-- only counts once");
}

static void refused(const char *line, const char *want)
{
	int result = parse(line);
	ok(result == -1 && problems.count > 0, "refused: %s", line);
	ok(result == -1 && strstr(problems.kept[0].text, want), "says \"%s\"", want);
	if (result == -1 && !strstr(problems.kept[0].text, want))
		printf("# got: %s\n", problems.kept[0].text);
}

static void limits(void)
{
	static char line[COMMAND_LINE_MAX];
	memset(line, 'x', sizeof line - 1);
	memcpy(line, "berth.image=a ", 14);
	refused(line, "2048 bytes");
	ok(parse("berth.a=1 berth.b=1 berth.c=1 berth.d=1 berth.e=1 berth.f=1 berth.g=1 berth.h=1 "
		 "berth.i=1 berth.j=1") == -1 && problems.count == 10,
	   "every problem is counted, also those that are not kept");
}

static void values(void)
{
	uint64_t value;
	struct error err;
	ok(parse_size("128M", &value, &err) == 0 && value == 128 << 20, "128M");
	ok(parse_size("1GiB", &value, &err) == 0 && value == 1 << 30, "1GiB");
	ok(parse_size("4096", &value, &err) == 0 && value == 4096, "bytes");
	static const char *const bad[] = {"", "M", "12Q", "-1", "1.5M", "99999999999999999999",
					  "999999999999T", " 1", "1M2"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(parse_size(bad[i], &value, &err) == -1, "size \"%s\"", bad[i]);
	ok(parse_duration("90", 100, &value, &err) == 0 && value == 90, "90 seconds");
	ok(parse_duration("101", 100, &value, &err) == -1, "too many seconds");
	ok(parse_duration("9s", 100, &value, &err) == -1 && parse_duration("", 100, &value, &err) == -1 &&
		   parse_duration("-1", 100, &value, &err) == -1,
	   "no seconds");
	ok(parse_cpus("0.5", &value, &err) == 0 && value == 500, "0.5 CPUs");
	ok(parse_cpus(".25", &value, &err) == 0 && value == 250, ".25 CPUs");
	ok(parse_cpus("0", &value, &err) == -1, "no CPU at all");
	ok(parse_cpus("two", &value, &err) == -1, "words");
}

int main(void)
{
	accepted();
	refused("quiet", "berth.image");
	refused("berth.imgae=x", "did you mean berth.image?");
	refused("berth.image", "needs a value");
	refused("berth.image=", "needs a value");
	refused("berth.image=a berth.image=b", "twice");
	refused("berth.image=team/UPPER", "berth.image");
	refused("berth.image=a berth.memory=lots", "is not a size");
	refused("berth.image=a berth.memory=1k", "less than 512K");
	refused("berth.image=a berth.restart=sometimes", "restart policy");
	refused("berth.image=a berth.restart=on-failure:0", "restart policy");
	refused("berth.image=a berth.on-exit=halt", "poweroff, reboot, hold");
	refused("berth.image=a berth.env=NOVALUE", "NAME=VALUE");
	refused("berth.image=a berth.port=0", "berth.port");
	refused("berth.image=a berth.port=80 berth.network=none", "needs a network");
	refused("berth.image=a berth.cmd=x -- y", "command is given twice");
	refused("berth.image=\"a", "quote is not closed");
	refused("berth.image=a berth.registry.connect=localhost", "HOST:PORT=ADDRESS:PORT");
	refused("berth.image=a berth.name=-x", "container name");
	refused("berth.image=a ip=1.2.3", "ip");
	limits();
	values();
	return tap_end();
}
