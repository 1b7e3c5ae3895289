/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cosigned - a checkpoint that came back with the signature and the time of an
 * upper level (`loaxa collect`): a cosignature of type 0x04, C2SP
 * tlog-cosignature v1.0.1.
 */
#ifndef EVIDENCE_COSIGNED_H
#define EVIDENCE_COSIGNED_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"
#include "evidence/checkpoint.h"

/* Bytes of a note that is taken, and goes into the log as it is: room for eight
 * cosigners, and not for what anybody may have written below them. */
#define COSIGNED_MAX 4096
#define COSIGNERS_MAX 16

struct cosigned { /* a plain value */
	struct checkpoint c;
	char by[NOTE_NAME]; /* whose cosignature has the latest time */
	int64_t at_us; /* UTC */
};

/*
 * Reads the note of n bytes; vkeys are the texts of the cosigners' public keys
 * (those that are none are passed over). The station's own signature is not
 * looked at. 0; -ENOKEY: none of them cosigned it; -EKEYREJECTED: one of their
 * signatures does not fit; -EBADMSG: it is no signed checkpoint, or too long.
 */
int cosigned_read(const char *note, size_t n, char *const *vkeys,
    size_t n_vkeys, struct cosigned *ret);

/* Does it say a time that cannot be yet? By a clock that somebody vouches for;
 * to any other, it may be the better one. */
bool cosigned_is_future(const struct cosigned *c, struct now now);

/* What an `anchor` record says of it: {origin, size, cosigner, cosigned_utc,
 * note}. Yours; NULL when out of memory. */
json_t *cosigned_body(const struct cosigned *c, const char *note);

#endif
