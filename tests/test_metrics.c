/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text is read back by a small parser of its own, written from the rules
 * of the exposition format (the header names them) and not from the writer.
 */
#include <ctype.h>
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

#include "base/civil.h"
#include "scheduler/metrics.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NAMES_MAX 100
#define SERIES_MAX 400

/* What a reader of the format must keep in mind. */
struct reader {
	char names[NAMES_MAX][80]; /* in order: none may come back */
	size_t n_names;
	bool typed[NAMES_MAX];
	bool helped[NAMES_MAX];
	size_t samples[NAMES_MAX];
	char series[SERIES_MAX][256]; /* name and labels: each once */
	size_t n_series;
	char why[400]; /* the first fault, or "" */
};

static bool
wrong(struct reader *r, const char *why, const char *line)
{
	if (r->why[0] == '\0')
		snprintf(r->why, sizeof(r->why), "%s: %.200s", why, line);
	return false;
}

/* [a-zA-Z_:][a-zA-Z0-9_:]*, and a label's without the colon. */
static size_t
name_length(const char *s, bool label)
{
	size_t n = 0;

	if (!isalpha((unsigned char)s[0]) && s[0] != '_' &&
	    (label || s[0] != ':'))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_' ||
	       (!label && s[n] == ':'))
		n++;
	return n;
}

/* Lines of one name are one group: the current one, or a new one. */
static size_t
group_of(struct reader *r, const char *name, size_t n, const char *line)
{
	for (size_t i = 0; i < r->n_names; i++)
		if (strlen(r->names[i]) == n &&
		    strncmp(r->names[i], name, n) == 0) {
			if (i + 1 != r->n_names)
				wrong(r, "a group goes on further down", line);
			return i;
		}
	assert_true(r->n_names < NAMES_MAX && n < sizeof(r->names[0]));
	snprintf(
	    r->names[r->n_names], sizeof(r->names[0]), "%.*s", (int)n, name);
	return r->n_names++;
}

static bool
read_comment(struct reader *r, const char *line)
{
	bool help = strncmp(line, "# HELP ", 7) == 0;
	bool type = strncmp(line, "# TYPE ", 7) == 0;
	size_t n, g;

	if (!help && !type)
		return true;
	n = name_length(line + 7, false);
	if (n == 0 || line[7 + n] != ' ')
		return wrong(r, "no name", line);
	g = group_of(r, line + 7, n, line);
	if (r->samples[g] > 0)
		return wrong(r, "behind its samples", line);
	if ((help && r->helped[g]) || (type && r->typed[g]))
		return wrong(r, "twice", line);
	if (type && strcmp(line + 8 + n, "gauge") != 0 &&
	    strcmp(line + 8 + n, "counter") != 0)
		return wrong(r, "no such type", line);
	r->helped[g] = r->helped[g] || help;
	r->typed[g] = r->typed[g] || type;
	return true;
}

/* {key="value",...}: what stands behind, or NULL. */
static const char *
read_labels(struct reader *r, const char *p, const char *line)
{
	for (p++; *p != '}';) {
		size_t n = name_length(p, true);

		if (n == 0 || p[n] != '=' || p[n + 1] != '"') {
			wrong(r, "no label", line);
			return NULL;
		}
		for (p += n + 2; *p != '"'; p++) {
			if (*p == '\\' && strchr("\\\"n", p[1]) == NULL)
				p = "";
			else if (*p == '\\')
				p++;
			if (*p == '\0') {
				wrong(r, "a label's value", line);
				return NULL;
			}
		}
		p += p[1] == ',' ? 2 : 1;
	}
	return p + 1;
}

static bool
read_sample(struct reader *r, const char *line)
{
	size_t n = name_length(line, false);
	const char *p = line + n;
	char *end;
	size_t g;

	if (n == 0)
		return wrong(r, "no name", line);
	g = group_of(r, line, n, line);
	if (!r->typed[g] || !r->helped[g])
		return wrong(r, "no HELP or TYPE before it", line);
	if (*p == '{')
		p = read_labels(r, p, line);
	if (p == NULL)
		return false;
	for (size_t i = 0; i < r->n_series; i++)
		if (strlen(r->series[i]) == (size_t)(p - line) &&
		    strncmp(r->series[i], line, (size_t)(p - line)) == 0)
			return wrong(r, "the same series twice", line);
	assert_true(r->n_series < SERIES_MAX);
	snprintf(r->series[r->n_series++], sizeof(r->series[0]), "%.*s",
	    (int)(p - line), line);
	if (*p != ' ' || isspace((unsigned char)p[1]))
		return wrong(r, "no single space before the value", line);
	strtod(p + 1, &end);
	if (end == p + 1 || *end != '\0')
		return wrong(r, "no number at the end", line);
	if (strlen(r->names[g]) > 6 &&
	    strcmp(r->names[g] + strlen(r->names[g]) - 6, "_total") == 0 &&
	    p[1] == '-')
		return wrong(r, "a counter below zero", line);
	r->samples[g]++;
	return true;
}

