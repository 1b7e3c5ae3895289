/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/dossier.h"
#include "evidence/record.h"
#include "evidence/sheets.h"
#include "evidence/signer.h"

#define CHAIN_MAX 4 /* approvals that join each other */

static bool
is(const json_t *r, enum kind k)
{
	return strcmp(record_text(r, "kind"), kind_word(k)) == 0;
}

static bool
same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(record_text(a, key), record_text(b, key)) == 0;
}

static int64_t
seq_of(const json_t *r)
{
	return record_int(r, "seq", -1);
}

/* Gathering --------------------------------------------------------------- */

struct gathering {
	struct index *x;
	struct dossier_list *list;
	int64_t after; /* only what comes behind it */
	/* The sheet that counts. */
	struct sheets *sheets;
	const json_t *of; /* what has a slot */
	int64_t day;
};

static int
add(struct dossier_list *l, int64_t seq)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i] == seq)
			return 0;
	if (l->n == DOSSIER_MAX)
		return -E2BIG;
	l->at[l->n++] = seq;
	return 0;
}

static int
add_later(void *arg, int64_t seq)
{
	struct gathering *g = arg;

	return seq > g->after ? add(g->list, seq) : 0;
}

/* The approval by which it aired, and what that joins; then what took it back
 * since. */
static int
gather_approvals(struct gathering *g, const json_t *start)
{
	int64_t seq = record_int(start, "approval", -1);
	int r = 0;

	/* Without one, what was withdrawn and is back counts no more. */
	g->after = seq_of(start);
	for (int i = 0; r == 0 && seq >= 0 && i < CHAIN_MAX; i++) {
		json_t *approve;

		r = index_record(g->x, seq, &approve);
		if (r < 0)
			break;
		r = add(g->list, seq);
		g->after = seq;
		seq = record_int(approve, "second_of", -1);
		json_decref(approve);
	}
	/* An approval that was lost is told by who checks. */
	if (r == 0 || r == -ENOENT)
		r = index_about(g->x, KIND_WITHDRAW, record_text(start, "item"),
		    add_later, g);
	return r;
}

/* What released it, and what prepared that. */
static int
gather_orders(struct gathering *g, int64_t seq)
{
	int r = 0;

	for (int i = 0; r == 0 && seq >= 0 && i < 2; i++) {
		json_t *op;

		r = index_record(g->x, seq, &op);
		if (r < 0)
			break;
		r = add(g->list, seq);
		seq = record_int(op, "prepared", -1);
		json_decref(op);
	}
	return r == -ENOENT ? 0 : r;
}

/* Does the slot's plan come out of this sheet? */
static bool
has_plan(const json_t *day, const json_t *plan)
{
	const json_t *slot;
	size_t i;

	json_array_foreach(json_object_get(day, "slots"), i, slot)
	{
		if (slot == plan)
			return true;
	}
	return false;
}

static int
take_sheet(void *arg, int64_t seq)
{
	struct gathering *g = arg;
	struct sheet_slot slot;
	json_t *day;
	int r = index_record(g->x, seq, &day);

	if (r < 0)
		return r;
	r = sheets_take(g->sheets, day) == -ENOMEM ? -ENOMEM : 0;
	if (sheets_find(g->sheets, record_text(g->of, "station"),
		record_text(g->of, "date"), record_text(g->of, "slot"),
		&slot) == 0 &&
	    has_plan(day, slot.plan))
		g->day = seq;
	json_decref(day);
	return r;
}

static int
gather_day(struct gathering *g, const json_t *of)
{
	char key[400];
	int r;

	g->of = of;
	g->day = -1;
	g->sheets = sheets_new();
	if (g->sheets == NULL)
		return -ENOMEM;
	snprintf(key, sizeof(key), "%s/%s", record_text(of, "station"),
	    record_text(of, "date"));
	r = index_about(g->x, KIND_DAY, key, take_sheet, g);
	g->sheets = sheets_free(g->sheets);
	return r == 0 && g->day >= 0 ? add(g->list, g->day) : r;
}

static int
gather_airing(struct gathering *g, const char *airing)
{
	int64_t start = -1, end = -1;
	json_t *s;
	int r = index_airing(g->x, airing, &start, &end);

	if (r == 0 && end >= 0)
		r = add(g->list, end);
	if (r < 0 || start < 0)
		return r;
	r = add(g->list, start);
	if (r == 0)
		r = index_record(g->x, start, &s);
	if (r < 0)
		return r;
	r = gather_approvals(g, s);
	if (r == 0)
		r = gather_orders(g, record_int(s, "release", -1));
	if (r == 0 && record_text(s, "slot")[0] != '\0')
		r = gather_day(g, s);
	json_decref(s);
	return r;
}

