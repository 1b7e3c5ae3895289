/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/faults.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/record.h"
#include "scheduler/health.h"

#define WIDTH 80
#define INDENT 4
#define TEXT_MAX 1024

struct meaning {
	const char *word;
	const char *text;
};

static const char *
text_of(const struct meaning *m, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(m[i].word, word) == 0)
			return _(m[i].text);
	return word;
}

static const char *
title_of(const char *fault)
{
	static const struct meaning m[] = {
		{ "site_invalid",
		    N_("etc/loaxa.conf is missing or faulty: no hours are "
		       "allowed") },
		{ "no_hours", N_("no hours are allowed yet") },
		{ "no_station", N_("no station has a schedule yet") },
		{ "clock_unsure", N_("the clock is not trusted") },
		{ "no_schedule", N_("no schedule is in force") },
		{ "no_output", N_("the station has no sound output") },
		{ "device_lost", N_("the sound device is lost") },
		{ "muted", N_("the sound card is MUTED or turned right down") },
		{ "amplifier_off",
		    N_("the amplifier could NOT be switched on") },
		{ "amplifier_on", N_("the amplifier could not be switched "
				     "off") },
		{ "wrong_speed", N_("the sound card plays at a wrong speed") },
		{ "underruns", N_("there were breaks in the sound today") },
		{ "log_failing", N_("the airing log cannot be written") },
		{ "disk_low", N_("the disk is nearly full") },
		{ "log_damaged", N_("the airing log is damaged") },
		{ "stopped", N_("stopped by order") },
		{ "items_lacking",
		    N_("items of the coming 12 hours are not ready") },
		{ "relay_lost", N_("the relay gives no signal") },
		{ "lost_today", N_("not everything planned today went out") },
		{ "schedule_refused",
		    N_("the schedule on disk is faulty; the older one is in "
		       "force") },
		{ "schedule_rules",
		    N_("the schedule in force breaks the site's rules") },
		{ "site_refused",
		    N_("etc/loaxa.conf is faulty; what was in force stays") },
		{ "process_died", N_("loaxad had died and was started again") },
		{ "hook_failing",
		    N_("the on_event command of etc/loaxa.conf fails") },
		{ "seal_failing", N_("the airing log is not being signed") },
		{ "emergency", N_("an EMERGENCY item was released") },
		{ "power_lost", N_("there was a power cut") },
		{ "log_torn", N_("a torn last line of the log was set aside") },
		{ "metrics_failing", N_("the metrics cannot be written") },
	};

	return text_of(m, COUNT(m), fault);
}

