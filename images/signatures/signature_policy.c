// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_SCOPE "default"

static const char *const members[] = {"policy", "keys", "identity", "annotations", NULL};

/* How well a scope fits an image: the length of what fits, 0: not at all. */
static size_t scope_fit(const char *scope, const char *name)
{
	size_t length = strlen(scope);
	if (strcmp(scope, DEFAULT_SCOPE) == 0)
		return 1; /* shorter than any registry's name that would fit */
	if (strncmp(scope, name, length) != 0 || (name[length] != 0 && name[length] != '/'))
		return 0;
	return length + 1;
}

void signature_repository(const struct reference *reference, char out[SIGNATURE_SCOPE_MAX])
{
	const char *registry = reference->registry;
	size_t length = strlen(registry);
	if (length > 4 && strcmp(registry + length - 4, ":443") == 0)
		length -= 4;
	if ((length == 15 && strncasecmp(registry, "index.docker.io", length) == 0) ||
	    (length == 20 && strncasecmp(registry, "registry-1.docker.io", length) == 0) ||
	    (length == 9 && strncasecmp(registry, "docker.io", length) == 0)) {
		registry = "docker.io";
		length = 9;
	}
	snprintf(out, SIGNATURE_SCOPE_MAX, "%.*s/%s", (int)length, registry,
		 reference->repository);
	for (size_t i = 0; i < length; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] | 0x20);
}

/* What the user may have meant: "nginx" is docker.io/library/nginx. */
static int refuse_scope(const char *scope, struct error *err)
{
	struct reference meant;
	char full[SIGNATURE_SCOPE_MAX];
	if (reference_parse(scope, &meant, NULL) < 0)
		return error_set(err, "not \"default\", a registry or a repository without a tag");
	signature_repository(&meant, full);
	return error_set(err, "write it in full, in small letters and without a tag: \"%s\"", full);
}

static int check_scope(const char *scope, struct error *err)
{
	struct reference below;
	char image[SIGNATURE_SCOPE_MAX], full[SIGNATURE_SCOPE_MAX];
	if (strcmp(scope, DEFAULT_SCOPE) == 0)
		return 0;
	/* The scope may be a registry alone; an image below it is a reference in any case. */
	if (snprintf(image, sizeof image, "%s/any", scope) >= (int)sizeof image ||
	    reference_parse(image, &below, NULL) < 0)
		return refuse_scope(scope, err);
	signature_repository(&below, full);
	bool same = strchr(scope, '/') ? strcmp(full, image) == 0
				       : strncmp(full, scope, strlen(scope)) == 0 &&
						 full[strlen(scope)] == '/';
	return same ? 0 : refuse_scope(scope, err);
}

static int read_action(yyjson_val *object, enum signature_action *out, struct error *err)
{
	static const char *const names[] = {
		[SIGNATURE_ACCEPT] = "accept",
		[SIGNATURE_REQUIRE] = "require",
		[SIGNATURE_REJECT] = "reject",
	};
	const char *text = json_text_or_empty(object, "policy");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum signature_action)i;
			return 0;
		}
	return error_set(err, "\"policy\" must be \"require\", \"accept\" or \"reject\"");
}

static int read_keys(yyjson_val *object, struct arena *arena, struct signature_rule *out,
		     struct error *err)
{
	struct string_list texts = {0};
	if (json_list(object, "keys", arena, &texts, err) < 0)
		return -1;
	if (texts.count > SIGNATURE_KEYS_MAX)
		return error_set(err, "%zu keys, at most %d are supported", texts.count,
				 SIGNATURE_KEYS_MAX);
	for (size_t i = 0; i < texts.count; i++)
		if (public_key_parse(texts.items[i], &out->keys[out->key_count++], err) < 0)
			return error_context(err, "key %zu", i + 1);
	return 0;
}

/* The part of the image's name behind the scope follows the other name. */
static int read_identity(yyjson_val *object, const char *scope, const char *name,
			 struct signature_rule *out, struct error *err)
{
	yyjson_val *value = yyjson_obj_get(object, "identity");
	const char *text = json_value_text(value);
	out->any_identity = text && strcmp(text, "any") == 0;
	snprintf(out->identity, sizeof out->identity, "%s", name);
	if (!value || out->any_identity)
		return 0;
	if (!text || strcmp(scope, DEFAULT_SCOPE) == 0)
		return error_set(err, "\"identity\" must be \"any\"%s",
				 text ? " for the scope \"default\"" : " or a name");
	if (check_scope(text, err) < 0 || strcmp(text, DEFAULT_SCOPE) == 0)
		return error_set(err, "\"identity\" must be \"any\", a registry or a repository in "
				      "full, such as docker.io/library");
	const char *rest = scope_fit(scope, name) ? name + strlen(scope) : "";
	if (snprintf(out->identity, sizeof out->identity, "%s%s", text, rest) >=
	    (int)sizeof out->identity)
		return error_set(err, "\"identity\" gives a name that is too long");
	return 0;
}

