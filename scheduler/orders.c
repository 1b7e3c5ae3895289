/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/orders.h"

const char *
order_op(enum order_kind k)
{
	return k == ORDER_EMERGENCY ? "emergency" : "play";
}

const char *
order_source(enum order_kind k)
{
	return k == ORDER_EMERGENCY ? "emergency" : "operator";
}

struct order *
order_free(struct order *o)
{
	if (o == NULL)
		return NULL;
	planned_clear(&o->planned);
	free(o->run.items);
	json_decref(o->run.airings);
	free(o);
	return NULL;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "" : text;
}

/* Its items, for the attempts. */
static int
make_items(struct order *o)
{
	struct planned *p = &o->planned;
	size_t n = 1 + o->n_then;

	p->items = calloc(n, sizeof(*p->items));
	o->run.items = calloc(n, sizeof(*o->run.items));
	if (p->items == NULL || o->run.items == NULL)
		return -ENOMEM;
	for (; p->n_items < n; p->n_items++) {
		size_t i = p->n_items;

		p->items[i] = strdup(i == 0 ? o->item : o->then[i - 1].item);
		if (p->items[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* A slot that no sheet has; and its run. */
static int
make_run(struct order *o)
{
	struct planned *p = &o->planned;

	p->slot = strdup("");
	p->ref = strdup(o->item);
	p->segment = strdup("");
	p->title = strdup("");
	p->language = strdup("");
	p->file = "";
	p->class = o->kind == ORDER_EMERGENCY ? CLASS_EMERGENCY : CLASS_NORMAL;
	o->run.p = p;
	o->run.order = o;
	o->run.airings = json_array();
	return make_items(o) < 0 || p->slot == NULL || p->ref == NULL ||
		       p->segment == NULL || p->title == NULL ||
		       p->language == NULL || o->run.airings == NULL
		   ? -ENOMEM
		   : 0;
}

static int
take(char *to, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return -E2BIG;
	strcpy(to, text);
	return 0;
}

/* White space is no reference. */
static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\n\r")] == '\0';
}

static const char *
fault_of(const struct order *o)
{
	if (!text_is_id(o->item))
		return N_("the item to play is named by its id");
	for (size_t i = 0; i < o->n_then; i++)
		if (!text_is_id(o->then[i].item))
			return N_("the item to play is named by its id");
	if (o->times < 1 || o->times > ORDER_TIMES_MAX)
		return N_("an order is for 1 to 10 times");
	if (o->gap_s < 0 || o->gap_s > ORDER_GAP_MAX_S)
		return N_("the silence between repeats is 0 to 60 seconds");
	if (o->kind != ORDER_EMERGENCY)
		return NULL;
	if (!text_is_id(o->person))
		return N_("an emergency names the person who releases it");
	if (is_blank(o->reference))
		return N_("an emergency names the order it follows: who "
			  "ordered it, in which paper or call");
	return NULL;
}

/* What follows the first: ids as asked for, or as a record has them. */
static int
read_then(struct order *o, const json_t *list)
{
	const json_t *v;
	size_t i;

	if (list != NULL && !json_is_array(list))
		return -EINVAL;
	if (json_array_size(list) > ORDER_THEN_MAX)
		return -E2BIG;
	json_array_foreach(list, i, v)
	{
		struct order_then *t = &o->then[o->n_then++];
		const char *id = json_is_string(v) ? json_string_value(v)
						   : text_of(v, "item");

		if (take(t->item, sizeof(t->item), id) < 0 ||
		    take(t->sha256, sizeof(t->sha256), text_of(v, "sha256")) <
			0)
			return -EINVAL;
	}
	return 0;
}

static int
read_words(struct order *o, const json_t *j, const char *person)
{
	const json_t *times = json_object_get(j, "times");
	const json_t *gap = json_object_get(j, "gap_s");
	json_int_t gap_s = gap == NULL ? 0 : json_integer_value(gap);

	o->times = times == NULL ? 1 : (int)json_integer_value(times);
	o->gap_s = gap_s < 0 || gap_s > ORDER_GAP_MAX_S ? -1 : (int)gap_s;
	if (take(o->item, sizeof(o->item), text_of(j, "item")) < 0 ||
	    take(o->person, sizeof(o->person), text_of(j, person)) < 0 ||
	    take(o->reference, sizeof(o->reference), text_of(j, "order")) < 0 ||
	    take(o->reason, sizeof(o->reason), text_of(j, "reason")) < 0)
		return -E2BIG;
	return 0;
}

static int
read_order(enum order_kind k, const json_t *j, const char *person,
    struct order **ret_order, const char **ret_why)
{
	struct order *o = calloc(1, sizeof(*o));
	int r;

	if (o == NULL)
		return -ENOMEM;
	o->kind = k;
	o->inserts =
	    k == ORDER_PLAY && json_is_true(json_object_get(j, "next"));
	o->prepared = o->release = -1;
	r = read_then(o, json_object_get(j, "then"));
	if (r == -E2BIG)
		*ret_why = N_("an order is for one to four items");
	else if (r < 0)
		*ret_why = N_("the item to play is named by its id");
	else if (read_words(o, j, person) < 0)
		*ret_why = N_("an order's reference and reason are at most "
			      "400 bytes each");
	else
		*ret_why = fault_of(o);
	r = *ret_why != NULL ? -EINVAL : make_run(o);
	if (r < 0)
		order_free(o);
	else
		*ret_order = o;
	return r;
}

int
order_read(enum order_kind k, const json_t *req, struct order **ret_order,
    const char **ret_why)
{
	return read_order(k, req, "by", ret_order, ret_why);
}

int
order_restore(const json_t *op, struct order **ret_order)
{
	bool emergency = strcmp(text_of(op, "op"), "emergency") == 0;
	const char *why;
	int r = read_order(emergency ? ORDER_EMERGENCY : ORDER_PLAY, op,
	    "person", ret_order, &why);

	if (r == 0)
		(*ret_order)->release =
		    json_integer_value(json_object_get(op, "seq"));
	return r;
}

/* All repeats, and the silence between them. */
static int64_t
order_length_us(const struct order *o, int64_t frames)
{
	return frames_us(frames) * o->times +
	       (int64_t)o->gap_s * US_PER_S * (o->times - 1);
}

static void
add_title(struct order *o, size_t i, const char *title)
{
	size_t n = i == 0 ? 0 : strlen(o->title);

	snprintf(o->title + n, sizeof(o->title) - n, "%s%s",
	    i == 0 ? "" : " + ", title);
	text_trim(o->title);
}

int
order_set_item(struct order *o, size_t i, const struct item *it)
{
	int64_t frames = it->frames + (i == 0 ? 0 : o->frames);

	if (order_length_us(o, frames) > ORDER_LENGTH_MAX_US)
		return -EFBIG;
	add_title(o, i, it->title);
	snprintf(i == 0 ? o->sha256 : o->then[i - 1].sha256, HASH_HEX, "%s",
	    it->sha256);
	o->frames = frames;
	o->run.items[i].frames = it->frames;
	return 0;
}

const char *
order_sha256(const struct order *o, size_t i)
{
	return i == 0 ? o->sha256 : o->then[i - 1].sha256;
}

void
order_set_code(
    struct order *o, const char *boot_id, const char *salt, struct now now)
{
	char text[1024];
	char hex[HASH_HEX];
	unsigned long n = 0;
	int len = snprintf(text, sizeof(text), "%s %s %lld %lld %s %s", salt,
	    boot_id, (long long)now.boot_us, (long long)o->prepared, o->item,
	    o->person);

	if (hash_bytes(text, (size_t)len, hex) == 0) {
		hex[8] = '\0';
		n = strtoul(hex, NULL, 16);
	}
	snprintf(o->code, sizeof(o->code), "%06lu", n % 1000000);
	o->expires_boot_us = now.boot_us + ORDER_CODE_US;
}

void
order_begin(struct order *o, int64_t release, int64_t at_us, struct now now)
{
	int second;

	o->release = release;
	o->released_boot_us = now.boot_us;
	o->planned.start_us = at_us;
	o->planned.end_us = at_us + order_length_us(o, o->frames);
	civil_from_us(at_us, &o->planned.day, &second);
}

static json_t *
then_json(const struct order *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_then; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s}", "item", o->then[i].item,
			      "sha256", o->then[i].sha256));
	return list;
}

json_t *
order_json(const struct order *o)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I}", "item", o->item,
	    "sha256", o->sha256, "order", o->reference, "reason", o->reason,
	    "times", o->times, "length_ms",
	    (json_int_t)(frames_us(o->frames) / US_PER_MS));

	if (j != NULL && o->n_then > 0)
		json_object_set_new(j, "then", then_json(o));
	if (j != NULL && o->inserts)
		json_object_set_new(j, "next", json_true());
	if (j != NULL && o->gap_s > 0)
		json_object_set_new(j, "gap_s", json_integer(o->gap_s));
	return j;
}