static const struct meaning remedies[] = {
	{ "site_invalid",
	    N_("the administrator runs `loaxa check`, mends what it "
	       "says, then `loaxa reload`") },
	{ "no_hours", N_("the administrator writes the allowed hours (hours) "
			 "into loaxa.conf, then `loaxa reload`") },
	{ "no_station",
	    N_("write the schedule into schedules/STATION.cfg, then "
	       "`loaxa reload`") },
	{ "clock_unsure", N_("connect the network, or look at a watch: `loaxa "
			     "clock` says why and what to do") },
	{ "no_schedule", N_("run `loaxa check`, mend what it says, then `loaxa "
			    "reload`") },
	{ "no_output", N_("the administrator adds the station to outputs in "
			  "etc/loaxa.conf, then `loaxa reload`") },
	{ "device_lost",
	    N_("look at the sound card's cable and plug; loaxa opens "
	       "it again by itself. `loaxa selftest` tells more") },
	{ "disk_low", N_("delete or move away what is not needed (old files in "
			 "audio/inbox, backups)") },
	{ "log_damaged",
	    N_("look at the disk; stop loaxad, put that file back from "
	       "a backup, start loaxad. Until then, what `loaxa week` "
	       "calls not approved waits for another `loaxa approve`: "
	       "a withdrawal may be among what is lost") },
	{ "muted", N_("turn it up (alsamixer); loaxa does not touch "
		      "it") },
	{ "amplifier_off",
	    N_("switch it on by hand; the administrator looks at the "
	       "command in etc/loaxa.conf (amplifier) and at the switch") },
	{ "amplifier_on",
	    N_("switch it off by hand; the administrator looks at the "
	       "command in etc/loaxa.conf (amplifier) and at the switch") },
	{ "wrong_speed", N_("unplug the card and plug it in again, or replace "
			    "it") },
	{ "underruns", N_("the computer is too busy: close other programs on "
			  "it") },
	{ "stopped", N_("`loaxa resume` ends it") },
	{ "items_lacking", N_("add them, or have them approved; `loaxa next` "
			      "and `loaxa week` tell which") },
	{ "relay_lost",
	    N_("look at the network and its address, or at the receiver and "
	       "its cable; loaxa connects it again by itself") },
	{ "lost_today",
	    N_("`loaxa log` tells the reasons, `loaxa makeup` how to "
	       "make up for it") },
	{ "schedule_refused",
	    N_("run `loaxa check`, mend what it says, then `loaxa "
	       "reload`") },
	{ "schedule_rules",
	    N_("run `loaxa check`; what it names may not air") },
	{ "site_refused",
	    N_("the administrator runs `loaxa check`, mends what it "
	       "says, then `loaxa reload`") },
	{ "process_died", N_("nothing now; tell support if it comes again") },
	{ "hook_failing",
	    N_("the administrator looks at the command and the "
	       "journal; what it should have told is in `loaxa log`") },
	{ "seal_failing",
	    N_("the administrator looks at var/tree and var/key: the room on "
	       "the disk, their owner and rights; what was not signed is "
	       "signed later") },
	{ "seal_key",
	    N_("the administrator keeps var/key/station.key under another "
	       "name; within a minute loaxad makes another key, begins "
	       "another signed tree and logs why. Whoever checks the log "
	       "needs the new vkey, in the newest folder of var/tree") },
	{ "emergency", N_("`loaxa stop` ends it") },
	{ "power_lost", N_("nothing; `loaxa log` tells what was missed") },
	{ "log_torn",
	    N_("nothing; keep the file, and show it to whoever checks "
	       "the log") },
	{ "metrics_failing", N_("the administrator looks at the folder and its "
				"rights") },
};

static const char *
remedy_of(const char *fault)
{
	return text_of(remedies, COUNT(remedies), fault);
}

/* What helps depends on what ails the disk. */
static const char *
disk_remedy(const char *word)
{
	static const struct meaning m[] = {
		{ "full", N_("delete or move away what is not needed (old "
			     "files in audio/inbox, backups)") },
		{ "read_only", N_("make a backup on a USB stick now, and have "
				  "the disk replaced") },
		{ "hanging",
		    N_("if this lasts, check its cable and have it replaced") },
		{ "failing", N_("make a backup on a USB stick now, and have "
				"the disk replaced") },
	};

	return text_of(m, COUNT(m), word);
}

static const char *
disk_says(const char *word)
{
	static const struct meaning m[] = {
		{ "full", N_("the disk is full") },
		{ "read_only", N_("the disk was locked by the system after an "
				  "error") },
		{ "hanging", N_("the disk does not answer") },
		{ "failing", N_("the disk fails") },
	};

	return text_of(m, COUNT(m), word);
}

static const char *
effect_of(const char *effect)
{
	static const struct meaning m[] = {
		{ "silent", N_("will not air while this lasts") },
		{ "if_back", N_("airs only if it is back by then") },
		{ "late_record",
		    N_("airs; its record is written later, as grade 1") },
		{ "unheard", N_("is sent, but nothing is heard of it") },
		{ "wrong", N_("is sent, but sounds wrong") },
		{ "breaks", N_("airs; there may be breaks in it again") },
		{ "if_signal",
		    N_("airs; a relay only when its signal is there") },
		{ "as_ready", N_("airs as far as its items are ready") },
		{ "preempted", N_("gives way to it: cut, or missed") },
		{ "judged", N_("airs unless it breaks a rule itself") },
		{ "airs", N_("is not touched by this") },
	};

	return text_of(m, COUNT(m), effect);
}

