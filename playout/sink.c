/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "playout/sink.h"
#include "playout/sink_ao.h"
#include "playout/sink_wav.h"

int
sink_make(const struct sink_setup *setup, struct sink **ret_sink)
{
	/* Never a default: a system daemon has no session whose default it
	 * could mean, and the wrong device is worse than none. */
	if (setup->driver == NULL || setup->driver[0] == '\0')
		return -EINVAL;
	if (strcmp(setup->driver, "wav") == 0)
		return sink_wav_make(setup, ret_sink);
	return sink_ao_make(setup, ret_sink);
}

struct sink *
sink_free(struct sink *k)
{
	if (k != NULL)
		k->free(k);
	return NULL;
}
