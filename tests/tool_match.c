/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_match - is this recording what was planned, sample for sample?
 *
 *	tool_match RECORDING EPOCH_US PLAN
 *
 * RECORDING is a WAV file, or raw 16-bit stereo at RATE; EPOCH_US is the wall
 * instant of its first frame. Each line of PLAN is one sound, in the order in
 * which they sounded, or a window to look at:
 *
 *	sound NAME file=FILE [due=US] [late=MS] [stop=US] [skip=FRAMES]
 *	    [least=FRAMES] [most=FRAMES] [rise=FRAMES] [fall=FRAMES] [joined]
 *	silent NAME from=US to=US
 *
 * A sound is the file from frame `skip` to its end; `stop` or `least` says
 * that it is cut: at that instant, or after so many frames and before `most`. `rise`
 * and `fall` are the lengths of ramps, where samples need only be no louder
 * than the file's. A `joined` one begins on the frame after the one before it.
 * `late` is what the log says of it.
 *
 * The way from the player to the recording changes no bit, so nothing but
 * equality counts as a match, and whatever is no part of a sound has to be
 * digital silence. Prints a table, then what is wrong; ends with 1 if
 * anything is.
 */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/frames.h"

#define SOUNDS_MAX 64
#define HEAD 2400 /* frames that tell a sound from every other: 50 ms */
#define NEAR_FRAMES (2 * RATE) /* searched on either side of its instant */
#define OFFSET_MAX_MS 50.0 /* of a first sample from its instant */
#define SPREAD_MAX_MS 5.0 /* of the offsets from their median */
#define LOG_MAX_MS 50.0 /* of the log's figure from the recording's */
#define SLACK_US (50 * US_PER_MS) /* a silent window may be off by */
#define STRAYS_MAX 5 /* told one by one */

struct pcm {
	int16_t *frames; /* left and right */
	int64_t n;
};

struct sound {
	char name[64];
	struct pcm file;
	int64_t due_us; /* NEVER: not given, as are the next two */
	int64_t late_ms;
	int64_t stop_us;
	int64_t least; /* -1: not cut, or cut at stop_us */
	int64_t most;
	int64_t skip, rise, fall;
	bool joined;
	int64_t start; /* frame of the recording; -1 not found */
	int64_t end; /* the frame after its last */
	double offset_ms;
};

static struct pcm recording;
static int64_t epoch_us;
static struct sound sounds[SOUNDS_MAX];
static size_t n_sounds;
static int faults;

__attribute__((format(printf, 1, 2))) static void
fault(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("WRONG: ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	faults++;
}

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "tool_match: %s: %s\n", which, what);
	exit(2);
}

/* ---- files ---- */

static bool
is_wav(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".wav") == 0;
}

/* One channel becomes two that are the same. */
static void
widen(struct pcm *pcm)
{
	for (int64_t i = pcm->n; i-- > 0;)
		pcm->frames[2 * i] = pcm->frames[2 * i + 1] = pcm->frames[i];
}

/* Counts what comes, whatever the header says. */
static struct pcm
read_sound(const char *path, bool raw)
{
	SF_INFO info = { 0 };
	struct pcm pcm = { NULL, 0 };
	int64_t room = 0;
	int64_t got = 1;
	SNDFILE *snd;

	if (raw)
		info = (SF_INFO){ .samplerate = RATE,
			.channels = 2,
			.format =
			    SF_FORMAT_RAW | SF_FORMAT_PCM_16 | SF_ENDIAN_CPU };
	snd = sf_open(path, SFM_READ, &info);
	if (snd == NULL || info.samplerate != RATE || info.channels > 2)
		die("not sound at 48 kHz, mono or stereo", path);
	while (got > 0) {
		room += 10 * RATE;
		pcm.frames =
		    realloc(pcm.frames, (size_t)room * 2 * sizeof(*pcm.frames));
		if (pcm.frames == NULL)
			die("out of memory", path);
		got = sf_readf_short(
		    snd, pcm.frames + pcm.n * info.channels, room - pcm.n);
		pcm.n += got;
	}
	sf_close(snd);
	if (info.channels == 1)
		widen(&pcm);
	return pcm;
}

