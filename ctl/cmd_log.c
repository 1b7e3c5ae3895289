/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa log: the as-run log, planned against actual, and the identity that
 * accounts for every slot.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/outcome.h"
#include "ctl/pairview.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "ctl/table.h"
#include "evidence/asrun.h"
#include "evidence/outages.h"
#include "evidence/pairs.h"
#include "evidence/record.h"
#include "scheduler/schedule.h"

struct query {
	int64_t from_day; /* INT64_MIN: not given */
	int64_t to_day;
	const char *station; /* "" all */
	bool csv;
	bool json;
	bool all; /* each piece of music beside the plan */
};

/* The table as it is filled. */
struct listing {
	struct table *table;
	bool all;
	char last[128]; /* the heading that was printed last */
	size_t n_music; /* below it, left out: they sounded */
	int64_t music_ms;
};

static int
add_name(void *arg, const char *station)
{
	struct problems ps = { 0 };
	struct schedule *s;
	struct {
		json_t *names;
		const char *folder;
	} *to = arg;

	/* A schedule that cannot be read now takes nothing from the log. */
	if (schedule_read(to->folder, station, 0, 0, &ps, &s) == 0) {
		json_object_set_new(to->names, station, json_string(s->name));
		schedule_free(s);
	}
	problems_free(&ps);
	return 0;
}

/* {station: commune name}, for the reader of a CSV who knows no ids. */
static json_t *
station_names(const struct root *root)
{
	struct {
		json_t *names;
		const char *folder;
	} to = { json_object(), root->schedules };

	schedule_stations(root->schedules, add_name, &to);
	return to.names;
}

static const char *
first_text(const json_t *row, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (record_text(row, keys[i])[0] != '\0')
			return record_text(row, keys[i]);
	return "";
}

static const char *
clock_of(const json_t *row, const char *key, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(row, key), &us) < 0)
		return "";
	return say_time(us, buf);
}

static const char *
late_text(const json_t *row, struct civil_text *buf)
{
	const json_t *late = json_object_get(row, "late_ms");

	return json_is_integer(late)
		   ? say_signed((double)json_integer_value(late) / 1000, 3, buf)
		   : "";
}

static const char *
reason_of(const json_t *row)
{
	if (strcmp(record_text(row, "note"), "epoch") == 0)
		return _("not known: the log was restored or damaged there, "
			 "and it may have aired");
	return outcome_reason(record_text(row, "reason"));
}

/* "; ..." behind what is in buf, where there is a figure. */
static void
add_fault(char *buf, size_t size, const char *format, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	if (n > 0 && n + 2 < size)
		n += (size_t)snprintf(buf + n, size - n, "; ");
	va_start(ap, format);
	vsnprintf(buf + n, size - n, format, ap);
	va_end(ap);
}

static const char *
seconds_of(const json_t *row, const char *key, struct civil_text *buf)
{
	return say_decimal((double)record_int(row, key, 0) / 1000, 1, buf);
}

/* Why, and what was wrong with the sound although the device took it. */
static const char *
why_text(const json_t *row, char *buf, size_t size)
{
	int64_t gaps = record_int(row, "underruns", 0);
	int64_t muted_ms = record_int(row, "muted_ms", 0);
	int64_t percent = record_int(row, "device_percent", 0);
	struct civil_text with;
	struct civil_text without;

	snprintf(buf, size, "%s", reason_of(row));
	if (json_is_integer(json_object_get(row, "signal_ms")))
		add_fault(buf, size,
		    _("signal %s s, without %s s; connections: %lld"),
		    seconds_of(row, "signal_ms", &with),
		    seconds_of(row, "lost_ms", &without),
		    (long long)record_int(row, "connections", 0));
	if (gaps > 0)
		add_fault(buf, size,
		    _("breaks in the sound: %lld, %s s in all"),
		    (long long)gaps, seconds_of(row, "underrun_ms", &with));
	if (muted_ms > 0)
		add_fault(buf, size, _("the sound card was muted for %s s"),
		    seconds_of(row, "muted_ms", &with));
	if (percent > 0)
		add_fault(buf, size,
		    _("the sound card played at %lld %% of its speed"),
		    (long long)percent);
	return buf;
}

