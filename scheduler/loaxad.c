/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxad - turns the daemon's crank with the real clock, disk and decks.
 *
 * The service manager's watchdog is fed after a turn in which every deck did
 * its part. A loop that hangs feeds nothing, and neither does one that turns
 * without a deck: then a new daemon takes over, and joins what is due. A
 * player that hangs is its deck's to replace and starves nobody (deck_moves()).
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk_apart.h"
#include "base/log.h"
#include "base/root.h"
#include "base/words.h"
#include "evidence/ledger.h"
#include "evidence/people.h"
#include "evidence/sealer.h"
#include "scheduler/daemon.h"
#include "scheduler/door.h"
#include "scheduler/errand.h"
#include "scheduler/hook.h"
#include "scheduler/metrics.h"
#include "scheduler/trust.h"

/* How long the loop waits for a disk, of the ten seconds that a slot's items
 * are looked up ahead of it (P4). Behind that the state file's turn comes. */
#define LOG_WAIT_MS 3000
#define STATE_WAIT_MS 1000
#define ERRAND_WAIT_US (10 * US_PER_S) /* of the unit's 30 s for the end */

struct loaxad {
	struct root root;
	char libexec[PATH_MAX];
	char revisions[ROOT_PATH_MAX + 16];
	sd_event *event;
	sd_event_source *alarm;
	sd_event_source *decks[STATIONS_MAX];
	int deck_fds[STATIONS_MAX];
	int step_fd; /* readable when the wall clock is set */
	struct trust_state trust;
	struct disk *log;
	struct disk *state;
	struct library *library;
	struct daemon *daemon;
	struct door *door;
	struct hook *hook;
	struct sealer *sealer;
	sd_event_source *seal;
	unsigned seal_life; /* of which it watches; 0: none */
	bool unsealed; /* as the journal was told */
	struct errand *errands[STATIONS_MAX]; /* of amplifiers */
	size_t n_errands;
	unsigned denied;
	int lock;
	bool stuck; /* a deck did not move; told once */
	char line[DAEMON_LINE]; /* that the service manager has */
	const char *disk_fault; /* as the journal was told */
};

/* Both clocks and the trust in them, and what a step means. */
static struct now
look(struct loaxad *l)
{
	struct now now = clock_read();
	int64_t step;

	now.trust = trust_look(&l->trust, now, clock_synced(), &step);
	if (step != 0 && l->daemon != NULL) {
		log_warn(_("the clock was set by %lld ms"),
		    (long long)(step / US_PER_MS));
		daemon_stepped(l->daemon, now, step);
	}
	return now;
}

static int on_deck(sd_event_source *s, int fd, uint32_t events, void *arg);

/* Decks may come with a reload: watch those that are new. */
static void
watch_decks(struct loaxad *l)
{
	for (size_t i = 0; i < STATIONS_MAX; i++) {
		int fd = daemon_fd(l->daemon, i);

		if (fd == -ENOENT)
			return;
		if (fd < 0 || fd == l->deck_fds[i])
			continue;
		sd_event_source_disable_unref(l->decks[i]);
		l->decks[i] = NULL;
		if (sd_event_add_io(
			l->event, &l->decks[i], fd, EPOLLIN, on_deck, l) == 0)
			l->deck_fds[i] = fd;
	}
}

/* Where groups decide, the socket lets everybody ask, and the daemon says no;
 * a reload may have changed that. */
static void
open_door_wide(struct loaxad *l)
{
	if (l->door != NULL)
		door_mode(l->door, daemon_has_groups(l->daemon) ? 0666 : 0660);
}

/* P4: said when it begins and when it is over. */
static void
tell_disk(struct loaxad *l)
{
	const char *fault = daemon_disk_fault(l->daemon);

	if (strcmp(fault, l->disk_fault) == 0)
		return;
	l->disk_fault = fault;
	if (fault[0] != '\0')
		log_error(_("the airing log cannot be written (disk: %s); "
			    "slots go on sounding, records wait in memory: "
			    "loaxa status says what to do"),
		    fault);
	else
		log_warn(_("the airing log is written again; nothing of it was "
			   "lost"));
}

/* The process that signs may have been started anew: its descriptor may well
 * have the number of the one before it. */
static void
watch_sealer(struct loaxad *l)
{
	int fd = sealer_fd(l->sealer);
	unsigned life = fd < 0 ? 0 : sealer_life(l->sealer);

	if (life == l->seal_life)
		return;
	sd_event_source_disable_unref(l->seal);
	l->seal = NULL;
	l->seal_life = life;
	if (fd >= 0)
		sd_event_add_io(l->event, &l->seal, fd, EPOLLIN, on_deck, l);
}

