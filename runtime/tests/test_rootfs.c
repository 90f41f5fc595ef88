// SPDX-License-Identifier: Apache-2.0
/* Hostile images, CVE table A: their root file systems are built by real starts, which must fail
 * with a reason or succeed without a trace outside. */
#include "lib/mount.h"
#include "runtime/mask.h"
#include "runtime/tests/harness.h"

static struct run result;

/* A fresh image directory with a few files that an attack would like to reach. */
static void fresh_image(void)
{
	umount2("/run/image", MNT_DETACH);
	mkdir("/run/image", 0755);
	mount("tmpfs", "/run/image", "tmpfs", 0, NULL);
	mkdir("/run/outside", 0755);
	file_write(AT_FDCWD, "/run/outside/file", "untouched\n", 10, 0644, NULL);
}

/* Starts the image with a program it does not have: a start that comes that far ends with 127. */
static void start(void)
{
	struct container_spec spec = harness_spec((const char *const[]){"/none", NULL});
	spec.layers.items[0] = (char *)"/run/image";
	harness_run(&spec, &result);
}

static int outside_is_clean(void)
{
	char text[64] = "";
	file_read(AT_FDCWD, "/run/outside/file", text, sizeof text, NULL);
	DIR *dir = opendir("/run/outside");
	int entries = 0;
	while (dir && readdir(dir))
		entries++;
	if (dir)
		closedir(dir);
	return strcmp(text, "untouched\n") == 0 && entries == 3;
}

static void refused(const char *link, const char *target, const char *name)
{
	fresh_image();
	if (symlink(target, link) < 0)
		printf("# symlink %s: %s\n", link, strerror(errno));
	start();
	ok(result.start_status == 125 && strstr(result.error.text, "symbolic link") &&
		   outside_is_clean(),
	   "%s: %s -> %s is refused (%d: %s)", name, link + 10, target, result.start_status,
	   result.error.text);
}

/* CVE-2019-19921: by the time of the masks another directory stands at the root's name /proc. */
static void test_swapped_proc(void)
{
	static char *masked[] = {"/proc/version", NULL}, *protected[] = {"//proc/sys", NULL};
	struct error err = ERROR_INIT;
	char text[64] = "";
	fresh_image();
	mkdir("/run/image/proc", 0755);
	mkdir("/run/real", 0755);
	_cleanup_close_ int proc_fd = mount_new("proc", NULL, 0, &err);
	_cleanup_close_ int real = open("/run/real", O_PATH | O_CLOEXEC);
	_cleanup_close_ int root_fd = open("/run/image", O_PATH | O_CLOEXEC);
	mask_prepare(&err);
	_cleanup_close_ int masks_fd = mask_open(NULL, &err);
	const struct mask_places places = {root_fd, proc_fd, -1};
	const struct string_list hidden = {.count = 1, .items = masked};
	const struct string_list kept = {.count = 1, .items = protected};
	ok(proc_fd >= 0 && mount_attach(proc_fd, real, "/run/real", &err) == 0 &&
		   mask_apply(masks_fd, &places, &hidden, &kept, &err) == 0,
	   "CVE-2019-19921: masks while another directory stands at /proc (%s)", err.text);
	file_read(AT_FDCWD, "/run/real/version", text, sizeof text, NULL);
	is(text, "", "CVE-2019-19921: what is masked is masked in the procfs that was mounted");
	_cleanup_close_ int fd = open("/run/real/sys/kernel/domainname", O_WRONLY | O_CLOEXEC);
	ok(fd < 0 && errno == EROFS, "CVE-2019-19921: and what is read-only is read-only there");
	umount2("/run/real", MNT_DETACH);
}

static void test_kernel_directories(void)
{
	refused("/run/image/proc", "/evil", "CVE-2019-19921");
	refused("/run/image/proc", "..", "CVE-2023-27561");
	refused("/run/image/sys", "../../run/outside", "CVE-2023-28642");
	refused("/run/image/dev", "/run/outside", "CVE-2026-41579");
	refused("/run/image/dev", ".", "CVE-2026-47766");
	fresh_image();
	file_write(AT_FDCWD, "/run/image/proc", "x", 1, 0644, NULL);
	start();
	ok(result.start_status == 125 && strstr(result.error.text, "is a file"),
	   "a file for /proc is refused (%s)", result.error.text);
}

static void test_devices(void)
{
	fresh_image();
	mkdir("/run/image/dev", 0755);
	if (symlink("/proc/sys/kernel/core_pattern", "/run/image/dev/null") < 0 ||
	    symlink("/run/outside/file", "/run/image/dev/console") < 0 ||
	    symlink("/run/outside", "/run/image/dev/pts") < 0 ||
	    symlink("/run/outside", "/run/image/dev/shm") < 0)
		printf("# symlink: %s\n", strerror(errno));
	start();
	ok(result.start_status == 127 && outside_is_clean(),
	   "CVE-2025-31133, CVE-2025-52565: links in the image's /dev are covered (%d)",
	   result.start_status);
}

