/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/frames.h"
#include "playout/pcm.h"
#include "playout/pulse_time.h"

typedef void set_fn(void *stream, pulse_time_fn *fn, void *arg);
typedef const struct pulse_timing *info_fn(void *stream);

/* Who wanted to listen, and how we ask: set before libpulse's thread calls. */
static pulse_time_fn *next_fn;
static void *next_arg;
static info_fn *info;
/* What that thread leaves for ours: the number first, then the count. */
static _Atomic int64_t zero_us;
static atomic_uint told;

int64_t
pulse_timing_zero_us(const struct pulse_timing *t)
{
	int64_t read_us;

	if (!t->playing || t->read_index_corrupt || t->read_index <= 0)
		return NEVER;
	read_us = frames_us(t->read_index / PCM_FRAME_BYTES);
	return t->timestamp.tv_sec * US_PER_S + t->timestamp.tv_usec +
	       (int64_t)t->sink_us - read_us;
}

static void
listen_too(void *stream, void *arg)
{
	const struct pulse_timing *t = info(stream);
	int64_t wall_us = t == NULL ? NEVER : pulse_timing_zero_us(t);

	(void)arg;
	if (wall_us != NEVER) {
		atomic_store(&zero_us, now_boot_at(clock_read(), wall_us));
		atomic_fetch_add(&told, 1);
	}
	if (next_fn != NULL)
		next_fn(stream, next_arg);
}

void
pa_stream_set_latency_update_callback(
    void *stream, pulse_time_fn *fn, void *arg)
{
	/* Whoever calls this has loaded it; the handle is kept for good. */
	void *lib = dlopen("libpulse.so.0", RTLD_LAZY | RTLD_NOLOAD);
	void *set = lib == NULL
			? NULL
			: dlsym(lib, "pa_stream_set_latency_update_callback");
	void *get =
	    lib == NULL ? NULL : dlsym(lib, "pa_stream_get_timing_info");

	if (set == NULL)
		return;
	next_fn = fn;
	next_arg = arg;
	info = (info_fn *)(uintptr_t)get;
	((set_fn *)(uintptr_t)set)(
	    stream, fn == NULL || get == NULL ? fn : listen_too, arg);
}

int64_t
pulse_time_zero_us(unsigned *seen)
{
	unsigned now = atomic_load(&told);

	if (now == *seen)
		return NEVER;
	*seen = now;
	return atomic_load(&zero_us);
}
