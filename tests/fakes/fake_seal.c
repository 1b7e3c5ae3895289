/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/fakes/fake_seal.h"

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -1;
}

/* Tests are many, and no power cut comes. */
static int
no_sync(struct disk *d, const char *name)
{
	(void)d;
	(void)name;
	return 0;
}

void
fake_seal_open_log(struct fake_seal *s)
{
	struct disk *disk;

	assert_int_equal(disk_open(s->log_path, &disk), 0);
	disk->sync = no_sync;
	fake_log_init(&s->log, disk);
}

void
fake_seal_init(struct fake_seal *s)
{
	memset(s, 0, sizeof(*s));
	/* Where there is one, a disk in memory. */
	strcpy(s->top.path, "/dev/shm/loaxa-test-XXXXXX");
	if (mkdtemp(s->top.path) == NULL)
		folder_make(&s->top);
	snprintf(s->log_path, sizeof(s->log_path), "%s/log", s->top.path);
	snprintf(s->trees, sizeof(s->trees), "%s/tree", s->top.path);
	snprintf(s->keys, sizeof(s->keys), "%s/key", s->top.path);
	fake_seal_open_log(s);
}

void
fake_seal_free(struct fake_seal *s)
{
	fake_seal_close(s);
	fake_log_free(&s->log);
	folder_remove(&s->top);
}

void
fake_seal_close(struct fake_seal *s)
{
	s->seal = seal_close(s->seal);
}

void
fake_seal_reopen_log(struct fake_seal *s)
{
	fake_log_free(&s->log);
	fake_seal_open_log(s);
}

void
fake_seal_add(struct fake_seal *s, int n)
{
	for (int i = 0; i < n; i++) {
		json_t *r =
		    record_new(KIND_OP, "que-minh", s->log.now, "boot-1");

		json_object_set_new(
		    r, "op", json_sprintf("op-%d", s->number++));
		s->log.now.wall_us += US_PER_S;
		s->log.now.boot_us += US_PER_S;
		assert_int_equal(ledger_add(s->log.ledger, r), 0);
	}
	assert_int_equal(ledger_flush(s->log.ledger), 0);
}

static void
add_epoch(struct fake_seal *s, json_t *body)
{
	json_t *r = record_new(KIND_EPOCH, "", s->log.now, "boot-1");

	json_object_update(r, body);
	json_decref(body);
	assert_int_equal(ledger_add(s->log.ledger, r), 0);
	assert_int_equal(ledger_flush(s->log.ledger), 0);
	s->epochs++;
}

static int
meet(struct fake_seal *s)
{
	json_t *epoch = NULL;
	int r = seal_meet(
	    s->seal, s->log.disk, ledger_leaves(s->log.ledger), &epoch);

	if (r == 1)
		add_epoch(s, epoch);
	return r;
}

void
fake_seal_publish(struct fake_seal *s)
{
	struct seal_setup setup = { s->trees, s->keys, draw, true };
	int r = 1;

	if (s->seal == NULL)
		assert_int_equal(seal_open(&setup, &s->seal), 0);
	for (int i = 0; i < 3 && r == 1; i++)
		r = meet(s);
	assert_int_equal(r, 0);
	assert_int_equal(seal_publish(s->seal), 0);
	assert_int_equal(seal_next(s->seal), ledger_leaves(s->log.ledger));
}

/* folder_slurp() ends at a byte 255. */
static char *
slurp(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "r");
	char *bytes;
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) < 0)
		fail_msg("%s: cannot be read", path);
	n = ftell(f);
	rewind(f);
	bytes = calloc(1, (size_t)n + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)n, f), n);
	fclose(f);
	if (ret_n != NULL)
		*ret_n = (size_t)n;
	return bytes;
}

char *
fake_seal_read(const struct fake_seal *s, const char *name, size_t *n)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", s->top.path, name);
	return slurp(path, n);
}

char *
fake_seal_forge_epoch(const struct fake_seal *s, const char *bundle,
    int64_t seq, int64_t from, size_t *ret_n)
{
	size_t n;
	unsigned char *was = (unsigned char *)fake_seal_read(s, bundle, &n);
	size_t first = 2 + ((size_t)was[0] << 8 | was[1]);
	char line[400];
	int len = snprintf(line, sizeof(line),
	    "{\"v\":1,\"kind\":\"epoch\",\"seq\":%lld,\"from\":%lld,"
	    "\"origin\":\"%s\"}",
	    (long long)seq, (long long)from, seal_origin(s->seal));
	char *bytes = malloc(2 + (size_t)len + n - first);

	assert_non_null(bytes);
	bytes[0] = (char)(len >> 8);
	bytes[1] = (char)len;
	memcpy(bytes + 2, line, (size_t)len);
	memcpy(bytes + 2 + len, was + first, n - first);
	*ret_n = 2 + (size_t)len + n - first;
	free(was);
	return bytes;
}

struct checkpoint
fake_seal_checkpoint(const struct fake_seal *s, int n)
{
	struct checkpoint c;
	struct note_key k;
	char name[64];
	char *text;
	size_t len;

	snprintf(name, sizeof(name), "tree/v%d/vkey", n);
	text = fake_seal_read(s, name, &len);
	text[len - 1] = '\0';
	assert_int_equal(note_key_read(text, &k), 0);
	free(text);
	snprintf(name, sizeof(name), "tree/v%d/checkpoint", n);
	text = fake_seal_read(s, name, &len);
	assert_int_equal(checkpoint_open(text, len, &k, &c), 0);
	free(text);
	return c;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The folder that is copied, and where to. */
static const char *copy_from;
static const char *copy_to;

static int
copy_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char to[512];
	size_t n = 0;
	char *bytes;
	FILE *f;

	(void)ftw;
	snprintf(to, sizeof(to), "%s%s", copy_to, path + strlen(copy_from));
	if (type == FTW_D)
		return mkdir(to, st->st_mode & 0777);
	bytes = slurp(path, &n);
	f = fopen(to, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	free(bytes);
	return chmod(to, st->st_mode & 0777);
}

void
fake_seal_copy(const struct fake_seal *s, const char *from, const char *to)
{
	char a[256];
	char b[256];

	snprintf(a, sizeof(a), "%s/%s", s->top.path, from);
	snprintf(b, sizeof(b), "%s/%s", s->top.path, to);
	nftw(b, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	copy_from = a;
	copy_to = b;
	nftw(a, copy_one, 16, FTW_PHYS);
}
