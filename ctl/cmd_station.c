/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa status, reload, stop, resume, skip: the commands that need the
 * running daemon.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/faults.h"
#include "ctl/owing.h"
#include "ctl/periods.h"
#include "ctl/pushed.h"
#include "ctl/rekeyed.h"
#include "ctl/report.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "ctl/table.h"
#include "evidence/people.h"
#include "evidence/record.h"

#define LIVE_MS 500 /* a terminal's line moves twice a second */
#define LINES_MS 1000 /* what is not a terminal gets one a second */

/* What a person's command says to the daemon. */
struct order {
	const char *cmd;
	const char *station; /* NULL: all */
	const char *by; /* NULL: nobody named */
	const char *until; /* "HH:MM", or NULL */
	const char *item; /* to withdraw, or NULL */
	int64_t until_us; /* NEVER without `until` */
};

static json_t *
order_json(const struct order *o)
{
	struct civil_text utc;
	json_t *j = json_pack("{s:s,s:s*,s:s*,s:s*}", "cmd", o->cmd, "station",
	    o->station, "by", o->by, "item", o->item);

	if (o->until_us != NEVER)
		json_object_set_new(j, "until_utc",
		    json_string(civil_utc_text(o->until_us, &utc)));
	return j;
}

static int
no_daemon(const struct ctl *ctl, int r)
{
	if (root_is_restoring(&ctl->root))
		say_error(
		    "%s", _("a restore was interrupted half way: parts of "
			    "two stations lie here; run it again: loaxa "
			    "restore --replace FILE"));
	else if (r == -ENOENT || r == -ECONNREFUSED)
		say_error(_("loaxad is not running here (%s); start loaxad, or "
			    "name the right folder with --root"),
		    ctl->root.socket);
	else if (r == -EACCES || r == -EPERM)
		say_error(_("%s: you may not control this station; ask the "
			    "administrator"),
		    ctl->root.socket);
	else if (r == -ETIMEDOUT)
		say_error("%s", _("loaxad does not answer; look at what it "
				  "wrote, and start it anew"));
	else if (r == -EPIPE)
		say_error("%s", _("loaxad has ended; look at what it wrote"));
	else if (r == -EPROTO)
		say_error("%s", _("loaxad's answer makes no sense; loaxa and "
				  "loaxad must be of one version"));
	else
		say_error("%s: %s", ctl->root.socket, say_errno(r));
	return r == -EACCES || r == -EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

int
command_refused(const json_t *answer)
{
	const char *error = record_text(answer, "error");
	const json_t *problems = json_object_get(answer, "problems");
	json_t *p;
	size_t i;

	json_array_foreach(problems, i, p)
	{
		if (json_is_string(p))
			say_error("%s", json_string_value(p));
	}
	say_error("%s", error[0] == '\0' ? _("loaxad refused") : _(error));
	if (json_is_true(json_object_get(answer, "denied")))
		return EX_NOPERM;
	/* As for every command that looks by itself. */
	if (strcmp(error, "there is no such station") == 0)
		return EX_NOINPUT;
	return json_array_size(problems) > 0 ? EX_DATAERR : EX_UNAVAILABLE;
}

/* One question, one answer; what is wrong is said. 0, or the code. */
static int
ask(const struct ctl *ctl, struct client *c, const struct order *o,
    json_t **ret_answer)
{
	json_t *request = order_json(o);
	json_t *answer;
	int r = -ENOMEM;

	if (request != NULL)
		r = client_ask(c, request, &answer);
	json_decref(request);
	if (r < 0)
		return no_daemon(ctl, r);
	if (!json_is_true(json_object_get(answer, "ok"))) {
		r = command_refused(answer);
		json_decref(answer);
		return r;
	}
	*ret_answer = answer;
	return 0;
}

static int
ask_once(const struct ctl *ctl, const struct order *o, json_t **ret_answer)
{
	struct client *c;
	int r = client_open(ctl->root.socket, &c);

	if (r < 0)
		return no_daemon(ctl, r);
	r = ask(ctl, c, o, ret_answer);
	client_close(c);
	return r;
}

int
command_ask(const struct ctl *ctl, json_t *request, json_t **ret_answer)
{
	struct client *c = NULL;
	int r = request == NULL ? -ENOMEM : client_open(ctl->root.socket, &c);

	if (r == 0)
		r = client_ask(c, request, ret_answer);
	client_close(c);
	json_decref(request);
	return r < 0 ? no_daemon(ctl, r) : 0;
}

/* The faults of a station, and the computer's own; how bad they are. */
static void
keep_faults(json_t *answer, const char *station)
{
	json_t *faults = json_object_get(answer, "faults");
	const char *level;
	size_t i = 0;

	while (i < json_array_size(faults)) {
		const char *of =
		    record_text(json_array_get(faults, i), "station");

		if (of[0] == '\0' || strcmp(of, station) == 0)
			i++;
		else
			json_array_remove(faults, i);
	}
	level = record_text(json_array_get(faults, 0), "level");
	if (level[0] == '\0' || strcmp(level, "note") == 0)
		level = "ok";
	json_object_set_new(answer, "verdict", json_string(level));
}

/* Leaves the stations that were not asked for out of the answer. */
static int
keep_station(json_t *answer, const char *station)
{
	json_t *list = json_object_get(answer, "stations");
	size_t i = 0;

	while (station != NULL && i < json_array_size(list)) {
		const json_t *s = json_array_get(list, i);

		if (strcmp(record_text(s, "station"), station) == 0)
			i++;
		else
			json_array_remove(list, i);
	}
	if (station != NULL && i > 0)
		keep_faults(answer, station);
	if (station == NULL || i > 0)
		return 0;
	say_error(_("there is no station \"%s\" here; `loaxa status` lists "
		    "them"),
	    station);
	return EX_NOINPUT;
}

/* The zone is the daemon's: times read as they do at the station. */
static int
get_status(const struct ctl *ctl, struct client *c, const struct order *o,
    json_t **ret_answer)
{
	json_t *answer;
	int r = ask(ctl, c, o, &answer);

	if (r != 0)
		return r;
	r = keep_station(answer, o->station);
	if (r != 0) {
		json_decref(answer);
		return r;
	}
	if (civil_zone(record_text(answer, "zone")) < 0)
		civil_zone("Asia/Ho_Chi_Minh");
	report_titles(answer, ctl->root.items);
	*ret_answer = answer;
	return 0;
}

/* Everything the live view shows, as one text: a line a station. */
static char *
live_text(const json_t *answer, int width)
{
	char *text = strdup("");
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		char *line = report_line(answer, s, width > 0 ? width - 1 : 0);
		char *both = NULL;

		if (line != NULL && text != NULL &&
		    asprintf(&both, "%s%s\n", text, line) < 0)
			both = NULL;
		free(line);
		free(text);
		text = both;
	}
	return text;
}

