/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_tamper - a signed log tampered with, again and again, and `loaxa verify`
 * asked each time, for chaos_tamper.sh.
 *
 *	tool_tamper FOLDER OTHER KIND TIMES SEED STEP
 *
 * FOLDER holds log/ and tree/ of a station, all of it signed, and a proof of
 * one airing, `proof`; OTHER is a file of another station's log. KIND is a row
 * of kinds[] below. The seeds are SEED, SEED + STEP ...: one seed is one thing
 * done, and what was done is taken back. For the kinds that turn a bit, the
 * seed is the bit. The program asked is the `loaxa` of the PATH.
 *
 * Each time it must end with 65 and name the first record that is not as it
 * was signed, with a finding of its own and a file; where no record is broken,
 * the file (and line) that is. Prints how many were tried and how many went
 * wrong, and each wrong one with its seed on standard error. `bits` as a kind
 * prints how many there are in the checkpoint and in the proof.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/dice.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FILES_MAX 16
#define LINES_MAX 20000
#define LINE_MAX_BYTES 65536
#define CHECKPOINT "tree/v1/checkpoint"
#define PROOF "proof"

struct bytes {
	char *p; /* a NUL behind it */
	size_t n;
};

struct file { /* of the log */
	char path[4096];
	struct bytes is;
	int first; /* its first line's number in the whole log */
	int end;
};

struct line { /* without its line feed; borrowed from its file */
	const char *p;
	size_t n;
};

/* What has to be named. */
struct wanted {
	int64_t record; /* -1: none is broken */
	const char *file; /* NULL: whichever */
	int line; /* 0: none */
};

static const char *folder;
static struct file files[FILES_MAX];
static int n_files;
static struct line lines[LINES_MAX];
static int n_lines;
static struct bytes other_log;
static struct line other[LINES_MAX];
static int n_other;
static struct dice dice;

static void
die(const char *what)
{
	fprintf(stderr, "tool_tamper: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Files -------------------------------------------------------------------- */

static struct bytes
slurp(const char *path)
{
	struct bytes b = { NULL, 0 };
	FILE *f = fopen(path, "rb");
	size_t got;

	if (f == NULL)
		die(path);
	do {
		b.p = realloc(b.p, b.n + (1 << 20) + 1);
		if (b.p == NULL)
			die(path);
		got = fread(b.p + b.n, 1, 1 << 20, f);
		b.n += got;
	} while (got > 0);
	fclose(f);
	b.p[b.n] = '\0';
	return b;
}

static void
put(const char *path, const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd) < 0)
		die(path);
}

static int
split(struct bytes b, struct line *to, int room)
{
	int n = 0;

	for (const char *p = b.p, *lf; p < b.p + b.n; p = lf + 1) {
		lf = strchr(p, '\n');
		if (lf == NULL || n == room)
			die("a log that does not end, or is too long");
		to[n++] = (struct line){ p, (size_t)(lf - p) };
	}
	return n;
}

static int
is_log(const struct dirent *e)
{
	return strncmp(e->d_name, "airing-", 7) == 0;
}

static void
read_log(void)
{
	char path[2048];
	struct dirent **names;
	int n;

	snprintf(path, sizeof(path), "%s/log", folder);
	n = scandir(path, &names, is_log, alphasort);
	if (n < 1 || n > FILES_MAX)
		die(path);
	for (int i = 0; i < n; i++) {
		struct file *f = &files[n_files++];

		snprintf(
		    f->path, sizeof(f->path), "%s/%s", path, names[i]->d_name);
		f->is = slurp(f->path);
		f->first = n_lines;
		n_lines += split(f->is, lines + n_lines, LINES_MAX - n_lines);
		f->end = n_lines;
		free(names[i]);
	}
	free(names);
}

static void
restore(void)
{
	for (int i = 0; i < n_files; i++)
		put(files[i].path, files[i].is.p, files[i].is.n);
}

