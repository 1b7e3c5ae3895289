/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/sick_disk.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/luck.h"
#include "ctl/misfortune.h"
#include "ctl/reckoning.h"
#include "ctl/scene.h"
#include "ctl/virtual_log.h"
#include "ctl/witness.h"
#include "evidence/record.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"

#define FAULTS 6 /* of the sources, in one life of the daemon */
#define UP_US (20 * US_PER_S) /* from power to our start */
#define RELAY_US (20 * US_PER_MIN) /* about as long as its slots */
#define DIE_US \
	(10 * US_PER_MIN) /* a death in the midst of work comes so
				      * soon, or between two turns */
#define SPINS_MAX 20000 /* turns without a second passing */
#define WINDOWS_MAX 64
#define LOG_LINE_FILE 64

struct life;

/* One station's deck, with somebody who watches what is sent to it. */
struct stand {
	struct deck deck; /* must be first */
	struct deck *sim;
	struct life *life;
	struct deck_fault faults[FAULTS];
	int64_t relay_well_us; /* boot: the loss that was drawn ends */
};

struct life {
	const struct misfortune_setup *up;
	struct misfortune_result *r;
	struct luck luck;
	struct scene *scene;
	struct site *site; /* in force: the hours to keep */
	struct library library; /* the scene's, unless it cannot be read */
	struct sick_disk log;
	struct sick_disk state;
	bool has_state;
	bool has_revisions;
	struct witness *witness;
	int64_t found; /* records that were there at the last start */
	struct stand stands[STATIONS_MAX];
	size_t n_stands;
	struct daemon *daemon; /* NULL while off */
	struct now now;
	char boot_id[37];
	unsigned boots;
	int64_t wrong_us; /* how far off an unsure wall clock is */
	/* Boot instants when things are well again; 0: they are. */
	int64_t disk_us;
	int64_t trust_us;
	int64_t items_us;
	int64_t spun_boot_us;
	int spins;
};

/* What is told ------------------------------------------------------------- */

static const char *const words[MISFORTUNES] = { "power", "clock", "device",
	"disk", "edits" };

static int
kind_called(const char *word, size_t n)
{
	for (int m = 0; m < MISFORTUNES; m++)
		if (strlen(words[m]) == n && strncmp(words[m], word, n) == 0)
			return m;
	return -1;
}

unsigned
misfortune_kinds(const char *list)
{
	unsigned kinds = 0;

	for (;;) {
		size_t n = strcspn(list, ",");
		int m = kind_called(list, n);

		if (m < 0)
			return 0;
		kinds |= 1u << m;
		if (list[n] == '\0')
			return kinds;
		list += n + 1;
	}
}

void
misfortune_broke(struct misfortune_result *r, const char *promise,
    int64_t at_us, const char *fmt, ...)
{
	va_list ap;

	if (r->broken++ > 0)
		return;
	strncpy(r->promise, promise, sizeof(r->promise) - 1);
	r->at_us = at_us;
	va_start(ap, fmt);
	vsnprintf(r->what, sizeof(r->what), fmt, ap);
	va_end(ap);
	text_trim(r->what);
}

enum stroke {
	STROKE_KILL,
	STROKE_CUT,
	STROKE_STOPPED,
	STROKE_STEP,
	STROKE_TRUST,
	STROKE_WRONG,
	STROKE_CARD,
	STROKE_HANG,
	STROKE_SOURCE,
	STROKE_MUTE,
	STROKE_EIO,
	STROKE_FULL,
	STROKE_ITEMS,
	STROKE_EDIT,
	STROKE_RELOAD,
	STROKE_SKIP,
	STROKE_SILENCE,
	STROKE_RESUME,
	STROKE_PLAY,
	STROKE_EMERGENCY,
	STROKES
};
_Static_assert(STROKES <= MISFORTUNE_STROKES, "a result has room for all");

