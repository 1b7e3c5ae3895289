/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dossierview - what the records of an airing show (evidence/dossier.h), a
 * sentence each, in the user's language. People are named by their ids, and by
 * name where their register is at hand.
 */
#ifndef CTL_DOSSIERVIEW_H
#define CTL_DOSSIERVIEW_H

#include "evidence/dossier.h"
#include "evidence/people.h"

/* The sentence, or a few lines of them; yours, NULL when out of memory. `people`
 * may be NULL. Not made safe for a terminal. */
char *dossierview_text(
    const struct dossier_line *line, const struct people *people);

/* On standard output, safe, with a word before what is missing or wrong. */
void dossierview_print(const struct dossier_line *line, const char *text);

/* {what, class, record, text}; yours. */
json_t *dossierview_json(const struct dossier_line *line, const char *text);

#endif
