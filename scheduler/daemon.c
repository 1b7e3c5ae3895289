/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/words.h"
#include "evidence/cosigned.h"
#include "evidence/sealer.h"
#include "scheduler/clockdesk.h"
#include "scheduler/daemon.h"
#include "scheduler/health.h"
#include "scheduler/hook.h"
#include "scheduler/metrics.h"
#include "scheduler/outage.h"
#include "scheduler/station.h"
#include "scheduler/weekfile.h"

#define ALIVE "alive.json"
#define ORDERED "ordered.json" /* ALIVE as it was at the last order */
#define HEALTH_US US_PER_S /* the health is looked at no more often */
#define GUESSES_MAX 5 /* wrong codes; then nothing is prepared any more */
#define METRICS_US (5 * US_PER_S) /* and written no more often */

struct daemon {
	struct daemon_setup up;
	char *site_path;
	char *schedules;
	char *revisions;
	struct site *site;
	struct books books;
	struct ballast ballast;
	struct station *stations[STATIONS_MAX];
	struct deck *decks[STATIONS_MAX];
	size_t n;
	json_t *alive; /* what an earlier life left, or NULL */
	json_t *orders; /* the same, for what a person ordered */
	struct outage outage; /* before this life */
	char torn[64]; /* the file with what a cut tore off the log, or "" */
	bool begun;
	bool settled; /* ... and what that wrote is safe in the log */
	int64_t opened_boot_us;
	enum trust trust; /* as last recorded */
	int64_t next_alive_us; /* boot */
	struct rights_rule rights; /* the site's groups, looked up */
	int64_t refused_day; /* local date of the refusals below */
	int64_t refused; /* at the door, not yet in the log */
	uid_t asking; /* whose request is being answered */
	int guesses; /* wrong codes since the last good one */
	json_t *boot; /* what `status` tells of this start */
	bool site_valid; /* else nothing is allowed */
	char site_problem[256]; /* of the last reading, or "" */
	struct health *health;
	bool changed; /* the health, since the metrics were written */
	int64_t judge_boot_us; /* not before */
	int64_t wrote_boot_us; /* the metrics; 0 never */
	int metrics_error;
};

static json_t *
read_state(struct disk *state, const char *name)
{
	char *bytes;
	size_t n;
	json_t *alive;

	if (state == NULL || state->read(state, name, &bytes, &n) < 0)
		return NULL;
	alive = json_loadb(bytes, n, 0, NULL);
	free(bytes);
	return alive;
}

/* What a person ordered last. A power cut may leave the bytes of a file that
 * nobody waited for as NULs, the length right: ext4 tells the length before
 * they are written. The other file is older, and knows of orders alone. */
static json_t *
read_orders(struct disk *state, json_t *alive)
{
	return alive != NULL ? json_incref(alive) : read_state(state, ORDERED);
}

/* "airings" and the like of one station, from an earlier life. */
static const json_t *
alive_of(const json_t *alive, const char *station)
{
	return json_object_get(json_object_get(alive, "stations"), station);
}

/* The day's refusals go with the state, so that a restart does not make two
 * records of them. */
static json_t *
alive_refused(const struct daemon *d)
{
	struct civil_text t;

	return json_pack("{s:s, s:I}", "date",
	    civil_date_text(d->refused_day, &t), "count",
	    (json_int_t)d->refused);
}

static void
recall_refused(struct daemon *d)
{
	const json_t *o = json_object_get(d->alive, "refused");
	int64_t day;
	int64_t n = record_int(o, "count", 0);

	if (n <= 0 || civil_read_date(record_text(o, "date"), &day) < 0)
		return;
	d->refused_day = day;
	d->refused = n;
}

/* Every station's part. Before the clock is trusted nothing is known that is
 * newer than what the earlier life left, save a person's stop and an
 * emergency. */
static json_t *
alive_stations(const struct daemon *d, struct now now)
{
	json_t *all = json_object();

	for (size_t i = 0; i < d->n; i++) {
		const char *id = station_id(d->stations[i]);
		json_t *a = station_alive(d->stations[i], now);

		if (!d->settled && alive_of(d->alive, id) != NULL)
			json_array_extend(json_object_get(a, "airings"),
			    json_object_get(alive_of(d->alive, id), "airings"));
		json_object_set_new(all, id, a);
	}
	return all;
}

static void
write_alive(struct daemon *d, struct now now, bool clean, bool durable)
{
	struct civil_text t;
	json_t *alive;
	char *text;

	if (d->up.state == NULL)
		return;
	alive = json_pack("{s:s, s:I, s:s, s:s, s:b, s:o, s:o}", "utc",
	    civil_utc_text(now.wall_us, &t), "boot_us", (json_int_t)now.boot_us,
	    "boot_id", d->books.boot_id, "clock", trust_word(now.trust),
	    "clean", clean, "stations", alive_stations(d, now), "refused",
	    alive_refused(d));
	/* The life that the next one accounts for is still the one before. */
	if (!d->settled && d->alive != NULL) {
		static const char *const keys[] = { "utc", "boot_us", "boot_id",
			"clock", "clean" };

		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			json_object_set(
			    alive, keys[i], json_object_get(d->alive, keys[i]));
	}
	text = json_dumps(alive, JSON_COMPACT);
	json_decref(alive);
	/* A sick disk is told by the ledger; this file only helps a guess. */
	if (text != NULL && durable)
		d->up.state->replace(
		    d->up.state, ORDERED, text, strlen(text), true);
	if (text != NULL)
		d->up.state->replace(
		    d->up.state, ALIVE, text, strlen(text), durable);
	free(text);
}

/* Who may ask ------------------------------------------------------------ */

static void
look_up_groups(struct daemon *d)
{
	d->rights.own = d->up.user;
	for (int r = 0; r < RIGHTS; r++) {
		const char *name = d->site->groups[r];

		d->rights.groups[r] = name == NULL || d->up.group == NULL
					  ? RIGHTS_NO_GROUP
					  : d->up.group(name);
	}
}

