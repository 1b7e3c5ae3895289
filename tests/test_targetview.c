/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/targetview.h"

#define SUMS \
	"\"planned\":{\"first_n\":1,\"repeat_n\":2,\"first_ms\":900000," \
	"\"repeat_ms\":1800000},\"aired\":{\"first_n\":1,\"repeat_n\":1," \
	"\"first_ms\":900000,\"repeat_ms\":600000}"

/* A target that is not reached, in a week cut by the days asked for, and a
 * segment of the same plan without any. */
static const char rows[] =
    "[{\"station\":\"que-minh\",\"plan\":{\"no\":\"=99/KH\",\"date\":"
    "\"2023-05-16\",\"issuer\":\"UBND\",\"subject\":\"Đối \\\"ngoại\\\"\"},"
    "\"segment\":\"ttdn\",\"title\":\"Đối ngoại\",\"per\":\"week\","
    "\"period\":\"2026-W48\",\"from\":\"2026-11-23\",\"to\":\"2026-11-29\","
    "\"cut\":true,\"log_from\":null,\"over\":true,\"target\":{\"per\":"
    "\"week\",\"airings\":3,\"repeat_minutes\":20},\"changed\":true," SUMS
    ",\"open_n\":0,\"partial_n\":1,\"not_aired_n\":0,\"lacking\":{"
    "\"airings\":1,\"repeat_ms\":600000},\"state\":\"lacking\"},"
    "{\"station\":\"que-minh\",\"plan\":{\"no\":\"=99/KH\",\"date\":"
    "\"2023-05-16\",\"issuer\":\"UBND\",\"subject\":\"Đối \\\"ngoại\\\"\"},"
    "\"segment\":\"khac\\u001b[2J\",\"title\":\"Khác\",\"per\":\"\",\"period\":"
    "\"\","
    "\"from\":\"2026-11-23\",\"to\":\"2026-11-26\",\"cut\":false,"
    "\"log_from\":null,\"over\":true,\"target\":null,\"changed\":false," SUMS
    ",\"open_n\":0,\"partial_n\":0,\"not_aired_n\":0,\"lacking\":null,"
    "\"state\":\"none\"}]";

static char *
shown(int (*fn)(const struct targetview *v, FILE *out))
{
	struct targets t = { .rows = json_loads(rows, 0, NULL),
		.untold = json_pack("[{s:s,s:s,s:s}]", "station", "que-minh",
		    "from", "2026-11-01", "to", "2026-11-02") };
	struct headings h = { 0 };
	struct seals seals = { 0 };
	struct targetview v = { .targets = &t,
		.headings = &h,
		.seals = &seals,
		.station = "que-minh",
		.deadline = "" };
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(t.rows);
	civil_read_date("2026-11-23", &v.from_day);
	civil_read_date("2026-11-26", &v.to_day);
	assert_int_equal(fn(&v, out), 0);
	fclose(out);
	targets_clear(&t);
	return text;
}

static void
has(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, text);
}

static void
a_person_reads_plan_target_and_what_is_lacking(void **state)
{
	char *text = shown(targetview_print);

	(void)state;
	has(text, "=99/KH, 16/05/2023, UBND: Đối \"ngoại\"\n  Đối ngoại\n");
	has(text, "week 48 of 2026  airings 3, PL: 20 min  1+2, 45 min  "
		  "1+1, 25 min  airings 1, PL: 10 min  NOT reached\n");
	has(text, "      aired in part 1, no airing\n");
	has(text, "      cut by these days, counted whole: 23/11/2026 to "
		  "29/11/2026\n");
	has(text, "      the target was set or changed within it");
	has(text, "  Khác\nthese days       –");
	has(text, "none is set");
	has(text, "que-minh: the log does not tell which targets there were");
	free(text);
}

static void
a_spreadsheet_gets_each_figure_and_no_formula(void **state)
{
	char *text = shown(targetview_csv);

	(void)state;
	has(text, "station,plan_no,plan_date,plan_issuer,plan_subject,");
	has(text, "\r\n\"que-minh\",\"'=99/KH\",\"2023-05-16\",\"UBND\","
		  "\"Đối \"\"ngoại\"\"\",\"\",\"ttdn\",\"Đối ngoại\",\"week\","
		  "\"2026-W48\",\"2026-11-23\",\"2026-11-29\",1,1,1,\"\","
		  "3,,,,,20,1,2,900000,1800000,1,1,900000,600000,0,1,0,"
		  "1,,,,,600000,lacking,0,\r\n");
	has(text, "\"\",,,,,,,1,2,900000,");
	/* Nor does what a record says move a terminal's cursor. */
	has(text, "\"khac?[2J\",\"Khác\"");
	free(text);
}

static int
draw(const struct targetview *v, FILE *out)
{
	struct targetview copy = *v;
	struct page_setup setup = { "title", "foot", targetview_draw, &copy };
	struct page_result result;

	assert_int_equal(page_make(&setup, &result), 0);
	fprintf(out, "%d pages, without font: \"%s\"", result.pages,
	    result.missing);
	free(result.pdf);
	return 0;
}

static void
they_are_pages_to_be_signed_too(void **state)
{
	char *text = shown(draw);

	(void)state;
	assert_string_equal(text, "1 pages, without font: \"\"");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_person_reads_plan_target_and_what_is_lacking),
		cmocka_unit_test(a_spreadsheet_gets_each_figure_and_no_formula),
		cmocka_unit_test(they_are_pages_to_be_signed_too),
	};

	return cmocka_run_group_tests_name("targetview", tests, NULL, NULL);
}
