/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scheduler/cfg.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) (s), sizeof(s) - 1

static void
the_pass_over_the_bytes_tells_what_libconfig_would_swallow(void **state)
{
	static const struct {
		const char *when;
		const char *bytes;
		size_t n;
		int r; /* 0: reading goes on */
		const char *said;
	} cases[] = {
		{ "clean", BYTES("a = 1;\nb = \"x\";\n"), 0, "" },
		{ "empty", BYTES(""), 0, "" },
		{ "a BOM",
		    BYTES("\xef\xbb\xbf"
			  "a = 1;\n"),
		    0, "" },
		{ "CRLF", BYTES("a = 1;\r\nb = 2;\r\n"), 0, "" },
		{ "a lone CR after a comment", BYTES("# x\ra = 1;\rb = ;\r"),
		    -EINVAL,
		    "t.cfg:3: a syntax error; look here and on the line before "
		    "for a missing \";\", \"=\", comma, quote or bracket\n" },
		{ "NUL bytes, two on a line", BYTES("a = 1;\n\0b = 2;\0\n"), 0,
		    "t.cfg:2: a NUL byte; remove it, or save the file as plain "
		    "text again\n" },
		{ "a NUL by escape", BYTES("a = \"x\\x00y\";\n"), 0,
		    "t.cfg:1: \\x00 is a NUL byte; remove it\n" },
		{ "an include", BYTES("a = 1;\n  @include \"/etc/passwd\"\n"),
		    0,
		    "t.cfg:2: @include is not allowed; write the entries in "
		    "this file\n" },
		{ "an include in a text and in comments",
		    BYTES("a = \"\n@include \\\" \";\n# @include \"x\"\n"
			  "/* \n@include \"y\" */\n// @include\n"),
		    0, "" },
		{ "a number beyond 32 bits", BYTES("\na = 5000000000;\n"), 0,
		    "t.cfg:2: the number 5000000000 is too large; write at "
		    "most 2147483647\n" },
		{ "the same with L, negative, in hex",
		    BYTES("a = 5000000000L;\nb = -2147483648;\n"
			  "c = 0x80000000;\n"),
		    0,
		    "t.cfg:1: the number 5000000000L is too large; write at "
		    "most 2147483647\n"
		    "t.cfg:2: the number 2147483648 is too large; write at "
		    "most 2147483647\n"
		    "t.cfg:3: the number 0x80000000 is too large; write at "
		    "most 2147483647\n" },
		{ "the largest number, a fraction, digits in names and texts",
		    BYTES("a = 2147483647;\nb = 12345678901.5;\n"
			  "x99999999999 = \"99999999999\"; # 99999999999\n"),
		    0, "" },
		{ "a comma too many",
		    BYTES("a = ( 1,\n 2, # two\n);\nb = [ 1, ];\n"), 0,
		    "t.cfg:2: a comma before \")\"; remove the comma after the "
		    "last entry\n"
		    "t.cfg:4: a comma before \"]\"; remove the comma after the "
		    "last entry\n" },
		{ "a comma forgotten between texts",
		    BYTES("a = [ \"x\" \"y\",\n \"z\" /* z */\n\"zz\" ];\n"
			  "b = ( { c = \"long \"\n \"text\"; } );\n"),
		    0,
		    "t.cfg:1: two texts of a list with nothing between; put a "
		    "comma between them\n"
		    "t.cfg:3: two texts of a list with nothing between; put a "
		    "comma between them\n" },
		{ "a comment that never ends", BYTES("a = 1;\n/* b = 2;\n"), 0,
		    "t.cfg:2: the comment that begins here never ends; close "
		    "it with */\n" },
		{ "a text that never ends", BYTES("a = 1;\nb = \"x;\nc = 2;\n"),
		    -EINVAL,
		    "t.cfg:2: the text that begins here never ends; close it "
		    "with a \"\n" },
		{ "a quote forgotten before other texts",
		    BYTES("a = \"x;\nb = \"y\";\n"), -EINVAL,
		    "t.cfg:2: the text that begins here never ends; close it "
		    "with a \"\n" },
		{ "a quote forgotten, and an even number after it",
		    BYTES("a = \"x;\nb = \"y;\"\nc = 1;"), -EINVAL,
		    "t.cfg:2: the text that begins here never ends; close it "
		    "with a \"\n" },
		{ "a text over lines before the error",
		    BYTES("a = \"x;\nb = \"y;\nc = 1;"), -EINVAL,
		    "t.cfg:2: a syntax error; the text from line 1 to line 2 "
		    "may lack its closing quote\n" },
		{ "curly quotes", BYTES("a = 1;\nb = “x”;\n"), -EINVAL,
		    "t.cfg:2: a syntax error: quotes must be plain \"; replace "
		    "the curly ones\n" },
		{ "curly quotes in a text", BYTES("b = \"“x”\";\n"), 0, "" },
		{ "a key twice", BYTES("a = 1;\na = 2;\n"), -EINVAL,
		    "t.cfg:2: this key is already there; keep one of the "
		    "two\n" },
		{ "an array of two kinds", BYTES("a = [ 1, \"x\" ];\n"),
		    -EINVAL,
		    "t.cfg:1: [ ] holds values of one kind only; write ( ) "
		    "around mixed ones\n" },
		{ "a time without quotes", BYTES("a = 1;\nat = 05:30;\n"),
		    -EINVAL,
		    "t.cfg:2: a syntax error; look here and on the line before "
		    "for a missing \";\", \"=\", comma, quote or bracket\n" },
		{ "UTF-16",
		    BYTES("\xff\xfe"
			  "a\0"),
		    -EINVAL,
		    "t.cfg:1: the file is UTF-16; save it with the encoding "
		    "UTF-8\n" },
		{ "an old Vietnamese encoding",
		    BYTES("a = 1;\nname = \"Qu\xd5 Minh\";\n"), -EINVAL,
		    "t.cfg:2: this is not UTF-8 text; save the file with the "
		    "encoding UTF-8\n" },
		{ "several at once, and the syntax error after them",
		    BYTES("@include \"x\"\na = 9999999999;\n\0\nb = = 1;\n"),
		    -EINVAL,
		    "t.cfg:3: a NUL byte; remove it, or save the file as plain "
		    "text again\n"
		    "t.cfg:1: @include is not allowed; write the entries in "
		    "this file\n"
		    "t.cfg:2: the number 9999999999 is too large; write at "
		    "most 2147483647\n"
		    "t.cfg:4: a syntax error; look here and on the line before "
		    "for a missing \";\", \"=\", comma, quote or bracket\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct cfg *c = NULL;
		int r = cfg_parse(cases[i].bytes, cases[i].n, "t.cfg", &ps, &c);

		expect_said(cases[i].when, &ps, cases[i].said);
		if (r != cases[i].r || (c != NULL) != (r == 0))
			fail_msg("%s: %d", cases[i].when, r);
		cfg_close(c);
	}
}

static struct cfg *
parse(const char *text, struct problems *ps)
{
	struct cfg *c;

	if (cfg_parse(text, strlen(text), "t.cfg", ps, &c) < 0)
		fail_msg("not parsed: %s\n%s", text, problems_said(ps));
	return c;
}

static void
look_ups_say_what_is_wrong_and_how_to_write_it(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "good",
		    "t=\"x\";i=\"a-1\";b=true;n=3;at=\"05:30\";"
		    "d=\"2026-11-26\";w=\"hard\";days=\"T2\";",
		    "" },
		{ "all absent", "",
		    "t.cfg: t is missing; write t = \"…\";\n"
		    "t.cfg: i is missing; write i = \"ttdn-t5\";\n"
		    "t.cfg: n is missing; write n = 2;\n"
		    "t.cfg: at is missing; write at = \"17:00:00\";\n"
		    "t.cfg: d is missing; write d = \"2026-11-26\";\n"
		    "t.cfg: w is missing; write w = \"soft\" or \"hard\";\n"
		    "t.cfg: days is missing; write days = \"T2-T7\";\n" },
		{ "all of another kind",
		    "t=1;\ni=1;\nb=1;\nn=\"3\";\nat=1730;\nd=20261126;\n"
		    "w=true;\ndays=2;",
		    "t.cfg:1: t is of the wrong kind; write t = \"…\";\n"
		    "t.cfg:2: i is of the wrong kind; write i = \"ttdn-t5\";\n"
		    "t.cfg:3: b is of the wrong kind; write b = true;\n"
		    "t.cfg:4: n is of the wrong kind; write n = 2;\n"
		    "t.cfg:5: at is of the wrong kind; write at = "
		    "\"17:00:00\";\n"
		    "t.cfg:6: d is of the wrong kind; write d = "
		    "\"2026-11-26\";\n"
		    "t.cfg:7: w is of the wrong kind; write w = \"soft\" "
		    "or \"hard\";\n"
		    "t.cfg:8: days is of the wrong kind; write days = "
		    "\"T2-T7\";\n" },
		{ "all of no sense",
		    "t=\"\";\ni=\"Mở đầu\";\nb=true;\nn=100;\nat=\"25:30\";\n"
		    "d=\"2026-02-30\";\nw=\"hrad\";\ndays=\"T2-T8\";",
		    "t.cfg:1: t is empty; write 1 to 400 bytes of text\n"
		    "t.cfg:2: i: \"Mở đầu\" is not an id; use a-z, 0-9 and "
		    "\"-\", such as \"mo-dau\"\n"
		    "t.cfg:4: n: 100 is out of range; write 1 to 10\n"
		    "t.cfg:5: at: \"25:30\" is not a time; write HH:MM or "
		    "HH:MM:SS, from 00:00 to 24:00\n"
		    "t.cfg:6: d: \"2026-02-30\" is not a date of the calendar; "
		    "write YYYY-MM-DD, such as 2026-11-26\n"
		    "t.cfg:7: w: \"hrad\" is not known here; write "
		    "\"soft\" or \"hard\"\n"
		    "t.cfg:8: days: \"T2-T8\" are not days; write T2 to T7 and "
		    "CN, as \"T2-T6\" or \"T2,T4,CN\"\n" },
		{ "a text that escapes make invalid",
		    "t=\"a\\xffz\";\ni=\"a-1\";n=3;at=\"05:30\";"
		    "d=\"2026-11-26\";w=\"hard\";days=\"T2\";",
		    "t.cfg:1: t: the text is not UTF-8; type it again without "
		    "\\x\n" },
	};
	static const char *const words[] = { "soft", "hard", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct cfg *c = parse(cases[i].text, &ps);
		const config_setting_t *g = cfg_root(c);
		char *t = NULL, *id = NULL;
		unsigned days = 42;
		int64_t day = 42;
		int n = 42, at = 42, w = 42;
		bool b;
		bool good = cases[i].said[0] == '\0';

		if (cfg_text(c, g, "t", CFG_REQUIRED, &t) != (t != NULL))
			fail_msg("%s: t", cases[i].when);
		cfg_id(c, g, "i", CFG_REQUIRED, &id);
		cfg_bool(c, g, "b", &b);
		cfg_int(c, g, "n", CFG_REQUIRED, 1, 10, &n);
		cfg_time(c, g, "at", CFG_REQUIRED, &at);
		cfg_date(c, g, "d", CFG_REQUIRED, &day);
		cfg_word(c, g, "w", CFG_REQUIRED, words, &w);
		cfg_days(c, g, "days", CFG_REQUIRED, &days);
		expect_said(cases[i].when, &ps, cases[i].said);
		if (good)
			assert_true(n == 3 && at == 19800 && day == 20783 &&
				    w == 1 && days == 1);
		else if (i < 4)
			assert_true(n == 42 && at == 42 && day == 42 &&
				    w == 42 && days == 42);
		free(t);
		free(id);
		cfg_close(c);
	}
}