bool
daemon_has_groups(const struct daemon *d)
{
	for (int r = 0; r < RIGHTS; r++)
		if (d->rights.groups[r] != RIGHTS_NO_GROUP)
			return true;
	return false;
}

static int64_t
today(struct now now)
{
	int64_t day;
	int second;

	civil_from_us(now.wall_us, &day, &second);
	return day;
}

/* A day's refusals are one record, once the day is over: whoever knocks all
 * night does not fill the log. */
static void
record_refused(struct daemon *d, struct now now)
{
	struct civil_text date;
	char detail[80];

	if (d->refused == 0 || now.trust == TRUST_UNSURE ||
	    today(now) == d->refused_day)
		return;
	snprintf(detail, sizeof(detail), "%lld on %s", (long long)d->refused,
	    civil_date_text(d->refused_day, &date));
	if (books_op(&d->books, "", now, "door", "", "refused", detail) == 0)
		d->refused = 0;
}

static void
count_refused(struct daemon *d, struct now now)
{
	record_refused(d, now);
	if (d->refused == 0)
		d->refused_day = today(now);
	d->refused++;
}

static json_t *
denied(struct daemon *d, struct now now, const char *why)
{
	count_refused(d, now);
	return json_pack("{s:b, s:b, s:s}", "ok", 0, "denied", 1, "error", why);
}

json_t *
daemon_admit(struct daemon *d, struct now now, const struct rights_peer *who)
{
	if (rights_of_peer(&d->rights, who) != 0)
		return NULL;
	return denied(d, now, rights_refusal(RIGHT_READ));
}

/* What the one table calls a request. */
static const char *
request_name(const json_t *req)
{
	const char *cmd = record_text(req, "cmd");

	return strcmp(cmd, "record") != 0
		   ? cmd
		   : record_text(json_object_get(req, "record"), "kind");
}

/* Whom a request names as the one who orders it, or "": read where the record
 * has it, so that nobody is named in one place and looked up in another. */
static const char *
request_person(const json_t *req)
{
	const json_t *body = json_object_get(req, "record");

	if (strcmp(record_text(req, "cmd"), "record") != 0)
		return record_text(req, "by");
	if (strcmp(record_text(body, "kind"), kind_word(KIND_ITEM)) == 0)
		return record_text(body, "by");
	return record_text(body, "person");
}

/* The id of the station that a request names; "" when there is none. */
static const char *
station_id_of(const struct daemon *d, const json_t *req)
{
	const char *id = record_text(req, "station");

	for (size_t i = 0; i < d->n; i++)
		if (strcmp(id, station_id(d->stations[i])) == 0)
			return station_id(d->stations[i]);
	return d->n == 1 && id[0] == '\0' ? station_id(d->stations[0]) : "";
}

static bool
is_order(const json_t *req)
{
	const char *cmd = record_text(req, "cmd");

	return strcmp(cmd, "emergency") == 0 || strcmp(cmd, "play") == 0;
}

json_t *
daemon_ask(struct daemon *d, struct now now, const struct rights_peer *who,
    const json_t *req)
{
	const char *person = request_person(req);
	int needs = rights_needed(request_name(req));
	const char *why = NULL;
	json_t *answer;

	if (needs >= 0 && (rights_of_peer(&d->rights, who) & 1u << needs) == 0)
		return denied(d, now, rights_refusal((enum right)needs));
	if (needs == RIGHT_APPROVE && person[0] == '\0')
		why = N_("an approval or a withdrawal names its person");
	else if (needs >= 0 && person[0] != '\0' && d->up.person != NULL)
		why = d->up.person(
		    d->up.person_arg, person, (enum right)needs, now);
	/* P1: who asks for sound and may not is written down by itself. */
	if (why != NULL && is_order(req)) {
		books_op(&d->books, station_id_of(d, req), now,
		    request_name(req), person, "refused", why);
		books_flush(&d->books, now);
	}
	if (why != NULL)
		return denied(d, now, why);
	d->asking = who->uid;
	answer = daemon_request(d, now, req);
	d->asking = d->up.user;
	return answer;
}

/* Boot ------------------------------------------------------------------- */

static int
record_boot(struct daemon *d, struct now now)
{
	const char *alive_utc = record_text(d->alive, "utc");
	json_t *r = record_new(KIND_BOOT, "", now, d->books.boot_id);
	json_t *body;

	body = json_pack("{s:s, s:s, s:s, s:o, s:I, s:s}", "version",
	    LOAXA_VERSION, "zone", d->site->zone, "cause", d->outage.cause,
	    "alive_utc",
	    alive_utc[0] == '\0' ? json_null() : json_string(alive_utc),
	    "outage_ms",
	    (json_int_t)(outage_length_us(&d->outage, now) / US_PER_MS), "torn",
	    d->torn);
	if (r != NULL && body != NULL)
		json_object_update(r, body);
	d->boot = body;
	return books_add(&d->books, r);
}

/* P8: nothing in the log is changed for it; that it was found is a record, one
 * for each time that more is lost. */
static int
record_damage(struct daemon *d, struct now now, struct problems *ps)
{
	const struct ledger_damage *lost = ledger_damaged(d->books.ledger);
	json_t *body;
	json_t *r;

	if (lost->lost == 0)
		return 0;
	problem_add(ps, lost->file, (int)lost->line,
	    _("the airing log is damaged here: %lld of its lines are lost; the "
	      "station and the log go on behind them. Look at the disk, and "
	      "put the file back from a backup"),
	    (long long)lost->lost);
	if (lost->lost == registry_told_lost(d->books.registry))
		return 0;
	r = record_new(KIND_EPOCH, "", now, d->books.boot_id);
	body = json_pack("{s:s, s:s, s:I, s:I}", "reason", "damage", "file",
	    lost->file, "line", (json_int_t)lost->line, "lost",
	    (json_int_t)lost->lost);
	if (r != NULL && body != NULL)
		json_object_update(r, body);
	json_decref(body);
	return books_add(&d->books, r);
}

struct opening {
	struct daemon *d;
	struct now now;
	struct problems *ps;
	const char *person;
	const char *only; /* a station's id; "" all */
};

