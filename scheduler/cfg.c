/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unistr.h>

#include "base/civil.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/cfg.h"

/* How each kind of value is written, for the remedy. */
#define AS_TEXT "\"…\""
#define AS_ID "\"ttdn-t5\""
#define AS_TIME "\"17:00:00\""
#define AS_DATE "\"2026-11-26\""
#define AS_DAYS "\"T2-T7\""
#define AS_TEXTS "[ \"…\", \"…\" ]"
#define AS_GROUP "{ … }"
#define AS_GROUPS "( { … }, { … } )"

#define NESTING_MAX 32 /* brackets; a schedule needs five */

struct cfg {
	config_t tree;
	struct problems *ps;
	char *name;
	char sha256[HASH_HEX];
	bool no_memory;
};

#ifdef __SANITIZE_ADDRESS__
/* libconfig 1.5 forgets the text it was reading when it meets a syntax error:
 * some 64 bytes for each file refused. Not ours to free. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\n";
}
#endif

/* The pass over the bytes: a reader of libconfig's words, no more. */
struct pass {
	char *text; /* our copy, NUL at its end; may be mended */
	size_t n;
	size_t at;
	int line;
	struct problems *ps;
	const char *name;
	char *comma; /* the last token, when it was a comma */
	int comma_line;
	size_t text_end; /* behind the last token, when it was a text; or 0 */
	char inside[NESTING_MAX]; /* the brackets that are open... */
	size_t depth; /* ...and how many; more than fit are counted only */
	int long_from; /* last text of several lines: its first... */
	int long_to; /* ...and last line; 0: none */
	int curly_line; /* first curly quote outside a text, or 0 */
	bool hopeless; /* libconfig need not be asked */
};

