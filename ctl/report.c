/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/item.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/faults.h"
#include "ctl/owing.h"
#include "ctl/pushed.h"
#include "ctl/rekeyed.h"
#include "ctl/report.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "ctl/table.h"
#include "evidence/record.h"

#define WIDTH 80
#define INDENT 4
#define BAR_CELLS 20
#define METER_CELLS 10
#define METER_FLOOR_DB (-50.0) /* quieter is silence to a loudspeaker */

/* A word of the daemon's and what it means to a person. */
struct meaning {
	const char *word;
	const char *text;
};

static const char *
meaning_of(const struct meaning *m, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(m[i].word, word) == 0)
			return _(m[i].text);
	return word[0] == '\0' ? _("unknown") : word;
}

static const char *
clock_text(const char *word)
{
	static const struct meaning m[] = {
		{ "unsure", N_("not trusted") },
		{ "plausible", N_("plausible, nobody vouches for it") },
		{ "confirmed", N_("confirmed by a person") },
		{ "synced", N_("synchronised") },
	};

	return meaning_of(m, COUNT(m), word);
}

static const char *
device_text(const char *word)
{
	static const struct meaning m[] = {
		{ "closed", N_("closed until the next slot") },
		{ "ok", N_("taking sound") },
		{ "lost", N_("LOST; trying again every 10 s") },
	};

	return meaning_of(m, COUNT(m), word);
}

static const char *
time_of(const json_t *o, const char *key, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(o, key), &us) < 0)
		return "--:--:--";
	return say_time(us, buf);
}

static long long
count(const json_t *o, const char *key)
{
	return record_int(o, key, 0);
}

static const char *
title_of(const json_t *o)
{
	static const char *const keys[] = { "title", "item", "slot",
		"content" };

	for (size_t i = 0; i < COUNT(keys); i++)
		if (record_text(o, keys[i])[0] != '\0')
			return record_text(o, keys[i]);
	return "?";
}

static void
put_title(json_t *o, const char *items)
{
	const char *id = record_text(o, "item");
	const char *title = record_text(o, "title");
	struct item *it;

	if (id[0] == '\0' || (title[0] != '\0' && strcmp(title, id) != 0) ||
	    !text_is_id(id) || item_read(items, id, &it) < 0)
		return;
	if (it->title[0] != '\0')
		json_object_set_new(o, "title", json_string(it->title));
	item_free(it);
}

void
report_titles(json_t *answer, const char *items)
{
	static const char *const keys[] = { "on", "next", "ahead" };
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		for (size_t k = 0; k < COUNT(keys); k++)
			put_title(json_object_get(s, keys[k]), items);
	}
}

/* Columns up to what a line says: "  now     nothing" has ten. The label is
 * of the language, and two blanks end it. */
static int
label_width(const char *line)
{
	size_t n = strspn(line, " ");
	const char *end = strstr(line + n, "  ");
	char label[64];

	if (end == NULL || n == 0)
		return INDENT;
	end += strspn(end, " ");
	snprintf(label, sizeof(label), "%.*s", (int)(end - line), line);
	return text_width(label);
}