static void
tell_sealer(struct loaxad *l)
{
	json_t *status = sealer_status(l->sealer);
	const char *error = json_string_value(json_object_get(status, "error"));
	bool unsealed = error != NULL && error[0] != '\0';

	if (unsealed && !l->unsealed)
		log_error(_("the airing log is not being signed: %s; loaxa "
			    "status says what to do"),
		    _(error));
	l->unsealed = unsealed;
	json_decref(status);
}

static void
feed(struct loaxad *l, struct now now)
{
	char line[DAEMON_LINE];
	bool stuck = !daemon_moves(l->daemon, now);

	if (stuck && !l->stuck)
		log_error(_("a station's player is beyond help; the service "
			    "manager will start loaxad anew"));
	l->stuck = stuck;
	if (strcmp(daemon_line(l->daemon, now, line), l->line) != 0) {
		snprintf(l->line, sizeof(l->line), "%s", line);
		log_info("%s", line);
		sd_notifyf(0, "STATUS=%s", line);
	}
	if (!stuck)
		sd_notify(0, "WATCHDOG=1");
}

static void
turn(struct loaxad *l)
{
	struct now now = look(l);
	int64_t wake = daemon_turn(l->daemon, now);

	tell_disk(l);
	tell_sealer(l);
	watch_sealer(l);
	watch_decks(l);
	open_door_wide(l);
	sd_event_source_set_time(l->alarm, (uint64_t)(wake > 0 ? wake : 0));
	sd_event_source_set_enabled(l->alarm, SD_EVENT_ONESHOT);
	feed(l, now);
}

static int
on_alarm(sd_event_source *s, uint64_t usec, void *arg)
{
	(void)s;
	(void)usec;
	turn(arg);
	return 0;
}

static int
on_deck(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	(void)s;
	(void)fd;
	(void)events;
	turn(arg);
	return 0;
}

/* A timer that never fires and says when somebody sets the clock
 * (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). */
static int
arm_step(int fd)
{
	struct itimerspec far = { .it_value = { .tv_sec = INT_MAX } };
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	/* Right after a step this answers ECANCELED, and does arm. */
	if (timerfd_settime(fd, flags, &far, NULL) < 0 && errno != ECANCELED)
		return -errno;
	return 0;
}

static int
on_step(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	uint64_t count;

	(void)s;
	(void)events;
	if (read(fd, &count, sizeof(count)) < 0 && errno != ECANCELED)
		return 0;
	arm_step(fd);
	turn(arg);
	return 0;
}

static int
on_signal(sd_event_source *s, const struct signalfd_siginfo *si, void *arg)
{
	struct loaxad *l = arg;
	json_t *req;

	if (si->ssi_signo != SIGHUP)
		return sd_event_exit(sd_event_source_get_event(s), 0);
	sd_notify(0, "RELOADING=1");
	req = json_pack("{s:s}", "cmd", "reload");
	json_decref(daemon_request(l->daemon, look(l), req));
	json_decref(req);
	turn(l);
	sd_notify(0, "READY=1");
	return 0;
}

/* Refusals of this life that the journal shows; the log has their number. */
#define DENIED_SHOWN 100

static void
tell_denied(
    struct loaxad *l, const struct rights_peer *who, const json_t *answer)
{
	if (!json_is_true(json_object_get(answer, "denied")) ||
	    l->denied >= DENIED_SHOWN)
		return;
	l->denied++;
	log_warn(_("user %u was refused: %s"), (unsigned)who->uid,
	    _(json_string_value(json_object_get(answer, "error"))));
}

static json_t *
on_peer(void *arg, const struct rights_peer *who)
{
	struct loaxad *l = arg;
	json_t *refusal = daemon_admit(l->daemon, look(l), who);

	tell_denied(l, who, refusal);
	return refusal;
}

static json_t *
on_request(void *arg, const struct rights_peer *who, const json_t *request)
{
	struct loaxad *l = arg;
	json_t *answer;

	/* What is due first: the answer then tells the present. */
	turn(l);
	answer = daemon_ask(l->daemon, look(l), who, request);
	tell_denied(l, who, answer);
	turn(l);
	return answer;
}

/* The file of a "wav" output, and the folder for it. */
static void
output_file(const struct loaxad *l, const char *name, char file[PATH_MAX])
{
	char *slash;

	if (name[0] == '\0')
		return;
	if (name[0] == '/')
		snprintf(file, PATH_MAX, "%s", name);
	else
		snprintf(file, PATH_MAX, "%s/%s", l->root.top, name);
	slash = strrchr(file, '/');
	*slash = '\0';
	mkdir(file, 0750); /* there already, or the player will say */
	*slash = '/';
}

