// SPDX-License-Identifier: Apache-2.0
/* Every source; config_sources[] has them in their order. */
#ifndef BERTH_INIT_CONFIG_SOURCES_TABLE_H
#define BERTH_INIT_CONFIG_SOURCES_TABLE_H

#include "init/config/sources/source.h"

#include <string.h>

extern const struct config_source source_initramfs, source_command_line, source_fw_cfg,
	source_smbios, source_credentials, source_virtio_serial, source_nocloud,
	source_config_drive, source_nocloud_net, source_url, source_ec2, source_gcp, source_azure,
	source_openstack, source_digitalocean, source_hetzner, source_vultr, source_scaleway,
	source_oracle, source_akamai, source_mmds;

#endif
