// SPDX-License-Identifier: Apache-2.0
/*
 * PID 1: the story of a boot. Steps 1 to 3 are done at once, the others when it is decided what the machine is
 * (or a metadata file has to come over the network); 7 to 11 happen in the event loop, each begun by the end of
 * the one before:
 *
 *   1 mounts  2 console  3 command-line, config  4 clock  5 entropy  6 devices
 *   7 network → 8 pull → 9 run → 10 supervise → 11 stop
 */
#include "init/init.h"

#include "init/boot/media.h"
#include "init/boot/steps.h"
#include "init/clock/clock.h"
#include "init/config/command_line.h"
#include "init/supervise/children.h"
#include "init/supervise/configurator.h"
#include "init/supervise/data_disk_step.h"
#include "init/supervise/faults.h"
#include "init/supervise/late_disks.h"
#include "init/supervise/ledger.h"
#include "init/supervise/log_sinks.h"
#include "init/supervise/machine_settings.h"
#include "init/supervise/memory.h"
#include "init/supervise/network_step.h"
#include "init/supervise/output.h"
#include "init/supervise/own_output.h"
#include "init/supervise/puller.h"
#include "init/supervise/requests.h"
#include "init/supervise/rescue.h"
#include "init/supervise/reserve.h"
#include "init/supervise/services.h"
#include "init/supervise/stop.h"
#include "init/supervise/volume_mounts.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	LOCAL_START_MS = 300, /* the most that all else waits for an image that may be here */
	ALONE_MS = 10,        /* a container that came first has its first instructions alone */
	DECISION_MS = 100,    /* the most that the steps behind it wait for a decision */
};

static struct machine machine;
static struct error command_line_error;
static struct volumes volumes;
static char command_line[2 * COMMAND_LINE_MAX];
static bool stopping, settled;
static int console_fd = -1;
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

static void step_mounts(char decision[DECISION_MAX])
{
	struct error err = ERROR_INIT;
	ledger_begin(STEP_MOUNTS);
	if (boot_mounts(decision, &err) == 0)
		return;
	log_error("berth", "1 mounts: %s", err.text);
	machine_abandon(CONTAINER_SETUP_FAILED);
}

/* Signals and the event loop; nothing of it can be configured. */
static void prepare_supervision(void)
{
	struct error err = ERROR_INIT;
	reserve_open();
	if (requests_watch_signals(on_stop_request, on_children, &err) < 0) {
		log_error("berth", "%s", err.text);
		machine_abandon(CONTAINER_SETUP_FAILED);
	}
}

static void step_console(const char *mounts)
{
	char decision[DECISION_MAX];
	ledger_begin(STEP_CONSOLE);
	console_fd = boot_console(decision);
	log_setup(STDERR_FILENO, 1, LOG_LEVEL_INFO);
	prepare_supervision();
	/* From here on lines wait for the logger, which starts late. */
	if (own_output_start(console_fd, LOCAL_START_MS) < 0)
		machine_abandon(CONTAINER_SETUP_FAILED);
	ledger_end(STEP_MOUNTS, 0, "", "%s", mounts);
	ledger_end(STEP_CONSOLE, 0, "", "%s", decision);
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

static int open_container_output(struct error *err)
{
	services_init(&machine, &services_callbacks); /* as the document has them */
	if (services_open_output(err) < 0 || own_output_open(&machine, has_disk, err) < 0)
		return -1;
	if (network_step_is_up())
		log_sinks_network_up();
	if (!puller_may_be_local(&machine))
		output_run();
	return 0;
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
	if (boot_store(&volumes, decision, &source, err) < 0)
		return -1;
	look_for_media(media, sizeof media);
	has_disk = strcmp(source, "disk") == 0;
	clock_keep_in(has_disk ? "/var/lib/berth" : NULL);
	if (boot_lock_root(err) < 0)
		return -1;
	ledger_end(STEP_DEVICES, 0, source, "%s; %s%s%s%d power buttons", decision,
		   *media ? "images on " : "", media, *media ? "; " : "", buttons);
	if (late_disks_wanted())
		late_disks_look(on_disks_wanted, NULL);
	return machine_start_watchdog(&machine, err);
}

/* What nobody needs to decide what the machine is. Once; false when the machine ends. */
static bool settle(void)
{
	struct error err = ERROR_INIT;
	if (settled)
		return !ended;
	settled = true;
	file_put(AT_FDCWD, "/proc/self/oom_score_adj", "-1000", NULL);
	step_clock_and_entropy();
	if (step_devices(&err) == 0)
		return true;
	ledger_fail(STEP_DEVICES, 1, "", err.text);
	give_up(&err);
	return false;
}

static void step_network(void)
{
	network_step_begin(&machine);
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
	if (puller_start(&machine, &callbacks, !network_step_is_settled(), &err) < 0)
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
	bool off = network_step_has_failed() || (machine.ip.present && machine.ip.off);
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
	machine_set_hostname(&machine);
	network_step_ask_time();
	if (machine_start_watchdog(&machine, &err) < 0 || machine_set_sysctls(&machine, &err) < 0 ||
	    open_container_output(&err) < 0)
		give_up(&err);
	else
		volume_mounts_make(&machine, &volumes, on_volumes);
}

/* The description is complete. */
static void on_configured(void)
{
	struct error err = ERROR_INIT;
	if (stopping || !settle())
		return;
	if (mount_later(&err) < 0) {
		give_up(&err);
		return;
	}
	if (machine.rescue == RESCUE_AT_START && !rescue_has_run()) {
		rescue_run("berth.rescue=at-start", on_configured);
		return;
	}
	network_step_configured();
	if (machine.data_disk)
		data_disk_take(machine.data_disk, boot_store_device(), on_store);
	else
		on_store(NULL);
}

/* A source may take its time, in which somebody may want the machine to stop. */
static void on_no_decision(void *context)
{
	(void)context;
	if (!stopping && !ended)
		settle();
}

static void on_network_needed(void)
{
	if (settle())
		step_network();
}

static void step_config(void)
{
	if (stopping) /* in the rescue shell */
		return;
	static const struct configurator_callbacks callbacks = {on_configured, give_up,
								on_network_needed};
	configurator_start(&machine, command_line, &volumes, &callbacks);
	if (!settled && loop_timer(DECISION_MS, on_no_decision, NULL, NULL) < 0)
		settle();
}

static void boot(void)
{
	struct error err = ERROR_INIT;
	if (step_command_line() < 0) {
		give_up(&command_line_error);
		return;
	}
	volumes_find(&volumes);
	late_disks_init(&volumes, machine.ide);
	if (machine.rescue != RESCUE_AT_START)
		step_config();
	else if (!settle())
		return;
	else if (mount_later(&err) < 0)
		give_up(&err);
	else
		rescue_run("berth.rescue=at-start", step_config);
}

int init_main(void)
{
	char mounts[DECISION_MAX];
	faults_catch();
	step_mounts(mounts);
	step_console(mounts);
	boot();
	for (;;)
		loop_run();
}