static int
gather_slot(struct gathering *g, const json_t *slot)
{
	const json_t *airing;
	size_t i;
	int r = gather_day(g, slot);

	json_array_foreach(json_object_get(slot, "airings"), i, airing)
	{
		const char *id = json_string_value(airing);

		if (r == 0 && id != NULL)
			r = gather_airing(g, id);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* Of all that is there already, and of corrections as well. */
static int
gather_corrections(struct gathering *g)
{
	char key[24];
	int r = 0;

	g->after = -1;
	for (size_t i = 0; r == 0 && i < g->list->n; i++) {
		snprintf(key, sizeof(key), "%lld", (long long)g->list->at[i]);
		r = index_about(g->x, KIND_CORRECT, key, add_later, g);
	}
	return r;
}

int
dossier_gather(struct index *x, int64_t seq, struct dossier_list *ret)
{
	struct gathering g = { .x = x, .list = ret };
	json_t *subject;
	int r = index_record(x, seq, &subject);

	ret->n = 0;
	if (r < 0)
		return r;
	add(ret, seq);
	if (is(subject, KIND_START) || is(subject, KIND_END))
		r = gather_airing(&g, record_text(subject, "airing_id"));
	else if (is(subject, KIND_SLOT))
		r = gather_slot(&g, subject);
	json_decref(subject);
	return r == 0 ? gather_corrections(&g) : r;
}

/* Checking ---------------------------------------------------------------- */

static const struct {
	const char *word;
	enum dossier_class class;
} words[DOSSIER_WORDS] = {
	[DOSSIER_SLOT] = { "slot", DOSSIER_SHOWN },
	[DOSSIER_AIRED] = { "aired", DOSSIER_SHOWN },
	[DOSSIER_STARTED] = { "started", DOSSIER_SHOWN },
	[DOSSIER_PLANNED] = { "planned", DOSSIER_SHOWN },
	[DOSSIER_ORDERED] = { "ordered", DOSSIER_SHOWN },
	[DOSSIER_PREPARED] = { "prepared", DOSSIER_SHOWN },
	[DOSSIER_APPROVED] = { "approved", DOSSIER_SHOWN },
	[DOSSIER_NOT_NEEDED] = { "no_approval", DOSSIER_BESIDES },
	[DOSSIER_ONE_OF_TWO] = { "one_of_two", DOSSIER_BESIDES },
	[DOSSIER_WITHDRAWN_LATER] = { "withdrawn_later", DOSSIER_BESIDES },
	[DOSSIER_LATE_SHEET] = { "late_sheet", DOSSIER_BESIDES },
	[DOSSIER_OTHER_ITEM] = { "other_item", DOSSIER_BESIDES },
	[DOSSIER_FILLER] = { "filler", DOSSIER_BESIDES },
	[DOSSIER_CORRECTED] = { "corrected", DOSSIER_BESIDES },
	[DOSSIER_LACKS_START] = { "lacks_start", DOSSIER_LACKING },
	[DOSSIER_LACKS_END] = { "lacks_end", DOSSIER_LACKING },
	[DOSSIER_LACKS_APPROVAL] = { "lacks_approval", DOSSIER_LACKING },
	[DOSSIER_LACKS_DAY] = { "lacks_day", DOSSIER_LACKING },
	[DOSSIER_LACKS_ORDER] = { "lacks_order", DOSSIER_LACKING },
	[DOSSIER_LACKS_AIRING] = { "lacks_airing", DOSSIER_LACKING },
	[DOSSIER_LACKS_CORRECTED] = { "lacks_corrected", DOSSIER_LACKING },
	[DOSSIER_LACKS_EPOCH] = { "lacks_epoch", DOSSIER_LACKING },
	[DOSSIER_OTHER_AIRING] = { "other_airing", DOSSIER_WRONG },
	[DOSSIER_OTHER_BYTES] = { "other_bytes", DOSSIER_WRONG },
	[DOSSIER_OTHER_APPROVAL] = { "other_approval", DOSSIER_WRONG },
	[DOSSIER_APPROVED_LATER] = { "approved_later", DOSSIER_WRONG },
	[DOSSIER_WITHDRAWN] = { "withdrawn", DOSSIER_WRONG },
	[DOSSIER_OTHER_DAY] = { "other_day", DOSSIER_WRONG },
	[DOSSIER_NOT_IN_DAY] = { "not_in_day", DOSSIER_WRONG },
	[DOSSIER_OTHER_ORDER] = { "other_order", DOSSIER_WRONG },
	[DOSSIER_GIVEN_UP] = { "given_up", DOSSIER_WRONG },
	[DOSSIER_STRANGER] = { "stranger", DOSSIER_WRONG },
};

enum dossier_class
dossier_class(enum dossier_word w)
{
	return words[w].class;
}

const char *
dossier_word(enum dossier_word w)
{
	return words[w].word;
}

struct check {
	const json_t *r[DOSSIER_MAX]; /* of one history */
	size_t n;
	bool used[DOSSIER_MAX];
	void (*tell)(void *arg, const struct dossier_line *line);
	void *arg;
	enum dossier_class worst;
	bool blind; /* a start is missing, which says what belongs to it */
};

static void
tell_line(struct check *c, struct dossier_line line)
{
	enum dossier_class class = words[line.word].class;

	if (line.text == NULL)
		line.text = "";
	if (class > c->worst)
		c->worst = class;
	c->tell(c->arg, &line);
}

static void
tell(
    struct check *c, enum dossier_word w, const json_t *about, const json_t *of)
{
	tell_line(c, (struct dossier_line){ w, about, of, -1, "" });
}

static void
lacks(struct check *c, enum dossier_word w, int64_t seq, const json_t *of)
{
	tell_line(c, (struct dossier_line){ w, NULL, of, seq, "" });
}

/* The record of that kind and number; NULL when it is not here. */
static const json_t *
find(struct check *c, enum kind k, int64_t seq)
{
	for (size_t i = 0; i < c->n; i++)
		if (is(c->r[i], k) && seq_of(c->r[i]) == seq) {
			c->used[i] = true;
			return c->r[i];
		}
	return NULL;
}

/* The record of that kind and airing. */
static const json_t *
find_airing(struct check *c, enum kind k, const char *airing)
{
	for (size_t i = 0; i < c->n; i++)
		if (is(c->r[i], k) &&
		    strcmp(record_text(c->r[i], "airing_id"), airing) == 0) {
			c->used[i] = true;
			return c->r[i];
		}
	return NULL;
}

static bool
has_bytes(const json_t *r, const json_t *start)
{
	return same(r, start, "item") && same(r, start, "sha256");
}

static void
check_approval(struct check *c, const json_t *start, const json_t *approve)
{
	if (!has_bytes(approve, start))
		tell(c, DOSSIER_OTHER_BYTES, approve, start);
	else if (seq_of(approve) > seq_of(start))
		tell(c, DOSSIER_APPROVED_LATER, approve, start);
	else
		tell(c, DOSSIER_APPROVED, approve, start);
}

/* The number of the first of its approvals; -1: it had none. */
static int64_t
check_approvals(struct check *c, const json_t *start)
{
	int64_t seq = record_int(start, "approval", -1);
	const json_t *last = NULL;
	int64_t first = -1;
	int persons = 0;

	if (seq < 0)
		tell(c, DOSSIER_NOT_NEEDED, start, NULL);
	while (seq >= 0 && persons < CHAIN_MAX) {
		const json_t *approve = find(c, KIND_APPROVE, seq);

		if (approve == NULL) {
			lacks(c, DOSSIER_LACKS_APPROVAL, seq, start);
			return first;
		}
		check_approval(c, start, approve);
		first = seq;
		persons += last == NULL || !same(last, approve, "person");
		last = last == NULL ? approve : last;
		seq = earlier(record_int(approve, "second_of", -1), seq - 1);
	}
	if (last != NULL && record_int(last, "needs", 1) > persons)
		tell(c, DOSSIER_ONE_OF_TWO, last, start);
	return first;
}

static void
check_withdrawals(struct check *c, const json_t *start, int64_t approved)
{
	for (size_t i = 0; i < c->n; i++) {
		const json_t *w = c->r[i];

		if (!is(w, KIND_WITHDRAW) || !same(w, start, "item"))
			continue;
		c->used[i] = true;
		if (seq_of(w) > seq_of(start))
			tell(c, DOSSIER_WITHDRAWN_LATER, w, start);
		else if (seq_of(w) > approved)
			tell(c, DOSSIER_WITHDRAWN, w, start);
	}
}

/* Does what an order sounds have these bytes? */
static bool
orders(const json_t *op, const json_t *start)
{
	const json_t *one;
	size_t i;

	if (has_bytes(op, start))
		return true;
	json_array_foreach(json_object_get(op, "then"), i, one)
	{
		if (has_bytes(one, start))
			return true;
	}
	return false;
}

static void
check_order(struct check *c, const json_t *start)
{
	int64_t seq = record_int(start, "release", -1);
	const json_t *op = seq < 0 ? NULL : find(c, KIND_OP, seq);

	if (seq < 0) {
		tell(c, DOSSIER_FILLER, start, NULL);
		return;
	}
	if (op == NULL) {
		lacks(c, DOSSIER_LACKS_ORDER, seq, start);
		return;
	}
	tell(c, orders(op, start) ? DOSSIER_ORDERED : DOSSIER_OTHER_ORDER, op,
	    start);
	seq = record_int(op, "prepared", -1);
	if (seq < 0)
		return;
	op = find(c, KIND_OP, seq);
	if (op == NULL)
		lacks(c, DOSSIER_LACKS_ORDER, seq, start);
	else
		tell(c, DOSSIER_PREPARED, op, start);
}

/* Is what aired in that slot one of the things that it planned? What it names
 * by another word than an item is not in the list. */
static bool
names_item(const json_t *plan, const json_t *of)
{
	const json_t *items = json_object_get(plan, "items");
	const json_t *item;
	size_t i;

	if (!is(of, KIND_START) || json_array_size(items) == 0)
		return true;
	json_array_foreach(items, i, item)
	{
		const char *id = json_string_value(item);

		if (id != NULL && strcmp(id, record_text(of, "item")) == 0)
			return true;
	}
	return false;
}

static const json_t *
plan_of(const json_t *day, const char *slot)
{
	const json_t *plan;
	size_t i;

	json_array_foreach(json_object_get(day, "slots"), i, plan)
	{
		if (strcmp(record_text(plan, "slot"), slot) == 0)
			return plan;
	}
	return NULL;
}

static void
check_sheet(struct check *c, const json_t *of, const json_t *day)
{
	const json_t *plan = plan_of(day, record_text(of, "slot"));
	int64_t from_us = 0, start_us = 0;

	if (plan == NULL || !same(plan, of, "planned_utc")) {
		tell(c, DOSSIER_NOT_IN_DAY, day, of);
		return;
	}
	tell(c, DOSSIER_PLANNED, day, of);
	if (!names_item(plan, of))
		tell(c, DOSSIER_OTHER_ITEM, day, of);
	civil_read_utc(record_text(day, "utc"), &from_us);
	civil_read_utc(record_text(plan, "planned_utc"), &start_us);
	if (from_us > start_us)
		tell(c, DOSSIER_LATE_SHEET, day, of);
}

/* The last one of the date that is here: gathered was the one that counts. */
static void
check_day(struct check *c, const json_t *of)
{
	const json_t *day = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const json_t *d = c->r[i];

		if (!is(d, KIND_DAY) || !same(d, of, "station") ||
		    !same(d, of, "date"))
			continue;
		c->used[i] = true;
		if (day == NULL || seq_of(d) > seq_of(day))
			day = d;
	}
	if (day == NULL)
		lacks(c, DOSSIER_LACKS_DAY, -1, of);
	else
		check_sheet(c, of, day);
}

static void
check_airing(struct check *c, const char *airing)
{
	const json_t *end = find_airing(c, KIND_END, airing);
	const json_t *start = find_airing(c, KIND_START, airing);

	if (end == NULL && start == NULL) {
		tell_line(c, (struct dossier_line){ DOSSIER_LACKS_AIRING, NULL,
				 NULL, -1, airing });
		return;
	}
	if (end == NULL) {
		tell(c, DOSSIER_STARTED, start, NULL);
		lacks(c, DOSSIER_LACKS_END, -1, start);
	} else if (start != NULL && !has_bytes(end, start))
		tell(c, DOSSIER_OTHER_AIRING, end, start);
	else
		tell(c, DOSSIER_AIRED, end, start);
	if (start == NULL) {
		lacks(c, DOSSIER_LACKS_START, -1, end);
		c->blind = true;
		return;
	}
	check_withdrawals(c, start, check_approvals(c, start));
	if (record_text(start, "slot")[0] != '\0')
		check_day(c, start);
	else
		check_order(c, start);
}

static void
check_slot(struct check *c, const json_t *slot)
{
	const json_t *airing;
	size_t i;

	tell(c, DOSSIER_SLOT, slot, NULL);
	check_day(c, slot);
	json_array_foreach(json_object_get(slot, "airings"), i, airing)
	{
		if (json_is_string(airing))
			check_airing(c, json_string_value(airing));
	}
}

static const json_t *
any(const struct check *c, int64_t seq)
{
	for (size_t i = 0; i < c->n; i++)
		if (seq_of(c->r[i]) == seq)
			return c->r[i];
	return NULL;
}

static void
check_corrections(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		int64_t seq = record_int(c->r[i], "record", -1);
		const json_t *of;

		if (!is(c->r[i], KIND_CORRECT))
			continue;
		c->used[i] = true;
		of = any(c, seq);
		if (of == NULL)
			lacks(c, DOSSIER_LACKS_CORRECTED, seq, c->r[i]);
		else
			tell(c, DOSSIER_CORRECTED, c->r[i], of);
	}
}

