/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place - a root in a temporary folder, with a library and a log: what a
 * command finds. Items have a record and a file of bytes that nobody decodes.
 */
#ifndef TESTS_FAKES_PLACE_H
#define TESTS_FAKES_PLACE_H

#include <stdint.h>

#include "ctl/office.h"
#include "tests/fakes/folder.h"

enum place_item { PLACE_APPROVED, PLACE_NEW, PLACE_BAD };

struct place {
	struct folder folder;
	struct root root;
	struct office office; /* once place_open() was called */
	bool open;
};

/* With etc/loaxa.conf and the timetable of station a. Ends the test on
 * failure, as all of these do. */
void place_make(struct place *p, const char *site, const char *timetable);
void place_item(
    struct place *p, const char *id, int64_t seconds, enum place_item how);
void place_open(struct place *p);
void place_end(struct place *p);

#endif
