/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/muster_text.h"
#include "ctl/musterbook.h"
#include "ctl/musterdata.h"
#include "ctl/musterprose.h"
#include "ctl/musterview.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/unitsfile.h"
#include "ctl/upper.h"
#include "evidence/heard.h"
#include "evidence/record.h"
#include "evidence/segments.h"
#include "evidence/store.h"

#define PATIENCE_US US_PER_S /* then it says how far it is */

struct reading {
	const struct upper *u;
	struct muster *muster;
	json_t *counted; /* {key: [rows, last_us]} of the store */
	json_t *replaced; /* a set: old keys */
	json_t *ended; /* a set: {"key about day"} that those told to the end */
	enum { ENDED, TODAY, OTHERS } turn; /* which days are taken now */
	size_t keys; /* whose days have come */
	char key[SIGNER_HEX];
	int64_t begun_us;
	int64_t shown_us;
	bool lacking; /* something is not in it */
};

/* How far ------------------------------------------------------------------ */

static void
show_progress(struct reading *g, const char *key)
{
	int64_t now_us;

	if (strcmp(g->key, key) == 0)
		return;
	snprintf(g->key, sizeof(g->key), "%s", key);
	g->keys++;
	now_us = clock_read().boot_us;
	if (!isatty(STDERR_FILENO) || now_us - g->begun_us < PATIENCE_US ||
	    now_us - g->shown_us < PATIENCE_US / 4)
		return;
	g->shown_us = now_us;
	fprintf(stderr, "\r\033[K");
	fprintf(stderr, _("stations: %zu of %zu"), g->keys,
	    json_object_size(g->counted));
}

static void
end_progress(const struct reading *g)
{
	if (g->shown_us != 0)
		fprintf(stderr, "\r\033[K");
}

/* Reading ------------------------------------------------------------------ */

static int
on_station(void *arg, const struct store_station *st)
{
	struct reading *g = arg;

	return json_object_set_new(g->counted, st->key,
		   json_pack("[I, I]", (json_int_t)st->leaves,
		       (json_int_t)st->last_us)) < 0
		   ? -ENOMEM
		   : 0;
}

/* The ids that its records name, one space between. */
static void
ids_of(const struct roster_station *s, char *buf, size_t size)
{
	const json_t *id;
	size_t n = 0;
	size_t i;

	buf[0] = '\0';
	json_array_foreach(s->ids, i, id)
	{
		n += (size_t)snprintf(buf + n, size - n, "%s%s",
		    n == 0 ? "" : " ", json_string_value(id));
	}
}

static int
on_heard(void *arg, const struct heard *h)
{
	struct reading *g = arg;
	const json_t *counted = json_object_get(g->counted, h->station->hex);
	char about[ROSTER_IDS * (ID_MAX + 1) + 1];
	char root[CHECKPOINT_HASH] = "";
	struct muster_log l = { .key = h->station->hex,
		.name = h->station->name,
		.about = about,
		.origin = h->trees > 0 ? h->last.origin : "",
		.root = root,
		.size = h->last.size,
		.leaves = h->leaves,
		.rows = json_integer_value(json_array_get(counted, 0)),
		.trees = h->trees,
		.forks = h->forks,
		.replaced = h->station->replaced_by[0] != '\0',
		.given_up = h->given_up,
		.last_us = json_integer_value(json_array_get(counted, 1)) };

	ids_of(h->station, about, sizeof(about));
	if (h->trees > 0)
		checkpoint_hash_text(&h->last.root, root);
	if (l.replaced)
		json_object_set_new(g->replaced, l.key, json_null());
	return muster_know(g->muster, &l);
}

static const char *
day_key(const struct store_day *d, char buf[static 128])
{
	snprintf(buf, 128, "%s %s %lld", d->key, d->about, (long long)d->day);
	return buf;
}

static int
note_ended(void *arg, const struct store_day *d)
{
	struct reading *g = arg;
	char key[128];

	return d->sum.open == 0 && json_object_set_new(g->ended,
				       day_key(d, key), json_null()) < 0
		   ? -ENOMEM
		   : 0;
}

