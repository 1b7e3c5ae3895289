/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admit - an officer's file becomes an item: looked at, decoded in full by a
 * sandboxed worker, measured, and stored as 48 kHz 16-bit FLAC beside its
 * record (base/item.h). Playout never parses an officer's file.
 *
 * An item is there when its record is; the record is written last. Whatever
 * fails before leaves nothing that could be played.
 */
#ifndef INTAKE_ADMIT_H
#define INTAKE_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/item.h"
#include "base/problem.h"

#define ADMIT_BYTES_MAX (INT64_C(4) << 30) /* six hours of WAV */

/* All borrowed for the call. NULL or "": as said. */
struct admit_setup {
	const char *libexec; /* folder of loaxa-source */
	const char *items; /* ROOT/audio/items; made if missing */
	const char *id; /* NULL: from the title */
	const char *title; /* NULL: from the file's name */
	const char *segment; /* NULL: "" */
	const char *language; /* NULL: "vi" */
	const json_t *labels; /* labels.h; NULL: none */
	bool again; /* also when this sound is an item already */
	bool replace; /* an item of this id, made of other bytes */
	bool accept_cut; /* a file that was broken off; with a warning */
	int64_t now_us; /* UTC, for the record */
	/* Called about every 10 s of sound; total_ms -1: unknown. May be NULL. */
	void (*progress)(void *arg, int64_t done_ms, int64_t total_ms);
	void *arg;
};

/*
 * 0: added, 1: it was there already, made of the same file; *ret_item is
 * yours. -EINVAL when the file cannot be an item, -EEXIST when the id is
 * taken by other bytes or the sound is another item already, or another negative errno; `problems` then has at
 * least one more line, in the user's language, with what to do.
 */
int admit_file(const struct admit_setup *setup, const char *path,
    struct problems *problems, struct item **ret_item);

#endif