static bool
is_known(const struct daemon *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(station_id(d->stations[i]), id) == 0)
			return true;
	return false;
}

static bool
is_asked_for(const struct opening *o, const char *id)
{
	return o->only[0] == '\0' || strcmp(o->only, id) == 0;
}

static int
open_station(void *arg, const char *id)
{
	struct opening *o = arg;
	struct daemon *d = o->d;
	const struct site_output *out = site_output(d->site, id);
	struct station_setup setup = {
		.id = id,
		.schedules = d->schedules,
		.revisions = d->revisions,
		.site = d->site,
		.library = d->up.library,
		.books = &d->books,
		.assume_items = d->up.assume_items,
		.state = d->up.state,
	};
	char device[256] = "";
	int r;

	if (is_known(d, id) || !is_asked_for(o, id) ||
	    (d->up.station != NULL && strcmp(d->up.station, id) != 0))
		return 0;
	if (d->n == STATIONS_MAX) {
		problem_add(o->ps, id, 0,
		    _("more than %d stations; move some to another computer"),
		    STATIONS_MAX);
		return 0;
	}
	if (out != NULL)
		snprintf(device, sizeof(device), "%s:%s", out->driver,
		    out->file[0] != '\0' ? out->file : out->device);
	text_trim(device);
	setup.device = device;
	if (d->up.errand != NULL)
		setup.errand = d->up.errand(d->up.errand_arg, id);
	r = d->up.deck(d->up.deck_arg, id, out, &d->decks[d->n]);
	if (r < 0)
		return r;
	setup.deck = d->decks[d->n];
	r = station_open(&setup, &d->stations[d->n]);
	if (r < 0) {
		d->decks[d->n] = deck_close(d->decks[d->n]);
		return r;
	}
	station_recall(d->stations[d->n], alive_of(d->orders, id));
	station_load(d->stations[d->n++], o->now, o->person, o->ps);
	return 0;
}

/* A folder of schedules that is not there has none: that is told as such, and
 * a reload finds what is put there. */
static int
open_stations(struct opening *o)
{
	const char *folder = o->d->schedules;

	return access(folder, F_OK) < 0 && errno == ENOENT
		   ? 0
		   : schedule_stations(folder, open_station, o);
}

/* What the log knows of the clock, before anything is written. */
static enum trust
recall_trust(struct daemon *d, struct now now)
{
	const struct registry *g = d->books.registry;
	struct trust_state *t = d->up.trust;
	struct clock_word before;
	int64_t wall_us;

	if (t == NULL)
		return now.trust;
	before = registry_clock(g, d->books.boot_id);
	/* Slewed since that record, the state file's pair is nearer; unless
	 * it is of a clock that was not believed any more: the record of a
	 * step may have waited for a sick disk. */
	if (strcmp(record_text(d->alive, "boot_id"), d->books.boot_id) == 0 &&
	    strcmp(record_text(d->alive, "clock"), "unsure") != 0 &&
	    civil_read_utc(record_text(d->alive, "utc"), &wall_us) == 0)
		before.offset_us = wall_us - record_int(d->alive, "boot_us", 0);
	trust_recall(t, registry_marks(g), &before);
	return trust_look(t, now, d->up.synced, NULL);
}

/* A record is safe. */
static void
on_durable(void *arg, const char *line, size_t n)
{
	struct daemon *d = arg;

	if (d->up.hook != NULL)
		hook_offer(d->up.hook, line, n);
	sealer_tell(d->up.sealer, line, n);
}

static int
open_books(struct daemon *d, struct now *now, struct problems *ps)
{
	int r;

	d->books.registry = registry_new();
	if (d->books.registry == NULL)
		return -ENOMEM;
	r = ledger_open(d->up.log, d->torn, &d->books.ledger);
	if (r == 0)
		r = registry_read(d->books.registry, d->up.log);
	d->alive = read_state(d->up.state, ALIVE);
	d->orders = read_orders(d->up.state, d->alive);
	recall_refused(d);
	if (r < 0)
		return r;
	d->outage = outage_of(d->alive, d->books.registry, d->books.boot_id,
	    clock_latest(registry_marks(d->books.registry)));
	d->trust = now->trust = recall_trust(d, *now);
	if (d->up.hook != NULL)
		hook_set(d->up.hook, &d->site->on_event);
	if (d->up.hook != NULL || d->up.sealer != NULL)
		ledger_listen(d->books.ledger, on_durable, d);
	r = record_boot(d, *now);
	return r < 0 ? r : record_damage(d, *now, ps);
}

/* How the last reading of the site's file went. */
static void
note_site(struct daemon *d, bool valid, const char *problem)
{
	d->site_valid = valid;
	snprintf(d->site_problem, sizeof(d->site_problem), "%s",
	    problem == NULL ? "" : problem);
	text_trim(d->site_problem);
}

int
daemon_open(const struct daemon_setup *setup, struct site *site, struct now now,
    struct problems *ps, struct daemon **ret_daemon)
{
	struct daemon *d = calloc(1, sizeof(*d));
	struct opening o;
	int r = -ENOMEM;

	if (d == NULL) {
		site_free(site);
		return -ENOMEM;
	}
	d->up = *setup;
	d->site = site;
	snprintf(
	    d->books.boot_id, sizeof(d->books.boot_id), "%s", setup->boot_id);
	d->opened_boot_us = now.boot_us;
	d->schedules = strdup(setup->schedules);
	d->site_path =
	    setup->site_path == NULL ? NULL : strdup(setup->site_path);
	d->revisions =
	    setup->revisions == NULL ? NULL : strdup(setup->revisions);
	snprintf(d->books.salt, sizeof(d->books.salt), "%s",
	    setup->salt == NULL ? "" : setup->salt);
	d->asking = setup->user;
	look_up_groups(d);
	/* Before the first record: there may be no room for it. */
	ballast_init(&d->ballast, d->up.state, (int64_t)site->ballast_mb << 20);
	d->books.ballast = &d->ballast;
	note_site(d, setup->site_problem == NULL, setup->site_problem);
	d->health = health_new();
	if (d->schedules != NULL && d->health != NULL)
		r = open_books(d, &now, ps);
	o = (struct opening){ d, now, ps, "", "" };
	if (r == 0)
		r = open_stations(&o);
	if (r < 0) {
		daemon_kill(d);
		return r;
	}
	books_flush(&d->books, now);
	*ret_daemon = d;
	return 0;
}