static int
read_whole(int fd, size_t max, char **ret_bytes, size_t *ret_n)
{
	char *bytes = malloc(max + 1);
	size_t n = 0;
	ssize_t got;

	if (bytes == NULL)
		return -ENOMEM;
	while (n < max) {
		got = read(fd, bytes + n, max - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(bytes);
			return -errno;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_bytes = bytes;
	*ret_n = n;
	return 0;
}

static int
open_regular(const char *path, size_t max, size_t *ret_size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		r = -ENODEV;
	else if (st.st_size > (off_t)max)
		r = -EFBIG;
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_size = (size_t)st.st_size;
	return fd;
}

static int
refuse_file(const char *name, size_t max, int r, struct problems *ps)
{
	switch (r) {
	case -EFBIG:
		problem_add(ps, name, 0,
		    _("the file is larger than %zu kB; is it the right one?"),
		    max / 1024);
		return -EINVAL;
	case -EISDIR:
	case -ENODEV:
		problem_add(
		    ps, name, 0, _("this is not a file; put a text file here"));
		return -EINVAL;
	case -ENOENT:
		problem_add(ps, name, 0,
		    _("there is no such file; make it, or correct its name"));
		return r;
	default:
		problem_add(ps, name, 0, _("the file cannot be read: %s"),
		    strerror(-r));
		return r;
	}
}

int
cfg_open(const char *path, const char *name, size_t bytes_max,
    struct problems *ps, struct cfg **ret_cfg)
{
	char *bytes = NULL;
	size_t size = 0;
	size_t n = 0;
	int fd;
	int r;

	fd = open_regular(path, bytes_max, &size);
	if (fd < 0)
		return refuse_file(name, bytes_max, fd, ps);
	/* One byte more than it was: a file that grows meanwhile is seen. */
	r = read_whole(fd, size + 1, &bytes, &n);
	close(fd);
	if (r == 0 && n > bytes_max)
		r = -EFBIG;
	if (r == 0)
		r = cfg_parse(bytes, n, name, ps, ret_cfg);
	else if (r != -ENOMEM)
		r = refuse_file(name, bytes_max, r, ps);
	free(bytes);
	return r;
}

/* Line ends become one LF each, a NUL a space; the BOM goes. */
static void
clean_ends(struct pass *p, const char *bytes, size_t n)
{
	size_t i = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	int line = 1;
	int nul_line = 0;

	for (; i < n; i++) {
		char c = bytes[i];

		if (c == '\r' && i + 1 < n && bytes[i + 1] == '\n')
			continue;
		if (c == '\r')
			c = '\n';
		if (c == '\0' && line != nul_line) {
			problem_add(p->ps, p->name, line,
			    _("a NUL byte; remove it, or save the file as "
			      "plain text again"));
			nul_line = line;
		}
		line += c == '\n';
		p->text[p->n++] = c == '\0' ? ' ' : c;
	}
	p->text[p->n] = '\0';
}

static int
line_of(const struct pass *p, const char *at)
{
	int line = 1;

	for (const char *s = p->text; s < at; s++)
		line += *s == '\n';
	return line;
}

static void
check_utf8(struct pass *p)
{
	const uint8_t *bad = u8_check((const uint8_t *)p->text, p->n);

	if (bad == NULL)
		return;
	problem_add(p->ps, p->name, line_of(p, (const char *)bad),
	    _("this is not UTF-8 text; save the file with the encoding UTF-8"));
	p->hopeless = true;
}

static char
peek(const struct pass *p, size_t ahead)
{
	return p->at + ahead < p->n ? p->text[p->at + ahead] : '\0';
}

static void
step(struct pass *p)
{
	p->line += p->text[p->at] == '\n';
	p->at++;
}

static void
pass_line_comment(struct pass *p)
{
	while (p->at < p->n && p->text[p->at] != '\n')
		p->at++;
}

static void
pass_comment(struct pass *p)
{
	int from = p->line;

	for (p->at += 2; p->at < p->n; step(p)) {
		if (peek(p, 0) != '*' || peek(p, 1) != '/')
			continue;
		p->at += 2;
		return;
	}
	problem_add(p->ps, p->name, from,
	    _("the comment that begins here never ends; close it with */"));
}

/* \x00 would vanish inside libconfig. */
static void
pass_escape(struct pass *p)
{
	p->at++;
	if ((peek(p, 0) == 'x' || peek(p, 0) == 'X') && peek(p, 1) == '0' &&
	    peek(p, 2) == '0')
		problem_add(p->ps, p->name, p->line,
		    _("\\x00 is a NUL byte; remove it"));
	if (p->at < p->n)
		step(p);
}

/* libconfig makes one text of two with nothing between. In a list that is a
 * comma forgotten, and would be an item that nobody has. */
static void
pass_comma(struct pass *p)
{
	if (p->text_end == 0 || p->depth == 0 || p->depth > NESTING_MAX ||
	    p->inside[p->depth - 1] == '{')
		return;
	problem_add(p->ps, p->name, p->line,
	    _("two texts of a list with nothing between; put a comma between "
	      "them"));
	if (p->text[p->text_end] == ' ')
		p->text[p->text_end] = ',';
}

static void
pass_text(struct pass *p)
{
	int from = p->line;

	pass_comma(p);
	for (p->at++; p->at < p->n && p->text[p->at] != '"';) {
		if (p->text[p->at] == '\\')
			pass_escape(p);
		else
			step(p);
	}
	if (p->at < p->n) {
		p->at++;
		p->text_end = p->at;
		if (p->line > from) {
			p->long_from = from;
			p->long_to = p->line;
		}
		return;
	}
	problem_add(p->ps, p->name, from,
	    _("the text that begins here never ends; close it with a \""));
	p->hopeless = true;
}

static bool
number_fits(const char *digits, size_t n)
{
	bool hex = n > 2 && digits[0] == '0' && tolower(digits[1]) == 'x';
	unsigned base = hex ? 16 : 10;
	unsigned long long value = 0;

	for (size_t i = hex ? 2 : 0; i < n; i++) {
		int c = tolower((unsigned char)digits[i]);

		if (!isxdigit(c) || (!hex && !isdigit(c)))
			break;
		value = value * base +
			(unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);
		if (value > INT_MAX)
			return false;
	}
	return true;
}

static void
pass_number(struct pass *p)
{
	size_t from = p->at;
	size_t n;

	while (isalnum((unsigned char)peek(p, 0)) || peek(p, 0) == '.')
		p->at++;
	n = p->at - from;
	if (memchr(p->text + from, '.', n) != NULL ||
	    number_fits(p->text + from, n))
		return;
	problem_add(p->ps, p->name, p->line,
	    _("the number %.*s is too large; write at most %d"),
	    n > 30 ? 30 : (int)n, p->text + from, INT_MAX);
	memset(p->text + from, ' ', n);
	p->text[from] = '1';
}

static void
pass_name(struct pass *p)
{
	while (isalnum((unsigned char)peek(p, 0)) || peek(p, 0) == '_' ||
	       peek(p, 0) == '-' || peek(p, 0) == '*')
		p->at++;
}

static void
pass_include(struct pass *p)
{
	problem_add(p->ps, p->name, p->line,
	    _("@include is not allowed; write the entries in this file"));
	while (p->at < p->n && p->text[p->at] != '\n')
		p->text[p->at++] = ' ';
}

static void
pass_closing(struct pass *p)
{
	if (p->comma == NULL)
		return;
	problem_add(p->ps, p->name, p->comma_line,
	    _("a comma before \"%c\"; remove the comma after the last entry"),
	    p->text[p->at]);
	*p->comma = ' ';
}

/* Typographers' quotes, U+201C to U+201F, where a plain one belongs. */
static bool
is_curly(const struct pass *p)
{
	return peek(p, 0) == '\xe2' && peek(p, 1) == '\x80' &&
	       (unsigned char)peek(p, 2) >= 0x9c &&
	       (unsigned char)peek(p, 2) <= 0x9f;
}

static void
pass_bracket(struct pass *p, char c)
{
	if (c == '(' || c == '[' || c == '{') {
		if (p->depth < NESTING_MAX)
			p->inside[p->depth] = c;
		p->depth++;
	} else if ((c == ')' || c == ']' || c == '}') && p->depth > 0)
		p->depth--;
}

static void
pass_sign(struct pass *p, char c)
{
	pass_bracket(p, c);
	p->text_end = 0;
	if (c == ')' || c == ']')
		pass_closing(p);
	if (is_curly(p) && p->curly_line == 0)
		p->curly_line = p->line;
	p->comma = c == ',' ? p->text + p->at : NULL;
	p->comma_line = p->line;
	step(p);
}

static void
pass_token(struct pass *p)
{
	char c = peek(p, 0);

	if (isspace((unsigned char)c)) {
		step(p);
		return;
	}
	if (c == '#' || (c == '/' && peek(p, 1) == '/')) {
		pass_line_comment(p);
		return;
	}
	if (c == '/' && peek(p, 1) == '*') {
		pass_comment(p);
		return;
	}
	if (strncmp(p->text + p->at, "@include", 8) == 0) {
		pass_include(p);
		return;
	}
	if (c != '"' && !isalnum((unsigned char)c) && c != '*') {
		pass_sign(p, c);
		return;
	}
	p->comma = NULL;
	if (c == '"')
		pass_text(p);
	else {
		p->text_end = 0;
		if (isdigit((unsigned char)c))
			pass_number(p);
		else
			pass_name(p);
	}
}

static const char *
syntax_text(const config_t *tree)
{
	const char *text = config_error_text(tree);

	if (text != NULL && strstr(text, "duplicate") != NULL)
		return _("this key is already there; keep one of the two");
	if (text != NULL && strstr(text, "mismatched") != NULL)
		return _("[ ] holds values of one kind only; write ( ) around "
			 "mixed ones");
	return _("a syntax error; look here and on the line before for a "
		 "missing \";\", \"=\", comma, quote or bracket");
}

static int
parse_tree(struct cfg *c, struct pass *p)
{
	int line;

	if (p->hopeless)
		return -EINVAL;
	if (config_read_string(&c->tree, p->text) == CONFIG_TRUE)
		return 0;
	line = config_error_line(&c->tree);
	if (p->curly_line > 0 && p->curly_line <= line)
		problem_add(c->ps, c->name, p->curly_line,
		    _("a syntax error: quotes must be plain \"; replace the "
		      "curly ones"));
	else if (p->long_from > 0 && p->long_from <= line)
		problem_add(c->ps, c->name, line,
		    _("a syntax error; the text from line %d to line %d may "
		      "lack its closing quote"),
		    p->long_from, p->long_to);
	else
		problem_add(c->ps, c->name, line, "%s", syntax_text(&c->tree));
	return -EINVAL;
}

static int
parse_bytes(struct cfg *c, const char *bytes, size_t n)
{
	struct pass p = { .line = 1, .ps = c->ps, .name = c->name };
	int r;

	if (n >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 ||
			  memcmp(bytes, "\xfe\xff", 2) == 0)) {
		problem_add(c->ps, c->name, 1,
		    _("the file is UTF-16; save it with the encoding UTF-8"));
		return -EINVAL;
	}
	r = hash_bytes(bytes, n, c->sha256);
	if (r < 0)
		return r;
	p.text = malloc(n + 1);
	if (p.text == NULL)
		return -ENOMEM;
	clean_ends(&p, bytes, n);
	check_utf8(&p);
	while (p.at < p.n && !p.hopeless)
		pass_token(&p);
	r = parse_tree(c, &p);
	free(p.text);
	return r;
}

int
cfg_parse(const char *bytes, size_t n, const char *name, struct problems *ps,
    struct cfg **ret_cfg)
{
	struct cfg *c = calloc(1, sizeof(*c));
	int r = -ENOMEM;

	if (c == NULL)
		return -ENOMEM;
	config_init(&c->tree);
	c->ps = ps;
	c->name = strdup(name);
	if (c->name != NULL)
		r = parse_bytes(c, bytes, n);
	if (r < 0) {
		cfg_close(c);
		return r;
	}
	*ret_cfg = c;
	return 0;
}

struct cfg *
cfg_close(struct cfg *c)
{
	if (c == NULL)
		return NULL;
	config_destroy(&c->tree);
	free(c->name);
	free(c);
	return NULL;
}

const char *
cfg_name(const struct cfg *c)
{
	return c->name;
}

const char *
cfg_sha256(const struct cfg *c)
{
	return c->sha256;
}

const config_setting_t *
cfg_root(const struct cfg *c)
{
	return config_root_setting(&c->tree);
}

bool
cfg_no_memory(const struct cfg *c)
{
	return c->no_memory;
}

static int
line_at(const config_setting_t *at)
{
	return (int)config_setting_source_line(at);
}

void
cfg_problem(struct cfg *c, const config_setting_t *at, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		c->no_memory = true;
		return;
	}
	problem_add(c->ps, c->name, line_at(at), "%s", text);
	free(text);
}

