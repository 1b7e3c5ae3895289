/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * musterdata - a report of stations (ctl/muster.h), settled and adding up, for
 * programs and spreadsheets.
 */
#ifndef CTL_MUSTERDATA_H
#define CTL_MUSTERDATA_H

#include <jansson.h>
#include <stdio.h>

#include "ctl/muster.h"

/*
 * RFC 4180. By week or month a line a station and column: from, to, by, path,
 * name, id, column (its first date), planned, aired, missed_power, missed_fault,
 * missed_order, missed_work, missed_unknown, external, open, days, days_due,
 * log_size, log_root. Else a line a row with the figures of summary_fields, days,
 * days_due, last_day, place, remark, log_size, log_root; and one whose path is
 * "total". The log is the station's newest one. 0; -EIO.
 */
int muster_csv(const struct muster *m, FILE *out);

/* {from, to, by, as_of, columns, rows: [{title, path: [{id, name}], name, id,
 * figures, cells, days, days_due, last_day, place, twice, remark}], total, holds, twice, days,
 * days_due,
 * logs: [{key, name, origin, root, size, leaves, counted, trees, forks, replaced,
 * last_utc}]}. Yours; NULL when out of memory. */
json_t *muster_json(const struct muster *m);

#endif
