/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that ask the daemon, against a daemon with answers learnt by
 * heart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/commands.h"
#include "tests/fakes/folder.h"

#define WORDS_MAX 8

struct place {
	struct folder folder;
	struct ctl ctl;
};

/* What one command did. */
struct deed {
	int code;
	char *out;
	char *err;
	char *asked; /* what the daemon was asked; "" nothing */
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	folder_make(&p->folder);
	folder_write(&p->folder, "etc/loaxa.conf", "hours = ();\n");
	folder_write(&p->folder, "var/people",
	    "{\"p-00000001\":{\"name\":\"Lan Anh\",\"office\":\"Cán bộ\","
	    "\"from\":\"2026-01-01T00:00:00.000000Z\"}}");
	*state = p;
	return root_find(p->folder.path, &p->ctl.root);
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p);
	return 0;
}

static int
listen_at(const struct root *root)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	mkdir(root->run, 0700);
	snprintf(a.sun_path, sizeof(a.sun_path), "%.100s", root->socket);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* One peer, one question, one answer. */
static void
serve(int fd, const char *answer, const char *asked)
{
	char buf[4096];
	ssize_t n;
	FILE *f;
	int peer;

	alarm(60); /* nobody came: the test fails, it does not hang */
	peer = accept(fd, NULL, NULL);
	n = read(peer, buf, sizeof(buf));
	f = fopen(asked, "w");
	fwrite(buf, 1, n > 0 ? (size_t)n : 0, f);
	fclose(f);
	_exit(write(peer, answer, strlen(answer)) < 0);
}

/* Runs a command in a process of its own, its output into files. */
static pid_t
run_apart(struct place *p, int (*cmd)(struct ctl *, int, char **),
    const char *const *words)
{
	char *argv[WORDS_MAX + 1] = { NULL };
	pid_t child = fork();
	int argc = 0;

	if (child != 0)
		return child;
	for (; argc < WORDS_MAX && words[argc] != NULL; argc++)
		argv[argc] = (char *)words[argc];
	if (chdir(p->folder.path) < 0 || freopen("out", "w", stdout) == NULL ||
	    freopen("err", "w", stderr) == NULL)
		_exit(EX_OSERR);
	argc = cmd(&p->ctl, argc, argv);
	fflush(stdout);
	fflush(stderr);
	_exit(argc);
}

static char *
slurp(const struct place *p, const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", p->folder.path, name);
	if (stat(path, &st) < 0 || st.st_size == 0)
		return strdup("");
	return folder_slurp(path, NULL);
}

/* answer NULL: no daemon. */
static struct deed
deed(struct place *p, const char *answer,
    int (*cmd)(struct ctl *, int, char **), const char *const *words)
{
	struct deed d;
	char asked[128];
	pid_t daemon = 0;
	int status;
	int fd = -1;

	snprintf(asked, sizeof(asked), "%s/asked", p->folder.path);
	unlink(asked);
	if (answer != NULL) {
		fd = listen_at(&p->ctl.root);
		daemon = fork();
		if (daemon == 0)
			serve(fd, answer, asked);
		close(fd);
	}
	waitpid(run_apart(p, cmd, words), &status, 0);
	d.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (answer != NULL) {
		waitpid(daemon, NULL, 0);
		unlink(p->ctl.root.socket);
	}
	d.out = slurp(p, "out");
	d.err = slurp(p, "err");
	d.asked = slurp(p, "asked");
	return d;
}

static void
deed_free(struct deed *d)
{
	free(d->out);
	free(d->err);
	free(d->asked);
}

static void
without_a_daemon_each_says_how_to_start_it(void **state)
{
	static const struct {
		const char *name;
		int (*cmd)(struct ctl *, int, char **);
	} cases[] = {
		{ "status", cmd_status },
		{ "reload", cmd_reload },
		{ "stop", cmd_stop },
		{ "resume", cmd_resume },
		{ "skip", cmd_skip },
		{ "play", cmd_play },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const words[] = { cases[i].name,
			cases[i].cmd == cmd_play ? "lu-ve" : NULL, NULL };
		struct deed d = deed(*state, NULL, cases[i].cmd, words);

		if (d.code != EX_UNAVAILABLE || d.out[0] != '\0' ||
		    strstr(d.err, "loaxad is not running here") == NULL)
			fail_msg("%s: %d, \"%s\", \"%s\"", cases[i].name,
			    d.code, d.out, d.err);
		deed_free(&d);
	}
}

