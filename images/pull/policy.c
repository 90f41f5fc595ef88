// SPDX-License-Identifier: Apache-2.0
#include "images/pull/policy.h"

#include "images/http/http.h"
#include "images/http/http_bundle.h"
#include "images/layers/layer.h"
#include "images/layouts/layout_web.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/syscalls.h"

#include <linux/capability.h>
#include <stdio.h>

/* The tables are those of the appliance's libc (musl); another one makes other calls. */
#ifdef __GLIBC__
#define TABLE(table) NULL
#else
#define TABLE(table) (table)
#endif

#define END_OF_TABLE UINT16_MAX

#define NR(name) __NR_##name

/* What the applier calls beside layer_apply(): frames and messages. */
__attribute__((unused)) static const uint16_t apply_calls[] = {
	NR(sendto), NR(sendmsg), NR(writev), NR(ioctl), NR(exit), NR(exit_group), END_OF_TABLE,
};

/* Both tables of the applier in one; they have no common owner. */
__attribute__((unused)) static const uint16_t *join_tables(const uint16_t *a, const uint16_t *b)
{
	static uint16_t joined[200];
	const uint16_t *const tables[] = {a, b};
	size_t used = 0;
	for (size_t i = 0; i < countof(tables); i++)
		for (const uint16_t *at = tables[i]; *at != END_OF_TABLE; at++)
			if (used < countof(joined) - 1)
				joined[used++] = *at;
	joined[used] = END_OF_TABLE;
	return joined;
}

int policy_fetch(const struct pull_request *request, const char *name, struct error *err)
{
	struct confine_path paths[10 + PULL_LAYOUTS_MAX] = {{0}};
	char signatures[4096], packed_bundle[HTTP_BUNDLE_PATH_MAX];
	const struct string_list *layouts = &request->layouts;
	size_t count = 0;
	paths[count++] = (struct confine_path){"/etc/resolv.conf", CONFINE_READ, true};
	paths[count++] = (struct confine_path){"/etc/hosts", CONFINE_READ, true};
	/* mbedTLS takes its entropy from there when the C library is not glibc. */
	paths[count++] = (struct confine_path){"/dev/random", CONFINE_READ, true};
	paths[count++] = (struct confine_path){"/dev/urandom", CONFINE_READ, true}; /* mbedTLS */
	if (request->ca_bundle) {
		http_bundle_packed_name(request->ca_bundle, packed_bundle);
		paths[count++] = (struct confine_path){request->ca_bundle, CONFINE_READ, true};
		paths[count++] = (struct confine_path){packed_bundle, CONFINE_READ, true};
	}
	for (size_t i = 0; i < layouts->count && i < PULL_LAYOUTS_MAX; i++)
		if (!layout_is_url(layouts->items[i]))
			paths[count++] =
				(struct confine_path){layouts->items[i], CONFINE_READ, true};
	/* Of earlier pulls; they are checked again (images/signatures/signature_record.h). */
	snprintf(signatures, sizeof signatures, "%s/signatures", request->store);
	paths[count++] = (struct confine_path){signatures, CONFINE_READ, true};
	const struct confine_policy policy = {
		.name = name,
		.uid = CONFINE_UID_FETCH,
		.gid = CONFINE_UID_FETCH,
		/* Layouts may be readable for root only; Landlock still bounds what can be read. */
		.keep_capabilities = layouts->count ? 1ULL << CAP_DAC_READ_SEARCH : 0,
		.network = true,
		.paths = paths,
		.syscalls = TABLE(http_syscalls),
		.threads = true,
		.open_files = 128,
	};
	return confine_self(&policy, request->strict, err);
}

int policy_apply(const struct pull_request *request, const char *tree, struct error *err)
{
	const struct confine_path paths[] = {
		{tree, CONFINE_READ | CONFINE_WRITE, false},
		{NULL, 0, false},
	};
	const struct confine_policy policy = {
		.name = "berth-apply",
		.keep_capabilities = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE |
				     1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_MKNOD |
				     1ULL << CAP_SETFCAP,
		.network = false,
		.paths = paths,
		.threads = true,
		.syscalls = TABLE(join_tables(layer_syscalls, apply_calls)),
		.open_files = 1024,
	};
	return confine_self(&policy, request->strict, err);
}