static const struct {
	const char *words;
	enum misfortune kind;
} strokes[STROKES] = {
	[STROKE_KILL] = { N_("program killed"), MISFORTUNE_POWER },
	[STROKE_CUT] = { N_("power cut"), MISFORTUNE_POWER },
	[STROKE_STOPPED] = { N_("stopped in order"), MISFORTUNE_POWER },
	[STROKE_STEP] = { N_("clock set"), MISFORTUNE_CLOCK },
	[STROKE_TRUST] = { N_("clock not to be trusted"), MISFORTUNE_CLOCK },
	[STROKE_WRONG] = { N_("started with a wrong clock"), MISFORTUNE_CLOCK },
	[STROKE_CARD] = { N_("sound card lost"), MISFORTUNE_DEVICE },
	[STROKE_HANG] = { N_("player hung"), MISFORTUNE_DEVICE },
	[STROKE_SOURCE] = { N_("relay source dead"), MISFORTUNE_DEVICE },
	[STROKE_MUTE] = { N_("relay source silent"), MISFORTUNE_DEVICE },
	[STROKE_EIO] = { N_("disk refuses"), MISFORTUNE_DISK },
	[STROKE_FULL] = { N_("disk full"), MISFORTUNE_DISK },
	[STROKE_ITEMS] = { N_("items cannot be read"), MISFORTUNE_DISK },
	[STROKE_EDIT] = { N_("file edited"), MISFORTUNE_EDITS },
	[STROKE_RELOAD] = { N_("reload"), MISFORTUNE_EDITS },
	[STROKE_SKIP] = { N_("skip"), MISFORTUNE_EDITS },
	[STROKE_SILENCE] = { N_("stop"), MISFORTUNE_EDITS },
	[STROKE_RESUME] = { N_("resume"), MISFORTUNE_EDITS },
	[STROKE_PLAY] = { N_("play"), MISFORTUNE_EDITS },
	[STROKE_EMERGENCY] = { N_("emergency"), MISFORTUNE_EDITS },
};

const char *
misfortune_stroke(size_t i, enum misfortune *ret_kind)
{
	if (i >= STROKES)
		return NULL;
	*ret_kind = strokes[i].kind;
	return strokes[i].words;
}

static void
strike(struct life *f, enum stroke s, int64_t us)
{
	f->r->strokes[s]++;
	if (f->up->tell != NULL)
		f->up->tell(
		    f->up->arg, f->now.wall_us, _(strokes[s].words), us);
}

static bool
may(const struct life *f, enum misfortune m)
{
	return (f->up->kinds & 1u << m) != 0;
}

/* What is watched while it runs -------------------------------------------- */

/* By the windows of its date, not by what the daemon asks. */
static bool
in_hours(const struct site *site, int64_t us)
{
	struct profile_window windows[WINDOWS_MAX];
	int64_t day;
	int second;
	size_t n;

	civil_from_us(us, &day, &second);
	n = profile_windows(&site->rules, day, windows, WINDOWS_MAX);
	for (size_t i = 0; i < n && i < WINDOWS_MAX; i++)
		if (second >= windows[i].from_s && second < windows[i].to_s)
			return true;
	return false;
}

/* P1: what sounds from now on sounds until then. */
static void
watch_hours(struct life *f, int64_t until_us)
{
	bool sounds = false;

	for (size_t i = 0; i < f->n_stands; i++)
		sounds = sounds || deck_sim_sounds_planned(f->stands[i].sim);
	if (sounds && (!in_hours(f->site, f->now.wall_us) ||
			  !in_hours(f->site, until_us - 1)))
		misfortune_broke(f->r, "P1", f->now.wall_us,
		    "something sounded outside the allowed hours");
}

/* The process that this was has died by itself, in the midst of a turn. */
static bool
is_dead(const struct life *f)
{
	return f->log.kill_at != 0 && f->log.calls > f->log.kill_at;
}

/* P8: what the ledger says counts, the witness has seen written. */
static void
watch_log(struct life *f)
{
	int64_t leaves = daemon_leaves(f->daemon);

	/* What an earlier life left unsynced is safe with the first record of
	 * this one, and not before. */
	if (leaves > f->found && witness_count(f->witness, leaves) < 0)
		misfortune_broke(f->r, "P8", f->now.wall_us,
		    "records are said to count that were never written");
}

/* The crank comes to rest. */
static void
watch_spin(struct life *f)
{
	f->r->turns++;
	if (f->now.boot_us > f->spun_boot_us + US_PER_S) {
		f->spun_boot_us = f->now.boot_us;
		f->spins = 0;
	}
	if (++f->spins == SPINS_MAX)
		misfortune_broke(f->r, "-", f->now.wall_us,
		    "the crank was turned %d times in a second", SPINS_MAX);
}

/* What the log says; audit looks who released it. */
static bool
is_emergency(const char *line, size_t n)
{
	static const char source[] = "\"start_source\":\"emergency\"";

	return memmem(line, n, source, sizeof(source) - 1) != NULL;
}

