/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa play, emergency: a person orders something to sound at once.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "evidence/people.h"
#include "evidence/record.h"

/* What was typed; NULL where it was not. */
struct order {
	const char *item;
	char *const *then; /* more of them, or NULL */
	int n_then;
	const char *station;
	const char *by;
	const char *order;
	const char *reason;
	const char *code;
	int times;
	int gap_s;
	bool over;
	bool next;
	bool bank;
	bool json;
};

/* The person's id. The daemon judges whether that person may, so that a
 * refusal is in the log. */
static int
find_person(const struct ctl *ctl, const char *who, char id[static PERSON_ID])
{
	const char *path = ctl->root.people;
	struct people *people;
	struct person p;
	int r = people_read(path, &people);

	if (r < 0) {
		say_error("%s: %s", path, say_errno(r));
		return say_exit(r);
	}
	r = people_find(
	    people, who, people_instant(path, clock_read().wall_us), &p);
	if (r == 0)
		snprintf(id, PERSON_ID, "%s", p.id);
	people_free(people);
	return r == 0 ? 0 : command_no_person(r, who);
}

/* 0 and the answer, which says ok, is yours; or what is wrong is said and the
 * code returned. Takes the request over. */
static int
ask(const struct ctl *ctl, json_t *request, json_t **ret_answer)
{
	json_t *a;
	int r = command_ask(ctl, request, &a);

	if (r != 0)
		return r;
	if (json_is_true(json_object_get(a, "ok"))) {
		*ret_answer = a;
		return 0;
	}
	r = command_refused(a);
	json_decref(a);
	return r;
}

static void
say_length_of(const json_t *a)
{
	int64_t times = record_int(a, "times", 1);
	struct civil_text length;

	say_length(record_int(a, "length_ms", 0) * US_PER_MS, &length);
	if (times == 1)
		say_line(stdout, _("  item     %s (%s), %s"),
		    record_text(a, "title"), record_text(a, "item"), length.s);
	else
		say_line(stdout, _("  item     %s (%s), %s, %lld times"),
		    record_text(a, "title"), record_text(a, "item"), length.s,
		    (long long)times);
	say_line(stdout, _("  station  %s"), record_text(a, "station"));
}

/* What the order cuts, or keeps from beginning; or an insertion moves. */
static void
say_planned(const json_t *a, bool next)
{
	const json_t *s;
	struct civil_text at;
	size_t i;
	int64_t us = 0;

	json_array_foreach(json_object_get(a, "planned"), i, s)
	{
		const char *title = record_text(s, "title");

		civil_read_utc(record_text(s, "start_utc"), &us);
		say_line(stdout,
		    next ? _("  ! begins later, or is cut short, for it: %s %s")
			 : _("  ! takes the air from: %s %s"),
		    say_time(us, &at),
		    title[0] != '\0' ? title : record_text(s, "slot"));
	}
}

static void
say_ahead(const json_t *a)
{
	if (record_int(a, "ahead", 0) > 0)
		say_line(stdout,
		    _("  ! it waits for what was released before it (%lld)"),
		    (long long)record_int(a, "ahead", 0));
}

static void
say_warnings(const json_t *a)
{
	if (json_is_true(json_object_get(a, "outside_hours")))
		say_line(stdout, "%s",
		    _("  ! these are not the allowed hours: the loudspeakers "
		      "are silent now"));
	say_planned(a, false);
	say_ahead(a);
	if (strcmp(record_text(a, "clock"), "unsure") == 0)
		say_line(stdout, "%s",
		    _("  ! the clock is not trusted; the record says so"));
	if (strcmp(record_text(a, "device"), "lost") == 0)
		say_line(stdout, "%s",
		    _("  ! THE SOUND DEVICE IS LOST: it is tried for five "
		      "minutes; call people another way too"));
}

/* loaxa emergency: the second step --------------------------------------- */

static int
confirm(const struct ctl *ctl, const char *code, bool json)
{
	json_t *a;
	int r = ask(
	    ctl, json_pack("{s:s, s:s}", "cmd", "emergency", "code", code), &a);

	if (r != 0)
		return r;
	if (json)
		return command_json(a);
	if (record_int(a, "ahead", 0) > 0)
		say_line(stdout,
		    _("Released at %s: %s waits for what was released before "
		      "it. `loaxa stop` ends both."),
		    record_text(a, "station"), record_text(a, "title"));
	else
		say_line(stdout,
		    _("Released at %s: %s is sent to the sound device now. "
		      "`loaxa "
		      "stop` ends it; `loaxa status` shows how far it is."),
		    record_text(a, "station"), record_text(a, "title"));
	json_decref(a);
	return command_done(EX_OK);
}

/* The first step --------------------------------------------------------- */

/* At a terminal the second step is the typing of the code. */
static int
ask_code(const struct ctl *ctl, const char *code)
{
	char line[32];

	printf("%s", _("Type the code to release it; anything else leaves it "
		       "unreleased: "));
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	line[strcspn(line, " \r\n")] = '\0';
	if (strcmp(line, code) == 0)
		return confirm(ctl, code, false);
	printf("\n%s\n", _("Not released; nothing sounds."));
	return command_done(EX_TEMPFAIL);
}

