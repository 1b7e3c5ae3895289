/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore - a station out of a backup (ctl/backup.h), all of it or nothing.
 *
 * Everything is first unpacked beside the places where it belongs, compared
 * with the manifest, and the log opened and given its `epoch` record; only
 * then does it take those places, by renaming. What an archive of strangers
 * may hold besides plain files with plain names is refused.
 */
#ifndef CTL_RESTORE_H
#define CTL_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "ctl/backup.h"

struct restore {
	const struct root *root; /* its folders need not exist */
	struct now now;
	const char *boot_id;
	bool replace; /* move aside what is there */
	backup_progress progress; /* or NULL */
	void *arg;
};

struct restored { /* a plain value */
	int64_t made_us; /* the backup */
	int64_t files;
	int64_t bytes;
	int64_t records; /* of its log, before the epoch */
	int64_t last_us; /* the last of them; 0 for none */
	char aside[64]; /* what was put behind the names of what was there;
			 * "" when nothing was */
};

/*
 * Looks through the whole archive, without writing anything. 0; or a negative
 * errno with a sentence for a person in `wrong`: -EBADMSG when the archive is
 * not to be believed.
 */
int restore_check(int fd, backup_progress progress, void *arg,
    struct restored *ret, char wrong[static BACKUP_WORDS]);

/*
 * Restores. As restore_check(), and -EEXIST when a station's data is there
 * and is not to be replaced, -EBUSY while a daemon or a command uses it.
 * After a failure everything is as it was.
 */
int restore_run(int fd, const struct restore *how, struct restored *ret,
    char wrong[static BACKUP_WORDS]);

#endif
