/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * roster - the stations whose logs somebody collects: each by its key, under
 * the name that a person gave it.
 *
 *	FOLDER/HEX/station.json		HEX is signer_hex() of the key
 *	{vkey, name, since_utc, replaced_by, stations}
 *
 * A key is entered by a person, who had it from the station by another way than
 * its log; never by what a log says of itself. It stays for good: one that was
 * replaced says by which.
 */
#ifndef EVIDENCE_ROSTER_H
#define EVIDENCE_ROSTER_H

#include <jansson.h>
#include <stdbool.h>

#include "evidence/note.h"
#include "evidence/signer.h"

#define ROSTER_FILE "station.json"
#define ROSTER_NAME 201 /* bytes of a name, with its NUL */
#define ROSTER_IDS 64 /* stations that one log tells of; one computer's */

struct roster_station { /* roster_clear() it */
	char hex[SIGNER_HEX];
	struct note_key key; /* as entered: of one of its logs */
	char name[ROSTER_NAME]; /* NFC */
	int64_t since_us;
	char replaced_by[SIGNER_HEX]; /* or "" */
	json_t *ids; /* an array: the stations that its records name */
};

/*
 * A station as a person enters it; nothing is written. 0 and *ret is yours.
 * -EINVAL: the key is none that a loaxa station signs its log with (type 0x01,
 * named after itself); -EILSEQ: the name is empty, too long or not UTF-8.
 */
int roster_new(const struct note_key *key, const char *name, int64_t now_us,
    struct roster_station *ret);

/* 0 and *ret is yours; -ENOENT: there is none of that key; -EBADMSG: its file
 * is damaged; or what the disk said. */
int roster_read(
    const char *folder, const char *hex, struct roster_station *ret);

/* Durably, in the place of what was there. 0 or a negative errno. */
int roster_write(const char *folder, const struct roster_station *s);

/* In order of their digits; lent for the call. A non-zero return of fn, or of
 * roster_read(), stops and is returned. No folder: no station. */
int roster_each(const char *folder,
    int (*fn)(void *arg, const struct roster_station *s), void *arg);

/* Its records name that station, too: true when that is news, and there was
 * room for it. */
bool roster_add_id(struct roster_station *s, const char *id);
bool roster_has_id(const struct roster_station *s, const char *id);

void roster_clear(struct roster_station *s);

#endif