/* Without an outcome it is on; or its item is laid ready for a moment that
 * comes. */
static const char *
status_of(const json_t *row)
{
	const char *status = record_text(row, "status");
	int64_t us;

	if (status[0] == '\0' &&
	    civil_read_utc(record_text(row, "planned_utc"), &us) == 0 &&
	    us > clock_read().wall_us)
		return _("about to begin");
	return outcome_status(status);
}

static int
add_row(struct table *t, const json_t *row)
{
	static const char *const what[] = { "item_title", "slot", "item",
		"segment", "airing_id" };
	struct civil_text planned;
	struct civil_text actual;
	struct civil_text length = { "" };
	struct civil_text late;
	char why[512];
	const json_t *ms = json_object_get(row, "actual_ms");

	if (json_is_integer(ms) && json_integer_value(ms) > 0)
		say_length(json_integer_value(ms) * US_PER_MS, &length);
	return table_row(
	    t, (const char *const[]){ clock_of(row, "planned_utc", &planned),
		   clock_of(row, "actual_utc", &actual), late_text(row, &late),
		   length.s, first_text(row, what, COUNT(what)), status_of(row),
		   why_text(row, why, sizeof(why)) });
}

/* Gap music, and what sounds while a relay is lost: no slot planned it. */
static bool
is_music(const json_t *row)
{
	return strcmp(record_text(row, "start_source"), "filler") == 0;
}

/* One line for all of it, so that the officer finds the programme. */
static int
close_music(struct listing *l)
{
	struct civil_text length;
	char line[300];

	if (l->n_music == 0)
		return 0;
	snprintf(line, sizeof(line),
	    _("  Music beside the plan: pieces %zu, %s in all; `loaxa log "
	      "--all` lists them."),
	    l->n_music, say_length(l->music_ms * US_PER_MS, &length));
	l->n_music = 0;
	l->music_ms = 0;
	return table_line(l->table, line);
}

/* The line above the rows of one station and date. */
static int
heading(struct listing *l, const json_t *row)
{
	struct civil_text date;
	char line[sizeof(l->last)];
	int64_t day;
	int64_t us;
	int second;
	int r;

	if (civil_read_utc(record_text(row, "planned_utc"), &us) < 0 &&
	    civil_read_utc(record_text(row, "actual_utc"), &us) < 0)
		return 0;
	civil_from_us(us, &day, &second);
	snprintf(line, sizeof(line), "%.80s  %.20s",
	    record_text(row, "station_id"), say_date(day, &date));
	if (strcmp(line, l->last) == 0)
		return 0;
	r = close_music(l);
	memcpy(l->last, line, sizeof(line));
	return r < 0 ? r : table_line(l->table, line);
}

/* Music that was loaded and did not sound, or is only now laid out, tells an
 * officer nothing. */
static int
list_row(struct listing *l, const json_t *row)
{
	int r;

	if (l->all || !is_music(row)) {
		r = heading(l, row);
		return r < 0 ? r : add_row(l->table, row);
	}
	if (record_int(row, "actual_ms", 0) <= 0)
		return 0;
	r = heading(l, row);
	l->n_music++;
	l->music_ms += record_int(row, "actual_ms", 0);
	return r;
}

/* {station: true} of the rows, in their order. */
static json_t *
row_stations(const struct asrun *a)
{
	json_t *all = json_object();
	json_t *row;
	size_t i;

	json_array_foreach(a->rows, i, row)
	{
		json_object_set_new(
		    all, record_text(row, "station_id"), json_true());
	}
	return all;
}

/* Two stations that air at the same time read as two days, not as one. */
static int
station_rows(struct listing *l, const struct asrun *a, const char *station)
{
	json_t *row;
	size_t i;
	int r = 0;

	l->last[0] = '\0';
	json_array_foreach(a->rows, i, row)
	{
		if (r == 0 &&
		    strcmp(record_text(row, "station_id"), station) == 0)
			r = list_row(l, row);
	}
	return r == 0 ? close_music(l) : r;
}

