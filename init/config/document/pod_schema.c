// SPDX-License-Identifier: Apache-2.0
/* A Kubernetes Pod (core/v1) as far as one machine can be one, and the ConfigMaps and Secrets beside it.
 * What has no effect without a cluster is named in one warning (pod.c). */
#include "init/config/document/declaration.h"
#include "init/config/document/forms.h"
#include "init/config/document/pod.h"

#define NO_CLUSTER "there is no cluster to ask"
#define IGNORED(key) {key, SCHEMA_ANY, .flags = SCHEMA_NO_EFFECT}
#define ID_MOST 2147483647

static const struct schema_key metadata[] = {
	{"name", .type = SCHEMA_TEXT},
	{"namespace", .type = SCHEMA_TEXT},
	{"uid", .type = SCHEMA_TEXT},
	{"labels", .type = SCHEMA_PAIRS},
	{"annotations", .type = SCHEMA_PAIRS},
	/* What a cluster writes. */
	IGNORED("creationTimestamp"),
	IGNORED("deletionTimestamp"),
	IGNORED("deletionGracePeriodSeconds"),
	IGNORED("finalizers"),
	IGNORED("generateName"),
	IGNORED("generation"),
	IGNORED("managedFields"),
	IGNORED("ownerReferences"),
	IGNORED("resourceVersion"),
	IGNORED("selfLink"),
	{.name = NULL},
};

static const struct schema_key field[] = {
	{"fieldPath", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"apiVersion", SCHEMA_TEXT, .choices = "v1"},
	{.name = NULL},
};
static const struct schema_key resource_field[] = {
	{"resource", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .choices = "limits.cpu|limits.memory|requests.cpu|requests.memory"},
	{"containerName", .type = SCHEMA_TEXT},
	{"divisor", .type = SCHEMA_SCALAR},
	{.name = NULL},
};
static const struct schema_key key_reference[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"key", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"optional", .type = SCHEMA_BOOL},
	{.name = NULL},
};
static const struct schema_key value_source[] = {
	{"fieldRef", SCHEMA_MAP, .members = field},
	{"resourceFieldRef", SCHEMA_MAP, .members = resource_field},
	{"configMapKeyRef", SCHEMA_MAP, .members = key_reference},
	{"secretKeyRef", SCHEMA_MAP, .members = key_reference},
	{.name = NULL},
};
static const struct schema_key variable[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"value", .type = SCHEMA_SCALAR},
	{"valueFrom", SCHEMA_MAP, .members = value_source},
	{.name = NULL},
};
static const struct schema_key variable_item = {"", SCHEMA_MAP, .members = variable};

static const struct schema_key object_reference[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED}, {"optional", .type = SCHEMA_BOOL}, {.name = NULL}};
static const struct schema_key variables_source[] = {
	{"prefix", .type = SCHEMA_TEXT},
	{"configMapRef", SCHEMA_MAP, .members = object_reference},
	{"secretRef", SCHEMA_MAP, .members = object_reference},
	{.name = NULL},
};
static const struct schema_key variables_item = {"", SCHEMA_MAP, .members = variables_source};

static const struct schema_key port[] = {
	{"containerPort", SCHEMA_INTEGER, SCHEMA_NEEDED, .low = 1, .high = 65535},
	{"hostPort", SCHEMA_INTEGER, .low = 0, .high = 65535},
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
	{"mountPropagation", SCHEMA_TEXT, .choices = "None|HostToContainer|Bidirectional"},
	{"recursiveReadOnly", SCHEMA_TEXT, .choices = "Disabled|IfPossible|Enabled"},
	{"subPathExpr", SCHEMA_ANY, .refused = "write what it stands for as subPath"},
	{.name = NULL},
};
static const struct schema_key mount_item = {"", SCHEMA_MAP, .members = mount};

static const struct schema_key quantities[] = {
	{"cpu", .type = SCHEMA_SCALAR},
	{"memory", .type = SCHEMA_SCALAR},
	IGNORED("ephemeral-storage"),
	{.name = NULL},
};

