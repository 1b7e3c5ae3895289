/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_disk - a disk that fails when told: wraps another disk and counts its
 * calls (append, sync, replace, read, each: all in one count, from 1).
 *
 * What is synced is known: fake_disk_cut() takes everything else away, as a
 * power cut may.
 */
#ifndef TESTS_FAKES_FAKE_DISK_H
#define TESTS_FAKES_FAKE_DISK_H

#include <stdbool.h>

#include "base/disk.h"

struct fake_disk {
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
	int appends; /* of each, those that succeeded */
	int syncs;
	struct synced {
		char name[64];
		long bytes;
	} synced[32]; /* what is on the platter, by file */
	int n_synced;
};

/* Takes `under` over. */
void fake_disk_init(struct fake_disk *f, struct disk *under);

/* The power goes: each log file loses what was not synced, or keeps the first
 * `keep` bytes of it. The count starts over and nothing fails any more. */
void fake_disk_cut(struct fake_disk *f, long keep);

#endif
