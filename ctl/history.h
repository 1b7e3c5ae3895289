/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history - what the airing log says of one item: when it was added or called
 * anew, who approved and withdrew it, and each time it sounded.
 */
#ifndef CTL_HISTORY_H
#define CTL_HISTORY_H

#include <jansson.h>

#include "base/disk.h"

struct history { /* whole records, in the log's order */
	json_t *words; /* `item`, `approve` and `withdraw` */
	json_t *airings; /* `end`, where something of it sounded */
};

/* 0 and *ret_history is yours: history_clear(). -ENOMEM, or what the disk
 * said. */
int history_read(
    struct disk *disk, const char *item, struct history *ret_history);
void history_clear(struct history *h);

#endif
