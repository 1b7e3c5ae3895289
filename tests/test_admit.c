/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "intake/admit.h"
#include "tests/fakes/sound.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW_US INT64_C(1795687830000000)

static char libexec[4096];
static char items[4096];
static struct problems ps;

static struct admit_setup
plain(void)
{
	return (struct admit_setup){
		.libexec = libexec,
		.items = items,
		.again = true, /* these tests share a few files */
		.now_us = NOW_US,
	};
}

static int
up(void **state)
{
	(void)state;
	sound_open();
	snprintf(libexec, sizeof(libexec), "%s", sound_program(""));
	snprintf(items, sizeof(items), "%s", sound_path("items"));
	/* Half tone, half noise: no MP3's length can be guessed from its
	 * first frames. */
	sound_run("sox -R -n -r 44100 -b 16 -c 2 a.wav synth 15 sine 440 "
		  "vol 0.3 && sox -R -n -r 44100 -b 16 -c 2 b.wav synth 15 "
		  "pinknoise vol 0.1 && sox a.wav b.wav m.wav 2>/dev/null");
	sound_run("lame --quiet -V5 -t m.wav vbr.mp3 && "
		  "oggenc -Q m.wav -o m.ogg && opusenc --quiet m.wav m.opus && "
		  "flac --silent m.wav -o m.flac");
	sound_run("sox -R -n -r 48000 -b 16 -c 1 short.wav synth 1 sine 300 "
		  "vol 0.5");
	return 0;
}

static int
down(void **state)
{
	(void)state;
	problems_free(&ps);
	sound_close();
	return 0;
}

static int
add(const struct admit_setup *s, const char *name, struct item **ret)
{
	problems_free(&ps);
	*ret = NULL;
	return admit_file(s, sound_path(name), &ps, ret);
}

/* The one problem's text, "" for none. */
static const char *
said(void)
{
	return ps.n == 0 ? "" : ps.list[0].text;
}

/* Names in the items' folder, hidden ones too. */
static int
files_in_items(void)
{
	DIR *d = opendir(items);
	int n = -2; /* . and .. */

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static SNDFILE *
open_stored(const char *id, SF_INFO *ret_info)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s.flac", items, id);
	*ret_info = (SF_INFO){ 0 };
	return sf_open(path, SFM_READ, ret_info);
}