static int
show_prepared(const struct ctl *ctl, const struct order *o, const json_t *a)
{
	const char *code = record_text(a, "code");

	say_line(stdout, "%s", _("EMERGENCY, prepared. Nothing sounds yet."));
	say_length_of(a);
	say_line(stdout, _("  order    %s"), o->order);
	say_warnings(a);
	say_line(stdout, _("Code: %s (good for %lld seconds, and for once)"),
	    code, (long long)record_int(a, "valid_s", 0));
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return ask_code(ctl, code);
	say_line(
	    stdout, _("To release it: loaxa emergency --confirm %s"), code);
	return command_done(EX_OK);
}

static json_t *
then_of(const struct order *o)
{
	json_t *list = json_array();

	for (int i = 0; i < o->n_then; i++)
		json_array_append_new(list, json_string(o->then[i]));
	return list;
}

static json_t *
request_of(const char *cmd, const struct order *o, const char *person)
{
	json_t *j = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "cmd", cmd,
	    "item", o->item, "station", o->station, "by",
	    person[0] == '\0' ? NULL : person, "order", o->order, "reason",
	    o->reason);

	if (o->n_then > 0)
		json_object_set_new(j, "then", then_of(o));
	if (o->over)
		json_object_set_new(j, "over", json_true());
	if (o->next)
		json_object_set_new(j, "next", json_true());
	if (o->times != 1)
		json_object_set_new(j, "times", json_integer(o->times));
	if (o->gap_s != 0)
		json_object_set_new(j, "gap_s", json_integer(o->gap_s));
	return j;
}

static int
prepare(const struct ctl *ctl, const struct order *o)
{
	char id[PERSON_ID] = "";
	json_t *a;
	int r;

	if (o->by == NULL)
		return command_misused(
		    "emergency", _("--by NAME says who releases it"));
	if (o->order == NULL)
		return command_misused("emergency",
		    _("--order TEXT says whose order it follows, in which "
		      "paper or call"));
	r = find_person(ctl, o->by, id);
	if (r == 0)
		r = ask(ctl, request_of("emergency", o, id), &a);
	if (r != 0)
		return r;
	if (o->json)
		return command_json(a);
	command_zone(ctl);
	r = show_prepared(ctl, o, a);
	json_decref(a);
	return r;
}

int
cmd_emergency(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .times = 1 };
	const struct arg args[] = { { "station", ARG_TEXT, &o.station },
		{ "by", ARG_TEXT, &o.by }, { "order", ARG_TEXT, &o.order },
		{ "reason", ARG_TEXT, &o.reason },
		{ "repeat", ARG_NUMBER, &o.times },
		{ "gap", ARG_NUMBER, &o.gap_s },
		{ "confirm", ARG_TEXT, &o.code }, { "bank", ARG_FLAG, &o.bank },
		{ "json", ARG_FLAG, &o.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (o.bank && (argc > 1 || o.by != NULL || o.code != NULL))
		return command_misused(argv[0],
		    _("--bank only lists what lies ready, and takes nothing "
		      "else"));
	if (o.bank)
		return command_bank(ctl, o.json);
	if (o.code != NULL && (argc > 1 || o.by != NULL || o.order != NULL))
		return command_misused(
		    argv[0], _("--confirm CODE is the second step, and takes "
			       "nothing else"));
	if (o.code != NULL)
		return confirm(ctl, o.code, o.json);
	if (argc < 2)
		return command_misused(argv[0], _("name at least one item"));
	o.item = argv[1];
	o.then = argv + 2;
	o.n_then = argc - 2;
	return prepare(ctl, &o);
}

/* The join is as it stands now: what is on may end sooner. */
static void
say_inserted(const json_t *a)
{
	struct civil_text at;
	struct civil_text length;
	int64_t us = 0;

	civil_read_utc(record_text(a, "start_utc"), &us);
	say_line(stdout,
	    _("%s: %s (%s) airs at the next join, at about %s. `loaxa skip %s` "
	      "withdraws it."),
	    record_text(a, "station"), record_text(a, "title"),
	    say_length(record_int(a, "length_ms", 0) * US_PER_MS, &length),
	    say_time(us, &at), record_text(a, "item"));
	say_ahead(a);
	say_planned(a, true);
}

static void
say_played(const json_t *a)
{
	struct civil_text length;

	say_line(stdout,
	    _("%s: %s (%s) is sent to the sound device now. `loaxa skip` ends "
	      "it."),
	    record_text(a, "station"), record_text(a, "title"),
	    say_length(record_int(a, "length_ms", 0) * US_PER_MS, &length));
	say_planned(a, false);
}

int
cmd_play(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .times = 1 };
	const struct arg args[] = { { "station", ARG_TEXT, &o.station },
		{ "by", ARG_TEXT, &o.by }, { "over", ARG_FLAG, &o.over },
		{ "next", ARG_FLAG, &o.next }, { "json", ARG_FLAG, &o.json } };
	char id[PERSON_ID] = "";
	json_t *a;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one item"));
	if (o.over && o.next)
		return command_misused(argv[0],
		    _("--over cuts what is on, --next waits for its end: say "
		      "one of them"));
	o.item = argv[1];
	r = o.by == NULL ? 0 : find_person(ctl, o.by, id);
	if (r == 0)
		r = ask(ctl, request_of("play", &o, id), &a);
	if (r != 0)
		return r;
	if (o.json)
		return command_json(a);
	command_zone(ctl);
	if (o.next)
		say_inserted(a);
	else
		say_played(a);
	json_decref(a);
	return command_done(EX_OK);
}
