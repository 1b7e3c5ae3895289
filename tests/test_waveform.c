/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/frames.h"
#include "ctl/picture.h"
#include "ctl/waveform.h"
#include "tests/fakes/folder.h"

/* Ten seconds of a loud tone, two of them silent, with marks. */
static struct item
an_item(void)
{
	struct item it = { .id = (char *)"tin",
		.title = (char *)"Bản tin xã Quế Minh",
		.frames = 10 * RATE,
		.channels = 1,
		.lufs = -20,
		.peak_db = -3 };

	it.marks =
	    json_loads("[{\"kind\":\"pause\",\"from_ms\":4000,\"to_ms\":6000},"
		       "{\"kind\":\"cut\",\"from_ms\":9980,\"to_ms\":10000}]",
		0, NULL);
	return it;
}

static void
fill(struct waveform *w, int columns)
{
	int16_t pcm[2 * 480];

	assert_int_equal(waveform_make(columns, 10 * RATE, w), 0);
	for (int64_t at = 0; at < 10 * RATE; at += 480) {
		bool on = at < 4 * RATE || at >= 6 * RATE;

		for (int i = 0; i < 960; i++)
			pcm[i] =
			    (int16_t)(on ? (i % 4 < 2 ? 16384 : -16384) : 0);
		waveform_add(w, pcm, 480);
	}
}

static char *
printed(int columns, bool blocks)
{
	struct item it = an_item();
	struct waveform w;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	fill(&w, columns);
	waveform_print(f, &w, &it, blocks);
	fclose(f);
	waveform_clear(&w);
	json_decref(it.marks);
	return text;
}

static void
it_is_drawn_with_its_axis_and_its_places(void **state)
{
	char *text = printed(30, false);

	(void)state;
	assert_string_equal(text, "  ::::::::::::      ::::::::::::\n"
				  "  ############      ############\n"
				  "  ############      ############\n"
				  "  ############      ############\n"
				  "  ############      ############\n"
				  "  +--------------+-------------+\n"
				  "  0:00           0:05\n"
				  "              [-1--]           2\n"
				  "  1  0:04-0:06  silence\n"
				  "  2  0:09  seems cut off\n");
	free(text);
}

static void
blocks_show_eighths(void **state)
{
	char *text = printed(60, true);

	(void)state;
	assert_non_null(strstr(text, "▁"));
	assert_non_null(strstr(text, "█"));
	assert_non_null(strstr(text, "┴"));
	free(text);
}

static void
an_axis_has_round_steps(void **state)
{
	(void)state;
	assert_int_equal(waveform_step(9000, 10), 1);
	assert_int_equal(waveform_step(60000, 6), 10);
	assert_int_equal(waveform_step(3600000, 6), 600);
	assert_int_equal(waveform_step(INT64_C(86400000), 6), 14400);
}

static void
a_picture_is_a_file_of_its_kind_or_an_error(void **state)
{
	struct item it = an_item();
	struct folder f;
	struct waveform w;
	char path[100];
	char head[9] = "";
	FILE *file;

	(void)state;
	folder_make(&f);
	fill(&w, PICTURE_COLUMNS);
	snprintf(path, sizeof(path), "%s/a.png", f.path);
	assert_int_equal(picture_write(path, false, &w, &it, "10 s"), 0);
	file = fopen(path, "r");
	assert_int_equal(fread(head, 1, 8, file), 8);
	fclose(file);
	assert_memory_equal(head, "\x89PNG\r\n\x1a\n", 8);
	snprintf(path, sizeof(path), "%s/a.svg", f.path);
	assert_int_equal(picture_write(path, true, &w, &it, "10 s"), 0);
	file = fopen(path, "r");
	assert_int_equal(fread(head, 1, 5, file), 5);
	fclose(file);
	assert_memory_equal(head, "<?xml", 5);
	assert_true(picture_write("/dev/full", false, &w, &it, "") < 0);
	assert_true(picture_write("/nowhere/a", true, &w, &it, "") < 0);
	folder_remove(&f);
	waveform_clear(&w);
	json_decref(it.marks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_drawn_with_its_axis_and_its_places),
		cmocka_unit_test(blocks_show_eighths),
		cmocka_unit_test(an_axis_has_round_steps),
		cmocka_unit_test(a_picture_is_a_file_of_its_kind_or_an_error),
	};

	return cmocka_run_group_tests_name("waveform", tests, NULL, NULL);
}