static int
least(int a, int b, int c)
{
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to add, drop or change to make one word of the other. */
static int
distance(const char *a, const char *b)
{
	enum { LONGEST = 31 };
	int row[LONGEST + 1];
	size_t nb = strlen(b);

	if (strlen(a) > LONGEST || nb > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (int)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		int corner = row[0];

		row[0] = (int)i;
		for (size_t j = 1; j <= nb; j++) {
			int swap = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			row[j] = least(row[j] + 1, row[j - 1] + 1, swap);
		}
	}
	return row[nb];
}

static const char *
nearest(const char *word, const char *const *keys)
{
	const char *best = NULL;
	int limit = strlen(word) > 2 ? 3 : 2; /* "fro" is "for" */

	for (; *keys != NULL; keys++) {
		int d = distance(word, *keys);

		if (d < limit) {
			limit = d;
			best = *keys;
		}
	}
	return best;
}

static bool
is_one_of(const char *word, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (strcmp(word, *keys) == 0)
			return true;
	return false;
}

void
cfg_known(struct cfg *c, const config_setting_t *group, const char *const *keys)
{
	int n = config_setting_length(group);

	for (int i = 0; i < n; i++) {
		config_setting_t *s =
		    config_setting_get_elem(group, (unsigned)i);
		const char *word = config_setting_name(s);
		const char *near;

		if (is_one_of(word, keys))
			continue;
		near = nearest(word, keys);
		if (near != NULL)
			cfg_problem(c, s,
			    _("unknown key \"%s\"; did you mean \"%s\"?"), word,
			    near);
		else
			cfg_problem(c, s,
			    _("unknown key \"%s\" in this place; remove it, or "
			      "correct its name"),
			    word);
	}
}

bool
cfg_has(const config_setting_t *group, const char *key)
{
	return config_setting_get_member(group, key) != NULL;
}

int
cfg_line(const config_setting_t *group, const char *key)
{
	const config_setting_t *s = config_setting_get_member(group, key);

	return line_at(s != NULL ? s : group);
}

/* The setting, or NULL; its absence is a problem when it is required. */
static const config_setting_t *
find(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const char *as)
{
	const config_setting_t *s = config_setting_get_member(group, key);

	if (s == NULL && need == CFG_REQUIRED)
		cfg_problem(
		    c, group, _("%s is missing; write %s = %s;"), key, key, as);
	return s;
}

static void
wrong_kind(
    struct cfg *c, const config_setting_t *s, const char *key, const char *as)
{
	cfg_problem(
	    c, s, _("%s is of the wrong kind; write %s = %s;"), key, key, as);
}

/* The raw text of a key. */
static const char *
find_text(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const char *as, const config_setting_t **ret_at)
{
	const config_setting_t *s = find(c, group, key, need, as);

	if (s == NULL)
		return NULL;
	if (config_setting_type(s) != CONFIG_TYPE_STRING) {
		wrong_kind(c, s, key, as);
		return NULL;
	}
	*ret_at = s;
	return config_setting_get_string(s);
}

/* A clean copy of a text, or NULL with a problem. */
static char *
copy_text(
    struct cfg *c, const config_setting_t *at, const char *key, const char *raw)
{
	size_t n = strlen(raw);
	char *text;

	if (!text_is_utf8(raw, n)) {
		cfg_problem(c, at,
		    _("%s: the text is not UTF-8; type it again without \\x"),
		    key);
		return NULL;
	}
	if (n == 0 || n > CFG_TEXT_MAX) {
		cfg_problem(c, at,
		    n == 0 ? _("%s is empty; write 1 to %d bytes of text")
			   : _("%s is too long; write 1 to %d bytes of text"),
		    key, CFG_TEXT_MAX);
		return NULL;
	}
	text = text_nfc(raw);
	c->no_memory |= text == NULL;
	return text;
}

bool
cfg_text(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, char **ret)
{
	const config_setting_t *at;
	const char *raw = find_text(c, group, key, need, AS_TEXT, &at);
	char *text;

	if (raw == NULL)
		return false;
	text = copy_text(c, at, key, raw);
	if (text == NULL)
		return false;
	free(*ret);
	*ret = text;
	return true;
}

static void
bad_id(
    struct cfg *c, const config_setting_t *at, const char *key, const char *raw)
{
	char *better = text_make_id(raw);

	if (better != NULL)
		cfg_problem(c, at,
		    _("%s: \"%.80s\" is not an id; use a-z, 0-9 and \"-\", "
		      "such "
		      "as \"%s\""),
		    key, raw, better);
	else
		cfg_problem(
		    c, at, _("%s is not an id; use a-z, 0-9 and \"-\""), key);
	free(better);
}

bool
cfg_id(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, char **ret)
{
	const config_setting_t *at;
	const char *raw = find_text(c, group, key, need, AS_ID, &at);
	char *copy;

	if (raw == NULL)
		return false;
	if (!text_is_id(raw)) {
		bad_id(c, at, key, raw);
		return false;
	}
	copy = strdup(raw);
	if (copy == NULL) {
		c->no_memory = true;
		return false;
	}
	free(*ret);
	*ret = copy;
	return true;
}

static void
bad_language(
    struct cfg *c, const config_setting_t *at, const char *key, const char *raw)
{
	cfg_problem(c, at,
	    _("%s: \"%.40s\" is not a language; write a code such as \"vi\" "
	      "or \"km\""),
	    key, raw);
}

bool
cfg_language(
    struct cfg *c, const config_setting_t *group, const char *key, char **ret)
{
	const config_setting_t *at;
	const char *raw = find_text(c, group, key, CFG_OPTIONAL, "\"km\"", &at);
	char *copy;

	if (raw == NULL)
		return false;
	if (!text_is_language(raw)) {
		bad_language(c, at, key, raw);
		return false;
	}
	copy = strdup(raw);
	if (copy == NULL) {
		c->no_memory = true;
		return false;
	}
	free(*ret);
	*ret = copy;
	return true;
}

bool
cfg_bool(
    struct cfg *c, const config_setting_t *group, const char *key, bool *ret)
{
	const config_setting_t *s = config_setting_get_member(group, key);

	if (s == NULL)
		return false;
	if (config_setting_type(s) != CONFIG_TYPE_BOOL) {
		wrong_kind(c, s, key, "true");
		return false;
	}
	*ret = config_setting_get_bool(s) == CONFIG_TRUE;
	return true;
}

bool
cfg_int(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int min, int max, int *ret)
{
	const config_setting_t *s = find(c, group, key, need, "2");
	long long value;

	if (s == NULL)
		return false;
	if (config_setting_type(s) != CONFIG_TYPE_INT &&
	    config_setting_type(s) != CONFIG_TYPE_INT64) {
		wrong_kind(c, s, key, "2");
		return false;
	}
	value = config_setting_get_int64(s);
	if (value < min || value > max) {
		cfg_problem(c, s, _("%s: %lld is out of range; write %d to %d"),
		    key, value, min, max);
		return false;
	}
	*ret = (int)value;
	return true;
}

bool
cfg_seconds(struct cfg *c, const config_setting_t *group, const char *key,
    int min, int max, int *ret)
{
	const config_setting_t *s = config_setting_get_member(group, key);
	long long value;

	if (s == NULL)
		return false;
	if (config_setting_type(s) != CONFIG_TYPE_INT &&
	    config_setting_type(s) != CONFIG_TYPE_INT64) {
		cfg_problem(c, s,
		    _("%s is a whole number of seconds; write %s = %d;"), key,
		    key, *ret > min ? *ret : 5);
		return false;
	}
	value = config_setting_get_int64(s);
	if (value < min || value > max) {
		cfg_problem(c, s,
		    _("%s: %lld seconds is out of range; write %d to %d "
		      "(seconds)"),
		    key, value, min, max);
		return false;
	}
	*ret = (int)value;
	return true;
}

bool
cfg_number(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, double min, double max, const char *as, double *ret)
{
	const config_setting_t *s = find(c, group, key, need, as);
	double value;

	if (s == NULL)
		return false;
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		value = (double)config_setting_get_int64(s);
		break;
	case CONFIG_TYPE_FLOAT:
		value = config_setting_get_float(s);
		break;
	default:
		wrong_kind(c, s, key, as);
		return false;
	}
	/* So that a value that is no number is refused as well. */
	if (!(value >= min && value <= max)) {
		cfg_problem(c, s, _("%s: %g is out of range; write %g to %g"),
		    key, value, min, max);
		return false;
	}
	*ret = value;
	return true;
}

