/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * heard - what the upper level has of each station that it knows (collect.h),
 * for reports: how large the newest signed tree is and its root, whether the log
 * began anew and without how many records, and whether two histories were signed.
 * It only reads, beside a collector that works, and locks nothing.
 */
#ifndef EVIDENCE_HEARD_H
#define EVIDENCE_HEARD_H

#include "evidence/checkpoint.h"
#include "evidence/roster.h"

struct heard { /* of a station; lent for the call */
	const struct roster_station *station;
	int trees; /* cosigned ones, with any records */
	int64_t leaves; /* of all of them */
	int64_t given_up; /* records of older trees, each once, that those after
			   * have not as they were, though they are of that
			   * time on */
	struct checkpoint last; /* of the newest; only with any */
	int forks; /* other histories of it, kept apart */
};

/*
 * In order of their keys. A non-zero return of fn stops and is returned. 0;
 * -EBADMSG: at least one station's own file is damaged and it was passed over,
 * or a checkpoint here is none; or what the disk said. No store: no station.
 */
int heard_each(
    const char *store, int (*fn)(void *arg, const struct heard *h), void *arg);

#endif
