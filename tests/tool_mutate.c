/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_mutate - sound files made wrong, each by its seed, for hostile.sh.
 *
 *	tool_mutate CORPUS SEED COUNT OUT
 *
 * writes OUT/SEED.ext, OUT/SEED+1.ext ...: a file of the folder CORPUS (by
 * name, so the same seeds give the same files) with one to eight things done
 * to it. Half of them are done in its first 512 bytes, where lengths, rates
 * and channels stand. In every second Ogg file the pages' sums are made right
 * again, or no decoder would look into them.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FILES_MAX 64
#define BYTES_MAX (4 << 20) /* of a mutated file */
#define HEAD 512

struct file {
	char name[256];
	unsigned char *data;
	size_t n;
};

static struct file corpus[FILES_MAX];
static size_t files;
static uint64_t state;

/* splitmix64 (Steele, Lea and Flood, 2014): any seed will do. */
static uint64_t
luck(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static size_t
below(size_t n)
{
	return n == 0 ? 0 : (size_t)(luck() % n);
}

static void
read_file(const char *folder, const char *name)
{
	struct file *f = &corpus[files++];
	char path[4096];
	FILE *in;
	size_t size = 1 << 20;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(f->name, sizeof(f->name), "%s", name);
	in = fopen(path, "re");
	f->data = malloc(size);
	if (in == NULL || f->data == NULL) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	f->n = fread(f->data, 1, size, in);
	fclose(in);
}

static void
read_corpus(const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort);

	for (int i = 0; i < n; i++)
		if (list[i]->d_name[0] != '.' && files < FILES_MAX)
			read_file(folder, list[i]->d_name);
	if (files == 0) {
		fprintf(stderr, "%s holds no files\n", folder);
		exit(1);
	}
}

/* Where something is done: every second time in the head. */
static size_t
place(const struct file *f)
{
	return below(luck() % 2 == 0 && f->n > HEAD ? HEAD : f->n);
}

static void
flip_bits(struct file *f)
{
	for (size_t k = 1 + below(32); k > 0 && f->n > 0; k--)
		f->data[place(f)] ^= (unsigned char)(1 << below(8));
}

static void
set_bytes(struct file *f)
{
	static const unsigned char odd[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	unsigned char with = odd[below(COUNT(odd))];

	for (size_t at = place(f), k = 1 + below(8); k > 0 && at < f->n;
	     k--, at++)
		f->data[at] = with;
}

/* A length, rate or count of 2, 4 or 8 bytes, either end first, that tempts
 * one to reckon with it. */
static void
set_number(struct file *f)
{
	const uint64_t odd[] = { 0, 1, 2, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, 0xfffffffe, UINT64_MAX, INT64_MAX,
		UINT64_C(1) << 63, f->n, f->n - 1, f->n + 1, f->n * 2, luck() };
	uint64_t v = odd[below(COUNT(odd))];
	size_t bytes = (size_t)2 << below(3);
	size_t at = place(f) & ~(size_t)1;
	bool big = luck() % 2 == 0;

	for (size_t i = 0; i < bytes && at + i < f->n; i++)
		f->data[at + i] =
		    (unsigned char)(v >> 8 * (big ? bytes - 1 - i : i));
}

static void
cut(struct file *f)
{
	f->n = place(f);
}

/* Makes room for k bytes at `at`, or as many as may be. */
static size_t
open_gap(struct file *f, size_t at, size_t k)
{
	if (f->n + k > BYTES_MAX)
		k = BYTES_MAX - f->n;
	memmove(f->data + at + k, f->data + at, f->n - at);
	f->n += k;
	return k;
}

static void
remove_block(struct file *f)
{
	size_t at = place(f);
	size_t k = 1 + below(f->n - at < 4096 ? f->n - at : 4096);

	if (f->n == 0)
		return;
	if (k > f->n - at)
		k = f->n - at;
	memmove(f->data + at, f->data + at + k, f->n - at - k);
	f->n -= k;
}

static void
insert_junk(struct file *f)
{
	size_t at = place(f);
	size_t k = open_gap(f, at, 1 + below(4096));
	unsigned char with = (unsigned char)luck();
	bool same = luck() % 2 == 0;

	for (size_t i = 0; i < k; i++)
		f->data[at + i] = same ? with : (unsigned char)luck();
}

static void
repeat_block(struct file *f)
{
	size_t from = place(f);
	size_t k = 1 + below(f->n - from < 8192 ? f->n - from : 8192);
	size_t times = 1 + below(16);

	for (; times > 0 && from + k <= f->n; times--) {
		if (open_gap(f, from + k, k) != k)
			return;
		memcpy(f->data + from + k, f->data + from, k);
	}
}

static void
swap_blocks(struct file *f)
{
	size_t k = 1 + below(1024);
	size_t a = place(f);
	size_t b = place(f);

	for (size_t i = 0; i < k && a + i < f->n && b + i < f->n; i++) {
		unsigned char c = f->data[a + i];

		f->data[a + i] = f->data[b + i];
		f->data[b + i] = c;
	}
}

/* The rest becomes another file's, from anywhere in it. */
static void
splice(struct file *f)
{
	const struct file *other = &corpus[below(files)];
	size_t at = place(f);
	size_t from = below(other->n);
	size_t k = other->n - from;

	if (at + k > BYTES_MAX)
		k = BYTES_MAX - at;
	memcpy(f->data + at, other->data + from, k);
	f->n = at + k;
}

/* The sum of RFC 3533, 6: CRC-32, polynomial 0x04c11db7, nothing inverted. */
static uint32_t
page_sum(const unsigned char *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum ^= (uint32_t)p[i] << 24;
		for (int b = 0; b < 8; b++)
			sum = sum << 1 ^ ((sum >> 31) != 0 ? 0x04c11db7 : 0);
	}
	return sum;
}