bool
cfg_time(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int *ret_second)
{
	const config_setting_t *at;
	const char *raw = find_text(c, group, key, need, AS_TIME, &at);

	if (raw == NULL)
		return false;
	if (civil_read_time(raw, ret_second) == 0)
		return true;
	cfg_problem(c, at,
	    _("%s: \"%.40s\" is not a time; write HH:MM or HH:MM:SS, from "
	      "00:00 "
	      "to 24:00"),
	    key, raw);
	return false;
}

bool
cfg_date(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, int64_t *ret_day)
{
	const config_setting_t *at;
	const char *raw = find_text(c, group, key, need, AS_DATE, &at);

	if (raw == NULL)
		return false;
	if (civil_read_date(raw, ret_day) == 0)
		return true;
	cfg_problem(c, at,
	    _("%s: \"%.40s\" is not a date of the calendar; write YYYY-MM-DD, "
	      "such as 2026-11-26"),
	    key, raw);
	return false;
}

/* "soft" or "hard", in one string. */
static void
list_words(const char *const *words, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; words[i] != NULL && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s\"%s\"",
		    i == 0 ? "" : _(" or "), words[i]);
}

bool
cfg_word(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const char *const *words, int *ret_index)
{
	const config_setting_t *at;
	const char *raw;
	char all[200];

	list_words(words, all, sizeof(all));
	raw = find_text(c, group, key, need, all, &at);
	if (raw == NULL)
		return false;
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(raw, words[i]) != 0)
			continue;
		*ret_index = i;
		return true;
	}
	cfg_problem(c, at, _("%s: \"%.40s\" is not known here; write %s"), key,
	    raw, all);
	return false;
}