static void
an_order_names_its_station_and_the_persons_id(void **state)
{
	static const struct {
		const char *when;
		const char *words[WORDS_MAX];
		int (*cmd)(struct ctl *, int, char **);
		const char *asked;
	} cases[] = {
		{ "all stations, nobody named", { "skip" }, cmd_skip,
		    "{\"cmd\":\"skip\"}\n" },
		{ "by a name without its marks",
		    { "resume", "--by", "lan anh" }, cmd_resume,
		    "{\"cmd\":\"resume\",\"by\":\"p-00000001\"}\n" },
		{ "one station", { "reload", "--station=que-minh" }, cmd_reload,
		    "{\"cmd\":\"reload\",\"station\":\"que-minh\"}\n" },
		{ "for good", { "stop", "--by=Lan Anh" }, cmd_stop,
		    "{\"cmd\":\"stop\",\"by\":\"p-00000001\"}\n" },
		{ "an item", { "play", "--over", "lu-ve" }, cmd_play,
		    "{\"cmd\":\"play\",\"item\":\"lu-ve\","
		    "\"over\":true}\n" },
		{ "the first step of an emergency",
		    { "emergency", "lu-ve", "--by=Lan Anh", "--order=CD 12",
			"--repeat=2" },
		    cmd_emergency,
		    "{\"cmd\":\"emergency\",\"item\":\"lu-ve\","
		    "\"by\":\"p-00000001\",\"order\":\"CD 12\","
		    "\"times\":2}\n" },
		{ "the second step", { "emergency", "--confirm", "123456" },
		    cmd_emergency,
		    "{\"cmd\":\"emergency\",\"code\":\"123456\"}\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct deed d = deed(
		    *state, "{\"ok\":true}\n", cases[i].cmd, cases[i].words);

		if (d.code != EX_OK || d.err[0] != '\0' ||
		    strcmp(d.asked, cases[i].asked) != 0)
			fail_msg("%s: %d, asked \"%s\", said \"%s\"",
			    cases[i].when, d.code, d.asked, d.err);
		deed_free(&d);
	}
}

static void
a_resume_where_nothing_was_stopped_says_so(void **state)
{
	static const char *const words[] = { "resume", NULL };
	struct deed d = deed(
	    *state, "{\"ok\":true,\"stopped\":false}\n", cmd_resume, words);

	assert_int_equal(d.code, EX_OK);
	assert_non_null(strstr(d.out, "Nothing was stopped"));
	deed_free(&d);
	d = deed(*state, "{\"ok\":true,\"stopped\":true}\n", cmd_resume, words);
	assert_non_null(strstr(d.out, "The stop has ended"));
	deed_free(&d);
}

static void
a_stop_until_a_time_of_day_ends_within_a_day(void **state)
{
	static const char *const words[] = { "stop", "--until", "05:00", NULL };
	struct deed d = deed(*state, "{\"ok\":true}\n", cmd_stop, words);

	/* 05:00 in Vietnam is 22:00 in UTC, all year. */
	assert_int_equal(d.code, EX_OK);
	assert_non_null(strstr(d.asked, "\"until_utc\":\""));
	assert_non_null(strstr(d.asked, "T22:00:00.000000Z\""));
	assert_non_null(strstr(d.out, "Stopped until "));
	assert_non_null(strstr(d.out, "05:00:00"));
	deed_free(&d);
}