/* What no airing here asks for. */
static enum dossier_word
left_over(const struct check *c, const json_t *r)
{
	if (is(r, KIND_DAY))
		return DOSSIER_OTHER_DAY;
	if (!is(r, KIND_APPROVE))
		return DOSSIER_STRANGER;
	for (size_t i = 0; i < c->n; i++)
		if (is(c->r[i], KIND_START) && has_bytes(r, c->r[i]))
			return DOSSIER_OTHER_APPROVAL;
	return DOSSIER_OTHER_BYTES;
}

/* Trees -------------------------------------------------------------------- */

struct given { /* as they came */
	json_t *const *r;
	const int64_t *trees;
	size_t n;
};

/* Is it the record that began the tree it was proved in? */
static bool
begins(const struct given *g, size_t i)
{
	return is(g->r[i], KIND_EPOCH) &&
	       signer_number(record_text(g->r[i], "origin")) == g->trees[i];
}

/* The record of a later tree by which this one's number is another's; or
 * NULL. */
static const json_t *
given_up_by(const struct given *g, size_t i)
{
	for (size_t k = 0; k < g->n; k++)
		if (g->trees[k] > g->trees[i] && begins(g, k) &&
		    seq_of(g->r[i]) >=
			record_int(g->r[k], "from", seq_of(g->r[k])))
			return g->r[k];
	return NULL;
}

