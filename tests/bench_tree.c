/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_tree FOLDER RECORDS - the log's tree against its bars, on a log of so
 * many records of 300 bytes, made in FOLDER, which has to be there. Prints a
 * line for each figure: its name and the number.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/trees.h"
#include "evidence/verify.h"

#define LINE 300
#define TEN_MILLION INT64_C(10000000)

static void
die(const char *what)
{
	fprintf(stderr, "bench_tree: %s\n", what);
	exit(1);
}

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
draw(void *bytes, size_t n)
{
	memset(bytes, 1, n);
	return 0;
}

/* A record of exactly that many bytes, without its line feed; packed it is no
 * smaller than a true one: every one has a hash of its own. */
static void
make_line(int64_t seq, char line[static LINE + 1])
{
	static const char rest[] =
	    "\",\"status\":\"aired\",\"reason\":\"\",\"actual_ms\":30000,"
	    "\"wall_ms\":30000,\"late_ms\":0,\"frames_sent\":1440000,"
	    "\"gain_db\":0.0,\"lufs\":null,\"x\":\"..........................."
	    ".";
	char sha256[HASH_HEX];
	int n;

	hash_bytes(&seq, sizeof(seq), sha256);
	n = snprintf(line, LINE + 1,
	    "{\"v\":1,\"kind\":\"end\",\"seq\":%" PRId64
	    ",\"station\":\"que-minh\",\"airing_id\":\"que-minh/%" PRId64
	    "\",\"sha256\":\"%s",
	    seq, seq, sha256);
	snprintf(
	    line + n, (size_t)(LINE + 1 - n), "%.*s\"}", LINE - 2 - n, rest);
}

static void
write_log(const char *folder, int64_t records)
{
	char path[4096];
	char line[LINE + 1];
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", folder);
	mkdir(path, 0750);
	strcat(path, "/airing-2026-11.jsonl");
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	for (int64_t i = 0; i < records; i++) {
		make_line(i, line);
		fprintf(f, "%s\n", line);
	}
	if (fclose(f) != 0)
		die(path);
}

/* Signs it, and says how long a record takes once the tree is large. */
static void
bench_seal(
    const char *trees, const char *keys, struct disk *log, int64_t records)
{
	struct seal_setup setup = { trees, keys, draw, true };
	struct seal *s;
	json_t *epoch;
	double from = cpu_s();

	if (seal_open(&setup, &s) < 0 ||
	    seal_meet(s, log, records, &epoch) != 0 || seal_publish(s) < 0)
		die("the log could not be signed");
	seal_close(s);
	printf("sealed_per_s %.0f\n", (double)records / (cpu_s() - from));
}

static void
bench_verify(const char *trees, struct disk *log, int64_t records)
{
	struct verify_setup up = { .log = log, .trees = trees };
	struct verify v;
	double best = 0;

	for (int i = 0; i < 5; i++) {
		double from = cpu_s();
		double speed;

		if (verify_station(&up, &v) < 0 || v.findings > 0 ||
		    v.sealed != records)
			die("the log is not as it was signed");
		speed = (double)records / (cpu_s() - from);
		best = speed > best ? speed : best;
	}
	printf("verified_per_s %.0f\n", best);
}

static void
bench_prove(const char *trees, int64_t records)
{
	double from = cpu_s();
	struct proof *p;
	char *text;
	size_t bare;
	size_t n;
	char *entry;

	for (int i = 0; i < 100; i++) {
		if (trees_prove(trees, records * i / 100, &p) < 0)
			die("a record has no proof");
		proof_free(p);
	}
	printf("prove_ms %.3f\n", (cpu_s() - from) * 1000 / 100);
	trees_prove(trees, records / 3, &p);
	proof_text(p, &text, &n);
	free(text);
	entry = p->entry;
	p->entry = NULL;
	proof_text(p, &text, &bare);
	free(text);
	p->entry = entry;
	proof_free(p);
	printf("proof_bytes %zu\nproof_with_record_bytes %zu\n", bare, n);
}

/* A tree of ten million, whose hashes nobody looks at. */
static void
bench_append(void)
{
	static struct merkle t = { .size = TEN_MILLION };
	struct merkle_hash root;
	char line[LINE + 1];
	double from;

	make_line(TEN_MILLION, line);
	from = cpu_s();
	for (int i = 0; i < 100000; i++) {
		struct merkle_hash leaf;

		merkle_leaf(line, LINE, &leaf);
		merkle_add(&t, &leaf, NULL, NULL);
		merkle_root(&t, &root);
	}
	printf("append_us %.2f\n", (cpu_s() - from) * 1e6 / 100000);
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What an append waits for anyway. */
static void
bench_sync(const char *folder)
{
	char path[4096];
	char line[LINE + 1];
	int64_t us[51];
	int fd;

	snprintf(path, sizeof(path), "%s/bare", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		die(path);
	make_line(0, line);
	for (int i = 0; i < 51; i++) {
		int64_t from = clock_read().boot_us;

		if (write(fd, line, LINE) != LINE || fdatasync(fd) < 0)
			die(path);
		us[i] = clock_read().boot_us - from;
	}
	close(fd);
	qsort(us, 51, sizeof(us[0]), by_size);
	printf("fdatasync_us %" PRId64 "\n", us[25]);
}

int
main(int argc, char **argv)
{
	char trees[4096], keys[4096], log[4096];
	struct disk *disk;
	int64_t records;

	if (argc != 3)
		die("usage: bench_tree FOLDER RECORDS");
	records = atoll(argv[2]);
	snprintf(trees, sizeof(trees), "%s/tree", argv[1]);
	snprintf(keys, sizeof(keys), "%s/key", argv[1]);
	snprintf(log, sizeof(log), "%s/log", argv[1]);
	write_log(argv[1], records);
	if (disk_open(log, &disk) < 0)
		die(log);
	bench_append();
	bench_sync(argv[1]);
	bench_seal(trees, keys, disk, records);
	bench_verify(trees, disk, records);
	bench_prove(trees, records);
	disk_close(disk);
	return 0;
}
