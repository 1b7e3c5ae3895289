/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hook - the site's on_event command: run once for each record it asked for,
 * with the record on standard input, once that record is safe in the log.
 *
 * It is no part of the station: no shell, an environment of its own, a process
 * group of its own, a time limit, lower priority; one at a time, and what
 * waits is bounded: when it is too slow the oldest is dropped and counted.
 * Nothing is tried twice, and nothing here blocks.
 */
#ifndef SCHEDULER_HOOK_H
#define SCHEDULER_HOOK_H

#include <jansson.h>
#include <stddef.h>

#include "base/clock.h"
#include "scheduler/site.h"

#define HOOK_WAITING_MAX 64 /* a morning's slots, with room */

struct hook;

/* `top`: a command that is no absolute path lies below it. 0 and *ret_hook is
 * yours; a negative errno. */
int hook_open(const char *top, struct hook **ret_hook);

/* Ends what runs, and forgets what waits. Accepts NULL; returns NULL. */
struct hook *hook_close(struct hook *h);

/* What to run from here on; borrowed until the next call. NULL: nothing. */
void hook_set(struct hook *h, const struct site_event *event);

/* A record that counts: taken if it is asked for. */
void hook_offer(struct hook *h, const char *line, size_t n);

/* Starts, reaps, kills; the boot instant to be called again at. */
int64_t hook_turn(struct hook *h, struct now now);

/* Readable when hook_turn() has something to do; the same as long as `h`. */
int hook_fd(const struct hook *h);

/* {waiting, runs, failures, drops, failing, error}; null where there is no
 * command. Yours. */
json_t *hook_status(const struct hook *h);

#endif
