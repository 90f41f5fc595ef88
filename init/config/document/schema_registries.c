// SPDX-License-Identifier: Apache-2.0
/*
 * x-berth: registries, signatures and credentials. The members are those of the image settings and of the
 * credentials file (docs/registries.md, docs/signatures.md), which check them again.
 */
#include "init/config/document/schema_parts.h"

/* What has no setting of its own goes, as a whole, into the settings file (settings_images.c). */
#define PEER_ROWS                                                                               \
	{"ca", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "Authorities in PEM that count for it beside the CA bundle."},  \
	{"ca_only", SCHEMA_BOOL, SCHEMA_NO_EFFECT, .help = "true: only `ca` counts."},                                \
	{"client_certificate", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "Who the machine is, in PEM."},                 \
	{"client_key", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "The key for it, in PEM."},                             \
	{"proxy", SCHEMA_TEXT, SCHEMA_DANGEROUS | SCHEMA_NO_EFFECT,                                                    \
	 .help = "http://[USER:PASSWORD@]HOST:PORT that it is reached through; empty: none."}

static const struct schema_key mirror_keys[] = {
	{"url", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "https://HOST[:PORT][/PATH]."},
	{"ns", SCHEMA_BOOL, .help = "true: it is told which registry is meant."},
	PEER_ROWS,
	{.name = NULL},
};
static const struct schema_key mirror_item = {"", SCHEMA_MAP, .members = mirror_keys};

static const struct schema_key registry_keys[] = {
	{"insecure", SCHEMA_BOOL, SCHEMA_DANGEROUS,
	 .help = "true: certificates are not checked, and plain HTTP is used where there is no TLS.",
	 .setting = "berth.registry.insecure"},
	{"connect", SCHEMA_TEXT, .help = "ADDRESS:PORT that is dialled for it.",
	 .setting = "berth.registry.connect"},
	{"mirrors", SCHEMA_LIST, SCHEMA_NO_EFFECT, .help = "Who is asked before it, in order.", .item = &mirror_item,
	 .unique = "url"},
	{"no_proxy", SCHEMA_TEXTS, SCHEMA_NO_EFFECT, .help = "Of `default`: what is reached without a proxy."},
	PEER_ROWS,
	{.name = NULL},
};

const struct schema_key schema_registry = {"", SCHEMA_MAP, .members = registry_keys};

static const struct schema_key signature_keys[] = {
	{"policy", SCHEMA_TEXT, SCHEMA_NEEDED | SCHEMA_DANGEROUS,
	 .help = "What an image of this scope needs.", .choices = "require|accept|reject"},
	{"keys", SCHEMA_TEXT_OR_TEXTS, .help = "Public keys in PEM; any one of them suffices."},
	{"identity", SCHEMA_TEXT, .help = "The repository that a signature must name, or any."},
	{"annotations", SCHEMA_PAIRS, .help = "What must have been signed along."},
	{.name = NULL},
};

const struct schema_key schema_signature = {"", SCHEMA_MAP, .members = signature_keys};

static const struct schema_key credential_keys[] = {
	{"username", SCHEMA_TEXT, .help = "The user."},
	{"password", SCHEMA_TEXT, .help = "And the password."},
	{"auth", SCHEMA_TEXT, .help = "Or both, USER:PASSWORD in base64."},
	{"identitytoken", SCHEMA_TEXT, .help = "A token that tokens are got for."},
	{"registrytoken", SCHEMA_TEXT, .help = "A token as it is."},
	{.name = NULL},
};

const struct schema_key schema_credential = {"", SCHEMA_MAP, .members = credential_keys};