struct daemon *
daemon_kill(struct daemon *d)
{
	if (d == NULL)
		return NULL;
	if (d->up.hook != NULL)
		hook_set(d->up.hook, NULL);
	for (size_t i = 0; i < d->n; i++) {
		station_free(d->stations[i]);
		deck_close(d->decks[i]);
	}
	ledger_close(d->books.ledger);
	registry_free(d->books.registry);
	json_decref(d->alive);
	json_decref(d->orders);
	json_decref(d->boot);
	health_free(d->health);
	site_free(d->site);
	free(d->site_path);
	free(d->schedules);
	free(d->revisions);
	free(d);
	return NULL;
}

struct daemon *
daemon_close(struct daemon *d, struct now now)
{
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < d->n; i++)
		station_shut(d->stations[i], now);
	d->books.retry_boot_us = 0;
	books_flush(&d->books, now);
	d->settled =
	    d->settled || (d->begun && ledger_waiting(d->books.ledger) == 0);
	write_alive(d, now, true, true);
	return daemon_kill(d);
}

/* The turn --------------------------------------------------------------- */

static void
record_clock(struct daemon *d, struct now now, int64_t step_us)
{
	clockdesk_record(&d->books, now, step_us, d->trust, NULL, 0);
	d->trust = now.trust;
}

void
daemon_stepped(struct daemon *d, struct now now, int64_t step_us)
{
	record_clock(d, now, step_us);
	for (size_t i = 0; i < d->n; i++)
		station_stepped(d->stations[i], now, step_us);
}

static bool
on_air(const struct daemon *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (station_on_air(d->stations[i]))
			return true;
	return false;
}

static void
begin(struct daemon *d, struct now now)
{
	int64_t here_us = now_wall_at(now, d->opened_boot_us);

	outage_record(&d->outage, &d->books, now, here_us);
	for (size_t i = 0; i < d->n; i++)
		station_begin(d->stations[i], now,
		    outage_missed(d->outage.cause), here_us,
		    alive_of(d->alive, station_id(d->stations[i])));
	d->begun = true;
}

/* The state file, and when it is due again. */
static int64_t
alive_turn(struct daemon *d, struct now now)
{
	int64_t every = on_air(d) ? DAEMON_AIR_US : DAEMON_IDLE_US;

	bool kept = d->begun || on_air(d);
	bool first = !d->settled;

	/* Until the log has what became of the earlier life's airings, only
	 * the file knows how far they came. Once it has, the file is to stay:
	 * it may still say that all was stopped in order. */
	d->settled =
	    d->settled || (d->begun && ledger_waiting(d->books.ledger) == 0);
	first = first && d->settled;
	if (kept && (first || now.boot_us >= d->next_alive_us ||
			d->next_alive_us > now.boot_us + every)) {
		write_alive(d, now, false, first);
		d->next_alive_us = now.boot_us + every;
		ballast_look(&d->ballast);
	}
	return kept ? d->next_alive_us : NEVER;
}

/* How it is --------------------------------------------------------------- */

static json_t *
utc_or_null(int64_t us)
{
	struct civil_text t;

	return us == 0 ? json_null() : json_string(civil_utc_text(us, &t));
}

/* The disk, for status and metrics. */
static json_t *
disk_json(const struct daemon *d)
{
	const struct books *b = &d->books;
	const struct ledger_damage *lost = ledger_damaged(b->ledger);
	struct civil_text t;

	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:s, s:I}", "fault",
	    books_fault(b), "since_utc",
	    b->error == 0 ? json_null()
			  : json_string(civil_utc_text(b->since_us, &t)),
	    "ballast", ballast_word(d->ballast.state), "room_bytes",
	    (json_int_t)d->ballast.room, "lost", (json_int_t)lost->lost,
	    "lost_file", lost->file, "lost_line", (json_int_t)lost->line);
}

/* What an upper level cosigned last; null where nobody is named for it. */
static json_t *
status_anchor(const struct daemon *d)
{
	const struct registry_anchor *a = registry_anchored(d->books.registry);

	if (d->site->n_cosigners == 0 && a->at_us == 0)
		return json_null();
	return json_pack("{s:s, s:o, s:I}", "cosigner", a->cosigner,
	    "cosigned_utc", utc_or_null(a->at_us), "size", (json_int_t)a->size);
}

static json_t *
status_log(const struct daemon *d)
{
	int e = -d->books.error;

	return json_pack("{s:I, s:I, s:s, s:s, s:o, s:I}", "leaves",
	    (json_int_t)ledger_leaves(d->books.ledger), "waiting",
	    (json_int_t)ledger_waiting(d->books.ledger), "error",
	    e == 0 ? "" : strerror(e), "code", e == 0 ? "" : strerrorname_np(e),
	    "synced_utc", utc_or_null(d->books.synced_us), "late",
	    (json_int_t)d->books.late);
}

/* Are there any allowed hours at all? */
static bool
may_ever_sound(const struct daemon *d)
{
	const struct profile *rules = &d->site->rules;

	return rules->n_hours > 0 || rules->n_exceptions > 0;
}