/* NULL when the text is of the format, else why it is not. */
static const char *
fault_of(struct reader *r, const char *text)
{
	*r = (struct reader){ 0 };
	while (*text != '\0') {
		const char *lf = strchr(text, '\n');
		char line[512];

		if (lf == NULL)
			return "the last line has no line feed";
		snprintf(line, sizeof(line), "%.*s", (int)(lf - text), text);
		if (line[0] == '#' ? !read_comment(r, line)
				   : line[0] != '\0' && !read_sample(r, line))
			return r->why;
		text = lf + 1;
	}
	for (size_t i = 0; i < r->n_names; i++)
		if (r->samples[i] == 0)
			return "a head without samples";
	return r->why[0] == '\0' ? NULL : r->why;
}

static void
the_reader_itself_refuses_what_the_format_does(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		bool good;
	} cases[] = {
		{ "one sample", "# HELP a x\n# TYPE a gauge\na 1\n", true },
		{ "labels",
		    "# HELP a x\n# TYPE a gauge\na{b=\"c\",d=\"\\\"\\n\"} "
		    "1.5\n",
		    true },
		{ "no line feed", "# HELP a x\n# TYPE a gauge\na 1", false },
		{ "no type", "# HELP a x\na 1\n", false },
		{ "a type below its sample",
		    "# HELP a x\n# TYPE a gauge\na 1\n# TYPE a gauge\n",
		    false },
		{ "no such type", "# HELP a x\n# TYPE a number\na 1\n", false },
		{ "an open quote", "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
		    false },
		{ "an escape that is none",
		    "# HELP a x\n# TYPE a gauge\na{b=\"\\t\"} 1\n", false },
		{ "a comma for a point", "# HELP a x\n# TYPE a gauge\na 1,5\n",
		    false },
		{ "a time stamp", "# HELP a x\n# TYPE a gauge\na 1 99\n",
		    false },
		{ "a series twice", "# HELP a x\n# TYPE a gauge\na 1\na 2\n",
		    false },
		{ "a group in two places",
		    "# HELP a x\n# TYPE a gauge\na{b=\"1\"} 1\n"
		    "# HELP c x\n# TYPE c gauge\nc 1\na{b=\"2\"} 1\n",
		    false },
	};
	static struct reader r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why = fault_of(&r, cases[i].text);

		if ((why == NULL) != cases[i].good)
			fail_msg("%s: %s", cases[i].when,
			    why == NULL ? "taken" : why);
	}
}

/* The sample's value as text, or NULL. */
static const char *
value_of(const char *text, const char *series, char *buf, size_t size)
{
	char line[300];
	const char *at;

	snprintf(line, sizeof(line), "\n%s ", series);
	at = strstr(text, line);
	if (at == NULL)
		return NULL;
	at += strlen(line);
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
	return buf;
}

static void
expect(const char *text, const char *series, const char *value)
{
	char got[64];

	if (value_of(text, series, got, sizeof(got)) == NULL)
		fail_msg("no %s in\n%s", series, text);
	if (strcmp(got, value) != 0)
		fail_msg("%s is %s, wanted %s", series, got, value);
}

static const char rich[] =
    "{\"version\":\"0.1.0\",\"utc\":\"2026-11-26T10:00:00.250000Z\","
    "\"started_utc\":\"2026-11-26T09:00:00.000000Z\",\"clock\":\"synced\","
    "\"hold\":false,\"boot\":{\"outage_ms\":90500},\"log\":{\"leaves\":12,"
    "\"waiting\":3,\"error\":\"No space\",\"late\":1,\"synced_utc\":null},"
    "\"verdict\":\"broken\",\"faults\":[{\"fault\":\"log_failing\","
    "\"station\":\"\",\"level\":\"broken\","
    "\"since_utc\":\"2026-11-26T09:59:00.000000Z\"}],\"stations\":["
    "{\"station\":\"a\",\"device\":\"ok\",\"on\":{\"slot\":\"x\"},"
    "\"stopped_until_utc\":null,\"schedule\":{\"in_force\":true},"
    "\"today\":{\"planned\":5,\"aired\":2,\"aired_partial\":0,"
    "\"not_aired\":2,\"external\":0,\"open\":1,\"lost_ms\":61001,"
    "\"reasons\":{\"not_aired\":{\"outside_hours\":1,"
    "\"missing_item\":1},\"aired\":{\"late\":1}}}},"
    "{\"station\":\"quote\\\"back\\\\line\\n\",\"device\":\"lost\","
    "\"on\":null,\"stopped_until_utc\":\"forever\","
    "\"schedule\":{\"in_force\":false},\"today\":{}}]}";

