// SPDX-License-Identifier: Apache-2.0
/* The host name in what clouds call meta-data: YAML of one level, or JSON. */
#ifndef BERTH_INIT_CONFIG_SOURCES_META_DATA_H
#define BERTH_INIT_CONFIG_SOURCES_META_DATA_H

#include "init/config/sources/source.h"

/* The value of local-hostname, else hostname, at the beginning of a line or as a JSON member of the
 * root; "" when there is none that is a host name. */
void meta_data_hostname(const char *text, size_t size, char out[CONFIG_HOSTNAME]);
/* The same of a small file; -1 is one that is not there. */
void meta_data_hostname_of_file(int fd, char out[CONFIG_HOSTNAME]);
/* A text that is a host name and nothing else, with blanks around it; else "". */
void meta_data_take_hostname(const char *text, char out[CONFIG_HOSTNAME]);

#endif
