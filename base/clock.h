/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock - instants, and the only file that reads a clock.
 *
 * An instant is int64_t microseconds: `wall` instants are UTC since 1970,
 * `boot` instants count CLOCK_BOOTTIME. The wall clock says what is due; the
 * boot clock says how long to wait, and cannot be set by anybody.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define NEVER INT64_MAX /* "no instant": later than every other */
#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define US_PER_MIN (60 * US_PER_S)
#define US_PER_DAY (86400 * US_PER_S)

/* How far the wall clock may be believed; the order is from worst to best. */
enum trust {
	TRUST_UNSURE, /* hold: nothing may start */
	TRUST_PLAUSIBLE, /* it lies where it should; nobody vouches */
	TRUST_CONFIRMED, /* a person said so */
	TRUST_SYNCED, /* the kernel is disciplined by a time server */
	TRUSTS
};

/*
 * How late it has been, by how well the clock was believed then: of a log's
 * records, of a life's looks. Start it as { 0 }: 0 is never.
 */
struct clock_marks {
	int64_t us[TRUSTS];
};

/* It was so late, believed so far: later marks that were believed less were
 * wrong, and go. TRUST_UNSURE marks nothing. */
void clock_mark(struct clock_marks *m, enum trust trust, int64_t wall_us);

/* The latest of all marks; 0 when there is none. */
int64_t clock_latest(const struct clock_marks *m);

/* What a life of this boot has said of the clock, for the next one. */
struct clock_word {
	enum trust trust;
	int64_t offset_us; /* wall less boot then */
	int64_t since_boot_us; /* it was trusted so from then on */
};

/* What time it is, as an argument. A plain value. */
struct now {
	int64_t wall_us;
	int64_t boot_us;
	enum trust trust;
};

/* The word the log uses: "unsure", "plausible", "confirmed", "synced". */
const char *trust_word(enum trust t);

/* The trust that a word of the log names; TRUST_UNSURE for any other. */
enum trust trust_of(const char *word);

/* Reads both clocks together; `trust` is left TRUST_UNSURE for the caller. */
struct now clock_read(void);

/*
 * True when the kernel says its wall clock is disciplined and off by less
 * than 16 s (adjtimex(2): maxerror in microseconds, STA_UNSYNC).
 */
bool clock_synced(void);

/*
 * The id of this boot (36 characters and a NUL), from
 * /proc/sys/kernel/random/boot_id. 0, or a negative errno and *ret_id
 * untouched.
 */
int clock_boot_id(char ret_id[static 37]);

/* The wall instant a boot instant falls on, and back, if no clock is set. */
int64_t now_wall_at(struct now now, int64_t boot_us);
int64_t now_boot_at(struct now now, int64_t wall_us);

static inline int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
