/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * push - a station's signed log (seal.h), sent by itself to an upper level that
 * keeps and cosigns it (receive.h has the questions and the answers). The
 * network is a table of one function, so that it can be a fake's.
 *
 * Nothing is remembered between two calls: what the upper level has, it says.
 * So whatever is cut off is gone on with by the next call, and a station that
 * was away for weeks sends what was written meanwhile.
 */
#ifndef EVIDENCE_PUSH_H
#define EVIDENCE_PUSH_H

#include "evidence/cosigned.h"

#define PUSH_ANSWER_MAX 65536 /* bytes of an answer that is read */
#define PUSH_WHY 400 /* bytes of a sentence */

struct push_question { /* borrowed for the call */
	const char *method; /* "GET", "PUT", "POST" */
	const char *path; /* below the upper level's address, no "/" in front */
	const char *header; /* one more "NAME: VALUE", or NULL */
	const void *body;
	size_t n;
};

struct push_answer {
	int status; /* of HTTP */
	char *body; /* yours, with a NUL behind it; never NULL after a 0 */
	size_t n; /* at most PUSH_ANSWER_MAX */
};

struct push_link {
	/* 0 and *ret is yours; a negative errno, and `why` says it in words,
	 * in English (N_()): there was no answer. -EKEYREJECTED: whoever is
	 * there has not shown to be the upper level, and was told nothing. */
	int (*ask)(struct push_link *l, const struct push_question *q,
	    struct push_answer *ret, char why[static PUSH_WHY]);
};

enum push_outcome {
	PUSH_COSIGNED, /* `note` is it */
	PUSH_BEHIND, /* it has more of this log than we: `note` is what */
	PUSH_FORKED, /* it has another history of it: `note` is that */
	PUSH_CUT, /* no answer; the next call goes on */
	PUSH_DISTRUSTED, /* it has not shown to be who it should be: TLS */
	PUSH_BUSY, /* it cannot now: 503, 507, 500 */
	PUSH_UNKNOWN, /* nobody has entered our key there */
	PUSH_REFUSED, /* any other answer, or none that we understand */
	PUSH_STRANGER, /* cosigned, and not by a key that is known here */
	PUSH_FAILED /* our own disk, or tree: `error` */
};

struct push_setup { /* all borrowed for the call */
	struct push_link *link;
	const char *tree; /* the folder vN */
	char *const *cosigners; /* public keys of upper levels, as vkeys */
	size_t n_cosigners;
	/* Hears how far it is, in bundles; may be NULL. */
	void (*progress)(void *arg, int64_t sent, int64_t all);
	void *arg;
};

struct push_result {
	enum push_outcome outcome;
	struct checkpoint is; /* ours */
	char vkey[NOTE_VKEY]; /* the key that signed it */
	int64_t had; /* that the upper level had before; -1 not known */
	int64_t sent; /* bundles */
	char *note; /* yours: the cosigned checkpoint; or NULL */
	struct cosigned cosigned; /* what it says, where there is one */
	int status; /* the last answer's; 0 none */
	int error; /* a negative errno */
	char why[PUSH_WHY]; /* in words: of the network, in English (N_()), or
			     * what it answered, which is any bytes */
};

/* Sends one tree. The outcome is also returned. */
enum push_outcome push_tree(
    const struct push_setup *setup, struct push_result *ret);

void push_clear(struct push_result *r);

#endif
