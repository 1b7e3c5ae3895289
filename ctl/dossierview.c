/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/dossierview.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "evidence/record.h"

#define WHO 600 /* bytes of a person, as told */

struct sentence {
	FILE *out;
	const struct dossier_line *line;
	const struct people *people;
};

static long long
number(const json_t *r)
{
	return (long long)record_int(r, "seq", -1);
}

static int64_t
instant(const json_t *r, const char *key)
{
	int64_t us = 0;

	civil_read_utc(record_text(r, key), &us);
	return us;
}

/* "26/11/2026" as the user writes it; as it stands where it is no date. */
static const char *
date_of(const json_t *r, struct civil_text *buf)
{
	int64_t day;

	if (civil_read_date(record_text(r, "date"), &day) < 0)
		return record_text(r, "date");
	return say_date(day, buf);
}

/* "p-8c21e4d0 (Phó Chủ tịch UBND xã)", with the name where it is known. */
static const char *
who(const struct sentence *s, const json_t *r, const char *id,
    const char *office, char buf[static WHO])
{
	const char *key = record_text(r, id);
	const char *held = record_text(r, office);
	struct person p;

	if (s->people != NULL &&
	    people_find(s->people, key, instant(r, "utc"), &p) == 0)
		snprintf(buf, WHO, "%s, %s (%s)", p.name,
		    held[0] == '\0' ? p.office : held, key);
	else if (held[0] != '\0')
		snprintf(buf, WHO, "%s (%s)", key, held);
	else
		snprintf(buf, WHO, "%s", key);
	return buf;
}

static void
put_bytes(const struct sentence *s, const json_t *r)
{
	const json_t *of = s->line->of;

	fprintf(s->out, "\n  %s: %s", _("hash (SHA-256)"),
	    record_text(r, "sha256"));
	fprintf(s->out, "\n  %s: %s", _("item"), record_text(r, "item"));
	if (record_text(of, "title")[0] != '\0')
		fprintf(
		    s->out, "\n  %s: %s", _("title"), record_text(of, "title"));
	fprintf(s->out, "\n  %s: %s", _("airing"), record_text(r, "airing_id"));
}

static void
put_outcome(const struct sentence *s, const json_t *r)
{
	const char *reason = record_text(r, "reason");

	fprintf(s->out, "\n  %s: %s%s%s", _("outcome"),
	    outcome_status(record_text(r, "status")),
	    reason[0] == '\0' ? "" : ", ", outcome_reason(reason));
}

/* P7: what the device accepted, and never more. */
static void
say_aired(const struct sentence *s)
{
	const json_t *r = s->line->about;
	int64_t ms = record_int(r, "actual_ms", 0);
	int64_t grade = record_int(r, "grade", 0);
	struct civil_text at, length;

	if (ms > 0 && grade >= 2)
		fprintf(s->out,
		    json_is_true(json_object_get(r, "at_least"))
			? _("The sound with this hash was accepted by the "
			    "sound device from %s on, at least %s of it "
			    "(record %lld).")
			: _("The sound with this hash was accepted by the "
			    "sound device from %s on, %s of it (record "
			    "%lld)."),
		    say_instant(instant(r, "actual_utc"), &at),
		    say_length(ms * US_PER_MS, &length), number(r));
	else
		fprintf(s->out,
		    _("Of the sound with this hash the sound device is not "
		      "known to have accepted anything (record %lld)."),
		    number(r));
	put_bytes(s, r);
	put_outcome(s, r);
	if (outcome_grade((int)grade)[0] != '\0')
		fprintf(s->out, "\n  %s", outcome_grade((int)grade));
}

static void
say_started(const struct sentence *s)
{
	struct civil_text at;

	fprintf(s->out,
	    _("The sound with this hash was to begin at %s (record %lld); how "
	      "it ended, this file does not show."),
	    say_instant(instant(s->line->about, "cue_utc"), &at),
	    number(s->line->about));
	put_bytes(s, s->line->about);
}

static void
say_slot(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text at, date, length;

	fprintf(s->out, _("Slot %s of %s, planned for %s, %s (record %lld)."),
	    record_text(r, "slot"), date_of(r, &date),
	    say_instant(instant(r, "planned_utc"), &at),
	    say_length(record_int(r, "planned_ms", 0) * US_PER_MS, &length),
	    number(r));
	if (record_text(r, "title")[0] != '\0')
		fprintf(
		    s->out, "\n  %s: %s", _("title"), record_text(r, "title"));
	put_outcome(s, r);
}

static void
say_planned(const struct sentence *s)
{
	const json_t *r = s->line->about;
	const json_t *of = s->line->of;
	struct civil_text date, written, at, length;

	fprintf(s->out,
	    _("Planned by the day sheet of %s, written on %s: slot %s at %s, "
	      "%s (record %lld)."),
	    date_of(r, &date), say_instant(instant(r, "utc"), &written),
	    record_text(of, "slot"), say_time(instant(of, "planned_utc"), &at),
	    say_length(record_int(of, "planned_ms", 0) * US_PER_MS, &length),
	    number(r));
}

