/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * receive - a station's signed log, sent by itself over the network, into the
 * store of whoever collects (collect.h): the answers of a witness (C2SP
 * tlog-witness v1.0.0) that also keeps the records. Only what is asked and
 * answered; the network is its caller's (ctl/loaxa-receive.c).
 *
 *	POST add-checkpoint		the body of submission.h
 *	PUT ORIGIN/tile/entries/N[.p/W]	a bundle of records, as tiles.h has it,
 *					plain or gzip; its header
 *					RECEIVE_PROOF: the consistency proof
 *					from the records up to its end to the
 *					checkpoint (submission_line()); of the
 *					first one after a checkpoint also, behind
 *					";", the root of the records before it
 *					and the proof from those
 *	GET ORIGIN/checkpoint		what was cosigned last
 *
 * ORIGIN is the SHA-256, in hex, of the checkpoint's first line.
 *
 * A checkpoint whose records are not here is answered with 428 and "entries N":
 * the first bundle that is wanted. The station puts that one and those behind
 * it, in order, and then the checkpoint once more, which is cosigned. What was
 * cut off is gone on with: 428 names the first one that is still wanted.
 *
 * One whose proof does not hold is answered with 422; where the station is known
 * and signed it, the body begins with "entries N" as well: all of that history
 * may be put as evidence, below ORIGIN/apart. The checkpoint that follows is
 * then told as what it is (COLLECT_FORKED), and both histories are kept.
 *
 * An old checkpoint is signed as well, and anybody may send it again, with
 * whatever else: no proof that fails makes anything of a station's go. Only a
 * root and a proof that the station's own checkpoint bears out show what lies
 * here to be wrong, as after a power cut; then it is asked for again.
 *
 * Nobody leaves anything here but under a checkpoint that is signed by a key
 * which a person entered, and no bundle is kept before its proof has shown that
 * it is what was signed. What came lies in
 *
 *	STORE/incoming/push-HEX-vN/	as a folder that is brought (staging.h)
 *
 * until collect_folder() takes it in: that one checks all of it again, keeps
 * it, and cosigns, with the lock of the store held since before `old` was
 * looked at. The lock is held for one question at a time.
 */
#ifndef EVIDENCE_RECEIVE_H
#define EVIDENCE_RECEIVE_H

#include "base/clock.h"
#include "evidence/collect.h"

#define RECEIVE_PROOF "Loaxa-Consistency" /* the header of a bundle */
#define RECEIVE_KEY "Loaxa-Key" /* the header of a checkpoint: the vkey */
#define RECEIVE_BUNDLE_MAX (4 << 20) /* bytes, as they are sent */
#define RECEIVE_ROOM (INT64_C(256) << 20) /* of disk, left to the store */
#define RECEIVE_AGAIN_S 60 /* until what all went well with is cosigned anew */
#define RECEIVE_ORIGIN (2 * HASH_BYTES) /* hex digits */

struct receiver;

struct receive_setup { /* all borrowed while the receiver lives */
	const char *store;
	int (*draw)(void *bytes, size_t n); /* of randomness: collect_open() */
	int lock_ms; /* how long to wait for another one's lock */
	/* Hears what collect_folder() found; its `folder` is `from`. */
	void (*fn)(void *arg, const struct collect_result *r);
	void *arg;
};

/* 0 and *ret is yours; a negative errno as collect_open(). The store is left
 * unlocked. */
int receiver_open(const struct receive_setup *setup, struct receiver **ret);

/* Accepts NULL; returns NULL. What was half sent stays. */
struct receiver *receiver_close(struct receiver *r);

struct receive_answer {
	int status; /* of HTTP */
	const char *type; /* of the body, static */
	char *body; /* yours, with a NUL behind it; or NULL: out of memory */
	size_t n;
	const char *code; /* a word for the log; static */
};

struct receive_question { /* borrowed for the call */
	const char *from; /* who asks, for a person */
	int64_t now_us; /* UTC */
	const char *key; /* header RECEIVE_KEY, or "" */
	const char *proof; /* header RECEIVE_PROOF, or "" */
	const char *body;
	size_t n;
};

/* *ret->body is yours in every case. */
void receive_checkpoint(struct receiver *r, const struct receive_question *q,
    struct receive_answer *ret);

/* `origin` is RECEIVE_ORIGIN digits, `path` begins with "tile/". */
void receive_bundle(struct receiver *r, const char *origin, const char *path,
    const struct receive_question *q, struct receive_answer *ret);

void receive_latest(
    struct receiver *r, const char *origin, struct receive_answer *ret);

/* Throws away what was half sent and not gone on with. */
void receive_tidy(struct receiver *r, int64_t now_us);

#endif
