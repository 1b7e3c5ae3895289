/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "base/worker.h"
#include "intake/admit.h"
#include "intake/convert.h"
#include "intake/limits.h"
#include "intake/measure.h"
#include "intake/sniff.h"

#define BLOCK_FRAMES 4096
#define PROGRESS_FRAMES (10 * MEASURE_RATE)
#define NAME_MAX_BYTES (ID_MAX + 16)
#define KEEP_FRAMES (MEASURE_RATE / 1000 * ADMIT_KEEP_MS)

/* Everything that one admission holds; job_end() lets go of it. */
struct job {
	const struct admit_setup *setup;
	const char *path;
	struct problems *problems;
	int fd; /* the officer's file */
	struct stat st;
	enum sniff kind;
	char *name; /* the file's, for people: NFC */
	char *title;
	char *id;
	char source_sha256[HASH_HEX];
	struct worker *worker;
	int64_t waited_us; /* for the worker */
	int64_t received; /* frames from the worker, at the file's rate */
	const struct worker_state *said;
	int channels;
	int rate;
	int folder; /* of the items */
	char temp[NAME_MAX_BYTES];
	int out; /* the new FLAC, under its temporary name */
	SNDFILE *snd;
	struct convert *convert;
	struct measure *measure;
	struct measured measured; /* of what is stored */
	int64_t head, tail; /* frames of silence that are cut away */
	int whole_warnings; /* of measuring it with them */
	char sha256[HASH_HEX]; /* of the new FLAC */
	int64_t stored_frames;
	int64_t told_frames; /* to setup->progress */
};

/* One problem line about the file; returns r, for `return refuse(…)`. */
__attribute__((format(printf, 3, 4))) static int
refuse(struct job *j, int r, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(j->problems, j->path, 0, "%s", text);
	return r;
}

static int
refuse_memory(struct job *j)
{
	return refuse(j, -ENOMEM,
	    _("there is not enough memory; close other "
	      "programs and try again"));
}

/* The file --------------------------------------------------------------- */

static int
refuse_kind(struct job *j)
{
	if (S_ISDIR(j->st.st_mode))
		return refuse(j, -EINVAL,
		    _("this is a folder; name the sound "
		      "files in it"));
	return refuse(j, -EINVAL,
	    _("this is not a file but a device "
	      "or pipe; save the sound to a "
	      "file first"));
}

static int
open_source(struct job *j)
{
	/* To open a device may set it going: only if it is not seen to be one.
	 * O_NONBLOCK: nor must a FIFO hold us up that comes in between. */
	if (stat(j->path, &j->st) == 0 && !S_ISREG(j->st.st_mode))
		return refuse_kind(j);
	j->fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (j->fd < 0 && errno == ENOENT)
		return refuse(j, -EINVAL,
		    _("there is no such file; check the "
		      "name and the folder"));
	if (j->fd < 0 && errno == EACCES)
		return refuse(j, -EINVAL,
		    _("you may not read this file; ask "
		      "its owner, or copy it where you "
		      "may"));
	if (j->fd < 0)
		return refuse(j, -EINVAL,
		    _("it cannot be opened: %s; copy it "
		      "again"),
		    strerror(errno));
	if (fstat(j->fd, &j->st) < 0)
		return refuse(j, -errno,
		    _("it cannot be read: %s; copy it "
		      "again"),
		    strerror(errno));
	if (!S_ISREG(j->st.st_mode))
		return refuse_kind(j);
	if (j->st.st_size > ADMIT_BYTES_MAX)
		return refuse(j, -EINVAL,
		    _("the file is over 4 GB; cut it "
		      "into parts or save it as FLAC "
		      "or MP3"));
	return 0;
}

static int
sniff_source(struct job *j)
{
	char head[SNIFF_BYTES];
	ssize_t n = pread(j->fd, head, sizeof(head), 0);

	if (n < 0)
		return refuse(j, -errno,
		    _("it cannot be read: %s; copy it "
		      "again"),
		    strerror(errno));
	j->kind = sniff_bytes(head, (size_t)n);
	if (j->kind == SNIFF_EMPTY)
		return refuse(j, -EINVAL, _("the file is empty; %s"),
		    sniff_remedy(j->kind));
	if (!sniff_is_sound(j->kind))
		return refuse(j, -EINVAL,
		    _("this is %s, not sound that loaxa "
		      "reads; %s"),
		    sniff_name(j->kind), sniff_remedy(j->kind));
	return 0;
}

/* Names ------------------------------------------------------------------ */

