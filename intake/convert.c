/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <soxr.h>
#include <stdlib.h>

#include "intake/convert.h"

#define FRAMES_MAX 16384
#define GIVEN_MAX (FRAMES_MAX * (CONVERT_RATE / CONVERT_RATE_MIN))

struct convert {
	soxr_t soxr; /* NULL: the rate is right already */
	int channels;
	float *wide; /* GIVEN_MAX frames, resampled */
	int16_t *pcm; /* the same in 16 bits */
};

static int16_t
to_short(float x)
{
	/* NaN, too, has to become something. */
	if (!(x < 32767.0f / 32768.0f))
		return isnan(x) ? 0 : INT16_MAX;
	if (x <= -1.0f)
		return INT16_MIN;
	return (int16_t)lrintf(x * 32768.0f);
}

static int
open_soxr(struct convert *c, int rate)
{
	soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
	soxr_quality_spec_t q = soxr_quality_spec(SOXR_HQ, 0);
	soxr_runtime_spec_t one = soxr_runtime_spec(1);
	soxr_error_t e = NULL;

	c->soxr = soxr_create(
	    rate, CONVERT_RATE, (unsigned)c->channels, &e, &io, &q, &one);
	c->wide = malloc(sizeof(*c->wide) * GIVEN_MAX * (size_t)c->channels);
	return e != NULL || c->soxr == NULL || c->wide == NULL ? -ENOMEM : 0;
}

int
convert_make(int rate, int channels, struct convert **ret_convert)
{
	struct convert *c;
	int r = 0;

	if (rate < CONVERT_RATE_MIN || rate > CONVERT_RATE_MAX ||
	    channels < 1 || channels > 2)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->channels = channels;
	c->pcm = malloc(sizeof(*c->pcm) * GIVEN_MAX * (size_t)channels);
	if (c->pcm == NULL)
		r = -ENOMEM;
	if (r == 0 && rate != CONVERT_RATE)
		r = open_soxr(c, rate);
	if (r < 0) {
		convert_free(c);
		return r;
	}
	*ret_convert = c;
	return 0;
}

int
convert_add(
    struct convert *c, const float *pcm, int frames, const int16_t **ret_pcm)
{
	size_t given = (size_t)frames;
	size_t taken;

	if (frames < 0 || frames > FRAMES_MAX)
		return -EINVAL;
	if (c->soxr != NULL) {
		/* No input at all is how soxr is told of the end. */
		if (soxr_process(c->soxr, frames > 0 ? pcm : NULL,
			(size_t)frames, &taken, c->wide, GIVEN_MAX,
			&given) != NULL)
			return -ENOMEM;
		if (taken != (size_t)frames)
			return -EIO;
		pcm = c->wide;
	}
	for (size_t i = 0; i < given * (size_t)c->channels; i++)
		c->pcm[i] = to_short(pcm[i]);
	*ret_pcm = c->pcm;
	return (int)given;
}

struct convert *
convert_free(struct convert *c)
{
	if (c == NULL)
		return NULL;
	if (c->soxr != NULL)
		soxr_delete(c->soxr);
	free(c->wide);
	free(c->pcm);
	free(c);
	return NULL;
}
