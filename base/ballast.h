/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ballast - a file that only takes room, to be thrown overboard when the disk
 * is full: the log's lines then still fit.
 *
 * What fills a disk is never the log, which grows by some 5 MB a month; so
 * what ballast makes room for lasts for months, and `status` says meanwhile
 * that the disk is full. It is made again when there is room for twice of it.
 */
#ifndef BASE_BALLAST_H
#define BASE_BALLAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/disk.h"

#define BALLAST_NAME "ballast"
#define BALLAST_MB 16 /* unless the site says otherwise */
#define BALLAST_MB_MAX 4096

enum ballast_state {
	BALLAST_NONE, /* not wanted, or this file system cannot */
	BALLAST_KEPT,
	BALLAST_GIVEN, /* up, or not enough room to make it */
};

struct ballast { /* a plain value */
	struct disk *disk; /* borrowed; NULL: there is none */
	int64_t bytes; /* wanted; 0 none */
	enum ballast_state state;
	int64_t room; /* bytes left at the last look; -1 unknown */
};

/* Looks for the first time. */
void ballast_init(struct ballast *b, struct disk *disk, int64_t bytes);

/* Another size from here on. */
void ballast_resize(struct ballast *b, int64_t bytes);

/* Looks how much room there is, and makes it where there is enough. */
void ballast_look(struct ballast *b);

/* The disk is full. True when that has given it room. */
bool ballast_give(struct ballast *b);

/* "none", "kept", "given". */
const char *ballast_word(enum ballast_state s);

#endif
