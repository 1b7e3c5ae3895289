/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/disk.h"
#include "base/hash.h"
#include "evidence/signer.h"

#define HEAD "loaxa-key-1 "
#define HEAD_N (sizeof(HEAD) - 1)
#define SEED_TEXT (BASE64_TEXT(NOTE_KEY) - 1)
#define FILE_N (HEAD_N + SEED_TEXT + 1) /* with its LF */
#define NAME_BYTES 64 /* of a key's file */

void
signer_wipe(unsigned char seed[static NOTE_KEY])
{
	sodium_memzero(seed, NOTE_KEY);
}

static int
parse(const char *text, size_t n, unsigned char ret_seed[static NOTE_KEY])
{
	size_t got;

	if (n != FILE_N || memcmp(text, HEAD, HEAD_N) != 0 ||
	    text[n - 1] != '\n' ||
	    base64_bytes(text + HEAD_N, SEED_TEXT, ret_seed, NOTE_KEY, &got) <
		0 ||
	    got != NOTE_KEY)
		return -EBADMSG;
	return 0;
}

static int
read_seed(int folder, const char *file, unsigned char ret_seed[static NOTE_KEY])
{
	char text[FILE_N + 1];
	struct stat st;
	ssize_t n;
	int fd = openat(
	    folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int r = 0;

	if (fd < 0)
		return -errno;
	/* Whoever could read it may have: it is closed to them from now on. */
	if (fstat(fd, &st) < 0 ||
	    ((st.st_mode & 077) != 0 && fchmod(fd, 0600) < 0))
		r = -errno;
	n = r == 0 ? read(fd, text, sizeof(text)) : 0;
	if (n < 0)
		r = -errno;
	if (r == 0)
		r = parse(text, (size_t)n, ret_seed);
	sodium_memzero(text, sizeof(text));
	close(fd);
	return r;
}

static int
write_new(int folder, const char *name, const char text[static FILE_N])
{
	int fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	disk_own(fd, folder);
	r = disk_write(fd, text, FILE_N);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int
make_seed(int folder, const char *file, int (*draw)(void *bytes, size_t n),
    unsigned char ret_seed[static NOTE_KEY])
{
	char text[FILE_N + 1] = HEAD;
	char new[NAME_BYTES];
	int r = draw(ret_seed, NOTE_KEY);

	if (r < 0)
		return r;
	base64_text(ret_seed, NOTE_KEY, text + HEAD_N);
	text[FILE_N - 1] = '\n';
	snprintf(new, sizeof(new), "%s.new", file);
	r = write_new(folder, new, text);
	sodium_memzero(text, sizeof(text));
	if (r == 0 && renameat(folder, new, folder, file) < 0)
		r = -errno;
	/* A key that a power cut may take back signs nothing. */
	if (r == 0 && fsync(folder) < 0)
		r = -errno;
	return r;
}

int
signer_open_file(const char *folder, const char *file,
    int (*draw)(void *bytes, size_t n), unsigned char ret_seed[static NOTE_KEY])
{
	int fd;
	int r;

	if (mkdir(folder, 0700) == 0)
		disk_own_path(-1, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = read_seed(fd, file, ret_seed);
	if (r == -ENOENT)
		r = make_seed(fd, file, draw, ret_seed);
	close(fd);
	return r;
}

int
signer_open(const char *folder, int (*draw)(void *bytes, size_t n),
    unsigned char ret_seed[static NOTE_KEY])
{
	return signer_open_file(folder, SIGNER_FILE, draw, ret_seed);
}

void
signer_hex(
    const unsigned char key[static NOTE_KEY], char ret_hex[static SIGNER_HEX])
{
	char hex[HASH_HEX];

	hash_bytes(key, NOTE_KEY, hex);
	snprintf(ret_hex, SIGNER_HEX, "%.16s", hex);
}

/* Of the seed's public key. */
static int
seed_hex(
    const unsigned char seed[static NOTE_KEY], char ret_hex[static SIGNER_HEX])
{
	struct note_signer s;
	int r = note_signer("x", NOTE_ED25519, seed, &s);

	if (r == 0)
		signer_hex(s.key.key, ret_hex);
	note_forget(&s);
	return r;
}

int
signer_origin(const unsigned char seed[static NOTE_KEY], int64_t n,
    char ret_origin[static NOTE_NAME])
{
	char hex[SIGNER_HEX];
	int r = seed_hex(seed, hex);

	if (r == 0)
		snprintf(
		    ret_origin, NOTE_NAME, "loaxa/%s/log/v%" PRId64, hex, n);
	return r;
}

int
signer_collector(
    const unsigned char seed[static NOTE_KEY], char ret_name[static NOTE_NAME])
{
	char hex[SIGNER_HEX];
	int r = seed_hex(seed, hex);

	if (r == 0)
		snprintf(ret_name, NOTE_NAME, "loaxa/%s/collect", hex);
	return r;
}

int64_t
signer_number(const char *origin)
{
	int64_t n;
	int end = 0;

	if (sscanf(origin, "loaxa/%*16[0-9a-f]/log/v%" SCNd64 "%n", &n, &end) !=
		1 ||
	    origin[end] != '\0' || n < 1)
		return 0;
	return n;
}

int64_t
signer_number_of(const unsigned char key[static NOTE_KEY], const char *origin)
{
	char is[NOTE_NAME];
	char hex[SIGNER_HEX];
	int64_t n = signer_number(origin);

	signer_hex(key, hex);
	snprintf(is, sizeof(is), "loaxa/%s/log/v%" PRId64, hex, n);
	return strcmp(is, origin) == 0 ? n : 0;
}
