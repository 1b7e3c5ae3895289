/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "tests/fakes/fake_days.h"

static void
outage(struct fake_log *l, const char *at, const char *from)
{
	char body[256];
	int n;

	fake_log_at(l, at);
	n = snprintf(body, sizeof(body),
	    "{\"op\":\"outage\",\"person\":\"\",\"result\":\"done\","
	    "\"detail\":\"power_lost\",\"from_utc\":\"%s\",",
	    fake_utc(from));
	snprintf(body + n, sizeof(body) - (size_t)n, "\"to_utc\":\"%s\"}",
	    fake_utc(at));
	fake_log_add(l, KIND_OP, body, NULL);
}

bool
fake_days_write(struct fake_log *l, int i)
{
	switch (i) {
	case 0:
		fake_log_at(l, D6 " 04:00:00");
		fake_log_day(l, D6,
		    "a 05:00:00 300, b 05:10:00 300, c 17:00:00 300, "
		    "d 23:50:00 900");
		return true;
	case 1:
		fake_log_at(l, D6 " 05:00:00");
		fake_log_start(l, D6, "a", 1, OWN);
		return true;
	case 2:
		fake_log_at(l, D6 " 05:05:00");
		fake_log_end(l, D6, "a", 1, 300000, NULL);
		return true;
	case 3:
		fake_log_slot(l, D6, "a", "aired", "", 1, 300000,
		    "{\"segment\":\"ttdn\"}");
		return true;
	case 4:
		fake_log_start(l, D6, "b", 1, "{\"first_run\":false}");
		return true;
	case 5:
		outage(l, D7 " 08:00:00", D6 " 05:12:00");
		return true;
	case 6:
		fake_log_day(l, D7, "a 05:00:00 300, b 12:00:00 300");
		return true;
	case 7:
		fake_log_end(l, D6, "b", 1, 120000, NULL);
		return true;
	case 8:
		fake_log_slot(
		    l, D6, "b", "aired_partial", "rejoined", 1, 120000, NULL);
		return true;
	case 9:
		fake_log_slot(
		    l, D6, "c", "not_aired", "machine_off", 0, 0, NULL);
		return true;
	case 10:
		fake_log_slot(
		    l, D6, "d", "not_aired", "machine_off", 0, 0, NULL);
		return true;
	case 11:
		fake_log_slot(
		    l, D7, "a", "not_aired", "machine_off", 0, 0, NULL);
		return true;
	case 12:
		fake_log_at(l, D7 " 12:05:00");
		fake_log_slot(l, D7, "b", "external", "", 0, 300000,
		    "{\"content\":\"relay\",\"segment\":\"tw\"}");
		return true;
	case 13:
		fake_log_at(l, D8 " 06:00:00");
		fake_log_end(l, D8, "+play", 1, 4000,
		    "{\"status\":\"unscheduled\",\"reason\":\"filler\"}");
		return true;
	case 14:
		fake_log_end(l, D8, "+play", 2, 9000,
		    "{\"status\":\"unscheduled\",\"reason\":\"order\"}");
		return true;
	default:
		return false;
	}
}