/* What the container's /etc/hosts would be: the test looks into the writable layer. */
static void etc_link(const char *target, const char *name)
{
	fresh_image();
	mkdir("/run/image/etc", 0755);
	static const char *const FILES[] = {"hosts", "hostname", "resolv.conf"};
	for (size_t i = 0; i < countof(FILES); i++) {
		char path[64];
		snprintf(path, sizeof path, "/run/image/etc/%s", FILES[i]);
		if (symlink(target, path) < 0)
			printf("# symlink %s: %s\n", path, strerror(errno));
	}
	start();
	ok((result.start_status == 127 || result.start_status == 125) && outside_is_clean(),
	   "%s: /etc/hosts -> %s (%d: %s)", name, target, result.start_status,
	   result.error.text);
}

static void test_etc(void)
{
	etc_link("/run/outside/file", "CVE-2025-24965");
	etc_link("/run/outside/new", "CVE-2024-45310");
	etc_link("../../../../../../run/outside/file", "CVE-2024-45310");
	etc_link("/proc/self/fd/3", "CVE-2025-52881");
	etc_link("hosts", "a link to itself");
	fresh_image();
	mkdir("/run/image/real", 0755);
	if (symlink("/real", "/run/image/etc") < 0)
		printf("# symlink: %s\n", strerror(errno));
	start();
	ok(result.start_status == 127 && outside_is_clean(), "/etc -> /real stays in the root (%s)",
	   result.error.text);
	fresh_image();
	start();
	ok(result.start_status == 127, "an empty image gets what it lacks (%s)", result.error.text);
	fresh_image();
	mkdir("/run/image/etc", 0755);
	mkdir("/run/image/etc/hosts", 0755);
	start();
	ok(result.start_status == 125 && strstr(result.error.text, "/etc/hosts"),
	   "a directory for /etc/hosts is refused (%s)", result.error.text);
}

static void test_working_directory(void)
{
	struct container_spec spec = harness_spec((const char *const[]){"/none", NULL});
	fresh_image();
	if (symlink("/run/outside", "/run/image/work") < 0)
		printf("# symlink: %s\n", strerror(errno));
	spec.layers.items[0] = (char *)"/run/image";
	spec.process.working_dir = "/work/deep/er";
	harness_run(&spec, &result);
	ok(outside_is_clean() && access("/run/outside/deep", F_OK) != 0,
	   "a working directory below a link is made inside (%d: %s)", result.start_status,
	   result.error.text);
	spec.process.working_dir = "/a/../../../../run/outside/b";
	harness_run(&spec, &result);
	ok(result.start_status == 127 && outside_is_clean(), "\"..\" stays inside (%s)",
	   result.error.text);
}

/* A root directory's owner and mode are the image's, and the state directory tells nothing. */
static void test_layer(void)
{
	fresh_image();
	struct stat st;
	if (chmod("/run/image", 01751) < 0 || chown("/run/image", 3, 4) < 0)
		printf("# chmod: %s\n", strerror(errno));
	struct container_spec spec = harness_spec((const char *const[]){"/none", NULL});
	spec.layers.items[0] = (char *)"/run/image";
	harness_run(&spec, &result);
	ok(stat("/run/state/upper", &st) == 0 && (st.st_mode & 07777) == 01751 && st.st_uid == 3 &&
		   st.st_gid == 4,
	   "the writable layer's root has the owner and mode of the image's");
	spec.layers.items[0] = (char *)"/run/nothing";
	harness_run(&spec, &result);
	ok(result.start_status == 125 && strstr(result.error.text, "overlay"),
	   "a missing image: 125 and the kernel's reason (%s)", result.error.text);
	spec.id = "../escape";
	harness_run(&spec, &result);
	ok(result.start_status == 125 && strstr(result.error.text, "container id"),
	   "an id is checked before it names anything");
}

static const char volume[] = "/run/volume", lock[] = "/run/lock-of-it";

static void start_with(const struct spec_mount *more)
{
	struct spec_mount mounts[32];
	struct container_spec spec = harness_spec((const char *const[]){"/none", NULL});
	memcpy(mounts, spec.mounts, spec.mount_count * sizeof *mounts);
	mounts[spec.mount_count++] = *more;
	spec.mounts = mounts;
	spec.layers.items[0] = (char *)"/run/image";
	harness_run(&spec, &result);
}

static int has_mode(const char *path, mode_t mode, uid_t uid)
{
	struct stat st;
	return lstat(path, &st) == 0 && st.st_mode == mode && st.st_uid == uid;
}