/* One weekday of n characters, with spaces around it. */
static bool
read_weekday(const char *text, size_t n, enum weekday *ret_day)
{
	char buf[8];

	while (n > 0 && *text == ' ') {
		text++;
		n--;
	}
	while (n > 0 && text[n - 1] == ' ')
		n--;
	if (n >= sizeof(buf))
		return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	return civil_read_weekday(buf, ret_day) == 0;
}

/* The day or range in n characters of "T2-T4,T7". */
static bool
read_days_part(const char *part, size_t n, unsigned *days)
{
	const char *dash = memchr(part, '-', n);
	size_t left = dash == NULL ? n : (size_t)(dash - part);
	enum weekday from, to;

	if (!read_weekday(part, left, &from))
		return false;
	to = from;
	if (dash != NULL && !read_weekday(dash + 1, n - left - 1, &to))
		return false;
	*days |= 1u << from;
	while (from != to) {
		from = (from + 1) % WEEKDAYS;
		*days |= 1u << from;
	}
	return true;
}

static bool
read_days(
    struct cfg *c, const config_setting_t *at, const char *key, unsigned *days)
{
	const char *raw;
	const char *part;

	if (config_setting_type(at) != CONFIG_TYPE_STRING) {
		wrong_kind(c, at, key, AS_DAYS);
		return false;
	}
	raw = config_setting_get_string(at);
	for (part = raw;; part += strcspn(part, ",") + 1) {
		size_t n = strcspn(part, ",");

		if (!read_days_part(part, n, days)) {
			cfg_problem(c, at,
			    _("%s: \"%.40s\" are not days; write T2 to T7 and "
			      "CN, as \"T2-T6\" or \"T2,T4,CN\""),
			    key, raw);
			return false;
		}
		if (part[n] == '\0')
			return true;
	}
}