static void
say_ordered(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text at;
	char person[WHO];

	fprintf(s->out,
	    s->line->word == DOSSIER_PREPARED
		? _("That was prepared by %s on %s (record %lld).")
		: _("In no plan: ordered by %s on %s (record %lld)."),
	    who(s, r, "person", "office", person),
	    say_instant(instant(r, "utc"), &at), number(r));
	if (s->line->word != DOSSIER_PREPARED &&
	    record_text(r, "order")[0] != '\0')
		fprintf(
		    s->out, "\n  %s: %s", _("order"), record_text(r, "order"));
	if (s->line->word != DOSSIER_PREPARED &&
	    record_text(r, "reason")[0] != '\0')
		fprintf(s->out, "\n  %s: %s", _("reason"),
		    record_text(r, "reason"));
}

static void
say_approved(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text at;
	char person[WHO];
	char behalf[WHO];

	if (record_text(r, "on_behalf")[0] == '\0')
		fprintf(s->out,
		    _("Exactly these bytes were approved by %s on %s (record "
		      "%lld)."),
		    who(s, r, "person", "office", person),
		    say_instant(instant(r, "utc"), &at), number(r));
	else
		fprintf(s->out,
		    _("Exactly these bytes were approved by %s, for %s, on %s "
		      "(record %lld)."),
		    who(s, r, "person", "office", person),
		    who(s, r, "on_behalf", "on_behalf_office", behalf),
		    say_instant(instant(r, "utc"), &at), number(r));
}

static void
say_withdrawn(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text at;
	char person[WHO];

	fprintf(s->out,
	    s->line->word == DOSSIER_WITHDRAWN
		? _("the approval had been withdrawn BEFORE it aired: by %s on "
		    "%s, \"%s\" (record %lld)")
		: _("After it had aired the approval was withdrawn: by %s on "
		    "%s, \"%s\" (record %lld)."),
	    who(s, r, "person", "office", person),
	    say_instant(instant(r, "utc"), &at), record_text(r, "reason"),
	    number(r));
}

static void
say_corrected(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text at;

	fprintf(s->out, _("Record %lld was corrected on %s by record %lld: %s"),
	    number(s->line->of), say_instant(instant(r, "utc"), &at), number(r),
	    record_text(r, "text"));
}

static void
say_one_of_two(const struct sentence *s)
{
	fprintf(s->out,
	    _("The approval in record %lld was to be given by %lld persons; "
	      "this file does not show as many."),
	    number(s->line->about),
	    (long long)record_int(s->line->about, "needs", 1));
}

static void
say_lacks_day(const struct sentence *s)
{
	struct civil_text date;

	fprintf(s->out, _("the day sheet of %s, which planned slot %s"),
	    date_of(s->line->of, &date), record_text(s->line->of, "slot"));
}

static void
say_lacks_airing(const struct sentence *s)
{
	fprintf(s->out, _("the records of airing %s"), s->line->text);
}

static void
say_lacks_epoch(const struct sentence *s)
{
	fprintf(s->out,
	    _("the epoch record that began the signed tree %s: only it says "
	      "which records of the trees before still count"),
	    s->line->text);
}

static void
say_given_up(const struct sentence *s)
{
	fprintf(s->out,
	    _("record %lld (%s) is of another history: from record %lld on, "
	      "the log began anew (record %lld), with records of its own"),
	    number(s->line->about), record_text(s->line->about, "kind"),
	    (long long)record_int(s->line->of, "from", number(s->line->of)),
	    number(s->line->of));
}

static void
say_lacks_corrected(const struct sentence *s)
{
	fprintf(s->out, _("record %lld, which record %lld corrects"),
	    (long long)s->line->seq, number(s->line->of));
}

static void
say_other_airing(const struct sentence *s)
{
	fprintf(s->out,
	    _("records %lld and %lld are of one airing and of two sounds"),
	    number(s->line->of), number(s->line->about));
}

static void
say_other_bytes(const struct sentence *s)
{
	const json_t *r = s->line->about;

	fprintf(s->out,
	    _("the approval in record %lld is of other bytes, %s (%s)"),
	    number(r), record_text(r, "sha256"), record_text(r, "item"));
}

static void
say_other_day(const struct sentence *s)
{
	const json_t *r = s->line->about;
	struct civil_text date;

	fprintf(s->out,
	    _("record %lld is the day sheet of another day or station: %s, "
	      "%s"),
	    number(r), date_of(r, &date), record_text(r, "station"));
}

static void
say_not_in_day(const struct sentence *s)
{
	fprintf(s->out,
	    _("the day sheet in record %lld does not plan slot %s as it "
	      "aired"),
	    number(s->line->about), record_text(s->line->of, "slot"));
}

static void
say_stranger(const struct sentence *s)
{
	fprintf(s->out,
	    _("record %lld (%s) has nothing to do with this airing"),
	    number(s->line->about), record_text(s->line->about, "kind"));
}