/* A line of the screen that goes on below what it says. */
static void put(FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(FILE *out, const char *fmt, ...)
{
	char *text;
	char *safe;
	va_list ap;
	int indent;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	indent = label_width(text);
	safe = say_safe(text);
	free(text);
	if (safe != NULL)
		table_wrap(out, safe, WIDTH, WIDTH - indent, indent);
	fputc('\n', out);
	free(safe);
}

static void
put_head(const json_t *a, FILE *out)
{
	struct civil_text buf;
	const char *when = record_text(a, "utc");
	int64_t us;

	if (civil_read_utc(when, &us) == 0)
		when = say_instant(us, &buf);
	put(out, _("loaxad %s, %s; clock: %s; log: %lld records"),
	    record_text(a, "version"), when,
	    clock_text(record_text(a, "clock")),
	    count(json_object_get(a, "log"), "leaves"));
}

static const char *
ago(int64_t us, char *buf, size_t size)
{
	int64_t min = us < 0 ? 0 : us / US_PER_MIN;

	if (min < 120)
		snprintf(buf, size, _("%lld min ago"), (long long)min);
	else if (min < 48 * 60)
		snprintf(buf, size, _("%lld hours ago"), (long long)min / 60);
	else
		snprintf(
		    buf, size, _("%lld days ago"), (long long)min / (24 * 60));
	return buf;
}

/* Whose word there is besides the station's own, and how old it is. */
static void
put_anchor(const json_t *a, FILE *out)
{
	const json_t *anchor = json_object_get(a, "anchor");
	char text[64];
	int64_t now_us = 0;
	int64_t at_us;

	if (!json_is_object(anchor))
		return;
	civil_read_utc(record_text(a, "utc"), &now_us);
	if (civil_read_utc(record_text(anchor, "cosigned_utc"), &at_us) < 0)
		put(out, "%s",
		    _("log not cosigned yet: bring var/tree to the upper "
		      "level, and what it gives back to `loaxa anchor`"));
	else
		put(out, _("log last cosigned %s: %lld records"),
		    ago(now_us - at_us, text, sizeof(text)),
		    count(anchor, "size"));
}

/* Whom the upper level knows nothing of yet. */
static void
put_new_key(const json_t *a, FILE *out)
{
	char *text = rekeyed_text(a);

	if (text != NULL)
		put(out, "%s", text);
	free(text);
}

/* Why the log does not get there by itself. */
static void
put_push(const json_t *a, FILE *out)
{
	const json_t *to;
	size_t i;

	json_array_foreach(json_object_get(a, "push"), i, to)
	{
		char *text = pushed_well(to) ? NULL : pushed_text(to);

		if (text != NULL)
			put(out, "%s", text);
		free(text);
	}
}

/* "signal, -18 dBFS", or what is wrong and what is done about it. */
static void
relay_text(const json_t *relay, char *buf, size_t size)
{
	const char *state = record_text(relay, "state");
	const char *text = record_text(relay, "text");
	double db = json_number_value(json_object_get(relay, "level_db"));

	if (strcmp(state, "signal") == 0)
		snprintf(buf, size, _("signal, %.0f dBFS"), db);
	else if (strcmp(state, "connecting") == 0)
		snprintf(buf, size, "%s", _("it is being connected"));
	else if (strcmp(state, "silent") == 0)
		snprintf(buf, size, "%s", _("connected, but NO SIGNAL"));
	else
		snprintf(buf, size, _("NO CONNECTION%s%s; it is tried again"),
		    text[0] == '\0' ? "" : ": ", _(text));
}

static void
put_relay(const json_t *s, FILE *out)
{
	const json_t *relay = json_object_get(s, "relay");
	struct civil_text at;
	char text[256];

	if (!json_is_object(relay))
		return;
	relay_text(relay, text, sizeof(text));
	if (json_is_true(json_object_get(relay, "on")))
		put(out, _("  %s relay  %s: %s%s"),
		    json_is_true(json_object_get(relay, "warn")) ? "!" : " ",
		    title_of(relay), text,
		    json_is_true(json_object_get(relay, "fallback"))
			? _("; the fallback sounds")
			: "");
	else
		put(out, _("  %s relay  %s: %s; due %s"),
		    json_is_true(json_object_get(relay, "warn")) ? "!" : " ",
		    title_of(relay), text, time_of(relay, "start_utc", &at));
}

/* Our relay is what sounds now. */
static bool
relay_sounds(const json_t *s)
{
	const json_t *relay = json_object_get(s, "relay");

	return json_is_true(json_object_get(relay, "on")) &&
	       strcmp(record_text(relay, "state"), "signal") == 0 &&
	       json_is_false(json_object_get(relay, "fallback"));
}

/* "ok" is what the device last said of itself; it may be closed since. */
static const char *
device_of(const json_t *s)
{
	const char *word = record_text(s, "device");

	if (strcmp(word, "ok") == 0 &&
	    !json_is_object(json_object_get(s, "on")) && !relay_sounds(s))
		return _("ready");
	return device_text(word);
}

/* Before the clock is trusted no day is opened: there is no plan yet, which
 * is not the same as none. */
static bool
plan_is_unknown(const json_t *answer, const json_t *s)
{
	return json_is_true(json_object_get(answer, "hold")) &&
	       count(json_object_get(s, "today"), "planned") == 0 &&
	       !json_is_object(json_object_get(s, "next"));
}

static void
put_next(const json_t *s, bool unknown, FILE *out)
{
	const json_t *next = json_object_get(s, "next");
	struct civil_text at;

	if (json_is_object(next))
		put(out, _("  next    %s  %s%s"),
		    time_of(next, "start_utc", &at), title_of(next),
		    json_is_false(json_object_get(next, "allowed"))
			? _(": outside the allowed hours, will not air")
			: "");
	else if (unknown)
		put(out, "%s",
		    _("  next    not known until the clock is trusted"));
	else
		put(out, "%s", _("  next    nothing more today"));
}

static void
put_today(const json_t *s, bool unknown, FILE *out)
{
	const json_t *today = json_object_get(s, "today");

	if (unknown)
		put(out, "%s",
		    _("  today   the plan is not known until the clock is "
		      "trusted"));
	else
		put(out,
		    _("  today   planned %lld: aired %lld, in part %lld, not "
		      "aired %lld, external %lld, to come %lld"),
		    count(today, "planned"), count(today, "aired"),
		    count(today, "aired_partial"), count(today, "not_aired"),
		    count(today, "external"), count(today, "open"));
}

static void
put_on(const json_t *s, FILE *out)
{
	const json_t *on = json_object_get(s, "on");
	struct civil_text at;
	struct civil_text elapsed;
	struct civil_text length;

	if (json_is_object(on))
		put(out, _("  now     %s  %s  %s of %s"),
		    time_of(on, "start_utc", &at), title_of(on),
		    say_counter(record_int(on, "elapsed_ms", 0), &elapsed),
		    say_counter(record_int(on, "length_ms", 0), &length));
	else if (relay_sounds(s))
		put(out, _("  now     relay %s"),
		    title_of(json_object_get(s, "relay")));
	else
		put(out, "%s", _("  now     nothing"));
	put_relay(s, out);
}

void
report_orders(const json_t *s, FILE *out)
{
	struct civil_text at;
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(s, "orders"), i, o)
	{
		if (strcmp(record_text(o, "op"), "emergency") == 0)
			put(out,
			    _("  ! EMERGENCY  %s (order: %s); %lld of %lld "
			      "done; `loaxa stop` ends it"),
			    title_of(o), record_text(o, "order"),
			    count(o, "done"), count(o, "times"));
		else if (json_is_true(json_object_get(o, "waits")))
			put(out,
			    _("  at the next join, about %s, by order of the "
			      "operator: %s; `loaxa skip %s` withdraws it"),
			    time_of(o, "start_utc", &at), title_of(o),
			    record_text(o, "item"));
		else
			put(out,
			    _("  by order of the operator: %s; `loaxa skip` "
			      "ends it"),
			    title_of(o));
	}
}