/* ---- the plan ---- */

static const char *
after(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 ? word + n : NULL;
}

static void
read_word(struct sound *s, const char *word)
{
	const struct {
		const char *key;
		int64_t *to;
	} numbers[] = {
		{ "due=", &s->due_us },
		{ "late=", &s->late_ms },
		{ "stop=", &s->stop_us },
		{ "skip=", &s->skip },
		{ "least=", &s->least },
		{ "most=", &s->most },
		{ "rise=", &s->rise },
		{ "fall=", &s->fall },
	};
	const char *rest;
	char *end;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		rest = after(word, numbers[i].key);
		if (rest == NULL)
			continue;
		*numbers[i].to = strtoll(rest, &end, 10);
		if (end == rest || *end != '\0')
			die("not a number", word);
		return;
	}
	rest = after(word, "file=");
	if (rest != NULL)
		s->file = read_sound(rest, false);
	else if (strcmp(word, "joined") == 0)
		s->joined = true;
	else
		die("no such word", word);
}

static void
read_sound_line(char *words)
{
	struct sound *s = &sounds[n_sounds];
	char *word;

	if (n_sounds == SOUNDS_MAX)
		die("too many sounds", "plan");
	*s = (struct sound){ .due_us = NEVER,
		.late_ms = NEVER,
		.stop_us = NEVER,
		.least = -1,
		.most = INT64_MAX,
		.start = -1 };
	word = strtok(words, " \n");
	snprintf(s->name, sizeof(s->name), "%s", word == NULL ? "" : word);
	while ((word = strtok(NULL, " \n")) != NULL)
		read_word(s, word);
	if (s->file.n < s->skip + s->rise + HEAD)
		die("no file, or too short a one", s->name);
	n_sounds++;
}

/* ---- finding ---- */

static bool
is_same(int64_t at, const struct pcm *file, int64_t from, int64_t n)
{
	return at >= 0 && at + n <= recording.n && from + n <= file->n &&
	       memcmp(recording.frames + 2 * at, file->frames + 2 * from,
		   (size_t)n * 2 * sizeof(int16_t)) == 0;
}

static bool
is_zero(const struct pcm *pcm, int64_t i)
{
	return pcm->frames[2 * i] == 0 && pcm->frames[2 * i + 1] == 0;
}

static int64_t
frame_at(int64_t us)
{
	return frames_in(us - epoch_us);
}

static double
ms_from(int64_t frame, int64_t us)
{
	return (double)frame * 1000 / RATE - (double)(us - epoch_us) / 1000;
}

/* Where its first frames are, near its instant if it has one, and after the
 * start of the sound before it. */
static void
find(struct sound *s, int64_t after_frame)
{
	int64_t from = after_frame;
	int64_t to = recording.n - HEAD;
	int64_t head = s->skip + s->rise;

	if (s->due_us != NEVER) {
		from = later(from, frame_at(s->due_us) - NEAR_FRAMES);
		to = earlier(to, frame_at(s->due_us) + NEAR_FRAMES);
	}
	while (head < s->file.n - HEAD && is_zero(&s->file, head))
		head++; /* silence is found everywhere */
	for (int64_t at = later(from, 0); at <= to && s->start < 0; at++)
		if (is_same(at + head - s->skip, &s->file, head, HEAD))
			s->start = at;
}

/* ---- comparing ---- */

static bool
is_no_louder(int64_t at, const struct pcm *file, int64_t i)
{
	for (int side = 0; side < 2; side++)
		if (abs(recording.frames[2 * at + side]) >
		    abs(file->frames[2 * i + side]))
			return false;
	return true;
}

static void
check_rise(const struct sound *s)
{
	for (int64_t i = 0; i < s->rise; i++)
		if (!is_no_louder(s->start + i, &s->file, s->skip + i)) {
			fault("%s: frame %lld of its rise is too loud", s->name,
			    (long long)i);
			return;
		}
}

/* What of a cut sound is left where it is no longer the file itself: a fall
 * that ends in silence, or where the next sound begins. */