static void
reasons_text(const json_t *station, const char *status, char *buf, size_t size)
{
	json_t *reasons = (json_t *)health_at(station, "today.reasons");
	size_t used = strlen(buf);
	const char *reason;
	json_t *n;

	json_object_foreach(json_object_get(reasons, status), reason, n)
	{
		if (used >= size)
			return;
		used += (size_t)snprintf(buf + used, size - used,
		    "%s%s: %s %lld", used == 0 ? "" : "; ",
		    outcome_status(status), outcome_reason(reason),
		    (long long)json_integer_value(n));
	}
}

static void
outage_text(const json_t *answer, char *buf, size_t size)
{
	struct civil_text from, length;
	int64_t ms = json_integer_value(health_at(answer, "boot.outage_ms"));
	int64_t us;

	if (civil_read_utc(health_text(answer, "boot.alive_utc"), &us) < 0)
		return;
	/* How long is not known before the clock is. */
	if (ms <= 0) {
		snprintf(
		    buf, size, _("off from %s on"), say_instant(us, &from));
		return;
	}
	snprintf(buf, size, _("off from %s on, for %s"), say_instant(us, &from),
	    say_length(ms * US_PER_MS, &length));
}

static void
log_text(const json_t *answer, char *buf, size_t size)
{
	snprintf(buf, size,
	    _("%s; %lld records wait in memory until it takes them: do not "
	      "switch the computer off and do not stop loaxad, they would be "
	      "lost"),
	    disk_says(health_text(answer, "disk.fault")),
	    (long long)json_integer_value(health_at(answer, "log.waiting")));
}

static void
room_text(const json_t *answer, char *buf, size_t size)
{
	const json_t *room = health_at(answer, "disk.room_bytes");

	snprintf(buf, size,
	    _("%lld MB left, kept for the airing log; nothing is loaded or "
	      "added"),
	    (long long)json_integer_value(room) >> 20);
}

static void
lost_text(const json_t *answer, char *buf, size_t size)
{
	const json_t *disk = json_object_get(answer, "disk");

	snprintf(buf, size, _("%s, line %lld; lines lost: %lld"),
	    record_text(disk, "lost_file"),
	    (long long)record_int(disk, "lost_line", 0),
	    (long long)record_int(disk, "lost", 0));
}

/* What is wrong with the sound although the device takes it. */
static void
sound_text(const json_t *s, const char *fault, char *buf, size_t size)
{
	const json_t *sound = json_object_get(s, "sound");
	struct civil_text length;

	if (strcmp(fault, "wrong_speed") == 0)
		snprintf(buf, size, _("%lld %% of the right speed"),
		    (long long)record_int(sound, "device_percent", 0));
	else
		snprintf(buf, size, _("breaks: %lld, %s s in all"),
		    (long long)record_int(sound, "underruns", 0),
		    say_decimal(
			(double)record_int(sound, "underrun_ms", 0) / 1000, 1,
			&length));
}

static void
lacking_text(const json_t *s, char *buf, size_t size)
{
	const json_t *ahead = json_object_get(s, "ahead");
	struct civil_text at;
	int64_t us;

	if (civil_read_utc(record_text(ahead, "start_utc"), &us) < 0)
		return;
	snprintf(buf, size, _("%lld of %lld slots; the first: %s %s: %s"),
	    (long long)record_int(ahead, "lacking", 0),
	    (long long)record_int(ahead, "slots", 0), say_instant(us, &at),
	    record_text(ahead, "title"),
	    outcome_reason(record_text(ahead, "reason")));
}

static void
emergency_text(const json_t *s, char *buf, size_t size)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(s, "orders"), i, o)
	{
		if (strcmp(record_text(o, "op"), "emergency") != 0)
			continue;
		snprintf(buf, size, _("%s (order: %s); %lld of %lld done"),
		    record_text(o, "title")[0] != '\0' ? record_text(o, "title")
						       : record_text(o, "item"),
		    record_text(o, "order"),
		    (long long)record_int(o, "done", 0),
		    (long long)record_int(o, "times", 0));
		return;
	}
}

