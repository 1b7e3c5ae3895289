/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/civil.h"
#include "base/clock.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

/* Nine digits are more than any decibel here is measured to, and print -23.1
 * as it was meant. */
#define DUMP (JSON_COMPACT | JSON_REAL_PRECISION(9))
#define FILE_NAME "airing-0000-00.jsonl"
#define TORN_TRIES 1000 /* cuts at one record, before its name is reused */

struct ledger {
	struct disk *disk;
	char file[sizeof(FILE_NAME)]; /* the newest, "" for none */
	int64_t size; /* its bytes that count */
	bool unsure; /* an earlier life may have died before it synced them */
	int64_t leaves;
	json_t **waiting; /* in order */
	size_t n;
	size_t room;
	char *torn; /* bytes to set aside, or NULL */
	size_t torn_n;
	char torn_name[64];
	bool torn_saved;
	struct ledger_damage damage;
	void (*listen)(void *arg, const char *line, size_t n);
	void *listen_arg;
};

/* airing-YYYY-MM.jsonl, and nothing that merely looks like it. */
static bool
is_log_name(const char *name)
{
	static const char form[] = FILE_NAME;

	if (strlen(name) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? name[i] < '0' || name[i] > '9'
				   : name[i] != form[i])
			return false;
	return true;
}

static bool
has_record(const char *bytes, size_t n)
{
	while (n > 0) {
		const char *lf = memchr(bytes, '\n', n);
		size_t len = lf == NULL ? n : (size_t)(lf - bytes) + 1;

		if (lf != NULL && record_kind(bytes, len - 1) >= 0)
			return true;
		bytes += len;
		n -= len;
	}
	return false;
}

/*
 * How many of a file's bytes are whole lines. What a power cut tore is an
 * unfinished last line, or a tail that a file system filled with NULs. A disk
 * that ignores flushes may lose a block and keep those behind it: records
 * behind NULs are set aside with them, as long as that is no more than such a
 * disk had in its cache. More is damage, and is left for the caller to find.
 */
static size_t
whole_bytes(const char *bytes, size_t n)
{
	const char *lf = memrchr(bytes, '\n', n);
	size_t whole = lf == NULL ? 0 : (size_t)(lf - bytes) + 1;
	const char *nul = memchr(bytes, '\0', whole);
	size_t start;

	if (nul == NULL)
		return whole;
	lf = memrchr(bytes, '\n', (size_t)(nul - bytes));
	start = lf == NULL ? 0 : (size_t)(lf - bytes) + 1;
	if (n - start > LEDGER_TAIL_MAX &&
	    has_record(bytes + start, whole - start))
		return whole;
	return start;
}

#define ALL_KINDS ((1u << KINDS) - 1)

struct walk {
	struct disk *disk;
	int (*fn)(void *arg, const char *line, size_t n, int64_t seq);
	void (*lost)(void *arg, unsigned kinds); /* or NULL */
	void *arg;
	int64_t seq; /* the next line's */
	int64_t foreign; /* lines since the last that was ours */
	unsigned kinds; /* that those may have been */
	bool ours; /* there was one at all */
	struct ledger_damage damage;
	/* Of the newest file, when `keep`: its name, and all its bytes. */
	bool keep;
	char file[sizeof(FILE_NAME)];
	char *bytes;
	size_t n;
	size_t whole;
};

/* P8: a line of ours says which place is its; -1 for none. */
static int64_t
seq_of(const char *line, size_t n)
{
	static const char key[] = "\",\"seq\":";
	const char *at;
	int64_t seq = 0;

	if (record_kind(line, n) < 0)
		return -1;
	at = memmem(line, n, key, sizeof(key) - 1);
	if (at == NULL)
		return -1;
	at += sizeof(key) - 1;
	if (at == line + n || *at < '0' || *at > '9')
		return -1;
	for (; at < line + n && *at >= '0' && *at <= '9'; at++) {
		if (seq > (INT64_C(1) << 50))
			return -1;
		seq = seq * 10 + (*at - '0');
	}
	return at < line + n && *at == ',' && line[n - 1] == '}' ? seq : -1;
}

/* The kinds that a damaged line may have been: its own where that can still
 * be read, and once. */
static unsigned
kinds_of(const char *line, size_t n)
{
	static const char key[] = "\"kind\":\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1);
	size_t left;

	if (at == NULL)
		return ALL_KINDS;
	at += sizeof(key) - 1;
	left = n - (size_t)(at - line);
	if (memmem(at, left, key, sizeof(key) - 1) != NULL)
		return ALL_KINDS;
	for (unsigned k = 0; k < KINDS; k++) {
		const char *word = kind_word((enum kind)k);
		size_t len = strlen(word);

		if (len < left && memcmp(at, word, len) == 0 && at[len] == '"')
			return 1u << k;
	}
	return ALL_KINDS;
}

