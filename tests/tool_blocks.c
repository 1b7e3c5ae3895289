/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_blocks - the disk as a power cut leaves it, from the record of what was
 * written to it.
 *
 *	tool_blocks LOG IMAGE honest|lying|whole SEED
 *
 * LOG is a record in the form of Linux's dm-log-writes (qemu's blklogwrites
 * makes one); IMAGE is the disk as it was when the record began, and is
 * changed. The power goes at some write. A disk that is honest has everything
 * that was written before the last flush; of the rest it has any part: none,
 * all, some writes, some pages, some sectors. A disk that lies
 * has a cache of any size and heeds no flush.
 *
 * "whole" is no cut: everything that was written is there.
 *
 * Prints where in LOG the cut is, in bytes, and what was done in words.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fakes/dice.h"

#define MAGIC UINT64_C(0x6a736677736872)
#define FLUSH 1u
#define DISCARD 4u
#define PAGE 4096
#define CACHE_MOST 256 /* writes that a lying disk may still hold */

struct super { /* little-endian, as are we */
	uint64_t magic, version, entries;
	uint32_t sector_bytes;
};

struct head {
	uint64_t sector, sectors, flags, data_bytes;
};

struct entry {
	struct head head;
	const char *data;
	int64_t end; /* where it ends in the log */
};

struct record {
	const char *bytes;
	int64_t n;
	int64_t sector; /* bytes */
	struct entry *list;
	size_t entries;
};

static void
die(const char *what)
{
	fprintf(stderr, "tool_blocks: %s\n", what);
	exit(2);
}

/* How much of a write is kept, and in which pieces. */
enum part { ALL, NONE, WRITES, PAGES, SECTORS, PARTS };

static const char *const part_words[PARTS] = { "all", "nothing", "some writes",
	"some pages", "some sectors" };

static const char *
map(const char *path, int64_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
		die("there is no record");
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		die("the record cannot be read");
	*ret_n = st.st_size;
	return at;
}

/* The entry at `at`; where the next one begins. */
static int64_t
entry_read(const struct record *r, int64_t at, struct entry *e)
{
	int64_t data = at + r->sector;
	int64_t sectors;

	if (data > r->n)
		die("the record ends inside an entry");
	memcpy(&e->head, r->bytes + at, sizeof(e->head));
	e->data = r->bytes + data;
	sectors = e->head.flags & DISCARD ? 0 : (int64_t)e->head.sectors;
	e->end = data + sectors * r->sector;
	if (e->end > r->n)
		die("the record ends inside an entry");
	return e->end;
}

static void
record_read(const char *path, struct record *r)
{
	struct super super;
	int64_t at;

	r->bytes = map(path, &r->n);
	if (r->n < (int64_t)sizeof(super))
		die("no record");
	memcpy(&super, r->bytes, sizeof(super));
	if (super.magic != MAGIC || super.sector_bytes < sizeof(struct head))
		die("no record of dm-log-writes");
	r->sector = super.sector_bytes;
	r->entries = super.entries;
	r->list = calloc(r->entries, sizeof(*r->list));
	if (r->list == NULL)
		die("no memory");
	at = r->sector;
	for (size_t i = 0; i < r->entries; i++)
		at = entry_read(r, at, &r->list[i]);
}

static void
put(int fd, const void *bytes, int64_t n, int64_t at)
{
	if (pwrite(fd, bytes, (size_t)n, at) != n)
		die("the image cannot be written");
}

/* What the disk holds of one write that no flush has covered. */
static void
put_part(int fd, const struct record *r, const struct entry *e, enum part part,
    struct dice *d)
{
	int64_t n = (int64_t)e->head.sectors * r->sector;
	int64_t at = (int64_t)e->head.sector * r->sector;
	int64_t piece = part == PAGES ? PAGE : part == SECTORS ? r->sector : n;

	if (part == NONE || e->head.flags & DISCARD)
		return;
	for (int64_t i = 0; i < n; i += piece) {
		int64_t left = n - i < piece ? n - i : piece;

		if (part == ALL || dice_pick(d, 2) == 0)
			put(fd, e->data + i, left, at + i);
	}
}

static void
put_whole(int fd, const struct record *r, const struct entry *e)
{
	if ((e->head.flags & DISCARD) == 0)
		put(fd, e->data, (int64_t)e->head.sectors * r->sector,
		    (int64_t)e->head.sector * r->sector);
}

/* The first of the entries before `cut` that may be lost. */
static size_t
first_unsure(const struct record *r, size_t cut, bool lying, struct dice *d)
{
	size_t i = cut;

	if (lying) {
		i = (size_t)dice_pick(d, CACHE_MOST) + 1;
		return i > cut ? 0 : cut - i;
	}
	while (i > 0 && (r->list[i - 1].head.flags & FLUSH) == 0)
		i--;
	return i;
}

int
main(int argc, char **argv)
{
	struct record r;
	struct dice d;
	enum part part;
	size_t cut, unsure;
	bool lying, whole;
	int fd;

	if (argc != 5)
		die("usage: tool_blocks LOG IMAGE honest|lying|whole SEED");
	lying = strcmp(argv[3], "lying") == 0;
	whole = strcmp(argv[3], "whole") == 0;
	dice_init(&d, strtoull(argv[4], NULL, 10));
	record_read(argv[1], &r);
	fd = open(argv[2], O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("there is no image");
	if (r.entries == 0)
		die("nothing was written");
	cut = 1 + (size_t)dice_pick(&d, (int64_t)r.entries);
	if (whole)
		cut = r.entries;
	unsure = whole ? cut : first_unsure(&r, cut, lying, &d);
	part = (enum part)dice_pick(&d, PARTS);
	for (size_t i = 0; i < unsure; i++)
		put_whole(fd, &r, &r.list[i]);
	for (size_t i = unsure; i < cut; i++)
		put_part(fd, &r, &r.list[i], part, &d);
	if (close(fd) < 0)
		die("the image cannot be written");
	printf("%" PRId64 " cut after write %zu of %zu, of the last %zu %s\n",
	    r.list[cut - 1].end, cut, r.entries, cut - unsure,
	    part_words[part]);
	return 0;
}
