/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upper - a report of the stations whose logs the upper level has collected
 * (evidence/collect.h): by week, month, station, segment or unit, or in order.
 * The figures are the store's (evidence/store.h), the units those of
 * STORE/units.cfg, where there is one.
 */
#ifndef CTL_UPPER_H
#define CTL_UPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/args.h"
#include "ctl/muster.h"

struct upper { /* what is asked for; all borrowed */
	const char *store; /* the collector's folder */
	enum muster_by by;
	int64_t from_day;
	int64_t to_day;
	int64_t as_of; /* or MUSTER_NO_DAY */
	const char *unit; /* "" all */
	const char *station; /* "" all */
	struct arg_texts without;
	const char *due; /* how long there is still time, or "" */
	const char *deadline; /* on paper: the date alone; or "" */
	const char *pdf; /* files, or NULL */
	const char *xlsx;
	bool replace;
	bool csv;
	bool json;
	bool prose;
};

/* Gives it in every form that is asked for; what is wrong is said. The code:
 * EXIT_LACKING when it is given, and something of a station is not in it. */
int upper_report(const struct upper *u);

#endif
