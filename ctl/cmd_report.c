/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa report: the sums of any days, told apart by segment, plan, language,
 * source, class, station or tag; on the terminal, as CSV, JSON, xlsx or PDF, or as
 * a paragraph to be pasted.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/paper.h"
#include "ctl/periods.h"
#include "ctl/say.h"
#include "ctl/summary.h"
#include "ctl/table.h"
#include "ctl/targetbook.h"
#include "ctl/targetview.h"
#include "ctl/upper.h"
#include "ctl/workbook.h"
#include "evidence/record.h"

#define NO_DAY INT64_MIN

struct asked {
	int64_t from_day;
	int64_t to_day;
	const char *station; /* "" all */
	const char *by;
	const char *pdf;
	const char *xlsx;
	bool csv;
	bool json;
	bool prose;
	bool replace;
	bool targets; /* those, in place of the sums */
	const char *store; /* of the upper level: all its stations; or NULL */
	int64_t as_of; /* the day whose units it goes by */
	const char *unit; /* "" all */
	struct arg_texts without; /* names of stations */
	const char *period; /* a kept one is reported; or NULL */
	const char *save; /* keep this one under a name; or NULL */
	const char *forget; /* a kept one; or NULL */
	int64_t due_day;
	bool periods; /* list them */
	json_t *kept; /* owns what a kept period lends the others */
	char due[160]; /* how long there is still time, or "" */
	char deadline[80]; /* on paper: the date alone; or "" */
};

/* Standard output is another form's. */
static bool
prints(const struct asked *q)
{
	return q->csv || q->json || q->prose;
}

/* The title is given away. */
static int
write_pdf(const struct asked *q, char *title,
    void (*draw)(struct page *p, void *arg), void *arg)
{
	struct page_setup setup = { title, title, draw, arg };
	int pages = 0;
	int code = title == NULL
		       ? paper_code(q->pdf, -ENOMEM)
		       : paper_write(&setup, q->pdf, q->replace, &pages);

	if (pages > 0 && !prints(q))
		printf(_("%s: pages %d\n"), q->pdf, pages);
	free(title);
	return code;
}

static int
write_xlsx(const struct asked *q, const struct summary *m)
{
	int r = workbook_write(q->xlsx, q->replace, m);

	if (r == 0 && !prints(q))
		printf(_("%s: written\n"), q->xlsx);
	return paper_code(q->xlsx, r);
}

/* A report of nothing is made, but nobody takes it for one of silence. */
static int
nothing_code(const struct summary *m)
{
	struct civil_text from, to;

	if (json_array_size(m->tally->rows) + json_array_size(m->tally->apart) >
	    0)
		return EX_OK;
	say_error(_("the log has nothing of %s to %s%s%s: nothing was planned, "
		    "or other days are meant"),
	    say_date(m->from_day, &from), say_date(m->to_day, &to),
	    m->station[0] == '\0' ? "" : ", ", m->station);
	return EXIT_LACKING;
}

/* In the form that was asked for. */
static int
give(const struct asked *q, struct summary *m)
{
	int signed_code = later(seals_code(m->seals), nothing_code(m));
	int code = EX_OK;
	int r = 0;

	if (q->pdf != NULL)
		code = write_pdf(q, summary_title(m), summary_draw, m);
	if (q->xlsx != NULL && code == EX_OK)
		code = write_xlsx(q, m);
	if (code == EX_OK)
		code = signed_code;
	if (q->json) {
		r = command_json(summary_json(m));
		return code == EX_OK ? r : code;
	}
	if (q->csv)
		r = summary_csv(m, stdout);
	else if (q->prose)
		summary_prose(m, stdout);
	else if (q->pdf == NULL && q->xlsx == NULL)
		r = summary_print(m, stdout);
	if (r < 0) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	return command_done(code);
}

