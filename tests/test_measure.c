/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intake/measure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define R MEASURE_RATE

/* A 997 Hz tone per side, level in full scale, between two seconds; at the end
 * of all it fades. */
struct tone {
	double left, right;
	int from_s, to_s, all_s;
};

static struct measured
measure_tone(int channels, const struct tone *t)
{
	struct measure *m;
	struct measured r;
	int16_t pcm[2];

	assert_int_equal(measure_make(channels, &m), 0);
	for (int i = 0; i < t->all_s * R; i++) {
		bool on = i >= t->from_s * R && i < t->to_s * R;
		double fade = fmin(1, (t->all_s * R - i) / (0.1 * R));
		double x = on ? fade * sin(2 * M_PI * 997 * i / R + 0.1) : 0;
		double l = fmax(-1, fmin(32767.0 / 32768, x * t->left));
		double g = fmax(-1, fmin(32767.0 / 32768, x * t->right));

		pcm[0] = (int16_t)lrint(l * 32768);
		pcm[1] = (int16_t)lrint(g * 32768);
		assert_int_equal(measure_add(m, pcm, 1), 0);
	}
	measure_result(m, &r);
	measure_free(m);
	return r;
}

static void
loudness_and_peak_are_those_of_the_standard(void **state)
{
	static const struct {
		const char *when;
		int channels;
		struct tone tone;
		double lufs, peak_db;
	} cases[] = {
		/* BS.1770: 997 Hz at full scale in one channel is -3.01. */
		{ "full scale on one side", 2, { 1, 0, 0, 5, 5 }, -3.01, 0 },
		{ "-20 dB on both sides", 2, { .1, .1, 0, 5, 5 }, -20, -20 },
		{ "-20 dB in mono, on both", 1, { .1, .1, 0, 5, 5 }, -20, -20 },
		{ "the gate leaves silence out", 1, { .1, .1, 5, 25, 30 }, -20,
		    -20 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct measured r =
		    measure_tone(cases[i].channels, &cases[i].tone);

		if (fabs(r.lufs - cases[i].lufs) > 0.2 ||
		    fabs(r.peak_db - cases[i].peak_db) > 0.2)
			fail_msg("%s: %.2f LUFS, %.2f dBTP", cases[i].when,
			    r.lufs, r.peak_db);
	}
}

static void
warnings_name_what_is_wrong_and_when(void **state)
{
	static const struct {
		const char *when;
		int channels;
		struct tone tone;
		const char *words[2]; /* in the warnings; NULL no more */
	} cases[] = {
		{ "nothing is wrong", 2, { .1, .1, 0, 5, 5 }, { NULL } },
		{ "a pause of 3 s is nothing", 1, { .1, .1, 3, 5, 8 },
		    { NULL } },
		{ "a long pause at the head", 1, { .1, .1, 65, 70, 70 },
		    { "silence until 1:05" } },
		{ "a long pause at the end", 1, { .1, .1, 0, 61, 66 },
		    { "silence from 1:01" } },
		{ "pauses at both ends", 1, { .1, .1, 4, 5, 10 },
		    { "until 0:04", "from 0:05" } },
		{ "the left is dead", 2, { 0, .1, 0, 5, 5 },
		    { "left side is silent" } },
		{ "the right is dead", 2, { .1, 0, 0, 5, 5 },
		    { "right side is silent" } },
		{ "the sides cancel", 2, { .1, -.1, 0, 5, 5 },
		    { "cancel each other" } },
		{ "clipped", 1, { 4, 4, 1, 2, 2 }, { "(0:01)" } },
		{ "full scale without clipping", 1, { .99, .99, 0, 2, 2 },
		    { NULL } },
		{ "very quiet", 1, { .01, .01, 0, 5, 5 }, { "very quiet" } },
		{ "all silent", 2, { 0, 0, 0, 5, 5 }, { "no sound in it" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct measured r =
		    measure_tone(cases[i].channels, &cases[i].tone);
		json_t *list = json_array();
		size_t n = 0;

		assert_int_equal(measured_warn(&r, list), 0);
		for (; n < 2 && cases[i].words[n] != NULL; n++) {
			const char *text =
			    json_string_value(json_array_get(list, n));

			if (text == NULL ||
			    strstr(text, cases[i].words[n]) == NULL)
				fail_msg("%s: \"%s\"", cases[i].when, text);
		}
		if (json_array_size(list) != n)
			fail_msg("%s: %zu warnings", cases[i].when,
			    json_array_size(list));
		json_decref(list);
	}
}

/* Stretches of a tone, one after the other; an amplitude a side. */
struct stretch {
	double s;
	double left, right;
};

static struct measured
measure_stretches(const struct stretch *list, size_t n)
{
	struct measure *m;
	struct measured r;
	int64_t at = 0;

	assert_int_equal(measure_make(2, &m), 0);
	for (size_t k = 0; k < n; k++)
		for (int64_t i = 0; i < list[k].s * R; i++, at++) {
			double x = sin(2 * M_PI * 997 * (double)at / R) * 32767;
			int16_t pcm[2] = { (int16_t)(x * list[k].left),
				(int16_t)(x * list[k].right) };

			assert_int_equal(measure_add(m, pcm, 1), 0);
		}
	measure_result(m, &r);
	measure_free(m);
	return r;
}

static void
each_place_has_its_kind_and_its_time(void **state)
{
	static const struct {
		const char *when;
		struct stretch s[6];
		const char *marks; /* kind from_ms-to_ms ... */
		const char *words; /* in one of the warnings */
	} cases[] = {
		{ "a pause",
		    { { 10, .1, .1 }, { 5, 0, 0 }, { 5, .1, .1 }, { 1, 0, 0 } },
		    "pause 10000-15000 ", "silence from 0:10 to 0:15" },
		{ "a room's noise is a pause",
		    { { 9, .1, .1 }, { 4, .001, .001 }, { 5, .1, .1 },
			{ 1, 0, 0 } },
		    "pause 9000-13000 ", "from 0:09 to 0:13" },
		{ "a short pause is none",
		    { { 5, .1, .1 }, { 2.9, 0, 0 }, { 5, .1, .1 },
			{ 1, 0, 0 } },
		    "", NULL },
		{ "the left is gone for a while",
		    { { 5, .1, .1 }, { 4, 0, .1 }, { 5, .1, .1 }, { 1, 0, 0 } },
		    "left 5000-9000 ", "left side is silent from 0:05" },
		{ "the right never comes back",
		    { { 5, .1, .1 }, { 4, .1, .0003 }, { 1, 0, 0 } },
		    "right 5000-9000 ", "right side is silent from 0:05" },
		{ "the right was never there", { { 5, .1, 0 }, { 1, 0, 0 } },
		    "right 0-6000 ", "right side is silent; check" },
		{ "cut off", { { 5, .1, .1 } }, "cut 4980-5000 ",
		    "abruptly in full sound at 0:05" },
		{ "an end in a whisper", { { 5, .1, .1 }, { .1, .01, .01 } },
		    "", NULL },
		{ "head and tail", { { 4, 0, 0 }, { 5, .1, .1 }, { 6, 0, 0 } },
		    "head 0-4000 tail 9000-15000 ", "silence from 0:09 on" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct measured r =
		    measure_stretches(cases[i].s, COUNT(cases[i].s));
		json_t *marks = json_array(), *words = json_array();
		char text[300] = "";
		char *all;
		size_t k;
		json_t *v;

		assert_int_equal(measured_marks(&r, marks), 0);
		json_array_foreach(marks, k, v)
		{
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%s %lld-%lld ",
			    json_string_value(json_object_get(v, "kind")),
			    json_integer_value(json_object_get(v, "from_ms")),
			    json_integer_value(json_object_get(v, "to_ms")));
		}
		assert_int_equal(measured_warn(&r, words), 0);
		all = json_dumps(words, 0);
		if (strcmp(text, cases[i].marks) != 0 ||
		    (cases[i].words != NULL &&
			strstr(all, cases[i].words) == NULL))
			fail_msg("%s: \"%s\" %s", cases[i].when, text, all);
		free(all);
		json_decref(marks);
		json_decref(words);
	}
}

static void
a_hundred_clipped_places_are_counted_and_the_first_ones_told(void **state)
{
	struct measure *m;
	struct measured r;
	json_t *words = json_array();

	(void)state;
	assert_int_equal(measure_make(1, &m), 0);
	for (int i = 0; i < 200 * R; i++) {
		int16_t x = i % (2 * R) < 5 ? INT16_MAX : (int16_t)(i % 1000);

		assert_int_equal(measure_add(m, &x, 1), 0);
	}
	measure_result(m, &r);
	assert_int_equal(r.clips, 100);
	assert_int_equal(r.n_marks, MEASURE_MARKS_MAX);
	assert_int_equal(measured_warn(&r, words), 0);
	assert_non_null(strstr(json_string_value(json_array_get(words, 0)),
	    "100 places (0:00, 0:02, 0:04, 0:06, 0:08, ...)"));
	json_decref(words);
	measure_free(m);
}

static void
samples_off_the_middle_are_told(void **state)
{
	struct measure *m;
	struct measured r;
	json_t *words = json_array();

	(void)state;
	assert_int_equal(measure_make(1, &m), 0);
	for (int i = 0; i < 5 * R; i++) {
		int16_t x =
		    (int16_t)(1640 + 3000 * sin(2 * M_PI * 997 * i / R));

		assert_int_equal(measure_add(m, &x, 1), 0);
	}
	measure_result(m, &r);
	assert_true(fabs(r.dc - 0.05) < 0.001);
	assert_int_equal(measured_warn(&r, words), 0);
	assert_non_null(strstr(json_string_value(json_array_get(
				   words, json_array_size(words) - 1)),
	    "5 % off the middle"));
	json_decref(words);
	measure_free(m);
}

static void
silence_has_neither_loudness_nor_peak(void **state)
{
	struct measured r = measure_tone(1, &(struct tone){ 0, 0, 0, 1, 1 });

	(void)state;
	assert_true(r.silent);
	assert_int_equal(r.frames, R);
	assert_int_equal(r.head_frames, R);
	assert_true(r.lufs == -HUGE_VAL);
	assert_true(r.peak_db == -HUGE_VAL);
}

static void
nothing_at_all_is_survived(void **state)
{
	struct measure *m = NULL;
	struct measured r;

	(void)state;
	assert_int_equal(measure_make(3, &m), -EINVAL);
	assert_int_equal(measure_make(0, &m), -EINVAL);
	assert_null(m);
	assert_int_equal(measure_make(2, &m), 0);
	assert_int_equal(measure_add(m, NULL, 0), 0);
	measure_result(m, &r);
	assert_int_equal(r.frames, 0);
	assert_null(measure_free(m));
	assert_null(measure_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_has_its_kind_and_its_time),
		cmocka_unit_test(
		    a_hundred_clipped_places_are_counted_and_the_first_ones_told),
		cmocka_unit_test(samples_off_the_middle_are_told),
		cmocka_unit_test(loudness_and_peak_are_those_of_the_standard),
		cmocka_unit_test(warnings_name_what_is_wrong_and_when),
		cmocka_unit_test(silence_has_neither_loudness_nor_peak),
		cmocka_unit_test(nothing_at_all_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
