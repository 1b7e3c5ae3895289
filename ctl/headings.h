/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * headings - what a report is told apart by, and what people call each part.
 *
 * The figures are the log's (evidence/tally.h), and so is which plan and which
 * tags a segment had on a slot's date (evidence/segments.h), and what it was
 * called. Names of stations, and of segments that the log does not tell of, are
 * as the schedules say now; an id stands for what has no name any more.
 */
#ifndef CTL_HEADINGS_H
#define CTL_HEADINGS_H

#include <jansson.h>

#include "base/root.h"
#include "evidence/segments.h"
#include "evidence/tally.h"

enum heading {
	HEADING_SEGMENT,
	HEADING_PLAN,
	HEADING_LANGUAGE,
	HEADING_SOURCE,
	HEADING_CLASS,
	HEADING_STATION,
	HEADING_TAG,
	HEADINGS
};

struct headings {
	enum heading by;
	json_t *segments; /* {id: title}, as the schedules say now */
	json_t
	    *named; /* the same as the log says, by headings_name(); or NULL */
	json_t *stations; /* {id: name} */
	json_t *plans; /* {key: its name}, of the keys that were lent */
	struct segments *told; /* by headings_tell(); NULL: nothing is */
	char key[8192]; /* what headings_key() lends: 16 tags of 400 bytes */
};

/* The word of --by, and back; -EINVAL for any other. */
const char *heading_word(enum heading h);
int heading_read(const char *word, enum heading *ret);

/* What the parts are called, over their column: "SEGMENT". */
const char *heading_title(enum heading h);

/* 0 and *ret, by segment, is yours: headings_clear(); -ENOMEM. */
int headings_read(const struct root *root, struct headings *ret);
void headings_clear(struct headings *h);

/* What the log tells of segments, for HEADING_PLAN and HEADING_TAG. 0; what
 * the disk said; -ENOMEM. */
int headings_tell(struct headings *h, struct disk *disk);

/* After headings_tell(): what each segment of these days was called on the last
 * of them that has a slot of it. 0; -ENOMEM. */
int headings_name(struct headings *h, const struct tally *t);

/* For tally_by(): `arg` is a struct headings. */
const char *headings_key(void *arg, const json_t *row);

/* After tally_by(): the groups of HEADING_TAG, each a set of tags, become one
 * for each tag, so that a slot is in every one that it has. Others stay. 0 or
 * -ENOMEM. */
int headings_split(const struct headings *h, struct tally_groups *g);

/* A plan as one line: "99/KH-UBND, 16/05/2023, UBND huyện Quế Sơn"; `whole`
 * adds its subject and the plans above it. Yours; NULL when out of memory. */
char *headings_plan(const json_t *plan, bool whole);

/* What such a key is called; borrowed from the two. */
const char *headings_text(const struct headings *h, const char *key);

/* A station's name, or its id. Borrowed. */
const char *headings_station(const struct headings *h, const char *station);

#endif
