/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ebur128.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "intake/measure.h"

#define BLOCK 960 /* frames: 20 ms, how fine pauses are seen */
/* One side is dead when the other has had at least this, -40 dBFS, and it has
 * nothing, or a hundredth of that. */
#define ALIVE 328
#define HUNDREDTH 100
/* Correlation at which the two sides cancel on one loudspeaker. */
#define OPPOSITE (-0.95)
#define CUT_LU 6.0 /* an end that is no further below the rest is none */
#define CUT_DB (-40.0) /* ... and louder than this */
#define FULL_SCALE 32768.0
#define TOLD 5 /* places of one kind in words; more are counted */

/* The loudest of 20 ms, of each side; in mono both are the same. */
struct block {
	uint16_t peak[2];
};

struct measure {
	ebur128_state *ebur;
	int channels;
	int64_t frames;
	bool sounds;
	struct block *blocks; /* the last one is not full yet */
	size_t n, room;
	int16_t last[BLOCK]; /* a ring: the louder side's last 20 ms */
	int flat[2]; /* full-scale samples in a row */
	int64_t clips;
	struct mark clip[MEASURE_MARKS_MAX];
	int n_clip;
	double ll, rr, lr; /* sums of squares and of products */
	double sum[2];
};

const char *
mark_word(enum mark_kind kind)
{
	static const char *const words[MARKS] = { "head", "pause", "tail",
		"left", "right", "clip", "cut" };

	return words[kind];
}

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
see_clip(struct measure *m, int64_t from)
{
	struct mark *before = m->n_clip > 0 ? &m->clip[m->n_clip - 1] : NULL;

	m->clips++;
	if (before != NULL && from - before->to < MEASURE_RATE) {
		before->to = m->frames + 1;
		return;
	}
	if (m->n_clip < MEASURE_MARKS_MAX)
		m->clip[m->n_clip++] =
		    (struct mark){ MARK_CLIP, from, m->frames + 1 };
}

static void
see_sample(struct measure *m, struct block *b, int channel, int x)
{
	int size = abs(x);

	if (size > b->peak[channel])
		b->peak[channel] = (uint16_t)size;
	m->sum[channel] += x;
	if (size < INT16_MAX) {
		m->flat[channel] = 0;
		return;
	}
	if (++m->flat[channel] == MEASURE_FLAT)
		see_clip(m, m->frames - (MEASURE_FLAT - 1));
}

static void
see_frame(struct measure *m, struct block *b, const int16_t *f)
{
	int16_t louder = f[0];

	see_sample(m, b, 0, f[0]);
	if (m->channels == 1) {
		b->peak[1] = b->peak[0];
	} else {
		see_sample(m, b, 1, f[1]);
		m->ll += (double)f[0] * f[0];
		m->rr += (double)f[1] * f[1];
		m->lr += (double)f[0] * f[1];
		if (abs(f[1]) > abs(f[0]))
			louder = f[1];
	}
	m->last[m->frames % BLOCK] = louder;
	if (abs(louder) >= MEASURE_SILENCE)
		m->sounds = true;
}

/* The block of the next frame, or NULL. */
static struct block *
next_block(struct measure *m)
{
	if (m->frames % BLOCK != 0)
		return &m->blocks[m->n - 1];
	if (m->n == m->room) {
		size_t room = m->room == 0 ? 1024 : 2 * m->room;
		struct block *more =
		    realloc(m->blocks, room * sizeof(*m->blocks));

		if (more == NULL)
			return NULL;
		m->blocks = more;
		m->room = room;
	}
	m->blocks[m->n] = (struct block){ { 0, 0 } };
	return &m->blocks[m->n++];
}

int
measure_add(struct measure *m, const int16_t *pcm, int frames)
{
	for (int i = 0; i < frames; i++, m->frames++) {
		struct block *b = next_block(m);

		if (b == NULL)
			return -ENOMEM;
		see_frame(m, b, pcm + (ptrdiff_t)i * m->channels);
	}
	if (frames > 0 && ebur128_add_frames_short(
			      m->ebur, pcm, (size_t)frames) != EBUR128_SUCCESS)
		return -ENOMEM;
	return 0;
}

/* The result ------------------------------------------------------------- */

static double
db_of(double amplitude)
{
	return amplitude > 0 ? 20 * log10(amplitude) : -HUGE_VAL;
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
	return db_of(peak);
}

static void
add_mark(struct measured *r, enum mark_kind kind, int64_t from, int64_t to)
{
	if (r->n_marks < MEASURE_MARKS_MAX)
		r->marks[r->n_marks++] = (struct mark){ kind, from, to };
}

/* The level that a block must reach to be more than silence: what is far below
 * the rest, as a room's noise is, nobody hears outdoors either. */
static int
silence_level(const struct measured *r)
{
	double db = fmin(r->lufs - MEASURE_FAINT_LU, MEASURE_FAINT_DB);
	int level = isfinite(db) ? (int)(FULL_SCALE * pow(10, db / 20)) : 0;

	return level > MEASURE_SILENCE ? level : MEASURE_SILENCE;
}