/* Everything that is known of the stations, judged. */
static json_t *
status_of(struct daemon *d, struct now now)
{
	struct civil_text t;
	json_t *stations = json_array();
	json_t *all;
	int64_t started_us = now_wall_at(now, d->opened_boot_us);
	int e = -d->metrics_error;

	for (size_t i = 0; i < d->n; i++) {
		station_look_ahead(d->stations[i], now);
		json_array_append_new(
		    stations, station_status(d->stations[i], now));
	}
	all = json_pack("{s:b, s:s, s:s, s:s, s:s, s:b, s:o, s:O?, s:o, "
			"s:{s:b, s:b, s:s}, s:{s:s}, s:o, s:o, s:o, s:o, s:o}",
	    "ok", 1, "version", LOAXA_VERSION, "utc",
	    civil_utc_text(now.wall_us, &t), "zone", d->site->zone, "clock",
	    trust_word(now.trust), "hold", now.trust == TRUST_UNSURE,
	    "started_utc", utc_or_null(started_us), "boot", d->boot, "log",
	    status_log(d), "site", "valid", d->site_valid, "hours",
	    may_ever_sound(d), "problem", d->site_problem, "metrics", "error",
	    e == 0 ? "" : strerror(e), "disk", disk_json(d), "hook",
	    hook_status(d->up.hook), "seal", sealer_status(d->up.sealer),
	    "anchor", status_anchor(d), "stations", stations);
	if (health_judge(d->health, now, all))
		d->changed = true;
	return all;
}

static json_t *
answer_status(struct daemon *d, struct now now, const json_t *req)
{
	(void)req;
	return status_of(d, now);
}

static void
write_metrics(struct daemon *d, struct now now, const json_t *status)
{
	size_t n;
	char *text = metrics_text(status, &n);

	d->metrics_error = text == NULL ? -ENOMEM
					: d->up.metrics(d->up.metrics_arg,
					      d->site->metrics, text, n);
	d->wrote_boot_us = now.boot_us;
	d->changed = false;
	free(text);
}

/* The metrics, at once when the health has changed; when to look again. */
static int64_t
metrics_turn(struct daemon *d, struct now now)
{
	int64_t due = d->wrote_boot_us + DAEMON_IDLE_US;
	int64_t soonest = d->wrote_boot_us + METRICS_US;
	json_t *status;

	if (d->up.metrics == NULL)
		return NEVER;
	if (now.boot_us < d->judge_boot_us)
		return d->judge_boot_us;
	d->judge_boot_us = now.boot_us + HEALTH_US;
	status = status_of(d, now);
	if (d->wrote_boot_us == 0 || now.boot_us >= due ||
	    (d->changed && now.boot_us >= soonest)) {
		write_metrics(d, now, status);
		due = now.boot_us + DAEMON_IDLE_US;
	}
	json_decref(status);
	return d->changed ? soonest : due;
}

/* The log does not go on from what was signed of it: its tree begins anew, with
 * this record. */
static void
sealer_turn(struct daemon *d, struct now now)
{
	json_t *body = sealer_look(d->up.sealer);
	json_t *r;

	if (body == NULL)
		return;
	r = record_new(KIND_EPOCH, "", now, d->books.boot_id);
	if (r != NULL)
		json_object_update_missing(r, body);
	json_decref(body);
	books_add(&d->books, r);
}

int64_t
daemon_turn(struct daemon *d, struct now now)
{
	int64_t wake =
	    d->up.state == NULL ? NEVER : now.boot_us + DAEMON_IDLE_US;

	if (now.trust != d->trust)
		record_clock(d, now, 0);
	if (!d->begun && now.trust != TRUST_UNSURE)
		begin(d, now);
	for (size_t i = 0; i < d->n; i++)
		wake = earlier(wake, station_turn(d->stations[i], now));
	record_refused(d, now);
	sealer_turn(d, now);
	books_flush(&d->books, now);
	wake = earlier(wake, alive_turn(d, now));
	wake = earlier(wake, metrics_turn(d, now));
	if (d->up.hook != NULL)
		wake = earlier(wake, hook_turn(d->up.hook, now));
	return earlier(wake, books_wake(&d->books));
}

bool
daemon_moves(const struct daemon *d, struct now now)
{
	for (size_t i = 0; i < d->n; i++)
		if (!deck_moves(d->decks[i], now))
			return false;
	return true;
}

const char *
daemon_line(
    const struct daemon *d, struct now now, char buf[static DAEMON_LINE])
{
	const char *silent = NULL;

	if (!may_ever_sound(d))
		silent = _("no hours are allowed: write hours in loaxa.conf");
	else if (d->n == 0)
		silent = _("no station has a timetable in schedules");
	else if (now.trust == TRUST_UNSURE)
		silent = _("the clock is not trusted");
	if (silent != NULL)
		snprintf(buf, DAEMON_LINE, _("nothing sounds: %s"), silent);
	else if (d->books.error != 0)
		snprintf(buf, DAEMON_LINE,
		    _("sounding goes on, but the airing log cannot be "
		      "written: %s"),
		    strerror(-d->books.error));
	else
		snprintf(buf, DAEMON_LINE, _("stations running: %zu"), d->n);
	return buf;
}

/* Requests --------------------------------------------------------------- */

static json_t *
refusal(const char *error)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

static json_t *
done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

const char *
daemon_disk_fault(const struct daemon *d)
{
	return books_fault(&d->books);
}

static json_t *
answer_clock(struct daemon *d, struct now now, const json_t *req)
{
	(void)req;
	return clockdesk_tell(d->up.trust, now, d->site->zone);
}

static json_t *
answer_confirm(struct daemon *d, struct now now, const json_t *req)
{
	json_t *answer =
	    clockdesk_confirm(d->up.trust, &d->books, now, req, &now);

	d->trust = now.trust;
	return answer;
}

static json_t *
problems_json(const struct problems *ps)
{
	json_t *list = json_array();
	char line[2048];

	for (size_t i = 0; i < ps->n; i++)
		json_array_append_new(
		    list, json_string(
			      problem_text(&ps->list[i], line, sizeof(line))));
	return list;
}

/* The administrator's file anew, all or nothing. */
static void
reload_site(struct daemon *d, struct now now, struct problems *ps)
{
	struct site *fresh;
	char text[512];

	if (d->site_path == NULL)
		return;
	if (site_read(d->site_path, ps, &fresh) < 0) {
		note_site(d, d->site_valid,
		    ps->n == 0
			? strerror(ENOMEM)
			: problem_text(&ps->list[0], text, sizeof(text)));
		return;
	}
	note_site(d, true, NULL);
	for (size_t i = 0; i < d->n; i++)
		station_set_site(d->stations[i], now, fresh);
	if (d->up.hook != NULL)
		hook_set(d->up.hook, &fresh->on_event);
	site_free(d->site);
	d->site = fresh;
	look_up_groups(d);
	ballast_resize(&d->ballast, (int64_t)fresh->ballast_mb << 20);
}