static int
make_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	struct loaxad *l = arg;
	char file[PATH_MAX] = "";
	struct deck_setup setup = { .station = station, .libexec = l->libexec };

	if (out == NULL) {
		log_warn(_("station %s has no output in etc/loaxa.conf: its "
			   "sound goes nowhere; add one to outputs"),
		    station);
		/* No driver's name: each slot ends with "device_lost". libao's
		 * "null" would take every frame, and the log call it aired. */
		setup.driver = "none";
		setup.device = "";
		setup.file = "";
		return deck_open(&setup, ret_deck);
	}
	output_file(l, out->file, file);
	setup.driver = out->driver;
	setup.device = out->device;
	setup.file = file;
	setup.buffer_ms = out->buffer_ms;
	setup.latency_ms = out->latency_ms;
	return deck_open(&setup, ret_deck);
}

/* Setting up ------------------------------------------------------------- */

static void
print_problems(const struct problems *ps)
{
	char line[2048];

	for (size_t i = 0; i < ps->n; i++)
		log_warn("%s", problem_text(&ps->list[i], line, sizeof(line)));
}

/* The folders that we write to; their parents are the installation's. */
static int
make_folders(const struct root *root, const char *revisions)
{
	/* Whom the socket lets in is for the socket to say. */
	const struct {
		const char *name;
		mode_t mode;
	} folders[] = { { root->var, 0750 }, { root->log, 0750 },
		{ revisions, 0750 }, { root->run, 0755 } };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(folders[i].name, folders[i].mode) < 0 &&
		    errno != EEXIST)
			return -errno;
	return 0;
}

/* `why` is filled where the file is not valid. */
static struct site *
read_site(const char *path, char *why, size_t size)
{
	struct problems ps = { 0 };
	struct site *site;

	why[0] = '\0';
	if (site_read(path, &ps, &site) < 0) {
		print_problems(&ps);
		if (ps.n > 0)
			problem_text(&ps.list[0], why, size);
		else
			snprintf(why, size, "%s", strerror(ENOMEM));
		log_error(_("without a valid etc/loaxa.conf nothing is "
			    "allowed to sound; mend it and run: loaxa reload"));
		site = site_nothing();
	}
	problems_free(&ps);
	return site;
}

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

/* P6: a log without signatures is better than none. */
static void
start_sealer(struct loaxad *l)
{
	struct seal_setup setup = {
		.trees = l->root.trees, .keys = l->root.keys, .draw = draw
	};
	int r = sealer_start(&setup, l->root.log, &l->sealer);

	if (r < 0)
		log_error(_("the airing log is not being signed until loaxad "
			    "is started again: %s"),
		    strerror(-r));
}

static int
open_disks(struct loaxad *l)
{
	int r;

	/* P3: without its log, a slot that has aired would air again. */
	if (root_is_restoring(&l->root)) {
		log_error(_("a restore was interrupted half way: parts of two "
			    "stations lie here; run it again: loaxa restore "
			    "--replace FILE"));
		return -EBUSY;
	}
	snprintf(
	    l->revisions, sizeof(l->revisions), "%s/revisions", l->root.var);
	r = make_folders(&l->root, l->revisions);
	if (r < 0)
		return r;
	l->lock = ledger_lock(l->root.log);
	if (l->lock < 0)
		return l->lock;
	r = disk_apart(l->root.log, LOG_WAIT_MS, &l->log);
	if (r == 0)
		r = disk_apart(l->root.var, STATE_WAIT_MS, &l->state);
	if (r == 0)
		r = library_folder(l->root.items, &l->library);
	if (r == 0)
		r = hook_open(l->root.top, &l->hook);
	if (r == 0)
		start_sealer(l);
	return r;
}

static gid_t
find_group(const char *name)
{
	const struct group *g = getgrnam(name);

	if (g != NULL)
		return g->gr_gid;
	log_warn(_("groups in etc/loaxa.conf: there is no group \"%s\" here; "
		   "until it is made (addgroup) nobody has that right by it"),
	    name);
	return RIGHTS_NO_GROUP;
}

/* Whom a request names: as registered now, whatever `loaxa` had read. */
static const char *
check_person(void *arg, const char *id, enum right needs, struct now now)
{
	struct loaxad *l = arg;
	struct people *people;
	struct person who;
	unsigned may = 0;
	int64_t at_us = people_instant(l->root.people, now.wall_us);
	int r = people_read(l->root.people, &people);

	if (r < 0)
		return N_("the register of people cannot be read");
	r = people_find(people, id, at_us, &who);
	if (r == 0 && strcmp(who.id, id) == 0 && who.holds)
		rights_of_roles(who.roles, &may);
	people_free(people);
	if (r < 0)
		return N_("the person named is not registered");
	if (may == 0)
		return N_("the person named holds no office now");
	return (may & 1u << needs) != 0
		   ? NULL
		   : N_("the person named may not order this in that role; "
			"`loaxa person list` shows the roles");
}