/* P4: the cue's start record is the log's last line, and safe; unless the disk
 * refused it. Of a relay reckoning.c looks at its record. */
static void
watch_cue(struct life *f, const struct cue *c, struct now now)
{
	const char *file;
	const char *line;
	struct civil_text due;
	int64_t end;
	size_t n;

	if (now.trust == TRUST_UNSURE && c->release == 0)
		misfortune_broke(f->r, "P1", now.wall_us,
		    "a cue went out by a clock that is not trusted");
	if (f->log.failing || is_dead(f) || c->live_ms > 0)
		return;
	line = witness_last(f->witness, &n, &file, &end);
	civil_utc_text(now_wall_at(now, c->start_boot_us), &due);
	if (line == NULL || record_kind(line, n) != KIND_START ||
	    memmem(line, n, due.s, strlen(due.s)) == NULL)
		misfortune_broke(f->r, "P4", now.wall_us,
		    "a cue went out without its start record");
	else if (is_emergency(line, n) != (c->release != 0))
		misfortune_broke(f->r, "P1", now.wall_us,
		    "a cue goes past the fence that the log calls no "
		    "emergency");
	else if (sick_disk_safe(&f->log, file) < end)
		misfortune_broke(f->r, "P4", now.wall_us,
		    "a cue went out before its start record was safe");
}

/* Decks -------------------------------------------------------------------- */

static struct deck *
sim_of(struct deck *d)
{
	return ((struct stand *)d)->sim;
}

static int
stand_load(struct deck *d, struct now now, uint64_t airing, int item_fd,
    const char *sha256, int64_t offset)
{
	struct deck *sim = sim_of(d);

	return sim->load(sim, now, airing, item_fd, sha256, offset);
}

static int
stand_cue(struct deck *d, struct now now, const struct cue *c)
{
	struct stand *s = (struct stand *)d;
	int r = s->sim->cue(s->sim, now, c);

	if (r == 0)
		watch_cue(s->life, c, now);
	return r;
}

static void
stand_drop(struct deck *d, struct now now, uint64_t airing)
{
	struct deck *sim = sim_of(d);

	sim->drop(sim, now, airing);
}

/* It is connected to for a slot, so that its loss is felt: of another source
 * it would be once in months. */
static void
lose_relay(struct stand *s, struct now now)
{
	struct life *f = s->life;
	bool dies = luck_pick(&f->luck, 2) == 0;
	int64_t from_us = now.boot_us + luck_span(&f->luck, US_PER_S, RELAY_US);
	int64_t gap = luck_span(&f->luck, US_PER_S, RELAY_US);

	strike(f, dies ? STROKE_SOURCE : STROKE_MUTE, gap);
	s->relay_well_us = from_us + gap;
	deck_sim_lose_live(s->sim, from_us, s->relay_well_us, dies);
}

static int
stand_listen(struct deck *d, struct now now, uint64_t airing,
    const struct deck_live *live)
{
	struct stand *s = (struct stand *)d;

	if (may(s->life, MISFORTUNE_DEVICE) &&
	    now.boot_us >= s->relay_well_us &&
	    luck_pick(&s->life->luck, 3) == 0)
		lose_relay(s, now);
	return s->sim->listen(s->sim, now, airing, live);
}

static int
stand_receive(struct deck *d, struct now now, struct receipt *ret)
{
	struct deck *sim = sim_of(d);

	return sim->receive(sim, now, ret);
}

static int64_t
stand_wake(struct deck *d)
{
	struct deck *sim = sim_of(d);

	return sim->wake(sim);
}

static int
stand_fd(struct deck *d)
{
	(void)d;
	return -1;
}

static int64_t
stand_quiet_since(struct deck *d)
{
	(void)d;
	return NEVER;
}

static void
stand_close(struct deck *d)
{
	struct stand *s = (struct stand *)d;

	deck_close(s->sim);
	s->sim = NULL;
}

static void
draw_faults(struct life *f, struct stand *s)
{
	for (size_t i = 0; i < FAULTS; i++)
		s->faults[i] = (struct deck_fault){
			.nth = (unsigned)(1 + luck_pick(&f->luck, 60)),
			.ended = ENDED_STOPPED +
				 luck_pick(&f->luck, ENDEDS - ENDED_STOPPED),
			.frames = luck_pick(&f->luck, 3) == 0
				      ? 0
				      : luck_pick(&f->luck, 400) * RATE +
					    luck_pick(&f->luck, RATE),
		};
}

