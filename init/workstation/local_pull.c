// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/local_pull.h"

#include "images/layers/layer.h"
#include "images/pull/deadline.h"
#include "images/reference.h"
#include "init/config/keys.h"
#include "init/workstation/registry_route.h"
#include "lib/cleanup.h"
#include "lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { REGISTRIES_MAX = 64 };

struct wanted {
	struct pull_request request;
	struct registry_option registries[REGISTRIES_MAX];
	char credentials[PATH_MAX], architecture[32];
	struct reference reference;
};

static const char *first_readable(const char *const *paths)
{
	for (; *paths; paths++)
		if (access(*paths, R_OK) == 0)
			return *paths;
	return NULL;
}

/* The first of two spellings that is set to something, or NULL. */
static const char *environment(const char *name, const char *other)
{
	const char *value = getenv(name);
	if (!value || !*value)
		value = getenv(other);
	return value && *value ? value : NULL;
}

/* Where docker and its peers keep them; missing is fine. */
static const char *default_credentials(char out[PATH_MAX])
{
	const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	int used = folder && *folder ? snprintf(out, PATH_MAX, "%s/config.json", folder)
		   : home            ? snprintf(out, PATH_MAX, "%s/.docker/config.json", home)
				     : PATH_MAX;
	return used < PATH_MAX && access(out, R_OK) == 0 ? out : NULL;
}

static int add_registry(struct wanted *wanted, const char *host, struct error *err)
{
	struct pull_request *request = &wanted->request;
	if (request->registry_count == REGISTRIES_MAX)
		return error_set(err, "more than %d registries", REGISTRIES_MAX);
	wanted->registries[request->registry_count++] =
		(struct registry_option){.host = host, .insecure = true};
	request->registries = wanted->registries;
	return 0;
}

static int list_registries(const struct options *options, struct wanted *wanted, struct error *err)
{
	const struct string_list *insecure = &options->values[OPTION_INSECURE];
	const char *host = wanted->reference.registry;
	char name[ROUTE_HOST_MAX];
	uint16_t port;
	for (size_t i = 0; i < insecure->count; i++)
		if (add_registry(wanted, insecure->items[i], err) < 0)
			return -1;
	if (registry_host_split(host, name, sizeof name, &port, err) < 0)
		return -1;
	return registry_name_is_loopback(name) ? add_registry(wanted, host, err) : 0;
}

/* "arm64", "arm/v7", "linux/amd64". By default that of the machine that will run the image, not of
 * this one. */
static int choose_platform(const struct options *options, struct wanted *wanted, struct error *err)
{
	const char *text = option_text(options, OPTION_PLATFORM, "amd64");
	if (strncmp(text, "linux/", 6) == 0)
		text += 6;
	if ((size_t)snprintf(wanted->architecture, sizeof wanted->architecture, "%s", text) >=
		    sizeof wanted->architecture || !*text || *text == '/')
		return error_set(err, "--platform %.40s is not ARCHITECTURE or "
				      "ARCHITECTURE/VARIANT", text);
	char *slash = strchr(wanted->architecture, '/');
	wanted->request.architecture = wanted->architecture;
	wanted->request.variant = slash ? slash + 1 : "";
	if (slash)
		*slash = 0;
	return 0;
}

static int describe(const struct options *options, const char *store, struct wanted *wanted,
		    struct error *err)
{
	static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
					      "/etc/pki/tls/certs/ca-bundle.crt",
					      "/etc/ssl/cert.pem", NULL};
	struct pull_request *request = &wanted->request;
	if (reference_parse(options->image, &wanted->reference, err) < 0 ||
	    list_registries(options, wanted, err) < 0)
		return -1;
	uint64_t seconds = DEADLINE_DEFAULT_S;
	const char *deadline = option_text(options, OPTION_DEADLINE, NULL);
	if (deadline && parse_duration(deadline, DEADLINE_LONGEST_S, &seconds, err) < 0)
		return error_context(err, "--deadline");
	request->deadline_seconds = (unsigned)seconds;
	request->reference = options->image;
	request->store = store;
	request->layouts = options->values[OPTION_LAYOUTS];
	request->ca_bundle = option_text(options, OPTION_CA, first_readable(bundles));
	request->credentials = option_text(options, OPTION_CREDENTIALS,
					   default_credentials(wanted->credentials));
	request->settings = option_text(options, OPTION_SETTINGS, NULL);
	request->https_proxy = environment("HTTPS_PROXY", "https_proxy");
	/* Not HTTP_PROXY: a web server's CGI programs get that from a request's header. */
	request->http_proxy = environment("http_proxy", "http_proxy");
	request->no_proxy = environment("NO_PROXY", "no_proxy");
	return choose_platform(options, wanted, err);
}

static int hold_signals(struct local_pull *pull, struct error *err)
{
	sigset_t stops;
	memset(pull, 0, sizeof *pull);
	pull->signal_fd = pull->beside_fd = -1;
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigprocmask(SIG_BLOCK, &stops, &pull->old_mask);
	pull->signal_fd = signalfd(-1, &stops, SFD_CLOEXEC);
	return pull->signal_fd < 0 ? error_errno(err, errno, "watch signals") : 0;
}