static int
put_metrics(void *arg, const char *path, const char *text, size_t n)
{
	struct loaxad *l = arg;
	char file[PATH_MAX];

	/* Not with the state: a full disk is told here, and no disk wears out
	 * by a write a minute. */
	if (path == NULL)
		snprintf(file, sizeof(file), "%s/metrics.prom", l->root.run);
	else if (path[0] == '/')
		snprintf(file, sizeof(file), "%s", path);
	else
		snprintf(file, sizeof(file), "%s/%s", l->root.top, path);
	return metrics_write(file, text, n);
}

/* One for each station: amplifiers do not wait for each other. */
static struct errand *
make_errand(void *arg, const char *station)
{
	struct loaxad *l = arg;
	struct errand *e;

	if (l->n_errands == STATIONS_MAX || errand_open(l->root.top, &e) < 0) {
		log_error(_("station %s: nothing switches its amplifier: out "
			    "of memory"),
		    station);
		return NULL;
	}
	l->errands[l->n_errands++] = e;
	/* Where this fails, it is looked at whenever the loop turns. */
	sd_event_add_io(l->event, NULL, e->fd(e), EPOLLIN, on_deck, l);
	return e;
}

/* At the end, for the commands that switch amplifiers off: the service manager
 * would end them with us. */
static void
end_errands(struct loaxad *l)
{
	int64_t until_us = clock_read().boot_us + ERRAND_WAIT_US;
	char why[ERRAND_WHY];

	for (size_t i = 0; i < l->n_errands; i++) {
		struct errand *e = l->errands[i];
		struct now now = clock_read();

		while (e->look(e, now, why) == ERRAND_RUNS &&
		       now.boot_us < until_us) {
			int64_t wake_us = earlier(e->wake(e), until_us);
			struct pollfd p = { e->fd(e), POLLIN, 0 };

			poll(&p, 1,
			    (int)(later(0, wake_us - now.boot_us) / US_PER_MS) +
				1);
			now = clock_read();
		}
		errand_close(e);
	}
	l->n_errands = 0;
}

static void
make_salt(char salt[static 33])
{
	uint64_t n[2] = { 0 };

	/* It fails on no kernel that runs the rest. */
	if (getrandom(n, sizeof(n), 0) < 0)
		log_warn("getrandom: %s", strerror(errno));
	snprintf(salt, 33, "%016" PRIx64 "%016" PRIx64, n[0], n[1]);
}

static int
open_daemon(struct loaxad *l)
{
	char boot_id[37] = "unknown";
	char salt[33] = "";
	char why[512];
	struct daemon_setup setup = {
		.site_path = l->root.conf,
		.schedules = l->root.schedules,
		.revisions = l->revisions,
		.boot_id = boot_id,
		.trust = &l->trust,
		.synced = clock_synced(),
		.log = l->log,
		.state = l->state,
		.library = l->library,
		.deck = make_deck,
		.deck_arg = l,
		.user = geteuid(),
		.group = find_group,
		.person = check_person,
		.person_arg = l,
		.salt = salt,
		.metrics = put_metrics,
		.metrics_arg = l,
		.hook = l->hook,
		.sealer = l->sealer,
		.errand = make_errand,
		.errand_arg = l,
	};
	struct problems ps = { 0 };
	struct site *site = read_site(l->root.conf, why, sizeof(why));
	int r;

	if (site == NULL)
		return -ENOMEM;
	setup.site_problem = why[0] == '\0' ? NULL : why;
	clock_boot_id(boot_id);
	make_salt(salt);
	l->trust.plausible = site->plausible_clock;
	r = civil_zone(site->zone);
	if (r < 0) {
		log_error(_("the time zone %s is not installed; install "
			    "tzdata or mend zone in etc/loaxa.conf"),
		    site->zone);
		site_free(site);
		return r;
	}
	r = daemon_open(&setup, site, clock_read(), &ps, &l->daemon);
	if (r == -EBADMSG)
		log_error(_("the airing log in %s is none of loaxa's; nothing "
			    "is written behind it. Move it elsewhere, or call "
			    "support"),
		    l->root.log);
	else if (r < 0)
		log_error(
		    _("the airing log in %s cannot be read"), l->root.log);
	print_problems(&ps);
	problems_free(&ps);
	if (r == 0 && daemon_torn(l->daemon)[0] != '\0')
		log_warn(_("the end of the airing log was damaged, as by a "
			   "power cut; what was there is kept in %s/%s"),
		    l->root.log, daemon_torn(l->daemon));
	return r;
}