static void
put_station(const json_t *answer, const json_t *s, FILE *out)
{
	bool unknown = plan_is_unknown(answer, s);
	const char *detail = record_text(s, "device_text");
	char *owed = owing_noted(s);

	say_line(out, "%s", "");
	if (record_text(s, "name")[0] != '\0')
		say_line(out, "%s (%s)", record_text(s, "name"),
		    record_text(s, "station"));
	else
		say_line(out, "%s", record_text(s, "station"));
	report_orders(s, out);
	put_on(s, out);
	put_next(s, unknown, out);
	put(out, _("  device  %s%s%s"), device_of(s),
	    detail[0] == '\0' ? "" : ": ", detail[0] == '\0' ? "" : _(detail));
	put_today(s, unknown, out);
	if (owed != NULL)
		put(out, "  ! %s", owed);
	free(owed);
}

void
report_screen(const json_t *answer, FILE *out)
{
	json_t *s;
	size_t i;

	faults_verdict(answer, out);
	put_head(answer, out);
	put_anchor(answer, out);
	put_new_key(answer, out);
	put_push(answer, out);
	faults_print(answer, out);
	silences_print(json_object_get(answer, "outages"), "  ", out);
	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		put_station(answer, s, out);
	}
}

const char *
report_bar(int64_t part, int64_t whole, int cells, char *buf)
{
	int64_t full = whole <= 0 ? 0 : part * cells / whole;

	for (int i = 0; i < cells; i++)
		buf[i] = i < full ? '#' : '-';
	buf[cells] = '\0';
	return buf;
}