static void
walk_foreign(struct walk *w, const char *line, size_t n, int64_t number)
{
	if (w->damage.line == 0) {
		w->damage.line = number;
		snprintf(w->damage.file, sizeof(w->damage.file), "%s", w->file);
	}
	w->foreign++;
	w->kinds |= kinds_of(line, n);
}

/* Records between the last line of ours and this one are gone. */
static void
walk_lost(struct walk *w, int64_t seq, int64_t number)
{
	unsigned kinds = w->kinds;

	if (w->damage.line == 0) {
		w->damage.line = number;
		snprintf(w->damage.file, sizeof(w->damage.file), "%s", w->file);
	}
	/* Those that left no line behind may have been anything. */
	if (seq - w->seq != w->foreign)
		kinds = ALL_KINDS;
	w->damage.lost += later(seq - w->seq, w->foreign);
	/* A line too many has cost no record. */
	if (w->lost != NULL && seq > w->seq)
		w->lost(w->arg, kinds);
}

static int
walk_line(
    struct walk *w, const char *line, size_t n, int64_t seq, int64_t number)
{
	int r;

	if (seq < w->seq) {
		walk_foreign(w, line, n, number);
		return 0;
	}
	if (seq > w->seq || w->foreign > 0)
		walk_lost(w, seq, number);
	w->foreign = 0;
	w->kinds = 0;
	w->ours = true;
	r = w->fn == NULL ? 0 : w->fn(w->arg, line, n, seq);
	w->seq = seq + 1;
	return r;
}

/* A line whose place alone is damaged: it stands where its own was due, and
 * the two behind it go on from there. To believe it would make strangers of all
 * that follow. */
static bool
is_misplaced(const struct walk *w, int64_t seq, const char *behind, size_t n)
{
	int64_t due = w->seq + w->foreign + 1;

	if (seq < due)
		return false;
	for (int i = 0; i < 2; i++) {
		const char *lf = memchr(behind, '\n', n);
		size_t len = lf == NULL ? 0 : (size_t)(lf - behind);

		if (lf == NULL || seq_of(behind, len) != due + i)
			return false;
		behind = lf + 1;
		n -= len + 1;
	}
	return true;
}

static int
walk_lines(struct walk *w, const char *bytes, size_t n)
{
	for (int64_t number = 1; n > 0; number++) {
		const char *lf = memchr(bytes, '\n', n);
		size_t len = (size_t)(lf - bytes);
		int64_t seq = seq_of(bytes, len);
		int r;

		if (is_misplaced(w, seq, lf + 1, n - len - 1))
			seq = -1;
		r = walk_line(w, bytes, len, seq, number);
		if (r != 0)
			return r;
		bytes = lf + 1;
		n -= len + 1;
	}
	return 0;
}

static int
walk_file(void *arg, const char *name)
{
	struct walk *w = arg;
	char *bytes;
	size_t n;
	int r;

	if (!is_log_name(name))
		return 0;
	r = w->disk->read(w->disk, name, &bytes, &n);
	if (r < 0)
		return r;
	free(w->bytes);
	w->bytes = bytes;
	w->n = n;
	w->whole = whole_bytes(bytes, n);
	memcpy(w->file, name, sizeof(w->file));
	r = walk_lines(w, bytes, w->whole);
	if (!w->keep) {
		free(w->bytes);
		w->bytes = NULL;
	}
	return r;
}

/* What is lost at the very end has no line behind it. */
static void
walk_end(struct walk *w)
{
	if (w->foreign > 0)
		walk_lost(w, w->seq + w->foreign, 0);
	w->seq += w->foreign;
}

int
ledger_each_or_lost(struct disk *disk,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq),
    void (*lost)(void *arg, unsigned kinds), void *arg)
{
	struct walk w = { .disk = disk, .fn = fn, .lost = lost, .arg = arg };
	int r = disk->each(disk, walk_file, &w);

	if (r == 0)
		walk_end(&w);
	return r;
}

int
ledger_each(struct disk *disk,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq), void *arg)
{
	return ledger_each_or_lost(disk, fn, NULL, arg);
}

/*
 * A name that is free, or that holds these very bytes already (a second cut
 * before the file itself was repaired).
 */
