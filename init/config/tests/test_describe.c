// SPDX-License-Identifier: Apache-2.0
/* Several documents and the command line make one description; who is trusted with what. */
#include "init/config/search.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct machine machine;
static char problems[4000], values[16000];
static struct error err;

static void on_problem(void *context, bool is_warning, const char *line)
{
	(void)is_warning;
	(void)context;
	size_t used = strlen(problems);
	snprintf(problems + used, sizeof problems - used, "%s\n", line);
}

static void on_value(void *context, const char *key, const char *value, const char *place)
{
	(void)context;
	size_t used = strlen(values);
	snprintf(values + used, sizeof values - used, "%s=%s from %s\n", key, value, place);
}

static int describe(const char *first, const char *second, int folder, const char *line)
{
	const struct config_text items[] = {
		{first, strlen(first), "base.yaml", "initramfs", TRUST_BUILT_IN, -1},
		{second, second ? strlen(second) : 0, "more.yaml", "nocloud", TRUST_DISK, folder}};
	const struct config_texts texts = {.items = items,
					   .count = second ? 2 : 1,
					   .least = TRUST_COMMAND_LINE,
					   .hostname = "told",
					   .profiles = NULL};
	const struct config_listener listener = {on_problem, on_value, NULL};
	problems[0] = values[0] = 0;
	err = (struct error)ERROR_INIT;
	return config_describe(&texts, line, &machine, &listener, &err);
}

static const char base[] = "services:\n  a: {image: x, environment: {A: 1, B: 1}}\n"
			   "secrets: {s: {content: hush}}\n"
			   "x-berth:\n  signatures: {default: {policy: reject}}\n";

static void layers(void)
{
	ok(describe(base, "services: {a: {environment: {B: 2}}}\n", -1, "berth.env=C=3") == 0, "%s%s",
	   err.text, problems);
	ok(machine.container->env.count == 3 && strcmp(machine.container->env.items[1], "B=2") == 0,
	   "the later one wins");
	is(machine.hostname, "told", "what the source says beside it");
	ok(strstr(values, "services.a.environment.A=1 from base.yaml:2:") &&
		   strstr(values, "services.a.environment.B=2 from more.yaml:1:") &&
		   strstr(values, "berth.env=C=3 from command line\n"),
	   "and where each came from");
	ok(strstr(values, "secrets.s.content=… from") && !strstr(values, "hush"),
	   "secrets are not told");
}

/* What a better trusted source says about images a lesser one can neither change nor take away. */
static void trust(void)
{
	static const char *const attempts[] = {
		"x-berth: {signatures: {default: {policy: accept}}}\n",
		"x-berth: {signatures: {r.lan: {policy: accept}}}\n",
		"x-berth: {signatures: !reset {}}\n",
		"x-berth: {signatures: !override {default: {policy: accept}}}\n",
		"x-berth: !reset {}\n",
		"x-berth: !override {hostname: a}\n",
		"x-berth: {registries: {r: {insecure: true}}}\n",
		"services: {a: {volumes: ['/berth/x:/x:ro']}}\n",
		"x-berth: {sysctls: {kernel.panic: 1}}\n",
	};
	for (size_t i = 0; i < countof(attempts); i++)
		ok(describe(base, attempts[i], -1, "") < 0 &&
			   (strstr(problems, "refused from nocloud (trust: disk)") ||
			    strstr(problems, "not trusted")),
		   "%.60s: %s", attempts[i], problems);
	ok(describe(base, "x-berth: {hostname: !override b}\nservices: {a: {environment: !reset {}}}\n",
		    -1, "") < 0,
	   "nor anything else of the machine");
	ok(describe(base, "services: {a: {environment: !reset {}}}\nx-berth: {on-exit: reboot}\n", -1,
		    "") == 0 && machine.container->env.count == 0 && machine.on_exit == EXIT_REBOOT,
	   "the rest is free: %s%s", err.text, problems);
}

static void profiles(void)
{
	static const char text[] = "services:\n  a: {image: x}\n  b: {image: y, profiles: [p, q]}\n"
				   "  c: {image: z, profiles: [r]}\n";
	char own[400];
	ok(describe(text, NULL, -1, "") == 0 && machine.container_count == 1, "none asked for");
	snprintf(own, sizeof own, "%sx-berth: {profiles: [q]}\n", text);
	ok(describe(own, NULL, -1, "") == 0 && machine.container_count == 2, "by the document");
	snprintf(own, sizeof own, "%sx-berth: {profiles: ['*']}\n", text);
	ok(describe(own, NULL, -1, "") == 0 && machine.container_count == 3, "all of them");
}

