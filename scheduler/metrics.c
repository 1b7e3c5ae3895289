/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "scheduler/health.h"
#include "scheduler/metrics.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* How a member of the answer becomes a number. */
enum as {
	AS_IS, /* a number, or a truth as 1 and 0 */
	AS_SECONDS, /* of milliseconds */
	AS_TIME, /* of text in UTC: seconds since 1970 */
	AS_SAID, /* 1 when there is a text or an object */
};

struct metric {
	const char *name;
	const char *type;
	const char *help;
	const char *path;
	enum as as;
};

static const struct metric of_all[] = {
	{ "loaxa_status_time_seconds", "gauge",
	    "When these figures were taken; much older than a minute: loaxad "
	    "is not running.",
	    "utc", AS_TIME },
	{ "loaxa_start_time_seconds", "gauge", "When loaxad was started.",
	    "started_utc", AS_TIME },
	{ "loaxa_outage_seconds", "gauge",
	    "How long it had not been running before that.", "boot.outage_ms",
	    AS_SECONDS },
	{ "loaxa_clock_hold", "gauge",
	    "1 while nothing starts because the clock is not trusted.", "hold",
	    AS_IS },
	{ "loaxa_log_records", "gauge", "Records that are safe in the log.",
	    "log.leaves", AS_IS },
	{ "loaxa_log_waiting_records", "gauge",
	    "Records in memory that the disk has not taken.", "log.waiting",
	    AS_IS },
	{ "loaxa_log_failing", "gauge", "1 while the disk refuses the log.",
	    "log.error", AS_SAID },
	{ "loaxa_log_last_sync_seconds", "gauge",
	    "When the disk last took records.", "log.synced_utc", AS_TIME },
	{ "loaxa_log_late_starts_total", "counter",
	    "Start records written late since loaxad was started.", "log.late",
	    AS_IS },
	{ "loaxa_disk_room_bytes", "gauge", "What the disk has left for us.",
	    "disk.room_bytes", AS_IS },
	{ "loaxa_hook_waiting", "gauge", "Records that wait for on_event.",
	    "hook.waiting", AS_IS },
	{ "loaxa_hook_runs_total", "counter", "Runs of on_event that ended.",
	    "hook.runs", AS_IS },
	{ "loaxa_hook_failures_total", "counter",
	    "Runs of on_event that failed or took too long.", "hook.failures",
	    AS_IS },
	{ "loaxa_hook_drops_total", "counter",
	    "Records that on_event was too slow for.", "hook.drops", AS_IS },
};

static const struct metric of_station[] = {
	{ "loaxa_station_up", "gauge",
	    "1 when the station has a schedule in force.", "schedule.in_force",
	    AS_IS },
	{ "loaxa_station_on_air", "gauge", "1 while an item sounds.", "on",
	    AS_SAID },
	{ "loaxa_station_stopped", "gauge", "1 while stopped by a person.",
	    "stopped_until_utc", AS_SAID },
	{ "loaxa_station_next_start_seconds", "gauge",
	    "When its next slot is due.", "next.start_utc", AS_TIME },
	{ "loaxa_sound_muted", "gauge",
	    "1 while the mixer lets nothing out, 0 or absent else.",
	    "sound.muted", AS_IS },
	{ "loaxa_sound_speed_percent", "gauge",
	    "The device's speed where it is wrong.", "sound.device_percent",
	    AS_IS },
	{ "loaxa_sound_underruns", "gauge", "Breaks in the sound today.",
	    "sound.underruns", AS_IS },
	{ "loaxa_sound_underrun_seconds", "gauge", "Their length in all.",
	    "sound.underrun_ms", AS_SECONDS },
	{ "loaxa_relay_on", "gauge", "1 in the time of a relay of our own.",
	    "relay.on", AS_IS },
	{ "loaxa_relay_signal", "gauge",
	    "1 while the relay that is on, or connected, has a signal.",
	    "relay.signal", AS_IS },
	{ "loaxa_relay_level_db", "gauge", "Its mean level, dBFS.",
	    "relay.level_db", AS_IS },
	{ "loaxa_relay_signal_seconds", "gauge",
	    "How much of it sounded so far, with a signal.", "relay.signal_ms",
	    AS_SECONDS },
	{ "loaxa_relay_connections", "gauge",
	    "Connections of its slot that gave sound.", "relay.connections",
	    AS_IS },
	{ "loaxa_slots_planned", "gauge", "Slots of today's sheet.",
	    "today.planned", AS_IS },
	{ "loaxa_slots_open", "gauge", "Slots of today without an outcome.",
	    "today.open", AS_IS },
	{ "loaxa_slots_lost_seconds", "gauge",
	    "Planned time of today's slots that was not sent.", "today.lost_ms",
	    AS_SECONDS },
};