static int
open_loop(struct loaxad *l)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		r = sd_event_add_signal(
		    l->event, NULL, signals[i], on_signal, l);
		if (r < 0)
			return r;
	}
	l->step_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->step_fd < 0 || arm_step(l->step_fd) < 0)
		return -errno;
	r = sd_event_add_io(l->event, NULL, l->step_fd, EPOLLIN, on_step, l);
	if (r == 0)
		r = sd_event_add_io(
		    l->event, NULL, hook_fd(l->hook), EPOLLIN, on_deck, l);
	if (r == 0)
		r = sd_event_add_time(l->event, &l->alarm, CLOCK_BOOTTIME,
		    UINT64_MAX, 1 * US_PER_MS, on_alarm, l);
	if (r < 0)
		return r;
	return door_open(l->event, l->root.socket,
	    &(struct door_keeper){ on_peer, on_request, l }, &l->door);
}

static int
run(struct loaxad *l)
{
	int r = sd_event_new(&l->event);

	if (r < 0)
		return r;
	r = open_disks(l);
	if (r == -EWOULDBLOCK)
		log_error(_("another loaxad, or a command that writes, has "
			    "the log; stop it first"));
	if (r == 0)
		r = open_daemon(l);
	if (r == 0)
		r = open_loop(l);
	if (r < 0)
		return r;
	turn(l);
	sd_notify(0, "READY=1");
	return sd_event_loop(l->event);
}

static void
close_all(struct loaxad *l)
{
	sd_notify(0, "STOPPING=1");
	l->door = door_close(l->door);
	if (l->daemon != NULL) {
		struct now now = look(l);

		l->daemon = daemon_close(l->daemon, now);
	}
	end_errands(l);
	for (size_t i = 0; i < STATIONS_MAX; i++)
		sd_event_source_disable_unref(l->decks[i]);
	sd_event_source_disable_unref(l->alarm);
	sd_event_source_disable_unref(l->seal);
	sd_event_unref(l->event);
	sealer_stop(l->sealer);
	hook_close(l->hook);
	library_close(l->library);
	disk_close(l->log);
	disk_close(l->state);
	if (l->step_fd >= 0)
		close(l->step_fd);
	if (l->lock >= 0)
		close(l->lock);
}

/* The folder of this program: its players lie beside it, or in libexec. */
static void
find_libexec(char *libexec)
{
	const char *set = getenv("LOAXA_LIBEXEC");
	char player[PATH_MAX];
	ssize_t n;

	if (set != NULL) {
		snprintf(libexec, PATH_MAX, "%s", set);
		return;
	}
	n = readlink("/proc/self/exe", libexec, PATH_MAX - 1);
	libexec[n > 0 ? n : 0] = '\0';
	if (strrchr(libexec, '/') != NULL)
		*strrchr(libexec, '/') = '\0';
	snprintf(
	    player, sizeof(player), "%.*s/loaxa-player", PATH_MAX / 2, libexec);
	if (access(player, X_OK) < 0)
		snprintf(libexec, PATH_MAX, "%s", LOAXA_LIBEXEC);
}

static int
usage(FILE *to)
{
	fprintf(to, "%s",
	    _("usage: loaxad [--root FOLDER]\n"
	      "Runs the stations whose timetables lie in FOLDER/schedules.\n"
	      "See loaxad(8).\n"));
	return to == stdout ? EX_OK : EX_USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	static struct loaxad l; /* paths are large for a stack */
	const char *root = NULL;
	int opt;
	int r;

	log_name("loaxad");
	words_open();
	l.step_fd = l.lock = -1;
	l.disk_fault = "";
	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (opt == 'h')
			return usage(stdout);
		if (opt == 'V')
			return puts("loaxad " LOAXA_VERSION) < 0;
		if (opt != 'r')
			return usage(stderr);
		root = optarg;
	}
	if (optind < argc)
		return usage(stderr);
	r = root_find(root, &l.root);
	if (r < 0) {
		log_error("%s: %s", root == NULL ? "." : root, strerror(-r));
		return EX_NOINPUT;
	}
	find_libexec(l.libexec);
	r = run(&l);
	if (r < 0)
		log_error("%s", strerror(-r));
	close_all(&l);
	return r < 0 ? EX_UNAVAILABLE : EX_OK;
}