bool
cfg_days(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, unsigned *ret_days)
{
	const config_setting_t *s = find(c, group, key, need, AS_DAYS);
	unsigned days = 0;
	int n;

	if (s == NULL)
		return false;
	if (!config_setting_is_array(s) && !config_setting_is_list(s)) {
		if (!read_days(c, s, key, &days))
			return false;
		*ret_days = days;
		return true;
	}
	n = config_setting_length(s);
	for (int i = 0; i < n; i++)
		if (!read_days(
			c, config_setting_get_elem(s, (unsigned)i), key, &days))
			return false;
	if (days == 0)
		cfg_problem(c, s, _("%s names no day; write %s = %s;"), key,
		    key, AS_DAYS);
	else
		*ret_days = days;
	return days != 0;
}

void
cfg_texts_free(char **texts, size_t n)
{
	for (size_t i = 0; texts != NULL && i < n; i++)
		free(texts[i]);
	free(texts);
}

static char *
one_text(struct cfg *c, const config_setting_t *at, const char *key,
    enum cfg_kind kind)
{
	const char *raw;

	if (config_setting_type(at) != CONFIG_TYPE_STRING) {
		wrong_kind(c, at, key, AS_TEXTS);
		return NULL;
	}
	raw = config_setting_get_string(at);
	if (kind == CFG_IDS && !text_is_id(raw)) {
		bad_id(c, at, key, raw);
		return NULL;
	}
	if (kind == CFG_LANGUAGES && !text_is_language(raw)) {
		bad_language(c, at, key, raw);
		return NULL;
	}
	return copy_text(c, at, key, raw);
}

