/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/cue.h"
#include "playout/sink.h"

struct place {
	char folder[64];
	char file[96];
	char why[104];
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	strcpy(p->folder, "/tmp/sink_wav.XXXXXX");
	if (mkdtemp(p->folder) == NULL) {
		free(p);
		return -1;
	}
	snprintf(p->file, sizeof(p->file), "%s/out.wav", p->folder);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	rmdir(p->file);
	rmdir(p->folder);
	free(p);
	return 0;
}

static struct sink *
a_sink(const struct place *p)
{
	const struct sink_setup s = { .driver = "wav", .file = p->file };
	struct sink *k = NULL;

	assert_int_equal(sink_make(&s, &k), 0);
	return k;
}

static void
write_seconds(struct place *p, struct sink *k, int tenths, int16_t value)
{
	int16_t pcm[2 * (RATE / 10)];

	for (size_t i = 0; i < sizeof(pcm) / sizeof(pcm[0]); i++)
		pcm[i] = value;
	for (int i = 0; i < tenths; i++)
		assert_int_equal(
		    k->write(k, pcm, RATE / 10, p->why, sizeof(p->why)), 0);
}

/* Frames that a reader finds; *ret_last is the last left sample. */
static int64_t
frames_read(const char *file, int *ret_last)
{
	SF_INFO info = { 0 };
	SNDFILE *snd = sf_open(file, SFM_READ, &info);
	int16_t frame[2];
	int64_t n = 0;

	assert_non_null(snd);
	assert_int_equal(info.samplerate, RATE);
	assert_int_equal(info.channels, 2);
	while (sf_readf_short(snd, frame, 1) == 1) {
		*ret_last = frame[0];
		n++;
	}
	sf_close(snd);
	return n;
}

static void
test_what_is_written_can_be_read(void **state)
{
	struct place *p = *state;
	struct sink *k = a_sink(p);
	int last;

	assert_int_equal(k->open(k, p->why, sizeof(p->why)), 0);
	write_seconds(p, k, 3, -321);
	k->close(k);
	sink_free(k);
	assert_int_equal(frames_read(p->file, &last), 3 * RATE / 10);
	assert_int_equal(last, -321);
}

static void
test_a_killed_player_leaves_all_that_was_sent(void **state)
{
	struct place *p = *state;
	struct sink *k = a_sink(p);
	int last;

	assert_int_equal(k->open(k, p->why, sizeof(p->why)), 0);
	write_seconds(p, k, 35, 5);
	/* Not closed yet: this is what a kill would leave. */
	assert_int_equal(frames_read(p->file, &last), 35 * RATE / 10);
	k->close(k);
	sink_free(k);
}

static void
test_an_earlier_recording_is_continued(void **state)
{
	struct place *p = *state;
	struct sink *k = a_sink(p);
	int last;

	for (int i = 1; i <= 3; i++) {
		assert_int_equal(k->open(k, p->why, sizeof(p->why)), 0);
		write_seconds(p, k, 2, (int16_t)i);
		k->close(k);
		assert_int_equal(frames_read(p->file, &last), i * RATE / 5);
		assert_int_equal(last, i);
	}
	sink_free(k);
}

static void
test_another_s_file_is_refused_and_not_touched(void **state)
{
	static const char text[] = "the week's minutes, not a recording";
	struct place *p = *state;
	struct sink *k = a_sink(p);
	struct stat st;
	FILE *f = fopen(p->file, "we");

	fputs(text, f);
	fclose(f);
	assert_int_equal(k->open(k, p->why, sizeof(p->why)), -EINVAL);
	assert_non_null(strstr(p->why, "move it away"));
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_size, sizeof(text) - 1);
	sink_free(k);
}

static void
test_a_mono_wav_is_refused(void **state)
{
	struct place *p = *state;
	SF_INFO info = { .samplerate = RATE,
		.channels = 1,
		.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	struct sink *k = a_sink(p);
	const int16_t one = 1;
	SNDFILE *snd = sf_open(p->file, SFM_WRITE, &info);

	sf_writef_short(snd, &one, 1);
	sf_close(snd);
	assert_int_equal(k->open(k, p->why, sizeof(p->why)), -EINVAL);
	sink_free(k);
}

static void
test_a_folder_or_a_missing_one_does_not_open(void **state)
{
	struct place *p = *state;
	struct sink *k = a_sink(p);

	assert_int_equal(mkdir(p->file, 0755), 0);
	assert_true(k->open(k, p->why, sizeof(p->why)) < 0);
	assert_int_not_equal(p->why[0], 0);
	k = sink_free(k);
	strcpy(p->file + strlen(p->folder), "/no/such/out.wav");
	k = a_sink(p);
	assert_int_equal(k->open(k, p->why, sizeof(p->why)), -ENOENT);
	sink_free(k);
	snprintf(p->file, sizeof(p->file), "%s/out.wav", p->folder);
}

static void
test_a_device_file_is_no_wav_file(void **state)
{
	struct place *p = *state;
	const struct sink_setup s = { .driver = "wav", .file = "/dev/full" };
	struct sink *k = NULL;

	assert_int_equal(sink_make(&s, &k), 0);
	assert_int_equal(k->open(k, p->why, sizeof(p->why)), -EINVAL);
	sink_free(k);
}

static void
test_a_disk_that_takes_no_more_is_an_error(void **state)
{
	const struct rlimit small = { 200000, 200000 };
	struct place *p = *state;
	struct sink *k = a_sink(p);
	int16_t pcm[2 * 4800] = { 0 };
	pid_t pid;
	int status;

	/* A limit on the file's size, in a process of its own. */
	pid = fork();
	if (pid == 0) {
		int r = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		if (k->open(k, p->why, sizeof(p->why)) < 0)
			_exit(2);
		for (int i = 0; i < 20 && r == 0; i++)
			r = k->write(k, pcm, 4800, p->why, sizeof(p->why));
		_exit(r == -EIO && strstr(p->why, "space") ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	sink_free(k);
}

static void
test_a_sink_needs_a_driver_and_a_wav_needs_a_file(void **state)
{
	struct sink_setup s = { .driver = "" };
	struct sink *k = NULL;

	(void)state;
	assert_int_equal(sink_make(&s, &k), -EINVAL);
	s.driver = NULL;
	assert_int_equal(sink_make(&s, &k), -EINVAL);
	s.driver = "wav";
	assert_int_equal(sink_make(&s, &k), -EINVAL);
	s.file = "";
	assert_int_equal(sink_make(&s, &k), -EINVAL);
	assert_null(k);
	assert_null(sink_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_is_written_can_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_killed_player_leaves_all_that_was_sent, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_earlier_recording_is_continued, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_another_s_file_is_refused_and_not_touched, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_mono_wav_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_folder_or_a_missing_one_does_not_open, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_device_file_is_no_wav_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_disk_that_takes_no_more_is_an_error, setup,
		    teardown),
		cmocka_unit_test(
		    test_a_sink_needs_a_driver_and_a_wav_needs_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