static void
each_format_is_admitted_at_its_true_length(void **state)
{
	static const struct {
		const char *name;
		int channels;
	} cases[] = {
		{ "m.wav", 2 },
		{ "m.flac", 2 },
		{ "m.ogg", 2 },
		{ "m.opus", 2 },
		{ "vbr.mp3", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admit_setup s = plain();
		struct item *it;
		SF_INFO info;
		SNDFILE *f;
		int r;

		s.id = "x";
		s.replace = true;
		r = add(&s, cases[i].name, &it);
		if (r != 0)
			fail_msg("%s: %d %s", cases[i].name, r, said());
		f = open_stored("x", &info);
		if (llabs(it->frames - 30 * 48000) > 4800 ||
		    it->channels != cases[i].channels || f == NULL ||
		    info.frames != it->frames || info.samplerate != 48000 ||
		    info.format != (SF_FORMAT_FLAC | SF_FORMAT_PCM_16) ||
		    it->lufs > -10 || it->lufs < -40 ||
		    json_array_size(it->warnings) != 0)
			fail_msg("%s: %lld frames, %d channels, %.1f LUFS",
			    cases[i].name, (long long)it->frames, it->channels,
			    it->lufs);
		sf_close(f);
		item_free(it);
	}
}

static void
sound_at_48_khz_is_stored_bit_for_bit(void **state)
{
	static short in[48000], out[48000];
	struct admit_setup s = plain();
	struct item *it;
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(sound_path("short.wav"), SFM_READ, &info);

	(void)state;
	assert_int_equal(sf_readf_short(f, in, 48000), 48000);
	sf_close(f);
	assert_int_equal(add(&s, "short.wav", &it), 0);
	assert_int_equal(it->channels, 1);
	f = open_stored("short", &info);
	assert_int_equal(sf_readf_short(f, out, 48000), 48000);
	sf_close(f);
	assert_memory_equal(in, out, sizeof(in));
	item_free(it);
}

static void
the_record_says_what_was_measured_and_hashed(void **state)
{
	struct admit_setup s = plain();
	struct item *it, *back;
	char hex[HASH_HEX], path[8192];
	int fd;

	(void)state;
	s.id = "ban-tin";
	s.title = " Ba\xcc\x89n tin "; /* NFD, with spaces around */
	s.segment = "ttdn";
	s.language = "km";
	assert_int_equal(add(&s, "short.wav", &it), 0);
	assert_string_equal(it->title, "B\xe1\xba\xa3n tin");
	assert_int_equal(it->frames, 48000);
	assert_int_equal(it->added_us, NOW_US);
	assert_string_equal(it->source_name, "short.wav");
	assert_true(fabs(it->peak_db - -6.02) < 0.1);
	assert_int_equal(item_read(items, "ban-tin", &back), 0);
	assert_string_equal(back->segment, "ttdn");
	assert_string_equal(back->language, "km");
	snprintf(path, sizeof(path), "%s/ban-tin.flac", items);
	fd = open(path, O_RDONLY);
	assert_int_equal(hash_fd(fd, hex), 0);
	close(fd);
	assert_string_equal(hex, back->sha256);
	fd = open(sound_path("short.wav"), O_RDONLY);
	assert_int_equal(hash_fd(fd, hex), 0);
	close(fd);
	assert_string_equal(hex, back->source_sha256);
	item_free(it);
	item_free(back);
}

static const struct {
	const char *name;
	const char *make;
	const char *wanted; /* in the message */
} refused[] = {
	{ "gone.mp3", "true", "no such file" },
	{ "empty.mp3", ": > empty.mp3", "is empty" },
	{ "folder.mp3", "mkdir -p folder.mp3", "is a folder" },
	{ "fifo.mp3", "mkfifo fifo.mp3", "device or pipe" },
	{ "png.mp3",
	    "printf '\\211PNG\\r\\n\\032\\n0123456789' > "
	    "png.mp3",
	    "a picture" },
	{ "page.mp3", "echo '<!DOCTYPE html><html>404' > page.mp3",
	    "a web page" },
	{ "junk.mp3", "yes junk | head -c 99999 > junk.mp3", "text" },
	{ "zeros.wav", "head -c 99999 /dev/zero > zeros.wav",
	    "nothing but zeros" },
	{ "m4a.mp3",
	    "printf '\\0\\0\\0\\040ftypM4A 0123456789' > "
	    "m4a.mp3",
	    "its index is missing" },
	{ "head.flac", "head -c 60 m.flac > head.flac", "no sound in it" },
	{ "head.wav", "head -c 20 m.wav > head.wav", "broken from the start" },
	{ "none.wav", "head -c 44 short.wav > none.wav", "no sound in it" },
	{ "six.wav", "sox -n -r 48000 -b 16 -c 6 six.wav synth 1 sine",
	    "6 channels" },
	{ "cut.wav", "head -c $(($(wc -c < m.wav) * 2 / 3)) m.wav > cut.wav",
	    "broken off" },
	{ "cut.flac",
	    "head -c $(($(wc -c < m.flac) * 2 / 3)) m.flac > cut.flac",
	    "broken off" },
	{ "cut.ogg", "head -c $(($(wc -c < m.ogg) * 2 / 3)) m.ogg > cut.ogg",
	    "broken off" },
	{ "cut.opus",
	    "head -c $(($(wc -c < m.opus) * 2 / 3)) m.opus > cut.opus",
	    "broken off" },
};

static void
what_cannot_be_an_item_is_refused_with_what_to_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct admit_setup s = plain();
		struct item *it;
		int before, r;

		sound_run("%s", refused[i].make);
		before = files_in_items();
		r = add(&s, refused[i].name, &it);
		if (r != -EINVAL || it != NULL || ps.n != 1 ||
		    strstr(said(), refused[i].wanted) == NULL ||
		    strchr(said(), ';') == NULL)
			fail_msg("%s: %d \"%s\"", refused[i].name, r, said());
		if (files_in_items() != before)
			fail_msg("%s: left something behind", refused[i].name);
	}
}

