/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/words.h"
#include "ctl/promise.h"

static const struct {
	const char *id;
	const char *text;
} promises[] = {
	{ "P1", N_("nothing sounds outside the allowed hours but an emergency "
		   "that a named person released") },
	{ "P2", N_("every planned slot has exactly one outcome") },
	{ "P3", N_("no slot airs twice without a new order") },
	{ "P4", N_("what is to sound is written down before it sounds; its end "
		   "is measured") },
	{ "P5", N_("only approved bytes air") },
	{ "P6", N_("one bad item, file or sound card disturbs no other slot") },
	{ "P7", N_("the log never claims more than was measured") },
	{ "P8", N_("the log only grows: nothing that counted is lost or "
		   "changed") },
};

const char *
promise_text(const char *id)
{
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		if (strcmp(promises[i].id, id) == 0)
			return _(promises[i].text);
	return "";
}
