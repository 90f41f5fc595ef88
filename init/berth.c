// SPDX-License-Identifier: Apache-2.0
/* One binary, chosen by how it is called: PID 1, udhcpc's script, an OCI
 * runtime, or the workstation's `berth`. */
#include "init/init.h"
#include "init/net/network.h"
#include "init/workstation/workstation.h"
#include "runtime/oci/commands.h"

#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
	/* Not every process 1 boots a machine: `berth boot` may be the only program of a container. */
	if (getpid() == 1 && strcmp(name, "init") == 0)
		return init_main();
	if (strcmp(name, "default.script") == 0)
		return dhcp_script_main(argc, argv);
	if (strcmp(name, "berth-runtime") == 0)
		return oci_main(argc, argv);
	return workstation_main(argc, argv);
}