static int
loudest(const struct block *b)
{
	return b->peak[0] > b->peak[1] ? b->peak[0] : b->peak[1];
}

static int64_t
block_end(const struct measure *m, size_t i)
{
	int64_t end = (int64_t)(i + 1) * BLOCK;

	return end < m->frames ? end : m->frames;
}

static enum mark_kind
silence_kind(const struct measure *m, int64_t from, int64_t to)
{
	if (from == 0)
		return MARK_HEAD;
	return to == m->frames ? MARK_TAIL : MARK_PAUSE;
}

static void
find_silence(const struct measure *m, struct measured *r)
{
	const int level = silence_level(r);
	int64_t from = 0;

	for (size_t i = 0; i <= m->n; i++) {
		int64_t to = (int64_t)i * BLOCK;

		if (i < m->n && loudest(&m->blocks[i]) < level)
			continue;
		if (to > m->frames)
			to = m->frames;
		if (from == 0)
			r->head_frames = to;
		if (to == m->frames)
			r->tail_frames = to - from;
		if (to - from > MEASURE_PAUSE_S * MEASURE_RATE)
			add_mark(r, silence_kind(m, from, to), from, to);
		from = i < m->n ? block_end(m, i) : m->frames;
	}
}

/* Which side is dead in a block: 0, 1; -1 none; -2 nothing can be told. */
static int
dead_side(const struct block *b)
{
	if (loudest(b) < ALIVE)
		return -2;
	for (int c = 0; c < 2; c++)
		if (b->peak[c] < MEASURE_SILENCE ||
		    b->peak[c] * HUNDREDTH < b->peak[1 - c])
			return c;
	return -1;
}

static void
end_dead(const struct measure *m, struct measured *r, int side, size_t first,
    size_t last)
{
	int64_t from = (int64_t)first * BLOCK;
	int64_t to = block_end(m, last);

	if (side >= 0 && to - from > MEASURE_PAUSE_S * MEASURE_RATE)
		add_mark(r, side == 0 ? MARK_LEFT : MARK_RIGHT, from, to);
}

/* Stretches in which one side alone sounds; all of it is a dead channel. */
static void
find_dead(const struct measure *m, struct measured *r)
{
	int side = -1;
	size_t first = 0, last = 0;
	bool seen[3] = { false, false, false }; /* left, right, neither */

	for (size_t i = 0; m->channels == 2 && i < m->n; i++) {
		int now = dead_side(&m->blocks[i]);

		if (now == -2)
			continue;
		seen[now < 0 ? 2 : now] = true;
		if (now != side) {
			end_dead(m, r, side, first, last);
			side = now;
			first = i;
		}
		last = i;
	}
	if (seen[0] + seen[1] + seen[2] == 1 && side >= 0) {
		r->dead_channel = side;
		add_mark(r, side == 0 ? MARK_LEFT : MARK_RIGHT, 0, m->frames);
		return;
	}
	end_dead(m, r, side, first, last);
}

/* The last 20 ms are hardly below the rest: nobody ends so. */
static void
find_cut(const struct measure *m, struct measured *r)
{
	double sum = 0, db;

	if (m->frames < BLOCK || !isfinite(r->lufs))
		return;
	for (int i = 0; i < BLOCK; i++)
		sum += (double)m->last[i] * m->last[i];
	db = db_of(sqrt(sum / BLOCK) / FULL_SCALE);
	if (db >= r->lufs - CUT_LU && db >= CUT_DB)
		add_mark(r, MARK_CUT, m->frames - BLOCK, m->frames);
}

static double
dc_of(const struct measure *m)
{
	double worst = 0;

	for (int c = 0; c < m->channels && m->frames > 0; c++)
		worst = fmax(
		    worst, fabs(m->sum[c]) / (double)m->frames / FULL_SCALE);
	return worst;
}

static int
by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void
measure_result(const struct measure *m, struct measured *ret)
{
	struct measured r = {
		.frames = m->frames,
		.lufs = -HUGE_VAL,
		.peak_db = peak_db(m),
		.silent = !m->sounds,
		.head_frames = m->frames,
		.tail_frames = m->frames,
		.dead_channel = -1,
		.cancels = m->ll > 0 && m->rr > 0 &&
			   m->lr < OPPOSITE * sqrt(m->ll) * sqrt(m->rr),
		.dc = dc_of(m),
		.clips = m->clips,
	};

	if (ebur128_loudness_global(m->ebur, &r.lufs) != EBUR128_SUCCESS)
		r.lufs = -HUGE_VAL;
	if (!r.silent) {
		find_cut(m, &r);
		find_silence(m, &r);
		find_dead(m, &r);
	}
	for (int i = 0; i < m->n_clip; i++)
		add_mark(&r, MARK_CLIP, m->clip[i].from, m->clip[i].to);
	qsort(r.marks, (size_t)r.n_marks, sizeof(r.marks[0]), by_time);
	*ret = r;
}

/* In words --------------------------------------------------------------- */

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
count_marks(const struct measured *r, enum mark_kind kind)
{
	int n = 0;

	for (int i = 0; i < r->n_marks; i++)
		n += r->marks[i].kind == kind;
	return n;
}