static void
torn_choose(struct ledger *l)
{
	for (int i = 1; i <= TORN_TRIES; i++) {
		char *old;
		size_t n;
		bool same;

		snprintf(l->torn_name, sizeof(l->torn_name), "torn-%lld-%d.bin",
		    (long long)l->leaves, i);
		if (l->disk->read(l->disk, l->torn_name, &old, &n) < 0)
			return;
		same = n == l->torn_n && memcmp(old, l->torn, n) == 0;
		free(old);
		if (same)
			return;
	}
}

static int
torn_save(struct ledger *l)
{
	int r = l->disk->replace(l->disk, l->torn_name, l->torn, l->torn_n, 1);

	l->torn_saved = r == 0;
	return r;
}

static int
torn_take(struct ledger *l, const struct walk *w)
{
	if (w->n == w->whole)
		return 0;
	l->torn_n = w->n - w->whole;
	l->torn = malloc(l->torn_n);
	if (l->torn == NULL)
		return -ENOMEM;
	memcpy(l->torn, w->bytes + w->whole, l->torn_n);
	torn_choose(l);
	/* A disk that refuses now is asked again before anything is cut. */
	torn_save(l);
	return 0;
}

int
ledger_open(struct disk *disk, char *torn, struct ledger **ret_ledger)
{
	struct walk w = { .disk = disk, .keep = true };
	struct ledger *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	l->disk = disk;
	r = disk->each(disk, walk_file, &w);
	if (r == 0 && w.foreign > 0 && !w.ours)
		r = -EBADMSG;
	if (r == 0) {
		walk_end(&w);
		l->damage = w.damage;
		memcpy(l->file, w.file, sizeof(l->file));
		l->size = (int64_t)w.whole;
		l->unsure = l->file[0] != '\0';
		l->leaves = w.seq;
		r = torn_take(l, &w);
	}
	free(w.bytes);
	if (r < 0) {
		free(l);
		return r;
	}
	if (torn != NULL)
		snprintf(torn, sizeof(l->torn_name), "%s", l->torn_name);
	*ret_ledger = l;
	return 0;
}

static int
make_room(struct ledger *l)
{
	size_t room = l->room == 0 ? 16 : l->room * 2;
	json_t **grown;

	if (l->n < l->room)
		return 0;
	grown = realloc(l->waiting, room * sizeof(json_t *));
	if (grown == NULL)
		return -ENOMEM;
	l->waiting = grown;
	l->room = room;
	return 0;
}

int
ledger_add(struct ledger *l, json_t *r)
{
	json_int_t seq = (json_int_t)ledger_next_seq(l);
	size_t size;

	if (r == NULL || make_room(l) < 0 ||
	    json_object_set_new(r, "seq", json_integer(seq)) < 0) {
		json_decref(r);
		return -ENOMEM;
	}
	size = json_dumpb(r, NULL, 0, DUMP);
	if (size == 0 || size > RECORD_BYTES_MAX) {
		json_decref(r);
		return size == 0 ? -ENOMEM : -EMSGSIZE;
	}
	l->waiting[l->n++] = r;
	return 0;
}

/* The file of a record that follows one in `newest`: its month's, or newest
 * when that month is over, or the clock not trusted: a dead battery's 2036
 * would be the newest for years. */
static void
file_of(const json_t *r, const char *newest, char ret[sizeof(FILE_NAME)])
{
	struct civil_text date;
	int64_t us;
	int64_t day;
	int second;

	/* A clock beyond the year 9999 has no file name of its own. */
	if (civil_read_utc(record_text(r, "utc"), &us) < 0)
		us = 0;
	civil_from_us(us, &day, &second);
	civil_date_text(day, &date);
	snprintf(ret, sizeof(FILE_NAME), "airing-%.7s.jsonl", date.s);
	if (strcmp(ret, newest) < 0 ||
	    (newest[0] != '\0' &&
		trust_of(record_text(r, "clock")) == TRUST_UNSURE))
		memcpy(ret, newest, sizeof(FILE_NAME));
}

/* How many of the waiting go into the first one's file; its name in ret. */
static size_t
run_length(const struct ledger *l, char ret[sizeof(FILE_NAME)])
{
	char next[sizeof(FILE_NAME)];
	size_t n = 1;

	file_of(l->waiting[0], l->file, ret);
	for (; n < l->n; n++) {
		file_of(l->waiting[n], ret, next);
		if (strcmp(next, ret) != 0)
			break;
	}
	return n;
}

static int
put_line(FILE *out, json_t *r, int64_t seq)
{
	char *line;

	if (json_object_set_new(r, "seq", json_integer((json_int_t)seq)) < 0)
		return -ENOMEM;
	line = json_dumps(r, DUMP);
	if (line == NULL)
		return -ENOMEM;
	fputs(line, out);
	fputc('\n', out);
	free(line);
	return 0;
}

