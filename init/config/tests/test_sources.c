// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/table.h"

#include "init/config/sources/goal_state.h"
#include "init/config/sources/meta_data.h"
#include "init/config/url_template.h"
#include "lib/tap.h"

static void test_smbios(void)
{
	/* type 1 with one string, type 11 with two, end of table */
	static const char table[] = "\x01\x06\x00\x00\x01\x00" "org.berth.config=no\0\0"
				    "\x0b\x05\x01\x00\x02" "first\0org.berth.config=yes\0\0"
				    "\x7f\x04\x02\x00\0\0";
	const char *found = smbios_string(table, sizeof table - 1, 11, "org.berth.config=");
	is(found, "yes", "the string of the wanted type");
	ok(!smbios_string(table, sizeof table - 1, 11, "second"), "no such string");
	for (size_t size = 0; size < sizeof table - 1; size++)
		if (smbios_string(table, size, 11, "org.berth.config=") &&
		    size < (size_t)(found + 4 - table))
			ok(0, "a string beyond a table cut to %zu bytes", size);
	ok(!smbios_string("\x0b\x02\x00\x00", 4, 11, ""), "a length that is too small");
	static const char empty[] = "\x0b\x05\x01\x00\x00\0\0" "\x0b\x05\x01\x00\x01" "here\0\0";
	is(smbios_string(empty, sizeof empty - 1, 11, "he"), "re", "a structure without strings is passed over");
}

static void test_named(const char *target, const char *want, const char *address)
{
	struct config_choice choices[4];
	struct error err = ERROR_INIT;
	const char *found;
	char text[200] = "";
	int count = config_sources_parse(target, choices, 4, &found, &err);
	for (int i = 0; i < count; i++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, "%s%s ", choices[i].source->name,
			 choices[i].optional ? "?" : "");
	}
	is(count < 0 ? err.text : text, want, target);
	if (count >= 0)
		is(found, address, "its address");
}

static void test_lists(void)
{
	test_named("fw_cfg", "fw_cfg ", NULL);
	test_named("initramfs,fw_cfg?,nocloud", "initramfs fw_cfg? nocloud ", NULL);
	test_named("initramfs,https://h/a,b?", "initramfs url ", "https://h/a,b?");
	test_named("data:QQ==", "command-line ", "data:QQ==");
	test_named("fw_cgf", "\"fw_cgf\" is not a source: did you mean fw_cfg?", NULL);
	test_named("initramfs,fw_cgf?", "\"fw_cgf?\" is not a source: did you mean fw_cfg?", NULL);
	test_named("fw_cfg,", "\"\" is not a source: give an address, data:BASE64, none, or a name of "
			      "docs/sources.md", NULL);
	test_named("fw_cfg,fw_cfg", "fw_cfg is named twice", NULL);
	test_named("fw_cfg,smbios,nocloud,ec2,gcp", "more than 4 sources", NULL);
}

static void test_template(void)
{
	const struct url_names names = {"4C4C-1", "a b/ü", "52:54:00:12:34:56", ""};
	struct error err = ERROR_INIT;
	char out[200];
	ok(url_template_fill("http://h/${uuid}/${serial}?m=${mac}", &names, out, sizeof out, &err) == 0,
	   "filled: %s", err.text);
	is(out, "http://h/4C4C-1/a%20b%2F%C3%BC?m=52%3A54%3A00%3A12%3A34%3A56", "and encoded");
	ok(url_template_fill("http://h/__dmi.product-uuid__", &names, out, sizeof out, &err) == 0 &&
		   strcmp(out, "http://h/4C4C-1") == 0, "cloud-init's spelling");
	ok(url_template_fill("http://h/${hostname}", &names, out, sizeof out, &err) < 0, "no value: %s",
	   err.text);
	ok(url_template_fill("http://h/${seral}", &names, out, sizeof out, &err) < 0 &&
		   strstr(err.text, "${serial}"), "an unknown name: %s", err.text);
	ok(url_template_fill("http://h/$x${", &names, out, sizeof out, &err) == 0 &&
		   strcmp(out, "http://h/$x${") == 0, "what is no name stays");
	ok(url_template_fill("http://h/${uuid}", &names, out, 10, &err) < 0, "too long: %s", err.text);
}

/* Which source over the network the firmware suggests; "" for none, the last of several. */
static const char *suggested(struct config_search *search, unsigned *count)
{
	const char *name = "";
	*count = 0;
	for (size_t i = 0; i < config_source_count; i++) {
		const struct config_source *source = config_sources[i];
		if (source->local || !source->hint || !source->hint(search))
			continue;
		name = source->name;
		++*count;
	}
	return name;
}

