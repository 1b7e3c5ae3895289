/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * language - what people call a language: those of a Vietnamese station, its
 * minorities and its neighbours; any other is called by its code.
 */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

/* "Khmer", in the user's language; the code itself when it has no name here.
 * Borrowed. */
const char *language_name(const char *code);

#endif