/* Paints over the lines of the last time: the cursor rests below them, so
 * that an interrupt leaves a clean prompt. */
static void
paint(const char *text, size_t n_before)
{
	if (n_before > 0)
		printf("\033[%zuA", n_before);
	for (const char *p = text; *p != '\0';) {
		const char *lf = strchr(p, '\n');

		printf("\r\033[K%.*s\n", (int)(lf - p), p);
		p = lf + 1;
	}
}

/* What was shown last, to show only what is new. */
struct screen {
	bool json;
	char *last;
	size_t n_lines;
};

static void
show_live(struct screen *sc, const json_t *answer)
{
	int width = table_width(stdout);
	char *text = sc->json ? json_dumps(answer, JSON_COMPACT)
			      : live_text(answer, width);

	if (text == NULL || (sc->last != NULL && strcmp(text, sc->last) == 0)) {
		free(text);
		return;
	}
	if (sc->json)
		printf("%s\n", text);
	else if (width > 0)
		paint(text, sc->n_lines);
	else
		fputs(text, stdout);
	sc->n_lines = json_array_size(json_object_get(answer, "stations"));
	free(sc->last);
	sc->last = text;
}

static int
watch(const struct ctl *ctl, const struct order *o, bool json)
{
	struct screen sc = { .json = json };
	struct client *c;
	json_t *answer;
	int r = client_open(ctl->root.socket, &c);

	if (r < 0)
		return no_daemon(ctl, r);
	for (;;) {
		r = get_status(ctl, c, o, &answer);
		if (r != 0)
			break;
		show_live(&sc, answer);
		json_decref(answer);
		if (fflush(stdout) != 0) {
			r = command_done(EX_IOERR);
			break;
		}
		poll(NULL, 0, table_width(stdout) > 0 ? LIVE_MS : LINES_MS);
	}
	free(sc.last);
	client_close(c);
	return r;
}

static void
print_reminder(void *arg, const char *line)
{
	say_line(arg, "  ! %s", line);
}

/* Reports that are due: the daemon knows nothing of them. */
static void
remind(const struct ctl *ctl)
{
	int64_t today;
	int second;

	civil_from_us(clock_read().wall_us, &today, &second);
	periods_remind(&ctl->root, today, print_reminder, stdout);
}