static void test_hints(void)
{
	static const struct {
		struct identity identity;
		const char *name;
	} cases[] = {
		{{.vendor = "Amazon EC2", .uuid = "ec2e1916-9099-7caf-fd21-012345abcdef"}, "ec2"},
		{{.vendor = "Amazon EC2", .uuid = "45E12AEC-DCD1-B213-94ED-01234ABCDEF"}, "ec2"},
		{{.vendor = "Google", .product = "Google Compute Engine"}, "gcp"},
		{{.serial = "GoogleCloud-9B21DE00"}, "gcp"},
		{{.vendor = "Microsoft Corporation",
		  .asset_tag = "7783-7084-3265-9085-8269-3286-77"}, "azure"},
		{{.product = "OpenStack Nova"}, "openstack"},
		{{.asset_tag = "HUAWEICLOUD"}, "openstack"},
		{{.vendor = "DigitalOcean"}, "digitalocean"},
		{{.vendor = "Hetzner"}, "hetzner"},
		{{.vendor = "Vultr"}, "vultr"},
		{{.vendor = "Scaleway"}, "scaleway"},
		{{.asset_tag = "OracleCloud.com"}, "oracle"},
		{{.vendor = "Akamai"}, "akamai"},
		{{.vendor = "Linode"}, "akamai"},
		{{.serial = "ds=nocloud;s=http://10.0.2.2/seed/"}, "nocloud-net"},
		{{.serial = "ds=nocloud;i=x;s=https://host/"}, "nocloud-net"},
		{{.serial = "ds=nocloud;s=/local/"}, ""},
		{{.vendor = "QEMU", .product = "Standard PC (i440FX + PIIX, 1996)",
		  .uuid = "45e12aec-dcd1-b213-94ed-012345abcdef"}, ""},
	};
	static struct config_search search;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned count;
		search.identity = cases[i].identity;
		const char *name = suggested(&search, &count);
		ok(strcmp(name, cases[i].name) == 0 && count == (*name ? 1 : 0), "%s %s %s: %s, %u",
		   cases[i].identity.vendor, cases[i].identity.product, cases[i].identity.serial, name,
		   count);
	}
	memset(&search.identity, 0, sizeof search.identity);
	search.seed = "nocloud;s=http://host/a/;h=name";
	ok(source_nocloud_net.hint(&search), "ds= on the command line");
}

static void test_meta_data(void)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{"instance-id: i\nlocal-hostname: web-1\n", "web-1"},
		{"hostname: 'a.b'  # comment\n", "a.b"},
		{"x:\n  hostname: nested\n", ""},
		{"local-hostname: two words\n", ""},
		{"{\"hostname\": \"json-1\", \"uuid\": \"x\"}", "json-1"},
		{"{\"hostname\": [1]}", ""},
		{"{broken", ""},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[CONFIG_HOSTNAME];
		meta_data_hostname(cases[i].text, strlen(cases[i].text), out);
		is(out, cases[i].name, cases[i].text);
	}
}

static void test_goal_state(void)
{
	struct error err = ERROR_INIT;
	char body[1024];
	ok(goal_state_answer("<GoalState><Incarnation>1</Incarnation><Container><ContainerId>c-1"
			     "</ContainerId><InstanceId>i.1</InstanceId></Container></GoalState>",
			     body, sizeof body, &err) == 0 &&
		   strstr(body, "<InstanceId>i.1</InstanceId><Health><State>Ready</State>"),
	   "the report follows from the goal state: %s", err.text);
	ok(goal_state_answer("<Incarnation>1</Incarnation><ContainerId><x></ContainerId>", body,
			     sizeof body, &err) < 0, "markup within a value: %s", err.text);
	ok(goal_state_answer("<Incarnation>1", body, sizeof body, &err) < 0, "a cut goal state");
}

static void test_trust(void)
{
	struct error err = ERROR_INIT;
	enum config_trust trust;
	ok(trust_parse("disk", &trust, &err) == 0 && trust == TRUST_DISK, "a level by its name");
	ok(trust_parse("none", &trust, &err) < 0, "no such level: %s", err.text);
	ok(trust_check("privileged", "ec2", TRUST_NETWORK, TRUST_COMMAND_LINE, &err) < 0, "refused: %s",
	   err.text);
	ok(trust_check("privileged", "fw_cfg", TRUST_COMMAND_LINE, TRUST_COMMAND_LINE, &err) == 0,
	   "taken");
}

int main(void)
{
	test_smbios();
	test_lists();
	test_template();
	test_hints();
	test_meta_data();
	test_goal_state();
	test_trust();
	return tap_end();
}
