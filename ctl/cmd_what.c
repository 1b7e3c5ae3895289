/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa what: the answer to a citizen's call. What was sounding at a moment,
 * what was to sound, and on whose order.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/language.h"
#include "base/words.h"
#include "ctl/answer.h"
#include "ctl/commands.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "evidence/index.h"
#include "evidence/people.h"
#include "evidence/record.h"

struct asked {
	const char *station; /* "" all */
	int64_t us;
	const char *pdf; /* an answer sheet; or NULL */
	bool replace;
	bool json;
};

struct inquiry {
	struct index *index;
	struct people *people; /* NULL when they cannot be read */
	json_t *sounding; /* what --json prints; NULL for text */
	json_t *planned;
	size_t n; /* found */
	FILE *out;
};

/* "2026-11-26 05:12[:30]", also with "T", also 26/11/2026. */
static int
read_moment(int argc, char **argv, int64_t *ret_us)
{
	char text[64];
	char *time;
	int64_t day;
	int second;

	if (argc < 2 || argc > 3 ||
	    snprintf(text, sizeof(text), "%s%s%s", argv[1], argc > 2 ? " " : "",
		argc > 2 ? argv[2] : "") >= (int)sizeof(text))
		return -EINVAL;
	time = strpbrk(text, " T");
	if (time == NULL)
		return -EINVAL;
	*time++ = '\0';
	if (args_date(text, &day) < 0 || civil_read_time(time, &second) < 0)
		return -EINVAL;
	*ret_us = civil_to_us(day, second);
	return 0;
}

/* "Nguyễn Văn A, Chủ tịch", or the bare id where no name is known. `office`
 * is the one that the record names, or NULL for the one held at that instant.
 */
static void
put_person(const struct inquiry *q, const char *label, const char *id,
    const char *office, int64_t at_us)
{
	struct person p;
	char *name;
	char *safe;

	if (id[0] == '\0')
		return;
	if (q->people == NULL || people_find(q->people, id, at_us, &p) < 0) {
		fprintf(q->out, "  %s %s\n", label, id);
		return;
	}
	name = say_safe(p.name);
	safe = say_safe(office == NULL ? p.office : office);
	fprintf(q->out, "  %s %s, %s (%s)\n", label, name == NULL ? "" : name,
	    safe == NULL ? "" : safe, id);
	free(name);
	free(safe);
}

static void
put_text(const struct inquiry *q, const char *label, const char *text)
{
	char *safe = text[0] == '\0' ? NULL : say_safe(text);

	if (safe != NULL)
		fprintf(q->out, "  %s %s\n", label, safe);
	free(safe);
}

/* One approve record. The seq of the one before that it joins, or -1. */
static int64_t
put_approver(const struct inquiry *q, int64_t seq)
{
	int64_t at_us = 0;
	json_t *r;

	if (index_record(q->index, seq, &r) < 0)
		return -1;
	civil_read_utc(record_text(r, "utc"), &at_us);
	put_person(q, _("approved:  by"), record_text(r, "person"),
	    record_text(r, "office"), at_us);
	put_person(q, _("KT. (for): "), record_text(r, "on_behalf"),
	    record_text(r, "on_behalf_office"), at_us);
	seq = earlier(record_int(r, "second_of", -1), seq - 1);
	json_decref(r);
	return seq;
}

/* Who approved these bytes: the approve record that the start names, and what
 * that goes back to. */
static void
put_approval(const struct inquiry *q, const json_t *start)
{
	int64_t seq = record_int(start, "approval", -1);

	if (seq < 0)
		fprintf(q->out, "  %s\n",
		    _("approved:  by nobody (the site does not ask "
		      "for it)"));
	while (seq >= 0)
		seq = put_approver(q, seq);
}

static void
put_order(const struct inquiry *q, const json_t *start)
{
	const char *source = record_text(start, "start_source");
	const char *person = record_text(start, "person");
	struct civil_text date;
	int64_t at_us = 0;
	int64_t day;

	civil_read_utc(record_text(start, "utc"), &at_us);
	if (strcmp(source, "emergency") == 0)
		fprintf(q->out, "  %s\n", _("EMERGENCY: not in the plan"));
	if (strcmp(source, "operator") == 0)
		fprintf(q->out, "  %s\n",
		    _("not in the plan: played by the operator"));
	if (strcmp(source, "filler") == 0) {
		fprintf(q->out, "  %s\n",
		    _("not in the plan: music for what it left free"));
		return;
	}
	put_person(q, _("order of: "), person, NULL, at_us);
	if (person[0] != '\0' || strcmp(source, "operator") == 0) {
		put_text(q, _("order:    "), record_text(start, "order"));
		put_text(q, _("reason:   "), record_text(start, "reason"));
		return;
	}
	if (civil_read_date(record_text(start, "date"), &day) < 0)
		return;
	fprintf(q->out, _("  order of:  the schedule of %s, slot %s%s\n"),
	    say_date(day, &date), record_text(start, "slot"),
	    strcmp(source, "rejoin") == 0 ? _(", going on after a break") : "");
	put_text(q, _("revision: "), record_text(start, "schedule_rev"));
}