static int
status_once(const struct ctl *ctl, const struct order *o, bool json)
{
	struct client *c;
	json_t *answer;
	int r = client_open(ctl->root.socket, &c);

	if (r < 0)
		return no_daemon(ctl, r);
	r = get_status(ctl, c, o, &answer);
	client_close(c);
	if (r != 0)
		return r;
	silences_note(&ctl->root, answer);
	owing_note(&ctl->root, json_object_get(answer, "stations"));
	json_object_set_new(answer, "push", pushed_read(&ctl->root));
	rekeyed_note(&ctl->root, answer);
	r = faults_exit(answer);
	if (json)
		command_json(answer);
	else {
		report_screen(answer, stdout);
		remind(ctl);
		json_decref(answer);
	}
	return command_done(r);
}

int
cmd_status(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .cmd = "status", .until_us = NEVER };
	bool watched = false;
	bool json = false;
	const struct arg args[] = { { "station", ARG_TEXT, &o.station },
		{ "watch", ARG_FLAG, &watched }, { "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	return watched ? watch(ctl, &o, json) : status_once(ctl, &o, json);
}

/* The next time the station's clocks show `text`. 0, or the code. */
static int
read_until(const struct ctl *ctl, const char *text, int64_t *ret_us)
{
	int64_t now_us = clock_read().wall_us;
	int64_t day;
	int second;
	int now_s;

	if (civil_read_time(text, &second) < 0)
		return command_misused(
		    "stop", _("--until: write a time of day such as 17:30"));
	command_zone(ctl);
	civil_from_us(now_us, &day, &now_s);
	*ret_us = civil_to_us(day, second);
	if (*ret_us <= now_us)
		*ret_us = civil_to_us(day + 1, second);
	return 0;
}

/* The log names people by id only. 0, or the code. */
static int
resolve(const struct ctl *ctl, struct order *o, char id[static PERSON_ID])
{
	struct people *people;
	struct person who;
	int r = command_person(ctl, o->cmd, o->by, &people, &who);

	if (r != 0)
		return r;
	snprintf(id, PERSON_ID, "%s", who.id);
	people_free(people);
	o->by = id;
	return 0;
}

/* reload, stop, resume and skip: read, ask, and say that it is done. */
static int
give_order(
    struct ctl *ctl, struct order *o, int argc, char **argv, const char *done)
{
	const struct arg args[] = { { "station", ARG_TEXT, &o->station },
		{ "by", ARG_TEXT, &o->by }, { "until", ARG_TEXT, &o->until } };
	bool stop = strcmp(o->cmd, "stop") == 0;
	struct civil_text buf;
	char id[PERSON_ID] = "";
	json_t *answer;
	int r;

	o->until_us = NEVER;
	r = command_args(args, COUNT(args) - (stop ? 0 : 1), &argc, argv);
	if (r != 0)
		return r;
	if (strcmp(o->cmd, "skip") == 0 && argc == 2)
		o->item = argv[--argc];
	/* An empty word is a script's mistake: what is on shall not end by it. */
	if (argc > 1 || (o->item != NULL && o->item[0] == '\0'))
		return command_misused(o->cmd, _("it takes no words"));
	if (o->until != NULL) {
		r = read_until(ctl, o->until, &o->until_us);
		if (r != 0)
			return r;
	}
	r = o->by == NULL ? 0 : resolve(ctl, o, id);
	if (r == 0)
		r = ask_once(ctl, o, &answer);
	if (r != 0)
		return r;
	/* `resume` alone says what it found. */
	if (strcmp(o->cmd, "resume") == 0 &&
	    json_is_false(json_object_get(answer, "stopped")))
		done = _("Nothing was stopped; slots air as planned.");
	json_decref(answer);
	if (o->item != NULL)
		done = _("Done. What was to air at the next join will not.");
	if (o->until_us != NEVER)
		printf(_("Stopped until %s, or until `loaxa resume`.\n"),
		    say_instant(o->until_us, &buf));
	else
		printf("%s\n", done);
	return command_done(EX_OK);
}

int
cmd_reload(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .cmd = "reload" };

	return give_order(
	    ctl, &o, argc, argv, _("The schedules on disk are now in use."));
}

int
cmd_stop(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .cmd = "stop" };

	return give_order(ctl, &o, argc, argv,
	    _("Stopped. Nothing sounds until `loaxa resume`."));
}

int
cmd_resume(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .cmd = "resume" };

	return give_order(ctl, &o, argc, argv,
	    _("The stop has ended; slots air as planned."));
}

int
cmd_skip(struct ctl *ctl, int argc, char **argv)
{
	struct order o = { .cmd = "skip" };

	return give_order(ctl, &o, argc, argv,
	    _("Done. What was on has ended; where nothing was on, the next "
	      "slot is left out."));
}
