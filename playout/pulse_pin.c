/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#include "playout/pulse_pin.h"

#define DONT_MOVE 0x0200u /* PA_STREAM_DONT_MOVE */
#define NAME "pa_stream_connect_playback"

typedef int connect_fn(void *stream, const char *device, const void *attributes,
    unsigned flags, const void *volume, void *sync);

int
pa_stream_connect_playback(void *stream, const char *device,
    const void *attributes, unsigned flags, const void *volume, void *sync)
{
	/* Whoever calls this has loaded it; the handle is kept for good. */
	void *lib = dlopen("libpulse.so.0", RTLD_LAZY | RTLD_NOLOAD);
	void *real = lib == NULL ? NULL : dlsym(lib, NAME);

	if (real == NULL)
		return -1;
	return ((connect_fn *)(uintptr_t)real)(
	    stream, device, attributes, flags | DONT_MOVE, volume, sync);
}

bool
pulse_pinned(void)
{
	return dlsym(RTLD_DEFAULT, NAME) ==
	       (void *)(uintptr_t)pa_stream_connect_playback;
}
