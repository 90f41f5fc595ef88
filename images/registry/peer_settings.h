// SPDX-License-Identifier: Apache-2.0
/* The members of the image settings that say how one server is reached (registry_settings.h). */
#ifndef BERTH_IMAGES_REGISTRY_PEER_SETTINGS_H
#define BERTH_IMAGES_REGISTRY_PEER_SETTINGS_H

#include "images/http/http.h"
#include "lib/json.h"

/* For a list of known members. */
#define PEER_MEMBERS "insecure", "ca", "ca_only", "client_certificate", "client_key", "proxy"

/* Fills all but `host`; missing members stay as they are. Texts live in `arena`. Certificates and
 * addresses are checked. */
int peer_read(yyjson_val *object, struct arena *arena, struct http_peer *out, struct error *err);
/* A member that is true or false; missing is false. */
int settings_flag(yyjson_val *object, const char *name, bool *out, struct error *err);

#endif
