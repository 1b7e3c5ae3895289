/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "ctl/witness.h"
#include "evidence/asrun.h"
#include "evidence/ledger.h"

/* One append that does not count yet. */
struct written {
	char file[64];
	int64_t at;
	char *bytes;
	size_t n;
	size_t told; /* bytes of it that count already */
};

struct witness {
	struct disk disk; /* must be first */
	struct disk *under; /* borrowed */
	struct written *written;
	size_t n_written;
	char (*leaves)[HASH_HEX]; /* what counts, by leaf index */
	int64_t n;
	int64_t room;
	int64_t sure; /* found in the log since the last crash but one */
};

static void
forget_from(struct witness *w, size_t i)
{
	for (size_t k = i; k < w->n_written; k++)
		free(w->written[k].bytes);
	w->n_written = i;
}

/* Written again from an earlier byte: what came behind it is gone. */
static void
forget_behind(struct witness *w, const char *file, int64_t at)
{
	for (size_t i = 0; i < w->n_written; i++)
		if (strcmp(w->written[i].file, file) == 0 &&
		    w->written[i].at >= at) {
			forget_from(w, i);
			return;
		}
}

static int
keep(struct witness *w, const char *file, int64_t at, const void *bytes,
    size_t n)
{
	struct written *grown =
	    realloc(w->written, (w->n_written + 1) * sizeof(*grown));
	struct written *new;

	if (grown == NULL)
		return -ENOMEM;
	w->written = grown;
	new = &grown[w->n_written];
	*new = (struct written){ .at = at, .bytes = malloc(n + 1), .n = n };
	if (new->bytes == NULL)
		return -ENOMEM;
	memcpy(new->bytes, bytes, n);
	new->bytes[n] = '\0';
	strncpy(new->file, file, sizeof(new->file) - 1);
	w->n_written++;
	return 0;
}

static int
witness_append(
    struct disk *d, const char *name, int64_t at, const void *bytes, size_t n)
{
	struct witness *w = (struct witness *)d;

	forget_behind(w, name, at);
	if (n > 0 && keep(w, name, at, bytes, n) < 0)
		return -ENOMEM;
	return w->under->append(w->under, name, at, bytes, n);
}

static int
witness_sync(struct disk *d, const char *name)
{
	struct witness *w = (struct witness *)d;

	return w->under->sync(w->under, name);
}

static int
witness_replace(
    struct disk *d, const char *name, const void *bytes, size_t n, int durable)
{
	struct witness *w = (struct witness *)d;

	return w->under->replace(w->under, name, bytes, n, durable);
}

static int
witness_read(struct disk *d, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct witness *w = (struct witness *)d;

	return w->under->read(w->under, name, ret_bytes, ret_n);
}

static int
witness_each(struct disk *d, int (*fn)(void *arg, const char *name), void *arg)
{
	struct witness *w = (struct witness *)d;

	return w->under->each(w->under, fn, arg);
}

static void
witness_close(struct disk *d)
{
	witness_free((struct witness *)d);
}

int
witness_new(struct disk *under, struct witness **ret_witness)
{
	struct witness *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -ENOMEM;
	w->disk = (struct disk){ .append = witness_append,
		.sync = witness_sync,
		.replace = witness_replace,
		.read = witness_read,
		.each = witness_each,
		.close = witness_close };
	w->under = under;
	*ret_witness = w;
	return 0;
}

struct witness *
witness_free(struct witness *w)
{
	if (w == NULL)
		return NULL;
	forget_from(w, 0);
	free(w->written);
	free(w->leaves);
	free(w);
	return NULL;
}

struct disk *
witness_disk(struct witness *w)
{
	return &w->disk;
}

static int
note(struct witness *w, const char *line, size_t n)
{
	if (w->n == w->room) {
		int64_t room = w->room == 0 ? 256 : w->room * 2;
		void *grown =
		    realloc(w->leaves, (size_t)room * sizeof(w->leaves[0]));

		if (grown == NULL)
			return -ENOMEM;
		w->leaves = grown;
		w->room = room;
	}
	return asrun_leaf_hash(line, n, w->leaves[w->n++]);
}