static const char *
instant_of(const json_t *r, const char *key, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(r, key), &us) < 0)
		return "?";
	return say_instant(us, buf);
}

static void
put_measured(const struct inquiry *q, const json_t *end)
{
	struct civil_text at;
	struct civil_text length;
	double gain = json_number_value(json_object_get(end, "gain_db"));

	if (end == NULL) {
		fprintf(
		    q->out, "  %s\n", _("measured:  not ended yet in the log"));
		return;
	}
	fprintf(q->out, _("  measured:  from %s, %s; %s\n"),
	    instant_of(end, "actual_utc", &at),
	    say_length(record_int(end, "actual_ms", 0) * US_PER_MS, &length),
	    outcome_grade((int)record_int(end, "grade", 0)));
	if (gain != 0)
		fprintf(q->out,
		    _("  level:     %s dB against the stored file\n"),
		    say_signed(gain, 1, &at));
}

/* Which part of a pair it was. */
static void
put_set(const struct inquiry *q, const json_t *start)
{
	char text[200];

	if (record_text(start, "set")[0] == '\0')
		return;
	snprintf(text, sizeof(text), _("the bilingual set %s, in %s"),
	    record_text(start, "set"),
	    language_name(record_text(start, "language")));
	put_text(q, _("part of:  "), text);
}

static int
found_sound(void *arg, const json_t *start, const json_t *end)
{
	struct inquiry *q = arg;
	char *title;

	q->n++;
	if (q->sounding != NULL)
		return json_array_append_new(
			   q->sounding, json_pack("{s:O,s:O?}", "start", start,
					    "end", end)) < 0
			   ? -ENOMEM
			   : 0;
	title = say_safe(record_text(start, "title"));
	fprintf(q->out, "%s: %s\n", record_text(start, "station"),
	    title == NULL || title[0] == '\0' ? record_text(start, "item")
					      : title);
	free(title);
	put_text(q, _("item:     "), record_text(start, "item"));
	put_text(q, _("airing:   "), record_text(start, "airing_id"));
	put_set(q, start);
	put_measured(q, end);
	put_order(q, start);
	put_approval(q, start);
	return 0;
}

static int
found_slot(void *arg, const json_t *slot)
{
	struct inquiry *q = arg;
	const char *reason = record_text(slot, "reason");
	struct civil_text at, with, without;
	char *title;

	q->n++;
	if (q->planned != NULL)
		return json_array_append(q->planned, (json_t *)slot) < 0
			   ? -ENOMEM
			   : 0;
	title = say_safe(record_text(slot, "title"));
	fprintf(q->out, _("%s: planned at %s: %s\n"),
	    record_text(slot, "station"), instant_of(slot, "planned_utc", &at),
	    title == NULL || title[0] == '\0' ? record_text(slot, "slot")
					      : title);
	free(title);
	fprintf(q->out, "  %s%s%s\n",
	    outcome_status(record_text(slot, "status")),
	    reason[0] == '\0' ? "" : ": ", outcome_reason(reason));
	if (json_is_integer(json_object_get(slot, "signal_ms")))
		fprintf(q->out, _("  measured:  signal %s s, without %s s\n"),
		    say_decimal((double)record_int(slot, "signal_ms", 0) / 1000,
			1, &with),
		    say_decimal((double)record_int(slot, "lost_ms", 0) / 1000,
			1, &without));
	return 0;
}

static int
answer_json(struct inquiry *q, const char *station, int64_t us)
{
	struct civil_text utc;
	int r;

	q->sounding = json_array();
	q->planned = json_array();
	r = index_sounding(q->index, station, us, found_sound, q);
	if (r == 0)
		r = index_planned(q->index, station, us, found_slot, q);
	if (r < 0) {
		json_decref(q->sounding);
		json_decref(q->planned);
		return r;
	}
	return command_json(
	    json_pack("{s:s,s:o,s:o}", "utc", civil_utc_text(us, &utc),
		"sounding", q->sounding, "planned", q->planned));
}

