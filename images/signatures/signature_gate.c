// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_gate.h"

#include "lib/cleanup.h"
#include "lib/log.h"

#include <stdlib.h>
#include <string.h>

/* Untouched memory costs nothing: a bundle with its decoded payload, and a copy of the valid one. */
enum { SCRATCH_SIZE = 4 * DOCUMENT_SIZE_MAX };

int signature_gate_open(struct signature_gate *gate, const struct settings_file *settings,
			const struct reference *reference, int stored, struct arena *arena,
			struct error *err)
{
	*gate = (struct signature_gate){.reference = reference, .stored = stored};
	if (signature_rule_find(settings, reference, arena, &gate->rule, err) < 0)
		return -1;
	if (gate->rule.action == SIGNATURE_REJECT)
		return error_set(err, "the image settings reject the image (signatures, rule \"%s\")",
				 gate->rule.scope);
	return 0;
}

void signature_gate_close(struct signature_gate *gate)
{
	signature_rule_close(&gate->rule);
	cleanup_close_fd(&gate->stored);
	free(gate->arena.block);
	gate->arena.block = NULL;
}

static bool keep(struct signature_gate *gate, const struct signature *signature,
		 const struct digest *subject)
{
	gate->record.subject = *subject;
	gate->record.signature = *signature;
	gate->record.signature.body = arena_strndup(&gate->arena, signature->body, signature->size);
	gate->record.signature.text = arena_strdup(&gate->arena, signature->text);
	return true;
}

static bool consider(void *context, const struct signature *signature, const struct digest *subject)
{
	struct signature_gate *gate = context;
	struct error why = ERROR_INIT;
	enum signature_stage stage = signature_check(signature, subject, &gate->rule, &gate->arena,
						     &gate->key, &why);
	if (stage == SIGNATURE_VALID)
		return keep(gate, signature, subject);
	if (gate->seen++ == 0 || stage > gate->stage) {
		gate->stage = stage;
		gate->reason = why;
	}
	return false;
}

/* The signature of an earlier pull. One that does not fit today's rule is not worth a message when
 * there is another. */
static bool consider_stored(struct signature_gate *gate, const struct digest *manifest)
{
	struct signature_record record;
	if (signature_record_read(gate->stored, manifest, &gate->arena, &record) != 1)
		return false;
	return consider(gate, &record.signature, &record.subject);
}

static int refuse(const struct signature_gate *gate, const struct digest *subject,
		  const struct signature_source *source, struct error *err)
{
	const char *scope = gate->rule.scope;
	const char *place = source->registry ? gate->reference->registry : "the layout";
	/* What could not be had might have been the signature. */
	if (*source->trouble.text && (gate->seen == 0 || source->trouble.kind == ERROR_TEMPORARY)) {
		*err = source->trouble;
		return error_context(err, "look for a signature of %s, which the rule \"%.80s\" "
				     "requires", subject->text, scope);
	}
	if (gate->seen == 0)
		return error_set(err, "the image is not signed: %s has no signature of %s, and the "
				 "rule \"%.80s\" of the image settings requires one",
				 place, subject->text, scope);
	return error_set(err, "no valid signature of %s among %zu: %s (rule \"%.80s\" of the image "
			 "settings)", subject->text, gate->seen, gate->reason.text, scope);
}

static int begin(struct signature_gate *gate, struct error *err)
{
	if (!gate->arena.block) {
		void *block = malloc(SCRATCH_SIZE);
		if (!block)
			return error_temporary(err, "no memory to check signatures");
		arena_init(&gate->arena, block, SCRATCH_SIZE);
	}
	gate->arena.used = 0;
	gate->seen = 0;
	gate->fresh = false;
	return 0;
}

int signature_gate_pass(struct signature_gate *gate, const struct signature_chain *chain,
			struct registry *registry, struct layout *layout, char *body,
			struct error *err)
{
	if (gate->rule.action == SIGNATURE_ACCEPT)
		return 0;
	if (begin(gate, err) < 0)
		return -1;
	const struct digest *manifest = &chain->digests[chain->count - 1];
	struct signature_source source = {
		.registry = layout->kind == LAYOUT_NONE ? registry : NULL,
		.layout = layout,
		.body = body,
		.arena = &gate->arena,
		.visit = consider,
		.context = gate,
	};
	bool passed = consider_stored(gate, manifest);
	for (size_t i = 0; i < chain->count && !passed; i++)
		passed = gate->fresh = signature_find(&source, &chain->digests[i]);
	if (!passed)
		return refuse(gate, &chain->digests[0], &source, err);
	gate->record.manifest = *manifest;
	log_info("berth", "8 pull: %.19s… is signed with the key %.19s… (rule \"%s\")",
		 gate->record.subject.text, gate->key->fingerprint.text, gate->rule.scope);
	return 0;
}