static void
nothing_is_asked_when_the_words_are_wrong(void **state)
{
	static const struct {
		const char *when;
		const char *words[WORDS_MAX];
		int (*cmd)(struct ctl *, int, char **);
		int code;
		const char *says;
	} cases[] = {
		{ "a person nobody knows", { "stop", "--by", "Ai" }, cmd_stop,
		    EX_NOUSER, "\"Ai\" is not registered" },
		{ "no time of day", { "stop", "--until", "25:00" }, cmd_stop,
		    EX_USAGE, "write a time of day" },
		{ "until, where it means nothing",
		    { "skip", "--until", "05:00" }, cmd_skip, EX_USAGE,
		    "there is no option --until" },
		{ "an emergency by nobody",
		    { "emergency", "lu-ve", "--order=CD 12" }, cmd_emergency,
		    EX_USAGE, "--by NAME says who" },
		{ "an emergency on no order",
		    { "emergency", "lu-ve", "--by=Lan Anh" }, cmd_emergency,
		    EX_USAGE, "--order TEXT says whose" },
		{ "an emergency of nothing",
		    { "emergency", "--by=Lan Anh", "--order=12" },
		    cmd_emergency, EX_USAGE, "name at least one item" },
		{ "both steps in one",
		    { "emergency", "lu-ve", "--confirm", "123456" },
		    cmd_emergency, EX_USAGE, "the second step" },
		{ "an emergency by a stranger",
		    { "emergency", "lu-ve", "--by=Ai", "--order=12" },
		    cmd_emergency, EX_NOUSER, "\"Ai\" is not registered" },
		{ "words it does not take", { "status", "now" }, cmd_status,
		    EX_USAGE, "`loaxa help status`" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct deed d =
		    deed(*state, NULL, cases[i].cmd, cases[i].words);

		if (d.code != cases[i].code ||
		    strstr(d.err, cases[i].says) == NULL)
			fail_msg(
			    "%s: %d, \"%s\"", cases[i].when, d.code, d.err);
		deed_free(&d);
	}
}

static void
a_refusal_is_shown_with_every_problem(void **state)
{
	static const char *const words[] = { "reload", NULL };
	struct deed d = deed(*state,
	    "{\"ok\":false,\"error\":\"not accepted\",\"problems\":"
	    "[\"que-minh.cfg:3: at: \\\"25:30\\\" is no time\","
	    "\"que-minh.cfg:9: \\u001b[2J\",7]}\n",
	    cmd_reload, words);

	assert_int_equal(d.code, EX_DATAERR);
	assert_string_equal(d.out, "");
	assert_string_equal(d.err,
	    "loaxa: que-minh.cfg:3: at: \"25:30\" is no time\n"
	    "loaxa: que-minh.cfg:9: ?[2J\n"
	    "loaxa: not accepted\n");
	deed_free(&d);
	d = deed(*state, "{\"ok\":false}\n", cmd_reload, words);
	assert_int_equal(d.code, EX_UNAVAILABLE);
	assert_string_equal(d.err, "loaxa: loaxad refused\n");
	deed_free(&d);
}

static void
a_daemon_that_talks_nonsense_or_hangs_up_is_told(void **state)
{
	static const char *const words[] = { "status", NULL };
	struct deed d =
	    deed(*state, "HTTP/1.1 400 Bad Request\n", cmd_status, words);

	assert_int_equal(d.code, EX_UNAVAILABLE);
	assert_non_null(strstr(d.err, "must be of one version"));
	deed_free(&d);
	d = deed(*state, "", cmd_status, words);
	assert_int_equal(d.code, EX_UNAVAILABLE);
	assert_non_null(strstr(d.err, "loaxad has ended"));
	deed_free(&d);
}

static void
status_shows_only_the_station_asked_for(void **state)
{
	static const char answer[] = "{\"ok\":true,\"zone\":\"Asia/Ho_Chi_Minh"
				     "\",\"stations\":[{\"station\":\"a\"},"
				     "{\"station\":\"b\"}]}\n";
	static const char *const all[] = { "status", "--json", NULL };
	static const char *const b[] = { "status", "--station", "b", "--json",
		NULL };
	static const char *const none[] = { "status", "--station", "c", NULL };
	struct deed d = deed(*state, answer, cmd_status, all);

	assert_int_equal(d.code, EX_OK);
	assert_non_null(strstr(d.out, "\"station\": \"a\""));
	assert_non_null(strstr(d.out, "\"station\": \"b\""));
	deed_free(&d);
	d = deed(*state, answer, cmd_status, b);
	assert_null(strstr(d.out, "\"station\": \"a\""));
	assert_non_null(strstr(d.out, "\"station\": \"b\""));
	deed_free(&d);
	d = deed(*state, answer, cmd_status, none);
	assert_int_equal(d.code, EX_NOINPUT);
	assert_non_null(strstr(d.err, "there is no station \"c\""));
	deed_free(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_daemon_each_says_how_to_start_it),
		TEST(an_order_names_its_station_and_the_persons_id),
		TEST(a_resume_where_nothing_was_stopped_says_so),
		TEST(a_stop_until_a_time_of_day_ends_within_a_day),
		TEST(nothing_is_asked_when_the_words_are_wrong),
		TEST(a_refusal_is_shown_with_every_problem),
		TEST(a_daemon_that_talks_nonsense_or_hangs_up_is_told),
		TEST(status_shows_only_the_station_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
