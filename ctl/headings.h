/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * headings - what a report is told apart by, and what people call each part.
 *
 * The figures are the log's (evidence/tally.h). Names are not in it: those of
 * segments, of stations and of the plans behind segments are as the schedules
 * say now; an id stands for what has no name any more.
 */
#ifndef CTL_HEADINGS_H
#define CTL_HEADINGS_H

#include <jansson.h>

#include "base/root.h"

enum heading {
	HEADING_SEGMENT,
	HEADING_PLAN,
	HEADING_LANGUAGE,
	HEADING_SOURCE,
	HEADING_CLASS,
	HEADING_STATION,
	HEADINGS
};

struct headings {
	enum heading by;
	json_t *segments; /* {id: title} */
	json_t *plans; /* {segment id: "No 99/KH-UBND, ..."} */
	json_t *stations; /* {id: name} */
};

/* The word of --by, and back; -EINVAL for any other. */
const char *heading_word(enum heading h);
int heading_read(const char *word, enum heading *ret);

/* What the parts are called, over their column: "SEGMENT". */
const char *heading_title(enum heading h);

/* 0 and *ret, by segment, is yours: headings_clear(); -ENOMEM. */
int headings_read(const struct root *root, struct headings *ret);
void headings_clear(struct headings *h);

/* For tally_by(): `arg` is a struct headings. */
const char *headings_key(void *arg, const json_t *row);

/* What such a key is called; borrowed from the two. */
const char *headings_text(const struct headings *h, const char *key);

/* A station's name, or its id. Borrowed. */
const char *headings_station(const struct headings *h, const char *station);

#endif