static int64_t
end_of_fall(const struct sound *s, int64_t at, int64_t limit)
{
	int64_t last = at;

	limit = earlier(limit, at + s->fall);
	limit = earlier(limit, s->start + s->file.n - s->skip);
	for (int64_t i = at; i < limit; i++) {
		if (!is_no_louder(i, &s->file, s->skip + i - s->start))
			fault(
			    "%s: louder than its file while it falls", s->name);
		if (!is_zero(&recording, i))
			last = i + 1;
	}
	return last;
}

static void
check_cut(struct sound *s, int64_t same, int64_t limit)
{
	double cut_ms;

	s->end = end_of_fall(s, s->start + s->rise + same, limit);
	if (s->rise + same < s->least || s->end - s->start > s->most)
		fault("%s: cut after %lld frames", s->name,
		    (long long)(s->end - s->start));
	if (s->stop_us == NEVER)
		return;
	cut_ms = ms_from(s->end, s->stop_us);
	printf("%-14s cut at %.2f ms from its stop\n", s->name, cut_ms);
	if (fabs(cut_ms) > OFFSET_MAX_MS ||
	    fabs(cut_ms - s->offset_ms) > SPREAD_MAX_MS)
		fault("%s: cut %.2f ms from its stop", s->name, cut_ms);
}

static void
check_length(struct sound *s, int64_t limit)
{
	int64_t rest = s->file.n - s->skip - s->rise;
	int64_t most = earlier(rest, recording.n - s->start - s->rise);
	int64_t same = 0;

	check_rise(s);
	while (same < most && is_same(s->start + s->rise + same, &s->file,
				  s->skip + s->rise + same, 1))
		same++;
	s->end = s->start + s->rise + same;
	if (s->stop_us != NEVER || s->least >= 0)
		check_cut(s, same, limit);
	else if (same < rest)
		fault("%s: differs from its file after %lld of %lld frames",
		    s->name, (long long)(s->rise + same),
		    (long long)(s->rise + rest));
}

static void
check_start(struct sound *s)
{
	double offset_ms;

	if (s->due_us == NEVER)
		return;
	offset_ms = s->offset_ms = ms_from(s->start, s->due_us);
	if (fabs(offset_ms) > OFFSET_MAX_MS)
		fault("%s: began %.2f ms from its instant", s->name, offset_ms);
	if (s->late_ms != NEVER &&
	    fabs(offset_ms - (double)s->late_ms) > LOG_MAX_MS)
		fault("%s: the log says %lld ms late, the recording %.2f",
		    s->name, (long long)s->late_ms, offset_ms);
}

/* The frames between two sounds are silent. They belong to the fade-out of the
 * first when its own samples, so near the end of the ramp, are nothing in 16
 * bits; any other silence is a gap. */
static bool
follows(const struct sound *s, const struct sound *before)
{
	for (int64_t at = before->end; at < s->start; at++) {
		const int16_t *own = before->file.frames +
				     2 * (before->skip + at - before->start);
		int64_t left = s->start - at;

		if (abs(own[0]) * left >= before->fall ||
		    abs(own[1]) * left >= before->fall)
			return false;
	}
	return s->start >= before->end;
}

static void
check_sound(size_t i)
{
	struct sound *s = &sounds[i];
	int64_t limit = recording.n;

	if (s->start < 0) {
		fault("%s: its sound never began", s->name);
		return;
	}
	for (size_t k = n_sounds; k-- > i + 1;)
		if (sounds[k].start >= 0)
			limit = sounds[k].start;
	check_start(s);
	check_length(s, limit);
	if (s->joined && i > 0 && !follows(s, &sounds[i - 1]))
		fault("%s: %lld frames lie between it and the one before",
		    s->name, (long long)(s->start - sounds[i - 1].end));
}

/* Everything between the sounds. */
static void
check_silence(void)
{
	int64_t at = 0;
	int64_t strays = 0;

	for (size_t i = 0; i <= n_sounds; i++) {
		bool last = i == n_sounds;
		int64_t to = last ? recording.n : sounds[i].start;

		for (; at < to; at++) {
			if (is_zero(&recording, at) || ++strays > STRAYS_MAX)
				continue;
			fault("sound where none is planned: frame %lld, %.3f s",
			    (long long)at, (double)at / RATE);
		}
		if (!last)
			at = later(at, sounds[i].end);
	}
	if (strays > STRAYS_MAX)
		fault("%lld such frames in all", (long long)strays);
}

