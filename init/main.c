// SPDX-License-Identifier: Apache-2.0
/*
 * PID 1: the story of a boot. Steps 1 to 6 are done at once; 7 to 11 happen in the event loop, each
 * begun by the end of the one before:
 *
 *   1 mounts  2 console  3 command-line  4 clock  5 entropy  6 devices  (3 config: a metadata file)
 *   7 network → 8 pull → 9 run → 10 supervise → 11 stop
 */
#include "init/init.h"

#include "init/boot/media.h"
#include "init/boot/steps.h"
#include "init/clock/clock.h"
#include "init/config/command_line.h"
#include "init/config/logging.h"
#include "init/config/network_keys.h"
#include "init/supervise/children.h"
#include "init/supervise/configurator.h"
#include "init/supervise/data_disk_step.h"
#include "init/supervise/late_disks.h"
#include "init/supervise/ledger.h"
#include "init/supervise/log_sinks.h"
#include "init/supervise/memory.h"
#include "init/supervise/output.h"
#include "init/supervise/puller.h"
#include "init/supervise/requests.h"
#include "init/supervise/rescue.h"
#include "init/supervise/reserve.h"
#include "init/supervise/services.h"
#include "init/supervise/stop.h"
#include "init/supervise/volume_mounts.h"
#include "init/supervise/watchdog.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "runtime/sysctl.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	NETWORK_TIMEOUT_MS = 15000,
	LOCAL_START_MS = 300, /* the most that all else waits for an image that may be here */
	ALONE_MS = 10,        /* a container that came first has its first instructions alone */
};

static struct machine machine;
static struct error command_line_error;
static struct volumes volumes;
static char command_line[2 * COMMAND_LINE_MAX];
static bool stopping, configured, network_begun, network_settled, network_failed;
static const struct network_state *network_up;
static int console_fd = -1, own_output[2]; /* the streams of PID 1 and of its workers */
static bool has_disk;

/* The machine cannot do what it is for: says so and ends with 125. */
static void give_up(const struct error *why)
{
	services_give_up(CONTAINER_SETUP_FAILED, why);
}

/* What nobody needed so far: before containers, and before somebody looks into the machine. */
static int mount_later(struct error *err)
{
	static bool mounted;
	char decision[DECISION_MAX];
	if (mounted)
		return 0;
	ledger_begin(STEP_MOUNTS);
	if (boot_mounts_later(decision, err) < 0)
		return error_context(err, "mounts");
	mounted = true;
	ledger_end(STEP_MOUNTS, 0, "", "%s", decision);
	return 0;
}

static bool ended;
static int end_status;
static char end_reason[ERROR_TEXT_MAX];

static void end(void)
{
	size_t count;
	const struct instance *instances = services_all(&count);
	reserve_release();
	memory_take_sample();
	machine_end(end_status, end_reason, stopping ? EXIT_POWEROFF : machine.on_exit, instances,
		    count);
}

static void on_all_ended(int status, const char *reason)
{
	ended = true;
	end_status = status;
	snprintf(end_reason, sizeof end_reason, "%s", reason);
	mount_later(NULL); /* whose memory is whose is seen there */
	if (status != 0 && !stopping && machine.rescue == RESCUE_ON_FAILURE && !rescue_has_run())
		rescue_run(end_reason, end);
	else
		end();
}

static void on_container_started(void);

static const struct services_callbacks services_callbacks = {on_container_started, on_all_ended};

static void on_stop_request(const char *reason)
{
	if (machine_leave() || stopping)
		return;
	stopping = true;
	log_info("berth", "10 supervise: asked to stop by %s", reason);
	if (rescue_stop() && ended)
		return; /* the end follows the shell's */
	configurator_stop();
	puller_stop();
	services_stop();
}

static void on_orphan(pid_t pid, int wait_status)
{
	network_child_exited(pid, wait_status);
}

static void on_children(void)
{
	children_reap(on_orphan);
}

static void step_mounts(void)
{
	char decision[DECISION_MAX];
	struct error err = ERROR_INIT;
	ledger_begin(STEP_MOUNTS);
	if (boot_mounts(decision, &err) < 0) {
		log_error("berth", "1 mounts: %s", err.text);
		machine_abandon(CONTAINER_SETUP_FAILED);
	}
	/* The console is not open yet: the line waits for step 2. */
	ledger_begin(STEP_CONSOLE);
	char console[DECISION_MAX];
	console_fd = boot_console(console);
	log_setup(STDERR_FILENO, 1, LOG_LEVEL_INFO);
	ledger_end(STEP_MOUNTS, 0, "", "%s", decision);
	ledger_end(STEP_CONSOLE, 0, "", "%s", console);
}

