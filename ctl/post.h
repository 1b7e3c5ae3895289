/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * post - the way of a command's records into the airing log: through the
 * daemon when one runs, else by its own hand, holding the log's lock.
 */
#ifndef CTL_POST_H
#define CTL_POST_H

#include <jansson.h>
#include <stdint.h>

#include "base/root.h"
#include "evidence/record.h"

struct post;

/*
 * Connects to the daemon, or takes the log's lock and opens it (making the
 * folders when they are missing). 0 and *ret_post is yours. -EWOULDBLOCK:
 * another command is writing, or a daemon is just starting; a negative errno
 * of the disk otherwise.
 */
int post_open(const struct root *root, struct post **ret_post);

/*
 * Writes one record of `kind` with the keys of `body` (an object, taken over
 * also on failure) after its head; station is "" for the whole site. 0 once
 * it counts, and its seq. -EREMOTEIO: the daemon refused, and -EACCES: whom,
 * see post_refusal();
 * else a negative errno.
 */
int post_record(struct post *p, enum kind kind, const char *station,
    json_t *body, int64_t *ret_seq);

/*
 * Asks the daemon anything else: 0 and *ret_answer is yours, whether it says
 * "ok" or not. -ENOTCONN: there is no daemon, and the log is ours; else as
 * client_ask().
 */
int post_ask(struct post *p, const json_t *request, json_t **ret_answer);

/* Why the daemon refused the last record: an English message id; "". */
const char *post_refusal(const struct post *p);

/* Accepts NULL; returns NULL. */
struct post *post_close(struct post *p);

#endif