/* On a disk the files beside a document are its own. */
static void files(void)
{
	char folder[] = "/tmp/berth-describe-XXXXXX";
	if (!mkdtemp(folder))
		return skip("files", "no folder for them");
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int made = file_write(fd, "env", "FROM=file\n", 10, 0600, NULL) |
		   file_write(fd, "key", "a\0b", 3, 0600, NULL) | symlinkat("/etc/passwd", fd, "link");
	static const char text[] = "services:\n  a:\n    env_file: ./env\n    secrets: [k]\n"
				   "secrets: {k: {file: ./key}}\n";
	ok(!made && describe(base, text, fd, "") == 0, "files of a disk: %s%s", err.text, problems);
	ok(machine.content_count == 1 && machine.contents[0].size == 3, "a secret with any bytes");
	is(machine.container->files.items[0], "0:0:444:secrets/k:/run/secrets/k", "for the service");
	is(machine.container->env.items[machine.container->env.count - 1], "B=1", "own variables");
	ok(describe(base, "secrets: {s: {content: !reset null, file: ./link}}\nservices: {a: {secrets: "
			  "[s]}}\n", fd, "") < 0,
	   "links are not followed: %s", problems);
	ok(describe(base, text, -1, "") < 0 && strstr(problems, "refused from nocloud (trust: disk)"),
	   "and those of the initramfs are not for a disk: %s", problems);
	ok(describe("services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {file: /etc/passwd}}\n", NULL,
		    -1, "") < 0 && strstr(problems, "not beside the document"),
	   "nor are others for anybody: %s", problems);
}

/* External values are beside a document of a disk, and nowhere else for it. */
static void external(void)
{
	char folder[] = "/tmp/berth-describe-XXXXXX";
	static const char text[] = "services: {a: {secrets: [k], configs: [c]}}\n"
				   "secrets: {k: {external: true, name: key}}\nconfigs: {c: {external: true}}\n";
	if (!mkdtemp(folder))
		return skip("external", "no folder for them");
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int made = mkdirat(fd, "secrets", 0700) | mkdirat(fd, "configs", 0700) |
		   file_write(fd, "secrets/key", "a\0b", 3, 0600, NULL) |
		   file_write(fd, "configs/c", "text", 4, 0600, NULL);
	ok(!made && describe(base, text, fd, "") == 0 && machine.content_count == 2 &&
		   machine.contents[0].size == 3,
	   "they are on the disk of the document: %s%s", err.text, problems);
	is(machine.contents[1].bytes, "text", "in a folder for each kind");
	ok(describe(base, text, -1, "") < 0 && strstr(problems, "refused from nocloud (trust: disk)"),
	   "no others are for it: %s", problems);
	ok(unlinkat(fd, "secrets/key", 0) == 0 && symlinkat("/etc/passwd", fd, "secrets/key") == 0 &&
		   describe(base, text, fd, "") < 0 && strstr(problems, "open secrets/key of nocloud"),
	   "links are not followed: %s", problems);
	ok(unlinkat(fd, "secrets/key", 0) == 0 && describe(base, text, fd, "") < 0 &&
		   strstr(problems, "more.yaml:2:25: error: secrets.k: \"key\" is external and not there: looked "
				    "for it in secrets on the disk of the document, which is trusted with no "
				    "other place"),
	   "one that is missing is missed: %s", problems);
	ok(describe("services: {a: {image: x, secrets: [k]}}\nsecrets: {k: {external: true, name: n}}\n",
		    "secrets: {k: {name: o}}\n", fd, "") < 0 &&
		   strstr(problems, "which is trusted with no other place"),
	   "whoever says the name must be trusted, too: %s", problems);
	ok(describe("services: {a: {image: x, secrets: [k]}}\nsecrets: {k: {external: true}}\n", NULL, -1, "") < 0 &&
		   strstr(problems, "opt/org.berth/secrets and opt/io.systemd.credentials of fw_cfg, the "
				    "credentials of SMBIOS, /berth/secrets of the initramfs"),
	   "and where was looked is said: %s", problems);
}

int main(void)
{
	external();
	layers();
	trust();
	profiles();
	files();
	return tap_end();
}