static int
on_day(void *arg, const struct store_day *d)
{
	struct reading *g = arg;
	bool old = json_object_get(g->replaced, d->key) != NULL;
	char key[128];

	show_progress(g, d->key);
	if (old == (g->turn == TODAY) ||
	    (old && (json_object_get(g->ended, day_key(d, key)) != NULL) !=
			(g->turn == ENDED)))
		return 0;
	return muster_take(
	    g->muster, &(struct muster_day){ d->key, d->name, d->about, d->day,
			   d->segment, &d->sum });
}

/* Of the old keys, one after the other. */
static int
read_replaced(struct reading *g, struct store *s, struct store_want *want,
    int (*fn)(void *arg, const struct store_day *d))
{
	const char *key;
	json_t *none;
	int r = 0;

	json_object_foreach(g->replaced, key, none)
	{
		want->key = key;
		if (r == 0)
			r = store_days(s, want, fn, g);
	}
	want->key = NULL;
	return r;
}

/* In the order in which they count: muster.h. */
static int
read_days(struct reading *g, struct store *s)
{
	struct store_want want = { .from_day = g->u->from_day,
		.to_day = g->u->to_day,
		.span = STORE_DAY };
	int r = read_replaced(g, s, &want, note_ended);

	want.segments = g->u->by == MUSTER_SEGMENT;
	g->turn = ENDED;
	if (r == 0)
		r = read_replaced(g, s, &want, on_day);
	g->turn = TODAY;
	if (r == 0)
		r = store_days(s, &want, on_day, g);
	g->turn = OTHERS;
	if (r == 0)
		r = read_replaced(g, s, &want, on_day);
	end_progress(g);
	return r;
}

/* What segments are called -------------------------------------------------- */

/* Words of a text, as an array. */
static json_t *
split(const char *words)
{
	json_t *list = json_array();
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		json_array_append_new(list, json_stringn(words, n));
	}
	return list;
}

/* By a station's log; how many are still without a title. */
static size_t
name_segments(
    struct muster *m, const struct segments *told, const char *station)
{
	const json_t *list = segments_on(told, station, m->setup.to_day);
	size_t left = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct muster_row *row = &m->rows[i];
		const char *title =
		    record_text(segments_find(list, row->name), "title");

		if (row->title == NULL && title[0] != '\0')
			row->title = strdup(title);
		left += row->title == NULL && row->name[0] != '\0';
	}
	return left;
}

/* By all stations of a log. */
static int
read_titles_of(struct reading *g, struct store *s, const struct muster_log *l,
    size_t *ret_left)
{
	struct segments *told = NULL;
	struct disk *log = NULL;
	json_t *ids = split(l->about);
	const json_t *id;
	size_t i;
	int r = store_log(s, l->key, g->u->to_day, g->u->to_day, &log);

	if (r == 0)
		r = segments_read(log, &told);
	json_array_foreach(ids, i, id)
	{
		if (r == 0)
			*ret_left = name_segments(
			    g->muster, told, json_string_value(id));
	}
	json_decref(ids);
	segments_free(told);
	disk_close(log);
	return r == -ENOENT ? 0 : r;
}

/* The first log that has one says it; without any, its id has to do. */
static int
read_titles(struct reading *g, struct store *s)
{
	const struct muster *m = g->muster;
	size_t left = m->n;
	int r = 0;

	for (size_t i = 0; i < m->n_logs && left > 0 && r == 0; i++)
		r = read_titles_of(g, s, &m->logs[i], &left);
	return r;
}

static int
read_all(struct reading *g, struct store *s)
{
	int r = store_stations(s, on_station, g);

	if (r == 0)
		r = heard_each(g->u->store, on_heard, g);
	if (r == -EBADMSG) {
		say_error(_("%s/stations: what is kept of at least one "
			    "station is damaged, and it is not in this report: "
			    "`loaxa collect` says more"),
		    g->u->store);
		g->lacking = true;
		r = 0;
	}
	if (r == 0)
		r = read_days(g, s);
	if (r == 0)
		r = muster_settle(g->muster);
	if (r == 0 && g->u->by == MUSTER_SEGMENT)
		r = read_titles(g, s);
	return r;
}