static int
print_rows(const struct asrun *a, bool all)
{
	const struct column columns[] = { { _("PLANNED"), 0 },
		{ _("ACTUAL"), 0 }, { _("LATE s"), COLUMN_RIGHT },
		{ _("LENGTH"), COLUMN_RIGHT }, { _("WHAT"), COLUMN_ELASTIC },
		{ _("STATUS"), COLUMN_ELASTIC },
		{ _("REASON"), COLUMN_ELASTIC } };
	struct listing l = { .table = table_new(columns, COUNT(columns)),
		.all = all };
	json_t *stations = row_stations(a);
	const char *station;
	json_t *yes;
	bool any = false;
	int r = l.table == NULL || stations == NULL ? -ENOMEM : 0;

	json_object_foreach(stations, station, yes)
	{
		if (r == 0)
			r = station_rows(&l, a, station);
		any = any || l.last[0] != '\0';
	}
	json_decref(stations);
	if (r == 0 && (any || table_rows(l.table) > 0))
		table_print(l.table, stdout, table_width(stdout));
	else if (r == 0)
		printf("%s\n", _("The log has nothing about these days."));
	table_free(l.table);
	return r;
}

/* "not aired: file missing 1, not approved 2" a line for each status. */
static void
print_reasons(const struct asrun *a)
{
	const char *status;
	const char *reason;
	json_t *counts;
	json_t *n;

	json_object_foreach(a->reasons, status, counts)
	{
		bool first = true;

		json_object_foreach(counts, reason, n)
		{
			if (reason[0] == '\0')
				continue;
			if (first)
				printf("  %s:", outcome_status(status));
			printf("%s %s %lld", first ? "" : ",",
			    outcome_reason(reason),
			    (long long)json_integer_value(n));
			first = false;
		}
		if (!first)
			putchar('\n');
	}
}

/* Did any of it go into a file? */
static bool
was_filed(const struct asrun *a)
{
	const json_t *row;
	size_t i;

	json_array_foreach(a->rows, i, row)
	{
		if (strncmp(record_text(row, "device"), "wav:", 4) == 0 &&
		    record_int(row, "frames_sent", 0) > 0)
			return true;
	}
	return false;
}

static void
print_meaning(const struct asrun *a)
{
	printf("%s\n", _("Aired means: sent to the amplifier (grade 2), "
			 "as measured. It does not prove that a "
			 "loudspeaker sounded."));
	if (was_filed(a))
		printf("%s\n",
		    _("Some of it was written to a WAV file, not to a sound "
		      "card: no loudspeaker sounded from that."));
}

/* "Mourning on 26/11/2026 (Quốc tang): ...": not planned, so not missed. */
static void
print_mourning(const struct asrun *a)
{
	struct civil_text date;
	const char *key;
	json_t *of;
	int64_t day;

	json_object_foreach(a->mourning, key, of)
	{
		if (civil_read_date(record_text(of, "date"), &day) < 0)
			continue;
		say_line(stdout,
		    _("Mourning on %s at %s (%s): music left out of %zu "
		      "slots, which is no miss."),
		    say_date(day, &date), record_text(of, "station"),
		    record_text(of, "mourning"),
		    json_array_size(json_object_get(of, "silent")));
	}
}

static void
print_identity(const struct asrun *a)
{
	const struct asrun_identity *id = &a->identity;

	printf(_("\nplanned %lld = aired %lld + in part %lld + not aired "
		 "%lld + external %lld; unscheduled %lld apart"),
	    (long long)id->planned, (long long)id->aired,
	    (long long)id->aired_partial, (long long)id->not_aired,
	    (long long)id->external, (long long)id->unscheduled);
	if (id->open > 0)
		printf(_("; still to come %lld"), (long long)id->open);
	putchar('\n');
	print_reasons(a);
	print_mourning(a);
	if (!id->holds)
		printf("%s\n", _("! The sum is not right: a slot is without "
				 "its outcome, or has two. `loaxa audit` says "
				 "which."));
	else if (id->aired + id->aired_partial > 0)
		print_meaning(a);
}

