/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text - names and titles: UTF-8 in NFC, ids, and search without diacritics.
 * Normal forms are libunistring's.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define ID_MAX 64 /* bytes of an id, without the NUL: a file name's worth */

/* An id: 1 to ID_MAX of a-z 0-9 and "-", not starting with "-". */
bool text_is_id(const char *s);

/* What a part of a bilingual set is called when nobody says otherwise: the
 * set's id, "-" and the language in small letters, at most ID_MAX bytes. A
 * set's id has at most SET_MAX. Returns buf. */
#define SET_MAX 48
const char *text_part_id(
    const char *set, const char *language, char buf[static ID_MAX + 1]);

/* A language's code, BCP 47 as far as its letters go: "vi", "km", "zh-Hant".
 */
bool text_is_language(const char *s);

/* True when the bytes are well-formed UTF-8 (no NUL inside is implied). */
bool text_is_utf8(const char *s, size_t n);

/* A copy in NFC, control characters as spaces; yours. NULL when out of memory
 * or not UTF-8. */
char *text_nfc(const char *s);

/* Lower case without diacritics, đ as d, runs of other signs as one space:
 * what two spellings of one title share. Yours; NULL as text_nfc. */
char *text_fold(const char *s);

/* An id made from any title or file name: folded, "-" for spaces, at most
 * ID_MAX bytes; "item" when nothing is left. Yours; NULL as text_nfc. */
char *text_make_id(const char *s);

/*
 * A copy in which nothing can move a terminal's cursor, hide or reorder what is
 * read: control characters other than those in `keep`, direction marks, line
 * separators and bytes that are not UTF-8 become '?'. Yours; NULL when out of
 * memory.
 */
char *text_safe(const char *s, const char *keep);

/* Takes off a letter at the end of s that was cut in the middle, as snprintf()
 * leaves one: JSON and the log take only well-formed UTF-8. */
void text_trim(char *s);

/* Columns that s takes on a terminal (libunistring's u8_strwidth). */
int text_width(const char *s);

#endif