static int
give_targets(const struct asked *q, struct targetview *v)
{
	int code = q->pdf == NULL
		       ? EX_OK
		       : write_pdf(q, targetview_title(v), targetview_draw, v);
	int r = 0;

	if (q->xlsx != NULL && code == EX_OK) {
		r = targetbook_write(q->xlsx, q->replace, v);
		if (r == 0 && !prints(q))
			printf(_("%s: written\n"), q->xlsx);
		code = paper_code(q->xlsx, r);
		r = 0;
	}
	if (q->json && code == EX_OK)
		return command_json(targetview_json(v));
	if (q->csv)
		r = targetview_csv(v, stdout);
	else if (q->pdf == NULL && q->xlsx == NULL)
		r = targetview_print(v, stdout);
	if (r == 0)
		return command_done(code);
	say_error("%s", say_errno(r));
	return say_exit(r);
}

static int
tell_targets(const struct ctl *ctl, const struct asked *q, struct disk *disk,
    const struct headings *h)
{
	struct targets t;
	struct seals seals;
	int r = targets_read(
	    disk, q->station, q->from_day, q->to_day, clock_read().wall_us, &t);

	if (r < 0) {
		say_error("%s: %s", ctl->root.log, say_errno(r));
		return say_exit(r);
	}
	r = seals_read(&ctl->root, disk, t.last_seq, &seals);
	if (r < 0) {
		say_error("%s: %s", ctl->root.trees, say_errno(r));
		r = say_exit(r);
	} else {
		r = give_targets(q, &(struct targetview){ &t, h, &seals,
					q->station, q->from_day, q->to_day,
					clock_read().wall_us, q->deadline });
		if (r == EX_OK)
			r = seals_code(&seals);
	}
	targets_clear(&t);
	return r;
}

static int
tell(const struct ctl *ctl, const struct asked *q, struct disk *disk,
    const struct tally *t, struct headings *h)
{
	struct tally_groups groups;
	struct seals seals;
	int r;

	if (!tally_holds(&t->sum)) {
		const json_t *row = tally_first_odd(t);

		say_error(_("no report: these days do not add up; slots "
			    "without exactly one outcome, or with figures "
			    "that cannot be: %lld, the first %s/%s/%s; `loaxa "
			    "audit` looks at the whole log"),
		    (long long)t->sum.odd, record_text(row, "station"),
		    record_text(row, "date"), record_text(row, "slot"));
		return EX_DATAERR;
	}
	if (q->targets)
		return tell_targets(ctl, q, disk, h);
	r = seals_read(&ctl->root, disk, t->last_seq, &seals);
	if (r == 0)
		r = headings_tell(h, disk);
	if (r == 0)
		r = headings_name(h, t);
	if (r == 0)
		r = tally_by(t, headings_key, h, &groups);
	if (r == 0)
		r = headings_split(h, &groups);
	if (r < 0) {
		say_error("%s: %s", ctl->root.trees, say_errno(r));
		return say_exit(r);
	}
	r = give(q, &(struct summary){ .tally = t,
			.groups = &groups,
			.headings = h,
			.seals = &seals,
			.station = q->station,
			.from_day = q->from_day,
			.to_day = q->to_day,
			.due = q->due,
			.deadline = q->deadline,
			.now_us = clock_read().wall_us });
	tally_groups_free(&groups);
	return r;
}

/* The one station that the log tells of; NULL when there are more, or none. */
static const char *
only_station(const struct tally *t)
{
	const char *only = NULL;
	const json_t *row;
	size_t i;

	json_array_foreach(t->rows, i, row)
	{
		const char *station = record_text(row, "station");

		if (only != NULL && strcmp(only, station) != 0)
			return NULL;
		only = station;
	}
	return only;
}

/* A report of one station is that station's, whether it was named or not. */
static int
read_tally(struct asked *q, struct disk *disk, char station[static 128],
    struct tally **ret)
{
	struct tally *t;
	const char *only;
	int r = tally_read(disk, q->station, q->from_day, q->to_day, &t);

	if (r < 0)
		return r;
	only = q->station[0] == '\0' ? only_station(t) : NULL;
	if (only != NULL) {
		snprintf(station, 128, "%s", only);
		q->station = station;
		t = tally_free(t);
		r = tally_read(disk, station, q->from_day, q->to_day, &t);
	}
	if (r == 0)
		*ret = t;
	return r;
}