/* The first n of the waiting as lines; yours. */
static int
make_lines(struct ledger *l, size_t n, char **ret_bytes, size_t *ret_n)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);
	int r = 0;

	if (out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_line(out, l->waiting[i], l->leaves + (int64_t)i);
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		free(bytes);
		return r;
	}
	*ret_bytes = bytes;
	*ret_n = len;
	return 0;
}

static void
drop_first(struct ledger *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_decref(l->waiting[i]);
	memmove(l->waiting, l->waiting + n, (l->n - n) * sizeof(json_t *));
	l->n -= n;
}

void
ledger_listen(struct ledger *l,
    void (*fn)(void *arg, const char *line, size_t n), void *arg)
{
	l->listen = fn;
	l->listen_arg = arg;
}

/* They are safe now, and not before. */
static void
tell(const struct ledger *l, const char *bytes, size_t n)
{
	while (l->listen != NULL && n > 0) {
		const char *lf = memchr(bytes, '\n', n);
		size_t len = (size_t)(lf - bytes);

		l->listen(l->listen_arg, bytes, len);
		bytes = lf + 1;
		n -= len + 1;
	}
}

/* P8: what an earlier life had written is safe before another file begins:
 * nothing would sync the old one any more. */
static int
leave_file(struct ledger *l, const char *next)
{
	int r = 0;

	if (l->unsure && strcmp(next, l->file) != 0) {
		r = l->disk->append(l->disk, l->file, l->size, "", 0);
		if (r == 0)
			r = l->disk->sync(l->disk, l->file);
	}
	if (r == 0)
		l->unsure = false;
	return r;
}

/* P8: the first waiting records that share a file. Written again from the
 * last durable byte when an earlier attempt failed. */
static int
flush_file(struct ledger *l)
{
	char name[sizeof(FILE_NAME)];
	size_t n = run_length(l, name);
	int64_t at = strcmp(name, l->file) == 0 ? l->size : 0;
	char *bytes = NULL;
	size_t len = 0;
	int r;

	r = leave_file(l, name);
	if (r < 0)
		return r;
	r = make_lines(l, n, &bytes, &len);
	if (r < 0)
		return r;
	r = l->disk->append(l->disk, name, at, bytes, len);
	if (r == 0)
		r = l->disk->sync(l->disk, name);
	if (r == 0)
		tell(l, bytes, len);
	free(bytes);
	if (r < 0)
		return r;
	memcpy(l->file, name, sizeof(l->file));
	l->size = at + (int64_t)len;
	l->leaves += (int64_t)n;
	drop_first(l, n);
	return 0;
}

/* Sets the torn bytes aside for good, and only then cuts them off. */
static int
torn_settle(struct ledger *l)
{
	int r = 0;

	if (l->torn == NULL)
		return 0;
	if (!l->torn_saved)
		r = torn_save(l);
	if (r == 0)
		r = l->disk->append(l->disk, l->file, l->size, "", 0);
	if (r == 0)
		r = l->disk->sync(l->disk, l->file);
	if (r < 0)
		return r;
	free(l->torn);
	l->torn = NULL;
	return 0;
}

int
ledger_flush(struct ledger *l)
{
	int r = l->n == 0 ? 0 : torn_settle(l);

	while (r == 0 && l->n > 0)
		r = flush_file(l);
	return r;
}

void
ledger_hurry(struct ledger *l, int ms)
{
	if (l->disk->hurry != NULL)
		l->disk->hurry(l->disk, ms);
}

size_t
ledger_waiting(const struct ledger *l)
{
	return l->n;
}

json_t *
ledger_waiting_at(struct ledger *l, size_t i)
{
	return i < l->n ? l->waiting[i] : NULL;
}

int64_t
ledger_leaves(const struct ledger *l)
{
	return l->leaves;
}

int64_t
ledger_next_seq(const struct ledger *l)
{
	return l->leaves + (int64_t)l->n;
}

const struct ledger_damage *
ledger_damaged(const struct ledger *l)
{
	return &l->damage;
}

struct ledger *
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return NULL;
	ledger_flush(l);
	if (l->n > 0)
		drop_first(l, l->n);
	free(l->waiting);
	free(l->torn);
	free(l);
	return NULL;
}

int
ledger_lock(const char *folder)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/lock", folder) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	/* P4: a disk that was locked after an error silences nothing. */
	if (fd < 0 && errno == EROFS)
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	disk_own_path(fd, path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int e = errno;

		close(fd);
		return -e;
	}
	return fd;
}