/* The log with these lines; one that is NULL is left out. */
static void
write_lines(const struct line *as)
{
	for (int i = 0; i < n_files; i++) {
		const struct file *f = &files[i];
		FILE *to = fopen(f->path, "wb");

		for (int j = f->first; to != NULL && j < f->end; j++)
			if (as[j].p != NULL)
				fprintf(to, "%.*s\n", (int)as[j].n, as[j].p);
		if (to == NULL || fclose(to) != 0)
			die(f->path);
	}
}

static struct file *
file_of(int line)
{
	for (int i = 0; i < n_files; i++)
		if (line < files[i].end)
			return &files[i];
	return NULL;
}

static struct file *
any_file(void)
{
	return &files[dice_pick(&dice, n_files)];
}

/* The line, counted over all files, that the byte is of; its line feed is, too. */
static int
line_at(const struct file *f, size_t at)
{
	int line = f->first;

	for (size_t i = 0; i < at; i++)
		line += f->is.p[i] == '\n';
	return line;
}

/* What is done ------------------------------------------------------------- */

static struct wanted
record_is_wanted(int line)
{
	return (struct wanted){ .record = line };
}

/* One to three bits of the log, wherever they fall: the first counts. */
static struct wanted
change(void)
{
	struct bytes is[FILES_MAX];
	int n = 1 + (int)dice_pick(&dice, 3);
	int first = n_lines;

	for (int i = 0; i < n_files; i++) {
		is[i] = (struct bytes){ malloc(files[i].is.n), files[i].is.n };
		if (is[i].p == NULL)
			die(files[i].path);
		memcpy(is[i].p, files[i].is.p, is[i].n);
	}
	while (n-- > 0) {
		int i = (int)dice_pick(&dice, n_files);
		size_t at = (size_t)dice_pick(&dice, (int64_t)is[i].n);

		/* Never what was turned before: that would turn it back. */
		if (is[i].p[at] != files[i].is.p[at])
			continue;
		is[i].p[at] = (char)(is[i].p[at] ^ 1 << dice_pick(&dice, 8));
		if (line_at(&files[i], at) < first)
			first = line_at(&files[i], at);
	}
	for (int i = 0; i < n_files; i++) {
		put(files[i].path, is[i].p, is[i].n);
		free(is[i].p);
	}
	return record_is_wanted(first);
}

/* One to three records, beside each other or apart. */
static struct wanted
drop(void)
{
	static struct line left[LINES_MAX];
	int n = 1 + (int)dice_pick(&dice, 3);
	int first = n_lines;
	int i = 0;

	memcpy(left, lines, sizeof(left));
	while (n-- > 0) {
		int any = (int)dice_pick(&dice, n_lines);

		i = i + 1 == n_lines || dice_pick(&dice, 2) == 0 ? any : i + 1;
		left[i].p = NULL;
		first = i < first ? i : first;
	}
	write_lines(left);
	return record_is_wanted(first);
}

/* Neighbours every second time. */
static struct wanted
swap(void)
{
	static struct line as[LINES_MAX];
	int i = (int)dice_pick(&dice, n_lines - 1);
	int far = (int)dice_pick(&dice, n_lines - 1 - i);
	int j = i + 1 + (dice_pick(&dice, 2) == 0 ? 0 : far);

	memcpy(as, lines, sizeof(as));
	as[i] = lines[j];
	as[j] = lines[i];
	write_lines(as);
	return record_is_wanted(i);
}

/* A file ends somewhere, in a line or behind one. */
static struct wanted
truncate_file(void)
{
	struct file *f = any_file();
	size_t at = (size_t)dice_pick(&dice, (int64_t)f->is.n);

	put(f->path, f->is.p, at);
	return record_is_wanted(line_at(f, at));
}

/* The line's n-th date, YYYY-MM-DD; or NULL. */
static char *
find_date(char *text, int n)
{
	for (char *p = text; (p = strstr(p, "20")) != NULL; p++) {
		int len = 0, month, day;

		if (sscanf(p, "20%*2d-%2d-%2d%n", &month, &day, &len) == 2 &&
		    len == 10 && n-- == 0)
			return p;
	}
	return NULL;
}

