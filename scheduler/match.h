/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match - a sheet's rows laid against a station's timetable: what each slot of
 * one week is to play, as a week's programme.
 *
 * A row belongs to the slot that it names (muc), else to the one that begins
 * at its moment, else to the only one of its day with its title. It may only
 * fill slots that have a segment; what else it says must agree with the
 * timetable. Nothing is guessed: what is not clear is a problem with its line.
 */
#ifndef SCHEDULER_MATCH_H
#define SCHEDULER_MATCH_H

#include "scheduler/schedule.h"
#include "scheduler/sheet.h"

/* One item of the library, as far as a sheet can name it. Borrowed. */
struct match_item {
	const char *id;
	const char *title;
	const char *source_name; /* of the officer's file */
	const char *segment; /* or "" */
	const char *set; /* the bilingual set that it is a part of, or "" */
	const char *language;
};

struct match_setup {
	const struct schedule *schedule; /* with what is in force */
	int64_t monday; /* of the week */
	const struct match_item *items;
	size_t n_items;
	const char *name; /* of the sheet, in problems */
};

/* One slot with a segment, in the order of the week. */
struct match_entry {
	char *slot;
	char **before; /* items in force */
	size_t n_before;
	char **after;
	size_t n_after;
	char *set_before; /* the items are the parts of this set; or NULL */
	char *set;
	int line; /* of its row; 0 none */
	bool kept; /* its row names no item: as before */
};

struct match {
	struct match_entry *entries;
	size_t n;
};

/*
 * 0 and *ret_match is yours; `missing` tells what will not air as it stands.
 * -EINVAL with every problem in ps; -ENOMEM.
 */
int match_make(const struct sheet *sheet, const struct match_setup *setup,
    struct problems *ps, struct problems *missing, struct match **ret_match);

/* Accepts NULL; returns NULL. */
struct match *match_free(struct match *m);

/* The same two columns from two schedules: what each of the week's slots with
 * a segment has in one and in the other. 0 and *ret_match is yours; -ENOMEM. */
int match_compare(const struct schedule *before, const struct schedule *after,
    int64_t monday, struct match **ret_match);

/* Does the entry change what is in force? */
bool match_changes(const struct match_entry *e);

/*
 * The programme as text of a schedule's file (loaxa-schedule(5)); `before` is
 * the hash of the file that it replaces, or "". Yours; NULL when out of
 * memory.
 */
char *match_text(const struct match *m, int64_t monday, const char *before);

/* The next item or file that a row's tep names, within the text, or NULL;
 * *rest moves on, and the text is written to (strsep(3)). */
char *match_next_name(char **rest);

/* Is `name` the file's name, with or without its ending, however it is spelt? */
bool match_is_file(const char *file, const char *name);

/* What two ways to write a title share: folded, without what stands in
 * parentheses, "chuyên mục" and "phát lại". Yours; NULL when out of memory. */
char *match_title(const char *title);

#endif