static void
mend_sums(struct file *f)
{
	for (size_t at = 0; at + 27 <= f->n;) {
		unsigned char *p = f->data + at;
		size_t bytes = 27;
		uint32_t sum;

		if (memcmp(p, "OggS", 4) != 0 || at + 27 + p[26] > f->n) {
			at++;
			continue;
		}
		bytes += p[26];
		for (size_t i = 0; i < p[26]; i++)
			bytes += p[27 + i];
		if (at + bytes > f->n)
			return;
		memset(p + 22, 0, 4);
		sum = page_sum(p, bytes);
		for (int i = 0; i < 4; i++)
			p[22 + i] = (unsigned char)(sum >> 8 * i);
		at += bytes;
	}
}

static void
mutate(struct file *f)
{
	static void (*const deeds[])(struct file * f) = { flip_bits, flip_bits,
		set_bytes, set_number, set_number, set_number, cut,
		remove_block, insert_junk, repeat_block, swap_blocks, splice };

	for (size_t k = 1 + below(luck() % 4 == 0 ? 8 : 2); k > 0; k--)
		deeds[below(COUNT(deeds))](f);
	if (luck() % 2 == 0)
		mend_sums(f);
}

static int
write_one(uint64_t seed, const char *out)
{
	static unsigned char data[BYTES_MAX];
	const struct file *from;
	struct file f;
	const char *dot;
	char path[4096];
	FILE *to;

	state = seed * 0x9e3779b97f4a7c15 + 1;
	from = &corpus[below(files)];
	f = *from;
	f.data = data;
	memcpy(data, from->data, f.n);
	mutate(&f);
	dot = strrchr(from->name, '.');
	snprintf(path, sizeof(path), "%s/%llu%s", out, (unsigned long long)seed,
	    dot == NULL ? "" : dot);
	to = fopen(path, "we");
	if (to == NULL || fwrite(data, 1, f.n, to) != f.n || fclose(to) != 0) {
		perror(path);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	uint64_t seed;
	int r = 0;

	if (argc != 5) {
		fprintf(stderr, "tool_mutate CORPUS SEED COUNT OUT\n");
		return 2;
	}
	read_corpus(argv[1]);
	seed = strtoull(argv[2], NULL, 10);
	for (long n = atol(argv[3]); n > 0 && r == 0; n--)
		r = write_one(seed++, argv[4]);
	return r;
}
