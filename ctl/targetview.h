/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * targetview - targets (chỉ tiêu, evidence/targets.h) as `loaxa report
 * --targets` tells them: by plan and segment, what was to be, what was
 * planned, what aired, what is lacking; on the terminal, as CSV, JSON and pages.
 */
#ifndef CTL_TARGETVIEW_H
#define CTL_TARGETVIEW_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl/headings.h"
#include "ctl/page.h"
#include "ctl/seals.h"
#include "evidence/targets.h"

struct targetview { /* all borrowed */
	const struct targets *targets;
	const struct headings *headings;
	const struct seals *seals;
	const char *station; /* "" all */
	int64_t from_day; /* as asked for */
	int64_t to_day;
	int64_t now_us; /* when it is made */
	const char *deadline; /* on paper: by when it is to be there; or "" */
};

/* Text that grows up to its room; a plain value. */
struct target_text {
	char s[1000];
	size_t n;
};

/* A row of targets.h in words. */
struct target_words {
	struct target_text period, target, lacking, remarks;
	const char *state; /* "NOT reached" */
};

void targetview_words(const json_t *row, struct target_words *ret);

/* Of the whole: fn gets each line. */
void targetview_notes(const struct targetview *v,
    void (*fn)(void *arg, const char *line), void *arg);

/* "Targets, STATION, from ... to ..."; yours, NULL when out of memory. */
char *targetview_title(const struct targetview *v);

/* For a terminal. 0 or -ENOMEM. */
int targetview_print(const struct targetview *v, FILE *out);

/* RFC 4180, a line a row of targets.h with its keys apart, empty where the
 * target has no such count; log size and root behind it. 0; -EIO. */
int targetview_csv(const struct targetview *v, FILE *out);

/* For page_make(): `arg` is a struct targetview. */
void targetview_draw(struct page *p, void *arg);

/* {from, to, station, rows, untold, seal}: the rows are those of targets.h.
 * Yours; NULL when out of memory. */
json_t *targetview_json(const struct targetview *v);

#endif
