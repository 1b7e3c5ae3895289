/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person's word on an item, from the order to what airs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "tests/fakes/world.h"

static const char schedule[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "slots = ( { id = \"tin\"; days = \"T2-CN\"; at = \"05:00\";"
    " for = \"00:05\"; item = \"tin\"; } );\n";

static void
say(struct world *w, const char *kind, const char *who)
{
	char hex[HASH_HEX];
	char text[512];

	/* What the world's library says of an item: a hash of its id. */
	assert_int_equal(hash_bytes("tin", 3, hex), 0);
	snprintf(text, sizeof(text),
	    "{\"cmd\":\"record\",\"record\":{\"kind\":\"%s\",\"item\":\"tin\","
	    "\"sha256\":\"%s\",\"%s\":\"%s\"}}",
	    kind, hex, strcmp(kind, "item") == 0 ? "by" : "person", who);
	assert_true(world_ask(w, text));
}

static void
test_a_withdrawal_is_undone_by_a_new_approval_and_by_nothing_else(void **state)
{
	struct world w;

	(void)state;
	world_make(&w, schedule, NULL);
	world_item(&w, "tin", 300000);
	w.approval = true;
	world_start(&w);
	say(&w, "approve", "p-1");
	say(&w, "withdraw", "p-1");
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "tin", "not_aired", "not_approved");
	say(&w, "item", "p-2"); /* called anew: no approval */
	world_kill(&w);
	world_start(&w);
	world_run(&w, world_us(1, "06:00:00"));
	world_expect(&w, 1, "tin", "not_aired", "not_approved");
	say(&w, "approve", "p-1");
	world_run(&w, world_us(2, "06:00:00"));
	world_expect(&w, 2, "tin", "aired", "");
	world_account(&w);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_withdrawal_is_undone_by_a_new_approval_and_by_nothing_else),
	};

	return cmocka_run_group_tests_name("daemon_items", tests, NULL, NULL);
}
