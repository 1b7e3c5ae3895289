/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cfg - one configuration file, read with care: what libconfig 1.5 would
 * swallow is found first, and every look-up that fails is a problem with its
 * line.
 *
 * A pass over the bytes strips a BOM, takes CRLF and a lone CR as line ends,
 * and reports bytes that are not UTF-8, NUL (also as \x00), @include, numbers
 * beyond 32 bits, a comma before a closing bracket, a text or a comment that
 * never ends. Where it can it mends its copy, so that reading goes on and
 * finds the problems of meaning as well. Line numbers are the file's.
 */
#ifndef SCHEDULER_CFG_H
#define SCHEDULER_CFG_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"

#define CFG_TEXT_MAX 400 /* bytes of a title or name; ITEM_TITLE_MAX */

struct cfg;

/*
 * Reads the regular file `path`, at most bytes_max long; problems call it
 * `name`. 0 and *ret_cfg is yours, even when the byte pass added problems.
 * -EINVAL when it is too long or its syntax is wrong, or -ENOENT and the
 * like: each with a problem. -ENOMEM.
 */
int cfg_open(const char *path, const char *name, size_t bytes_max,
    struct problems *ps, struct cfg **ret_cfg);

/* The same from n bytes in memory. */
int cfg_parse(const char *bytes, size_t n, const char *name,
    struct problems *ps, struct cfg **ret_cfg);

/* Accepts NULL; returns NULL. */
struct cfg *cfg_close(struct cfg *c);

/* All borrowed until cfg_close(). The hash is of the bytes as they lie in
 * the file. */
const char *cfg_name(const struct cfg *c);
const char *cfg_sha256(const struct cfg *c);
const config_setting_t *cfg_root(const struct cfg *c);

/* Sticky, as ferror(3): some look-up ran out of memory. */
bool cfg_no_memory(const struct cfg *c);

/* A problem at a setting's line. */
void cfg_problem(struct cfg *c, const config_setting_t *at, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* Every key of the group that is not one of `keys` (NULL at the end) is a
 * problem; the nearest known key is named when it is close. */
void cfg_known(
    struct cfg *c, const config_setting_t *group, const char *const *keys);

bool cfg_has(const config_setting_t *group, const char *key);

/* The line of a member, else of the group. */
int cfg_line(const config_setting_t *group, const char *key);

/*
 * Look-ups of one key. True, and *ret is set, when it is there and good.
 * False, and *ret untouched, when it is absent, or when a problem was added:
 * absent but REQUIRED, of the wrong kind, not a good value.
 */
enum cfg_need { CFG_OPTIONAL, CFG_REQUIRED };

/* UTF-8 in NFC, control characters as spaces, 1..CFG_TEXT_MAX bytes; yours.
 * What *ret held before is freed, so that it may start as a default. */
bool cfg_text(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, char **ret);

/* An id (text_is_id); yours. */
bool cfg_id(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, char **ret);

/* A language's code, as CFG_LANGUAGES below; optional. */
bool cfg_language(
    struct cfg *c, const config_setting_t *group, const char *key, char **ret);

bool cfg_bool(
    struct cfg *c, const config_setting_t *group, const char *key, bool *ret);

/* Whole numbers from min to max. */
bool cfg_int(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int min, int max, int *ret);

/* The same of seconds, which the key does not name; *ret is the default, and
 * what a problem shows as a good one. */
bool cfg_seconds(struct cfg *c, const config_setting_t *group, const char *key,
    int min, int max, int *ret);

/* Whole or with a point, from min to max; `as` is what a good one looks like,
 * such as "-6.0". */
bool cfg_number(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, double min, double max, const char *as, double *ret);

/* HH:MM or HH:MM:SS, 00:00 to 24:00, in seconds. */
bool cfg_time(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int *ret_second);

/* YYYY-MM-DD, a date of the calendar, as a day number. */
bool cfg_date(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int64_t *ret_day);

/* One of `words` (NULL at the end), as its index. */
bool cfg_word(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const char *const *words, int *ret_index);

/* "T2-CN", "T2,T4,T6", "T7-T2", mon..sun, or a list of such texts, as a set:
 * bit 0 is Monday. */
bool cfg_days(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, unsigned *ret_days);

/*
 * A list or array of 0..max texts, or a single text, each of one kind: as
 * cfg_text, as cfg_id, or a language's code ("vi", "km", "zh-Hant": BCP 47 as
 * far as its letters go). The array and its texts are yours:
 * cfg_texts_free().
 */
enum cfg_kind { CFG_TEXTS, CFG_IDS, CFG_LANGUAGES };

bool cfg_texts(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, enum cfg_kind kind, size_t max, char ***ret_texts,
    size_t *ret_n);

/* Accepts NULL. */
void cfg_texts_free(char **texts, size_t n);

/* One group { … }. Borrowed. */
bool cfg_group(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const config_setting_t **ret_group);

/* A list of 0..max groups ( { … }, { … } ); an entry that is not a group is
 * a problem, and cfg_at() says NULL for it. Borrowed. */
bool cfg_list(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, size_t max, const config_setting_t **ret_list,
    size_t *ret_n);
const config_setting_t *cfg_at(const config_setting_t *list, size_t i);

#endif
