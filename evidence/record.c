/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/record.h"

static const char *const words[KINDS] = {
	[KIND_BOOT] = "boot",
	[KIND_CLOCK] = "clock",
	[KIND_SCHEDULE] = "schedule",
	[KIND_DAY] = "day",
	[KIND_ITEM] = "item",
	[KIND_APPROVE] = "approve",
	[KIND_WITHDRAW] = "withdraw",
	[KIND_START] = "start",
	[KIND_END] = "end",
	[KIND_SLOT] = "slot",
	[KIND_OP] = "op",
	[KIND_ANCHOR] = "anchor",
	[KIND_CORRECT] = "correct",
	[KIND_EPOCH] = "epoch",
};

const char *
kind_word(enum kind k)
{
	return words[k];
}

json_t *
record_new(
    enum kind k, const char *station, struct now now, const char *boot_id)
{
	struct civil_text utc;
	struct civil_text local;

	return json_pack("{s:i,s:s,s:i,s:s,s:s,s:s,s:I,s:s,s:s}", "v",
	    RECORD_VERSION, "kind", words[k], "seq", 0, "station", station,
	    "utc", civil_utc_text(now.wall_us, &utc), "local",
	    civil_local_text(now.wall_us, &local), "boot_us",
	    (json_int_t)now.boot_us, "boot_id", boot_id, "clock",
	    trust_word(now.trust));
}

/* The kind named by n bytes, or -1. */
static int
word_kind(const char *word, size_t n)
{
	for (int k = 0; k < KINDS; k++)
		if (strlen(words[k]) == n && memcmp(words[k], word, n) == 0)
			return k;
	return -1;
}

int
record_parse(const char *line, size_t n, json_t **ret)
{
	json_t *r =
	    json_loadb(line, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
	const char *kind = record_text(r, "kind");

	if (record_int(r, "v", 0) != RECORD_VERSION ||
	    record_int(r, "seq", -1) < 0 || word_kind(kind, strlen(kind)) < 0) {
		json_decref(r);
		return -EINVAL;
	}
	*ret = r;
	return 0;
}

int
record_kind(const char *line, size_t n)
{
	static const char before[] = "{\"v\":1,\"kind\":\"";
	static const char after[] = "\",\"seq\":";
	const char *word = line + sizeof(before) - 1;
	const char *quote;
	size_t left;

	if (n < sizeof(before) || memcmp(line, before, sizeof(before) - 1) != 0)
		return -1;
	left = n - (sizeof(before) - 1);
	quote = memchr(word, '"', left);
	if (quote == NULL || left - (size_t)(quote - word) < sizeof(after) ||
	    memcmp(quote, after, sizeof(after) - 1) != 0)
		return -1;
	return word_kind(word, (size_t)(quote - word));
}

int64_t
record_seq(const char *line, size_t n)
{
	static const char key[] = "\",\"seq\":";
	const char *at;
	int64_t seq = 0;
	int digits = 0;

	if (record_kind(line, n) < 0 || line[n - 1] != '}')
		return -1;
	at = memmem(line, n, key, sizeof(key) - 1);
	at += sizeof(key) - 1;
	/* The line ends in a brace: no digit is the last. */
	for (; *at >= '0' && *at <= '9' && digits < 18; at++, digits++)
		seq = seq * 10 + (*at - '0');
	return digits > 0 && *at == ',' ? seq : -1;
}

json_t *
record_child(json_t *parent, const char *key)
{
	json_t *c = json_object_get(parent, key);

	if (c != NULL)
		return c;
	c = json_object();
	return json_object_set_new(parent, key, c) < 0 ? NULL : c;
}

const char *
record_text(const json_t *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r, key));

	return text == NULL ? "" : text;
}

int64_t
record_int(const json_t *r, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(r, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