/* Signals and the event loop; nothing of it can be configured. */
static void prepare_supervision(void)
{
	struct error err = ERROR_INIT;
	file_put(AT_FDCWD, "/proc/self/oom_score_adj", "-1000", NULL);
	reserve_open();
	if (requests_watch_signals(on_stop_request, on_children, &err) < 0) {
		log_error("berth", "%s", err.text);
		machine_abandon(CONTAINER_SETUP_FAILED);
	}
}

/* -1 when the machine must not go on; every problem has been said. */
static int step_command_line(void)
{
	static struct command_line_problems problems;
	struct error err = ERROR_INIT;
	ledger_begin(STEP_COMMAND_LINE);
	machine_init(&machine);
	if (file_read(AT_FDCWD, "/proc/cmdline", command_line, sizeof command_line, &err) < 0)
		problems = (struct command_line_problems){1, {err}};
	else
		command_line_read(command_line, &machine, &problems);
	for (unsigned i = 0; i < problems.count && i < COMMAND_LINE_PROBLEMS_MAX; i++)
		log_error("berth", "3 command-line: %s", problems.kept[i].text);
	ledger_end(STEP_COMMAND_LINE, strlen(command_line), "/proc/cmdline", "image %s, %u problems",
		   machine.container->image ? machine.container->image : "missing", problems.count);
	services_init(&machine, &services_callbacks);
	if (problems.count == 0)
		return 0;
	command_line_error = problems.kept[0];
	return -1;
}

/* The lines of PID 1 and its workers; those of the container come when its name is known. */
static int start_output(void)
{
	struct error err = ERROR_INIT;
	int own = output_stream("", 0, &err);
	int workers = output_stream("", 0, &err);
	if (own < 0 || workers < 0) {
		log_error("berth", "2 console: %s", err.text);
		return -1;
	}
	own_output[0] = own;
	own_output[1] = workers;
	output_start(console_fd, LOCAL_START_MS);
	fcntl(own, F_SETFL, O_NONBLOCK); /* a full pipe loses a line rather than holding up PID 1 */
	log_setup(own, 1, LOG_LEVEL_INFO);
	dup2(workers, STDERR_FILENO);
	return 0;
}

static void step_clock_and_entropy(void)
{
	char decision[DECISION_MAX];
	const char *source;
	ledger_begin(STEP_CLOCK);
	clock_begin(decision, &source);
	ledger_end(STEP_CLOCK, 0, source, "%s", decision);
	ledger_begin(STEP_ENTROPY);
	boot_entropy(decision, &source);
	ledger_end(STEP_ENTROPY, 0, source, "%s", decision);
}

/* Before a container starts; one that the kernel does not take ends the boot: whoever asks for it
 * relies on it. */
static int set_sysctls(struct error *err)
{
	char name[256];
	for (size_t i = 0; i < machine.sysctls.count; i++) {
		const char *text = machine.sysctls.items[i], *equals = strchr(text, '=');
		snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - text) : 0, text);
		const struct sysctl setting = {name, equals ? equals + 1 : ""};
		if (sysctl_apply(&setting, 1, err) < 0)
			return error_context(err, "berth.machine-sysctl");
	}
	return 0;
}

/* Where the machine's own lines go; and the processes that take what goes further than the console. */
static int open_logging(struct error *err)
{
	struct log_route route;
	log_route_find(&machine, NULL, &route);
	for (size_t i = 0; i < sizeof own_output / sizeof *own_output; i++)
		output_route(own_output[i], &route);
	if (output_open_sinks(machine.hostname, has_disk, err) < 0)
		return -1;
	if (network_up)
		log_sinks_network_up();
	return 0;
}

static int open_container_output(struct error *err)
{
	services_init(&machine, &services_callbacks); /* as the document has them */
	if (services_open_output(err) < 0 || open_logging(err) < 0)
		return -1;
	if (!puller_may_be_local(&machine))
		output_run();
	return 0;
}

