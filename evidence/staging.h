/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * staging - the signed trees that stations are sending at this time (sending.h),
 * each in a folder of its own below the store, until they are whole:
 *
 *	STORE/incoming/push-HEX-vN	one that goes on from what is kept
 *	STORE/incoming/push-HEX-vN-apart-ROOT	another history, as evidence: one
 *					by each checkpoint, by four bytes of it,
 *					so that none is taken for part of another
 *
 * What is known of them here may be forgotten at any time, and is read again;
 * the files stay, whoever asks for what: they go when what they are the records
 * of is kept (staging_done()), when they are shown not to be what was signed
 * (staging_drop()), or when nobody goes on with them (staging_tidy()).
 */
#ifndef EVIDENCE_STAGING_H
#define EVIDENCE_STAGING_H

#include <limits.h>

#include "base/clock.h"
#include "evidence/sending.h"

#define STAGING_MAX 256 /* trees that are being sent at once */
#define STAGING_STALE_US (7 * US_PER_DAY) /* then what was cut off goes */
#define STAGING_ASIDE_US (60 * US_PER_MIN) /* so long one is being sent */
#define STAGING_ORIGIN HASH_HEX /* bytes: the SHA-256 of one, in hex */

struct staged { /* one of them; lent until the next call that has the staging */
	char origin[STAGING_ORIGIN];
	bool apart;
	char folder[PATH_MAX];
	struct sending *sending;
	struct checkpoint is; /* what is being sent */
	int64_t used_us; /* somebody asked */
	int64_t took_us; /* a bundle came, or it was begun */
};

struct staging;

/* 0 and *ret is yours, or -ENOMEM; nothing is read. The path is copied. */
int staging_open(const char *store, struct staging **ret);

/* Accepts NULL; returns NULL. The files stay. */
struct staging *staging_close(struct staging *s);

/* NULL: nobody has begun it, or it was forgotten. */
struct staged *staging_find(struct staging *s, const char *origin, bool apart);

struct staging_tree { /* borrowed for the call */
	const char *hex; /* of its station's key */
	bool apart;
	int64_t had; /* leaves of it that the store keeps; `apart`: 0 */
	const struct checkpoint *is; /* signed, and not smaller */
};

/*
 * Goes on with that tree, or begins it. 0 and *ret is it, by this checkpoint;
 * STAGING_ASIDE: a larger one of it is being sent, and *ret is that, as it was:
 * an older one is signed as well, and whoever has it can send it again; or a
 * negative errno as sending_begin().
 */
#define STAGING_ASIDE 1
int staging_sign(struct staging *s, const struct staging_tree *tree,
    int64_t now_us, struct staged **ret);

/* As sending_take(), of one that staging_find() gave. */
int staging_take(struct staged *at, const void *bytes, size_t n,
    const struct merkle_path *proof, int64_t now_us);

/* All that its checkpoint signs is kept: its files go, unless a larger one has
 * brought more. It is forgotten. */
void staging_done(struct staging *s, struct staged *at);

/* It is not what was signed: its files go, and it is forgotten. */
void staging_drop(struct staging *s, struct staged *at);

/* The same of what nobody went on with for STAGING_STALE_US. */
void staging_tidy(struct staging *s, int64_t now_us);

/* A folder and all in it; one that is not there is no error. */
void staging_remove(const char *folder);

/* The SHA-256 of an origin, in hex. */
void staging_origin(const char *origin, char hash[static STAGING_ORIGIN]);

#endif
