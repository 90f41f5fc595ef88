// SPDX-License-Identifier: Apache-2.0
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/suggest.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

struct command {
	const char *name, *words, *help;
	enum runtime_command id;
	int least, most; /* words; most 0: any number */
	int (*run)(const struct runtime_options *options, struct error *err);
	int failed; /* exit status of a failure */
};

static int refuse(const struct runtime_options *options, struct error *err)
{
	(void)options;
	return error_set(err, "checkpoints are not supported");
}

static const struct command COMMANDS[] = {
	{"create", "ID", "makes a container from a bundle", COMMAND_CREATE, 1, 1, command_create, 1},
	{"start", "ID", "runs the program of a created container", COMMAND_START, 1, 1,
	 command_start, 1},
	{"run", "ID", "creates, starts, waits and deletes", COMMAND_RUN, 1, 1, command_run, 1},
	{"state", "ID", "prints the state as JSON", COMMAND_STATE, 1, 1, command_state, 1},
	{"kill", "ID [SIGNAL]", "sends a signal (TERM)", COMMAND_KILL, 1, 2, command_kill, 1},
	{"delete", "ID", "forgets a stopped container", COMMAND_DELETE, 1, 1, command_delete, 1},
	{"exec", "ID COMMAND…", "runs a program in a running container", COMMAND_EXEC, 1, 0,
	 command_exec, OCI_EXEC_FAILED},
	{"list", "", "lists the containers", COMMAND_LIST, 0, 1, command_list, 1},
	{"ps", "ID [OPTIONS OF PS]", "lists the processes of a container", COMMAND_PS, 1, 0,
	 command_ps, 1},
	{"pause", "ID", "stops all processes of a container", COMMAND_PAUSE, 1, 1, command_pause, 1},
	{"resume", "ID", "lets them go on", COMMAND_RESUME, 1, 1, command_resume, 1},
	{"update", "ID", "changes resource limits", COMMAND_UPDATE, 1, 1, command_update, 1},
	{"events", "ID", "prints statistics and out-of-memory events as JSON", COMMAND_EVENTS, 1, 1,
	 command_events, 1},
	{"features", "", "prints what is supported as JSON", COMMAND_FEATURES, 0, 1,
	 command_features, 1},
	{"spec", "", "writes a config.json to begin with", COMMAND_SPEC, 0, 1, command_spec, 1},
	{"checkpoint", "", NULL, COMMAND_REFUSED, 0, 0, refuse, 1},
	{"restore", "", NULL, COMMAND_REFUSED, 0, 0, refuse, 1},
};

static const char *log_path;
static bool log_json;

static void print_json_text(int fd, const char *text)
{
	char out[2 * ERROR_TEXT_MAX + 1];
	size_t used = 0;
	/* Messages have no control characters: see lib/error.h. */
	for (; *text && used + 2 < sizeof out; text++) {
		if (*text == '"' || *text == '\\')
			out[used++] = '\\';
		out[used++] = *text;
	}
	out[used] = 0;
	dprintf(fd, "%s", out);
}

static void log_line(int fd, const char *level, const char *text)
{
	char time_text[40];
	time_t now = time(NULL);
	struct tm parts;
	strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
	if (!log_json) {
		dprintf(fd, "time=\"%s\" level=%s msg=\"", time_text, level);
		print_json_text(fd, text);
		dprintf(fd, "\"\n");
		return;
	}
	dprintf(fd, "{\"level\":\"%s\",\"msg\":\"", level);
	print_json_text(fd, text);
	dprintf(fd, "\",\"time\":\"%s\"}\n", time_text);
}

void oci_log(const char *level, const char *format, ...)
{
	struct error line = ERROR_INIT;
	char text[ERROR_TEXT_MAX];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	error_set(&line, "%s", text);
	_cleanup_close_ int fd =
		log_path ? open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	if (fd >= 0)
		log_line(fd, level, line.text);
	/* Errors also go to whoever has typed the command. */
	if (fd < 0 || strcmp(level, "error") == 0)
		dprintf(STDERR_FILENO, "berth runtime: %s: %s\n", level, line.text);
}

/* Whoever asked for a log is to find it. */
static int check_log(struct error *err)
{
	_cleanup_close_ int fd =
		log_path ? open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	if (!log_path || fd >= 0)
		return 0;
	int code = errno;
	const char *path = log_path;
	log_path = NULL;
	return error_errno(err, code, "open the log %s", path);
}

static const char *nth_command(const void *context, size_t i)
{
	(void)context;
	return i < countof(COMMANDS) ? COMMANDS[i].name : NULL;
}

static const struct command *find_command(const char *name, struct error *err)
{
	for (size_t i = 0; i < countof(COMMANDS); i++)
		if (strcmp(COMMANDS[i].name, name) == 0)
			return &COMMANDS[i];
	const char *near = suggest(name, nth_command, NULL);
	error_set(err, near ? "unknown command %.60s: did you mean %s?"
			    : "unknown command %.60s: see --help", name, near);
	return NULL;
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("Usage: berth runtime [GLOBAL OPTIONS] %s [OPTIONS] %s\n\n%s\n\n",
		       command->name, command->words, command->help ? command->help : "");
		runtime_options_help(command->id, stdout);
		return;
	}
	puts("Usage: berth runtime [GLOBAL OPTIONS] COMMAND …\n\n"
	     "An OCI runtime: runs containers from bundles (runtime-spec 1.3).\n");
	for (size_t i = 0; i < countof(COMMANDS); i++)
		if (COMMANDS[i].help)
			printf("  %s %s\n          %s\n", COMMANDS[i].name, COMMANDS[i].words,
			       COMMANDS[i].help);
	puts("\nGlobal options:");
	runtime_options_help(COMMAND_GLOBAL, stdout);
}

