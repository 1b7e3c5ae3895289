/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile - what a place lets a schedule ask for: hours, weekdays, sessions,
 * the volume early in the day. A site has one of its own (scheduler/site.h),
 * which may begin from a file etc/profiles/NAME.conf. The format is in
 * man/loaxa.conf.5.
 */
#ifndef SCHEDULER_PROFILE_H
#define SCHEDULER_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "scheduler/cfg.h"

#define PROFILE_GAIN_MIN_MDB (-60000) /* nobody hears less */
#define PROFILE_NOON_FROM (11 * 3600) /* seconds of the day: buổi trưa */
#define PROFILE_NOON_TO (13 * 3600)

/* Its keys, for a list of known ones. */
#define PROFILE_KEYS \
	"hours", "days", "noon", "exceptions", "sessions_per_day", \
	    "session_longest", "count_relay", "volume"

/* Allowed hours of the days in `days` (bit 0 is MON): [from_s, to_s). */
struct profile_hours {
	unsigned days;
	int from_s; /* seconds of the day, 0..86399 */
	int to_s; /* 1..86400, after from_s */
};

/* A date on which `days` and `noon` do not bind. */
struct profile_exception {
	int64_t day;
	char *reason;
	int from_s; /* hours allowed besides; to_s 0: none */
	int to_s;
};

/* How much quieter, [from_s, to_s) of every day. */
struct profile_volume {
	int from_s;
	int to_s;
	int gain_mdb; /* thousandths of a decibel, never above 0 */
};

struct profile {
	char *id; /* of the file it began from; "" for none */
	char *title; /* for people; "" for none */
	struct profile_hours *hours; /* none: nothing is allowed to sound */
	size_t n_hours;
	bool has_hours; /* the file said so, if only that there are none */
	unsigned days; /* with sessions at all; bit 0 is MON */
	bool noon; /* sound is allowed between 11:00 and 13:00 */
	struct profile_exception *exceptions;
	size_t n_exceptions;
	int sessions_per_day; /* 0: no limit */
	int session_s; /* longest session, seconds; 0: no limit */
	bool count_relay; /* relay counts in session_s; default true */
	struct profile_volume *volume;
	size_t n_volume;
};

/* One that sets no limit, and allows no hours. 0 or -ENOMEM; clear it in both
 * cases. */
int profile_init(struct profile *p);
void profile_clear(struct profile *p);

/* Takes the keys that a file has; the others stay as they are. Problems land
 * in the cfg's list; -ENOMEM. */
int profile_take(struct cfg *c, struct profile *p);

/*
 * Reads FOLDER/ID.conf over *p, an initialised one. 0; -EINVAL with every
 * problem added to ps, or -ENOENT and the like with one; -ENOMEM.
 */
int profile_read(
    const char *folder, const char *id, struct problems *ps, struct profile *p);
int profile_read_file(const char *path, struct problems *ps, struct profile *p);

struct profile_window {
	int from_s;
	int to_s;
};

/* What a date has of allowed hours, by start; a part of them that another one
 * covers is told twice. Returns how many there are, of which at most `max`
 * are written. */
size_t profile_windows(const struct profile *p, int64_t day,
    struct profile_window *ret, size_t max);

/*
 * P1: when us lies inside the allowed hours, true and the instant they end
 * (adjoining windows, also across midnight, are one; searched 8 days ahead).
 * Uses the process's zone.
 */
bool profile_allows(const struct profile *p, int64_t us, int64_t *ret_end_us);

/* P1: since when, seen from an allowed instant; searched from the start of the
 * day before. NEVER where it is not allowed. */
int64_t profile_since(const struct profile *p, int64_t us);

/* What forbids sound in [start_us, end_us), if anything does. */
enum barrier {
	BARRIER_NONE,
	BARRIER_DAY, /* its weekday, and the date is no exception */
	BARRIER_NOON,
	BARRIER_HOURS
};
enum barrier profile_barrier(
    const struct profile *p, int64_t start_us, int64_t end_us);

/* The exception a date is, or NULL. Borrowed. */
const struct profile_exception *profile_exception(
    const struct profile *p, int64_t day);

/* The gain for what sounds in [start_us, end_us): the quietest volume that it
 * touches, because it may never be above any of them; 0 for none. In
 * thousandths of a decibel. */
int profile_gain_mdb(const struct profile *p, int64_t start_us, int64_t end_us);

#endif