static int
read_and_tell(const struct ctl *ctl, struct asked *q, enum heading by)
{
	char station[128];
	struct headings h = { 0 };
	struct disk *disk = NULL;
	struct tally *t = NULL;
	int r = access(ctl->root.log, R_OK) < 0 ? -errno : 0;

	if (r == 0)
		r = disk_open(ctl->root.log, &disk);
	if (r == 0)
		r = command_logged_station(ctl, disk, q->station);
	if (r == 0)
		r = read_tally(q, disk, station, &t);
	if (r == 0)
		r = headings_read(&ctl->root, &h);
	if (r == -ENOENT)
		say_error(_("there is no airing log yet in %s"), ctl->root.log);
	else if (r < 0)
		say_error("%s: %s", ctl->root.log, say_errno(r));
	h.by = by;
	r = r == 0 ? tell(ctl, q, disk, t, &h) : r < 0 ? say_exit(r) : r;
	headings_clear(&h);
	tally_free(t);
	disk_close(disk);
	return r;
}

/* Kept periods ------------------------------------------------------------- */

/* Says why they cannot be read or written; the code. */
static int
no_periods(const struct ctl *ctl, int r)
{
	if (r == -EBADMSG)
		say_error(_("%s/periods.json is not as `loaxa report --save` "
			    "writes it: put it right or away"),
		    ctl->root.schedules);
	else if (r == -E2BIG)
		say_error(_("there are %d periods already; `loaxa report "
			    "--forget NAME` takes one away"),
		    PERIODS_MAX);
	else
		say_error(
		    "%s/periods.json: %s", ctl->root.schedules, say_errno(r));
	return r == -EBADMSG ? EX_DATAERR : say_exit(r);
}

static int64_t
today(void)
{
	int64_t day;
	int second;

	civil_from_us(clock_read().wall_us, &day, &second);
	return day;
}

/* What --by says, in the user's language. */
static const char *
by_text(const char *word)
{
	static const struct {
		const char *word;
		const char *text;
	} rows[] = {
		{ "segment", N_("segment") },
		{ "plan", N_("plan") },
		{ "language", N_("language") },
		{ "source", N_("who made it") },
		{ "class", N_("class") },
		{ "station", N_("station") },
		{ "tag", N_("tag") },
		{ "week", N_("week") },
		{ "month", N_("month") },
		{ "unit", N_("unit") },
		{ "rank", N_("order of the stations") },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].word, word) == 0)
			return _(rows[i].text);
	return word;
}

static int
list_periods(const struct asked *q)
{
	const struct column columns[] = { { _("PERIOD"), COLUMN_ELASTIC },
		{ _("FROM"), 0 }, { _("TO"), 0 }, { _("BY"), 0 },
		{ "", COLUMN_ELASTIC } };
	struct table *t;
	const char *name;
	json_t *p;
	char left[160];
	int r = 0;

	if (q->json)
		return command_json(json_incref(q->kept));
	if (json_object_size(q->kept) == 0) {
		printf("%s\n", _("No reporting period is kept; `loaxa report "
				 "--save NAME --from DATE --to DATE --due "
				 "DATE` keeps one."));
		return command_done(EX_OK);
	}
	t = table_new(columns, COUNT(columns));
	r = t == NULL ? -ENOMEM : 0;
	json_object_foreach(q->kept, name, p)
	{
		struct civil_text from, to;
		int64_t from_day = 0, to_day = 0;

		civil_read_date(record_text(p, "from"), &from_day);
		civil_read_date(record_text(p, "to"), &to_day);
		if (r == 0)
			r = table_row(t, (const char *const[]){ name,
					     say_date(from_day, &from),
					     say_date(to_day, &to),
					     by_text(record_text(p, "by")),
					     periods_countdown(p, today(), left,
						 sizeof(left)) });
	}
	if (r == 0)
		table_print(t, stdout, table_width(stdout));
	table_free(t);
	return r < 0 ? say_exit(r) : command_done(EX_OK);
}