static void
stop_text(const char *until, char *buf, size_t size)
{
	struct civil_text t;
	int64_t us;

	if (civil_read_utc(until, &us) == 0)
		snprintf(buf, size, _("until %s"), say_instant(us, &t));
	else
		snprintf(buf, size, "%s", _("until somebody ends it"));
}

static const json_t *
station_of(const json_t *answer, const char *id)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		if (strcmp(record_text(s, "station"), id) == 0)
			return s;
	}
	return NULL;
}

/* More about this one, or "". */
static void
detail_text(const json_t *answer, const json_t *f, char *buf, size_t size)
{
	const json_t *s = station_of(answer, record_text(f, "station"));
	const char *fault = record_text(f, "fault");

	buf[0] = '\0';
	if (strcmp(fault, "lost_today") == 0) {
		reasons_text(s, "not_aired", buf, size);
		reasons_text(s, "aired_partial", buf, size);
	} else if (strcmp(fault, "power_lost") == 0 ||
		   strcmp(fault, "process_died") == 0)
		outage_text(answer, buf, size);
	else if (strcmp(fault, "wrong_speed") == 0 ||
		 strcmp(fault, "underruns") == 0)
		sound_text(s, fault, buf, size);
	else if (strcmp(fault, "items_lacking") == 0)
		lacking_text(s, buf, size);
	else if (strcmp(fault, "emergency") == 0)
		emergency_text(s, buf, size);
	else if (strcmp(fault, "stopped") == 0)
		stop_text(record_text(f, "detail"), buf, size);
	else if (strcmp(fault, "log_failing") == 0)
		log_text(answer, buf, size);
	else if (strcmp(fault, "log_damaged") == 0)
		lost_text(answer, buf, size);
	else if (strcmp(fault, "disk_low") == 0)
		room_text(answer, buf, size);
	else if (strcmp(fault, "seal_failing") == 0)
		snprintf(buf, size, "%s", _(record_text(f, "detail")));
	else
		snprintf(buf, size, "%s", record_text(f, "detail"));
}

/* The station's next slot, or the first of all stations'. */
static const json_t *
next_of(const json_t *answer, const char *station)
{
	const json_t *best = NULL;
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		const json_t *next = json_object_get(s, "next");

		if (station[0] != '\0' &&
		    strcmp(record_text(s, "station"), station) != 0)
			continue;
		if (json_is_object(next) &&
		    (best == NULL || strcmp(record_text(next, "start_utc"),
					 record_text(best, "start_utc")) < 0))
			best = next;
	}
	return best;
}

/* From the left on; goes on below itself. */
static void
put_lines(FILE *out, const char *text)
{
	char *safe = say_safe(text);

	if (safe != NULL)
		table_wrap(out, safe, WIDTH, WIDTH - INDENT, INDENT);
	fputc('\n', out);
	free(safe);
}

/* A paragraph below a fault's first line. */
static void
put(FILE *out, const char *text)
{
	char *safe = say_safe(text);

	if (text[0] == '\0' || safe == NULL) {
		free(safe);
		return;
	}
	fprintf(out, "%*s", INDENT, "");
	table_wrap(out, safe, WIDTH - INDENT, WIDTH - INDENT, INDENT);
	fputc('\n', out);
	free(safe);
}

static void
put_effect(const json_t *answer, const json_t *f, FILE *out)
{
	const json_t *next = next_of(answer, record_text(f, "station"));
	const char *title = record_text(next, "title");
	const char *effect = effect_of(record_text(f, "effect"));
	struct civil_text at;
	char text[TEXT_MAX];
	int64_t us;

	/* Whatever else holds: the fence is above it. */
	if (json_is_false(json_object_get(next, "allowed")))
		effect = _("will not air: it is outside the allowed hours");
	if (civil_read_utc(record_text(next, "start_utc"), &us) < 0)
		snprintf(text, sizeof(text), _("Next slot: %s."), effect);
	else
		snprintf(text, sizeof(text), _("Next slot, %s %s: %s."),
		    say_time(us, &at),
		    title[0] != '\0' ? title : record_text(next, "slot"),
		    effect);
	put(out, text);
}

