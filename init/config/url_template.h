// SPDX-License-Identifier: Apache-2.0
/* The address of a document with the machine's own names in it: https://host/${serial}.yaml. */
#ifndef BERTH_INIT_CONFIG_URL_TEMPLATE_H
#define BERTH_INIT_CONFIG_URL_TEMPLATE_H

#include "lib/error.h"

#include <stddef.h>

struct url_names {
	const char *uuid, *serial, *mac, *hostname; /* NULL or "": not known */
};

/* Writes `text` with ${uuid} ${serial} ${mac} ${hostname} filled in, percent-encoded (RFC 3986),
 * and also cloud-init's __dmi.product-uuid__ and __dmi.product-serial__. A name that does not
 * exist, or whose value the machine does not have, is an error: a half-filled address must not be
 * asked. */
int url_template_fill(const char *text, const struct url_names *names, char *out, size_t capacity,
		      struct error *err);

#endif