/* All texts of a list; false when one was bad, after trying every one. */
static bool
all_texts(struct cfg *c, const config_setting_t *s, const char *key,
    enum cfg_kind kind, char **texts, size_t n)
{
	bool single = config_setting_type(s) == CONFIG_TYPE_STRING;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		texts[i] = one_text(c,
		    single ? s : config_setting_get_elem(s, (unsigned)i), key,
		    kind);
		ok &= texts[i] != NULL;
	}
	return ok;
}

bool
cfg_texts(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, enum cfg_kind kind, size_t max, char ***ret_texts,
    size_t *ret_n)
{
	const config_setting_t *s = find(c, group, key, need, AS_TEXTS);
	char **texts;
	size_t n = 1;

	if (s == NULL)
		return false;
	if (config_setting_is_array(s) || config_setting_is_list(s))
		n = (size_t)config_setting_length(s);
	else if (config_setting_type(s) != CONFIG_TYPE_STRING) {
		wrong_kind(c, s, key, AS_TEXTS);
		return false;
	}
	if (n > max) {
		cfg_problem(c, s,
		    _("%s: %zu entries are too many; write at "
		      "most %zu"),
		    key, n, max);
		return false;
	}
	texts = calloc(n + 1, sizeof(*texts));
	if (texts == NULL) {
		c->no_memory = true;
		return false;
	}
	if (!all_texts(c, s, key, kind, texts, n)) {
		cfg_texts_free(texts, n);
		return false;
	}
	*ret_texts = texts;
	*ret_n = n;
	return true;
}