/* Another day of the month, everywhere in the line: a forger takes care. */
static void
redate_line(char *text)
{
	char was[11], is[11];
	int dates = 0;
	char *p;

	while (find_date(text, dates) != NULL)
		dates++;
	if (dates == 0)
		die("a record without a date");
	p = find_date(text, (int)dice_pick(&dice, dates));
	snprintf(was, sizeof(was), "%s", p);
	do
		snprintf(is, sizeof(is), "%.8s%02d", was,
		    1 + (int)dice_pick(&dice, 28));
	while (strcmp(is, was) == 0);
	while ((p = strstr(text, was)) != NULL)
		memcpy(p, is, 10);
}

static struct wanted
replaced_by(int line, const char *text)
{
	static struct line as[LINES_MAX];

	memcpy(as, lines, sizeof(as));
	as[line] = (struct line){ text, strlen(text) };
	write_lines(as);
	return record_is_wanted(line);
}

static struct wanted
redate(void)
{
	static char text[LINE_MAX_BYTES];
	int line = (int)dice_pick(&dice, n_lines);

	snprintf(text, sizeof(text), "%.*s", (int)lines[line].n, lines[line].p);
	redate_line(text);
	return replaced_by(line, text);
}

/* A line of the other station's: as it is; or with the number that is due, so
 * that nothing but the signature tells. */
static const char *
foreign_line(int line, bool dressed)
{
	static char text[LINE_MAX_BYTES];
	const struct line *l = &other[dice_pick(&dice, n_other)];
	json_t *r;

	snprintf(text, sizeof(text), "%.*s", (int)l->n, l->p);
	if (!dressed)
		return text;
	r = json_loads(text, 0, NULL);
	if (r == NULL)
		die("the other station's log");
	json_object_set_new(r, "seq", json_integer(line));
	text[json_dumpb(r, text, sizeof(text) - 1, JSON_COMPACT)] = '\0';
	json_decref(r);
	return text;
}

static struct wanted
cross(void)
{
	int line = (int)dice_pick(&dice, n_lines);

	return replaced_by(line, foreign_line(line, dice_pick(&dice, 2) == 0));
}

/* One more line, of the other station's: no record of ours is broken. */
static struct wanted
put_in(void)
{
	static char text[2 * LINE_MAX_BYTES];
	int line = (int)dice_pick(&dice, n_lines);
	const struct file *f = file_of(line);

	snprintf(text, sizeof(text), "%s\n%.*s",
	    foreign_line(line, dice_pick(&dice, 2) == 0), (int)lines[line].n,
	    lines[line].p);
	replaced_by(line, text);
	return (struct wanted){ -1, strrchr(f->path, '/') + 1,
		line - f->first + 1 };
}

static void
turn_bit(const char *name, uint64_t bit)
{
	char path[2048];
	struct bytes b;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	b = slurp(path);
	bit %= b.n * 8;
	b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
	put(path, b.p, b.n);
	free(b.p);
}

/* Kinds -------------------------------------------------------------------- */

static const struct kind {
	const char *word;
	struct wanted (*tamper)(void);
	const char *bits_of; /* instead: the seed is the bit */
} kinds[] = {
	{ "changed", change, NULL },
	{ "dropped", drop, NULL },
	{ "swapped", swap, NULL },
	{ "truncated", truncate_file, NULL },
	{ "redated", redate, NULL },
	{ "cross", cross, NULL },
	{ "put-in", put_in, NULL },
	{ "checkpoint", NULL, CHECKPOINT },
	{ "proof", NULL, PROOF },
};

/* What the program says: its answer as JSON, NULL for none, and its exit code. */
static json_t *
ask(const struct kind *k, int *ret_code)
{
	bool proof =
	    k != NULL && k->bits_of != NULL && strcmp(k->bits_of, PROOF) == 0;
	char command[8192];
	json_t *said;
	FILE *from;
	int status;

	snprintf(command, sizeof(command),
	    proof
		? "exec loaxa verify --json --key '%s/tree/v1/vkey' '%s/" PROOF
		  "'"
		: "exec loaxa verify --json '%s'",
	    folder, folder);
	from = popen(command, "r");
	if (from == NULL)
		die(command);
	said = json_loadf(from, 0, NULL);
	status = pclose(from);
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return said;
}

