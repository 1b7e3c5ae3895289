/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reckoning - what the log of a simulated life comes to: what became of its
 * slots, whether an audit finds anything, whether what is called aired can
 * have sounded whole (P7), and the digest that two equal lives share.
 */
#ifndef CTL_RECKONING_H
#define CTL_RECKONING_H

#include "base/disk.h"
#include "ctl/misfortune.h"
#include "scheduler/library.h"

/*
 * Writes the log's files into `folder` (made if missing) and judges them.
 * `library` (borrowed) knows how long items are. Broken promises land in *r.
 * 0 or a negative errno.
 */
int reckoning_make(struct disk *log, const char *folder,
    struct library *library, struct misfortune_result *r);

#endif
