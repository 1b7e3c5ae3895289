/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/cosigned.h"

/* Far beyond any clock: what is later is no time. */
#define LATEST_S INT64_C(253402300799) /* the end of 9999 */

static size_t
read_keys(char *const *vkeys, size_t n, struct note_key keys[COSIGNERS_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < COSIGNERS_MAX; i++)
		if (note_key_read(vkeys[i], &keys[k]) == 0 &&
		    keys[k].type == NOTE_COSIGNATURE)
			k++;
	return k;
}

int
cosigned_read(const char *note, size_t n, char *const *vkeys, size_t n_vkeys,
    struct cosigned *ret)
{
	struct note_key keys[COSIGNERS_MAX];
	struct note_seen seen[COSIGNERS_MAX];
	struct cosigned is = { 0 };
	size_t text;
	size_t k = read_keys(vkeys, n_vkeys, keys);
	int r;

	if (n > COSIGNED_MAX)
		return -EBADMSG;
	r = note_open(note, n, keys, k, seen, &text);
	if (r == 0)
		r = checkpoint_read(note, text, &is.c);
	if (r < 0)
		return r;
	for (size_t i = 0; i < k; i++) {
		if (!seen[i].signed_it || seen[i].time_s > LATEST_S ||
		    seen[i].time_s * US_PER_S < is.at_us)
			continue;
		is.at_us = seen[i].time_s * US_PER_S;
		memcpy(is.by, keys[i].name, sizeof(is.by));
	}
	if (is.by[0] == '\0')
		return -EBADMSG;
	*ret = is;
	return 0;
}

bool
cosigned_is_future(const struct cosigned *c, struct now now)
{
	return now.trust >= TRUST_CONFIRMED &&
	       c->at_us > now.wall_us + US_PER_DAY;
}

json_t *
cosigned_body(const struct cosigned *c, const char *note)
{
	struct civil_text at;

	return json_pack("{s:s, s:I, s:s, s:s, s:s}", "origin", c->c.origin,
	    "size", (json_int_t)c->c.size, "cosigner", c->by, "cosigned_utc",
	    civil_utc_text(c->at_us, &at), "note", note);
}
