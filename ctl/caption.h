/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caption - what the options of `add` and `edit` say about an item, and what
 * the log is told of it.
 */
#ifndef CTL_CAPTION_H
#define CTL_CAPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/item.h"
#include "ctl/args.h"

/* NULL, or n 0: not given. Borrowed from argv. */
struct caption {
	const char *title;
	const char *segment;
	const char *language;
	const char *unit;
	const char *genre;
	const char *set; /* --part-of */
	struct arg_texts tags;
	struct arg_texts credits;
};

/* The rows of a command's args[] that fill it. */
#define CAPTION_ARGS(c) \
	{ "title", ARG_TEXT, &(c)->title }, \
	    { "segment", ARG_TEXT, &(c)->segment }, \
	    { "language", ARG_TEXT, &(c)->language }, \
	    { "unit", ARG_TEXT, &(c)->unit }, \
	    { "genre", ARG_TEXT, &(c)->genre }, \
	    { "part-of", ARG_TEXT, &(c)->set }, \
	    { "tag", ARG_TEXTS, &(c)->tags }, \
	{ \
		"credit", ARG_TEXTS, &(c)->credits \
	}

/* True when anything at all was given. */
bool caption_given(const struct caption *c);

/* Puts the labels given into an object (labels.h). 0; -EINVAL with a sentence
 * for the user in `wrong`; -ENOMEM. Segment and language are checked too. */
int caption_labels(
    const struct caption *c, json_t *o, char *wrong, size_t size);

/* Puts all that was given into the item. As caption_labels(). */
int caption_apply(
    const struct caption *c, struct item *it, char *wrong, size_t size);

/*
 * The body of the log's `item` record, keys as man/loaxa-log.5 has them; `by`
 * is a person id or "". Credits are left out: they are people's names, and
 * the log cannot forget. Yours; NULL when out of memory.
 */
json_t *caption_record(const struct item *it, const char *by);

#endif