static int64_t
number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static bool
is_told(const struct wanted *w, const json_t *finding)
{
	const char *file = json_string_value(json_object_get(finding, "file"));

	return file != NULL && file[0] != '\0' &&
	       number(finding, "record") == w->record &&
	       (w->file == NULL || strcmp(w->file, file) == 0) &&
	       (w->line == 0 || number(finding, "line") == w->line);
}

/* Is it named? */
static bool
is_named(const struct kind *k, const struct wanted *w, const json_t *said)
{
	const json_t *finding;
	size_t i;

	if (w->record < 0 && w->file == NULL && k->bits_of != NULL)
		return json_is_false(json_object_get(said, "holds"));
	if (number(said, "first") != w->record)
		return false;
	json_array_foreach(json_object_get(said, "findings"), i,
	    finding) if (is_told(w, finding)) return true;
	return false;
}

static struct wanted
tamper(const struct kind *k, uint64_t seed)
{
	struct wanted w = { .record = -1 };

	dice_init(&dice, seed);
	if (k->tamper != NULL)
		return k->tamper();
	turn_bit(k->bits_of, seed);
	if (strcmp(k->bits_of, CHECKPOINT) == 0)
		w.file = strstr(CHECKPOINT, "v1/");
	return w;
}

static void
take_back(const struct kind *k, uint64_t seed)
{
	if (k->tamper != NULL)
		restore();
	else
		turn_bit(k->bits_of, seed);
}

/* 1 when it was not named. */
static int
once(const struct kind *k, uint64_t seed)
{
	struct wanted w = tamper(k, seed);
	int code;
	json_t *said = ask(k, &code);
	bool good = code == 65 && is_named(k, &w, said);
	char *text = json_dumps(said, JSON_COMPACT);

	if (!good)
		fprintf(stderr,
		    "%s, seed %" PRIu64 ": wanted record %" PRId64
		    " %s:%d, exit code %d: %.600s\n",
		    k->word, seed, w.record, w.file == NULL ? "" : w.file,
		    w.line, code, text == NULL ? "no answer" : text);
	free(text);
	json_decref(said);
	take_back(k, seed);
	return !good;
}

/* Before and after: it must not cry over what nobody touched. */
static void
expect_whole(void)
{
	int code;
	json_t *said = ask(NULL, &code);

	if (code != 0 || number(said, "unchanged") != n_lines) {
		fprintf(stderr, "what nobody touched is said to be broken, "
				"or not all of it is signed\n");
		exit(1);
	}
	json_decref(said);
	said = ask(&kinds[COUNT(kinds) - 1], &code);
	if (code != 0 || !json_is_true(json_object_get(said, "holds"))) {
		fprintf(stderr, "the proof as it was made does not hold\n");
		exit(1);
	}
	json_decref(said);
}

static int
print_bits(void)
{
	char path[2048];

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].bits_of != NULL) {
			struct bytes b;

			snprintf(path, sizeof(path), "%s/%s", folder,
			    kinds[i].bits_of);
			b = slurp(path);
			printf("%s %zu\n", kinds[i].word, b.n * 8);
			free(b.p);
		}
	return 0;
}

static const struct kind *
kind_of(const char *word)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	errno = EINVAL;
	die(word);
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct kind *k;
	uint64_t seed, step;
	int times, wrong = 0;

	if (argc == 4 && strcmp(argv[3], "bits") == 0) {
		folder = argv[1];
		return print_bits();
	}
	if (argc != 7) {
		fprintf(stderr, "usage: tool_tamper FOLDER OTHER KIND TIMES "
				"SEED STEP\n");
		return 2;
	}
	folder = argv[1];
	k = kind_of(argv[3]);
	times = atoi(argv[4]);
	seed = strtoull(argv[5], NULL, 10);
	step = strtoull(argv[6], NULL, 10);
	read_log();
	other_log = slurp(argv[2]);
	n_other = split(other_log, other, LINES_MAX);
	expect_whole();
	for (int i = 0; i < times; i++)
		wrong += once(k, seed + (uint64_t)i * step);
	expect_whole();
	printf("%d %d\n", times, wrong);
	return wrong > 0;
}
