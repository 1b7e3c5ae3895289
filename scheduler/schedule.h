/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schedule - a station's standing timetable and its weeks' programmes, as
 * read from schedules/STATION.cfg and schedules/STATION/YYYY-Www.cfg. The
 * format is in man/loaxa-schedule.5. Times are civil here; plan.h makes
 * instants of them.
 */
#ifndef SCHEDULER_SCHEDULE_H
#define SCHEDULER_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/problem.h"

/* Limits on what a person can make grow: a week of five-minute slots, ten
 * times over; ten years of weeks. */
#define SLOTS_MAX 20000
#define WEEKS_MAX 530
#define SLOT_ITEMS_MAX 64
#define SEGMENTS_MAX 1000
#define DATES_MAX 4000 /* ten years of exceptions */
#define CAMPAIGNS_MAX 500
#define MOURNINGS_MAX 200
#define SCHEDULE_BYTES_MAX (4 << 20)

#define REPEAT_DAYS 35 /* how far back a repeat looks for its original */

enum content {
	CONTENT_ITEM, /* ref: an item id */
	CONTENT_SEGMENT, /* ref: a segment id; items from the week's programme */
	CONTENT_REPEAT, /* ref: a slot id */
	CONTENT_RELAY, /* ref: a relay id of the site */
	CONTENT_FILLER, /* ref: an item id: gap music */
	CONTENTS
};
enum start_mode { START_SOFT, START_HARD };
enum end_mode { END_CUT, END_FINISH };
enum rejoin_mode { REJOIN_JOIN, REJOIN_SKIP };
/* thong_thuong, uu_tien; khan_cap is of no slot: a person releases it */
enum slot_class { CLASS_NORMAL, CLASS_PRIORITY, CLASS_EMERGENCY };

/* The words of the format and of the log for each of the above. */
const char *content_word(
    enum content c); /* item segment repeats relay filler */
const char *start_word(enum start_mode m); /* soft hard */
const char *end_word(enum end_mode m); /* cut finish */
const char *rejoin_word(enum rejoin_mode m); /* join skip */
const char *class_word(enum slot_class c);

struct segment {
	char *id;
	char *title;
	char **tags;
	size_t n_tags;
	char **languages;
	size_t n_languages;
	json_t *plan; /* object {no, date, issuer}, and where they are given
		       * subject and parent, another such; or NULL */
	json_t *target; /* object {per} with one or more of {airings,
			 * first_airings, repeat_airings, minutes,
			 * first_minutes, repeat_minutes}; or NULL */
	int line;
};

struct slot {
	char *id;
	char *title; /* optional in the file; "" when not given */
	char *language; /* takes only this part of a set; NULL: all of it */
	unsigned days; /* bit 0 is MON; 0 for a date's extra slot */
	int at_s; /* seconds of the day, 0..86399 */
	int for_s; /* seconds, 1..86400 */
	enum content content;
	char *ref;
	enum start_mode start;
	int tolerance_s; /* default 120 */
	enum end_mode end;
	enum rejoin_mode rejoin;
	enum slot_class class;
	bool from_above;
	int64_t from_day; /* INT64_MIN when not given */
	int64_t until_day; /* last day; INT64_MAX when not given */
	int every; /* weeks: 1, or 2.. counted from from_day's week */
	char *makeup_slot; /* phát bù: the slot made up for, or NULL */
	int64_t makeup_day;
	const char *file; /* borrowed from the schedule: for problems */
	int line;
};

/* A date that is not as its weekday says. */
struct date_rule {
	int64_t day;
	int use; /* -1 none, 0..6 that weekday's plan, 7 its own */
	char *reason;
	struct slot *extra; /* in addition */
	size_t n_extra;
	const char *file;
	int line;
};

/* A dated overlay of extra slots that ends by itself. */
struct campaign {
	char *id;
	char *title;
	int64_t from_day;
	int64_t until_day;
	struct slot *slots;
	size_t n_slots;
	int line;
};

/* What one slot plays in one ISO week. */
struct programme {
	int64_t monday; /* day number of the week's Monday */
	char *slot;
	char *set; /* the bilingual set that it plays, or NULL (plan.h) */
	char **items; /* of a set: those not called after it, or none */
	size_t n_items;
	const char *file;
	int line;
};

/* Dates on which music is silent (quốc tang). */
struct mourning {
	int64_t from_day;
	int64_t until_day; /* the last one */
	char *reason;
	int line;
};

struct schedule_file {
	char *name; /* below schedules/, as in problems */
	char sha256[HASH_HEX];
};

struct schedule {
	char *station;
	char *name;
	char **above;
	size_t n_above;
	struct segment *segments;
	size_t n_segments;
	struct slot *slots; /* in file order */
	size_t n_slots;
	struct date_rule *dates;
	size_t n_dates;
	struct campaign *campaigns;
	size_t n_campaigns;
	struct mourning *mournings;
	size_t n_mournings;
	char **gap_filler; /* items of music that go round in gaps */
	size_t n_gap_filler;
	int gap_filler_line;
	struct programme *programmes;
	size_t n_programmes;
	struct schedule_file *files;
	size_t n_files;
	char
	    revision[HASH_HEX]; /* SHA-256 over "sha256  name\n" of all files */
};

/*
 * Reads FOLDER/STATION.cfg and the FOLDER/STATION/ weeks whose days touch
 * [from_day - REPEAT_DAYS, to_day] (INT64_MIN, INT64_MAX: all). All or nothing: 0 and
 * *ret_schedule is yours; -EINVAL with every problem of every file in ps;
 * -ENOENT and the like with one problem. *ret_schedule is then untouched.
 */
int schedule_read(const char *folder, const char *station, int64_t from_day,
    int64_t to_day, struct problems *ps, struct schedule **ret_schedule);

/*
 * The same as if the file `name` ("que-minh/2026-W48.cfg") held these bytes,
 * whether it is there or not: what a change would make of the schedule.
 */
struct schedule_swap {
	const char *name;
	const char *bytes;
	size_t n;
};

int schedule_read_with(const char *folder, const char *station,
    int64_t from_day, int64_t to_day, const struct schedule_swap *swap,
    struct problems *ps, struct schedule **ret_schedule);

struct schedule *schedule_free(struct schedule *s);

/* By id; NULL when there is none. Borrowed. */
const struct segment *schedule_segment(
    const struct schedule *s, const char *id);
/* Is it one of the segment's languages? Without any it is "vi". */
bool segment_speaks(const struct segment *seg, const char *language);
const struct slot *schedule_slot(const struct schedule *s, const char *id);

/* The station ids for which FOLDER holds a timetable, sorted: calls fn with
 * each; stops at a non-zero return and returns it. */
int schedule_stations(
    const char *folder, int (*fn)(void *arg, const char *station), void *arg);

#endif