static void
put_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value with what the format wants escaped. */
static void
put_value(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '\\':
			fputs("\\\\", out);
			break;
		case '"':
			fputs("\\\"", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		default:
			fputc(*text, out);
		}
}

static void
put_label(FILE *out, char before, const char *key, const char *text)
{
	fprintf(out, "%c%s=\"", before, key);
	put_value(out, text);
	fputc('"', out);
}

/* Never by printf's %f: a locale may write a comma. */
static void
put_thousandths(FILE *out, int64_t n)
{
	fprintf(out, " %s%" PRId64 ".%03d\n", n < 0 ? "-" : "",
	    n < 0 ? -n / 1000 : n / 1000, abs((int)(n % 1000)));
}

static bool
has(const struct metric *m, const json_t *o)
{
	const json_t *value = health_at(o, m->path);
	int64_t us;

	switch (m->as) {
	case AS_IS:
		return json_is_real(value) || json_is_boolean(value) ||
		       (json_is_integer(value) &&
			   json_integer_value(value) >= 0);
	case AS_SECONDS:
		return json_is_integer(value);
	case AS_TIME:
		return civil_read_utc(health_text(o, m->path), &us) == 0;
	case AS_SAID:
		return value != NULL;
	}
	return false;
}

static void
put_number(FILE *out, const struct metric *m, const json_t *o)
{
	const json_t *value = health_at(o, m->path);
	int64_t us = 0;

	switch (m->as) {
	case AS_IS:
		if (json_is_real(value))
			put_thousandths(
			    out, (int64_t)(json_real_value(value) * 1000));
		else
			fprintf(out, " %lld\n",
			    json_is_boolean(value)
				? (long long)json_is_true(value)
				: (long long)json_integer_value(value));
		return;
	case AS_SECONDS:
		put_thousandths(out, json_integer_value(value));
		return;
	case AS_TIME:
		civil_read_utc(health_text(o, m->path), &us);
		put_thousandths(out, us / US_PER_MS);
		return;
	case AS_SAID:
		fprintf(out, " %d\n",
		    json_is_object(value) || json_string_length(value) > 0);
		return;
	}
}

static void
put_all(FILE *out, const json_t *a)
{
	for (size_t i = 0; i < COUNT(of_all); i++) {
		const struct metric *m = &of_all[i];

		if (!has(m, a))
			continue;
		put_head(out, m->name, m->type, m->help);
		fputs(m->name, out);
		put_number(out, m, a);
	}
}

static const char *
id_of(const json_t *station)
{
	return health_text(station, "station");
}

/* All samples of a name stand together: stations within each. */
static void
put_stations(FILE *out, const json_t *stations)
{
	const json_t *s;
	size_t k;

	for (size_t i = 0; i < COUNT(of_station); i++) {
		const struct metric *m = &of_station[i];
		bool head = false;

		json_array_foreach(stations, k, s)
		{
			if (!has(m, s))
				continue;
			if (!head)
				put_head(out, m->name, m->type, m->help);
			head = true;
			fputs(m->name, out);
			put_label(out, '{', "station", id_of(s));
			fputc('}', out);
			put_number(out, m, s);
		}
	}
}

static void
put_build(FILE *out, const json_t *a)
{
	put_head(out, "loaxa_build_info", "gauge", "The version, always 1.");
	fputs("loaxa_build_info", out);
	put_label(out, '{', "version", health_text(a, "version"));
	fputs("} 1\n", out);
}

static void
put_verdict(FILE *out, const json_t *a)
{
	static const char *const words[] = { "ok", "look", "broken" };

	put_head(out, "loaxa_verdict", "gauge",
	    "How it is: 1 at ok, look (a person should) or broken.");
	for (size_t i = 0; i < COUNT(words); i++) {
		fputs("loaxa_verdict", out);
		put_label(out, '{', "verdict", words[i]);
		fprintf(out, "} %d\n",
		    strcmp(words[i], health_text(a, "verdict")) == 0);
	}
}

static void
put_clock(FILE *out, const json_t *a)
{
	put_head(out, "loaxa_clock_trust", "gauge",
	    "How far the clock is believed: 1 at the word in force.");
	for (int t = 0; t < TRUSTS; t++) {
		const char *word = trust_word((enum trust)t);

		fputs("loaxa_clock_trust", out);
		put_label(out, '{', "trust", word);
		fprintf(
		    out, "} %d\n", strcmp(word, health_text(a, "clock")) == 0);
	}
}

