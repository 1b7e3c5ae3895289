/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * muster_text - what a report of stations (ctl/muster.h) says in words: where a
 * station belongs, how a week went, and what is not as it ought to be. All in
 * the user's language, into the caller's buffer, which is returned.
 */
#ifndef CTL_MUSTER_TEXT_H
#define CTL_MUSTER_TEXT_H

#include "ctl/muster.h"

#define MUSTER_TEXT 1200 /* bytes of any of them */

/* "Stations by week, from ... to ...". */
const char *muster_title(const struct muster *m, char buf[static MUSTER_TEXT]);

/* The heads of the column of rows, and of column i: "STATION", "W48". */
const char *muster_head(const struct muster *m);
const char *muster_column(
    const struct muster *m, size_t i, char buf[static MUSTER_TEXT]);

/* "Tỉnh › Huyện Sông › Xã A"; "no unit written" where there is none. */
const char *muster_path(
    const struct muster_row *row, char buf[static MUSTER_TEXT]);

/* The row's own name: the station, with its id where one computer has several;
 * the segment; the unit. */
const char *muster_name(const struct muster *m, const struct muster_row *row,
    char buf[static MUSTER_TEXT]);

/* "36/40 P3 W1": aired of those that were the station's own, and what the rest
 * failed by. `brief`: "90% PW". "" nothing was due; "–" no record tells. */
const char *muster_cell_text(
    const struct muster_cell *c, bool brief, char buf[static MUSTER_TEXT]);

/* What the letters mean, in a line. */
const char *muster_legend(void);

/* "90,0%"; "" of nothing. */
const char *muster_share(
    int64_t part, int64_t whole, char buf[static MUSTER_TEXT]);

/* What is not ordinary of a station, or "": never heard, silent since, two
 * histories, begun anew, replaced, power cuts. */
const char *muster_remark(const struct muster *m, const struct muster_row *row,
    char buf[static MUSTER_TEXT]);

/* Which unit or station alone was asked for, a sentence or two; "" all. */
const char *muster_only(const struct muster *m, char buf[static MUSTER_TEXT]);

/* Of whom and how it counts: lines below the figures. fn gets each. */
void muster_notes(
    const struct muster *m, void (*fn)(void *arg, const char *line), void *arg);

/* "Đài A: records 300, root …": what its figures are made of. */
const char *muster_log_text(
    const struct muster_log *l, char buf[static MUSTER_TEXT]);

#endif