/* Said by the command line it is there from step 6 on, else when the description is complete. */
static int start_watchdog(struct error *err)
{
	char before[120];
	snprintf(before, sizeof before, "%s", watchdog_describe());
	ledger_begin(STEP_DEVICES);
	if (watchdog_start(machine.watchdog_s,
			   machine.watchdog_device ? machine.watchdog_device : "auto", err) < 0)
		return error_context(err, "berth.watchdog");
	if (strcmp(before, watchdog_describe()) != 0)
		ledger_end(STEP_DEVICES, 0, "watchdog", "%s", watchdog_describe());
	return 0;
}

static void set_hostname(void)
{
	if (sethostname(machine.hostname, strlen(machine.hostname)) < 0)
		log_warning("berth", "6 devices: the host name %s was refused", machine.hostname);
}

/* Mounts the media with images that are not mounted yet. */
static void look_for_media(char *summary, size_t capacity)
{
	static char block[4096]; /* outlives the description that the command line made */
	static struct arena arena;
	if (!arena.block)
		arena_init(&arena, block, sizeof block);
	boot_media(&volumes, &arena, &machine.media, summary, capacity);
}

static void on_disks_wanted(void *context)
{
	(void)context;
}

static int step_devices(struct error *err)
{
	char decision[DECISION_MAX], media[DECISION_MAX / 2];
	const char *source = "";
	ledger_begin(STEP_DEVICES);
	int buttons = requests_watch_power_buttons();
	volumes_find(&volumes);
	if (boot_store(&volumes, decision, &source, err) < 0)
		return -1;
	look_for_media(media, sizeof media);
	has_disk = strcmp(source, "disk") == 0;
	clock_keep_in(has_disk ? "/var/lib/berth" : NULL);
	if (boot_lock_root(err) < 0)
		return -1;
	ledger_end(STEP_DEVICES, 0, source, "%s; %s%s%s%d power buttons", decision,
		   *media ? "images on " : "", media, *media ? "; " : "", buttons);
	late_disks_init(&volumes, machine.ide);
	if (late_disks_wanted())
		late_disks_look(on_disks_wanted, NULL);
	return start_watchdog(err);
}

/* Those of the description, else the one that the network's own configuration names. */
static void ask_time_servers(const char *named)
{
	static struct ntp_round servers;
	const struct string_list *own = &machine.time_servers;
	servers = (struct ntp_round){.count = 0};
	for (size_t i = 0; i < own->count && servers.count < NTP_SERVERS_MAX; i++)
		servers.count += ntp_server_parse(own->items[i], &servers.servers[servers.count],
						  NULL) == 0;
	if (!machine.time_servers_given && *named)
		servers.count = ntp_server_parse(named, &servers.servers[0], NULL) == 0;
	ntp_start(&servers);
}

static void tell_network(const struct network_state *state)
{
	if (state->up)
		ledger_end(STEP_NETWORK, 0, state->source, "%s has %s, gateway %s", state->device,
			   state->address, state->gateway[0] ? state->gateway : "none");
	else
		ledger_end(STEP_NETWORK, 0, state->source, "turned off by ip=off");
}

static void on_network(const struct network_state *state, const struct error *failure,
		       void *context)
{
	(void)context;
	network_settled = true;
	if (failure) {
		ledger_fail(STEP_NETWORK, 0, "", failure->text);
	} else {
		services_set_resolver(state->resolv_conf);
		tell_network(state);
		network_up = state->up ? state : NULL;
		if (network_up && configured)
			log_sinks_network_up();
		if (network_up && configured)
			ask_time_servers(state->ntp);
	}
	struct error off = ERROR_INIT;
	if (!failure && !state->up)
		error_set(&off, "turned off by ip=off");
	puller_network_changed(off.text[0] ? &off : failure);
	configurator_network_changed(state, failure);
}

static void step_network(void)
{
	static struct network_plan plan;
	struct error err = ERROR_INIT;
	if (network_begun)
		return;
	network_begun = true;
	machine_network_plan(&machine, &plan);
	network_use_plan(&plan);
	ledger_begin(STEP_NETWORK);
	if (network_start(&machine.ip, NETWORK_TIMEOUT_MS, on_network, NULL, &err) == 0)
		return;
	ledger_fail(STEP_NETWORK, 0, "", err.text);
	network_failed = network_settled = true;
	puller_network_changed(&err);
	configurator_network_changed(NULL, &err);
}

static void begin_network_late(void *context)
{
	(void)context;
	step_network();
}

/* A lease takes longer than an image that is already here takes to start: then the container comes
 * first. */
static bool network_can_wait(void)
{
	return (!machine.ip.present || machine.ip.dhcp) && puller_may_be_local(&machine);
}

