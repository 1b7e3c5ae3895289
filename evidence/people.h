/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * people - who an opaque person id is: the name, and the offices held by date.
 *
 * The log cannot forget, so it names people only as p-xxxxxxxx. This file
 * (var/people) says who that was: a JSON object
 * {id: {name, offices: [{office, roles, deputy_of, from, until}]}} with the
 * offices in order of time, one after the other. Ids are random, one a person
 * for good; nobody and no office is ever taken out.
 */
#ifndef EVIDENCE_PEOPLE_H
#define EVIDENCE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERSON_ID 11 /* "p-", 8 hex digits and a NUL */
#define PERSON_TEXT_MAX 200 /* bytes of a name or an office */
#define PERSON_OFFICES_MAX 100 /* a career has fewer */

struct people;

/* Borrowed until the next change or people_free(). */
struct person {
	const char *id;
	const char *name; /* NFC, as written */
	/* Of the office held at the instant asked for; else the last one that
	 * had begun by then, else the first to come. */
	const char *office; /* NFC; "" when unknown */
	const char *roles; /* as rights_of_roles() takes; "" not said */
	const char *deputy_of; /* the id of whom it signs for (KT.); "" */
	int64_t from_us;
	int64_t until_us; /* the first instant without it; NEVER */
	bool holds; /* the office, at that instant */
};

/* An office to be entered; all borrowed. */
struct person_term {
	const char *office;
	const char *roles; /* or "" */
	const char *deputy_of; /* an id in the file, or "" */
	int64_t from_us;
	int64_t until_us; /* NEVER: until further notice */
};

/*
 * Reads the file; one that is not there has nobody in it yet. 0 and
 * *ret_people is yours; -EBADMSG when it is not such a file (it is left
 * alone: never begin anew over it), or a negative errno.
 */
int people_read(const char *path, struct people **ret_people);

/* Keeps other writers out until the descriptor, which is yours, is closed;
 * waits for one that is there. For read, change, write. A negative errno. */
int people_lock(const char *path);

/* Accepts NULL; returns NULL. */
struct people *people_free(struct people *p);

/*
 * Adds a person and writes the file by rename, durably. `draw` fills n random
 * bytes: 0 or a negative errno. 0 and the id; -EEXIST (and that person's id)
 * when someone of this very name and office is there already; -EINVAL for a
 * name or office that is empty (a name), too long or not UTF-8, for roles
 * that are none, an end before the beginning; -ENOENT for a deputy of nobody;
 * or what the disk said, and nothing is added.
 */
int people_add(struct people *p, const char *name,
    const struct person_term *term, int (*draw)(void *bytes, size_t n),
    char ret_id[static PERSON_ID]);

/*
 * The person holds another office from then on; the one before ends there at
 * the latest. As people_add(), and -ENOENT for nobody, -ERANGE when it begins
 * no later than the one before, -E2BIG for too many offices.
 */
int people_appoint(
    struct people *p, const char *id, const struct person_term *term);

/* The last office ends at that instant. -ENOENT; -EALREADY when it has ended
 * by then; -ERANGE before it began. */
int people_end(struct people *p, const char *id, int64_t until_us);

/* The instant by which offices are judged: now, or the register's last change
 * when that lies ahead, by a clock that has lost its time. */
int64_t people_instant(const char *path, int64_t now_us);

/*
 * By id, whether in office or not; else by name among those in office at
 * that instant: as written first, then in lower case without diacritics. 0;
 * -ENOENT; -EKEYEXPIRED when the name is only of people who hold none then;
 * -ENOTUNIQ when the name alone does not say who.
 */
int people_find(const struct people *p, const char *who, int64_t at_us,
    struct person *ret_person);

/* Every office of everybody, in order of entry (`holds` is false); a non-zero
 * return stops and is returned. */
int people_each(const struct people *p,
    int (*fn)(void *arg, const struct person *person), void *arg);

#endif
