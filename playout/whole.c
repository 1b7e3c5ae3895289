/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "playout/whole.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WINDOW_BYTES 65536
#define HEAD_BYTES 282 /* the longest head of a part: an Ogg page's */
/* A frame of 20 ms is the shortest part: more than 12 hours of them. */
#define PARTS_MAX 4000000

/* What is known of the part that begins at `at`. */
struct part {
	const unsigned char *p; /* its head: HEAD_BYTES, zeros beyond the end */
	int64_t at;
	bool *open; /* true: another part must follow */
};

struct walk {
	int fd;
	int64_t size;
	int64_t window_at;
	int64_t window_n;
	unsigned char window[WINDOW_BYTES + HEAD_BYTES];
};

/* Each gives the bytes of a part, 0 when it is none or goes on to the end. */
typedef int64_t part_bytes(const struct part *t);

static uint64_t
big(const unsigned char *p, int n)
{
	uint64_t x = 0;

	for (int i = 0; i < n; i++)
		x = x << 8 | p[i];
	return x;
}

static uint64_t
little(const unsigned char *p, int n)
{
	uint64_t x = 0;

	while (n-- > 0)
		x = x << 8 | p[n];
	return x;
}

/* A size that fits into no file says nothing. */
static int64_t
sane(uint64_t size)
{
	return size > INT64_MAX / 4 ? 0 : (int64_t)size;
}

/* ISO/IEC 14496-12, 4.2: size 1 has 64 bits behind the name, 0 is the rest. */
static int64_t
mov_box(const struct part *t)
{
	uint64_t size = big(t->p, 4);

	if (size == 1)
		return sane(big(t->p + 8, 8));
	return size < 8 ? 0 : (int64_t)size;
}

/* A RIFF of unknown size was written to a pipe. */
static int64_t
avi_chunk(const struct part *t)
{
	uint64_t size = little(t->p + 4, 4);

	if (memcmp(t->p, "RIFF", 4) != 0 || size == 0 || size == UINT32_MAX)
		return 0;
	return (int64_t)(8 + size + (size & 1));
}

static int64_t
aiff_form(const struct part *t)
{
	return memcmp(t->p, "FORM", 4) == 0 ? 8 + (int64_t)big(t->p + 4, 4) : 0;
}

/* Eight bytes of head, then chunks: a name and 64 bits. */
static int64_t
caf_chunk(const struct part *t)
{
	uint64_t size;

	if (t->at == 0)
		return 8;
	size = big(t->p + 4, 8);
	return sane(size) == 0 ? 0 : 12 + sane(size);
}

/* A GUID of 16 bytes and a size. */
static int64_t
asf_object(const struct part *t)
{
	int64_t size = sane(little(t->p + 16, 8));

	return size < 24 ? 0 : size;
}

/* RFC 8794, 4: the zeros before the first bit tell how many bytes a number
 * has. -1 when all bits of its value are set: unknown. */
static int64_t
ebml_number(const unsigned char *p, int *ret_bytes)
{
	int n = p[0] == 0 ? 8 : __builtin_clz((unsigned)p[0]) - 24 + 1;
	uint64_t mask = (UINT64_C(1) << (7 * n)) - 1;
	uint64_t x = big(p, n) & mask;

	*ret_bytes = n;
	return x == mask ? -1 : (int64_t)x;
}

static int64_t
ebml_element(const struct part *t)
{
	int64_t size;
	int id, n;

	if (t->p[0] < 0x10)
		return 0; /* ids have four bytes at most */
	ebml_number(t->p, &id);
	size = ebml_number(t->p + id, &n);
	return size < 0 ? 0 : sane((uint64_t)(id + n + size));
}

/* ISO/IEC 13818-7, 6.2: twelve bits of sync, a length of thirteen. */
static int64_t
adts_frame(const struct part *t)
{
	if (t->p[0] != 0xff || (t->p[1] & 0xf6) != 0xf0)
		return 0;
	return (t->p[3] & 3) << 11 | t->p[4] << 3 | t->p[5] >> 5;
}

/* RFC 4867, 5.3: a byte with the frame's kind before each. */
static int64_t
amr_frame(const struct part *t)
{
	static const char nb[16] = { 12, 13, 15, 17, 19, 20, 26, 31, 5 };

	if (t->at == 0)
		return memcmp(t->p, "#!AMR\n", 6) == 0 ? 6 : 0;
	return 1 + nb[t->p[0] >> 3 & 15];
}

static int64_t
amr_wide_frame(const struct part *t)
{
	static const char wb[16] = { 17, 23, 32, 36, 40, 46, 50, 58, 60, 5 };

	if (t->at == 0)
		return memcmp(t->p, "#!AMR-WB\n", 9) == 0 ? 9 : 0;
	return 1 + wb[t->p[0] >> 3 & 15];
}

/* RFC 3533, 6: the lengths of its pieces stand in its head, and the last page
 * of a stream has a mark. */
static int64_t
ogg_page(const struct part *t)
{
	int64_t bytes = 27 + t->p[26];

	if (memcmp(t->p, "OggS", 4) != 0)
		return 0;
	for (int i = 0; i < t->p[26]; i++)
		bytes += t->p[27 + i];
	*t->open = (t->p[5] & 4) == 0;
	return bytes;
}

/* The head of the part at `at`, or NULL when reading fails. */
static const unsigned char *
look(struct walk *w, int64_t at)
{
	int64_t end = w->window_at + w->window_n;

	if (at < w->window_at || at >= end ||
	    (at + HEAD_BYTES > end && end < w->size)) {
		ssize_t n;

		do {
			n = pread(w->fd, w->window, WINDOW_BYTES, at);
		} while (n < 0 && errno == EINTR);
		if (n <= 0)
			return NULL;
		memset(w->window + n, 0, HEAD_BYTES);
		w->window_at = at;
		w->window_n = n;
	}
	return w->window + (at - w->window_at);
}

static bool
walk_to_end(struct walk *w, part_bytes *bytes)
{
	bool open = false;
	int64_t at = 0;

	for (int i = 0; i < PARTS_MAX && at < w->size; i++) {
		struct part t = { look(w, at), at, &open };
		int64_t n = t.p == NULL ? 0 : bytes(&t);

		if (n <= 0)
			return open;
		at += n;
	}
	return at > w->size || open;
}

bool
whole_is_cut(int fd, const char *demuxer)
{
	static const struct {
		const char *demuxer;
		part_bytes *bytes;
	} kinds[] = { { "aac", adts_frame }, { "aiff", aiff_form },
		{ "amr", amr_frame }, { "amr", amr_wide_frame },
		{ "asf", asf_object }, { "avi", avi_chunk },
		{ "caf", caf_chunk }, { "matroska", ebml_element },
		{ "mov", mov_box }, { "ogg", ogg_page } };
	static struct walk w;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].demuxer, demuxer) != 0)
			continue;
		w = (struct walk){ .fd = fd, .size = st.st_size };
		if (walk_to_end(&w, kinds[i].bytes))
			return true;
	}
	return false;
}
