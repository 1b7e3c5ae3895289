/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * labels - what people say of an item beside its title: keys of its record
 * (item.h: `more`). They are about the sound, never part of its bytes, so an
 * approval does not hang on them.
 *
 *   tags     array of texts: every heading it is counted under
 *   credits  array of {role, name}: who made it
 *   unit     text: who contributed it (công an, y tế...)
 *   genre    word: news, notice, music...
 *   set      id of the bilingual set that it is a part of, in its language
 */
#ifndef BASE_LABELS_H
#define BASE_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define LABELS_MAX 16 /* tags, or credits, of one item */
#define LABEL_BYTES_MAX 200 /* of one of them: a long name with its office */

enum label { LABEL_GENRE, LABEL_ROLE };

/* The word that `text` means: the word itself, or what a person calls it in
 * the user's language, with or without diacritics. NULL when there is none.
 * Static. */
const char *label_word(enum label l, const char *text);

/* A word for people; one not known is returned as it is. */
const char *label_text(enum label l, const char *word);

/* "news, feature, ...", in the user's language, into buf for a message. */
const char *label_words(enum label l, char *buf, size_t size);

/*
 * Each puts its key into the object; an empty text (or a list of one empty
 * text) takes it away. Texts become NFC. 0; -EINVAL when a text is empty
 * among others, too long, not UTF-8, or not of the words there are (a credit
 * is "role=name"); -ENOMEM.
 */
int labels_unit(json_t *o, const char *text);
int labels_genre(json_t *o, const char *text);
int labels_set(json_t *o, const char *id);
int labels_tags(json_t *o, const char *const *texts, size_t n);
int labels_credits(json_t *o, const char *const *texts, size_t n);

/* Of a record's object: "" or NULL (an empty list to json_array_foreach())
 * where the key is missing or is not what it should be. Borrowed. */
const char *labels_text(const json_t *o, const char *key);
const json_t *labels_list(const json_t *o, const char *key);

/* True when the genre is music, or a tag says so ("nhạc", "music"). */
bool labels_music(const json_t *o);

#endif
