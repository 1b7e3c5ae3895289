/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * orders - what a person wants to sound at once, outside of every plan: an
 * item of the operator's, inside the allowed hours; or an emergency, which is
 * the one thing that may sound outside them (P1) and therefore takes two
 * steps: prepared, and within two minutes released by a code. Or an insertion:
 * the operator's item at the next join, for which nothing that sounds is cut.
 *
 * Nothing here sounds or writes anything; the hallway (station_orders.c)
 * does. An order looks to it like a slot of one item that no day sheet has.
 */
#ifndef SCHEDULER_ORDERS_H
#define SCHEDULER_ORDERS_H

#include <jansson.h>
#include <sys/types.h>

#include "base/item.h"
#include "scheduler/day.h"

#define ORDER_CODE 8 /* six digits and room */
#define ORDER_CODE_US (2 * US_PER_MIN) /* that a code is good for */
#define ORDER_THEN_MAX 3 /* items behind the first */
#define ORDER_TIMES_MAX 10 /* repeats, as asked for */
#define ORDER_GAP_MAX_S 60
#define ORDER_LENGTH_MAX_US (60 * US_PER_MIN) /* all repeats together */
#define ORDER_TEXT 402 /* a reference or a reason: 400 bytes and a NUL */
#define ORDERS_MAX 8 /* of one station, the one that sounds with them */
#define PREPARED_MAX 4 /* of one station */
#define INSERTS_MAX 4 /* of one station, waiting; the program goes on */

enum order_kind { ORDER_PLAY, ORDER_EMERGENCY };

/* One that sounds behind the first: a message behind its siren. */
struct order_then {
	char item[404];
	char sha256[HASH_HEX];
};

/* A plain value but for `planned` and `run`; freed by order_free() only. */
struct order {
	enum order_kind kind;
	bool inserts; /* a play that waits for the next join */
	bool parts; /* and what was to follow was put behind it */
	bool again; /* its join went by while it was loaded: for the next */
	char code[ORDER_CODE]; /* of an emergency that is only prepared */
	uid_t preparer; /* the account that was given it */
	int64_t expires_boot_us; /* and until when it is; or may wait */
	int64_t prepared; /* seq of its record; -1 for a play */
	int64_t release; /* seq of the record that released it; -1 not yet */
	char item[404];
	char title[404]; /* of all, with " + " between */
	char sha256[HASH_HEX];
	struct order_then then[ORDER_THEN_MAX];
	size_t n_then;
	int64_t frames; /* of one time: all items */
	char person[65];
	char reference[ORDER_TEXT]; /* the order from above or in writing */
	char reason[ORDER_TEXT];
	int times; /* to sound, 1 to ORDER_TIMES_MAX */
	int gap_s; /* of silence between them */
	char interrupts[160]; /* what was on when it was released: the attempt,
			       * or STATION/DATE/SLOT of a relay; or "" */
	int done; /* times that sounded whole */
	bool at_hand; /* the next one was loaded ahead, or tried to be */
	int attempts;
	char continues[160]; /* the attempt that broke off, or "" */
	int64_t released_boot_us; /* or when it last sounded */
	int64_t retry_boot_us; /* after a break: not before */
	bool over; /* nothing more of it will sound */
	struct planned planned; /* for the attempts: of slot "" */
	struct run run; /* its planned is the one above */
};

/* "play" or "emergency": the op, and the request. */
const char *order_op(enum order_kind k);

/* "operator" or "emergency": an attempt's start_source, and the reason of its
 * end. */
const char *order_source(enum order_kind k);

/* What is asked for: item, then (more of them), by, order, reason, times, next.
 * 0 and *ret_order is yours; -EINVAL and *ret_why is an English message id;
 * -ENOMEM. */
int order_read(enum order_kind k, const json_t *req, struct order **ret_order,
    const char **ret_why);

/* From the `op` record that released it; its attempts may be in the log. 0
 * and yours, -EINVAL, -ENOMEM. */
int order_restore(const json_t *op, struct order **ret_order);

/* Item `i`, as found in the library: what will sound is exactly this. From 0
 * on, one after the other. 0 or -EFBIG: longer than an order may be. */
int order_set_item(struct order *o, size_t i, const struct item *it);

/* Of the bytes of item `i`; "" before order_set_item(). Borrowed. */
const char *order_sha256(const struct order *o, size_t i);

/* A code to type, from what makes this order another than all before and from
 * `salt`, which only the daemon knows. */
void order_set_code(
    struct order *o, const char *boot_id, const char *salt, struct now now);

/* Released, to begin at that wall instant: an attempt of it belongs to its
 * local day. */
void order_begin(
    struct order *o, int64_t release, int64_t at_us, struct now now);

/* The keys of an order in its records: item, sha256, then, order, reason,
 * times, length_ms. Yours; NULL when out of memory. */
json_t *order_json(const struct order *o);

/* Accepts NULL; returns NULL. */
struct order *order_free(struct order *o);

#endif
