// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/pull_attempt.h"

#include "init/clock/clock.h"
#include "lib/file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *where_present(const char *path)
{
	return access(path, F_OK) == 0 ? path : NULL;
}

static void add_places(const struct string_list *from, struct string_list *to)
{
	for (size_t i = 0; i < from->count && to->count < to->capacity; i++)
		to->items[to->count++] = from->items[i];
}

/* Where images may lie, nearest first. */
static void list_places(const struct machine *machine, struct string_list *out)
{
	static char *own[] = {PULL_ATTEMPT_IMAGES, NULL};
	if (where_present(PULL_ATTEMPT_IMAGES))
		add_places(&(struct string_list){.count = 1, .items = own}, out);
	add_places(&machine->media, out);
	add_places(&machine->image_urls, out);
}

static int write_file(const char *text, const char *own, const char *path, struct error *err)
{
	if (!text)
		return 0;
	if (access(own, F_OK) == 0)
		return error_set(err, "the machine has its own %s, which no document replaces: leave it out "
				      "of one of the two", own);
	return make_directories("/run/berth", 0700, err) < 0
		       ? -1
		       : file_write(AT_FDCWD, path, text, strlen(text), 0600, err);
}

int pull_attempt_prepare(const struct machine *machine, struct error *err)
{
	return write_file(machine->image_settings, "/etc/berth/images.json", PULL_ATTEMPT_SETTINGS,
			  err) < 0
		       ? -1
		       : write_file(machine->credentials, "/etc/berth/auth.json",
				    PULL_ATTEMPT_CREDENTIALS, err);
}

_Noreturn void pull_attempt_run(const struct pull_attempt *attempt, int fd)
{
	const struct machine *machine = attempt->machine;
	struct pull_request request = {
		.reference = attempt->container->image,
		.store = "/var/lib/berth",
		.local_only = attempt->local_only,
		.policy = attempt->policy,
		.last_resort = attempt->last_resort,
		.passed = attempt->passed,
		.registries = machine->registries,
		.registry_count = machine->registry_count,
		.ca_bundle = "/etc/ssl/cert.pem",
		.credentials = where_present(machine->credentials ? PULL_ATTEMPT_CREDENTIALS
							  : "/etc/berth/auth.json"),
		.settings = where_present(machine->image_settings ? PULL_ATTEMPT_SETTINGS
							  : "/etc/berth/images.json"),
#if defined __x86_64__
		.architecture = "amd64", /* the resolver finds out which level */
#elif defined __aarch64__
		.architecture = "arm64",
		.variant = "v8",
#endif
		.deadline_seconds = attempt->deadline_seconds,
		.clock_is_floor = clock_is_floor(),
		.strict = true,
	};
	const char *variant = attempt->container->platform;
	if (variant && strlen(variant) > strlen("linux/amd64/")) /* or arm64 */
		request.variant = variant + strlen("linux/amd64/");
	struct digest keep[MACHINE_SERVICES_MAX];
	for (unsigned i = 0; i < attempt->image_count; i++)
		request.keep_count += digest_parse(attempt->images[i]->digest,
						   &keep[request.keep_count], NULL) == 0;
	request.keep = keep;
	char *places[PULL_LAYOUTS_MAX];
	request.layouts = (struct string_list){.capacity = PULL_LAYOUTS_MAX, .items = places};
	list_places(machine, &request.layouts);
	_exit(pull_main(&request, fd));
}
