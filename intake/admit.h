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
#define ADMIT_KEEP_MS 200 /* of silence that is left where it is cut away */

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
	bool trim; /* silence at head and tail is cut away; the record's
		    * trimmed_head_ms and trimmed_tail_ms say how much */
	/* The file is this item's own stored sound, to be trimmed: the record
	 * goes on telling where that came from. NULL: an officer's file. */
	const struct item *of;
	int64_t now_us; /* UTC, for the record */
	/* Called about every 10 s of sound; total_ms -1: unknown. May be NULL. */
	void (*progress)(void *arg, int64_t done_ms, int64_t total_ms);
	/* Called once, before anything of the library is changed, with what is
	 * about to be there; not 0: nothing is changed. May be NULL. */
	int (*agree)(void *arg, const struct item *it);
	void *arg; /* for both */
};

/*
 * 0: added, 1: it was there already, made of the same file (with `of`: it has
 * no silence to be cut away); *ret_item is yours. -ECANCELED: not agreed. -EINVAL when the file cannot be an item, -EEXIST when the id is
 * taken by other bytes or the sound is another item already, or another negative errno; `problems` then has at
 * least one more line, in the user's language, with what to do.
 */
int admit_file(const struct admit_setup *setup, const char *path,
    struct problems *problems, struct item **ret_item);

/*
 * A power cut may have come between the new sound and its record: the old
 * sound is then still there under its other name, and goes back. 1: it did; 0:
 * nothing was to be done, or could be.
 */
int admit_heal(const char *items, const struct item *it);

#endif
