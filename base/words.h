/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words - the user's language. Vietnamese unless the user asks for English.
 *
 * The source's messages are English; po/vi.po holds the Vietnamese. The
 * language is LOAXA_LANG, else the first of LANGUAGE, LC_ALL, LC_MESSAGES,
 * LANG that starts with "vi" or "en", else Vietnamese. The catalogue lies
 * beside the program (build/po) or in /usr/share/locale.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <libintl.h>

#include "base/civil.h"

#define _(text) gettext(text)
#define N_(text) (text)

/* Call once, before any message is made. Never fails: without a catalogue
 * the words are English. */
void words_open(void);

/* "vi" or "en": what words_open() chose. */
const char *words_language(void);

/* A date as it is written in that language: 26/11/2026, or 2026-11-26. */
const char *words_date(int64_t day, struct civil_text *buf);

#endif
