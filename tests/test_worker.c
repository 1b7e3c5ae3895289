/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real loaxa-source, and shell scripts that report what it never would. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/worker.h"
#include "tests/fakes/sound.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int
up(void **state)
{
	(void)state;
	sound_open();
	sound_item("stereo.flac", 2, 100000);
	sound_run("mkdir fake && echo junk > junk");
	return 0;
}

static int
down(void **state)
{
	(void)state;
	sound_close();
	return 0;
}

static struct worker *
start(const char *libexec, const char *file, int64_t offset)
{
	int fd = open(sound_path(file), O_RDONLY | O_CLOEXEC);
	struct worker *w;

	assert_true(fd >= 0);
	assert_int_equal(worker_start(libexec, fd, offset, &w), 0);
	close(fd);
	return w;
}

/* All that comes out of its pipe; bytes. */
static int64_t
drain(struct worker *w, int16_t *ret_pcm, size_t size)
{
	int64_t n = 0;
	static char scrap[65536];
	ssize_t got;

	for (;;) {
		bool keep = (size_t)n < size;

		got = read(worker_sound(w), keep ? (char *)ret_pcm + n : scrap,
		    keep ? size - (size_t)n : sizeof(scrap));
		if (got <= 0)
			return n;
		n += got;
	}
}

static const struct worker_state *
wait_end(struct worker *w)
{
	const struct worker_state *s;

	for (;;) {
		struct pollfd p = { .events = POLLIN };

		s = worker_see(w);
		p.fd = worker_report_fd(w);
		if (s->ended)
			return s;
		if (poll(&p, 1, 20000) != 1)
			fail_msg("the worker hangs");
	}
}

static void
an_item_is_played_from_its_offset_to_its_last_frame(void **state)
{
	static int16_t pcm[2 * 100000];
	struct worker *w = start(sound_program(""), "stereo.flac", 12345);
	const struct worker_state *s;
	int64_t n = drain(w, pcm, sizeof(pcm));

	(void)state;
	s = wait_end(w);
	assert_int_equal(n, (100000 - 12345) * 4);
	assert_true(s->done && !s->failed && !s->cut && s->has_format);
	assert_int_equal(s->frames, 100000 - 12345);
	assert_int_equal(s->rate, 48000);
	assert_int_equal(s->channels, 2);
	assert_string_equal(s->hash, s->hash_after);
	for (int i = 0; i < 100000 - 12345; i++)
		if (pcm[2 * i] != (i + 12345) % 30000 ||
		    pcm[2 * i + 1] != -pcm[2 * i])
			fail_msg("frame %d is %d, %d", i, pcm[2 * i],
			    pcm[2 * i + 1]);
	worker_free(w);
}

static void
an_offset_beyond_the_end_gives_nothing_and_is_no_failure(void **state)
{
	struct worker *w = start(sound_program(""), "stereo.flac", 100001);
	const struct worker_state *s;

	(void)state;
	assert_int_equal(drain(w, NULL, 0), 0);
	s = wait_end(w);
	assert_true(s->done);
	assert_int_equal(s->frames, 0);
	worker_free(w);
}

static void
a_listener_who_goes_away_still_gets_the_last_word(void **state)
{
	struct worker *w = start(sound_program(""), "stereo.flac", 0);
	const struct worker_state *s;

	(void)state;
	close(worker_take_sound(w));
	s = wait_end(w);
	assert_true(s->done);
	assert_true(s->frames < 100000);
	assert_string_equal(s->hash, s->hash_after);
	worker_free(w);
}

static void
junk_is_said_to_be_bad(void **state)
{
	struct worker *w = start(sound_program(""), "junk", -1);
	const struct worker_state *s = wait_end(w);

	(void)state;
	assert_true(s->failed && !s->done && !s->has_format);
	assert_string_equal(s->word, "bad");
	worker_free(w);
}

