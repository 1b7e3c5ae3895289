/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * logbook - a station's week as the log tells it, laid out on A4 to be signed:
 * planned and actual side by side, sums, what is signed of it, and room for
 * two signatures (sổ nhật ký tuần).
 *
 * P7: it says "sent to the amplifier" where no more was measured, and claims no
 * conformity to any rule.
 */
#ifndef CTL_LOGBOOK_H
#define CTL_LOGBOOK_H

#include <stdint.h>

#include "ctl/headings.h"
#include "ctl/page.h"
#include "ctl/seals.h"
#include "evidence/tally.h"

struct logbook { /* all borrowed */
	const struct tally *tally; /* that holds, of one station's week */
	const struct seals *seals;
	struct headings *headings; /* by segment */
	const char *station;
	int64_t monday;
	int64_t now_us; /* when it is made */
	const char *officer; /* the office of who keeps it, or "" */
	const char *leader; /* the office of who answers for it, or "" */
};

/* The line at the foot of each page: station, week and code. Yours; NULL when
 * out of memory. */
char *logbook_foot(const struct logbook *b);

/* "Weekly log book, STATION, 2026-W48"; yours, or NULL. */
char *logbook_title(const struct logbook *b);

/* For page_make(): `arg` is a struct logbook. */
void logbook_draw(struct page *p, void *arg);

/* The parts that other reports have too. */

/* "planned 103 = aired 86 + ..." */
void logbook_identity(const struct tally_sum *s, char *buf, size_t size);

/* That the log does not tell of all these days, and of which it does; "" when
 * it does. 600 bytes hold it. */
void logbook_reach(const struct tally *t, int64_t from_day, int64_t to_day,
    char *buf, size_t size);

/* The gap music of these days, which no figure has; "" for none. */
void logbook_music(const struct tally *t, char *buf, size_t size);

/* Slots that did not air, or in part, by cause: a line each, those without any
 * left out. */
void logbook_causes(const struct tally_sum *s,
    void (*fn)(void *arg, const char *line), void *arg);

/* What was planned or sounded in a span of time, as a table of plan and fact. */
void logbook_span(
    struct page *p, const struct tally *t, int64_t from_us, int64_t to_us);

#define LOGBOOK_SIGNING 138.0 /* points that the signatures take */

/* The head of a paper: who gives it, and the country's name; and the lines
 * for two signatures, with the offices where they are known ("" else). */
void logbook_letterhead(struct page *p, const char *who);
void logbook_signatures(struct page *p, const char *left_role,
    const char *left_office, const char *right_office);

/* The hours and airings of each group, and of all, as a table. */
void logbook_groups(struct page *p, const struct headings *h,
    const struct tally_groups *g, const struct tally_sum *all);

#endif