/* An image with something at /srv, and a new volume. */
static void fresh_volume(void)
{
	fresh_image();
	umount2(volume, MNT_DETACH);
	mkdir(volume, 0755);
	mount("tmpfs", volume, "tmpfs", 0, "mode=755");
	unlink(lock);
	int made = mkdir("/run/image/srv", 0700) | mkdir("/run/image/srv/deep", 0700) |
		   file_write(AT_FDCWD, "/run/image/srv/deep/file", "text", 4, 0600, NULL) |
		   chown("/run/image/srv/deep/file", 5, 6) |
		   chmod("/run/image/srv/deep/file", 04711) |
		   symlink("/run/outside/file", "/run/image/srv/link") |
		   mkfifo("/run/image/srv/fifo", 0600) | chmod("/run/image/srv/fifo", 0666) |
		   chown("/run/image/srv", 7, 8) | chmod("/run/image/srv", 01770);
	if (made)
		printf("# the image: %s\n", strerror(errno));
}

static int is_filled(void)
{
	return has_mode("/run/volume", S_IFDIR | 01770, 7) &&
	       has_mode("/run/volume/deep/file", S_IFREG | 04711, 5) &&
	       has_mode("/run/volume/fifo", S_IFIFO | 0666, 0) &&
	       has_mode("/run/volume/link", S_IFLNK | 0777, 0);
}

static void test_volume(void)
{
	const struct spec_mount mount = {
		.destination = "/srv", .source = volume, .fill_lock = lock};
	struct stat st;
	fresh_volume();
	start_with(&mount);
	ok(result.start_status == 127 && is_filled() && outside_is_clean(),
	   "an empty volume begins as what the image has there (%s)", result.error.text);
	ok(stat(lock, &st) == 0 && st.st_size == 0, "and is whole");
	int changed = unlink("/run/volume/link") | rename("/run/volume/fifo", "/run/volume/own");
	start_with(&mount);
	ok(!changed && access("/run/volume/link", F_OK) < 0 && access("/run/volume/own", F_OK) == 0,
	   "one with content stays as it is");
	file_write(AT_FDCWD, lock, "cut", 3, 0600, NULL);
	start_with(&mount);
	ok(is_filled() && access("/run/volume/own", F_OK) < 0 && stat(lock, &st) == 0 && !st.st_size,
	   "a copy that was cut off is begun again (%s)", result.error.text);
}

static void test_part_of_a_volume(void)
{
	struct spec_mount mount = {.destination = "/srv", .source = volume, .within = "out"};
	fresh_volume();
	int made = symlink("/run/outside", "/run/volume/out") | mkdir("/run/volume/run", 0755);
	start_with(&mount);
	ok(!made && result.start_status == 125 && strstr(result.error.text, "\"out\" in /run/volume"),
	   "a link in a volume leads nowhere outside it (%s)", result.error.text);
	made = mkdir("/run/volume/run/outside", 0755);
	start_with(&mount);
	ok(!made && result.start_status == 127, "but inside (%s)", result.error.text);
	mount.within = "absent";
	start_with(&mount);
	ok(result.start_status == 125 && strstr(result.error.text, "No such file"),
	   "a part must be there (%s)", result.error.text);
}

/* Secrets: read-only files in memory, with owner and mode. The program of the container is the test's
 * own shell. */
static void test_files(void)
{
	const struct spec_file files[] = {
		{"/run/secrets/word", "hush\n", 5, 0, 0, 0444},
		{"/srv/key", "a\0b", 3, 1000, 33, 0440},
		{"/etc/empty", "", 0, 0, 0, 0400},
	};
	struct container_spec spec = harness_spec((const char *const[]){
		"sh", "-c",
		"cat /run/secrets/word; stat -c '%u %g %a %s' /srv/key /etc/empty; "
		"touch /run/secrets/word 2>/dev/null || echo locked; "
		"grep -c ' /srv/key tmpfs ro,nosuid,nodev,noexec' /proc/mounts; "
		"ls /run/state/files 2>/dev/null", NULL});
	spec.files = files;
	spec.file_count = countof(files);
	harness_run(&spec, &result);
	is(result.output, "hush\n1000 33 440 3\n0 0 400 0\nlocked\n1\n", "files in memory");
	ok(result.status == 2 || result.status == 1, "and nothing of them outside (%s)",
	   result.error.text);
	ok(access("/run/state/files/0", F_OK) < 0, "or in the machine");
}

int main(void)
{
	const char *reason = harness_setup();
	if (reason) {
		skip("root file systems", reason);
		return tap_end();
	}
	test_swapped_proc();
	test_kernel_directories();
	test_devices();
	test_etc();
	test_working_directory();
	test_layer();
	test_volume();
	test_part_of_a_volume();
	test_files();
	return tap_end();
}