static int read_annotations(yyjson_val *object, struct arena *arena, struct signature_rule *out,
			    struct error *err)
{
	yyjson_val *list = yyjson_obj_get(object, "annotations"), *key, *value;
	if (list && !yyjson_is_obj(list))
		return error_set(err, "\"annotations\" is not an object");
	if (yyjson_obj_size(list) > SIGNATURE_ANNOTATIONS_MAX)
		return error_set(err, "more than %d annotations", SIGNATURE_ANNOTATIONS_MAX);
	if (!list)
		return 0;
	size_t i, max;
	yyjson_obj_foreach(list, i, max, key, value) {
		const char *name = json_value_text(key), *text = json_value_text(value);
		if (!name || !text)
			return error_set(err, "an annotation that is not a text");
		if (string_list_add(&out->names, arena, name, err) < 0 ||
		    string_list_add(&out->values, arena, text, err) < 0)
			return -1;
	}
	return 0;
}

static int read_rule(const char *scope, yyjson_val *object, const char *name, struct arena *arena,
		     struct signature_rule *out, struct error *err)
{
	if (check_scope(scope, err) < 0)
		return -1;
	if (!yyjson_is_obj(object))
		return error_set(err, "not an object");
	if (settings_check_members(object, members, "rule", err) < 0 ||
	    read_action(object, &out->action, err) < 0 ||
	    read_keys(object, arena, out, err) < 0 ||
	    read_identity(object, scope, name, out, err) < 0 ||
	    read_annotations(object, arena, out, err) < 0)
		return -1;
	if (out->action == SIGNATURE_REQUIRE && out->key_count == 0)
		return error_set(err, "\"require\" needs \"keys\"");
	if (out->action != SIGNATURE_REQUIRE && yyjson_obj_size(object) > 1)
		return error_set(err, "only \"require\" takes more than \"policy\"");
	snprintf(out->scope, sizeof out->scope, "%s", scope);
	return 0;
}

static int read_rules(yyjson_val *rules, const char *name, struct arena *arena,
		      struct signature_rule *out, struct error *err)
{
	size_t i, max, best = 0;
	yyjson_val *key, *value;
	if (yyjson_obj_size(rules) > SIGNATURE_RULES_MAX)
		return error_set(err, "more than %d rules", SIGNATURE_RULES_MAX);
	yyjson_obj_foreach(rules, i, max, key, value) {
		const char *scope = json_value_text(key);
		struct arena before = *arena;
		struct signature_rule rule = {0};
		int bad = read_rule(scope ? scope : "", value, name, arena, &rule, err);
		if (!bad && yyjson_obj_get(rules, scope) != value)
			bad = error_set(err, "written twice");
		size_t fit = bad ? 0 : scope_fit(scope, name);
		if (fit > best) {
			signature_rule_close(out);
			*out = rule;
			best = fit;
			continue;
		}
		signature_rule_close(&rule);
		*arena = before;
		if (bad)
			return error_context(err, "\"%.120s\"", scope ? scope : "");
	}
	return 0;
}

int signature_rule_find(const struct settings_file *settings, const struct reference *reference,
			struct arena *arena, struct signature_rule *out, struct error *err)
{
	char name[SIGNATURE_SCOPE_MAX];
	struct json json;
	*out = (struct signature_rule){.action = SIGNATURE_ACCEPT};
	signature_repository(reference, name);
	int result = settings_open(settings, &json, err);
	yyjson_val *rules = result == 0 ? yyjson_obj_get(json_root(&json), "signatures") : NULL;
	if (rules && !yyjson_is_obj(rules))
		result = error_set(err, "image settings: \"signatures\" is not an object");
	else if (rules && read_rules(rules, name, arena, out, err) < 0)
		result = error_context(err, "image settings: signatures");
	json_close(&json);
	return result;
}

void signature_rule_close(struct signature_rule *rule)
{
	for (size_t i = 0; i < rule->key_count; i++)
		public_key_close(&rule->keys[i]);
	rule->key_count = 0;
}
