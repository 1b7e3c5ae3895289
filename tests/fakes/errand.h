/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errand - commands that are only written down: what ran and when, each over
 * after a time and with a result of the test's choice.
 */
#ifndef TESTS_FAKES_ERRAND_H
#define TESTS_FAKES_ERRAND_H

#include <stdbool.h>

#include "scheduler/errand.h"

struct fake_errand {
	struct errand errand; /* must be first */
	int64_t takes_us; /* each of them */
	int fail; /* so many still do; -1 all */
	int error; /* a negative errno that start() says */
	bool runs;
	int64_t over_us; /* boot: the one that runs */
	char told[2000]; /* "HH:MM:SS command argument\n", local time */
};

void fake_errand(struct fake_errand *e);

#endif