static void
every_figure_stands_in_the_text(void **state)
{
	static struct reader r;
	json_t *a = json_loads(rich, 0, NULL);
	size_t n;
	char *text = metrics_text(a, &n);
	const char *why = fault_of(&r, text);

	(void)state;
	if (why != NULL)
		fail_msg("%s\n%s", why, text);
	assert_int_equal(strlen(text), n);
	expect(text, "loaxa_build_info{version=\"0.1.0\"}", "1");
	expect(text, "loaxa_status_time_seconds", "1795687200.250");
	expect(text, "loaxa_outage_seconds", "90.500");
	expect(text, "loaxa_log_waiting_records", "3");
	expect(text, "loaxa_log_failing", "1");
	expect(text, "loaxa_verdict{verdict=\"broken\"}", "1");
	expect(text, "loaxa_verdict{verdict=\"ok\"}", "0");
	expect(text, "loaxa_clock_trust{trust=\"synced\"}", "1");
	expect(text, "loaxa_clock_trust{trust=\"unsure\"}", "0");
	expect(text,
	    "loaxa_fault_since_seconds{fault=\"log_failing\",station=\"\","
	    "level=\"broken\"}",
	    "1795687140.000");
	expect(text, "loaxa_station_on_air{station=\"a\"}", "1");
	expect(text, "loaxa_slots_lost_seconds{station=\"a\"}", "61.001");
	expect(text,
	    "loaxa_slots{station=\"a\",status=\"not_aired\","
	    "reason=\"outside_hours\"}",
	    "1");
	expect(text,
	    "loaxa_slots{station=\"a\",status=\"not_aired\",reason=\"\"}", "0");
	expect(text, "loaxa_slots{station=\"a\",status=\"aired\",reason=\"\"}",
	    "1");
	expect(text,
	    "loaxa_station_stopped{station=\"quote\\\"back\\\\line\\n\"}", "1");
	expect(text,
	    "loaxa_device{station=\"quote\\\"back\\\\line\\n\","
	    "state=\"lost\"}",
	    "1");
	assert_null(strstr(text, "loaxa_log_last_sync_seconds"));
	free(text);
	json_decref(a);
}

static void
little_is_no_fault(void **state)
{
	static struct reader r;
	json_t *a = json_object();
	size_t n;
	char *text = metrics_text(a, &n);

	(void)state;
	assert_null(fault_of(&r, text));
	free(text);
	json_decref(a);
}

static void
the_file_is_whole_or_as_it_was(void **state)
{
	char folder[] = "/tmp/loaxa-metrics-XXXXXX";
	char path[100], tmp[100];
	char got[20] = "";
	struct stat st;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/m.prom", folder);
	snprintf(tmp, sizeof(tmp), "%s/m.prom.tmp", folder);
	assert_int_equal(metrics_write(path, "a 1\n", 4), 0);
	/* A folder in the way of the temporary file. */
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(metrics_write(path, "a 2\n", 4), -EISDIR);
	rmdir(tmp);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(got, sizeof(got), f));
	fclose(f);
	assert_string_equal(got, "a 1\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	unlink(path);
	rmdir(folder);
	assert_int_equal(metrics_write(path, "a 1\n", 4), -ENOENT);
}

/* Where others write as well: a pipe would hang the daemon, a link would cost
 * the file it leads to. */
static void
what_lies_in_the_way_is_not_written_to(void **state)
{
	char folder[] = "/tmp/loaxa-metrics-XXXXXX";
	char path[100], tmp[100], log[100];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/m.prom", folder);
	snprintf(tmp, sizeof(tmp), "%s/m.prom.tmp", folder);
	snprintf(log, sizeof(log), "%s/log", folder);
	assert_int_equal(mkfifo(tmp, 0600), 0);
	alarm(10);
	assert_int_equal(metrics_write(path, "a 1\n", 4), 0);
	alarm(0);
	assert_int_equal(metrics_write(log, "evidence\n", 9), 0);
	assert_int_equal(link(log, tmp), 0);
	assert_int_equal(metrics_write(path, "a 2\n", 4), 0);
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_size, 9);
	assert_int_equal(symlink(log, tmp), 0);
	assert_int_equal(metrics_write(path, "a 3\n", 4), 0);
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_size, 9);
	unlink(path);
	unlink(log);
	rmdir(folder);
}

/* In the daemon's turn ---------------------------------------------------- */

struct kept {
	struct world w;
	char *text; /* the last */
	int writes;
	int64_t first_us, last_us;
	int64_t shortest_us, longest_us; /* between two writes */
	int answer;
};