/* Giving ------------------------------------------------------------------- */

static int
file_code(const char *file, int r)
{
	if (r == -EEXIST)
		say_error(_("%s is there already; to replace it, add "
			    "--replace"),
		    file);
	else if (r < 0)
		say_error("%s: %s", file, say_errno(r));
	return say_exit(r);
}

static int
no_font(void)
{
	say_error("%s", _("this computer has no font to print with. Have the "
			  "administrator run: apt-get install "
			  "fonts-noto-core"));
	return EX_UNAVAILABLE;
}

/* Standard output is another form's. */
static bool
prints(const struct upper *u)
{
	return u->csv || u->json || u->prose;
}

static int
write_pdf(const struct upper *u, struct musterview *v)
{
	struct page_result result = { 0 };
	char title[MUSTER_TEXT];
	struct page_setup setup = { muster_title(v->muster, title), title,
		musterview_draw, v };
	int r = page_make(&setup, &result);

	if (r == -ENOENT)
		return no_font();
	if (r == 0)
		r = page_file(u->pdf, u->replace, result.pdf, result.n);
	if (r == 0 && !prints(u))
		printf(_("%s: pages %d\n"), u->pdf, result.pages);
	free(result.pdf);
	return file_code(u->pdf, r);
}

static int
write_xlsx(const struct upper *u, const struct muster *m)
{
	int r = muster_xlsx(m, u->xlsx, u->replace);

	if (r == 0 && !prints(u))
		printf(_("%s: written\n"), u->xlsx);
	return file_code(u->xlsx, r);
}

static int
print(const struct upper *u, struct musterview *v)
{
	int r = 0;

	if (u->json)
		return command_json(muster_json(v->muster));
	if (u->csv)
		r = muster_csv(v->muster, stdout);
	else if (u->prose)
		muster_prose(v->muster, stdout);
	else if (u->pdf == NULL && u->xlsx == NULL)
		r = musterview_print(v, stdout, table_width(stdout));
	if (r < 0) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	return command_done(EX_OK);
}

static int
refuse(const struct muster *m)
{
	struct civil_text day;

	if (m->odd_station == NULL)
		say_error(
		    "%s", _("no report: its rows do not add up to the whole"));
	else
		say_error(_("no report: %s does not add up on %s: slots "
			    "without exactly one outcome, or with figures that "
			    "cannot be. Ask the station (`loaxa audit` there), "
			    "or leave it out by name: --without \"%s\""),
		    m->odd_station, say_date(m->odd_day, &day), m->odd_station);
	return EX_DATAERR;
}

/* A report of nobody would look as if all were well. */
static int
say_nobody(const struct upper *u)
{
	if (u->unit[0] != '\0')
		say_error(_("no station was in %s on these days; `loaxa units "
			    "--on DATE` lists whose station was whose, and "
			    "--as-of goes by the units of another day"),
		    u->unit);
	else
		say_error(_("%s: no station of that name on these days; "
			    "`loaxa collect` lists them"),
		    u->station);
	return EX_NOINPUT;
}

static int
give(const struct reading *g)
{
	const struct upper *u = g->u;
	struct musterview v = { g->muster, u->due, u->deadline,
		clock_read().wall_us };
	bool lacking = g->lacking || g->muster->days < g->muster->days_due;
	int code = EX_OK;

	if (g->muster->n == 0 && u->by != MUSTER_SEGMENT &&
	    (u->unit[0] != '\0' || u->station[0] != '\0'))
		return say_nobody(u);
	if (!muster_holds(g->muster))
		return refuse(g->muster);
	for (size_t i = 0; i < g->muster->n_logs; i++)
		lacking = lacking ||
			  g->muster->logs[i].rows != g->muster->logs[i].leaves;
	if (u->pdf != NULL)
		code = write_pdf(u, &v);
	if (u->xlsx != NULL && code == EX_OK)
		code = write_xlsx(u, g->muster);
	if (code == EX_OK)
		code = print(u, &v);
	return code == EX_OK && lacking ? EXIT_LACKING : code;
}