static void
whatever_a_worker_reports_is_survived(void **state)
{
	static const struct {
		const char *when;
		const char *script;
		bool done;
		const char *word;
	} cases[] = {
		{ "says nothing and ends", "true", false, "silent" },
		{ "is killed", "kill -9 $$", false, "silent" },
		{ "says done", "echo done 5 " H64 " >&3", true, "" },
		{ "says done in pieces",
		    "printf done >&3; printf ' 5 ' >&3; "
		    "echo " H64 " >&3",
		    true, "" },
		{ "says done, then an error",
		    "printf 'done 5 " H64 "\\nerror read\\n' >&3", true, "" },
		{ "says an error, then done",
		    "printf 'error read\\ndone 5 " H64 "\\n' >&3", false,
		    "read" },
		{ "has a hash of other letters", "echo hash XYZ >&3", false,
		    "garbled" },
		{ "has a format of no channels", "echo format 8000 0 1 >&3",
		    false, "garbled" },
		{ "changes its mind about the channels",
		    "printf 'format 48000 1 1\\nformat 48000 8 1\\n' >&3",
		    false, "garbled" },
		{ "changes its mind about the file",
		    "printf 'hash " H64 "\\nhash " H64 "\\n' >&3", false,
		    "garbled" },
		{ "has more frames than can be reckoned with",
		    "echo done 9223372036854775807 " H64 " >&3", false,
		    "garbled" },
		{ "writes to the terminal of who asks",
		    "printf 'error \\033[2J\\n' >&3", false, "garbled" },
		{ "has an empty word", "echo 'error ' >&3", false, "garbled" },
		{ "has negative frames", "echo done -5 " H64 " >&3", false,
		    "garbled" },
		{ "says words of its own", "echo good morning >&3", false,
		    "garbled" },
		{ "says half a line", "printf 'done 5 0123' >&3", false,
		    "silent" },
		{ "never ends its line", "head -c 100000 /dev/zero >&3", false,
		    "garbled" },
		{ "never ends", "cat /dev/zero >&3", false, "garbled" },
		{ "never ends, with an error before",
		    "echo error read >&3; cat /dev/zero >&3", false, "read" },
		{ "says good words without end",
		    "while :; do echo cut; done >&3", false, "garbled" },
		{ "leaves a child that never ends",
		    "(while :; do echo cut; done >&3) & exit", false,
		    "garbled" },
		{ "has a long word", "echo error " H64 H64 " >&3", false,
		    "0123456789abcde" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct worker_state *s;
		struct worker *w;
		FILE *f = fopen(sound_path("fake/loaxa-source"), "w");

		assert_non_null(f);
		fprintf(f, "#!/bin/sh\n%s\n", cases[i].script);
		fclose(f);
		sound_run("chmod +x fake/loaxa-source");
		w = start(sound_path("fake"), "junk", -1);
		s = wait_end(w);
		if (s->done != cases[i].done || s->failed == cases[i].done ||
		    strcmp(s->word, cases[i].word) != 0)
			fail_msg("%s: done %d failed %d \"%s\"", cases[i].when,
			    s->done, s->failed, s->word);
		worker_free(w);
	}
}

static void
a_length_that_nobody_can_reckon_with_is_unknown(void **state)
{
	struct worker *w;
	FILE *f = fopen(sound_path("fake/loaxa-source"), "w");

	(void)state;
	assert_non_null(f);
	fputs("#!/bin/sh\necho format 48000 1 9223372036854775807 >&3\n", f);
	fclose(f);
	sound_run("chmod +x fake/loaxa-source");
	w = start(sound_path("fake"), "junk", -1);
	assert_true(wait_end(w)->has_format);
	assert_int_equal(worker_see(w)->stated_frames, -1);
	worker_free(w);
}

static void
a_decoder_does_not_outlive_its_command(void **state)
{
	int fd = open(sound_path("stereo.flac"), O_RDONLY | O_CLOEXEC);
	int out[2], got[2];
	pid_t parent, worker;
	struct pollfd p = { .events = POLLIN };

	/* Nobody reads: it sticks in its pipe, which stays open in here. */
	(void)state;
	assert_true(fd >= 0 && pipe(out) == 0 && pipe(got) == 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		worker = fork();
		if (worker == 0) {
			dup2(fd, 0);
			dup2(out[1], 1);
			dup2(got[1], 3);
			execl(sound_program("loaxa-source"), "loaxa-source",
			    "decode", NULL);
			_exit(99);
		}
		close(got[1]);
		if (read(got[0], &(char){ 0 }, 1) != 1) /* it has begun */
			_exit(98);
		raise(SIGKILL);
	}
	close(fd);
	close(out[1]);
	close(got[1]);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* Its end of the report closes when it ends. */
	p.fd = got[0];
	do {
		char scrap[256];

		assert_int_equal(poll(&p, 1, 10000), 1);
		if (read(got[0], scrap, sizeof(scrap)) <= 0)
			break;
	} while (true);
	close(out[0]);
	close(got[0]);
}

static void
freeing_ends_a_worker_whatever_it_does(void **state)
{
	struct worker *w = start(sound_program(""), "stereo.flac", 0);

	(void)state;
	worker_free(w);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_null(worker_free(NULL));
}

static void
a_missing_program_is_an_error_at_once(void **state)
{
	struct worker *w = NULL;

	(void)state;
	assert_int_equal(worker_start("/nonexistent", 0, -1, &w), -ENOENT);
	assert_null(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_item_is_played_from_its_offset_to_its_last_frame),
		cmocka_unit_test(
		    an_offset_beyond_the_end_gives_nothing_and_is_no_failure),
		cmocka_unit_test(
		    a_listener_who_goes_away_still_gets_the_last_word),
		cmocka_unit_test(junk_is_said_to_be_bad),
		cmocka_unit_test(whatever_a_worker_reports_is_survived),
		cmocka_unit_test(
		    a_length_that_nobody_can_reckon_with_is_unknown),
		cmocka_unit_test(a_decoder_does_not_outlive_its_command),
		cmocka_unit_test(freeing_ends_a_worker_whatever_it_does),
		cmocka_unit_test(a_missing_program_is_an_error_at_once),
	};

	return cmocka_run_group_tests(tests, up, down);
}
