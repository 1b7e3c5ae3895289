/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer - what was on the loudspeakers at a moment, on a page: the answer
 * sheet for a citizen who has complained about it.
 *
 * What sounded, by whose order and approval, how loud, and which hours were
 * allowed then, all as the log tells it; no rule is claimed to be kept but the
 * station's own.
 */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/root.h"

#define ANSWER_AROUND_US (30 * US_PER_MIN) /* what is shown beside it */

struct answer { /* all borrowed */
	const char *station; /* "" all */
	int64_t us; /* the moment */
	int64_t from_us; /* plan and fact are shown from there */
	int64_t to_us;
	const char *text; /* what `loaxa what` says of the moment */
};

/*
 * Writes the page, as page_file(), and says what is wrong. 0 and the code of
 * sysexits(3); a negative errno when the log cannot be read.
 */
int answer_write(const struct root *root, struct disk *disk,
    const struct answer *a, const char *file, bool replace, int *ret_code);

#endif