/* A later tree has the very same record. */
static bool
comes_again(const struct given *g, size_t i)
{
	for (size_t k = 0; k < g->n; k++)
		if (g->trees[k] > g->trees[i] && json_equal(g->r[k], g->r[i]))
			return true;
	return false;
}

static bool
has_epoch(const struct given *g, int64_t tree)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->trees[i] == tree && begins(g, i))
			return true;
	return false;
}

/* The first tree behind the oldest one here whose beginning is not here. */
static void
check_epochs(struct check *c, const struct given *g, int64_t oldest)
{
	int64_t newest = oldest;
	char name[24];

	for (size_t i = 0; i < g->n; i++)
		newest = g->trees[i] > newest ? g->trees[i] : newest;
	for (int64_t tree = oldest + 1; tree <= newest; tree++)
		if (!has_epoch(g, tree)) {
			snprintf(name, sizeof(name), "v%lld", (long long)tree);
			tell_line(c, (struct dossier_line){ DOSSIER_LACKS_EPOCH,
					 NULL, NULL, -1, name });
			return;
		}
}

/* Takes what is of one history; what is not is told. */
static void
take_given(struct check *c, const struct given *g)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < g->n; i++)
		oldest = earlier(oldest, g->trees[i]);
	for (size_t i = 0; i < g->n; i++) {
		const json_t *by = given_up_by(g, i);

		if ((g->trees[i] > oldest && begins(g, i)) || comes_again(g, i))
			continue;
		if (by != NULL)
			tell(c, DOSSIER_GIVEN_UP, g->r[i], by);
		else
			c->r[c->n++] = g->r[i];
	}
	if (g->n > 0)
		check_epochs(c, g, oldest);
}

static void
take_all(struct check *c, json_t *const *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		c->r[i] = records[i];
	c->n = n;
}

/* -------------------------------------------------------------------------- */

static void
check_all(struct check *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (is(c->r[i], KIND_SLOT)) {
			c->used[i] = true;
			check_slot(c, c->r[i]);
		}
	for (size_t i = 0; i < c->n; i++)
		if (!c->used[i] &&
		    (is(c->r[i], KIND_END) || is(c->r[i], KIND_START)))
			check_airing(c, record_text(c->r[i], "airing_id"));
	check_corrections(c);
	for (size_t i = 0; i < c->n && !c->blind; i++)
		if (!c->used[i])
			tell(c, left_over(c, c->r[i]), c->r[i], NULL);
}

enum dossier_class
dossier_check(json_t *const *records, const int64_t *trees, size_t n,
    void (*fn)(void *arg, const struct dossier_line *line), void *arg)
{
	struct check c = { .tell = fn, .arg = arg };

	if (trees == NULL)
		take_all(&c, records, n);
	else
		take_given(&c, &(struct given){ records, trees, n });
	check_all(&c);
	return c.worst;
}