static void on_pulled(const struct pull_result *const *images)
{
	services_start(images);
}

static void go_on(void *context)
{
	(void)context;
	output_run();
	step_network();
}

static void on_container_started(void)
{
	if (loop_timer(ALONE_MS, go_on, NULL, NULL) < 0)
		go_on(NULL);
}

static void step_pull(void)
{
	static const struct puller_callbacks callbacks = {on_pulled, give_up, step_network};
	struct error err = ERROR_INIT;
	if (puller_start(&machine, &callbacks, !network_settled, &err) < 0)
		give_up(&err);
}

/* What containers need from the kernel takes a while: by now the network's answer is under way. */
static void on_disks(void *context)
{
	struct error err = ERROR_INIT;
	char media[DECISION_MAX / 2];
	(void)context;
	if (stopping)
		return;
	if (late_disks_found()) {
		ledger_begin(STEP_DEVICES);
		look_for_media(media, sizeof media);
		if (*media)
			ledger_end(STEP_DEVICES, 0, "", "images on %s", media);
	}
	if (container_prepare(&err) < 0) {
		give_up(&err);
		return;
	}
	step_pull();
}

/* Nobody else can have the image. */
static bool image_may_be_late(void)
{
	bool off = network_failed || (machine.ip.present && machine.ip.off);
	return late_disks_wanted() || (off && !puller_may_be_local(&machine));
}

static void on_volumes(const struct error *failure)
{
	if (stopping)
		return;
	if (failure) {
		give_up(failure);
		return;
	}
	if (!network_can_wait() ||
	    loop_timer(LOCAL_START_MS, begin_network_late, NULL, NULL) < 0)
		step_network();
	if (image_may_be_late())
		late_disks_look(on_disks, NULL);
	else
		on_disks(NULL);
}

static void on_store(const struct error *failure)
{
	struct error err = ERROR_INIT;
	if (stopping)
		return;
	if (failure) {
		give_up(failure);
		return;
	}
	set_hostname();
	if (network_up)
		ask_time_servers(network_up->ntp);
	if (start_watchdog(&err) < 0 || set_sysctls(&err) < 0 || open_container_output(&err) < 0)
		give_up(&err);
	else
		volume_mounts_make(&machine, &volumes, on_volumes);
}

/* The description is complete. */
static void on_configured(void)
{
	struct error err = ERROR_INIT;
	if (stopping)
		return;
	if (mount_later(&err) < 0) {
		give_up(&err);
		return;
	}
	if (machine.rescue == RESCUE_AT_START && !rescue_has_run()) {
		rescue_run("berth.rescue=at-start", on_configured);
		return;
	}
	configured = true;
	if (machine.data_disk)
		data_disk_take(machine.data_disk, boot_store_device(), on_store);
	else
		on_store(NULL);
}

static void step_config(void)
{
	if (stopping) /* in the rescue shell */
		return;
	static const struct configurator_callbacks callbacks = {on_configured, give_up, step_network};
	configurator_start(&machine, command_line, &volumes, &callbacks);
}

/* A fault in PID 1 would panic the kernel; this leaves with a status instead. */
static void on_fault(int signal)
{
	static const char text[] = "berth: error: PID 1 has failed; the machine ends\n";
	struct pollfd console = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&console, 1, 0) > 0) /* it must not wait for a console that takes nothing */
		write_all(STDERR_FILENO, text, sizeof text - 1, NULL);
	machine_abandon(128 + signal);
}

static void catch_faults(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
	struct sigaction action = {.sa_handler = on_fault};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigaction(faults[i], &action, NULL);
}

static void boot(void)
{
	struct error err = ERROR_INIT;
	bool good = step_command_line() == 0;
	if (start_output() < 0)
		machine_abandon(CONTAINER_SETUP_FAILED);
	if (!good) {
		give_up(&command_line_error);
		return;
	}
	step_clock_and_entropy();
	if (step_devices(&err) < 0) {
		ledger_fail(STEP_DEVICES, 1, "", err.text);
		give_up(&err);
		return;
	}
	if (machine.rescue == RESCUE_AT_START && mount_later(&err) < 0)
		give_up(&err);
	else if (machine.rescue == RESCUE_AT_START)
		rescue_run("berth.rescue=at-start", step_config);
	else
		step_config();
}

int init_main(void)
{
	catch_faults();
	step_mounts();
	prepare_supervision();
	boot();
	for (;;)
		loop_run();
}