static struct station *
station_called(struct daemon *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(id, station_id(d->stations[i])) == 0)
			return d->stations[i];
	return NULL;
}

static const char *
load_refusal(int r)
{
	switch (r) {
	case -ESTALE:
		return N_("the week's programme has changed in the meantime; "
			  "look at it, and load again");
	case -EINVAL:
		return N_("not accepted; what was in force stays in force");
	default:
		return N_("the disk did not take the programme; what was in "
			  "force stays in force");
	}
}

/* A week's programme from a sheet: we are the one who installs schedules. */
static json_t *
answer_load(struct daemon *d, struct now now, const json_t *req)
{
	struct station *st = station_called(d, record_text(req, "station"));
	const json_t *text = json_object_get(req, "text");
	struct station_week week = {
		.text = record_text(req, "text"),
		.n = json_string_length(text),
		.base = record_text(req, "base"),
	};
	struct problems ps = { 0 };
	json_t *answer;
	int year, number;
	int r;

	if (st == NULL)
		return refusal(N_("there is no such station"));
	/* Log lines come before whatever a person can do again. */
	if (d->ballast.state == BALLAST_GIVEN)
		return refusal(N_("the disk is full, and what is left of it is "
				  "for the airing log: make room, then load "
				  "again"));
	if (civil_read_week(record_text(req, "week"), &year, &number) < 0 ||
	    civil_week_monday(year, number, &week.monday) < 0)
		return refusal(N_("the week is no week of the calendar"));
	/* The record of it names a person, and must fit a line. */
	if (!text_is_id(record_text(req, "by")))
		return refusal(N_("who loads is named by a person's id"));
	if (!json_is_string(text) || week.n > WEEKFILE_MAX)
		return refusal(N_("the programme is no text, or too long"));
	r = station_install(st, now, record_text(req, "by"), &week, &ps);
	answer = r == 0 ? done() : refusal(load_refusal(r));
	json_object_set_new(answer, "stale", json_boolean(r == -ESTALE));
	if (ps.n > 0)
		json_object_set_new(answer, "problems", problems_json(&ps));
	problems_free(&ps);
	d->books.retry_boot_us = 0;
	books_flush(&d->books, now);
	return answer;
}

static struct station *
named(struct daemon *d, const json_t *req, size_t i)
{
	const char *name = record_text(req, "station");

	if (name[0] == '\0' || strcmp(name, station_id(d->stations[i])) == 0)
		return d->stations[i];
	return NULL;
}

/* The stations that are known, or the one that is asked for; how many took
 * what is on the disk. */
static size_t
load_known(struct daemon *d, struct opening *o, const json_t *req)
{
	size_t taken = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct station *st = named(d, req, i);

		if (st != NULL)
			taken +=
			    station_load(st, o->now, o->person, o->ps) >= 0;
	}
	return taken;
}

/* One station's schedule has nothing to do with another's: each is taken or
 * refused by itself. The site's file is everybody's. */
static json_t *
answer_reload(struct daemon *d, struct now now, const json_t *req)
{
	struct problems ps = { 0 };
	struct opening o = { .d = d,
		.now = now,
		.ps = &ps,
		.person = record_text(req, "by"),
		.only = record_text(req, "station") };
	const char *why = N_("not accepted; what was in force stays in force");
	json_t *answer;
	size_t known = d->n;
	size_t taken = 0;

	if (o.only[0] == '\0')
		reload_site(d, now, &ps);
	if (problems_count(&ps) == 0) {
		taken = load_known(d, &o, req);
		schedule_stations(d->schedules, open_station, &o);
	}
	for (size_t i = known; d->begun && i < d->n; i++)
		station_begin(d->stations[i], now, "", now.wall_us, NULL);
	taken += d->n - known;
	if (taken > 0)
		why = N_("not accepted for every station; what has problems "
			 "stays as it was in force, the rest is in use");
	else if (problems_count(&ps) == 0)
		why = N_("there is no such station");
	answer = problems_count(&ps) == 0 && (taken > 0 || o.only[0] == '\0')
		     ? done()
		     : refusal(why);
	if (ps.n > 0)
		json_object_set_new(answer, "problems", problems_json(&ps));
	problems_free(&ps);
	return answer;
}

static json_t *
answer_order(struct daemon *d, struct now now, const json_t *req)
{
	const char *cmd = record_text(req, "cmd");
	const char *person = record_text(req, "by");
	const char *until = record_text(req, "until_utc");
	const char *item = record_text(req, "item");
	const char *why = N_("there is no such station");
	int64_t until_us = NEVER;
	size_t n = 0;
	bool stopped = false;

	if (until[0] != '\0' && civil_read_utc(until, &until_us) < 0)
		return refusal(N_("the time to stop until is not a time"));
	if (until_us <= now.wall_us)
		return refusal(N_("the time to stop until has passed"));
	/* What is on at one station is nothing to skip at another. */
	if (strcmp(cmd, "skip") == 0 && d->n > 1 &&
	    record_text(req, "station")[0] == '\0')
		return refusal(N_("there are several stations; name the one to "
				  "skip at with --station"));
	for (size_t i = 0; i < d->n; i++) {
		struct station *st = named(d, req, i);
		int r;

		if (st == NULL)
			continue;
		stopped = stopped || station_stopped(st);
		if (strcmp(cmd, "stop") == 0)
			r = station_stop(st, now, until_us, person);
		else if (strcmp(cmd, "resume") == 0)
			r = station_resume(st, now, person);
		else if (item[0] != '\0')
			r = station_skip_item(st, now, person, item, &why);
		else
			r = station_skip(st, now, person, &why);
		n += r == 0;
	}
	if (n == 0)
		return refusal(why);
	/* What a person was told outlives a power cut. */
	write_alive(d, now, false, true);
	/* A stop that has ended by itself needs no resume: the person is told
	 * that the order changed nothing. */
	return json_pack("{s:b, s:b}", "ok", 1, "stopped", stopped);
}

