/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "evidence/leaves.h"
#include "evidence/record.h"

int
leaves_read(const char *entry, size_t n, const char *origin, struct leaves *ret)
{
	struct leaves l = LEAVES_FIRST;
	json_t *r;

	if (record_kind(entry, n) != KIND_EPOCH ||
	    record_parse(entry, n, &r) < 0)
		return -EBADMSG;
	l.epoch = record_seq(entry, n);
	l.from = record_int(r, "from", l.epoch);
	if (strcmp(record_text(r, "origin"), origin) != 0)
		l.epoch = -1;
	json_decref(r);
	if (l.epoch < 0 || l.from < 0 || l.from > l.epoch)
		return -EBADMSG;
	*ret = l;
	return 0;
}

int64_t
leaves_index(const struct leaves *l, int64_t seq)
{
	if (seq == l->epoch)
		return 0;
	if (seq < l->from)
		return -1;
	return seq < l->epoch ? seq - l->from + 1 : seq - l->from;
}

int64_t
leaves_seq(const struct leaves *l, int64_t index)
{
	if (l->epoch < 0)
		return index;
	if (index == 0)
		return l->epoch;
	return index <= l->epoch - l->from ? index + l->from - 1
					   : index + l->from;
}

int64_t
leaves_end(const struct leaves *l, int64_t size)
{
	return size + l->from;
}