static int
open_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	struct life *f = arg;
	struct stand *s = &f->stands[f->n_stands];
	bool faulty = may(f, MISFORTUNE_DEVICE);
	int r;

	(void)station;
	(void)out;
	*s = (struct stand){ .deck = { .load = stand_load,
				 .cue = stand_cue,
				 .drop = stand_drop,
				 .receive = stand_receive,
				 .wake = stand_wake,
				 .fd = stand_fd,
				 .quiet_since = stand_quiet_since,
				 .close = stand_close,
				 .listen = stand_listen },
		.life = f };
	if (faulty)
		draw_faults(f, s);
	r = deck_sim_open(s->faults, faulty ? FAULTS : 0, &s->sim);
	if (r < 0)
		return r;
	f->n_stands++;
	*ret_deck = &s->deck;
	return 0;
}

/* Items -------------------------------------------------------------------- */

static int
open_item(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	struct life *f =
	    (struct life *)((char *)lib - offsetof(struct life, library));
	struct library *real = scene_library(f->scene);

	if (f->items_us != 0)
		return f->items_us % 2 == 0 ? -EIO : -ENOENT;
	return real->open(real, id, hint, ret_item, ret_fd);
}

static void
close_items(struct library *lib)
{
	(void)lib;
}

/* Life and death ----------------------------------------------------------- */

/* The administrator's file, as it lies there. */
static struct site *
read_site(const struct life *f)
{
	struct problems ps = { 0 };
	struct site *s = NULL;
	int r = site_read(scene_conf(f->scene), &ps, &s);

	problems_free(&ps);
	if (r == 0 && f->up->assume)
		s->approval = false;
	return r < 0 ? NULL : s;
}

static void
take_site(struct life *f, struct site *s)
{
	if (s == NULL)
		return;
	site_free(f->site);
	f->site = s;
}

static void
start(struct life *f)
{
	char revisions[256];
	struct daemon_setup setup = {
		.site_path = scene_conf(f->scene),
		.schedules = scene_schedules(f->scene),
		.revisions = f->has_revisions ? revisions : NULL,
		.boot_id = f->boot_id,
		.log = witness_disk(f->witness),
		.state = f->has_state ? &f->state.disk : NULL,
		.library = &f->library,
		.deck = open_deck,
		.deck_arg = f,
		.station = f->up->station,
		.assume_items = f->up->assume,
	};
	struct problems ps = { 0 };
	struct site *site = read_site(f);
	int r;

	snprintf(revisions, sizeof(revisions), "%s/revisions",
	    scene_folder(f->scene));
	if (f->up->assume)
		setup.site_path = NULL; /* it would ask for approvals again */
	f->n_stands = 0;
	f->found = witness_crash(f->witness, f->log.under);
	take_site(f, site == NULL ? site_nothing() : read_site(f));
	r = daemon_open(&setup, site == NULL ? site_nothing() : site, f->now,
	    &ps, &f->daemon);
	problems_free(&ps);
	if (r < 0)
		misfortune_broke(f->r, "-", f->now.wall_us,
		    "it does not start: %s", strerror(-r));
	else
		watch_log(f);
}

static void
recover_disk(struct life *f)
{
	f->log.fail_at = f->log.short_at = 0;
	f->state.fail_at = 0;
	f->disk_us = 0;
}

/* P8: what counted is there. */
static void
look_for_records(struct life *f, bool whole)
{
	int64_t seq;
	int r = witness_check(f->witness, f->log.under, whole, &seq);

	if (r == -EBADMSG)
		misfortune_broke(f->r, "P8", f->now.wall_us,
		    "record %lld counted, and is lost or another one now",
		    (long long)seq);
	else if (r < 0)
		misfortune_broke(f->r, "P8", f->now.wall_us,
		    "the log cannot be read: %s", strerror(-r));
}

/* As kill -9: what was not yet handed to the disk is gone. */
static void
die(struct life *f)
{
	if (f->daemon != NULL && !is_dead(f))
		f->log.kill_at = f->log.calls == 0 ? 1 : f->log.calls;
	f->daemon = daemon_kill(f->daemon);
	f->n_stands = 0;
	f->log.kill_at = f->state.kill_at = 0;
	f->log.failing = false;
	recover_disk(f);
}

/* The crank ---------------------------------------------------------------- */

