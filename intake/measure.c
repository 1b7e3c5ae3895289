/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ebur128.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/words.h"
#include "intake/measure.h"

/* One channel is dead when it keeps below silence while the other has had at
 * least this: -40 dBFS. */
#define ALIVE 328
/* Correlation at which the two sides cancel on one loudspeaker. */
#define OPPOSITE (-0.95)

struct measure {
	ebur128_state *ebur;
	int channels;
	int64_t frames;
	int64_t first_sound; /* frame; -1 none yet */
	int64_t last_sound;
	int peak[2];
	int flat[2]; /* full-scale samples in a row */
	int64_t clips;
	int64_t clip_frame;
	double ll, rr, lr; /* sums of squares and of products */
};

int
measure_make(int channels, struct measure **ret_measure)
{
	struct measure *m;

	if (channels < 1 || channels > 2)
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return -ENOMEM;
	m->channels = channels;
	m->first_sound = -1;
	m->clip_frame = -1;
	m->ebur = ebur128_init((unsigned)channels, MEASURE_RATE,
	    EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	if (m->ebur == NULL) {
		measure_free(m);
		return -ENOMEM;
	}
	if (channels == 1)
		ebur128_set_channel(m->ebur, 0, EBUR128_DUAL_MONO);
	*ret_measure = m;
	return 0;
}

static void
see_sample(struct measure *m, int channel, int x)
{
	int size = abs(x);

	if (size > m->peak[channel])
		m->peak[channel] = size;
	if (size >= MEASURE_SILENCE) {
		if (m->first_sound < 0)
			m->first_sound = m->frames;
		m->last_sound = m->frames;
	}
	m->flat[channel] = size >= INT16_MAX ? m->flat[channel] + 1 : 0;
	if (m->flat[channel] != MEASURE_FLAT)
		return;
	m->clips++;
	if (m->clip_frame < 0)
		m->clip_frame = m->frames - (MEASURE_FLAT - 1);
}

int
measure_add(struct measure *m, const int16_t *pcm, int frames)
{
	for (int i = 0; i < frames; i++, m->frames++) {
		const int16_t *f = pcm + i * m->channels;

		see_sample(m, 0, f[0]);
		if (m->channels == 1)
			continue;
		see_sample(m, 1, f[1]);
		m->ll += (double)f[0] * f[0];
		m->rr += (double)f[1] * f[1];
		m->lr += (double)f[0] * f[1];
	}
	if (frames > 0 && ebur128_add_frames_short(
			      m->ebur, pcm, (size_t)frames) != EBUR128_SUCCESS)
		return -ENOMEM;
	return 0;
}

static double
peak_db(const struct measure *m)
{
	double peak = 0, side;

	for (int c = 0; c < m->channels; c++)
		if (ebur128_true_peak(m->ebur, (unsigned)c, &side) ==
			EBUR128_SUCCESS &&
		    side > peak)
			peak = side;
	return peak > 0 ? 20 * log10(peak) : -HUGE_VAL;
}

static int
dead_channel(const struct measure *m)
{
	for (int c = 0; m->channels == 2 && c < 2; c++)
		if (m->peak[c] < MEASURE_SILENCE && m->peak[1 - c] >= ALIVE)
			return c;
	return -1;
}

void
measure_result(const struct measure *m, struct measured *ret)
{
	struct measured r = {
		.frames = m->frames,
		.lufs = -HUGE_VAL,
		.peak_db = peak_db(m),
		.silent = m->first_sound < 0,
		.head_frames = m->first_sound < 0 ? m->frames : m->first_sound,
		.tail_frames = m->first_sound < 0
				   ? m->frames
				   : m->frames - 1 - m->last_sound,
		.dead_channel = dead_channel(m),
		.cancels = m->ll > 0 && m->rr > 0 &&
			   m->lr < OPPOSITE * sqrt(m->ll) * sqrt(m->rr),
		.clips = m->clips,
		.clip_frame = m->clip_frame,
	};

	if (ebur128_loudness_global(m->ebur, &r.lufs) != EBUR128_SUCCESS)
		r.lufs = -HUGE_VAL;
	*ret = r;
}

/* A moment in the file as a person says it: 3:07. */
struct moment {
	char s[24];
};

static const char *
moment_text(int64_t frame, struct moment *buf)
{
	long long s = frame / MEASURE_RATE;

	snprintf(buf->s, sizeof(buf->s), "%lld:%02lld", s / 60, s % 60);
	return buf->s;
}

__attribute__((format(printf, 2, 3))) static int
warn(json_t *list, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_array_append_new(list, json_string(text)) < 0 ? -ENOMEM : 0;
}

static int
warn_pauses(const struct measured *r, json_t *list)
{
	const int64_t pause = MEASURE_PAUSE_S * MEASURE_RATE;
	struct moment at = { "" };
	int e = 0;

	if (r->head_frames > pause)
		e = warn(list,
		    _("it begins with silence until %s; cut it off "
		      "if it is not meant"),
		    moment_text(r->head_frames, &at));
	if (e == 0 && r->tail_frames > pause)
		e = warn(list,
		    _("it ends with silence from %s on; cut it off "
		      "if it is not meant"),
		    moment_text(r->frames - r->tail_frames, &at));
	return e;
}

static int
warn_sides(const struct measured *r, json_t *list)
{
	if (r->dead_channel == 0)
		return warn(list, _("the left side is silent; check the cable "
				    "or save it as mono"));
	if (r->dead_channel == 1)
		return warn(list, _("the right side is silent; check the "
				    "cable or save it as mono"));
	if (r->cancels)
		return warn(list, _("left and right cancel each other on a "
				    "loudspeaker; turn one of them round "
				    "(invert) or save one side as mono"));
	return 0;
}

int
measured_warn(const struct measured *r, json_t *list)
{
	struct moment at = { "" };
	int e;

	if (r->silent)
		return warn(list, _("there is no sound in it at all; listen "
				    "to it before it airs"));
	e = warn_pauses(r, list);
	if (e == 0)
		e = warn_sides(r, list);
	if (e == 0 && r->clips > 0)
		e = warn(list,
		    _("it is clipped in %lld places, first at %s; "
		      "record it again with less level"),
		    (long long)r->clips, moment_text(r->clip_frame, &at));
	if (e == 0 && isfinite(r->lufs) && r->lufs < MEASURE_QUIET_LUFS)
		e = warn(list,
		    _("it is very quiet (%.0f LUFS; speech has "
		      "about -23); make it louder"),
		    r->lufs);
	return e;
}

struct measure *
measure_free(struct measure *m)
{
	if (m == NULL)
		return NULL;
	if (m->ebur != NULL)
		ebur128_destroy(&m->ebur);
	free(m);
	return NULL;
}