static void
optional_keys_may_be_absent_and_keep_their_default(void **state)
{
	struct problems ps = { 0 };
	struct cfg *c = parse("", &ps);
	char *t = strdup("default");
	int n = 7;

	(void)state;
	assert_false(cfg_text(c, cfg_root(c), "t", CFG_OPTIONAL, &t));
	assert_false(cfg_int(c, cfg_root(c), "n", CFG_OPTIONAL, 1, 9, &n));
	assert_string_equal(t, "default");
	assert_int_equal(n, 7);
	expect_said("absent", &ps, "");
	free(t);
	cfg_close(c);
}

static void
days_are_single_listed_ranged_and_wrap_round_the_week(void **state)
{
	static const struct {
		const char *text;
		unsigned days; /* 0: refused */
	} cases[] = {
		{ "\"T2\"", 0x01 },
		{ "\"CN\"", 0x40 },
		{ "\"T2-CN\"", 0x7f },
		{ "\"T2,T4,T6\"", 0x15 },
		{ "\"T2-T4,T7\"", 0x27 },
		{ "\"T7-T2\"", 0x61 },
		{ "\" T2 - T4, T7 \"", 0x27 },
		{ "\"T2 T4\"", 0 },
		{ "\"T2-T4, T7\"", 0x27 },
		{ "\"mon-sun\"", 0x7f },
		{ "\"Sat,SUN\"", 0x60 },
		{ "[ \"T2\", \"T4-T5\" ]", 0x0d },
		{ "( \"T2\", \"CN\" )", 0x41 },
		{ "\"T3-T3\"", 0x02 },
		{ "\"CN-T7\"", 0x7f },
		{ "\"\"", 0 },
		{ "\"T2,\"", 0 },
		{ "\",T2\"", 0 },
		{ "\"T2-\"", 0 },
		{ "\"-T2\"", 0 },
		{ "\"T2-T3-T4\"", 0 },
		{ "\"T1\"", 0 },
		{ "\"Thứ hai\"", 0 },
		{ "[]", 0 },
		{ "( 2, 3 )", 0 },
		{ "\"T2,T2,T2,T2,T2,T2,T2,T2,T2,T2,T2,T2\"", 0x01 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		unsigned days = 0;
		char text[100];
		struct cfg *c;
		bool r;

		snprintf(text, sizeof(text), "days = %s;", cases[i].text);
		c = parse(text, &ps);
		r = cfg_days(c, cfg_root(c), "days", CFG_REQUIRED, &days);
		if (days != cases[i].days || r != (days != 0) ||
		    problems_count(&ps) != (days == 0))
			fail_msg("%s: %#x", cases[i].text, days);
		problems_free(&ps);
		cfg_close(c);
	}
}

static void
lists_of_texts_may_be_list_array_or_one(void **state)
{
	static const struct {
		const char *text;
		size_t n; /* 9: refused */
	} cases[] = {
		{ "[ \"a\", \"b\" ]", 2 },
		{ "( \"a\", \"b\" )", 2 },
		{ "\"a\"", 1 },
		{ "[]", 0 },
		{ "( \"a\", 1 )", 9 },
		{ "( \"a\", \"B c\" )", 9 },
		{ "7", 9 },
		{ "[ \"a\", \"b\", \"c\", \"d\" ]", 9 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		char **texts = NULL;
		size_t n = 9;
		char text[100];
		struct cfg *c;

		snprintf(text, sizeof(text), "t = %s;", cases[i].text);
		c = parse(text, &ps);
		cfg_texts(
		    c, cfg_root(c), "t", CFG_REQUIRED, CFG_IDS, 3, &texts, &n);
		if (n != cases[i].n ||
		    (problems_count(&ps) > 0) != (cases[i].n == 9))
			fail_msg("%s: %zu", cases[i].text, n);
		if (n != 9)
			cfg_texts_free(texts, n);
		problems_free(&ps);
		cfg_close(c);
	}
}

static void
unknown_keys_are_told_with_the_nearest_known_one(void **state)
{
	static const char *const keys[] = { "id", "at", "for", "repeats",
		"tolerance", NULL };
	struct problems ps = { 0 };
	struct cfg *c = parse("id = 1;\nfro = 1;\nrepeat = 1;\ntolerence = 1;\n"
			      "xyzzy = 1;\nit = 1;\n",
	    &ps);

	(void)state;
	cfg_known(c, cfg_root(c), keys);
	expect_said("keys", &ps,
	    "t.cfg:2: unknown key \"fro\"; did you mean \"for\"?\n"
	    "t.cfg:3: unknown key \"repeat\"; did you mean \"repeats\"?\n"
	    "t.cfg:4: unknown key \"tolerence\"; did you mean \"tolerance\"?\n"
	    "t.cfg:5: unknown key \"xyzzy\" in this place; remove it, or "
	    "correct its name\n"
	    "t.cfg:6: unknown key \"it\"; did you mean \"id\"?\n");
	cfg_close(c);
}

static void
texts_come_in_nfc_with_line_ends_as_spaces(void **state)
{
	struct problems ps = { 0 };
	struct cfg *c = parse(
	    "a = \"Que\xcc\x82\xcc\x81\r\nMinh;\\n 'x' \\\"y\\\"\";", &ps);
	char *t = NULL;

	(void)state;
	assert_true(cfg_text(c, cfg_root(c), "a", CFG_REQUIRED, &t));
	assert_string_equal(t, "Quế Minh;  'x' \"y\"");
	free(t);
	cfg_close(c);
}

static void
what_is_not_a_readable_file_is_told(void **state)
{
	struct problems ps = { 0 };
	struct folder f;
	char path[100];
	struct cfg *c;

	(void)state;
	folder_make(&f);
	snprintf(path, sizeof(path), "%s/none", f.path);
	assert_int_equal(cfg_open(path, "none", 100, &ps, &c), -ENOENT);
	assert_int_equal(cfg_open(f.path, "dir", 100, &ps, &c), -EINVAL);
	snprintf(path, sizeof(path), "%s/fifo", f.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(cfg_open(path, "fifo", 100, &ps, &c), -EINVAL);
	snprintf(path, sizeof(path), "%s/big", f.path);
	folder_write(&f, "big", "# 3456789\n");
	assert_int_equal(cfg_open(path, "big", 9, &ps, &c), -EINVAL);
	expect_said("files", &ps,
	    "none: there is no such file; make it, or correct its name\n"
	    "dir: this is not a file; put a text file here\n"
	    "fifo: this is not a file; put a text file here\n"
	    "big: the file is larger than 0 kB; is it the right one?\n");
	assert_int_equal(cfg_open(path, "big", 10, &ps, &c), 0);
	assert_string_equal(cfg_sha256(c), "015ff464ab96fbd0acd88e084b75d7a2"
					   "8cc6affa70be60f89dff168f51c63e9a");
	cfg_close(c);
	folder_remove(&f);
}

static void
brackets_nested_without_end_are_a_syntax_error(void **state)
{
	struct problems ps = { 0 };
	struct cfg *c;
	char *deep = malloc(200003);

	(void)state;
	memset(deep, '(', 200002);
	memcpy(deep, "a=", 2);
	deep[200002] = '\0';
	assert_int_equal(cfg_parse(deep, 200002, "t.cfg", &ps, &c), -EINVAL);
	assert_int_equal(problems_count(&ps), 1);
	problems_free(&ps);
	free(deep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_pass_over_the_bytes_tells_what_libconfig_would_swallow),
		cmocka_unit_test(
		    look_ups_say_what_is_wrong_and_how_to_write_it),
		cmocka_unit_test(
		    optional_keys_may_be_absent_and_keep_their_default),
		cmocka_unit_test(
		    days_are_single_listed_ranged_and_wrap_round_the_week),
		cmocka_unit_test(lists_of_texts_may_be_list_array_or_one),
		cmocka_unit_test(
		    unknown_keys_are_told_with_the_nearest_known_one),
		cmocka_unit_test(texts_come_in_nfc_with_line_ends_as_spaces),
		cmocka_unit_test(what_is_not_a_readable_file_is_told),
		cmocka_unit_test(
		    brackets_nested_without_end_are_a_syntax_error),
	};

	return cmocka_run_group_tests_name("cfg", tests, NULL, NULL);
}