static void
turn_until(struct life *f, int64_t end_us)
{
	int64_t offset = f->now.wall_us - f->now.boot_us;

	while (
	    f->daemon != NULL && f->now.boot_us < end_us && f->r->broken == 0) {
		int64_t next = daemon_turn(f->daemon, f->now);

		watch_log(f);
		watch_spin(f);
		if (is_dead(f))
			return;
		next = earlier(later(next, f->now.boot_us + 1), end_us);
		watch_hours(f, next + offset);
		f->now.boot_us = next;
		f->now.wall_us = next + offset;
	}
	f->now.boot_us = later(f->now.boot_us, end_us);
	f->now.wall_us = f->now.boot_us + offset;
	if (f->daemon == NULL || is_dead(f))
		return;
	daemon_turn(f->daemon, f->now);
	watch_log(f);
}

static void
step_by(struct life *f, int64_t us)
{
	f->now.wall_us += us;
	if (f->daemon != NULL)
		daemon_stepped(f->daemon, f->now, us);
}

static void
regain_trust(struct life *f)
{
	int64_t wrong_us = f->wrong_us;

	f->wrong_us = f->trust_us = 0;
	f->now.trust = TRUST_SYNCED;
	if (wrong_us != 0)
		step_by(f, -wrong_us);
}

static void
recover_items(struct life *f)
{
	f->items_us = 0;
}

/* Time passes; what is ill recovers on the way. */
static void
pass(struct life *f, int64_t us)
{
	int64_t end = f->now.boot_us + us;
	const struct {
		int64_t *at_us;
		void (*well)(struct life *);
	} ills[] = { { &f->disk_us, recover_disk },
		{ &f->trust_us, regain_trust },
		{ &f->items_us, recover_items } };

	for (;;) {
		size_t first = 0;
		int64_t at = NEVER;

		for (size_t i = 0; i < sizeof(ills) / sizeof(ills[0]); i++)
			if (*ills[i].at_us != 0 && *ills[i].at_us < at) {
				at = *ills[i].at_us;
				first = i;
			}
		if (at > end)
			break;
		turn_until(f, later(at, f->now.boot_us));
		if (is_dead(f))
			return;
		ills[first].well(f);
	}
	turn_until(f, end);
}

static int64_t
span(struct life *f, int64_t least_us, int64_t most_us)
{
	return luck_span(&f->luck, least_us, most_us);
}

/* Strokes: power ----------------------------------------------------------- */

/* Between two turns, or in the midst of one: at one of the next calls to the
 * disk. */
static void
end_of_life(struct life *f)
{
	if (luck_pick(&f->luck, 2) == 0) {
		f->log.kill_at = f->log.calls + 1 + (int)luck_pick(&f->luck, 4);
		pass(f, DIE_US);
	}
	die(f);
}

static void
kill_it(struct life *f)
{
	int64_t gap = span(f, US_PER_S / 2, 3600 * US_PER_S);

	strike(f, STROKE_KILL, gap);
	end_of_life(f);
	look_for_records(f, false);
	pass(f, gap);
	start(f);
}

/* The battery of the clock is dead, or it was set in another zone. */
static void
start_wrong(struct life *f)
{
	static const int64_t hours[] = { 7, -7, 1, -1, 24 };
	int64_t wrong_us;

	switch (luck_pick(&f->luck, 3)) {
	case 0:
		wrong_us = f->now.boot_us - f->now.wall_us; /* 1970 */
		break;
	case 1:
		wrong_us = INT64_C(946684800) * US_PER_S - f->now.wall_us;
		break;
	default:
		wrong_us = hours[luck_pick(&f->luck, 5)] * 3600 * US_PER_S;
		break;
	}
	f->wrong_us = wrong_us;
	f->now.wall_us += wrong_us;
	f->now.trust = TRUST_UNSURE;
	f->trust_us =
	    f->now.boot_us + span(f, 5 * US_PER_S, 5 * 3600 * US_PER_S);
	strike(f, STROKE_WRONG, wrong_us);
}

/* The boot clock begins anew; what heals by it goes on to. */
static void
boot_anew(struct life *f)
{
	int64_t *const timers[] = { &f->disk_us, &f->trust_us, &f->items_us };
	int64_t shift = UP_US - f->now.boot_us;

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		if (*timers[i] != 0)
			*timers[i] += shift;
	f->now.boot_us = f->spun_boot_us = UP_US;
	snprintf(f->boot_id, sizeof(f->boot_id),
	    "%08u-0000-4000-8000-000000000000", ++f->boots % 100000000u);
}

