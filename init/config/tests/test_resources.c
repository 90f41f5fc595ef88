// SPDX-License-Identifier: Apache-2.0
/* Shares, reservations, rates; name servers, domains, platforms: from the line to the kernel. */
#include "init/config/resources.h"

#include "init/config/command_line.h"
#include "init/config/resolver_keys.h"
#include "init/supervise/specification_resources.h"
#include "lib/cleanup.h"
#include "lib/tap.h"
#include "runtime/defaults.h"
#include "runtime/values.h"

static struct machine machine;
static struct container_spec spec;
static struct error err;

static int build(const char *words)
{
	static char block[64 * 1024];
	static struct command_line_problems problems;
	struct arena arena;
	char line[1024];
	snprintf(line, sizeof line, "berth.image=x %s", words);
	machine_init(&machine);
	err = (struct error){0};
	if (command_line_parse(line, &machine, &problems) < 0) {
		err = problems.kept[0];
		return -1;
	}
	arena_init(&arena, block, sizeof block);
	defaults_fill(&spec);
	const struct simple_limits limits = {machine.container->memory_bytes, 0, 0};
	if (defaults_limit(&spec, &limits, &arena, &err) < 0)
		return -1;
	return specification_resources(machine.container, &arena, &spec, &err);
}

/* The last value that is written into the file, as the kernel keeps it. */
static const char *value_of(const char *file)
{
	const char *value = NULL;
	for (size_t i = 0; i < spec.resources.setting_count; i++)
		if (strcmp(spec.resources.settings[i].file, file) == 0)
			value = spec.resources.settings[i].value;
	return value;
}

static void test_limits(void)
{
	ok(build("") == 0 && spec.resources.setting_count == 0, "nothing is said: %s", err.text);
	ok(build("berth.memory=64M berth.memory-reservation=16M berth.cpu-shares=512 "
		 "berth.memory-swap=96M berth.cpuset=0") == 0, "all of them: %s", err.text);
	is(value_of("memory.max"), "67108864", "the limit stays");
	is(value_of("memory.low"), "16777216", "what is left to it");
	is(value_of("memory.swap.max"), "33554432", "swap beside the memory");
	is(value_of("cpu.weight"), "59", "shares as a weight");
	is(value_of("cpuset.cpus"), "0", "its CPUs");
	ok(build("berth.memory=64M berth.memory-swap=-1") == 0, "any swap: %s", err.text);
	is(value_of("memory.swap.max"), "max", "is no limit of it");
	ok(build("berth.memory=64M") == 0, "only the memory: %s", err.text);
	is(value_of("memory.swap.max"), "0", "is without swap");
	ok(cpu_weight(2) == 1 && cpu_weight(1024) == 100 && cpu_weight(262144) == 10000,
	   "the ends and the middle of the curve");
}

static void test_cpus(void)
{
	struct cpu_set set = {0};
	ok(cpu_set_parse("0-2, 4,64", &set) == 0 && set.bits[0] == 0x17 && set.bits[1] == 1,
	   "a list of CPUs");
	static const char *const bad[] = {"", "1-", "-1", "2-1", "1,", "x", "1;2", "1024", "0x1"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(cpu_set_parse(bad[i], &set) < 0, "\"%s\" is none", bad[i]);
	ok(specification_cpus_check("0-1,3", "0-3", &err) == 0, "they are all there");
	ok(specification_cpus_check("0-2", "0-1", &err) < 0 && strstr(err.text, "no CPU 2, only 0-1"),
	   "one is missing: %s", err.text);
}

static void test_resolver(void)
{
	static const char machines[] = "search lan.test\nnameserver 10.0.2.3\n";
	char out[RESOLV_CONF_MAX];
	build("");
	resolver_compose(&machine.container->resolver, machines, out);
	is(out, machines, "who says nothing has the machine's");
	build("berth.dns=1.1.1.1 berth.dns=fd00::1 berth.dns-option=ndots:2 berth.dns-option=rotate");
	resolver_compose(&machine.container->resolver, machines, out);
	is(out, "search lan.test\nnameserver 1.1.1.1\nnameserver fd00::1\noptions ndots:2 rotate\n",
	   "own servers beside the machine's domain");
	build("berth.dns-search=a.test berth.dns-search=b.test");
	resolver_compose(&machine.container->resolver, machines, out);
	is(out, "search a.test b.test\nnameserver 10.0.2.3\n", "own domains");
	build("berth.dns-search=.");
	resolver_compose(&machine.container->resolver, machines, out);
	is(out, "nameserver 10.0.2.3\n", "a dot is no domain");
	resolver_compose(&machine.container->resolver, "", out);
	is(out, "", "nothing known, nothing said");
}

static void refused(const char *words, const char *reason)
{
	ok(build(words) < 0 && strstr(err.text, reason), "%s: %s", words, err.text);
}

int main(void)
{
	test_limits();
	test_cpus();
	test_resolver();
	refused("berth.cpu-shares=1", "from 2 to 262144");
	refused("berth.cpu-shares=12x", "from 2 to 262144");
	refused("berth.cpuset=a", "not a list of CPUs");
	refused("berth.cpuset=1000", "the machine has no CPU 1000");
	refused("berth.memory=16M berth.memory-reservation=32M", "above berth.memory");
	refused("berth.memory-swap=32M", "give berth.memory");
	refused("berth.memory=64M berth.memory-swap=32M", "below berth.memory");
	refused("berth.device-read-bps=vda:1M", "/dev/DISK:RATE");
	refused("berth.device-read-bps=/dev/vda:0", "let nothing through");
	refused("berth.device-write-iops=/dev/none-such:5", "limit the rate of /dev/none-such");
	refused("berth.device-write-iops=/dev/null:5", "no disk");
	refused("berth.dns=resolver", "not an IP address");
	refused("berth.dns=1.1.1.1 berth.dns=1.1.1.2 berth.dns=1.1.1.3 berth.dns=1.1.1.4", "more than 3");
	refused("berth.dns-search=a/b", "not a domain");
	refused("berth.dns-option=nd;ots", "option");
	refused("berth.domainname=.x", "not a domain");
	refused("berth.platform=linux/arm", "not a platform that the machine is");
	refused("berth.platform=linux/amd64/v5", "not a platform that the machine is");
	return tap_end();
}