/* -------------------------------------------------------------------------- */

static int
not_opened(const char *store, int r)
{
	if (r == -ENOENT)
		say_error(_("%s: nothing was collected here yet: `loaxa "
			    "collect --store %s FOLDER` takes in what stations "
			    "have signed"),
		    store, store);
	else if (r == -EBADMSG)
		say_error(_("%s: the database is damaged or of another form: "
			    "run `loaxa collect`, which makes it anew from "
			    "what is kept"),
		    store);
	else
		say_error("%s: %s", store, say_errno(r));
	return say_exit(r);
}

static int64_t
today(void)
{
	int64_t day;
	int second;

	civil_from_us(clock_read().wall_us, &day, &second);
	return day;
}

static int
report(struct reading *g, const struct units *units)
{
	const struct upper *u = g->u;
	struct muster_setup setup = { .by = u->by,
		.from_day = u->from_day,
		.to_day = u->to_day,
		.today = today(),
		.units = units,
		.as_of = u->as_of,
		.unit = u->unit,
		.station = u->station,
		.without = u->without.list,
		.n_without = u->without.n };
	struct store *s;
	int r = store_look(u->store, &s);

	if (r < 0)
		return not_opened(u->store, r);
	r = muster_new(&setup, &g->muster);
	if (r == 0)
		r = read_all(g, s);
	store_close(s);
	if (r == -E2BIG)
		say_error(_("there are more than %d weeks or months from "
			    "--from to --to; take fewer, or --by station"),
		    MUSTER_COLUMNS_MAX);
	else if (r < 0)
		say_error("%s: %s", u->store, say_errno(r));
	return r < 0 ? (r == -E2BIG ? EX_USAGE : say_exit(r)) : give(g);
}

/* None is no problem: then no station belongs anywhere. */
static int
read_units(const struct upper *u, struct units *ret)
{
	char path[PATH_MAX];
	struct problems ps = { 0 };
	json_t *names;
	int r;

	if (snprintf(path, sizeof(path), "%s/stations", u->store) >=
	    (int)sizeof(path) - 16)
		return -ENAMETOOLONG;
	names = unitsfile_names(path, &r);
	if (names == NULL)
		return r;
	snprintf(path, sizeof(path), "%s/" UNITS_FILE, u->store);
	r = access(path, F_OK) < 0 && errno == ENOENT
		? 0
		: unitsfile_read(path, names, &ps, ret);
	if (problems_count(&ps) > 0)
		unitsfile_print(&ps, stderr);
	problems_free(&ps);
	json_decref(names);
	return r;
}

static bool
has_unit(const struct units *units, const char *id)
{
	for (size_t i = 0; i < units->n; i++)
		if (strcmp(units->list[i].id, id) == 0)
			return true;
	return false;
}

int
upper_report(const struct upper *u)
{
	struct reading g = { .u = u,
		.counted = json_object(),
		.replaced = json_object(),
		.ended = json_object(),
		.begun_us = clock_read().boot_us };
	struct units units = { 0 };
	int r = read_units(u, &units);

	if (r == -EINVAL) {
		say_error(
		    "%s", _("no report while the units are not in order"));
		r = EX_DATAERR;
	} else if (r < 0) {
		say_error("%s: %s", u->store, say_errno(r));
		r = say_exit(r);
	} else if (u->unit[0] != '\0' && !has_unit(&units, u->unit)) {
		say_error(_("there is no unit \"%s\"; `loaxa units` lists "
			    "their ids in brackets"),
		    u->unit);
		r = EX_NOINPUT;
	} else
		r = report(&g, &units);
	muster_free(g.muster);
	units_clear(&units);
	json_decref(g.counted);
	json_decref(g.replaced);
	json_decref(g.ended);
	return r;
}