static int check_global(struct runtime_options *options, struct arena *arena, struct error *err)
{
	static const char *const FORMATS[] = {"text", "json"};
	const char *format = options->log_format ? options->log_format : "text";
	const char *manager = options->cgroup_manager ? options->cgroup_manager : "cgroupfs";
	if (strcmp(format, FORMATS[0]) != 0 && strcmp(format, FORMATS[1]) != 0)
		return error_set(err, "--log-format %.20s is neither text nor json", format);
	log_json = strcmp(format, "json") == 0;
	if (options->systemd_cgroup || strcmp(manager, "systemd") == 0)
		return error_set(err, "cgroups by systemd are not supported: leave --systemd-cgroup "
				      "out (podman: --cgroup-manager cgroupfs)");
	if (strcmp(manager, "cgroupfs") != 0 && strcmp(manager, "disabled") != 0)
		return error_set(err, "--cgroup-manager %.20s is neither cgroupfs nor disabled",
				 manager);
	const char *run = getenv("XDG_RUNTIME_DIR");
	if (!options->root)
		options->root = geteuid() && run ? arena_printf(arena, "%s/berth-runtime", run)
						 : "/run/berth-runtime";
	/* The bundle is entered later; relative paths are meant from here. */
	char here[PATH_MAX];
	if (options->root && *options->root != '/' && getcwd(here, sizeof here))
		options->root = arena_printf(arena, "%s/%s", here, options->root);
	return options->root ? 0 : error_set(err, "no directory for the state");
}

/* Paths of the caller survive the change into the bundle. */
static int make_absolute(const char **path, struct arena *arena, struct error *err)
{
	char here[PATH_MAX];
	if (!*path || **path == '/')
		return 0;
	*path = getcwd(here, sizeof here) ? arena_printf(arena, "%s/%s", here, *path) : NULL;
	return *path ? 0 : error_set(err, "find the current directory");
}

static int run_command(const struct command *command, struct runtime_options *options,
		       struct arena *arena, struct error *err)
{
	const char **paths[] = {&options->pid_file, &options->console_socket};
	if (reserve_descriptors(options->preserve_fds, &options->preserved, err) < 0)
		return -1;
	for (size_t i = 0; i < countof(paths); i++)
		if (make_absolute(paths[i], arena, err) < 0)
			return -1;
	if (options->help) {
		print_help(command);
		return 0;
	}
	if (options->word_count < command->least ||
	    (command->most && options->word_count > command->most))
		return error_set(err, "%s takes %s", command->name,
				 *command->words ? command->words : "no words");
	return command->run(options, err);
}

static int run_main(int argc, char **argv, char **program_argv, struct arena *arena, int *failed, struct error *err)
{
	static struct runtime_options options;
	int at = runtime_options_parse(COMMAND_GLOBAL, false, argc - 1, argv + 1, arena, &options,
				       err);
	log_path = options.log;
	if (at < 0 || make_absolute(&log_path, arena, err) < 0 || check_log(err) < 0 ||
	    check_global(&options, arena, err) < 0)
		return -1;
	if (options.version) {
		puts("berth-runtime version " BERTH_VERSION "\nspec: 1.3.0");
		return 0;
	}
	at += 1;
	if (options.help || at >= argc) {
		print_help(NULL);
		return options.help ? 0 : OCI_FAILED;
	}
	const struct command *command = find_command(argv[at], err);
	if (!command)
		return -1;
	*failed = command->failed;
	if (command->id & (COMMAND_CREATE | COMMAND_RUN | COMMAND_EXEC) &&
	    go_out_of_reach(program_argv, err) < 0)
		return -1;
	bool in_order = command->id & (COMMAND_EXEC | COMMAND_PS);
	if (runtime_options_parse(command->id, in_order, argc - at - 1, argv + at + 1, arena,
				  &options, err) < 0)
		return -1;
	return run_command(command, &options, arena, err);
}

static int run_whole(int argc, char **argv, char **program_argv)
{
	static char block[256 * 1024];
	struct arena arena;
	struct error err = ERROR_INIT;
	int failed = OCI_FAILED;
	fill_standard_descriptors();
	arena_init(&arena, block, sizeof block);
	/* Nothing of a container may look into this process, nor write to its file. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int status = run_main(argc, argv, program_argv, &arena, &failed, &err);
	if (status < 0) {
		oci_log("error", "%s", err.text);
		status = failed;
	}
	if (fflush(stdout) != 0 && status == 0)
		status = OCI_FAILED;
	return status;
}

int oci_main(int argc, char **argv)
{
	return run_whole(argc, argv, argv);
}

/* What stands before argv is the program's own name. */
int oci_command_main(int argc, char **argv)
{
	return run_whole(argc, argv, argv - 1);
}
