/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pulse_time - when PulseAudio really plays what it was given.
 *
 * libao tells no delay. A write that returns tells it to some 20 ms at best,
 * and a sink's own clock may be 50 ppm off ours, 180 ms in an hour. PulseAudio
 * knows better: every second and a half or so its library learns which byte of
 * a stream was read at which instant, and how long what is read takes to
 * sound. Nothing outside the program can ask for it.
 *
 * So, like pulse_pin, the player defines libpulse's own function by its own
 * name and is linked to export it: ours listens too, and then lets libpulse's
 * caller listen as it wanted. That happens in a thread of libpulse; what it
 * leaves for us is one number.
 */
#ifndef PLAYOUT_PULSE_TIME_H
#define PLAYOUT_PULSE_TIME_H

#include <stdint.h>
#include <sys/time.h>

typedef void pulse_time_fn(void *stream, void *arg);

/* As in <pulse/stream.h>, with its types left open. */
void pa_stream_set_latency_update_callback(
    void *stream, pulse_time_fn *fn, void *arg);

/* The head of pa_timing_info, whose layout is a promise of libpulse.so.0. */
struct pulse_timing {
	struct timeval timestamp; /* wall clock */
	int synchronized_clocks;
	uint64_t sink_us, source_us, transport_us;
	int playing;
	int write_index_corrupt;
	int64_t write_index;
	int read_index_corrupt;
	int64_t read_index;
};

/* The wall instant at which the stream's first frame sounded, had it sounded
 * without a break to where it is now; NEVER when this does not tell it. */
int64_t pulse_timing_zero_us(const struct pulse_timing *t);

/*
 * The boot instant of the first frame of the latest stream, by the latest that
 * PulseAudio told, if it told anything since *seen, which is moved on; else
 * NEVER. It may be told too late, on a busy machine, and never too early.
 */
int64_t pulse_time_zero_us(unsigned *seen);

#endif