/* The log as JSON, with what silenced the station as a whole, and the
 * bilingual sets. */
static int
print_json(const struct asrun *a, json_t *outages, json_t *pairs)
{
	json_t *j = asrun_json(a);

	if (j != NULL && outages != NULL)
		json_object_set(j, "outages", outages);
	if (j != NULL && pairs != NULL)
		json_object_set(j, "pairs", pairs);
	return command_json(j);
}

static int
print_asrun(const struct asrun *a, const struct query *q, json_t *outages,
    json_t *pairs)
{
	int r;

	if (q->json)
		return print_json(a, outages, pairs);
	if (q->csv) {
		r = asrun_csv(a, stdout);
		return command_done(r < 0 ? EX_IOERR : EX_OK);
	}
	r = print_rows(a, q->all);
	if (r < 0) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	if (json_array_size(outages) > 0)
		putchar('\n');
	silences_print(outages, "", stdout);
	print_identity(a);
	pairview_print(pairs, false, stdout);
	return command_done(EX_OK);
}

static int
read_and_print(const struct ctl *ctl, const struct query *q)
{
	struct disk *disk = NULL;
	struct asrun *a = NULL;
	json_t *names = NULL;
	json_t *outages = NULL;
	json_t *pairs = NULL;
	int r = access(ctl->root.log, R_OK) < 0 ? -errno : 0;

	if (r == 0)
		r = disk_open(ctl->root.log, &disk);
	if (r == 0)
		r = command_logged_station(ctl, disk, q->station);
	if (r > 0) {
		disk_close(disk);
		return r;
	}
	if (r == 0 && (q->csv || q->json))
		names = station_names(&ctl->root);
	if (r == 0)
		r = asrun_read(
		    disk, q->station, names, q->from_day, q->to_day, &a);
	if (r == 0)
		r = outages_read(disk, q->station, civil_to_us(q->from_day, 0),
		    civil_to_us(q->to_day + 1, 0), &outages);
	if (r == 0)
		r = pairs_read(disk, q->station, q->from_day, q->to_day,
		    clock_read().wall_us, &pairs);
	if (r == -ENOENT)
		say_error(_("there is no airing log yet in %s"), ctl->root.log);
	else if (r < 0)
		say_error("%s: %s", ctl->root.log, say_errno(r));
	r = r < 0 ? say_exit(r) : print_asrun(a, q, outages, pairs);
	/* A sum that does not hold is bad data, whatever the form. */
	if (r == EX_OK && !a->identity.holds)
		r = EX_DATAERR;
	asrun_free(a);
	json_decref(outages);
	json_decref(pairs);
	json_decref(names);
	disk_close(disk);
	return r;
}

int
cmd_log(struct ctl *ctl, int argc, char **argv)
{
	struct query q = {
		.from_day = INT64_MIN, .to_day = INT64_MIN, .station = ""
	};
	const struct arg args[] = { { "from", ARG_DATE, &q.from_day },
		{ "to", ARG_DATE, &q.to_day },
		{ "station", ARG_TEXT, &q.station },
		{ "all", ARG_FLAG, &q.all }, { "csv", ARG_FLAG, &q.csv },
		{ "json", ARG_FLAG, &q.json } };
	int64_t today;
	int second;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	if (q.csv && q.json)
		return command_misused(
		    argv[0], _("choose one of --csv and --json"));
	command_zone(ctl);
	civil_from_us(clock_read().wall_us, &today, &second);
	if (q.from_day == INT64_MIN)
		q.from_day = q.to_day == INT64_MIN ? today : q.to_day;
	if (q.to_day == INT64_MIN)
		q.to_day = later(q.from_day, today);
	if (q.from_day > q.to_day)
		return command_misused(
		    argv[0], _("--to lies before --from; turn them round"));
	return read_and_print(ctl, &q);
}