bool
cfg_group(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, const config_setting_t **ret_group)
{
	const config_setting_t *s = find(c, group, key, need, AS_GROUP);

	if (s == NULL)
		return false;
	if (!config_setting_is_group(s)) {
		wrong_kind(c, s, key, AS_GROUP);
		return false;
	}
	*ret_group = s;
	return true;
}

bool
cfg_list(struct cfg *c, const config_setting_t *group, const char *key,
    enum cfg_need need, size_t max, const config_setting_t **ret_list,
    size_t *ret_n)
{
	const config_setting_t *s = find(c, group, key, need, AS_GROUPS);
	size_t n;

	if (s == NULL)
		return false;
	if (!config_setting_is_list(s)) {
		wrong_kind(c, s, key, AS_GROUPS);
		return false;
	}
	n = (size_t)config_setting_length(s);
	if (n > max) {
		cfg_problem(c, s,
		    _("%s: %zu entries are too many; write at "
		      "most %zu"),
		    key, n, max);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (cfg_at(s, i) == NULL)
			wrong_kind(c, config_setting_get_elem(s, (unsigned)i),
			    key, AS_GROUPS);
	*ret_list = s;
	*ret_n = n;
	return true;
}

const config_setting_t *
cfg_at(const config_setting_t *list, size_t i)
{
	const config_setting_t *s = config_setting_get_elem(list, (unsigned)i);

	return s != NULL && config_setting_is_group(s) ? s : NULL;
}
