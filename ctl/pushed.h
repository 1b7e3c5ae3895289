/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pushed - what loaxa-push remembers of each upper level, and how a person is
 * told: PUSHED_FILE, which it writes and `loaxa status` reads.
 *
 *	[{url, utc, outcome, why, log, records, there, sent, vkey,
 *	  cosigned_utc, done_log, done_records, failing_utc, trees, kept}]
 *
 * Nothing that is sent depends on it: a file that is lost or wrong is no harm.
 */
#ifndef CTL_PUSHED_H
#define CTL_PUSHED_H

#include <jansson.h>

#include "base/root.h"
#include "evidence/push.h"
#include "scheduler/site.h"

#define PUSHED_FILE "state.json" /* in struct root's push */

/* The array; an empty one where there is none that can be read. Yours. */
json_t *pushed_read(const struct root *root);

/* 0 or a negative errno. */
int pushed_write(const struct root *root, const json_t *state);

/* What it says of that address; borrowed, made when missing. NULL: out of
 * memory. */
json_t *pushed_at(json_t *state, const char *url);

/* Leaves out what is said of addresses that the site does not name any more. Was
 * there any? */
bool pushed_keep_named(json_t *state, const struct site *site);

/* Puts down what came of a try; 0, or -ENOMEM. */
int pushed_note(json_t *at, const struct push_result *r, int64_t now_us);

/* Is there anything to be sent: more than the anchor that the last
 * cosignature left in the log, or a day gone by? */
bool pushed_is_due(
    const json_t *at, const struct checkpoint *is, int64_t now_us);

/* A sentence, in the user's language: what came of the last try, and what is
 * to be done about it; yours. NULL: it was never tried. */
char *pushed_text(const json_t *at);

/* Did it go well? */
bool pushed_well(const json_t *at);

#endif