static int
keep(void *arg, const char *path, const char *text, size_t n)
{
	struct kept *k = arg;
	int64_t us = k->w.now.boot_us;

	assert_null(path);
	if (k->writes++ > 0) {
		k->shortest_us = earlier(k->shortest_us, us - k->last_us);
		k->longest_us = later(k->longest_us, us - k->last_us);
	}
	k->last_us = us;
	free(k->text);
	k->text = strndup(text, n);
	return k->answer;
}

static void
kept_make(struct kept *k)
{
	*k = (struct kept){ .shortest_us = NEVER };
	world_make(&k->w,
	    "station = \"que-minh\"; name = \"Quế Minh\";\n"
	    "slots = ( { id = \"sang\"; days = \"T2-CN\"; at = \"05:00:00\";"
	    " for = \"00:01:00\"; item = \"nhac\"; },\n"
	    " { id = \"mat\"; days = \"T2-CN\"; at = \"05:02:00\";"
	    " for = \"00:01:00\"; item = \"mat\"; } );",
	    NULL);
	world_item(&k->w, "nhac", 60000);
	k->w.metrics = keep;
	k->w.metrics_arg = k;
}

static void
they_are_written_each_minute_and_when_something_breaks(void **state)
{
	static struct reader r;
	struct kept k;
	const char *why;

	(void)state;
	kept_make(&k);
	world_start(&k.w);
	assert_int_equal(k.writes, 1);
	world_run(&k.w, world_us(0, "05:00:30"));
	expect(k.text, "loaxa_station_up{station=\"que-minh\"}", "1");
	/* Each turn while on air is no reason to write. */
	assert_in_range(k.writes, 60, 63);
	assert_true(k.longest_us <= 60 * US_PER_S);
	world_run(&k.w, world_us(0, "05:03:00") + 10 * US_PER_S);
	/* At once, and not a minute later. */
	expect(k.text, "loaxa_verdict{verdict=\"look\"}", "1");
	expect(k.text,
	    "loaxa_slots{station=\"que-minh\",status=\"not_aired\","
	    "reason=\"missing_item\"}",
	    "1");
	expect(
	    k.text, "loaxa_slots_lost_seconds{station=\"que-minh\"}", "60.000");
	assert_true(k.shortest_us >= 5 * US_PER_S);
	why = fault_of(&r, k.text);
	if (why != NULL)
		fail_msg("%s\n%s", why, k.text);
	world_end(&k.w);
	free(k.text);
}

static void
what_flaps_is_written_every_five_seconds_at_most(void **state)
{
	struct kept k;

	(void)state;
	kept_make(&k);
	world_start(&k.w);
	for (int i = 1; i <= 300; i++) {
		k.w.now.trust = i % 2 == 0 ? TRUST_SYNCED : TRUST_UNSURE;
		world_run(&k.w, world_us(0, "04:00:00") + i * US_PER_S);
	}
	assert_true(k.shortest_us >= 5 * US_PER_S);
	assert_in_range(k.writes, 40, 61);
	world_end(&k.w);
	free(k.text);
}

static void
a_write_that_fails_disturbs_nobody_and_is_told(void **state)
{
	struct kept k;

	(void)state;
	kept_make(&k);
	k.answer = -EROFS;
	world_start(&k.w);
	world_run(&k.w, world_us(0, "06:00:00"));
	world_expect(&k.w, 0, "sang", "aired", "");
	assert_true(k.longest_us <= 60 * US_PER_S);
	assert_non_null(strstr(k.text, "fault=\"metrics_failing\""));
	world_end(&k.w);
	free(k.text);
}

static void
a_restart_keeps_the_reasons_of_the_day(void **state)
{
	struct kept k;

	(void)state;
	kept_make(&k);
	world_start(&k.w);
	world_run(&k.w, world_us(0, "06:00:00"));
	world_kill(&k.w);
	world_start(&k.w);
	expect(k.text,
	    "loaxa_slots{station=\"que-minh\",status=\"not_aired\","
	    "reason=\"missing_item\"}",
	    "1");
	assert_non_null(strstr(k.text, "fault=\"process_died\""));
	world_end(&k.w);
	free(k.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_reader_itself_refuses_what_the_format_does),
		cmocka_unit_test(every_figure_stands_in_the_text),
		cmocka_unit_test(little_is_no_fault),
		cmocka_unit_test(the_file_is_whole_or_as_it_was),
		cmocka_unit_test(what_lies_in_the_way_is_not_written_to),
		cmocka_unit_test(
		    they_are_written_each_minute_and_when_something_breaks),
		cmocka_unit_test(
		    what_flaps_is_written_every_five_seconds_at_most),
		cmocka_unit_test(
		    a_write_that_fails_disturbs_nobody_and_is_told),
		cmocka_unit_test(a_restart_keeps_the_reasons_of_the_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
