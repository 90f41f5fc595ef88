// SPDX-License-Identifier: Apache-2.0
/* Rows of the maps inside a service (schema_parts.c) and of x-berth (schema_host.c). */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_SCHEMA_PARTS_H
#define BERTH_INIT_CONFIG_DOCUMENT_SCHEMA_PARTS_H

#include "init/config/document/schema.h"

extern const struct schema_key schema_port[], schema_mount[], schema_device[], schema_attachment[],
	schema_dependency[], schema_ulimit[], schema_grant[], schema_env_file[], schema_extends[],
	schema_healthcheck[], schema_check[], schema_hook[], schema_deploy[], schema_logging[], schema_blkio[];
extern const struct schema_key schema_registry, schema_signature, schema_credential;

#endif
