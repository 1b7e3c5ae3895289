/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/limits.h"

#define MS_PER_MIN INT64_C(60000)
#define MB (INT64_C(1) << 20)

int64_t
limits_sound_ms(int64_t bytes)
{
	const int64_t most = LIMITS_HOURS * 60 * MS_PER_MIN;

	int64_t ms;

	if (bytes >= 18 * MB)
		return most;
	ms = 10 * MS_PER_MIN + bytes * 40 * MS_PER_MIN / MB;
	return ms < most ? ms : most;
}

int64_t
limits_wait_ms(int64_t bytes, int64_t sound_ms)
{
	return 20000 + bytes / (4 * MB) * 1000 + sound_ms / 4;
}