/* The sentences, into q->out. 0 or a negative errno. */
static int
answer_text(struct inquiry *q, const char *station, int64_t us)
{
	struct civil_text at;
	size_t sounding;
	int r;

	fprintf(q->out, "%s\n", say_instant(us, &at));
	if (us > clock_read().wall_us) {
		fprintf(q->out, "%s\n",
		    _("That moment is still to come; `loaxa next` "
		      "and `loaxa week` show what is planned."));
		return 0;
	}
	r = index_sounding(q->index, station, us, found_sound, q);
	sounding = q->n;
	if (r == 0 && sounding == 0)
		fprintf(q->out, "%s\n", _("Nothing of ours was sounding."));
	if (r == 0)
		r = index_planned(q->index, station, us, found_slot, q);
	if (r == 0 && q->n == 0)
		fprintf(q->out, "%s\n",
		    _("Nothing was planned for that moment, as far "
		      "as the log goes."));
	return r;
}

static int
answer(struct inquiry *q, const char *station, int64_t us)
{
	int r = answer_text(q, station, us);

	return r < 0 ? r : command_done(EX_OK);
}

/* The same on a page. */
static int
answer_page(const struct ctl *ctl, struct inquiry *q, struct disk *disk,
    const struct asked *a)
{
	struct answer sheet = { .station = a->station,
		.us = a->us,
		.from_us = a->us - ANSWER_AROUND_US,
		.to_us = a->us + ANSWER_AROUND_US };
	char *text = NULL;
	size_t n;
	int code = EX_OSERR;
	int r;

	if (a->us > clock_read().wall_us) {
		say_error("%s", _("there is no answer sheet of a moment that "
				  "is still to come"));
		return EX_USAGE;
	}
	q->out = open_memstream(&text, &n);
	if (q->out == NULL)
		return -ENOMEM;
	r = answer_text(q, a->station, a->us);
	fclose(q->out);
	sheet.text = text;
	if (r == 0)
		r = answer_write(
		    &ctl->root, disk, &sheet, a->pdf, a->replace, &code);
	free(text);
	return r < 0 ? r : command_done(code);
}

/* The index on disk is a convenience: who may only read gets one in memory. */
static int
open_index(const struct root *root, struct disk *disk, struct index **ret)
{
	int r = index_open(disk, root->index, ret);

	if (r == -EACCES || r == -EROFS || r == -ENOSPC || r == -EBUSY ||
	    r == -EIO)
		r = index_open(disk, ":memory:", ret);
	if (r == 0 && index_remade(*ret))
		say_error(_("%s did not fit the airing log and was made again "
			    "from it"),
		    root->index);
	return r;
}

static int
inquire(const struct ctl *ctl, const struct asked *a)
{
	struct inquiry q = { .out = stdout };
	struct disk *disk = NULL;
	int r = access(ctl->root.log, R_OK) < 0 ? -errno : 0;

	if (r == 0)
		r = disk_open(ctl->root.log, &disk);
	if (r == 0)
		r = command_logged_station(ctl, disk, a->station);
	if (r == 0)
		r = open_index(&ctl->root, disk, &q.index);
	if (r == 0 && people_read(ctl->root.people, &q.people) < 0)
		q.people = NULL;
	if (r == 0 && a->pdf != NULL)
		r = answer_page(ctl, &q, disk, a);
	else if (r == 0)
		r = a->json ? answer_json(&q, a->station, a->us)
			    : answer(&q, a->station, a->us);
	if (r == -ENOENT)
		say_error(_("there is no airing log yet in %s"), ctl->root.log);
	else if (r < 0)
		say_error("%s: %s", ctl->root.log, say_errno(r));
	people_free(q.people);
	index_close(q.index);
	disk_close(disk);
	return r < 0 ? say_exit(r) : r;
}

int
cmd_what(struct ctl *ctl, int argc, char **argv)
{
	struct asked a = { .station = "" };
	const struct arg args[] = { { "station", ARG_TEXT, &a.station },
		{ "o", ARG_TEXT, &a.pdf }, { "replace", ARG_FLAG, &a.replace },
		{ "json", ARG_FLAG, &a.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	command_zone(ctl);
	if (read_moment(argc, argv, &a.us) < 0)
		return command_misused(
		    argv[0], _("write the moment as \"2026-11-26 05:12\""));
	return inquire(ctl, &a);
}