static void
silent_line(const char *words)
{
	char name[64];
	long long from, to;
	int64_t frames = 0;
	int peak = 0;

	if (sscanf(words, "%63s from=%lld to=%lld", name, &from, &to) != 3)
		die("silent NAME from=US to=US", words);
	from += SLACK_US;
	to -= SLACK_US;
	for (int64_t i = later(frame_at(from), 0);
	     i < earlier(frame_at(to), recording.n); i++, frames++)
		for (int side = 0; side < 2; side++)
			if (abs(recording.frames[2 * i + side]) > peak)
				peak = abs(recording.frames[2 * i + side]);
	printf("%-14s silent for %.2f s, peak %d\n", name,
	    (double)frames / RATE, peak);
	if (peak != 0 || frames == 0)
		fault("%s: not silent", name);
}

/* ---- the table ---- */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
check_spread(void)
{
	double sorted[SOUNDS_MAX];
	double median;
	double far_ms = 0;
	size_t n = 0;

	for (size_t i = 0; i < n_sounds; i++)
		if (sounds[i].start >= 0 && sounds[i].due_us != NEVER)
			sorted[n++] = sounds[i].offset_ms;
	if (n == 0)
		return;
	qsort(sorted, n, sizeof(sorted[0]), by_size);
	median = sorted[n / 2];
	for (size_t i = 0; i < n_sounds; i++) {
		double off_ms = fabs(sounds[i].offset_ms - median);

		if (sounds[i].start < 0 || sounds[i].due_us == NEVER)
			continue;
		far_ms = fmax(far_ms, off_ms);
		if (off_ms > SPREAD_MAX_MS)
			fault("%s: %.2f ms from the others' offset",
			    sounds[i].name, off_ms);
	}
	printf("%zu starts: median %.2f ms, furthest from it %.2f ms\n", n,
	    median, far_ms);
}

static void
print_row(const struct sound *s)
{
	char offset[16] = "-";
	char late[24] = "-";

	if (s->start >= 0 && s->due_us != NEVER)
		snprintf(offset, sizeof(offset), "%.2f", s->offset_ms);
	if (s->late_ms != NEVER)
		snprintf(late, sizeof(late), "%lld", (long long)s->late_ms);
	printf("%-14s %10s %10s %10lld %10lld %10lld\n", s->name, offset, late,
	    (long long)s->start, (long long)(s->end - s->start),
	    (long long)(s->file.n - s->skip));
}

static void
print_table(void)
{
	printf("%-14s %10s %10s %10s %10s %10s\n", "sound", "offset ms",
	    "log's ms", "at frame", "sounded", "of frames");
	for (size_t i = 0; i < n_sounds; i++)
		print_row(&sounds[i]);
}

static void
check_all(void)
{
	int64_t from = 0;

	for (size_t i = 0; i < n_sounds; i++) {
		find(&sounds[i], from);
		if (sounds[i].start >= 0)
			from = sounds[i].start + HEAD;
	}
	for (size_t i = 0; i < n_sounds; i++)
		check_sound(i);
	print_table();
	check_silence();
	check_spread();
}

int
main(int argc, char **argv)
{
	char line[4096];
	FILE *plan;

	if (argc != 4)
		return 2;
	recording = read_sound(argv[1], !is_wav(argv[1]));
	epoch_us = strtoll(argv[2], NULL, 10);
	plan = fopen(argv[3], "re");
	if (plan == NULL)
		die("cannot be read", argv[3]);
	while (fgets(line, sizeof(line), plan) != NULL) {
		if (strncmp(line, "sound ", 6) == 0)
			read_sound_line(line + 6);
		else if (strncmp(line, "silent ", 7) == 0)
			silent_line(line + 7);
		else
			die("neither sound nor silent", line);
	}
	fclose(plan);
	check_all();
	for (size_t i = 0; i < n_sounds; i++)
		free(sounds[i].file.frames);
	free(recording.frames);
	return faults > 0 ? 1 : 0;
}