static const struct schema_key resources[] = {
	{"limits", SCHEMA_MAP, .members = quantities},
	{"requests", SCHEMA_MAP, .members = quantities},
	{"claims", SCHEMA_ANY, .refused = NO_CLUSTER},
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

static const struct schema_key sysctl[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED}, {"value", SCHEMA_SCALAR, .flags = SCHEMA_NEEDED}, {.name = NULL}};
static const struct schema_key sysctl_item = {"", SCHEMA_MAP, .members = sysctl};

static const struct schema_key pod_security_keys[] = {
	{"runAsUser", SCHEMA_INTEGER, .low = 0, .high = ID_MOST},
	{"runAsGroup", SCHEMA_INTEGER, .low = 0, .high = ID_MOST},
	{"runAsNonRoot", .type = SCHEMA_BOOL},
	{"seccompProfile", SCHEMA_MAP, .members = filter},
	{"appArmorProfile", SCHEMA_MAP, .members = filter},
	{"seLinuxOptions", SCHEMA_ANY, .refused = "there is no SELinux"},
	{"windowsOptions", SCHEMA_ANY, .refused = "it is for Windows"},
	{"supplementalGroups", SCHEMA_TEXTS, .flags = SCHEMA_NUMBERS},
	{"supplementalGroupsPolicy", SCHEMA_TEXT, .choices = "Merge"},
	{"fsGroup", SCHEMA_INTEGER, .low = 0, .high = ID_MOST},
	{"fsGroupChangePolicy", SCHEMA_TEXT, .choices = "OnRootMismatch|Always"},
	{"sysctls", SCHEMA_LIST, .item = &sysctl_item},
	{.name = NULL},
};

static const struct schema_key security[] = {
	{"runAsUser", SCHEMA_INTEGER, .low = 0, .high = ID_MOST},
	{"runAsGroup", SCHEMA_INTEGER, .low = 0, .high = ID_MOST},
	{"runAsNonRoot", .type = SCHEMA_BOOL},
	{"seccompProfile", SCHEMA_MAP, .members = filter},
	{"appArmorProfile", SCHEMA_MAP, .members = filter},
	{"seLinuxOptions", SCHEMA_ANY, .refused = "there is no SELinux"},
	{"windowsOptions", SCHEMA_ANY, .refused = "it is for Windows"},
	{"privileged", .type = SCHEMA_BOOL},
	{"readOnlyRootFilesystem", .type = SCHEMA_BOOL},
	{"allowPrivilegeEscalation", .type = SCHEMA_BOOL},
	{"capabilities", SCHEMA_MAP, .members = capabilities},
	{"procMount", SCHEMA_TEXT, .choices = "Default|Unmasked"},
	{.name = NULL},
};

static const struct schema_key command[] = {
	{"command", SCHEMA_TEXTS, .flags = SCHEMA_NEEDED}, {.name = NULL}};

static const struct schema_key header[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED}, {"value", SCHEMA_SCALAR, .flags = SCHEMA_NEEDED}, {.name = NULL}};
static const struct schema_key header_item = {"", SCHEMA_MAP, .members = header};

static const struct schema_key http_get[] = {
	{"path", .type = SCHEMA_TEXT},
	{"port", SCHEMA_SCALAR, .flags = SCHEMA_NEEDED},
	{"host", SCHEMA_TEXT, .check = check_address},
	{"scheme", SCHEMA_TEXT, .choices = "HTTP|HTTPS"},
	{"httpHeaders", SCHEMA_LIST, .item = &header_item},
	{.name = NULL},
};
static const struct schema_key tcp_socket[] = {
	{"port", SCHEMA_SCALAR, .flags = SCHEMA_NEEDED},
	{"host", SCHEMA_TEXT, .check = check_address},
	{.name = NULL},
};