/* The next line that was written and does not count yet. */
static int
note_next(struct witness *w)
{
	struct written *first = NULL;
	const char *lf;
	size_t n;
	int r;

	for (size_t i = 0; i < w->n_written && first == NULL; i++)
		if (w->written[i].told < w->written[i].n)
			first = &w->written[i];
	if (first == NULL)
		return -EPROTO;
	lf = memchr(first->bytes + first->told, '\n', first->n - first->told);
	if (lf == NULL)
		return -EPROTO;
	n = (size_t)(lf - first->bytes) - first->told;
	r = note(w, first->bytes + first->told, n);
	first->told += n + 1;
	return r;
}

/* What counts whole is forgotten, but for the newest. */
static void
drop_told(struct witness *w)
{
	size_t i = 0;

	while (i + 1 < w->n_written && w->written[i].told == w->written[i].n)
		free(w->written[i++].bytes);
	if (i == 0)
		return;
	w->n_written -= i;
	memmove(
	    w->written, w->written + i, w->n_written * sizeof(w->written[0]));
}

int
witness_count(struct witness *w, int64_t leaves)
{
	int r = 0;

	while (r == 0 && w->n < leaves)
		r = note_next(w);
	drop_told(w);
	return r;
}

struct finding {
	struct witness *w;
	int64_t n;
};

static int
find_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct finding *f = arg;
	int r = 0;

	f->n = seq + 1;
	/* A line and its line feed. */
	if (seq >= f->w->n)
		r = keep(f->w, "", 0, line, n + 1);
	return r;
}

int64_t
witness_crash(struct witness *w, struct disk *disk)
{
	struct finding f = { .w = w };
	int r;

	forget_from(w, 0);
	r = ledger_each(disk, find_line, &f);
	return r < 0 ? r : f.n;
}

int64_t
witness_seen(const struct witness *w)
{
	return w->n;
}

const char *
witness_last(const struct witness *w, size_t *ret_n, const char **ret_file,
    int64_t *ret_end)
{
	const struct written *last;
	const char *lf;
	size_t start;

	if (w->n_written == 0)
		return NULL;
	last = &w->written[w->n_written - 1];
	lf = memrchr(last->bytes, '\n', last->n - 1);
	start = lf == NULL ? 0 : (size_t)(lf - last->bytes) + 1;
	*ret_n = last->n - start - 1;
	*ret_file = last->file;
	*ret_end = last->at + (int64_t)last->n;
	return last->bytes + start;
}

struct looking {
	const struct witness *w;
	int64_t from; /* what stands before was looked at already */
	int64_t missing; /* the first leaf that is not what it was */
	int64_t found;
};

static int
look_at(void *arg, const char *line, size_t n, int64_t seq)
{
	struct looking *l = arg;
	char hex[HASH_HEX];
	int r;

	if (seq >= l->w->n)
		return 0;
	l->found = seq + 1;
	if (seq < l->from)
		return 0;
	r = asrun_leaf_hash(line, n, hex);
	if (r < 0)
		return r;
	if (strcmp(hex, l->w->leaves[seq]) == 0)
		return 0;
	l->missing = seq;
	return -EBADMSG;
}

int
witness_check(
    struct witness *w, struct disk *disk, bool whole, int64_t *ret_seq)
{
	struct looking l = {
		.w = w, .from = whole ? 0 : w->sure, .missing = -1
	};
	int r = ledger_each(disk, look_at, &l);

	if (r == 0 && l.found < w->n) {
		l.missing = l.found;
		r = -EBADMSG;
	}
	if (r == -EBADMSG)
		*ret_seq = l.missing;
	w->sure = r == 0 ? w->n : w->sure;
	return r;
}

int
witness_write(const struct witness *w, FILE *out)
{
	for (int64_t i = 0; i < w->n; i++)
		fprintf(out, "%lld %s\n", (long long)i, w->leaves[i]);
	return ferror(out) ? -EIO : 0;
}
