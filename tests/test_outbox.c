/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "playout/outbox.h"

static struct receipt
receipt(enum receipt_kind kind, uint64_t airing)
{
	return (struct receipt){ .kind = kind, .airing = airing };
}

static bool
put(struct outbox *o, enum receipt_kind kind, uint64_t airing)
{
	struct receipt r = receipt(kind, airing);

	return outbox_put(o, &r);
}

static void
test_receipts_leave_in_the_order_they_came(void **state)
{
	struct outbox o = { .n = 0 };

	(void)state;
	assert_null(outbox_first(&o));
	outbox_drop(&o);
	assert_true(put(&o, RECEIPT_STARTED, 1));
	assert_true(put(&o, RECEIPT_ENDED, 1));
	assert_int_equal(outbox_first(&o)->kind, RECEIPT_STARTED);
	outbox_drop(&o);
	assert_int_equal(outbox_first(&o)->kind, RECEIPT_ENDED);
	outbox_drop(&o);
	assert_null(outbox_first(&o));
}

static void
test_progress_is_not_kept_behind_older_news(void **state)
{
	struct outbox o = { .n = 0 };

	(void)state;
	assert_true(put(&o, RECEIPT_PROGRESS, 1));
	assert_false(put(&o, RECEIPT_PROGRESS, 1));
	assert_true(put(&o, RECEIPT_ENDED, 1));
	assert_int_equal(o.n, 2);
}

static void
test_the_device_cannot_take_the_places_of_the_cues(void **state)
{
	struct outbox o = { .n = 0 };

	(void)state;
	while (put(&o, RECEIPT_DEVICE_LOST, 0))
		;
	assert_false(outbox_has_room(&o));
	for (uint64_t n = 1; n <= CUES_MAX; n++) {
		assert_true(put(&o, RECEIPT_STARTED, n));
		assert_true(put(&o, RECEIPT_ENDED, n));
	}
	assert_false(put(&o, RECEIPT_ENDED, 99));
}

static void
test_with_room_every_cue_can_still_start_and_end(void **state)
{
	struct outbox o = { .n = 0 };
	unsigned held;

	(void)state;
	while (outbox_has_room(&o))
		assert_true(put(&o, RECEIPT_ENDED, 1));
	/* The last to be let in, and all that were held then. */
	for (held = 0; held < 2 * CUES_MAX; held++)
		assert_true(put(&o, RECEIPT_ENDED, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receipts_leave_in_the_order_they_came),
		cmocka_unit_test(test_progress_is_not_kept_behind_older_news),
		cmocka_unit_test(
		    test_the_device_cannot_take_the_places_of_the_cues),
		cmocka_unit_test(
		    test_with_room_every_cue_can_still_start_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