static const struct schema_key probe[] = {
	{"exec", SCHEMA_MAP, .members = command},
	{"httpGet", SCHEMA_MAP, .members = http_get},
	{"tcpSocket", SCHEMA_MAP, .members = tcp_socket},
	{"grpc", SCHEMA_ANY, .refused = "the machine speaks no HTTP/2: ask with exec, or with tcpSocket"},
	{"initialDelaySeconds", SCHEMA_INTEGER, .low = 0, .high = 86400},
	{"periodSeconds", SCHEMA_INTEGER, .low = 1, .high = 86400},
	{"timeoutSeconds", SCHEMA_INTEGER, .low = 1, .high = 86400},
	{"failureThreshold", SCHEMA_INTEGER, .low = 1, .high = 1000},
	{"successThreshold", SCHEMA_INTEGER, .low = 1, .high = 1000},
	{"terminationGracePeriodSeconds", SCHEMA_ANY, .refused = "that of the Pod holds"},
	{.name = NULL},
};
static const struct schema_key sleep[] = {
	{"seconds", SCHEMA_INTEGER, SCHEMA_NEEDED, .low = 0, .high = 86400}, {.name = NULL}};
static const struct schema_key handler[] = {
	{"exec", SCHEMA_MAP, .members = command},
	{"httpGet", SCHEMA_MAP, .members = http_get},
	{"sleep", SCHEMA_MAP, .members = sleep},
	{"tcpSocket", SCHEMA_ANY, .refused = "Kubernetes itself does nothing with it"},
	{.name = NULL},
};
static const struct schema_key lifecycle[] = {
	{"postStart", SCHEMA_MAP, .members = handler},
	{"preStop", SCHEMA_MAP, .members = handler},
	{"stopSignal", SCHEMA_TEXT, .check = check_signal},
	{.name = NULL},
};

static const struct schema_key container[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"image", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_image},
	{"command", .type = SCHEMA_TEXTS},
	{"args", .type = SCHEMA_TEXTS},
	{"env", SCHEMA_LIST, .item = &variable_item},
	{"envFrom", SCHEMA_LIST, .item = &variables_item},
	{"workingDir", SCHEMA_TEXT, .check = check_absolute},
	{"ports", SCHEMA_LIST, .item = &port_item},
	{"volumeMounts", SCHEMA_LIST, .item = &mount_item},
	{"resources", SCHEMA_MAP, .members = resources},
	{"securityContext", SCHEMA_MAP, .members = security},
	{"livenessProbe", SCHEMA_MAP, .members = probe},
	{"readinessProbe", SCHEMA_MAP, .members = probe},
	{"startupProbe", SCHEMA_MAP, .members = probe},
	{"lifecycle", SCHEMA_MAP, .members = lifecycle},
	{"stdin", .type = SCHEMA_BOOL},
	{"tty", .type = SCHEMA_BOOL},
	{"imagePullPolicy", SCHEMA_TEXT, .choices = "Always|IfNotPresent|Never"},
	{"restartPolicy", SCHEMA_TEXT, .choices = "Always"}, /* of initContainers */
	{"volumeDevices", SCHEMA_ANY, .refused = "it is for volumes of a cluster"},
	IGNORED("stdinOnce"),
	IGNORED("terminationMessagePath"),
	IGNORED("terminationMessagePolicy"),
	IGNORED("resizePolicy"),
	{.name = NULL},
};
static const struct schema_key container_item = {"", SCHEMA_MAP, .members = container};

static const struct schema_key empty_dir[] = {
	{"medium", SCHEMA_TEXT, .choices = "|Memory"}, {"sizeLimit", .type = SCHEMA_SCALAR}, {.name = NULL}};

static const struct schema_key host_path[] = {
	{"path", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_absolute},
	{"type", SCHEMA_TEXT,
	 .choices = "|Directory|DirectoryOrCreate|File|FileOrCreate|Socket|CharDevice|BlockDevice"},
	{.name = NULL},
};

static const struct schema_key key_path[] = {
	{"key", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"path", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"mode", SCHEMA_INTEGER, .low = 0, .high = 0777},
	{.name = NULL},
};
static const struct schema_key key_path_item = {"", SCHEMA_MAP, .members = key_path};