/* A decoder that an evil file has taken over. */
static void
a_lying_worker_spoils_no_more_than_its_item(void **state)
{
	static const struct {
		const char *when;
		const char *script;
		int r;
		const char *wanted;
	} cases[] = {
		{ "it has sent less than it says",
		    "echo format 48000 1 9 >&3; head -c 400 /dev/zero; "
		    "echo done 4800 $(sha256sum | head -c 64) >&3",
		    -EINVAL, "gave up (garbled)" },
		{ "it is done before it has begun",
		    "echo done 0 $(sha256sum | head -c 64) >&3", -EINVAL,
		    "gave up (garbled)" },
		{ "it dies", "echo format 48000 1 9 >&3; kill -9 $$", -EINVAL,
		    "gave up (silent)" },
	};

	(void)state;
	sound_run("mkdir -p fake && cp short.wav lie.wav");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admit_setup s = plain();
		FILE *f = fopen(sound_path("fake/loaxa-source"), "w");
		int before = files_in_items();
		struct item *it;
		int r;

		assert_non_null(f);
		fprintf(f, "#!/bin/sh\n%s\n", cases[i].script);
		fclose(f);
		sound_run("chmod +x fake/loaxa-source");
		s.libexec = sound_path("fake");
		r = add(&s, "lie.wav", &it);
		if (r != cases[i].r || strstr(said(), cases[i].wanted) == NULL)
			fail_msg("%s: %d \"%s\"", cases[i].when, r, said());
		assert_int_equal(files_in_items(), before);
	}
}

static void
an_unreadable_file_is_refused_with_what_to_do(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	int r;

	(void)state;
	sound_run("cp short.wav secret.wav && chmod 0 secret.wav && "
		  "chmod 755 .");
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	r = add(&s, "secret.wav", &it);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(r, -EINVAL);
	assert_non_null(strstr(said(), "may not read"));
}

static void
a_broken_off_file_is_taken_when_somebody_insists(void **state)
{
	struct admit_setup s = plain();
	struct item *it;

	(void)state;
	s.accept_cut = true;
	sound_run("head -c 3000000 m.wav > part.wav");
	assert_int_equal(add(&s, "part.wav", &it), 0);
	assert_true(llabs(it->frames - 17 * 48000) < 48000);
	assert_int_equal(json_array_size(it->warnings), 1);
	assert_non_null(strstr(
	    json_string_value(json_array_get(it->warnings, 0)), "broken off"));
	item_free(it);
}

