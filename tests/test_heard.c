/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/heard.h"
#include "tests/fakes/folder.h"

#define ROOT "4LVfYnxtYZ9oGjcVYAeMuRjRkdUs4MVyLFc2R4QtUbQ="

static struct folder top;

/* A station of the roster; its key's digits. */
static const char *
enter(unsigned char seed, const char *name)
{
	static struct roster_station s;
	unsigned char bytes[NOTE_KEY] = { seed };
	char origin[NOTE_NAME];
	char folder[128];
	struct note_signer n;

	assert_int_equal(signer_origin(bytes, 1, origin), 0);
	assert_int_equal(note_signer(origin, NOTE_ED25519, bytes, &n), 0);
	roster_clear(&s);
	assert_int_equal(roster_new(&n.key, name, 0, &s), 0);
	note_forget(&n);
	snprintf(folder, sizeof(folder), "%s/stations", top.path);
	assert_int_equal(roster_write(folder, &s), 0);
	return s.hex;
}

static void
write_tree(const char *hex, int number, int size)
{
	char name[128], text[300];

	snprintf(name, sizeof(name), "stations/%s/v%d/checkpoint", hex, number);
	snprintf(text, sizeof(text),
	    "o/v%d\n%d\n" ROOT "\n\n\xe2\x80\x94 o AAAAAAA=\n", number, size);
	folder_write(&top, name, text);
}

struct said {
	char text[400];
};

static int
on_heard(void *arg, const struct heard *h)
{
	struct said *s = arg;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n,
	    "%s: %d trees, %d, %d of %s; ", h->station->name, h->trees,
	    (int)h->leaves, (int)h->last.size,
	    h->trees > 0 ? h->last.origin : "-");
	snprintf(s->text + strlen(s->text), 20, "%d\n", h->forks);
	return 0;
}

static void
test_each_station_is_told_with_its_newest_tree(void **state)
{
	struct said said = { "" };
	char name[128];
	const char *hex;

	(void)state;
	assert_int_equal(heard_each(top.path, on_heard, &said), 0);
	assert_string_equal(said.text, "");
	hex = enter(1, "Đài A");
	write_tree(hex, 1, 212);
	write_tree(hex, 2, 225);
	/* Not cosigned yet. */
	snprintf(name, sizeof(name), "stations/%s/v3/key", hex);
	folder_write(&top, name, "");
	snprintf(name, sizeof(name), "apart/%s/v1-3f/checkpoint", hex);
	folder_write(&top, name, "");
	snprintf(name, sizeof(name), "apart/%s/v1/checkpoint", hex);
	folder_write(&top, name, "");
	assert_int_equal(heard_each(top.path, on_heard, &said), 0);
	assert_string_equal(said.text, "Đài A: 2 trees, 437, 225 of o/v2; 1\n");
	/* A checkpoint that is none. */
	snprintf(name, sizeof(name), "stations/%s/v2/checkpoint", hex);
	folder_write(&top, name, "?");
	assert_int_equal(heard_each(top.path, on_heard, &said), -EBADMSG);
}

static void
test_a_station_that_sent_nothing_is_told(void **state)
{
	struct said said = { "" };

	(void)state;
	enter(2, "Đài B");
	assert_int_equal(heard_each(top.path, on_heard, &said), 0);
	assert_string_equal(said.text, "Đài B: 0 trees, 0, 0 of -; 0\n");
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&top);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&top);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_each_station_is_told_with_its_newest_tree, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_station_that_sent_nothing_is_told, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