/* A secret has `secretName`, but in `projected`. */
static const struct schema_key object_volume[] = {
	{"name", .type = SCHEMA_TEXT},
	{"secretName", .type = SCHEMA_TEXT},
	{"items", SCHEMA_LIST, .item = &key_path_item},
	{"defaultMode", SCHEMA_INTEGER, .low = 0, .high = 0777},
	{"optional", .type = SCHEMA_BOOL},
	{.name = NULL},
};
static const struct schema_key field_path[] = {
	{"path", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"fieldRef", SCHEMA_MAP, .members = field},
	{"resourceFieldRef", SCHEMA_MAP, .members = resource_field},
	{"mode", SCHEMA_INTEGER, .low = 0, .high = 0777},
	{.name = NULL},
};
static const struct schema_key field_path_item = {"", SCHEMA_MAP, .members = field_path};
static const struct schema_key downward[] = {
	{"items", SCHEMA_LIST, .item = &field_path_item},
	{"defaultMode", SCHEMA_INTEGER, .low = 0, .high = 0777},
	{.name = NULL},
};
static const struct schema_key projection[] = {
	{"configMap", SCHEMA_MAP, .members = object_volume},
	{"secret", SCHEMA_MAP, .members = object_volume},
	{"downwardAPI", SCHEMA_MAP, .members = downward},
	{"serviceAccountToken", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"clusterTrustBundle", SCHEMA_ANY, .refused = NO_CLUSTER},
	{.name = NULL},
};
static const struct schema_key projection_item = {"", SCHEMA_MAP, .members = projection};
static const struct schema_key projected[] = {
	{"sources", SCHEMA_LIST, .item = &projection_item},
	{"defaultMode", SCHEMA_INTEGER, .low = 0, .high = 0777},
	{.name = NULL},
};
static const struct schema_key claim[] = {
	{"claimName", SCHEMA_TEXT, .flags = SCHEMA_NEEDED}, {"readOnly", .type = SCHEMA_BOOL}, {.name = NULL}};

static const struct schema_key volume[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED},
	{"emptyDir", SCHEMA_MAP, SCHEMA_NULLABLE, .members = empty_dir},
	{"hostPath", SCHEMA_MAP, .members = host_path},
	{"configMap", SCHEMA_MAP, .members = object_volume},
	{"secret", SCHEMA_MAP, .members = object_volume},
	{"downwardAPI", SCHEMA_MAP, .members = downward},
	{"projected", SCHEMA_MAP, .members = projected},
	{"persistentVolumeClaim", SCHEMA_MAP, .members = claim},
	{"gcePersistentDisk", SCHEMA_ANY, .refused = "other disks are not mounted"},
	{"nfs", SCHEMA_ANY, .refused = "other file systems are not mounted"},
	{"image", SCHEMA_ANY, .refused = "an image is only run"},
	{"csi", SCHEMA_ANY, .refused = NO_CLUSTER},
	{"ephemeral", SCHEMA_ANY, .refused = NO_CLUSTER},
	{.name = NULL},
};
static const struct schema_key volume_item = {"", SCHEMA_MAP, .members = volume};

static const struct schema_key host_alias[] = {
	{"ip", SCHEMA_TEXT, SCHEMA_NEEDED, .check = check_address},
	{"hostnames", SCHEMA_TEXTS, .flags = SCHEMA_NEEDED},
	{.name = NULL},
};
static const struct schema_key host_alias_item = {"", SCHEMA_MAP, .members = host_alias};

static const struct schema_key resolver_option[] = {
	{"name", SCHEMA_TEXT, .flags = SCHEMA_NEEDED}, {"value", .type = SCHEMA_SCALAR}, {.name = NULL}};
static const struct schema_key resolver_option_item = {"", SCHEMA_MAP, .members = resolver_option};
static const struct schema_key resolver[] = {
	{"nameservers", .type = SCHEMA_TEXTS},
	{"searches", .type = SCHEMA_TEXTS},
	{"options", SCHEMA_LIST, .item = &resolver_option_item},
	{.name = NULL},
};

static const struct schema_key system[] = {
	{"name", SCHEMA_TEXT, SCHEMA_NEEDED, .choices = "linux"}, {.name = NULL}};

