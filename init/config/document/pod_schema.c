// SPDX-License-Identifier: Apache-2.0
/* A Kubernetes Pod (core/v1) as far as one machine can be one. */
#include "init/config/document/declaration.h"
#include "init/config/document/forms.h"

#define ONE_MACHINE "there is one machine"
#define NO_CLUSTER "there is no cluster to ask"

static const struct schema_key metadata[] = {
	{"name", SCHEMA_TEXT, .help = "The project's name."},
	{"namespace", SCHEMA_TEXT, .help = "It has no effect."},
	{"labels", SCHEMA_PAIRS, .help = "Labels of the containers."},
	{"annotations", SCHEMA_PAIRS, .help = "Annotations of the containers."},
	{"creationTimestamp", SCHEMA_ANY, .help = "It has no effect."},
	{.name = NULL},
};

static const struct schema_key variable[] = {
	{"name", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "Its name."},
	{"value", SCHEMA_SCALAR, .help = "Its value."},
	{"valueFrom", SCHEMA_ANY, .refused = NO_CLUSTER},
	{.name = NULL},
};
static const struct schema_key variable_item = {"", SCHEMA_MAP, .members = variable};

static const struct schema_key port[] = {
	{"containerPort", SCHEMA_INTEGER, SCHEMA_NEEDED, .low = 1, .high = 65535},
	{"hostPort", SCHEMA_INTEGER, .low = 1, .high = 65535},
	{"hostIP", SCHEMA_TEXT, .check = check_address},
	{"protocol", SCHEMA_TEXT, .choices = "TCP|UDP"},
	{"name", .type = SCHEMA_TEXT},
	{.name = NULL},
};
static const struct schema_key port_item = {"", SCHEMA_MAP, .members = port};

static const struct schema_key mount[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"mountPath", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_absolute},
	{"readOnly", .type = SCHEMA_BOOL},
	{"subPath", .type = SCHEMA_TEXT},
	{.name = NULL},
};
static const struct schema_key mount_item = {"", SCHEMA_MAP, .members = mount};

static const struct schema_key quantities[] = {
	{"cpu", .type = SCHEMA_SCALAR}, {"memory", .type = SCHEMA_SCALAR}, {.name = NULL}};

static const struct schema_key resources[] = {
	{"limits", SCHEMA_MAP, .members = quantities},
	{"requests", SCHEMA_MAP, .members = quantities},
	{.name = NULL},
};

static const struct schema_key capabilities[] = {
	{"add", SCHEMA_TEXTS, .check = check_capability},
	{"drop", SCHEMA_TEXTS, .check = check_capability},
	{.name = NULL},
};

static const struct schema_key filter[] = {
	{"type", SCHEMA_TEXT, SCHEMA_NEEDED, .choices = "RuntimeDefault|Unconfined"},
	{"localhostProfile", SCHEMA_ANY, .refused = "there is no node with profiles"},
	{.name = NULL},
};

static const struct schema_key security[] = {
	{"privileged", .type = SCHEMA_BOOL},
	{"runAsUser", SCHEMA_INTEGER, .low = 0, .high = 4294967294},
	{"runAsGroup", SCHEMA_INTEGER, .low = 0, .high = 4294967294},
	{"readOnlyRootFilesystem", .type = SCHEMA_BOOL},
	{"allowPrivilegeEscalation", .type = SCHEMA_BOOL},
	{"capabilities", SCHEMA_MAP, .members = capabilities},
	{"runAsNonRoot", SCHEMA_ANY, .refused = "say which user with runAsUser"},
	{"seccompProfile", SCHEMA_MAP, .members = filter},
	{"seLinuxOptions", SCHEMA_ANY, .refused = "there is no SELinux"},
	{.name = NULL},
};

static const struct schema_key command_probe[] = {
	{"command", SCHEMA_TEXTS, .flags = SCHEMA_NEEDED}, {.name = NULL}};

static const struct schema_key probe[] = {
	{"exec", SCHEMA_MAP, SCHEMA_NEEDED, .members = command_probe},
	{"initialDelaySeconds", SCHEMA_INTEGER, .low = 0, .high = 86400},
	{"periodSeconds", SCHEMA_INTEGER, .low = 1, .high = 86400},
	{"timeoutSeconds", SCHEMA_INTEGER, .low = 1, .high = 86400},
	{"failureThreshold", SCHEMA_INTEGER, .low = 1, .high = 1000},
	{"successThreshold", SCHEMA_INTEGER, .low = 1, .high = 1},
	{"httpGet", SCHEMA_ANY, .refused = "a test is a command in the container: exec"},
	{"tcpSocket", SCHEMA_ANY, .refused = "a test is a command in the container: exec"},
	{"grpc", SCHEMA_ANY, .refused = "a test is a command in the container: exec"},
	{.name = NULL},
};