static int
save_period(const struct ctl *ctl, const struct asked *q)
{
	struct civil_text from, to, due = { "" };
	char *name = text_nfc(q->save);
	char store[PATH_MAX] = "";
	char left[160];
	json_t *p;
	int r;

	if (name == NULL || name[0] == '\0' || strlen(name) > PERIOD_NAME_MAX) {
		free(name);
		return command_misused(
		    "report", _("a period needs a name of up to 100 bytes"));
	}
	if (q->due_day != NO_DAY)
		civil_date_text(q->due_day, &due);
	/* From wherever it is asked for later. */
	if (q->store != NULL && realpath(q->store, store) == NULL)
		snprintf(store, sizeof(store), "%s", q->store);
	p = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "from",
	    civil_date_text(q->from_day, &from), "to",
	    civil_date_text(q->to_day, &to), "due", due.s, "by", q->by,
	    "station", q->station, "store", store);
	r = json_object_set_new(q->kept, name, p) < 0
		? -ENOMEM
		: periods_write(&ctl->root, q->kept);
	periods_countdown(p, today(), left, sizeof(left));
	if (r == 0)
		say_line(stdout, _("Kept: %s, %s to %s%s%s"), name,
		    say_date(q->from_day, &from), say_date(q->to_day, &to),
		    left[0] == '\0' ? "" : "; ", left);
	free(name);
	return r < 0 ? no_periods(ctl, r) : command_done(EX_OK);
}

static int
forget_period(const struct ctl *ctl, const struct asked *q)
{
	int r = json_object_del(q->kept, q->forget) < 0 ? -ENOENT : 0;

	if (r == -ENOENT) {
		say_error(_("no period \"%s\" is kept; `loaxa report "
			    "--periods` lists them"),
		    q->forget);
		return EX_NOINPUT;
	}
	r = periods_write(&ctl->root, q->kept);
	if (r < 0)
		return no_periods(ctl, r);
	say_line(stdout, _("No longer kept: %s"), q->forget);
	return command_done(EX_OK);
}

/* What the kept period says, where the command line says nothing else. */
static int
take_period(struct asked *q)
{
	const json_t *p = json_object_get(q->kept, q->period);

	if (p == NULL) {
		say_error(_("no period \"%s\" is kept; `loaxa report "
			    "--periods` lists them"),
		    q->period);
		return EX_NOINPUT;
	}
	civil_read_date(record_text(p, "from"), &q->from_day);
	civil_read_date(record_text(p, "to"), &q->to_day);
	if (q->by == NULL && record_text(p, "by")[0] != '\0')
		q->by = record_text(p, "by");
	if (q->station[0] == '\0')
		q->station = record_text(p, "station");
	if (q->store == NULL && record_text(p, "store")[0] != '\0')
		q->store = record_text(p, "store");
	periods_countdown(p, today(), q->due, sizeof(q->due));
	periods_deadline(p, q->deadline, sizeof(q->deadline));
	return 0;
}

/* The upper level has headings of its own. */
static int
check_by(const struct asked *q, enum heading *ret_by, enum muster_by *ret_upper)
{
	if (q->store != NULL && muster_by_read(q->by, ret_upper) < 0)
		return command_misused("report",
		    _("with --store, --by is week, month, station, segment, "
		      "unit or rank"));
	if (q->store == NULL && q->period != NULL &&
	    heading_read(q->by, ret_by) < 0)
		return command_misused("report",
		    _("this period was kept for the upper level's report: add "
		      "--store DIR"));
	if (q->store == NULL && heading_read(q->by, ret_by) < 0)
		return command_misused("report",
		    _("--by is segment, plan, language, source, class, "
		      "station or tag"));
	return 0;
}

static int
check_args(
    const struct asked *q, enum heading *ret_by, enum muster_by *ret_upper)
{
	int r = check_by(q, ret_by, ret_upper);

	if (r != 0)
		return r;
	if (q->csv + q->json + q->prose > 1)
		return command_misused(
		    "report", _("choose one of --csv, --json and --prose"));
	if (q->store != NULL && q->targets)
		return command_misused("report",
		    _("--targets is a station's own: without --store"));
	if (q->store == NULL &&
	    (q->unit[0] != '\0' || q->without.n > 0 || q->as_of != NO_DAY))
		return command_misused("report",
		    _("--as-of, --unit and --without are the upper level's: "
		      "with --store DIR"));
	if (q->from_day > q->to_day)
		return command_misused(
		    "report", _("--to lies before --from; turn them round"));
	return 0;
}

