/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "playout/pulse_place.h"

struct pulse_place
pulse_place(const char *device)
{
	struct pulse_place p = { .sink = "" };
	const char *at = device[0] == '@' ? NULL : strchr(device, '@');
	int length = (int)(at == NULL ? strlen(device) : (size_t)(at - device));

	snprintf(p.sink, sizeof(p.sink), "%.*s", length, device);
	if (at != NULL)
		snprintf(p.server, sizeof(p.server), "%s", at + 1);
	return p;
}
