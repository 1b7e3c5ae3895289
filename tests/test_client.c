/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/client.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A server that has its answers ready before it is asked: no second process,
 * no waiting. */
struct server {
	char dir[64];
	char path[80];
	int listening;
	int peer;
};

static void
server_start(struct server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(s->dir, sizeof(s->dir), "/tmp/loaxa-client-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/control.sock", s->dir);
	memcpy(a.sun_path, s->path, strlen(s->path) + 1);
	s->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(s->listening, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->listening, 1), 0);
	s->peer = -1;
}

static struct client *
server_meet(struct server *s)
{
	struct client *c;

	assert_int_equal(client_open(s->path, &c), 0);
	s->peer = accept(s->listening, NULL, NULL);
	assert_true(s->peer >= 0);
	return c;
}

static void
server_stop(struct server *s)
{
	if (s->peer >= 0)
		close(s->peer);
	close(s->listening);
	unlink(s->path);
	rmdir(s->dir);
}

static void
say(struct server *s, const char *text)
{
	assert_int_equal(
	    write(s->peer, text, strlen(text)), (ssize_t)strlen(text));
}

static void
a_question_is_one_line_and_so_is_its_answer(void **state)
{
	struct server s;
	struct client *c;
	json_t *q = json_pack("{s:s,s:s}", "cmd", "stop", "by", "two\nlines");
	json_t *a;
	char got[256];
	ssize_t n;

	(void)state;
	server_start(&s);
	c = server_meet(&s);
	say(&s, "{\"ok\":true,\"seq\":7}\n{\"ok\":false,\"error\":\"no\"}\n");
	assert_int_equal(client_ask(c, q, &a), 0);
	assert_int_equal(json_integer_value(json_object_get(a, "seq")), 7);
	json_decref(a);
	n = read(s.peer, got, sizeof(got) - 1);
	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, "{\"cmd\":\"stop\",\"by\":\"two\\nlines\"}\n");
	/* The second answer came with the first: it waits its turn. */
	assert_int_equal(client_ask(c, q, &a), 0);
	assert_true(json_is_false(json_object_get(a, "ok")));
	json_decref(a);
	json_decref(q);
	assert_null(client_close(c));
	server_stop(&s);
}

static void
a_long_answer_comes_whole(void **state)
{
	struct server s;
	struct client *c;
	json_t *q = json_pack("{s:s}", "cmd", "status");
	json_t *a;
	size_t n = 100000;
	char *text = malloc(n + 64);

	(void)state;
	server_start(&s);
	c = server_meet(&s);
	strcpy(text, "{\"ok\":true,\"x\":\"");
	memset(text + 16, 'x', n);
	strcpy(text + 16 + n, "\"}\n");
	say(&s, text);
	assert_int_equal(client_ask(c, q, &a), 0);
	assert_int_equal(json_string_length(json_object_get(a, "x")), n);
	json_decref(a);
	json_decref(q);
	free(text);
	client_close(c);
	server_stop(&s);
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const struct {
		const char *when;
		const char *text; /* then it hangs up */
		int error;
	} cases[] = {
		{ "silence", "", -EPIPE },
		{ "half a line", "{\"ok\":tr", -EPIPE },
		{ "no JSON", "hello\n", -EPROTO },
		{ "JSON that is no object", "[true]\n", -EPROTO },
		{ "an object that says neither yes nor no", "{\"seq\":1}\n",
		    -EPROTO },
		{ "ok that is no truth value", "{\"ok\":1}\n", -EPROTO },
		{ "an empty line", "\n", -EPROTO },
	};
	json_t *q = json_pack("{s:s}", "cmd", "status");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct server s;
		struct client *c;
		json_t *a = q;
		int r;

		server_start(&s);
		c = server_meet(&s);
		say(&s, cases[i].text);
		shutdown(s.peer, SHUT_WR);
		r = client_ask(c, q, &a);
		if (r != cases[i].error || a != q)
			fail_msg("%s: %d, wanted %d", cases[i].when, r,
			    cases[i].error);
		client_close(c);
		server_stop(&s);
	}
	json_decref(q);
}

static void
an_answer_without_end_is_given_up(void **state)
{
	struct server s;
	struct client *c;
	json_t *q = json_pack("{s:s}", "cmd", "status");
	json_t *a = NULL;
	char *flood = malloc(CLIENT_LINE_MAX);
	pid_t child;

	(void)state;
	memset(flood, 'x', CLIENT_LINE_MAX);
	server_start(&s);
	c = server_meet(&s);
	/* Only a second process can write more than a socket holds. */
	child = fork();
	if (child == 0)
		while (write(s.peer, flood, CLIENT_LINE_MAX) > 0)
			;
	if (child == 0)
		_exit(0);
	close(s.peer);
	s.peer = -1;
	assert_int_equal(client_ask(c, q, &a), -EPROTO);
	assert_null(a);
	client_close(c);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	json_decref(q);
	free(flood);
	server_stop(&s);
}

static void
a_daemon_that_is_not_there_is_told_from_one_that_died(void **state)
{
	struct server s;
	struct client *c = NULL;
	char longest[200];

	(void)state;
	server_start(&s);
	close(s.listening);
	s.listening = -1;
	assert_int_equal(client_open(s.path, &c), -ECONNREFUSED);
	unlink(s.path);
	assert_int_equal(client_open(s.path, &c), -ENOENT);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(client_open(longest, &c), -ENAMETOOLONG);
	assert_null(c);
	assert_null(client_close(NULL));
	rmdir(s.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_one_line_and_so_is_its_answer),
		cmocka_unit_test(a_long_answer_comes_whole),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(an_answer_without_end_is_given_up),
		cmocka_unit_test(
		    a_daemon_that_is_not_there_is_told_from_one_that_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