/* From the first of this month, until today. */
static void
fill_days(struct asked *q)
{
	int year, month, mday;

	if (q->to_day == NO_DAY)
		q->to_day = q->from_day == NO_DAY ? today()
						  : later(q->from_day, today());
	if (q->from_day == NO_DAY) {
		civil_ymd(q->to_day, &year, &month, &mday);
		q->from_day = q->to_day - mday + 1;
	}
}

static int
report_upper(const struct asked *q, enum muster_by by)
{
	return upper_report(&(struct upper){ .store = q->store,
	    .by = by,
	    .from_day = q->from_day,
	    .to_day = q->to_day,
	    .as_of = q->as_of,
	    .unit = q->unit,
	    .station = q->station,
	    .without = q->without,
	    .due = q->due,
	    .deadline = q->deadline,
	    .pdf = q->pdf,
	    .xlsx = q->xlsx,
	    .replace = q->replace,
	    .csv = q->csv,
	    .json = q->json,
	    .prose = q->prose });
}

/* Reports, or looks after the kept periods. */
static int
do_asked(const struct ctl *ctl, struct asked *q)
{
	enum muster_by upper = MUSTER_WEEK;
	enum heading by = HEADING_SEGMENT;
	int r = q->period == NULL ? 0 : take_period(q);

	if (r != 0)
		return r;
	if (q->periods)
		return list_periods(q);
	if (q->forget != NULL)
		return forget_period(ctl, q);
	if (q->by == NULL)
		q->by = q->store == NULL ? "segment" : "week";
	fill_days(q);
	r = check_args(q, &by, &upper);
	if (r != 0)
		return r;
	if (q->save != NULL)
		return save_period(ctl, q);
	return q->store != NULL ? report_upper(q, upper)
				: read_and_tell(ctl, q, by);
}

int
cmd_report(struct ctl *ctl, int argc, char **argv)
{
	struct asked q = { .from_day = NO_DAY,
		.to_day = NO_DAY,
		.due_day = NO_DAY,
		.as_of = NO_DAY,
		.unit = "",
		.station = "" };
	const struct arg args[] = { { "from", ARG_DATE, &q.from_day },
		{ "to", ARG_DATE, &q.to_day },
		{ "station", ARG_TEXT, &q.station }, { "by", ARG_TEXT, &q.by },
		{ "o", ARG_TEXT, &q.pdf }, { "xlsx", ARG_TEXT, &q.xlsx },
		{ "csv", ARG_FLAG, &q.csv }, { "json", ARG_FLAG, &q.json },
		{ "prose", ARG_FLAG, &q.prose },
		{ "replace", ARG_FLAG, &q.replace },
		{ "targets", ARG_FLAG, &q.targets },
		{ "store", ARG_TEXT, &q.store },
		{ "as-of", ARG_DATE, &q.as_of }, { "unit", ARG_TEXT, &q.unit },
		{ "without", ARG_TEXTS, &q.without },
		{ "period", ARG_TEXT, &q.period },
		{ "periods", ARG_FLAG, &q.periods },
		{ "save", ARG_TEXT, &q.save }, { "due", ARG_DATE, &q.due_day },
		{ "forget", ARG_TEXT, &q.forget } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	if (q.targets && (q.by != NULL || q.prose))
		return command_misused(argv[0],
		    _("--targets is a table of its own: without --by and "
		      "--prose"));
	if (q.due_day != NO_DAY && q.save == NULL)
		return command_misused(argv[0], _("--due goes with --save"));
	command_zone(ctl);
	if (q.period != NULL || q.periods || q.save != NULL ||
	    q.forget != NULL) {
		r = periods_read(&ctl->root, &q.kept);
		if (r < 0)
			return no_periods(ctl, r);
	}
	r = do_asked(ctl, &q);
	json_decref(q.kept);
	return r;
}
