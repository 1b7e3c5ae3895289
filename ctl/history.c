/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

struct looking {
	struct history h;
	const char *item;
	char key[ID_MAX + 16]; /* "item":"ID" as a line has it */
};

static json_t *
list_for(struct looking *l, const json_t *r, int kind)
{
	if (kind != KIND_END)
		return l->h.words;
	return record_int(r, "actual_ms", 0) > 0 ? l->h.airings : NULL;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct looking *l = arg;
	int kind = record_kind(line, n);
	json_t *list;
	json_t *r;
	int e = 0;

	(void)seq;
	if (kind != KIND_ITEM && kind != KIND_APPROVE &&
	    kind != KIND_WITHDRAW && kind != KIND_END)
		return 0;
	if (memmem(line, n, l->key, strlen(l->key)) == NULL ||
	    record_parse(line, n, &r) < 0)
		return 0;
	list = list_for(l, r, kind);
	if (list != NULL && strcmp(record_text(r, "item"), l->item) == 0)
		e = json_array_append(list, r) < 0 ? -ENOMEM : 0;
	json_decref(r);
	return e;
}

int
history_read(struct disk *disk, const char *item, struct history *ret_history)
{
	struct looking l = { .h = { json_array(), json_array() },
		.item = item };
	int r;

	snprintf(l.key, sizeof(l.key), "\"item\":\"%.*s\"", ID_MAX, item);
	r = l.h.words == NULL || l.h.airings == NULL
		? -ENOMEM
		: ledger_each(disk, take_line, &l);
	if (r < 0) {
		history_clear(&l.h);
		return r;
	}
	*ret_history = l.h;
	return 0;
}

void
history_clear(struct history *h)
{
	json_decref(h->words);
	json_decref(h->airings);
	*h = (struct history){ 0 };
}