static int
on_line(const json_t *on, int width, char **ret_text)
{
	struct civil_text elapsed;
	struct civil_text length;
	char bar[BAR_CELLS + 1];
	char meter[METER_CELLS + 1];
	int64_t ms = record_int(on, "elapsed_ms", 0);
	int64_t all = record_int(on, "length_ms", 0);
	double db = json_number_value(json_object_get(on, "peak_db"));

	say_counter(ms, &elapsed);
	say_counter(all, &length);
	if (width == 0)
		return asprintf(
		    ret_text, "%s %s/%s", title_of(on), elapsed.s, length.s);
	db = db > 0 ? 0 : db < METER_FLOOR_DB ? METER_FLOOR_DB : db;
	return asprintf(ret_text, "%s/%s [%s] [%s] %s", elapsed.s, length.s,
	    report_bar(ms, all, BAR_CELLS, bar),
	    report_bar((int64_t)(db - METER_FLOOR_DB), (int64_t)-METER_FLOOR_DB,
		METER_CELLS, meter),
	    title_of(on));
}

/* What a station does when nothing of ours sounds. */
static const char *
idle_text(const json_t *answer, const json_t *s)
{
	if (json_is_true(json_object_get(answer, "hold")))
		return _("on hold: the clock is not trusted");
	if (record_text(s, "stopped_until_utc")[0] != '\0')
		return _("stopped by order");
	if (strcmp(record_text(s, "device"), "lost") == 0)
		return _("the sound device is lost");
	return _("silent");
}

char *
report_line(const json_t *answer, const json_t *s, int width)
{
	const json_t *next = json_object_get(s, "next");
	const json_t *on = json_object_get(s, "on");
	struct civil_text at;
	char *now = NULL;
	char *line = NULL;
	char *safe;
	int n;

	if (relay_sounds(s) && !json_is_object(on))
		n = asprintf(
		    &now, _("relay %s"), title_of(json_object_get(s, "relay")));
	else
		n = json_is_object(on)
			? on_line(on, width, &now)
			: asprintf(&now, "%s", idle_text(answer, s));
	if (n < 0)
		return NULL;
	if (json_is_object(next))
		n = asprintf(&line, _("%s  %s  next %s %s"),
		    record_text(s, "station"), now,
		    time_of(next, "start_utc", &at), title_of(next));
	else
		n = asprintf(&line, "%s  %s", record_text(s, "station"), now);
	free(now);
	if (n < 0)
		return NULL;
	if (record_text(json_object_get(answer, "disk"), "fault")[0] != '\0') {
		char *both = NULL;

		n = asprintf(&both, "! %s: %s", _("LOG NOT WRITTEN"), line);
		free(line);
		if (n < 0)
			return NULL;
		line = both;
	}
	safe = say_safe(line);
	free(line);
	line = safe == NULL || width == 0 ? safe : table_cut(safe, width);
	if (line != safe)
		free(safe);
	return line;
}