static void
cut_power(struct life *f)
{
	int64_t gap = span(f, UP_US, 30 * 3600 * US_PER_S);

	strike(f, STROKE_CUT, gap);
	end_of_life(f);
	sick_disk_cut(&f->log, (long)luck_pick(&f->luck, 700));
	if (f->has_state)
		sick_disk_cut(&f->state, (long)luck_pick(&f->luck, 700));
	look_for_records(f, false);
	pass(f, gap);
	boot_anew(f);
	if (may(f, MISFORTUNE_CLOCK) && f->trust_us == 0 &&
	    luck_pick(&f->luck, 4) == 0)
		start_wrong(f);
	start(f);
}

static void
stop_in_order(struct life *f)
{
	int64_t gap = span(f, 2 * US_PER_S, 5 * 3600 * US_PER_S);

	strike(f, STROKE_STOPPED, gap);
	f->daemon = daemon_close(f->daemon, f->now);
	f->n_stands = 0;
	recover_disk(f);
	look_for_records(f, false);
	pass(f, gap);
	start(f);
}

/* Strokes: the clock, as loaxad sees it ------------------------------------ */

static void
lose_trust(struct life *f)
{
	int64_t gap = span(f, US_PER_S, 2 * 3600 * US_PER_S);

	if (f->wrong_us != 0)
		return;
	strike(f, STROKE_TRUST, gap);
	f->now.trust = TRUST_UNSURE;
	f->trust_us = f->now.boot_us + gap;
}

static void
set_clock(struct life *f)
{
	int64_t step = span(f, 2 * US_PER_S, 6 * 3600 * US_PER_S);

	if (luck_pick(&f->luck, 2) == 0)
		step = -step;
	strike(f, STROKE_STEP, step);
	if (luck_pick(&f->luck, 3) == 0)
		lose_trust(f);
	step_by(f, step);
}

/* Strokes: the sound card -------------------------------------------------- */

static struct deck *
any_deck(struct life *f)
{
	if (f->n_stands == 0)
		return NULL;
	return f->stands[luck_pick(&f->luck, (int64_t)f->n_stands)].sim;
}

static void
lose_card(struct life *f)
{
	int64_t gap = span(f, US_PER_S, 3600 * US_PER_S);
	struct deck *d = any_deck(f);

	strike(f, STROKE_CARD, gap);
	if (d != NULL)
		deck_sim_lose_device(d, f->now, f->now.boot_us + gap);
}

static void
hang_player(struct life *f)
{
	struct deck *d = any_deck(f);

	strike(f, STROKE_HANG, 0);
	if (d != NULL)
		deck_sim_hang_device(d, f->now);
}

/* Strokes: the disk -------------------------------------------------------- */

static void
sicken_disk(struct life *f)
{
	int64_t gap = span(f, US_PER_S, 3600 * US_PER_S);
	bool full = luck_pick(&f->luck, 3) == 0;
	int at = f->log.calls + 1 + (int)luck_pick(&f->luck, 4);

	strike(f, full ? STROKE_FULL : STROKE_EIO, gap);
	f->disk_us = f->now.boot_us + gap;
	f->log.error = full ? ENOSPC : EIO;
	if (full && luck_pick(&f->luck, 2) == 0) {
		f->log.short_at = at;
		return;
	}
	f->log.fail_at = at;
	f->log.fail_on = luck_pick(&f->luck, 4) != 0;
	f->state.fail_at = f->state.calls + 1;
	f->state.fail_on = f->log.fail_on;
}

static void
lose_items(struct life *f)
{
	int64_t gap = span(f, US_PER_S, 3600 * US_PER_S);

	strike(f, STROKE_ITEMS, gap);
	f->items_us = f->now.boot_us + gap;
}

/* Strokes: people ---------------------------------------------------------- */

/* Yours; NULL when nobody is there to answer. */
static json_t *
answer_to(struct life *f, const char *text)
{
	json_t *req = json_loads(text, 0, NULL);
	json_t *answer;

	if (req == NULL || f->daemon == NULL) {
		json_decref(req);
		return NULL;
	}
	answer = daemon_request(f->daemon, f->now, req);
	if (answer == NULL)
		misfortune_broke(
		    f->r, "-", f->now.wall_us, "no answer to %s", text);
	json_decref(req);
	watch_log(f);
	return answer;
}

