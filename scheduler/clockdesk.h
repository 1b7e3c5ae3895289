/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clockdesk - what a person may ask and say about the clock: the answers to
 * the requests "clock" and "confirm" of the control socket (loaxad(8)).
 */
#ifndef SCHEDULER_CLOCKDESK_H
#define SCHEDULER_CLOCKDESK_H

#include <jansson.h>

#include "scheduler/books.h"
#include "scheduler/trust.h"

/* What is believed, why, and since when. Yours; NULL when out of memory. */
json_t *clockdesk_tell(
    const struct trust_state *t, struct now now, const char *zone);

/*
 * A person's word, in the log before it is answered. `t` may be NULL: on a
 * made-up clock there is nothing to confirm. *ret_now is `now` with the trust
 * in force from here on.
 */
json_t *clockdesk_confirm(struct trust_state *t, struct books *b,
    struct now now, const json_t *req, struct now *ret_now);

/* The `clock` record of a change: what it was before in `before`. Added, not
 * flushed; `person` is who says so, or NULL. */
int clockdesk_record(struct books *b, struct now now, int64_t step_us,
    enum trust before, const char *person, int64_t seen_us);

#endif
