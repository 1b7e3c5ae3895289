/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa clock: whether the daemon believes the computer's clock, and a
 * person's word that it is right.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/clockview.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "evidence/people.h"
#include "evidence/record.h"
#include "scheduler/trust.h"

#define HALF_MINUTE_US (30 * US_PER_S)

struct wish {
	const char *by;
	const char *time; /* or NULL: ask */
	bool json;
};

/* What the daemon says of the clock, in its zone. 0, or the code. */
static int
look(const struct ctl *ctl, json_t **ret_answer)
{
	json_t *a;
	int r = command_ask(ctl, json_pack("{s:s}", "cmd", "clock"), &a);

	if (r != 0)
		return r;
	if (!json_is_true(json_object_get(a, "ok"))) {
		r = command_refused(a);
		json_decref(a);
		return r;
	}
	if (civil_zone(record_text(a, "zone")) < 0)
		civil_zone("Asia/Ho_Chi_Minh");
	*ret_answer = a;
	return 0;
}

static int
show(const struct ctl *ctl, bool json)
{
	json_t *a;
	int r = look(ctl, &a);

	if (r != 0)
		return r;
	if (json)
		return command_json(a);
	clockview_print(a, stdout);
	json_decref(a);
	return command_done(EX_OK);
}

/* "2026-11-26 05:01", with or without seconds, as the station's clocks show
 * it. A watch without seconds is right to half a minute when its minute's
 * middle is taken. */
static int
read_seen(const char *text, int64_t *ret_us)
{
	char date[16];
	const char *at = strchr(text, ' ');
	const char *colon = at == NULL ? NULL : strchr(at, ':');
	int64_t day;
	int second;

	if (colon == NULL || at - text >= (int)sizeof(date))
		return -1;
	memcpy(date, text, (size_t)(at - text));
	date[at - text] = '\0';
	if (args_date(date, &day) < 0 || civil_read_time(at + 1, &second) < 0)
		return -1;
	*ret_us = civil_to_us(day, second);
	if (strchr(colon + 1, ':') == NULL)
		*ret_us += HALF_MINUTE_US;
	return 0;
}

static bool
says_yes(void)
{
	char line[16];

	printf("%s", _("It is right? [y/N] "));
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL && line[0] != '\0' &&
	       strchr("yYcC", line[0]) != NULL;
}

/* Shows the time and asks. The answer is about the time that was shown, and
 * counts for the moment it is given. */
static int
ask_person(const json_t *a, int64_t *ret_us)
{
	struct civil_text buf;
	struct now then = clock_read();
	int64_t shown_us;

	if (!isatty(STDIN_FILENO))
		return command_misused("clock",
		    _("nobody is there to be asked; give what a watch shows "
		      "now: --time \"2026-11-26 05:01\""));
	if (civil_read_utc(record_text(a, "utc"), &shown_us) < 0)
		return EX_UNAVAILABLE;
	printf(_("The computer takes it to be %s (%s).\n"),
	    clockview_instant(shown_us, &buf), record_text(a, "zone"));
	printf("%s\n",
	    _("Look at a telephone or a watch. Are the weekday, the date and "
	      "the time right, to the minute?"));
	if (!says_yes()) {
		printf("%s\n", _("Nothing was confirmed."));
		return command_done(EX_TEMPFAIL);
	}
	*ret_us = shown_us + clock_read().boot_us - then.boot_us;
	return 0;
}

/* Is the computer's clock far from that? Then it is said, with the remedy:
 * before the register of people, who hold no office in 1970. */
static bool
differs(const json_t *clock, int64_t seen_us)
{
	struct civil_text buf;
	int64_t shown_us = seen_us;
	int64_t off_us;

	civil_read_utc(record_text(clock, "utc"), &shown_us);
	off_us = shown_us - seen_us;
	if (off_us >= -TRUST_SEEN_US && off_us <= TRUST_SEEN_US)
		return false;
	say_line(stderr,
	    off_us > 0 ? _("The computer's clock is %s fast. To set it:")
		       : _("The computer's clock is %s slow. To set it:"),
	    say_length(off_us > 0 ? off_us : -off_us, &buf));
	clockview_setting(seen_us, record_text(clock, "zone"), stderr);
	return true;
}