static void
any_file_name_makes_a_title_and_an_id(void **state)
{
	static const struct {
		const char *when;
		const char *name;
		const char *title;
		const char *id;
	} cases[] = {
		{ "spaces and quotes", "b'a \"b\"; c.wav", "b'a \"b\"; c",
		    "b-a-b-c" },
		{ "NFD", "Ba\xcc\x89n tin.wav", "B\xe1\xba\xa3n tin",
		    "ban-tin" },
		{ "a newline", "a\nb.wav", "a b", "a-b" },
		{ "underscores", "ban_tin_2.WAV", "ban tin 2", "ban-tin-2" },
		{ "not UTF-8", "x\xff\xfey.wav", "x  y", "x-y" },
		{ "no extension", "loa", "loa", "loa" },
		{ "nothing but dots", "....", "...", "item" },
		{ "a dash in front", "-rf.wav", "-rf", "rf" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admit_setup s = plain();
		char to[4096];
		struct item *it;
		int r;

		snprintf(to, sizeof(to), "%s", sound_path(cases[i].name));
		assert_int_equal(link(sound_path("short.wav"), to), 0);
		s.replace = true;
		r = add(&s, cases[i].name, &it);
		if (r != 0)
			fail_msg("%s: %d %s", cases[i].when, r, said());
		if (strcmp(it->title, cases[i].title) != 0 ||
		    strcmp(it->id, cases[i].id) != 0 || !text_is_id(it->id) ||
		    !text_is_utf8(it->source_name, strlen(it->source_name)))
			fail_msg("%s: title \"%s\" id \"%s\"", cases[i].when,
			    it->title, it->id);
		item_free(it);
	}
}

static void
a_name_of_200_bytes_works(void **state)
{
	struct admit_setup s = plain();
	char name[256];
	struct item *it;
	char to[4096];

	(void)state;
	memset(name, 'a', 196);
	strcpy(name + 196, ".wav");
	snprintf(to, sizeof(to), "%s", sound_path(name));
	assert_int_equal(link(sound_path("short.wav"), to), 0);
	assert_int_equal(add(&s, name, &it), 0);
	assert_int_equal(strlen(it->title), 196);
	assert_int_equal(strlen(it->id), ID_MAX);
	item_free(it);
}

static void
the_same_file_twice_is_one_item(void **state)
{
	struct admit_setup s = plain();
	struct item *a, *b;

	(void)state;
	s.id = "twice";
	assert_int_equal(add(&s, "short.wav", &a), 0);
	assert_int_equal(add(&s, "short.wav", &b), 1);
	assert_string_equal(a->sha256, b->sha256);
	item_free(a);
	item_free(b);
}

static void
an_id_that_is_taken_needs_replace(void **state)
{
	struct admit_setup s = plain();
	struct item *a, *b;

	(void)state;
	s.id = "taken";
	assert_int_equal(add(&s, "short.wav", &a), 0);
	assert_int_equal(add(&s, "m.opus", &b), -EEXIST);
	assert_non_null(strstr(said(), "\"taken\""));
	assert_int_equal(item_read(items, "taken", &b), 0);
	assert_string_equal(a->sha256, b->sha256);
	item_free(b);
	s.replace = true;
	assert_int_equal(add(&s, "m.opus", &b), 0);
	assert_string_not_equal(a->sha256, b->sha256);
	item_free(a);
	item_free(b);
}

static void
a_file_that_is_an_item_already_is_refused_and_the_item_named(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	int files;

	(void)state;
	s.id = "first";
	s.title = "Bản tin tuần trước";
	assert_int_equal(add(&s, "short.wav", &it), 0);
	item_free(it);
	files = files_in_items();
	s.again = false;
	s.id = "second";
	assert_int_equal(add(&s, "short.wav", &it), -EEXIST);
	assert_non_null(strstr(said(), "this file is in the library already"));
	assert_non_null(strstr(said(), "26/11/2026"));
	assert_non_null(strstr(said(), "--again"));
	assert_int_equal(files_in_items(), files);
}

/* Sent on with another label in its head: other bytes, the same sound. */
static void
the_same_sound_in_another_file_is_refused_after_decoding(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	int files;

	(void)state;
	sound_run("sox -R -n -r 48000 -b 16 -c 1 lone.wav synth 1 sine 700 "
		  "vol 0.5 && flac --silent -T TITLE=x lone.wav");
	s.id = "lone";
	assert_int_equal(add(&s, "lone.wav", &it), 0);
	item_free(it);
	files = files_in_items();
	s.id = "lone-2";
	s.again = false;
	assert_int_equal(add(&s, "lone.flac", &it), -EEXIST);
	assert_non_null(strstr(said(), "this sound is in the library already"));
	assert_non_null(strstr(said(), "lone (\""));
	assert_int_equal(files_in_items(), files);
	s.again = true;
	assert_int_equal(add(&s, "lone.flac", &it), 0);
	item_free(it);
}

static void
labels_go_into_the_record(void **state)
{
	struct admit_setup s = plain();
	json_t *labels =
	    json_pack("{s:s, s:[s]}", "unit", "Công an xã", "tags", "an-ninh");
	struct item *it;

	(void)state;
	s.id = "labelled";
	s.labels = labels;
	assert_int_equal(add(&s, "short.wav", &it), 0);
	assert_true(json_equal(it->more, labels));
	item_free(it);
	assert_int_equal(item_read(items, "labelled", &it), 0);
	assert_true(json_equal(it->more, labels));
	item_free(it);
	json_decref(labels);
}

static void
a_sound_spoilt_on_the_disk_is_made_anew(void **state)
{
	struct admit_setup s = plain();
	struct item *it;

	(void)state;
	s.id = "spoilt";
	assert_int_equal(add(&s, "short.wav", &it), 0);
	item_free(it);
	sound_run("echo spoilt >> items/spoilt.flac");
	assert_int_equal(add(&s, "short.wav", &it), 0);
	item_free(it);
	assert_int_equal(add(&s, "short.wav", &it), 1);
	item_free(it);
}

static void
bad_words_are_refused(void **state)
{
	struct admit_setup s = plain();
	char title[ITEM_TITLE_MAX + 2];
	struct item *it;

	(void)state;
	s.id = "../x";
	assert_int_equal(add(&s, "short.wav", &it), -EINVAL);
	assert_non_null(strstr(said(), "cannot be an id"));
	s = plain();
	s.title = "\xff";
	assert_int_equal(add(&s, "short.wav", &it), -EINVAL);
	memset(title, 'a', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	s.title = title;
	assert_int_equal(add(&s, "short.wav", &it), -EINVAL);
	assert_non_null(strstr(said(), "longer"));
}

static void
a_missing_worker_is_a_clear_error(void **state)
{
	struct admit_setup s = plain();
	struct item *it;

	(void)state;
	s.libexec = "/nonexistent";
	s.id = "no-worker";
	assert_int_equal(add(&s, "short.wav", &it), -ENOENT);
	assert_non_null(strstr(said(), "cannot be started"));
}

static void
a_killed_worker_is_a_failure_and_leaves_nothing(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	int before;

	(void)state;
	/* One that says its format, gives some sound, and is killed. */
	sound_run("mkdir -p dead && printf '#!/bin/sh\\necho \"format 48000 1 "
		  "-1\" >&3\\nhead -c 40000 /dev/zero\\nkill -9 $$\\n' > "
		  "dead/loaxa-source && chmod +x dead/loaxa-source");
	s.libexec = sound_path("dead");
	s.id = "dead";
	before = files_in_items();
	assert_int_equal(add(&s, "short.wav", &it), -EINVAL);
	assert_int_equal(ps.n, 1);
	assert_int_equal(files_in_items(), before);
}

static void
a_record_that_cannot_be_written_leaves_the_sound_that_was_there(void **state)
{
	struct admit_setup s = plain();
	struct item *it;

	(void)state;
	/* A folder has the record's name. */
	sound_run("mkdir -p items/half.json/x");
	s.id = "half";
	assert_true(add(&s, "short.wav", &it) < 0);
	assert_int_equal(ps.n, 1);
	assert_int_equal(access(sound_path("items/half.flac"), F_OK), -1);
	sound_run("echo old > items/half.flac");
	s.replace = true;
	assert_true(add(&s, "short.wav", &it) < 0);
	sound_run("test \"$(cat items/half.flac)\" = old");
	sound_run("test \"$(ls -A items | grep -c half)\" = 2");
	sound_run("rm -r items/half.*");
}

static void
a_folder_that_cannot_be_written_is_a_clear_error(void **state)
{
	struct admit_setup s = plain();
	struct item *it;

	(void)state;
	s.items = sound_path("short.wav");
	assert_true(add(&s, "m.opus", &it) < 0);
	assert_int_equal(ps.n, 1);
	assert_non_null(strstr(said(), "folder"));
}

static void
count_call(void *arg, int64_t done_ms, int64_t total_ms)
{
	int *calls = arg;

	assert_true(done_ms > 0);
	assert_true(total_ms == 30000);
	(*calls)++;
}

static void
progress_is_told_now_and_then(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	int calls = 0;

	(void)state;
	s.id = "progress";
	s.progress = count_call;
	s.arg = &calls;
	assert_int_equal(add(&s, "m.wav", &it), 0);
	assert_int_equal(calls, 2);
	item_free(it);
}

/* A second of a tone between 3 and 4 seconds of silence; where a sample of it
 * is not 0, the same one in the whole sound is `head` frames later. */
static void
make_padded(void)
{
	sound_run("sox -R -n -r 48000 -b 16 -c 1 -e signed padded.wav synth 1 "
		  "sine 300 vol 0.5 pad 3 4");
}

static void
compare_to_padded(const char *id, int64_t frames)
{
	static short whole[8 * 48000], left[8 * 48000];
	const int head = 3 * 48000 - 9600;
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(sound_path("padded.wav"), SFM_READ, &info);

	assert_int_equal(sf_readf_short(f, whole, 8 * 48000), 8 * 48000);
	sf_close(f);
	f = open_stored(id, &info);
	assert_int_equal(info.frames, frames);
	assert_int_equal(sf_readf_short(f, left, 8 * 48000), frames);
	sf_close(f);
	assert_memory_equal(left, whole + head, (size_t)frames * 2);
}

/* 0.2 s, the second, 0.2 s. */
#define TRIMMED_FRAMES (48000 + 2 * 9600)

static void
trim_leaves_200_ms_of_silence_and_every_frame_between(void **state)
{
	struct admit_setup s = plain();
	struct item *it, *back;

	(void)state;
	make_padded();
	s.id = "trimmed";
	s.trim = true;
	assert_int_equal(add(&s, "padded.wav", &it), 0);
	assert_int_equal(it->frames, TRIMMED_FRAMES);
	assert_int_equal(json_array_size(it->warnings), 0);
	item_free(it);
	compare_to_padded("trimmed", TRIMMED_FRAMES);
	assert_int_equal(item_read(items, "trimmed", &back), 0);
	assert_int_equal(
	    json_integer_value(json_object_get(back->more, "trimmed_head_ms")),
	    2800);
	assert_int_equal(
	    json_integer_value(json_object_get(back->more, "trimmed_tail_ms")),
	    3800);
	item_free(back);
}

static void
trim_of_nothing_but_silence_is_refused(void **state)
{
	struct admit_setup s = plain();
	int before = files_in_items();
	struct item *it;

	(void)state;
	sound_run("sox -R -n -r 48000 -b 16 -c 1 mute.wav trim 0 5");
	s.trim = true;
	assert_int_equal(add(&s, "mute.wav", &it), -EINVAL);
	assert_non_null(strstr(said(), "only silence"));
	assert_int_equal(files_in_items(), before);
}

static int
disagree(void *arg, const struct item *it)
{
	*(int64_t *)arg = it->frames;
	return -1;
}

/* The stored sound of an item, by its record. */
static int
trim_stored(const struct item *of, struct admit_setup *s, struct item **ret)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s.flac", items, of->id);
	s->id = of->id;
	s->title = of->title;
	s->labels = of->more;
	s->trim = true;
	s->of = of;
	problems_free(&ps);
	*ret = NULL;
	return admit_file(s, path, &ps, ret);
}

static void
an_item_is_trimmed_only_when_that_is_agreed_and_once(void **state)
{
	struct admit_setup s = plain(), t = plain();
	struct item *old, *it, *again;
	int64_t asked = 0;

	(void)state;
	make_padded();
	s.id = "later";
	s.title = "Lang gom";
	assert_int_equal(add(&s, "padded.wav", &old), 0);
	assert_int_equal(json_array_size(old->warnings), 1);
	t.agree = disagree;
	t.arg = &asked;
	assert_int_equal(trim_stored(old, &t, &it), -ECANCELED);
	assert_int_equal(asked, TRIMMED_FRAMES);
	assert_int_equal(item_read(items, "later", &it), 0);
	assert_string_equal(it->sha256, old->sha256);
	item_free(it);
	t.agree = NULL;
	assert_int_equal(trim_stored(old, &t, &it), 0);
	compare_to_padded("later", TRIMMED_FRAMES);
	assert_string_equal(it->title, "Lang gom");
	assert_string_equal(it->source_name, "padded.wav");
	assert_string_equal(it->source_sha256, old->source_sha256);
	assert_int_equal(trim_stored(it, &t, &again), 1);
	assert_string_equal(again->sha256, it->sha256);
	item_free(again);
	assert_int_equal(trim_stored(old, &t, &again), -EINVAL);
	assert_non_null(strstr(said(), "has changed"));
	item_free(old);
	item_free(it);
}

static void
a_power_cut_between_trimmed_sound_and_record_is_healed(void **state)
{
	struct admit_setup s = plain();
	struct item *it;
	SF_INFO info;

	(void)state;
	s.id = "healed";
	assert_int_equal(add(&s, "short.wav", &it), 0);
	assert_int_equal(admit_heal(items, it), 0);
	sound_run("cd items && mv healed.flac .healed.flac.new && "
		  "cp x.flac healed.flac");
	assert_int_equal(admit_heal(items, it), 1);
	sf_close(open_stored("healed", &info));
	assert_int_equal(info.frames, 48000);
	assert_int_equal(admit_heal(items, it), 0);
	item_free(it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_is_admitted_at_its_true_length),
		cmocka_unit_test(sound_at_48_khz_is_stored_bit_for_bit),
		cmocka_unit_test(the_record_says_what_was_measured_and_hashed),
		cmocka_unit_test(
		    what_cannot_be_an_item_is_refused_with_what_to_do),
		cmocka_unit_test(a_lying_worker_spoils_no_more_than_its_item),
		cmocka_unit_test(an_unreadable_file_is_refused_with_what_to_do),
		cmocka_unit_test(
		    a_broken_off_file_is_taken_when_somebody_insists),
		cmocka_unit_test(any_file_name_makes_a_title_and_an_id),
		cmocka_unit_test(a_name_of_200_bytes_works),
		cmocka_unit_test(the_same_file_twice_is_one_item),
		cmocka_unit_test(an_id_that_is_taken_needs_replace),
		cmocka_unit_test(a_sound_spoilt_on_the_disk_is_made_anew),
		cmocka_unit_test(bad_words_are_refused),
		cmocka_unit_test(a_missing_worker_is_a_clear_error),
		cmocka_unit_test(
		    a_killed_worker_is_a_failure_and_leaves_nothing),
		cmocka_unit_test(
		    a_record_that_cannot_be_written_leaves_the_sound_that_was_there),
		cmocka_unit_test(
		    a_folder_that_cannot_be_written_is_a_clear_error),
		cmocka_unit_test(
		    a_file_that_is_an_item_already_is_refused_and_the_item_named),
		cmocka_unit_test(
		    the_same_sound_in_another_file_is_refused_after_decoding),
		cmocka_unit_test(labels_go_into_the_record),
		cmocka_unit_test(progress_is_told_now_and_then),
		cmocka_unit_test(
		    trim_leaves_200_ms_of_silence_and_every_frame_between),
		cmocka_unit_test(trim_of_nothing_but_silence_is_refused),
		cmocka_unit_test(
		    an_item_is_trimmed_only_when_that_is_agreed_and_once),
		cmocka_unit_test(
		    a_power_cut_between_trimmed_sound_and_record_is_healed),
	};

	return cmocka_run_group_tests(tests, up, down);
}
