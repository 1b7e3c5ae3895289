/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outlook - what one slot of a plan will come to, as far as can be told now:
 * each of its items, how much of them there is room for, what stands in the
 * way, and where the slot has it all from.
 */
#ifndef CTL_OUTLOOK_H
#define CTL_OUTLOOK_H

#include <jansson.h>

#include "ctl/office.h"

struct outlook_item {
	const char *id; /* borrowed from the plan */
	enum standing standing;
	int64_t length_us; /* 0 when there is nothing to measure */
};

struct outlook {
	const struct planned *p; /* borrowed */
	enum prospect prospect;
	struct outlook_item *items;
	size_t n_items;
	int64_t sound_us; /* of the items that may air, whole */
	int64_t cut_us; /* of all measured items, for want of room */
};

/* Of slot i of the plan. 0, or -ENOMEM; end it with outlook_clear(). */
int outlook_make(const struct office *o, const struct plan *p, size_t i,
    struct outlook *ret_outlook);
void outlook_clear(struct outlook *o);

/* Whether all of it will air (or is a relay's), and nothing is cut. */
bool outlook_is_whole(const struct outlook *o);

/* A few words: "ready", "not approved", "cut 0:12". Returns buf. */
const char *outlook_word(const struct outlook *o, char *buf, size_t size);

/* The answer to "will it air?": "will air: all of it is ready", "will air
 * without b", "will not air: file missing: a, b". Yours; NULL when out of
 * memory. */
char *outlook_why(const struct office *office, const struct outlook *o);

/* What stands in the way, a line each: "a: file missing", "longer than its
 * slot: the last 0:12 is cut". Calls fn with each; no lines for a whole one. */
void outlook_faults(const struct office *office, const struct outlook *o,
    void (*fn)(void *arg, const char *line), void *arg);

/* Where its content is from: "repeats ttdn-t5 of T5 26/11/2026". Yours; NULL
 * when out of memory. */
char *outlook_source(const struct outlook *o);

/* What a person calls it: its title, else its first item's, else what the
 * file says. Yours; NULL when out of memory. */
char *outlook_title(const struct office *office, const struct planned *p);

/* The slot with all of it, by the keys of the log's day sheet; see loaxa(1).
 * Yours; NULL when out of memory. */
json_t *outlook_json(
    const struct office *office, const char *station, const struct outlook *o);

#endif
