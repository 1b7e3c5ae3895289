/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * backup - a station in one file: a tar archive that any tar can read.
 *
 *	loaxa-backup.json	what it is, of when, of how many log records
 *	var/log/...  var/people  audio/items/...  var/revisions/...
 *	schedules/...  etc/...
 *	MANIFEST		"SHA-256  NAME" of each, for sha256sum -c
 *
 * The manifest is written last: an archive that was cut off has none. The log
 * goes first, up to its last whole line, because a running daemon only adds
 * to it: whatever it names is then in what follows.
 */
#ifndef CTL_BACKUP_H
#define CTL_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

#define BACKUP_HEAD "loaxa-backup.json"
#define BACKUP_MANIFEST "MANIFEST"
#define BACKUP_FORMAT "loaxa-backup"
#define BACKUP_VERSION 1
#define BACKUP_PLACES 6
#define BACKUP_DEPTH_MAX 8 /* folders in folders; ours have three */
#define BACKUP_FILES_MAX 1000000 /* a century of items; more is an attack */
#define BACKUP_NAME_MAX 1024 /* bytes of a name in the archive */
#define BACKUP_WORDS 512 /* bytes for a sentence that says what is wrong */

/* A part of a root and its name in the archive. */
struct backup_place {
	char name[32];
	char path[ROOT_PATH_MAX];
	bool is_file;
};

/* The parts, in the order of the archive. -ENAMETOOLONG. */
int backup_places(
    const struct root *root, struct backup_place ret[static BACKUP_PLACES]);

/* A name without control characters and bytes that are no UTF-8? */
bool backup_name_is_plain(const char *name);

/* Called now and then with the bytes done and, when it is known, of how many
 * (else 0). */
typedef void (*backup_progress)(void *arg, int64_t done, int64_t total);

struct backup_sum { /* a plain value */
	int64_t made_us;
	int64_t files;
	int64_t bytes; /* of them */
	int64_t records; /* whole lines of the log */
	int64_t left_out; /* neither file nor folder, or with a name that
			   * restore would refuse */
	char odd[BACKUP_NAME_MAX]; /* the first of those */
};

/*
 * Writes the archive to the descriptor (borrowed), and syncs it. 0 and *ret
 * when all of it is on the disk; a negative errno otherwise, with a sentence
 * for a person in `wrong`.
 */
int backup_write(const struct root *root, int64_t now_us, int fd,
    backup_progress progress, void *arg, struct backup_sum *ret,
    char wrong[static BACKUP_WORDS]);

#endif
