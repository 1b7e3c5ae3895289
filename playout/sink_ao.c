/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ao/ao.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "playout/cue.h"
#include "playout/mixer.h"
#include "playout/pcm.h"
#include "playout/pulse_pin.h"
#include "playout/pulse_place.h"
#include "playout/pulse_time.h"
#include "playout/sink_ao.h"

struct sink_ao {
	struct sink sink; /* must be first */
	char *driver;
	char *device;
	int buffer_ms;
	ao_device *ao; /* NULL: closed */
	struct mixer *mixer; /* of the open device, or NULL */
	unsigned told; /* by pulse_time, as far as we have seen */
};

/* The option by which a driver knows its device. */
static const char *
device_key(const char *driver)
{
	if (strcmp(driver, "pulse") == 0)
		return "sink";
	if (strcmp(driver, "oss") == 0)
		return "dsp";
	return "dev";
}

static const char *
why_not(int error)
{
	switch (error) {
	case AO_ENODRIVER:
	case AO_ENOTLIVE:
		return _("there is no such live driver; write \"alsa\" or "
			 "\"pulse\"");
	case AO_EBADFORMAT:
		return _("the device does not take 48 kHz stereo sound; use "
			 "\"plughw:\" before its name");
	case AO_EBADOPTION:
		return _("the driver does not understand the device's name");
	default:
		return _("the device does not open; check that it is plugged "
			 "in, switched on and free");
	}
}

static ao_option *
options_for(const struct sink_ao *s)
{
	struct pulse_place place = pulse_place(s->device);
	bool pulse = strcmp(s->driver, "pulse") == 0;
	const char *device = pulse ? place.sink : s->device;
	ao_option *options = NULL;
	char text[16];

	snprintf(text, sizeof(text), "%d", s->buffer_ms);
	/* The PulseAudio driver's own buffer_time overflows an int above
	 * 44 ms; its library reads PULSE_LATENCY_MSEC instead. */
	if (pulse)
		setenv("PULSE_LATENCY_MSEC", text, 1);
	else if (strcmp(s->driver, "alsa") == 0)
		ao_append_option(&options, "buffer_time", text);
	if (device[0] != '\0')
		ao_append_option(&options, device_key(s->driver), device);
	if (pulse && place.server[0] != '\0')
		ao_append_option(&options, "server", place.server);
	return options;
}

static int
sink_ao_open(struct sink *k, char *ret_why, size_t size)
{
	struct sink_ao *s = (struct sink_ao *)k;
	ao_sample_format format = {
		.bits = 16,
		.rate = RATE,
		.channels = PCM_CHANNELS,
		.byte_format = AO_FMT_NATIVE,
		.matrix = (char *)"L,R",
	};
	ao_option *options;
	int id, error;

	id = ao_driver_id(s->driver);
	if (id < 0) {
		snprintf(ret_why, size, "%s", why_not(AO_ENODRIVER));
		return -ENODEV;
	}
	/* P6: sound that may be moved may come out of another station's. */
	if (strcmp(s->driver, "pulse") == 0 && !pulse_pinned()) {
		snprintf(ret_why, size, "%s",
		    _("this program was not linked as it must be for "
		      "PulseAudio; build it with its own Makefile"));
		return -ENODEV;
	}
	options = options_for(s);
	pulse_time_zero_us(&s->told); /* what an earlier stream told */
	errno = 0;
	s->ao = ao_open_live(id, &format, options);
	error = errno;
	ao_free_options(options);
	if (s->ao == NULL) {
		snprintf(ret_why, size, "%s", why_not(error));
		return -ENODEV;
	}
	/* Without one it sounds all the same. */
	if (mixer_open(s->driver, s->device, &s->mixer) < 0)
		s->mixer = NULL;
	return 0;
}

static int
sink_ao_write(
    struct sink *k, const int16_t *pcm, int frames, char *ret_why, size_t size)
{
	struct sink_ao *s = (struct sink_ao *)k;
	uint_32 bytes = (uint_32)(frames * PCM_FRAME_BYTES);

	/* libao only reads the samples, though its prototype says char *. */
	if (ao_play(s->ao, (char *)(uintptr_t)pcm, bytes) == 1)
		return 0;
	snprintf(ret_why, size, "%s",
	    _("the device stopped taking sound; check its cable and power"));
	return -EIO;
}

static void
sink_ao_close(struct sink *k)
{
	struct sink_ao *s = (struct sink_ao *)k;

	s->mixer = mixer_free(s->mixer);
	ao_close(s->ao);
	s->ao = NULL;
}

static int
sink_ao_level(struct sink *k)
{
	struct sink_ao *s = (struct sink_ao *)k;

	return s->mixer == NULL ? -ENOTSUP : s->mixer->level(s->mixer);
}

static int64_t
sink_ao_zero_us(struct sink *k)
{
	return pulse_time_zero_us(&((struct sink_ao *)k)->told);
}

static void
sink_ao_free(struct sink *k)
{
	struct sink_ao *s = (struct sink_ao *)k;

	ao_shutdown();
	free(s->driver);
	free(s->device);
	free(s);
}

int
sink_ao_make(const struct sink_setup *setup, struct sink **ret_sink)
{
	struct sink_ao *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->sink = (struct sink){
		.open = sink_ao_open,
		.write = sink_ao_write,
		.close = sink_ao_close,
		.free = sink_ao_free,
		.level = sink_ao_level,
		.zero_us = sink_ao_zero_us,
	};
	s->driver = strdup(setup->driver);
	s->device = strdup(setup->device == NULL ? "" : setup->device);
	s->buffer_ms = setup->buffer_ms;
	if (s->driver == NULL || s->device == NULL) {
		free(s->driver);
		free(s->device);
		free(s);
		return -ENOMEM;
	}
	ao_initialize();
	*ret_sink = &s->sink;
	return 0;
}
