/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sealer - keeps the log's tree (seal.h) in a process of its own, which alone
 * holds the station's key: whatever a disk or a signature takes, nobody waits
 * for it, and no sound comes later for it.
 *
 * It hears of every record once that counts, and publishes what has come in two
 * seconds after the first of it, but once a minute at most; while nothing
 * comes it sleeps without end. What it misses it reads from the log. It ends
 * with its caller; one that died is started anew by a later record, ten seconds
 * after it had been started (a hasty one at once).
 */
#ifndef EVIDENCE_SEALER_H
#define EVIDENCE_SEALER_H

#include <jansson.h>

#include "base/clock.h"
#include "evidence/seal.h"

#define SEALER_SETTLE_US (2 * US_PER_S)
#define SEALER_EVERY_US (60 * US_PER_S)
#define SEALER_STOP_MS 3000 /* for its last checkpoint */

struct sealer;

/* Strings are copied; `log` is the log's folder. 0 and *ret_sealer is yours; a
 * negative errno. */
int sealer_start(const struct seal_setup *setup, const char *log,
    struct sealer **ret_sealer);

/* Lets it publish what it has, and ends it. Accepts NULL; returns NULL. */
struct sealer *sealer_stop(struct sealer *s);

/* A record that counts; never waits. */
void sealer_tell(struct sealer *s, const char *line, size_t n);

/* A checkpoint of this station's that somebody else had, n bytes with their
 * cosignature: what is not of this key is passed over; where the tree is behind
 * it, or another one, a new epoch follows. Never waits. */
void sealer_witness(struct sealer *s, const char *note, size_t n);

/* Readable when sealer_look() has something to do; another one after it was
 * started anew; -1 while there is none. */
int sealer_fd(const struct sealer *s);

/* How many processes it has started: a descriptor's number comes again, this
 * one does not. 0 for none. */
unsigned sealer_life(const struct sealer *s);

/* Hears what it has to say. The keys of an `epoch` record that it asks for,
 * yours; NULL: none. */
json_t *sealer_look(struct sealer *s);

/* {origin, size, code, error}: what is published as far as it told, and why
 * not more ("" nothing). Yours; null for no sealer. */
json_t *sealer_status(const struct sealer *s);

#endif