static const struct schema_key container[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"image", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_image},
	{"command", .type = SCHEMA_TEXTS},
	{"args", .type = SCHEMA_TEXTS},
	{"env", SCHEMA_LIST, .item = &variable_item},
	{"workingDir", SCHEMA_TEXT, .check = check_absolute},
	{"ports", SCHEMA_LIST, .item = &port_item},
	{"volumeMounts", SCHEMA_LIST, .item = &mount_item},
	{"resources", SCHEMA_MAP, .members = resources},
	{"securityContext", SCHEMA_MAP, .members = security},
	{"livenessProbe", SCHEMA_MAP, .members = probe},
	{"stdin", .type = SCHEMA_BOOL},
	{"tty", .type = SCHEMA_BOOL},
	{"imagePullPolicy", SCHEMA_TEXT, .choices = "Always|IfNotPresent|Never"},
	{"envFrom", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"readinessProbe", SCHEMA_ANY, .refused = "nothing waits for it: livenessProbe is the test"},
	{"startupProbe", SCHEMA_ANY, .refused = "livenessProbe has initialDelaySeconds"},
	{"lifecycle", SCHEMA_ANY, .refused = "there are no hooks"},
	{.name = NULL},
};
static const struct schema_key container_item = {"", SCHEMA_MAP, .members = container};

static const struct schema_key empty_dir[] = {
	{"medium", SCHEMA_TEXT, .choices = "Memory"}, {"sizeLimit", .type = SCHEMA_SCALAR}, {.name = NULL}};

static const struct schema_key host_path[] = {
	{"path", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_absolute},
	{"type", SCHEMA_TEXT, .choices = "|Directory|DirectoryOrCreate|File|FileOrCreate"},
	{.name = NULL},
};

static const struct schema_key volume[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"emptyDir", SCHEMA_MAP, SCHEMA_NULLABLE, .members = empty_dir},
	{"hostPath", SCHEMA_MAP, .members = host_path},
	{"gcePersistentDisk", SCHEMA_ANY, .refused = "other disks are not mounted"},
	{"configMap", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"secret", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"persistentVolumeClaim", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"projected", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"downwardAPI", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"nfs", SCHEMA_ANY, .refused = "the kernel has no NFS"},
	{.name = NULL},
};
static const struct schema_key volume_item = {"", SCHEMA_MAP, .members = volume};

static const struct schema_key host_alias[] = {
	{"ip", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_address},
	{"hostnames", SCHEMA_TEXTS, .flags = SCHEMA_NEEDED},
	{.name = NULL},
};
static const struct schema_key host_alias_item = {"", SCHEMA_MAP, .members = host_alias};

static const struct schema_key spec[] = {
	{"containers", SCHEMA_LIST, SCHEMA_NEEDED, .item = &container_item},
	{"volumes", SCHEMA_LIST, .item = &volume_item},
	{"restartPolicy", SCHEMA_TEXT, .choices = "Always|OnFailure|Never"},
	{"hostNetwork", .type = SCHEMA_BOOL},
	{"hostname", .type = SCHEMA_TEXT},
	{"hostAliases", SCHEMA_LIST, .item = &host_alias_item},
	{"terminationGracePeriodSeconds", SCHEMA_INTEGER, .low = 0, .high = 86400},
	{"initContainers", SCHEMA_ANY, .refused = "containers that come before others need a Compose document (depends_on)"},
	{"nodeSelector", SCHEMA_ANY, .refused = ONE_MACHINE},
	{"nodeName", SCHEMA_ANY, .refused = ONE_MACHINE},
	{"affinity", SCHEMA_ANY, .refused = ONE_MACHINE},
	{"tolerations", SCHEMA_ANY, .refused = ONE_MACHINE},
	{"serviceAccountName", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"imagePullSecrets", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"securityContext", SCHEMA_ANY, .refused = "write it into the container"},
	{"dnsPolicy", SCHEMA_ANY, .refused = "name servers are the machine's"},
	{"hostPID", .type = SCHEMA_BOOL},
	{"hostIPC", .type = SCHEMA_BOOL},
	{"shareProcessNamespace", .type = SCHEMA_BOOL},
	{"runtimeClassName", SCHEMA_ANY, .refused = "there is one runtime, and it is built in"},
	{.name = NULL},
};

static const struct schema_key pod[] = {
	{"apiVersion", SCHEMA_TEXT, .choices = "v1"},
	{"kind", SCHEMA_TEXT, .choices = "Pod"},
	{"metadata", SCHEMA_MAP, .members = metadata},
	{"spec", SCHEMA_MAP, SCHEMA_NEEDED, .members = spec},
	{"status", SCHEMA_ANY, .refused = "it is for a cluster to write"},
	{.name = NULL},
};

const struct schema_key schema_pod = {"", SCHEMA_MAP, .members = pod};