/* What takes a record's number and no more. */
static const char *
numbered(enum dossier_word w)
{
	static const char *const texts[DOSSIER_WORDS] = {
		[DOSSIER_NOT_NEEDED] =
		    N_("It aired by no approval: the station's settings did "
		       "not ask for one (record %lld)."),
		[DOSSIER_LATE_SHEET] =
		    N_("The day sheet in record %lld was written after the "
		       "slot had begun; it counts only if it was the first of "
		       "its date."),
		[DOSSIER_OTHER_ITEM] =
		    N_("The day sheet in record %lld names other items for "
		       "that slot than the one that aired."),
		[DOSSIER_FILLER] = N_("In no plan, and on nobody's order: gap "
				      "music (record %lld)."),
		[DOSSIER_LACKS_START] =
		    N_("the record of its start, which names the approval"),
		[DOSSIER_LACKS_END] =
		    N_("the record of its end, which says what was measured"),
		[DOSSIER_LACKS_APPROVAL] =
		    N_("record %lld, the approval by which it aired"),
		[DOSSIER_LACKS_ORDER] =
		    N_("record %lld, the order by which it aired"),
		[DOSSIER_OTHER_APPROVAL] =
		    N_("the approval in record %lld is not the one by which "
		       "it aired"),
		[DOSSIER_APPROVED_LATER] =
		    N_("the approval in record %lld was given only after it "
		       "had begun"),
		[DOSSIER_OTHER_ORDER] =
		    N_("the order in record %lld is of another sound"),
	};

	return texts[w] == NULL ? "" : _(texts[w]);
}

static void
say_sentence(const struct sentence *s)
{
	static void (*const say[DOSSIER_WORDS])(const struct sentence *s) = {
		[DOSSIER_SLOT] = say_slot,
		[DOSSIER_AIRED] = say_aired,
		[DOSSIER_STARTED] = say_started,
		[DOSSIER_PLANNED] = say_planned,
		[DOSSIER_ORDERED] = say_ordered,
		[DOSSIER_PREPARED] = say_ordered,
		[DOSSIER_APPROVED] = say_approved,
		[DOSSIER_ONE_OF_TWO] = say_one_of_two,
		[DOSSIER_WITHDRAWN_LATER] = say_withdrawn,
		[DOSSIER_WITHDRAWN] = say_withdrawn,
		[DOSSIER_CORRECTED] = say_corrected,
		[DOSSIER_LACKS_DAY] = say_lacks_day,
		[DOSSIER_LACKS_AIRING] = say_lacks_airing,
		[DOSSIER_LACKS_CORRECTED] = say_lacks_corrected,
		[DOSSIER_LACKS_EPOCH] = say_lacks_epoch,
		[DOSSIER_OTHER_AIRING] = say_other_airing,
		[DOSSIER_OTHER_BYTES] = say_other_bytes,
		[DOSSIER_OTHER_DAY] = say_other_day,
		[DOSSIER_GIVEN_UP] = say_given_up,
		[DOSSIER_NOT_IN_DAY] = say_not_in_day,
		[DOSSIER_STRANGER] = say_stranger,
	};
	long long seq = s->line->about == NULL ? (long long)s->line->seq
					       : number(s->line->about);

	if (say[s->line->word] != NULL) {
		say[s->line->word](s);
		return;
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
	fprintf(s->out, numbered(s->line->word), seq);
#pragma GCC diagnostic pop
}

char *
dossierview_text(const struct dossier_line *line, const struct people *people)
{
	char *text = NULL;
	size_t n = 0;
	struct sentence s = {
		.out = open_memstream(&text, &n),
		.line = line,
		.people = people,
	};

	if (s.out == NULL)
		return NULL;
	say_sentence(&s);
	if (fclose(s.out) == 0)
		return text;
	free(text);
	return NULL;
}

void
dossierview_print(const struct dossier_line *line, const char *text)
{
	const char *mark =
	    dossier_class(line->word) == DOSSIER_LACKING ? _("MISSING: ")
	    : dossier_class(line->word) == DOSSIER_WRONG ? _("WRONG: ")
							 : "";

	for (const char *next; *text != '\0'; text = next, mark = "") {
		size_t n = strcspn(text, "\n");

		next = text + n + (text[n] == '\n');
		say_line(stdout, "%s%.*s", mark, (int)n, text);
	}
}

json_t *
dossierview_json(const struct dossier_line *line, const char *text)
{
	static const char *const classes[] = {
		[DOSSIER_SHOWN] = "shown",
		[DOSSIER_BESIDES] = "besides",
		[DOSSIER_LACKING] = "missing",
		[DOSSIER_WRONG] = "wrong",
	};
	int64_t seq = line->about != NULL ? record_int(line->about, "seq", -1)
					  : line->seq;

	return json_pack("{s:s, s:s, s:o, s:s}", "what",
	    dossier_word(line->word), "class",
	    classes[dossier_class(line->word)], "record",
	    seq < 0 ? json_null() : json_integer(seq), "text", text);
}