static const char *
head_of(const char *level)
{
	static const struct meaning m[] = { { "broken", N_("BROKEN") },
		{ "look", N_("LOOK") }, { "note", N_("note") } };

	return text_of(m, COUNT(m), level);
}

static void
put_head(const json_t *f, FILE *out)
{
	const char *station = record_text(f, "station");
	struct civil_text since;
	char text[TEXT_MAX];
	int64_t us = 0;

	civil_read_utc(record_text(f, "since_utc"), &us);
	snprintf(text, sizeof(text), _("! %s: %s%s%s%s, since %s"),
	    head_of(record_text(f, "level")), title_of(record_text(f, "fault")),
	    station[0] == '\0' ? "" : " (", station,
	    station[0] == '\0' ? "" : ")", say_instant(us, &since));
	put_lines(out, text);
}

static void
put_remedy(const json_t *answer, const json_t *f, FILE *out)
{
	const char *fault = record_text(f, "fault");
	char text[TEXT_MAX];

	/* Waiting does not mend a damaged key. */
	if (strcmp(fault, "seal_failing") == 0 &&
	    strcmp(health_text(answer, "seal.code"), "EBADMSG") == 0)
		fault = "seal_key";
	snprintf(text, sizeof(text), _("To do: %s."),
	    strcmp(fault, "log_failing") == 0
		? disk_remedy(health_text(answer, "disk.fault"))
		: remedy_of(fault));
	put(out, text);
}

void
faults_print(const json_t *answer, FILE *out)
{
	char detail[TEXT_MAX];
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(answer, "faults"), i, f)
	{
		put_head(f, out);
		detail_text(answer, f, detail, sizeof(detail));
		put(out, detail);
		put_effect(answer, f, out);
		put_remedy(answer, f, out);
	}
}

/* How many need a person. */
static size_t
serious(const json_t *answer)
{
	const json_t *f;
	size_t n = 0;
	size_t i;

	json_array_foreach(json_object_get(answer, "faults"), i, f)
	{
		n += strcmp(record_text(f, "level"), "note") != 0;
	}
	return n;
}

/* How many slots all stations have to come; -1 when one has not looked. */
static long long
to_come(const json_t *answer)
{
	const json_t *s;
	long long n = 0;
	size_t i;

	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		const json_t *ahead = json_object_get(s, "ahead");

		if (!json_is_object(ahead))
			return -1;
		n += record_int(ahead, "slots", 0);
	}
	return n;
}

static const char *
no_fault(const json_t *answer)
{
	long long n = to_come(answer);

	if (record_text(answer, "verdict")[0] == '\0')
		return _("How it is, loaxad did not say.");
	if (n < 0)
		return _("OK: no fault. Whether the coming items are there: "
			 "`loaxa next`.");
	return n == 0 ? _("OK: no fault; nothing is planned for the coming 12 "
			  "hours.")
		      : _("OK: no fault; what is planned for the coming 12 "
			  "hours is there and approved.");
}

void
faults_verdict(const json_t *answer, FILE *out)
{
	const json_t *f = json_array_get(json_object_get(answer, "faults"), 0);
	const char *verdict = record_text(answer, "verdict");
	const char *station = record_text(f, "station");
	size_t more = serious(answer);
	char text[TEXT_MAX];
	int n;

	if (strcmp(verdict, "ok") == 0 || f == NULL) {
		say_line(out, "%s", no_fault(answer));
		return;
	}
	n = snprintf(text, sizeof(text), "%s: %s%s%s%s", head_of(verdict),
	    title_of(record_text(f, "fault")), station[0] == '\0' ? "" : " (",
	    station, station[0] == '\0' ? "" : ")");
	if (more > 1 && n < (int)sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n,
		    _("; and %zu more"), more - 1);
	put_lines(out, text);
}

int
faults_exit(const json_t *answer)
{
	const char *verdict = record_text(answer, "verdict");

	if (strcmp(verdict, "broken") == 0)
		return 2;
	return strcmp(verdict, "look") == 0 ? 1 : 0;
}
