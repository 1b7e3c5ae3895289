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

#include "base/root.h"

/* A new folder to stand in; its name in the state. */
static int
set_up(void **state)
{
	char *dir = strdup("/tmp/loaxa-root-XXXXXX");

	unsetenv("LOAXA_ROOT");
	if (dir == NULL || mkdtemp(dir) == NULL || chdir(dir) < 0)
		return -1;
	*state = dir;
	return 0;
}

static int
tear_down(void **state)
{
	unlink("etc/loaxa.conf");
	rmdir("etc");
	unlink("file");
	if (chdir("/") < 0 || rmdir(*state) < 0)
		return -1;
	free(*state);
	return 0;
}

static void
make_conf(void)
{
	FILE *f;

	assert_int_equal(mkdir("etc", 0700), 0);
	f = fopen("etc/loaxa.conf", "w");
	assert_non_null(f);
	fclose(f);
}

static void
without_any_sign_it_is_the_installed_places(void **state)
{
	struct root r;

	(void)state;
	assert_int_equal(root_find(NULL, &r), 0);
	assert_string_equal(r.conf, "/etc/loaxa/loaxa.conf");
	assert_string_equal(r.schedules, "/var/lib/loaxa/schedules");
	assert_string_equal(r.items, "/var/lib/loaxa/audio/items");
	assert_string_equal(r.log, "/var/lib/loaxa/log");
	assert_string_equal(r.people, "/var/lib/loaxa/people");
	assert_string_equal(r.socket, "/run/loaxa/control.sock");
	assert_string_equal(r.push, "/var/lib/loaxa-push");
}

static void
the_root_of_the_computer_is_the_installed_places(void **state)
{
	struct root r;

	(void)state;
	make_conf(); /* a service's folder might have one */
	assert_int_equal(root_find("/", &r), 0);
	assert_string_equal(r.conf, "/etc/loaxa/loaxa.conf");
	assert_string_equal(r.socket, "/run/loaxa/control.sock");
}

static void
the_current_folder_counts_when_it_has_a_configuration(void **state)
{
	struct root r;

	(void)state;
	make_conf();
	assert_int_equal(root_find(NULL, &r), 0);
	assert_string_equal(r.conf, "./etc/loaxa.conf");
	assert_string_equal(r.log, "./var/log");
	assert_string_equal(r.socket, "./run/control.sock");
	assert_string_equal(r.push, "./var/push");
}

static void
the_environment_beats_the_current_folder_and_the_option_beats_both(void **state)
{
	struct root r;

	make_conf();
	setenv("LOAXA_ROOT", "/tmp", 1);
	assert_int_equal(root_find(NULL, &r), 0);
	assert_string_equal(r.items, "/tmp/audio/items");
	assert_int_equal(root_find(*state, &r), 0);
	assert_int_equal(strncmp(r.index, *state, strlen(*state)), 0);
	setenv("LOAXA_ROOT", "", 1);
	assert_int_equal(root_find(NULL, &r), 0);
	assert_string_equal(r.var, "./var");
}

static void
a_root_that_is_no_folder_is_refused(void **state)
{
	struct root r = { .conf = "untouched" };
	char longest[ROOT_PATH_MAX + 1];
	FILE *f = fopen("file", "w");

	(void)state;
	fclose(f);
	assert_int_equal(root_find("no-such-folder", &r), -ENOENT);
	assert_int_equal(root_find("file", &r), -ENOTDIR);
	/* "././././…" exists, and is longer than what we can name below it. */
	for (size_t i = 0; i < ROOT_PATH_MAX; i++)
		longest[i] = i % 2 == 0 ? '.' : '/';
	longest[ROOT_PATH_MAX] = '\0';
	assert_int_equal(root_find(longest, &r), -ENAMETOOLONG);
	longest[ROOT_PATH_MAX - 8] = '\0';
	assert_int_equal(root_find(longest, &r), -ENAMETOOLONG);
	assert_string_equal(r.conf, "untouched");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    without_any_sign_it_is_the_installed_places, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_root_of_the_computer_is_the_installed_places, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_current_folder_counts_when_it_has_a_configuration,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_environment_beats_the_current_folder_and_the_option_beats_both,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_root_that_is_no_folder_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