static void
ask(struct life *f, const char *text)
{
	json_decref(answer_to(f, text));
}

static void
reload(struct life *f)
{
	strike(f, STROKE_RELOAD, 0);
	if (!f->up->assume)
		take_site(f, read_site(f));
	ask(f, "{\"cmd\":\"reload\",\"by\":\"p-1\"}");
}

/* Taken into use at once, most of the time. */
static void
edit(struct life *f)
{
	strike(f, STROKE_EDIT, 0);
	scene_edit(f->scene, &f->luck);
	if (luck_pick(&f->luck, 4) != 0)
		reload(f);
}

static void
skip(struct life *f)
{
	strike(f, STROKE_SKIP, 0);
	ask(f, "{\"cmd\":\"skip\",\"by\":\"p-1\"}");
}

static void
silence(struct life *f)
{
	int64_t gap = span(f, US_PER_S, 3600 * US_PER_S);
	struct civil_text t;
	char request[128];

	strike(f, STROKE_SILENCE, gap);
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"stop\",\"until_utc\":\"%s\"}",
	    luck_pick(&f->luck, 8) == 0
		? ""
		: civil_utc_text(f->now.wall_us + gap, &t));
	ask(f, request);
}

static void
resume(struct life *f)
{
	strike(f, STROKE_RESUME, 0);
	ask(f, "{\"cmd\":\"resume\"}");
}

/* Now, over what is on, or at the next join; which a few think better of. */
static void
play(struct life *f)
{
	static const char *const how[] = { ",\"over\":true", "",
		",\"next\":true", ",\"next\":true" };
	const char *item;
	char request[256];
	size_t n;

	strike(f, STROKE_PLAY, 0);
	item = scene_item(f->scene, &f->luck);
	n = luck_pick(&f->luck, 8);
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"play\",\"item\":\"%s\"%s}", item, how[n / 2]);
	ask(f, request);
	if (n != 7)
		return;
	snprintf(request, sizeof(request), "{\"cmd\":\"skip\",\"item\":\"%s\"}",
	    item);
	ask(f, request);
}

/* Most people take the second step, a few of them late; often the next bad
 * luck falls in the midst of it. */
static void
emergency(struct life *f)
{
	char request[256];
	json_t *answer;

	strike(f, STROKE_EMERGENCY, 0);
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"emergency\",\"item\":\"%s\",\"by\":\"p-1\","
	    "\"order\":\"12/CĐ\",\"times\":%d}",
	    scene_item(f->scene, &f->luck), 1 + (int)luck_pick(&f->luck, 3));
	answer = answer_to(f, request);
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"emergency\",\"code\":\"%s\"}",
	    record_text(answer, "code"));
	json_decref(answer);
	if (luck_pick(&f->luck, 3) == 0)
		pass(f, luck_pick(&f->luck, 150 * US_PER_S));
	if (luck_pick(&f->luck, 8) != 0)
		ask(f, request);
	if (luck_pick(&f->luck, 2) == 0)
		pass(f, luck_pick(&f->luck, 180 * US_PER_S));
}

/* The whole ---------------------------------------------------------------- */

static const struct {
	void (*fall)(struct life *f);
	enum misfortune kind;
} hits[] = {
	{ kill_it, MISFORTUNE_POWER },
	{ cut_power, MISFORTUNE_POWER },
	{ stop_in_order, MISFORTUNE_POWER },
	{ set_clock, MISFORTUNE_CLOCK },
	{ set_clock, MISFORTUNE_CLOCK },
	{ lose_trust, MISFORTUNE_CLOCK },
	{ lose_card, MISFORTUNE_DEVICE },
	{ hang_player, MISFORTUNE_DEVICE },
	{ sicken_disk, MISFORTUNE_DISK },
	{ lose_items, MISFORTUNE_DISK },
	{ edit, MISFORTUNE_EDITS },
	{ edit, MISFORTUNE_EDITS },
	{ skip, MISFORTUNE_EDITS },
	{ silence, MISFORTUNE_EDITS },
	{ resume, MISFORTUNE_EDITS },
	{ resume, MISFORTUNE_EDITS },
	{ play, MISFORTUNE_EDITS },
	{ emergency, MISFORTUNE_EDITS },
};

static void
be_hit(struct life *f)
{
	size_t n = sizeof(hits) / sizeof(hits[0]);
	size_t i;

	if (f->up->kinds == 0)
		return;
	do {
		i = (size_t)luck_pick(&f->luck, (int64_t)n);
	} while (!may(f, hits[i].kind));
	hits[i].fall(f);
}