/* The station that a request is about: named, or the only one. */
static struct station *
station_of(struct daemon *d, const json_t *req)
{
	const char *id = record_text(req, "station");

	if (id[0] == '\0' && d->n == 1)
		return d->stations[0];
	return station_called(d, id);
}

static const char *
no_station(const json_t *req)
{
	return record_text(req, "station")[0] != '\0'
		   ? N_("there is no such station")
		   : N_("there are several stations; name the one to sound at "
			"with --station");
}

/* The records of an order count before its answer is given. */
static json_t *
flushed(struct daemon *d, struct now now, json_t *answer)
{
	d->books.retry_boot_us = 0;
	books_flush(&d->books, now);
	return answer;
}

static json_t *
answer_play(struct daemon *d, struct now now, const json_t *req)
{
	struct station *st = station_of(d, req);

	if (st == NULL)
		return refusal(no_station(req));
	return flushed(d, now, station_play(st, now, req));
}

/* A code is for the account that was given it: it may be read over a shoulder,
 * and two people in a hurry may each hold one. Root and the daemon's own user
 * may do everything anyway. */
static bool
may_release(const struct daemon *d, uid_t preparer)
{
	return d->asking == preparer || d->asking == 0 ||
	       d->asking == d->up.user;
}

static json_t *
another_account(struct daemon *d, struct now now)
{
	books_op(&d->books, "", now, "emergency", "", "refused", "account");
	return refusal(N_("this code was given to another account, which may "
			  "release it; or prepare the emergency anew"));
}

/* One in a million is right: whoever tries them ends what they were tried on.
 * With nothing to guess there is nothing to write down each time. */
static json_t *
wrong_code(struct daemon *d, struct now now)
{
	bool ready = false;

	for (size_t i = 0; i < d->n; i++)
		ready = ready || station_is_ready(d->stations[i]);
	if (!ready) {
		d->guesses = 0;
		count_refused(d, now);
		return refusal(N_("nothing is prepared under this code; it is "
				  "good for two minutes and for once"));
	}
	books_op(&d->books, "", now, "emergency", "", "refused", "code");
	if (++d->guesses < GUESSES_MAX)
		return refusal(N_("nothing is prepared under this code; it is "
				  "good for two minutes and for once"));
	d->guesses = 0;
	for (size_t i = 0; i < d->n; i++)
		station_void_prepared(d->stations[i], now);
	return refusal(N_("that was the fifth wrong code: whatever was "
			  "prepared is void; prepare the emergency anew"));
}

/* The second step names the code alone; the person is who prepared it, and
 * still has to be one who may. */
static json_t *
release_emergency(struct daemon *d, struct now now, const char *code)
{
	json_t *answer = NULL;

	for (size_t i = 0; i < d->n && answer == NULL; i++) {
		uid_t preparer = 0;
		const char *by =
		    station_prepared_by(d->stations[i], code, &preparer);
		const char *why = NULL;

		if (by != NULL && !may_release(d, preparer))
			return another_account(d, now);
		if (by != NULL && d->up.person != NULL)
			why = d->up.person(
			    d->up.person_arg, by, RIGHT_OPERATE, now);
		answer = station_release(d->stations[i], now, code, why);
	}
	return answer;
}

static json_t *
answer_emergency(struct daemon *d, struct now now, const json_t *req)
{
	const char *code = record_text(req, "code");
	struct station *st;
	json_t *answer;

	if (code[0] == '\0') {
		st = station_of(d, req);
		return st == NULL
			   ? refusal(no_station(req))
			   : flushed(d, now,
				 station_prepare(st, now, req, d->asking));
	}
	answer = release_emergency(d, now, code);
	if (json_is_true(json_object_get(answer, "ok")))
		d->guesses = 0;
	return flushed(d, now, answer != NULL ? answer : wrong_code(d, now));
}

static int
kind_of(const char *word)
{
	static const enum kind kinds[] = { KIND_ITEM, KIND_APPROVE,
		KIND_WITHDRAW, KIND_OP };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kind_word(kinds[i])) == 0 &&
		    rights_needed(word) >= 0)
			return (int)kinds[i];
	return -1;
}

/* Texts, numbers and lists of them: the log is read again by its keys, wherever
 * they stand in a line, and a "by" in some part would hide the record's own. */
static bool
is_flat(const json_t *body)
{
	const char *key;
	json_t *value;
	const json_t *one;
	size_t i;

	json_object_foreach((json_t *)body, key, value)
	{
		if (json_is_object(value))
			return false;
		json_array_foreach(value, i, one)
		{
			if (json_is_object(one) || json_is_array(one))
				return false;
		}
	}
	return true;
}

/* P1: what is released is written by whoever releases it. */
static bool
names_an_order(const json_t *body)
{
	const char *op = record_text(body, "op");

	return strcmp(op, "emergency") == 0 || strcmp(op, "play") == 0;
}

/* P5: a word on an item names one item, and bytes by their whole hash. */
static bool
names_an_item(enum kind kind, const json_t *body)
{
	if (kind != KIND_APPROVE && kind != KIND_WITHDRAW)
		return true;
	return text_is_id(record_text(body, "item")) &&
	       (kind == KIND_WITHDRAW ||
		   hash_is_hex(record_text(body, "sha256")));
}

