/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * office - what most commands read before they answer: the site's rules and
 * zone, what the airing log says so far, the library, and the stations.
 */
#ifndef CTL_OFFICE_H
#define CTL_OFFICE_H

#include <stdint.h>

#include "base/item.h"
#include "base/problem.h"
#include "base/root.h"
#include "evidence/registry.h"
#include "scheduler/library.h"
#include "scheduler/plan.h"
#include "scheduler/rules.h"
#include "scheduler/site.h"

struct office {
	struct site *site; /* one that allows nothing, if it is unreadable */
	struct registry *registry;
	struct library *library;
	const char *items; /* the library's folder; borrowed from the root */
	struct rules_library look; /* for rules_missing(); borrows the office */
	struct problems problems; /* of the site's file */
};

/*
 * Reads it all and sets the process's zone. A missing or faulty site file is
 * no error here: the office then holds its problems and a site that allows
 * nothing. A log that does not exist yet is an empty one. A negative errno
 * when the log cannot be read. End it with office_close() in both cases. The
 * root is borrowed, and the office must stay where it is, until then.
 */
int office_open(const struct root *root, struct office *ret_office);
void office_close(struct office *o);

/* How an item stands; *ret_item (may be NULL) gets its record, yours, or
 * NULL when there is none to read. */
enum standing office_standing(
    const struct office *o, const char *item, struct item **ret_item);

/* The same for a slot of that segment, which may ask for two approvals. */
enum standing office_standing_in(const struct office *o, const char *item,
    const char *segment, struct item **ret_item);

/* How an item stands, in the word for machines ("approved", "pending"...) and
 * the one for people, in the user's language; also where the site asks for no
 * approval. `it` is its record, or NULL. */
struct item_state {
	const char *word;
	const char *text;
};

struct item_state office_state(
    const struct office *o, const struct item *it, enum standing standing);

/*
 * The schedule unrolled as the daemon does it: on dates of mourning without
 * its music (scheduler/mourning.h). As plan_make().
 */
int office_plan(const struct office *o, const struct schedule *s,
    int64_t from_day, int64_t to_day, struct plan **ret_plan);

/* Station ids, sorted; the list and its strings are yours: office_free(). */
struct stations {
	char **ids;
	size_t n;
};

/* All stations of the root's schedules, or only the one given. -ENOENT:
 * there is none. */
int stations_list(
    const struct root *root, const char *only, struct stations *ret_stations);
void stations_free(struct stations *s);

/* What a slot's plan will come to, as far as can be told now. */
enum prospect {
	PROSPECT_AIR, /* all of it */
	PROSPECT_PART, /* some items are missing or not approved */
	PROSPECT_RELAY, /* silence of ours while another station sounds */
	PROSPECT_NO_ITEMS, /* nothing was chosen for this slot */
	PROSPECT_MISSING,
	PROSPECT_BAD,
	PROSPECT_NOT_APPROVED,
	PROSPECT_SECOND, /* waits for a second approval */
	PROSPECT_OUTSIDE_HOURS,
	PROSPECTS
};

/*
 * Looks at the fence, then at each item. `item`, when not NULL, gets the
 * first item in the way, borrowed from p.
 */
enum prospect office_prospect(
    const struct office *o, const struct planned *p, const char **ret_item);

/* What an item that stands so comes to; PROSPECT_AIR when it is ready. */
enum prospect office_why_not(enum standing s);

/* The word for machines: "air", "not_approved"... (outcome words of the log
 * where there is one), and the words for people, in the user's language. */
const char *prospect_word(enum prospect p);
const char *prospect_text(enum prospect p);

#endif