/* A while, or to within seconds of something that the plan has. */
static void
live_on(struct life *f)
{
	int64_t day;
	int second;
	int64_t at;

	if (luck_pick(&f->luck, 2) == 0) {
		pass(f, span(f, US_PER_S, 12 * 3600 * US_PER_S));
		return;
	}
	civil_from_us(f->now.wall_us, &day, &second);
	at = civil_to_us(day, scene_time(f->scene, &f->luck)) - 15 * US_PER_S +
	     luck_pick(&f->luck, 30 * US_PER_S);
	if (luck_pick(&f->luck, 3) == 0)
		at += span(f, US_PER_S, 1500 * US_PER_S); /* into it */
	if (at <= f->now.wall_us)
		at += US_PER_DAY;
	pass(f, at - f->now.wall_us);
}

static int64_t
true_us(const struct life *f)
{
	return f->now.wall_us - f->wrong_us;
}

/* All is well again, for long enough to account for everything; then the
 * daemon is stopped in order. */
static void
settle(struct life *f)
{
	regain_trust(f);
	recover_disk(f);
	recover_items(f);
	ask(f, "{\"cmd\":\"resume\"}");
	pass(f, US_PER_DAY);
	f->daemon = daemon_close(f->daemon, f->now);
	look_for_records(f, true);
}

static void
live(struct life *f)
{
	int64_t end_us = civil_to_us(f->up->to_day + 1, 0);

	if (may(f, MISFORTUNE_EDITS) && luck_pick(&f->luck, 2) == 0)
		scene_edit(f->scene, &f->luck);
	start(f);
	while (f->r->broken == 0 && true_us(f) < end_us) {
		live_on(f);
		if (f->r->broken == 0)
			be_hit(f);
	}
	if (f->r->broken == 0)
		settle(f);
	f->r->days = f->up->to_day - f->up->from_day + 1;
}

static int
begin(struct life *f)
{
	const struct misfortune_setup *up = f->up;
	struct disk *log = NULL;
	struct disk *state = NULL;
	int r = scene_make(up->root, up->station, up->assume, up->from_day,
	    up->to_day, &f->scene);

	if (r == 0)
		r = disk_memory(&log);
	if (r == 0)
		r = disk_memory(&state);
	if (r == 0 && up->root != NULL && !up->assume)
		r = virtual_log_begin(up->root, log);
	sick_disk_init(&f->log, log);
	sick_disk_init(&f->state, state);
	if (r == 0)
		r = witness_new(&f->log.disk, &f->witness);
	f->library = (struct library){ open_item, close_items };
	strcpy(f->boot_id, "11111111-0000-4000-8000-000000000000");
	f->now =
	    (struct now){ .wall_us = civil_to_us(up->from_day, 0) - US_PER_MIN,
		    .boot_us = US_PER_DAY,
		    .trust = TRUST_SYNCED };
	/* Half of the stations keep no state file: those are quick. */
	f->has_state = luck_pick(&f->luck, 2) == 0;
	f->has_revisions = luck_pick(&f->luck, 4) != 0;
	return r;
}

static int
judge(struct life *f)
{
	char folder[256];
	int r;

	snprintf(folder, sizeof(folder), "%s/log", scene_folder(f->scene));
	r = reckoning_make(f->log.under,
	    f->up->keep == NULL ? folder : f->up->keep, scene_library(f->scene),
	    f->r);
	f->r->witnessed = witness_seen(f->witness);
	if (r == 0 && f->up->witness != NULL)
		r = witness_write(f->witness, f->up->witness);
	return r;
}

int
misfortune_run(
    const struct misfortune_setup *setup, struct misfortune_result *ret_result)
{
	struct life *f = calloc(1, sizeof(*f));
	int r;

	if (f == NULL)
		return -ENOMEM;
	*ret_result = (struct misfortune_result){ 0 };
	f->up = setup;
	f->r = ret_result;
	f->luck.state = setup->seed;
	r = begin(f);
	if (r == 0) {
		live(f);
		if (f->daemon != NULL)
			die(f);
		r = judge(f);
	}
	witness_free(f->witness);
	disk_close(sick_disk_leave(&f->log));
	disk_close(sick_disk_leave(&f->state));
	site_free(f->site);
	scene_free(f->scene);
	free(f);
	return r;
}