static int make_folder(const char *beside, struct local_pull *pull, struct error *err)
{
	pull->beside_fd = open(beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int used = snprintf(pull->folder, sizeof pull->folder, "%s/.berth-XXXXXX", beside);
	if (pull->beside_fd < 0 || used >= (int)sizeof pull->folder - 16 || !mkdtemp(pull->folder)) {
		pull->folder[0] = 0;
		return error_errno(err, errno, "create a temporary folder in %s", beside);
	}
	snprintf(pull->store, sizeof pull->store, "%s/store", pull->folder);
	return 0;
}

static void show_progress(struct frame *frame)
{
	struct pull_progress now;
	if (!isatty(STDERR_FILENO) || pull_decode_progress(frame, &now, NULL) < 0)
		return;
	fprintf(stderr, "\rberth: %.1f of %.1f MB, %llu of %llu layers \x1b[K",
		(double)now.bytes / 1e6, (double)now.bytes_total / 1e6,
		(unsigned long long)now.layers, (unsigned long long)now.layers_total);
	if (now.layers == now.layers_total)
		fputc('\n', stderr);
}

/* Frames until the last one, which is a result (0) or a failure (-1). */
static int follow(int fd, struct arena *arena, struct local_pull *pull, struct error *err)
{
	static unsigned char storage[FRAME_MAX];
	for (;;) {
		struct pollfd fds[] = {{fd, POLLIN, 0}, {pull->signal_fd, POLLIN, 0}};
		if (poll(fds, countof(fds), -1) < 0 && errno != EINTR)
			return error_errno(err, errno, "wait for the puller");
		if (fds[1].revents)
			return error_set(err, "interrupted");
		struct frame frame;
		if (frame_receive(fd, &frame, storage, sizeof storage, NULL) <= 0)
			return error_set(err, "the puller ended without a result");
		switch (frame.type) {
		case PULL_PROGRESS:
			show_progress(&frame);
			break;
		case PULL_RESULT:
			return pull_decode_result(&frame, arena, &pull->image, err);
		case PULL_PLAN:
			return plan_decode(&frame, arena, &pull->plan, err);
		case PULL_FAILURE:
			pull_decode_failure(&frame, err, err);
			return -1;
		default:
			return error_set(err, "message of unknown type %u", frame.type);
		}
	}
}

static int run(const struct wanted *wanted, struct arena *arena, struct local_pull *pull,
	       struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0];
	_cleanup_close_ int theirs = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(err, errno, "fork the puller");
	if (pid == 0) {
		confine_reset_signals();
		setpgid(0, 0); /* the terminal's Ctrl-C is for us */
		_exit(pull_main(&wanted->request, theirs));
	}
	setpgid(pid, pid);
	close(steal_fd(&theirs));
	int result = follow(ours, arena, pull, err);
	if (result < 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

static int need_root(struct error *err)
{
	return geteuid() == 0 ? 0
			      : error_set(err, "this must run as root (sudo): the files of an image "
					       "belong to several users");
}

int local_pull_open(const struct options *options, const char *beside, struct arena *arena,
		    struct local_pull *pull, struct error *err)
{
	static struct wanted wanted;
	wanted = (struct wanted){0};
	if (hold_signals(pull, err) < 0 || need_root(err) < 0 ||
	    make_folder(beside, pull, err) < 0 || describe(options, pull->store, &wanted, err) < 0)
		return -1;
	wanted.request.one_tree = true;
	return run(&wanted, arena, pull, err);
}

static const char *store_of(const struct options *options)
{
	return option_text(options, OPTION_STORE, "/var/lib/berth");
}

int local_pull_into_store(const struct options *options, struct arena *arena,
			  struct local_pull *pull, struct error *err)
{
	static struct wanted wanted;
	wanted = (struct wanted){0};
	if (hold_signals(pull, err) < 0 || need_root(err) < 0 ||
	    describe(options, store_of(options), &wanted, err) < 0)
		return -1;
	return run(&wanted, arena, pull, err);
}

int local_pull_plan(const struct options *options, struct arena *arena, struct local_pull *pull,
		    struct error *err)
{
	static struct wanted wanted;
	wanted = (struct wanted){0};
	if (hold_signals(pull, err) < 0 || describe(options, store_of(options), &wanted, err) < 0)
		return -1;
	wanted.request.plan = true;
	return run(&wanted, arena, pull, err);
}

void local_pull_close(struct local_pull *pull)
{
	struct error err = ERROR_INIT;
	if (pull->folder[0] &&
	    tree_remove(pull->beside_fd, strrchr(pull->folder, '/') + 1, &err) < 0)
		fprintf(stderr, "berth: warning: %s stays: %s\n", pull->folder, err.text);
	cleanup_close_fd(&pull->beside_fd);
	cleanup_close_fd(&pull->signal_fd);
	sigprocmask(SIG_SETMASK, &pull->old_mask, NULL);
}
