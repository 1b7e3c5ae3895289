/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selftest - what was found out about a station and its computer, judged: a
 * line each in plain words. Nothing here looks at anything but its arguments.
 */
#ifndef CTL_SELFTEST_H
#define CTL_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "playout/cue.h"

enum health {
	HEALTH_GOOD,
	HEALTH_NOTE, /* it works; a person should know */
	HEALTH_BAD, /* something will not air, or not be on record */
	HEALTHS
};

/* The word for machines: "good", "note", "bad". */
const char *health_name(enum health v);

struct check { /* a plain value */
	const char *id; /* for machines: "sound", "clock"... */
	const char *name; /* N_(): "sound card", "clock"... */
	char station[64]; /* "" for the whole site */
	enum health health;
	char text[640]; /* in the user's language */
};

/* What a second of sound through the player came to. */
struct sound_facts {
	const char *station;
	const char *output; /* "alsa plughw:CARD=Device" */
	bool has_output; /* the site configuration names one */
	int started; /* 0, or why the player did not start: negative errno */
	bool opened; /* the device took sound */
	const char *said; /* by the device, when it was lost */
	enum ended ended; /* when `opened` */
	bool all; /* every frame of it was taken */
	bool tone; /* else silence */
	bool to_file; /* a WAV file, no loudspeaker */
	bool muted; /* by its own mixer */
};
struct check selftest_sound(const struct sound_facts *f);

/* The same by word of the running daemon, which has the device to itself:
 * its `device` ("ok", "closed", "lost", else unknown), `device_text`, and
 * whether its mixer was seen to be muted. */
struct check selftest_sound_status(
    const char *station, const char *device, const char *text, bool muted);

/* Does an ALSA device name its card by a number, which changes? */
bool selftest_numbered(const char *driver, const char *device);
struct check selftest_card(const char *station, const char *device);

struct check selftest_daemon(bool runs, bool answers);
struct check selftest_clock(enum trust trust, int64_t now_us);

struct disk_facts {
	int64_t free_bytes;
	int64_t total_bytes;
	int write; /* 0, or a negative errno of a test file */
	int64_t write_us; /* until it was on the disk */
};
struct check selftest_disk(const struct disk_facts *f);

/* One path that something is wrong with; "" for none. */
struct rights_facts {
	const char *path;
	int error; /* a negative errno of reading or writing it; 0 */
	const char *owner; /* it belongs to; "" when that is as it should */
	const char *wanted; /* it should belong to */
};
struct check selftest_rights(const struct rights_facts *f);

/* Programs of other packages. */
struct program_facts {
	bool phones; /* intake has the one for what phones record */
	const char *phones_package;
	const char *relay; /* one whose program is missing; "" none */
	const char *program;
	const char *package;
};
struct check selftest_programs(const struct program_facts *f);

struct schedule_facts {
	int64_t stations;
	int64_t site_problems;
	int64_t problems;
	const char *first; /* "file:line: text" */
};
struct check selftest_schedules(const struct schedule_facts *f);

struct library_facts {
	int64_t items;
	int64_t bad; /* record unreadable or sound missing */
	const char *first;
	int error; /* the folder: a negative errno, or 0 */
};
struct check selftest_library(const struct library_facts *f);

/* `ready`: how many items lie there for an emergency, and may air. */
struct check selftest_bank(int64_t ready);

struct log_facts {
	int error; /* of opening it, -ENOENT when there is none yet; or 0 */
	int64_t records;
	int64_t findings;
	const char *first;
};
struct check selftest_log(const struct log_facts *f);

/* `offset` is "+07:00"; NULL: the computer does not know the zone. */
struct check selftest_zone(const char *zone, const char *offset);
struct check selftest_language(const char *language, bool has_words);

#endif
