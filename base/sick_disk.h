/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sick_disk - a disk that fails when told: wraps another disk and counts its
 * calls (append, sync, replace, read, each: all in one count, from 1). For
 * `loaxa simulate --faults` and for tests.
 *
 * What is synced is known: sick_disk_cut() takes everything else away, as a
 * power cut may.
 */
#ifndef BASE_SICK_DISK_H
#define BASE_SICK_DISK_H

#include <stdbool.h>

#include "base/disk.h"

struct sick_disk {
	struct disk disk; /* must be first */
	struct disk *under; /* closed with this one */
	int calls; /* so far */
	int fail_at; /* this call fails, and all behind it when */
	bool fail_on; /* ... this is set; 0 for none */
	int error; /* with this errno, such as EIO */
	int short_at; /* this call, when it is an append, writes half
				 * its bytes and says ENOSPC */
	int kill_at; /* this call is done; every later one answers
				 * EIO and changes nothing: the process died */
	bool failing; /* the last append or sync was refused */
	int appends; /* of each, those that succeeded */
	int syncs;
	struct platter {
		char name[64];
		long bytes; /* safe */
		long size; /* written */
		char *before; /* what a replace() that was not durable took
				 * away, or NULL */
		long before_n;
	} * files;
	int n_files;
};

/* Takes `under` over. disk_close(&f->disk) frees all; leave() gives `under`
 * back. */
void sick_disk_init(struct sick_disk *f, struct disk *under);
struct disk *sick_disk_leave(struct sick_disk *f);

/* How many bytes of a file are safe. */
long sick_disk_safe(struct sick_disk *f, const char *name);

/*
 * The power goes: each file loses what was not synced, or keeps the first
 * `keep` bytes of it. A file replaced without durable is what it was before,
 * or cut off when `keep` is shorter than it. The count starts over and nothing
 * fails any more.
 */
void sick_disk_cut(struct sick_disk *f, long keep);

#endif