static int
send_word(const struct ctl *ctl, const char *person, int64_t seen_us,
    json_t **ret_answer)
{
	struct civil_text utc;
	int r = command_ask(ctl,
	    json_pack("{s:s, s:s, s:s}", "cmd", "confirm", "by", person,
		"seen_utc", civil_utc_text(seen_us, &utc)),
	    ret_answer);

	if (r != 0 || json_is_true(json_object_get(*ret_answer, "ok")))
		return r;
	r = command_refused(*ret_answer);
	json_decref(*ret_answer);
	return r == EX_UNAVAILABLE ? EX_DATAERR : r;
}

static int
give_word(const struct ctl *ctl, const char *person, int64_t seen_us,
    const struct wish *w)
{
	json_t *answer;
	int r = send_word(ctl, person, seen_us, &answer);

	if (r != 0)
		return r;
	if (json_is_true(json_object_get(answer, "waits")))
		say_error("%s",
		    _("the airing log cannot be written now; the record waits "
		      "in memory"));
	if (w->json)
		return command_json(answer);
	json_decref(answer);
	printf("%s\n",
	    _("The clock is confirmed: it is believed until it is set, or the "
	      "computer is switched off."));
	return command_done(EX_OK);
}

/* A clock that needs nobody's word; or one that no word can help. */
static bool
needs_no_word(const json_t *clock, const struct wish *w)
{
	struct civil_text buf;
	int64_t us = 0;

	civil_read_utc(record_text(clock, "utc"), &us);
	if (strcmp(record_text(clock, "clock"), "synced") == 0 && !w->json) {
		printf("%s\n", _("A time server keeps the clock right: nothing "
				 "has to be confirmed."));
		return true;
	}
	if (strcmp(record_text(clock, "why"), "before_release") != 0)
		return false;
	say_error(_("the computer takes it to be %s, before this program was "
		    "made; set the clock first, for example:"),
	    clockview_instant(us, &buf));
	clockview_setting(0, record_text(clock, "zone"), stderr);
	return true;
}

static int
confirm_by(const struct ctl *ctl, const struct wish *w, int64_t seen_us)
{
	struct people *people;
	struct person who;
	int r = command_person(ctl, "confirm", w->by, &people, &who);

	if (r != 0)
		return r;
	r = give_word(ctl, who.id, seen_us, w);
	people_free(people);
	return r;
}

/* What time it is, then who says so, then the daemon. */
static int
confirm(const struct ctl *ctl, const struct wish *w)
{
	json_t *clock;
	int64_t seen_us = 0;
	int r;

	if (w->by == NULL)
		return command_misused(
		    "clock", _("--by NAME says who confirms it"));
	r = look(ctl, &clock);
	if (r != 0)
		return r;
	if (w->time != NULL && read_seen(w->time, &seen_us) < 0)
		r = command_misused("clock",
		    _("--time: write date and time such as \"2026-11-26 "
		      "05:01\""));
	else if (w->time != NULL && differs(clock, seen_us))
		r = EX_DATAERR;
	else if (needs_no_word(clock, w))
		r = strcmp(record_text(clock, "clock"), "synced") == 0
			? command_done(EX_OK)
			: EX_DATAERR;
	else if (w->time == NULL)
		r = ask_person(clock, &seen_us);
	json_decref(clock);
	return r != 0 || seen_us == 0 ? r : confirm_by(ctl, w, seen_us);
}

int
cmd_clock(struct ctl *ctl, int argc, char **argv)
{
	struct wish w = { 0 };
	const struct arg args[] = { { "by", ARG_TEXT, &w.by },
		{ "time", ARG_TEXT, &w.time }, { "json", ARG_FLAG, &w.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc == 2 && strcmp(argv[1], "confirm") == 0)
		return confirm(ctl, &w);
	if (argc > 1)
		return command_misused(
		    argv[0], _("the only word it takes is \"confirm\""));
	if (w.by != NULL || w.time != NULL)
		return command_misused(
		    argv[0], _("--by and --time go with: loaxa clock confirm"));
	return show(ctl, w.json);
}