static const struct schema_key spec[] = {
	{"containers", SCHEMA_LIST, SCHEMA_NEEDED, .item = &container_item},
	{"initContainers", SCHEMA_LIST, .item = &container_item},
	{"volumes", SCHEMA_LIST, .item = &volume_item},
	{"restartPolicy", SCHEMA_TEXT, .choices = "Always|OnFailure|Never"},
	{"terminationGracePeriodSeconds", SCHEMA_INTEGER, .low = 0, .high = 86400},
	{"securityContext", SCHEMA_MAP, .members = pod_security_keys},
	{"hostname", .type = SCHEMA_TEXT},
	{"hostAliases", SCHEMA_LIST, .item = &host_alias_item},
	{"dnsPolicy", SCHEMA_TEXT, .choices = "ClusterFirst|ClusterFirstWithHostNet|Default|None"},
	{"dnsConfig", SCHEMA_MAP, .members = resolver},
	{"hostNetwork", .type = SCHEMA_BOOL},
	{"hostPID", .type = SCHEMA_BOOL},
	{"hostIPC", .type = SCHEMA_BOOL},
	{"shareProcessNamespace", .type = SCHEMA_BOOL},
	{"nodeName", .type = SCHEMA_TEXT}, /* a variable can ask for it */
	{"serviceAccountName", .type = SCHEMA_TEXT},
	{"os", SCHEMA_MAP, .members = system},
	{"activeDeadlineSeconds", SCHEMA_INTEGER, .low = 1, .high = 400 * 86400},
	{"ephemeralContainers", SCHEMA_ANY, .refused = "they are added to a Pod that runs already"},
	{"hostUsers", SCHEMA_ANY, .refused = "say x-berth: {userns: auto} in a document beside it"},
	{"runtimeClassName", SCHEMA_ANY, .refused = "there is one runtime, and it is built in"},
	{"resourceClaims", SCHEMA_ANY, .refused = NO_CLUSTER},
	IGNORED("affinity"),
	IGNORED("automountServiceAccountToken"),
	IGNORED("enableServiceLinks"),
	IGNORED("imagePullSecrets"),
	IGNORED("nodeSelector"),
	IGNORED("overhead"),
	IGNORED("preemptionPolicy"),
	IGNORED("priority"),
	IGNORED("priorityClassName"),
	IGNORED("readinessGates"),
	IGNORED("schedulerName"),
	IGNORED("schedulingGates"),
	IGNORED("serviceAccount"),
	IGNORED("setHostnameAsFQDN"),
	IGNORED("subdomain"),
	IGNORED("tolerations"),
	IGNORED("topologySpreadConstraints"),
	{.name = NULL},
};

static const struct schema_key pod[] = {
	{"apiVersion", SCHEMA_TEXT, .choices = "v1"},
	{"kind", SCHEMA_TEXT, .choices = "Pod"},
	{"metadata", SCHEMA_MAP, .members = metadata},
	{"spec", SCHEMA_MAP, SCHEMA_NEEDED, .members = spec},
	IGNORED("status"),
	{.name = NULL},
};

const struct schema_key schema_pod = {"", SCHEMA_MAP, .members = pod};

static const struct schema_key config_map[] = {
	{"apiVersion", SCHEMA_TEXT, SCHEMA_NEEDED, .choices = "v1"},
	{"kind", .type = SCHEMA_TEXT},
	{"metadata", SCHEMA_MAP, SCHEMA_NEEDED, .members = metadata},
	{"data", .type = SCHEMA_PAIRS},
	{"binaryData", .type = SCHEMA_PAIRS},
	{"immutable", .type = SCHEMA_BOOL},
	{.name = NULL},
};
const struct schema_key schema_config_map = {"", SCHEMA_MAP, .members = config_map};

static const struct schema_key secret[] = {
	{"apiVersion", SCHEMA_TEXT, SCHEMA_NEEDED, .choices = "v1"},
	{"kind", .type = SCHEMA_TEXT},
	{"metadata", SCHEMA_MAP, SCHEMA_NEEDED, .members = metadata},
	{"data", .type = SCHEMA_PAIRS},
	{"stringData", .type = SCHEMA_PAIRS},
	{"immutable", .type = SCHEMA_BOOL},
	{"type", .type = SCHEMA_TEXT},
	{.name = NULL},
};
const struct schema_key schema_secret = {"", SCHEMA_MAP, .members = secret};
