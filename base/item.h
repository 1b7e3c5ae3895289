/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * item - one admitted audio file: its record, kept as JSON beside the sound.
 *
 * audio/items/ID.json describes audio/items/ID.flac: 48 kHz, 16-bit, mono or
 * stereo FLAC. The record is made by intake and read by everyone.
 */
#ifndef BASE_ITEM_H
#define BASE_ITEM_H

#include <jansson.h>
#include <stdint.h>

#include "base/frames.h"
#include "base/hash.h"

#define ITEM_FRAMES_MAX (INT64_C(86400) * RATE) /* no slot is longer */
#define ITEM_TITLE_MAX 400 /* bytes; a long headline with room to spare */

/* The segment of what lies ready for an emergency: sirens, messages. */
#define ITEM_BANK "khan-cap"

struct item {
	char *id; /* text_is_id() */
	char *title; /* UTF-8, NFC */
	char *segment; /* id of the segment it is made for, or "" */
	char *language; /* "vi", "km"...; BCP 47 */
	char sha256[HASH_HEX]; /* of the stored FLAC file's bytes */
	int64_t frames; /* counted by decoding, at 48 kHz */
	int channels; /* 1 or 2 */
	double lufs; /* integrated loudness, EBU R 128, as heard on two
		      * loudspeakers also in mono; -HUGE_VAL silence */
	double peak_db; /* true peak, dBTP */
	int64_t added_us; /* UTC */
	char *source_name; /* the officer's file name, NFC */
	char source_sha256[HASH_HEX];
	json_t *warnings; /* array of strings for a person; never NULL */
	json_t *marks; /* what they are about, for a program: an array of
			* {kind, from_ms, to_ms} (intake/measure.h); never NULL */
	json_t *more; /* other keys (labels.h...); an object, never NULL */
};

/* From its JSON text; a mono item's loudness in a record that is older than
 * marks is that of one loudspeaker, and comes as of two. 0 and *ret_item is yours; -EINVAL when it is not an
 * item record; -ENOMEM. */
int item_parse(const char *json, size_t n, struct item **ret_item);

/* Its JSON; yours (json_decref). NULL when out of memory. */
json_t *item_json(const struct item *it);

/* Reads FOLDER/ID.json (FOLDER is ROOT/audio/items). -ENOENT none; -EINVAL
 * the record is unreadable, or names another id. */
int item_read(const char *folder, const char *id, struct item **ret_item);

/* Writes FOLDER/ID.json by rename, durably. A negative errno on failure. */
int item_write(const char *folder, const struct item *it);

/*
 * Every record of FOLDER, by id: fn gets its id and the item, borrowed, or
 * NULL when it cannot be read. A non-zero return stops and is returned. A
 * folder that is not there has none; a negative errno when it cannot be read.
 */
int item_each(const char *folder,
    int (*fn)(void *arg, const char *id, const struct item *it), void *arg);

/* Accepts NULL; returns NULL. */
struct item *item_free(struct item *it);

#endif
