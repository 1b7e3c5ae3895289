/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary - the sums of any days (evidence/tally.h) as a report gives them:
 * table, CSV, JSON, office prose and pages. All of them carry the period, the
 * sum that accounts for every slot, and what is signed of the log.
 */
#ifndef CTL_SUMMARY_H
#define CTL_SUMMARY_H

#include <stdint.h>
#include <stdio.h>

#include "ctl/headings.h"
#include "ctl/page.h"
#include "ctl/seals.h"
#include "evidence/tally.h"

struct summary { /* all borrowed */
	const struct tally *tally; /* that holds */
	const struct tally_groups *groups; /* of it, by the headings */
	const struct headings *headings;
	const struct seals *seals;
	const char *station; /* "" all */
	int64_t from_day;
	int64_t to_day;
	int64_t now_us; /* when it is made */
	const char *due; /* how long there is still time, or "" */
	const char *deadline; /* on paper: the date alone; or "" */
};

/* A figure of a sum, by its name in CSV and JSON: slots and airings as
 * counts, names that end in _ms in milliseconds. */
struct summary_field {
	const char *name;
	const char *text; /* for people, N_() */
	size_t offset; /* of an int64_t in struct tally_sum */
};

extern const struct summary_field summary_fields[];
extern const size_t summary_n_fields;

static inline int64_t
summary_figure(const struct tally_sum *s, const struct summary_field *f)
{
	return *(const int64_t *)((const char *)s + f->offset);
}

/* "Report, STATION, from ... to ..."; yours, NULL when out of memory. */
char *summary_title(const struct summary *m);

/* For a terminal. 0 or -ENOMEM. */
int summary_print(const struct summary *m, FILE *out);

/* RFC 4180, a line a group and one of key "total": period, station, what it
 * is told apart by, key, name, the figures, log size and root, code. 0; -EIO.
 */
int summary_csv(const struct summary *m, FILE *out);

/* {from, to, station, by, groups: [{key, name, figures}], total, holds, code,
 * seal, outages}. Yours; NULL when out of memory. */
json_t *summary_json(const struct summary *m);

/* A paragraph to be pasted into a report, in the user's language. */
void summary_prose(const struct summary *m, FILE *out);

/* For page_make(): `arg` is a struct summary. */
void summary_draw(struct page *p, void *arg);

#endif