static int
warn_mark(const struct measured *r, const struct mark *k, json_t *list)
{
	struct moment from = { "" }, to = { "" };

	moment_text(k->from, &from);
	moment_text(k->to, &to);
	switch (k->kind) {
	case MARK_HEAD:
		return warn(list,
		    _("it begins with silence until %s; `loaxa add --trim` or "
		      "`loaxa trim` cuts it off if it is not meant"),
		    to.s);
	case MARK_TAIL:
		return warn(list,
		    _("it ends with silence from %s on; `loaxa add --trim` or "
		      "`loaxa trim` cuts it off if it is not meant"),
		    from.s);
	case MARK_PAUSE:
		return warn(list,
		    _("there is silence from %s to %s; cut it out if it is "
		      "not meant"),
		    from.s, to.s);
	case MARK_LEFT:
		return r->dead_channel == 0
			   ? warn(list, _("the left side is silent; check the "
					  "cable or save it as mono"))
			   : warn(list,
				 _("the left side is silent from %s to %s; "
				   "listen to it, and check the cable"),
				 from.s, to.s);
	case MARK_RIGHT:
		return r->dead_channel == 1
			   ? warn(list, _("the right side is silent; check the "
					  "cable or save it as mono"))
			   : warn(list,
				 _("the right side is silent from %s to %s; "
				   "listen to it, and check the cable"),
				 from.s, to.s);
	case MARK_CUT:
		return warn(list,
		    _("it ends abruptly in full sound at %s and seems cut "
		      "off; listen to its end"),
		    to.s);
	case MARK_CLIP:
	case MARKS:
		break;
	}
	return 0;
}

static int
warn_marks(const struct measured *r, enum mark_kind kind, json_t *list)
{
	int n = count_marks(r, kind);
	int told = 0;
	int e = 0;

	for (int i = 0; i < r->n_marks && e == 0 && told < TOLD; i++)
		if (r->marks[i].kind == kind) {
			e = warn_mark(r, &r->marks[i], list);
			told++;
		}
	if (e == 0 && n > told)
		e = warn(list, _("... and %d more of this kind"), n - told);
	return e;
}

/* "0:12, 0:45, 1:03 ..." */
static int
warn_clips(const struct measured *r, json_t *list)
{
	char places[TOLD * sizeof(struct moment)] = "";
	struct moment at;
	int told = 0;

	if (r->clips == 0)
		return 0;
	for (int i = 0; i < r->n_marks && told < TOLD; i++) {
		size_t n = strlen(places);

		if (r->marks[i].kind != MARK_CLIP)
			continue;
		snprintf(places + n, sizeof(places) - n, "%s%s",
		    told++ > 0 ? ", " : "", moment_text(r->marks[i].from, &at));
	}
	return warn(list,
	    _("it is clipped in %lld places (%s%s); record it again with less "
	      "level"),
	    (long long)r->clips, places,
	    count_marks(r, MARK_CLIP) > told ? ", ..." : "");
}

static int
warn_level(const struct measured *r, json_t *list)
{
	int e = 0;

	if (r->dc > MEASURE_DC)
		e = warn(list,
		    _("its samples lie %.0f %% off the middle (DC offset); "
		      "check the recorder and its cable"),
		    r->dc * 100);
	if (e == 0 && isfinite(r->lufs) && r->lufs < MEASURE_QUIET_LUFS)
		e = warn(list,
		    _("it is very quiet (%.0f LUFS; speech has about -23); "
		      "record it again closer to the microphone"),
		    r->lufs);
	return e;
}

int
measured_warn(const struct measured *r, json_t *list)
{
	int e = 0;

	if (r->silent)
		return warn(list, _("there is no sound in it at all; listen "
				    "to it before it airs"));
	for (int kind = 0; kind < MARKS && e == 0; kind++)
		e = kind == MARK_CLIP
			? warn_clips(r, list)
			: warn_marks(r, (enum mark_kind)kind, list);
	if (e == 0 && r->cancels)
		e = warn(list, _("left and right cancel each other on a "
				 "loudspeaker; turn one of them round "
				 "(invert) or save one side as mono"));
	return e == 0 ? warn_level(r, list) : e;
}

int
measured_marks(const struct measured *r, json_t *list)
{
	const int64_t per_ms = MEASURE_RATE / 1000;

	for (int i = 0; i < r->n_marks; i++)
		if (json_array_append_new(list,
			json_pack("{s:s, s:I, s:I}", "kind",
			    mark_word(r->marks[i].kind), "from_ms",
			    (json_int_t)(r->marks[i].from / per_ms), "to_ms",
			    (json_int_t)(r->marks[i].to / per_ms))) < 0)
			return -ENOMEM;
	return 0;
}

struct measure *
measure_free(struct measure *m)
{
	if (m == NULL)
		return NULL;
	if (m->ebur != NULL)
		ebur128_destroy(&m->ebur);
	free(m->blocks);
	free(m);
	return NULL;
}