/* A copy for people: NFC; what is not UTF-8 (an old zip, an old camera) shows
 * as "_". */
static char *
shown(const char *raw)
{
	char *copy, *nfc;

	if (text_is_utf8(raw, strlen(raw)))
		return text_nfc(raw);
	copy = strdup(raw);
	for (char *p = copy; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '_';
	nfc = copy == NULL ? NULL : text_nfc(copy);
	free(copy);
	return nfc;
}

/* At most ITEM_TITLE_MAX bytes, no half letter, no space at either end. */
static void
trim(char *s)
{
	size_t n = strlen(s);
	size_t lead = strspn(s, " ");

	memmove(s, s + lead, n - lead + 1);
	n -= lead;
	if (n > ITEM_TITLE_MAX) {
		n = ITEM_TITLE_MAX;
		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	s[n] = '\0';
}

/* "Bản tin 48.mp3" makes the title "Bản tin 48". */
static char *
title_from(const char *name)
{
	char *title = strdup(name);
	char *dot = title == NULL ? NULL : strrchr(title, '.');

	if (title == NULL)
		return NULL;
	if (dot != NULL && dot != title && strlen(dot) <= 5)
		*dot = '\0';
	for (char *p = title; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	trim(title);
	return title;
}

static bool
is_given(const char *s)
{
	return s != NULL && s[0] != '\0';
}

static int
take_title(struct job *j)
{
	const char *given = j->setup->title;

	if (!is_given(given)) {
		j->title = title_from(j->name);
		return j->title == NULL ? refuse_memory(j) : 0;
	}
	if (!text_is_utf8(given, strlen(given)))
		return refuse(j, -EINVAL,
		    _("the title is not UTF-8 text; "
		      "type it anew"));
	if (strlen(given) > ITEM_TITLE_MAX)
		return refuse(j, -EINVAL,
		    _("the title is longer than %d "
		      "bytes; shorten it"),
		    ITEM_TITLE_MAX);
	j->title = text_nfc(given);
	if (j->title == NULL)
		return refuse_memory(j);
	trim(j->title); /* NFC may have made it longer */
	return 0;
}

static int
take_names(struct job *j)
{
	const char *slash = strrchr(j->path, '/');
	int r;

	j->name = shown(slash == NULL ? j->path : slash + 1);
	if (j->name == NULL)
		return refuse_memory(j);
	r = take_title(j);
	if (r < 0)
		return r;
	if (is_given(j->setup->id) && !text_is_id(j->setup->id))
		return refuse(j, -EINVAL,
		    _("\"%s\" cannot be an id; use up "
		      "to %d small letters a-z, digits "
		      "and \"-\""),
		    j->setup->id, ID_MAX);
	j->id = is_given(j->setup->id) ? strdup(j->setup->id)
				       : text_make_id(j->title);
	return j->id == NULL ? refuse_memory(j) : 0;
}

/* What is there already -------------------------------------------------- */

/* Does the stored sound of `it` still have its record's bytes? */
static bool
is_stored(const struct job *j, const struct item *it)
{
	char file[NAME_MAX_BYTES];
	char sha256[HASH_HEX];
	bool same;
	int fd;

	snprintf(file, sizeof(file), "%s.flac", it->id);
	fd = openat(j->folder, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	same = hash_fd(fd, sha256) == 0 && strcmp(sha256, it->sha256) == 0;
	close(fd);
	return same;
}

/* What is trimmed is what was admitted, whoever had the file in between. */
static int
check_own(struct job *j)
{
	if (strcmp(j->source_sha256, j->setup->of->sha256) == 0)
		return 0;
	return refuse(j, -EINVAL,
	    _("its sound is not what was added: the file has changed; listen "
	      "to it, and add it again with --replace"));
}

/* 1 and *ret_item: the very same is there; 0: go on. */
static int
look_for_old(struct job *j, struct item **ret_item)
{
	struct item *old;
	int r;

	if (j->setup->of != NULL)
		return check_own(j);
	r = item_read(j->setup->items, j->id, &old);
	if (r < 0)
		return 0; /* none, or a broken record: made anew */
	if (!j->setup->replace &&
	    strcmp(old->source_sha256, j->source_sha256) == 0 &&
	    is_stored(j, old)) {
		*ret_item = old;
		return 1;
	}
	if (!j->setup->replace &&
	    strcmp(old->source_sha256, j->source_sha256) != 0)
		r = refuse(j, -EEXIST,
		    _("the id \"%s\" belongs to another "
		      "sound (\"%s\"); give this one "
		      "another id, or replace that one"),
		    j->id, old->title);
	else
		r = 0;
	item_free(old);
	return r;
}

/* The first other item that is made of the same file, or has the same sound
 * once stored: last week's file under a new name. */
struct twin {
	const struct job *j;
	bool stored; /* compare what is stored, not what was handed in */
	char id[ID_MAX + 1];
	char title[ITEM_TITLE_MAX + 1];
	int64_t added_us;
};

static int
is_twin(void *arg, const char *id, const struct item *it)
{
	struct twin *t = arg;
	const char *ours = t->stored ? t->j->sha256 : t->j->source_sha256;

	if (it == NULL || strcmp(id, t->j->id) == 0 ||
	    strcmp(t->stored ? it->sha256 : it->source_sha256, ours) != 0)
		return 0;
	snprintf(t->id, sizeof(t->id), "%s", id);
	snprintf(t->title, sizeof(t->title), "%s", it->title);
	t->added_us = it->added_us;
	return 1;
}

static int
refuse_twin(struct job *j, bool stored)
{
	struct twin t = { .j = j, .stored = stored };
	struct civil_text date;
	int64_t day;
	int second;

	if (j->setup->again || j->setup->of != NULL ||
	    item_each(j->setup->items, is_twin, &t) != 1)
		return 0;
	civil_from_us(t.added_us, &day, &second);
	return refuse(j, -EEXIST,
	    stored ? _("this sound is in the library already: %s (\"%s\", "
		       "added %s); use that item, or add it once more "
		       "(--again)")
		   : _("this file is in the library already: %s (\"%s\", "
		       "added %s); use that item, or add it once more "
		       "(--again)"),
	    t.id, t.title, words_date(day, &date));
}

static int
open_folder(struct job *j)
{
	const char *items = j->setup->items;

	if (mkdir(items, 0750) < 0 && errno != EEXIST)
		return refuse(j, -errno,
		    _("the folder %s cannot be made: "
		      "%s"),
		    items, strerror(errno));
	j->folder = open(items, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->folder < 0)
		return refuse(j, -errno,
		    _("the folder %s cannot be opened: "
		      "%s"),
		    items, strerror(errno));
	return 0;
}

/* Decoding --------------------------------------------------------------- */

static int
refuse_output(struct job *j)
{
	return refuse(j, -EIO,
	    _("the item cannot be written to %s: %s; free "
	      "some space on the disk and try again"),
	    j->setup->items, strerror(errno));
}

/* Ours alone, and still the file of that name: another command may have just
 * finished with it. */
static bool
is_ours(const struct job *j)
{
	struct stat open_one, named;

	return flock(j->out, LOCK_EX | LOCK_NB) == 0 &&
	       fstat(j->out, &open_one) == 0 &&
	       fstatat(j->folder, j->temp, &named, 0) == 0 &&
	       open_one.st_ino == named.st_ino;
}

/* The new FLAC, under a name that nothing plays. */
static int
open_output(struct job *j)
{
	SF_INFO info = {
		.samplerate = CONVERT_RATE,
		.channels = j->channels,
		.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
	};

	snprintf(j->temp, sizeof(j->temp), ".%s.flac.new", j->id);
	j->out = openat(j->folder, j->temp,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (j->out < 0)
		return refuse_output(j);
	disk_own(j->out, j->folder);
	if (!is_ours(j)) {
		close(j->out);
		j->out = -1; /* it is the other's to remove */
		return refuse(j, -EBUSY,
		    _("\"%s\" is being added just now by another command; "
		      "wait for it"),
		    j->id);
	}
	if (ftruncate(j->out, 0) < 0)
		return refuse_output(j);
	j->snd = sf_open_fd(j->out, SFM_WRITE, &info, 0);
	return j->snd == NULL ? refuse_output(j) : 0;
}

static int
refuse_length(struct job *j, int64_t limit_ms)
{
	if (limit_ms < INT64_C(3600000) * LIMITS_HOURS)
		return refuse(j, -EINVAL,
		    _("it unpacks to more than %lld minutes of sound, which no "
		      "recording of its size holds; save it anew as MP3 or "
		      "WAV"),
		    (long long)(limit_ms / 60000));
	return refuse(j, -EINVAL,
	    _("it is longer than %d "
	      "hours; cut it into "
	      "parts"),
	    LIMITS_HOURS);
}

static int
open_chain(struct job *j)
{
	int r;

	j->channels = j->said->channels;
	j->rate = j->said->rate;
	if (j->channels > 2)
		return refuse(j, -EINVAL,
		    _("it has %d channels; save it as "
		      "mono or stereo"),
		    j->channels);
	r = convert_make(j->rate, j->channels, &j->convert);
	if (r == -EINVAL)
		return refuse(j, r,
		    _("its sampling rate is %d Hz; save it "
		      "with 44100 or 48000 Hz"),
		    j->rate);
	if (r == 0)
		r = measure_make(j->channels, &j->measure);
	if (r < 0)
		return refuse_memory(j);
	return open_output(j);
}

static void
tell_progress(struct job *j)
{
	int64_t total = j->said->stated_frames;

	if (j->setup->progress == NULL)
		return;
	j->setup->progress(j->setup->arg,
	    j->stored_frames / (MEASURE_RATE / 1000),
	    total < 0 ? -1 : total * 1000 / j->rate);
}

/* Takes frames at the file's rate (0: the end); how many came out. */
static int
add_frames(struct job *j, const float *pcm, int frames)
{
	const int16_t *out;
	int n = convert_add(j->convert, pcm, frames, &out);

	if (n < 0 || measure_add(j->measure, out, n) < 0)
		return refuse_memory(j);
	errno = ENOSPC; /* what a short write means, if it says nothing */
	if (n > 0 && sf_writef_short(j->snd, out, n) != n)
		return refuse_output(j);
	j->stored_frames += n;
	return n;
}

/* The sound that has come, in milliseconds. */
static int64_t
received_ms(const struct job *j)
{
	return j->rate == 0 ? 0 : j->received * 1000 / j->rate;
}

/* Waits for the worker, as long as limits.h lets it; false: no longer. What we
 * take to measure and store is not its fault, however busy the computer is. */
static bool
wait_worker(struct job *j, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left_ms = limits_wait_ms(j->st.st_size, received_ms(j)) -
			  j->waited_us / US_PER_MS;
	int64_t begun_us = clock_read().boot_us;
	bool came = left_ms > 0 && poll(&p, 1, (int)left_ms) != 0;

	j->waited_us += clock_read().boot_us - begun_us;
	return came;
}

/* Reads until the buffer is full or the sound ends; bytes, or -errno. */
static ssize_t
read_sound(struct job *j, char *buf, size_t size)
{
	int fd = worker_sound(j->worker);
	size_t n = 0;

	while (n < size) {
		ssize_t got;

		if (!wait_worker(j, fd))
			return -ETIMEDOUT;
		got = read(fd, buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static int
refuse_stall(struct job *j)
{
	return refuse(j, -EIO,
	    _("decoding stands still; copy the file to "
	      "this computer's own disk and try again"));
}

/* The rest of what the resampler holds. */
static int
drain(struct job *j)
{
	int n;

	do {
		n = add_frames(j, NULL, 0);
	} while (n > 0);
	return n;
}

/* Every ten seconds of sound: is there still room for more, and for what
 * others have to write? */
static int
look_around(struct job *j)
{
	int64_t room;

	if (j->stored_frames - j->told_frames < PROGRESS_FRAMES)
		return 0;
	j->told_frames = j->stored_frames;
	tell_progress(j);
	room = disk_room(j->setup->items);
	if (room < 0 || room >= (INT64_C(1) << 20) * LIMITS_ROOM_MB)
		return 0;
	errno = ENOSPC;
	return refuse_output(j);
}

static int
pass_sound(struct job *j)
{
	float pcm[BLOCK_FRAMES * 2];
	size_t frame = sizeof(float) * (size_t)j->channels;
	const int64_t limit_ms = limits_sound_ms(j->st.st_size);
	ssize_t n;
	int r;

	while ((n = read_sound(j, (char *)pcm, BLOCK_FRAMES * frame)) > 0) {
		j->received += n / (ssize_t)frame;
		if (received_ms(j) > limit_ms)
			return refuse_length(j, limit_ms);
		r = add_frames(j, pcm, (int)(n / (ssize_t)frame));
		if (r >= 0)
			r = look_around(j);
		if (r < 0)
			return r;
	}
	return n < 0 ? refuse_stall(j) : drain(j);
}

/* Waits until the worker has said its next word: the format, or the end. */
static int
wait_report(struct job *j, bool to_end)
{
	for (;;) {
		j->said = worker_see(j->worker);
		if (j->said->ended || j->said->done || j->said->failed ||
		    (!to_end && j->said->has_format))
			return 0;
		if (!wait_worker(j, worker_report_fd(j->worker)))
			return refuse_stall(j);
	}
}

static int
refuse_failed(struct job *j)
{
	const char *word = j->said->word;
	const char *kind = sniff_name(j->kind);

	if (strcmp(word, "links") == 0)
		return refuse(j, -EINVAL,
		    _("recordings of different kinds "
		      "are joined in it; save it as "
		      "one in an editor"));
	if (strcmp(word, "bad") == 0 && sniff_demuxer(j->kind) != NULL)
		return refuse(j, -EINVAL,
		    _("this is %s, but nothing in it can be decoded; copy it "
		      "again from the phone or recorder, or save it anew as "
		      "MP3 or WAV"),
		    kind);
	if (strcmp(word, "bad") == 0)
		return refuse(j, -EINVAL,
		    _("the %s in it is broken from the "
		      "start; copy it again from the "
		      "recorder, or save it anew as "
		      "WAV"),
		    kind);
	if (strcmp(word, "unfinished") == 0)
		return refuse(j, -EINVAL,
		    _("this is %s, but its index is missing: the recording or "
		      "the "
		      "copy was broken off; copy it again from the phone or "
		      "recorder"),
		    kind);
	if (strcmp(word, "mute") == 0)
		return refuse(j, -EINVAL,
		    _("this is %s, but without any sound track; choose "
		      "another file"),
		    kind);
	if (strcmp(word, "ffmpeg") == 0)
		return refuse(j, -EINVAL,
		    _("this is %s, which takes the program ffmpeg; have the "
		      "administrator install it (apt-get install ffmpeg), or "
		      "save the recording as MP3 or WAV"),
		    kind);
	if (strcmp(word, "read") == 0)
		return refuse(j, -EIO,
		    _("it cannot be read to its end; the "
		      "disk or card may be failing: copy "
		      "it again"));
	/* "sandbox" is this computer's fault; else what is in the file. */
	return refuse(j, strcmp(word, "sandbox") == 0 ? -EIO : -EINVAL,
	    _("the decoder gave up (%s); save the "
	      "recording anew as WAV and add that"),
	    word[0] == '\0' ? "garbled" : word);
}

/* The worker's last word, against what has come. */
static int
judge_end(struct job *j)
{
	int r = wait_report(j, true);

	if (r < 0)
		return r;
	/* A worker that does not know what it has sent is not believed. */
	if (!j->said->done || j->said->frames != j->received)
		return refuse_failed(j);
	measure_result(j->measure, &j->measured);
	if (j->measured.frames == 0)
		return refuse(j, -EINVAL,
		    _("there is no sound in it; copy it "
		      "again from the recorder"));
	if (strcmp(j->said->hash_after, j->source_sha256) != 0)
		return refuse(j, -EINVAL,
		    _("the file was changed while it "
		      "was read; wait until it is "
		      "copied in full, then add it "
		      "again"));
	if (j->said->cut && !j->setup->accept_cut)
		return refuse(j, -EINVAL,
		    _("the file is broken off after %lld "
		      "s; copy it again from the "
		      "recorder, or accept it as it is "
		      "(--accept-cut)"),
		    (long long)(j->measured.frames / MEASURE_RATE));
	return 0;
}

/* Who says so much of itself need not be decoded to be refused. */
static int
judge_statement(struct job *j)
{
	const int64_t limit_ms = limits_sound_ms(j->st.st_size);

	if (j->said->stated_frames / j->said->rate > limit_ms / 1000)
		return refuse_length(j, limit_ms);
	return 0;
}

static int
decode(struct job *j)
{
	const char *demuxer = sniff_demuxer(j->kind);
	int r = demuxer == NULL
		    ? worker_start(j->setup->libexec, j->fd, -1, &j->worker)
		    : worker_start_foreign(
			  j->setup->libexec, j->fd, demuxer, &j->worker);

	if (r < 0)
		return refuse(j, r,
		    _("the decoder %s/loaxa-source cannot be "
		      "started: %s; install loaxa again"),
		    j->setup->libexec, strerror(-r));
	r = wait_report(j, false);
	if (r < 0)
		return r;
	if (!j->said->has_format)
		return refuse_failed(j);
	r = judge_statement(j);
	if (r == 0)
		r = open_chain(j);
	if (r == 0)
		r = pass_sound(j);
	return r < 0 ? r : judge_end(j);
}

/* Trimming --------------------------------------------------------------- */

/* What is silence is known once all of the sound is: so the sound is stored
 * whole, and what is to stay goes from there into a second file. */

/* Ours like the first, whose name it takes: from then on who opens that finds
 * it locked. */
static int
open_second(struct job *j, char name[static NAME_MAX_BYTES])
{
	SF_INFO info = {
		.samplerate = CONVERT_RATE,
		.channels = j->channels,
		.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
	};
	int fd;

	snprintf(name, NAME_MAX_BYTES, ".%s.flac.cut", j->id);
	fd = openat(j->folder, name,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return refuse_output(j);
	disk_own(fd, j->folder);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    renameat(j->folder, name, j->folder, j->temp) < 0) {
		refuse_output(j);
		unlinkat(j->folder, name, 0);
		close(fd);
		return -EIO;
	}
	close(j->out);
	j->out = fd;
	j->snd = sf_open_fd(j->out, SFM_WRITE, &info, 0);
	return j->snd == NULL ? refuse_output(j) : 0;
}

/* Frames [first, first + n) of what has just been read, in so far as they lie
 * between the two silences. */
static int
keep_frames(struct job *j, const int16_t *pcm, int64_t first, int n)
{
	int64_t from = first < j->head ? j->head : first;
	int64_t to = j->stored_frames - j->tail;

	to = first + n < to ? first + n : to;
	if (from >= to)
		return 0;
	pcm += (from - first) * j->channels;
	if (measure_add(j->measure, pcm, (int)(to - from)) < 0)
		return refuse_memory(j);
	errno = ENOSPC;
	return sf_writef_short(j->snd, pcm, to - from) != to - from
		   ? refuse_output(j)
		   : 0;
}

static int
keep_sound(struct job *j, SNDFILE *whole)
{
	int16_t pcm[BLOCK_FRAMES * 2];
	int64_t at = 0;
	int r = 0;

	while (r == 0 && at < j->stored_frames) {
		int n = (int)sf_readf_short(whole, pcm, BLOCK_FRAMES);

		errno = EIO;
		if (n <= 0)
			return refuse_output(j);
		r = keep_frames(j, pcm, at, n);
		at += n;
	}
	return r;
}

/* The whole sound, to be read from its beginning; NULL. */
static SNDFILE *
reopen_whole(struct job *j)
{
	SF_INFO info = { 0 };
	int fd;
	SNDFILE *whole;
	int e = sf_close(j->snd);

	j->snd = NULL;
	fd = e != 0 ? -1 : fcntl(j->out, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	whole = sf_open_fd(fd, SFM_READ, &info, 1); /* fd is its own now */
	return whole;
}

static int
store_trimmed(struct job *j)
{
	char name[NAME_MAX_BYTES];
	SNDFILE *whole = reopen_whole(j);
	int r;

	if (whole == NULL)
		return refuse_output(j);
	measure_free(j->measure);
	j->measure = NULL;
	r = measure_make(j->channels, &j->measure) < 0 ? refuse_memory(j)
						       : open_second(j, name);
	if (r == 0)
		r = keep_sound(j, whole);
	sf_close(whole);
	if (r == 0)
		measure_result(j->measure, &j->measured);
	return r;
}

/* How many things there are to be said of the sound. */
static int
count_warnings(const struct measured *m)
{
	json_t *list = json_array();
	int n = measured_warn(m, list) < 0 ? 0 : (int)json_array_size(list);

	json_decref(list);
	return n;
}

/* 1: there is nothing to be cut away of an item, which stays as it is. */
static int
trim_sound(struct job *j)
{
	const struct measured *m = &j->measured;

	if (!j->setup->trim)
		return 0;
	if (m->silent || m->head_frames >= m->frames)
		return refuse(j, -EINVAL,
		    _("there is only silence in it, and nothing would be left "
		      "of it; copy it again from the recorder"));
	if (m->head_frames > KEEP_FRAMES)
		j->head = m->head_frames - KEEP_FRAMES;
	if (m->tail_frames > KEEP_FRAMES)
		j->tail = m->tail_frames - KEEP_FRAMES;
	if (j->head == 0 && j->tail == 0)
		return j->setup->of != NULL ? 1 : 0;
	j->whole_warnings = count_warnings(m);
	return store_trimmed(j);
}

/* The item --------------------------------------------------------------- */

static int
warn(json_t *list, const char *text)
{
	return json_array_append_new(list, json_string(text)) < 0 ? -ENOMEM : 0;
}

static int
warn_lengths(const struct job *j, json_t *list)
{
	int64_t stated = j->said->stated_frames;
	int64_t off = stated < 0 ? 0 : j->said->frames - stated;
	char text[256];

	text[0] = '\0';
	if (j->said->cut)
		snprintf(text, sizeof(text),
		    _("the file was broken off; only "
		      "its first %lld s are here"),
		    (long long)(j->stored_frames / MEASURE_RATE));
	else if (llabs(off) > j->rate)
		snprintf(text, sizeof(text),
		    _("the file says it is %lld s "
		      "long, but it is %lld s"),
		    (long long)(stated / j->rate),
		    (long long)(j->said->frames / j->rate));
	return text[0] == '\0' ? 0 : warn(list, text);
}

static int
warn_foreign(const struct job *j, json_t *list)
{
	char text[256];
	int r = 0;

	if (j->said->damaged && !j->said->cut)
		r = warn(
		    list, _("parts of it are damaged and could not be decoded; "
			    "listen to it, or copy it again"));
	snprintf(text, sizeof(text),
	    _("it has %d sound tracks; this is the first: listen whether it "
	      "is the right one"),
	    j->said->tracks);
	if (r == 0 && j->said->tracks > 1)
		r = warn(list, text);
	return r;
}

static int
add_cut(json_t *more, const char *key, int64_t frames)
{
	int64_t ms = json_integer_value(json_object_get(more, key)) +
		     frames / (MEASURE_RATE / 1000);

	return json_object_set_new(more, key, json_integer(ms)) < 0 ? -ENOMEM
								    : 0;
}

/* In all, where it is trimmed again. */
static int
tell_trimmed(const struct job *j, json_t *more)
{
	int r = j->head + j->tail == 0
		    ? 0
		    : add_cut(more, "trimmed_head_ms", j->head);

	return r < 0 || j->head + j->tail == 0
		   ? r
		   : add_cut(more, "trimmed_tail_ms", j->tail);
}

/* What the decoder said of the officer's file when it was added: it stands
 * before what was measured. */
static int
warn_as_before(const struct job *j, json_t *list)
{
	const json_t *old = j->setup->of->warnings;
	size_t n = json_array_size(old);
	int r = 0;

	for (size_t i = 0; r == 0 && i + (size_t)j->whole_warnings < n; i++)
		r = json_array_append(list, json_array_get(old, i));
	return r < 0 ? -ENOMEM : 0;
}

static int
warn_source(const struct job *j, json_t *list)
{
	int r;

	if (j->setup->of != NULL)
		return warn_as_before(j, list);
	r = warn_lengths(j, list);
	return r < 0 ? r : warn_foreign(j, list);
}

static struct item *
make_item(const struct job *j)
{
	const struct admit_setup *s = j->setup;
	struct item *it = calloc(1, sizeof(*it));

	if (it == NULL)
		return NULL;
	it->id = strdup(j->id);
	it->title = strdup(j->title);
	it->segment = strdup(is_given(s->segment) ? s->segment : "");
	it->language = strdup(is_given(s->language) ? s->language : "vi");
	it->source_name = strdup(s->of != NULL ? s->of->source_name : j->name);
	it->warnings = json_array();
	it->marks = json_array();
	it->more =
	    s->labels != NULL ? json_deep_copy(s->labels) : json_object();
	memcpy(it->sha256, j->sha256, HASH_HEX);
	memcpy(it->source_sha256,
	    s->of != NULL ? s->of->source_sha256 : j->source_sha256, HASH_HEX);
	it->frames = j->measured.frames;
	it->channels = j->channels;
	it->lufs = j->measured.lufs;
	it->peak_db = j->measured.peak_db;
	it->added_us = s->of != NULL ? s->of->added_us : s->now_us;
	if (it->id == NULL || it->title == NULL || it->segment == NULL ||
	    it->language == NULL || it->source_name == NULL ||
	    it->more == NULL || it->warnings == NULL || it->marks == NULL ||
	    tell_trimmed(j, it->more) < 0 || warn_source(j, it->warnings) < 0 ||
	    measured_warn(&j->measured, it->warnings) < 0 ||
	    measured_marks(&j->measured, it->marks) < 0)
		return item_free(it);
	return it;
}

/* The sound is on the platter under its temporary name, and hashed. */
static int
seal_output(struct job *j)
{
	int e;

	sf_write_sync(j->snd);
	e = sf_close(j->snd);
	j->snd = NULL;
	if (e != 0 || fsync(j->out) < 0)
		return refuse_output(j);
	if (hash_fd(j->out, j->sha256) < 0)
		return refuse_output(j);
	return 0;
}

/* The new sound takes the name `file`; an old one of that name takes ours, and
 * goes with it at the end. */
static int
put_in(struct job *j, const char *file, bool *ret_swapped)
{
	int fd = j->folder;

	*ret_swapped = false;
	if (renameat2(fd, j->temp, fd, file, RENAME_NOREPLACE) == 0)
		return 0;
	*ret_swapped = errno == EEXIST &&
		       renameat2(fd, j->temp, fd, file, RENAME_EXCHANGE) == 0;
	if (*ret_swapped)
		return 0;
	/* A disk that knows of neither. */
	return renameat(fd, j->temp, fd, file) < 0 ? -errno : 0;
}

/* Without its record the new sound is none: what was there before is there
 * again. */
static void
take_out(struct job *j, const char *file, bool swapped)
{
	if (swapped)
		renameat2(j->folder, j->temp, j->folder, file, RENAME_EXCHANGE);
	else
		unlinkat(j->folder, file, 0);
}

/* First the sound, then the record: a record never lacks its sound. */
static int
store(struct job *j, struct item **ret_item)
{
	struct item *it = make_item(j);
	char file[NAME_MAX_BYTES];
	bool swapped;
	int r;

	if (it == NULL)
		return refuse_memory(j);
	if (j->setup->agree != NULL &&
	    j->setup->agree(j->setup->arg, it) != 0) {
		item_free(it);
		return -ECANCELED;
	}
	snprintf(file, sizeof(file), "%s.flac", j->id);
	r = put_in(j, file, &swapped);
	if (r == 0 && fsync(j->folder) < 0)
		r = -errno;
	if (r == 0)
		r = item_write(j->setup->items, it);
	if (r < 0) {
		take_out(j, file, swapped);
		item_free(it);
		errno = -r;
		return refuse_output(j);
	}
	*ret_item = it;
	return 0;
}

static void
job_end(struct job *j)
{
	worker_free(j->worker);
	if (j->snd != NULL)
		sf_close(j->snd);
	if (j->out >= 0) {
		unlinkat(j->folder, j->temp, 0); /* gone after a success */
		close(j->out);
	}
	if (j->folder >= 0)
		close(j->folder);
	if (j->fd >= 0)
		close(j->fd);
	convert_free(j->convert);
	measure_free(j->measure);
	free(j->name);
	free(j->title);
	free(j->id);
}

static int
prepare(struct job *j)
{
	int r = open_source(j);

	if (r == 0)
		r = sniff_source(j);
	if (r == 0)
		r = take_names(j);
	if (r == 0)
		r = open_folder(j);
	if (r == 0 && hash_fd(j->fd, j->source_sha256) < 0)
		r = refuse(j, -EIO,
		    _("it cannot be read to its end; the disk "
		      "or card may be failing: copy it "
		      "again"));
	return r;
}

int
admit_file(const struct admit_setup *setup, const char *path,
    struct problems *problems, struct item **ret_item)
{
	struct job j = {
		.setup = setup,
		.path = path,
		.problems = problems,
		.fd = -1,
		.folder = -1,
		.out = -1,
	};
	int r = prepare(&j);

	if (r == 0)
		r = look_for_old(&j, ret_item);
	if (r == 0)
		r = refuse_twin(&j, false);
	if (r != 0)
		goto out;
	r = decode(&j);
	if (r == 0)
		r = trim_sound(&j);
	if (r == 1 && item_read(setup->items, j.id, ret_item) < 0)
		r = refuse_memory(&j);
	if (r == 0)
		r = seal_output(&j);
	if (r == 0)
		r = refuse_twin(&j, true);
	if (r == 0)
		r = store(&j, ret_item);
out:
	job_end(&j);
	return r;
}

/* Is the sound of that name the record's? Locked where *ret_fd is yours. */
static bool
is_its(int folder, const char *name, const struct item *it, int *ret_fd)
{
	char sha256[HASH_HEX];

	*ret_fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd >= 0 && flock(*ret_fd, LOCK_EX | LOCK_NB) == 0 &&
	    hash_fd(*ret_fd, sha256) == 0 && strcmp(sha256, it->sha256) == 0)
		return true;
	if (*ret_fd >= 0)
		close(*ret_fd);
	*ret_fd = -1;
	return false;
}

int
admit_heal(const char *items, const struct item *it)
{
	int folder = open(items, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char file[NAME_MAX_BYTES], temp[NAME_MAX_BYTES];
	int healed = 0;
	int fd;

	if (folder < 0)
		return 0;
	snprintf(file, sizeof(file), "%s.flac", it->id);
	snprintf(temp, sizeof(temp), ".%s.flac.new", it->id);
	if (!is_its(folder, file, it, &fd) && is_its(folder, temp, it, &fd))
		healed = renameat(folder, temp, folder, file) == 0 &&
			 fsync(folder) == 0;
	if (fd >= 0)
		close(fd);
	close(folder);
	return healed;
}