static void
put_ballast(FILE *out, const json_t *a)
{
	const char *state = health_text(a, "disk.ballast");

	if (state[0] == '\0')
		return;
	put_head(out, "loaxa_ballast", "gauge",
	    "The log's reserve of disk, always 1: given when it was needed.");
	fputs("loaxa_ballast", out);
	put_label(out, '{', "state", state);
	fputs("} 1\n", out);
}

static void
put_fault(FILE *out, const char *name, const json_t *f)
{
	fputs(name, out);
	put_label(out, '{', "fault", health_text(f, "fault"));
	put_label(out, ',', "station", health_text(f, "station"));
	put_label(out, ',', "level", health_text(f, "level"));
	fputc('}', out);
}

static void
put_faults(FILE *out, const json_t *a)
{
	static const char name[] = "loaxa_fault_since_seconds";
	const json_t *faults = json_object_get(a, "faults");
	const json_t *f;
	size_t k;
	int64_t us;

	if (json_array_size(faults) == 0)
		return;
	put_head(out, name, "gauge", "What is wrong, and since when.");
	json_array_foreach(faults, k, f)
	{
		us = 0;
		civil_read_utc(health_text(f, "since_utc"), &us);
		put_fault(out, name, f);
		put_thousandths(out, us / US_PER_MS);
	}
}

static void
put_devices(FILE *out, const json_t *stations)
{
	static const char *const words[] = { "closed", "ok", "lost" };
	const json_t *s;
	size_t k;

	if (json_array_size(stations) == 0)
		return;
	put_head(out, "loaxa_device", "gauge",
	    "The sound device: 1 at the word in force.");
	json_array_foreach(stations, k, s)
	{
		for (size_t i = 0; i < COUNT(words); i++) {
			fputs("loaxa_device", out);
			put_label(out, '{', "station", id_of(s));
			put_label(out, ',', "state", words[i]);
			fprintf(out, "} %d\n",
			    strcmp(words[i], health_text(s, "device")) == 0);
		}
	}
}

static void
put_slots(FILE *out, const json_t *s, const char *status)
{
	const json_t *today = json_object_get(s, "today");
	json_t *of = json_object_get(json_object_get(today, "reasons"), status);
	json_int_t rest = json_integer_value(json_object_get(today, status));
	const char *reason;
	json_t *n;

	json_object_foreach(of, reason, n)
	{
		rest -= json_integer_value(n);
		fputs("loaxa_slots", out);
		put_label(out, '{', "station", id_of(s));
		put_label(out, ',', "status", status);
		put_label(out, ',', "reason", reason);
		fprintf(out, "} %lld\n", (long long)json_integer_value(n));
	}
	fputs("loaxa_slots", out);
	put_label(out, '{', "station", id_of(s));
	put_label(out, ',', "status", status);
	put_label(out, ',', "reason", "");
	fprintf(out, "} %lld\n", (long long)rest);
}

static void
put_outcomes(FILE *out, const json_t *stations)
{
	static const char *const words[] = { "aired", "aired_partial",
		"not_aired", "external" };
	const json_t *s;
	size_t k;

	if (json_array_size(stations) == 0)
		return;
	put_head(out, "loaxa_slots", "gauge",
	    "Outcomes of today's slots, by their reason.");
	json_array_foreach(stations, k, s)
	{
		for (size_t i = 0; i < COUNT(words); i++)
			put_slots(out, s, words[i]);
	}
}

char *
metrics_text(const json_t *answer, size_t *ret_n)
{
	const json_t *stations = json_object_get(answer, "stations");
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	put_build(out, answer);
	put_verdict(out, answer);
	put_faults(out, answer);
	put_clock(out, answer);
	put_all(out, answer);
	put_ballast(out, answer);
	put_stations(out, stations);
	put_devices(out, stations);
	put_outcomes(out, stations);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	*ret_n = n;
	return text;
}

int
metrics_write(const char *path, const char *text, size_t n)
{
	char tmp[PATH_MAX];
	int fd;
	int r;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	/* The folder is others' as well: what lies there under that name, a
	 * pipe or a link to a file of ours, is neither waited for nor
	 * written to. */
	if (unlink(tmp) < 0 && errno != ENOENT)
		return -errno;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, 0644) < 0 ? -errno : disk_write(fd, text, n);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(tmp);
	return r;
}