/* A record that a command asks us to write: we are the log's one writer. */
static json_t *
answer_record(struct daemon *d, struct now now, const json_t *req)
{
	const json_t *body = json_object_get(req, "record");
	int kind = kind_of(record_text(body, "kind"));
	int64_t seq = ledger_next_seq(d->books.ledger);
	json_t *r;
	json_t *value;
	const char *key;
	int e;

	if (kind < 0)
		return refusal(
		    N_("this kind of record is not written on request"));
	if (!is_flat(body) || names_an_order(body))
		return refusal(
		    N_("this kind of record is not written on request"));
	if (!names_an_item((enum kind)kind, body))
		return refusal(N_("an approval names an item and its hash, a "
				  "withdrawal an item"));
	r = record_new((enum kind)kind, record_text(req, "station"), now,
	    d->books.boot_id);
	json_object_foreach(
	    (json_t *)body, key, value) if (json_object_get(r, key) == NULL)
	    json_object_set(r, key, value);
	e = books_add(&d->books, r);
	if (e == -EMSGSIZE)
		return refusal(N_("the record is too long for the log"));
	for (size_t i = 0; kind == KIND_WITHDRAW && i < d->n; i++)
		station_withdraw(
		    d->stations[i], now, record_text(body, "item"));
	for (size_t i = 0; i < d->n; i++)
		station_look_anew(d->stations[i]);
	if (e == 0) {
		d->books.retry_boot_us = 0;
		e = books_flush(&d->books, now);
	}
	if (e < 0)
		return refusal(N_("the log could not be written; the record "
				  "waits in memory"));
	return json_pack("{s:b, s:I}", "ok", 1, "seq", (json_int_t)seq);
}

/* Is the log of that origin of the key that signs ours? *ret_ahead: the upper
 * level has more of this very tree than we have signed. */
static bool
is_own(const struct daemon *d, const struct checkpoint *c, bool *ret_ahead)
{
	json_t *seal = sealer_status(d->up.sealer);
	const char *own = record_text(seal, "origin");
	const char *slash = strrchr(own, '/');
	bool is = slash != NULL &&
		  strncmp(own, c->origin, (size_t)(slash - own) + 1) == 0;

	*ret_ahead = is && strcmp(own, c->origin) == 0 &&
		     c->size > record_int(seal, "size", 0);
	json_decref(seal);
	return is;
}

static const char *
anchor_refusal(
    const struct daemon *d, int r, const struct cosigned *is, bool *ret_ahead)
{
	if (d->site->n_cosigners == 0)
		return N_("no upper level is named here: write the key that "
			  "`loaxa collect --key` prints there into cosigners "
			  "of loaxa.conf, then `loaxa reload`");
	if (r == -ENOKEY)
		return N_("it is not cosigned by an upper level that "
			  "loaxa.conf names in cosigners");
	if (r < 0)
		return N_("it is no cosigned checkpoint, or it was changed");
	if (!is_own(d, &is->c, ret_ahead))
		return N_("it is another station's, or this station has not "
			  "signed its log yet");
	return NULL;
}

/* A cosignature that was brought back: a record of it, and the tree is held
 * against what the upper level has. */
static json_t *
answer_anchor(struct daemon *d, struct now now, const json_t *req)
{
	const char *note = record_text(req, "note");
	struct cosigned is = { 0 };
	struct civil_text at;
	bool known;
	int r = cosigned_read(
	    note, strlen(note), d->site->cosigners, d->site->n_cosigners, &is);
	bool ahead = false;
	const char *why = anchor_refusal(d, r, &is, &ahead);
	const struct registry_anchor *last;
	json_t *record;
	json_t *body;

	if (why != NULL)
		return refusal(why);
	sealer_witness(d->up.sealer, note, strlen(note));
	/* One of them would hide all that come until then. */
	if (cosigned_is_future(&is, now))
		return refusal(N_("it was cosigned at a time that has not come "
				  "yet: the upper level's clock was wrong; ask "
				  "there to set it and to cosign once more"));
	last = registry_anchored_by(d->books.registry, is.by);
	known = !registry_anchor_adds(last, is.c.size, is.at_us);
	if (!known) {
		record = record_new(KIND_ANCHOR, "", now, d->books.boot_id);
		body = cosigned_body(&is, note);
		if (record != NULL && body != NULL)
			json_object_update_missing(record, body);
		json_decref(body);
		r = books_add(&d->books, record);
		if (r == 0)
			r = books_flush(&d->books, now);
	}
	if (r < 0)
		return refusal(N_("the log could not be written; the record "
				  "waits in memory"));
	return json_pack("{s:b, s:b, s:b, s:s, s:s, s:I}", "ok", 1, "known",
	    known, "ahead", ahead, "cosigner", is.by, "cosigned_utc",
	    civil_utc_text(is.at_us, &at), "size", (json_int_t)is.c.size);
}

/* A stop "until 9" must not become one for ever, nor a station 7 all. */
static bool
is_worded(const json_t *req)
{
	static const char *const keys[] = { "cmd", "station", "by", "until_utc",
		"item", "order", "reason", "code", "note" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *value = json_object_get(req, keys[i]);

		if (value != NULL && !json_is_string(value))
			return false;
	}
	return true;
}

json_t *
daemon_request(struct daemon *d, struct now now, const json_t *req)
{
	static const struct {
		const char *cmd;
		json_t *(*answer)(
		    struct daemon *d, struct now now, const json_t *req);
	} table[] = {
		{ "status", answer_status },
		{ "clock", answer_clock },
		{ "confirm", answer_confirm },
		{ "reload", answer_reload },
		{ "load", answer_load },
		{ "stop", answer_order },
		{ "resume", answer_order },
		{ "skip", answer_order },
		{ "play", answer_play },
		{ "emergency", answer_emergency },
		{ "record", answer_record },
		{ "anchor", answer_anchor },
	};
	const char *cmd = record_text(req, "cmd");

	if (!is_worded(req))
		return refusal(N_("cmd, station, by and until_utc are texts"));
	/* What has no row in base/rights.c is no request. */
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(cmd, table[i].cmd) == 0 &&
		    rights_needed(request_name(req)) >= 0)
			return table[i].answer(d, now, req);
	return refusal(N_("unknown command"));
}

int
daemon_fd(struct daemon *d, size_t i)
{
	if (i >= d->n)
		return -ENOENT;
	return d->decks[i]->fd(d->decks[i]);
}

const char *
daemon_torn(const struct daemon *d)
{
	return d->torn;
}

int64_t
daemon_leaves(const struct daemon *d)
{
	return ledger_leaves(d->books.ledger);
}
