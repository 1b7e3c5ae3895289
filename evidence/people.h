/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * people - who an opaque person id is: name and office, by date.
 *
 * The log cannot forget, so it names people only as p-xxxxxxxx. This file
 * (var/people) says who that was: a JSON object {id: {name, office, from}}
 * with `until` once the person has left that office. Ids are random, nothing
 * is ever taken out, and a changed office is a new id.
 */
#ifndef EVIDENCE_PEOPLE_H
#define EVIDENCE_PEOPLE_H

#include <stddef.h>

#include "base/clock.h"

#define PERSON_ID 11 /* "p-", 8 hex digits and a NUL */
#define PERSON_TEXT_MAX 200 /* bytes of a name or an office */

struct people;

/* Borrowed until the next change or people_free(). Instants are UTC text. */
struct person {
	const char *id;
	const char *name; /* NFC, as written */
	const char *office; /* NFC; "" when unknown */
	const char *from;
	const char *until; /* "" while in office */
};

/*
 * Reads the file; one that is not there has nobody in it yet. 0 and
 * *ret_people is yours; -EBADMSG when it is not such a file (it is left
 * alone: never begin anew over it), or a negative errno.
 */
int people_read(const char *path, struct people **ret_people);

/* Accepts NULL; returns NULL. */
struct people *people_free(struct people *p);

/*
 * Adds a person and writes the file by rename, durably. `draw` fills n random
 * bytes: 0 or a negative errno. 0 and the id; -EEXIST (and that person's id)
 * when someone of this very name and office is there already; -EINVAL for a
 * name that is empty, too long or not UTF-8; or what the disk said, and
 * nothing is added.
 */
int people_add(struct people *p, const char *name, const char *office,
    struct now now, int (*draw)(void *bytes, size_t n),
    char ret_id[static PERSON_ID]);

/* Notes that a person has left the office, and writes. -ENOENT, -EALREADY. */
int people_leave(struct people *p, const char *id, struct now now);

/*
 * By id, whether still in office or not; else by name among those in office:
 * as written first, then in lower case without diacritics. 0; -ENOENT;
 * -ENOTUNIQ when the name alone does not say who.
 */
int people_find(
    const struct people *p, const char *who, struct person *ret_person);

/* Everybody, in order of entry; a non-zero return stops and is returned. */
int people_each(const struct people *p,
    int (*fn)(void *arg, const struct person *person), void *arg);

#endif
