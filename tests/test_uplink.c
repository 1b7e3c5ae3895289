/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/disk.h"
#include "ctl/uplink.h"

/* A server for one question: it reads a little, says `head`, and then `more`
 * so many times. */
struct server {
	const char *head;
	const char *more;
	int times;
	pid_t pid;
	char url[64];
};

static _Noreturn void
answer(const struct server *s, int listening)
{
	char got[4096];
	int fd = accept(listening, NULL, NULL);
	int r = fd < 0 || read(fd, got, sizeof(got)) < 0
		    ? -EIO
		    : disk_write(fd, s->head, strlen(s->head));

	for (int i = 0; r == 0 && i < s->times; i++)
		r = disk_write(fd, s->more, strlen(s->more));
	_exit(0);
}

static void
serve(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		answer(s, fd);
	}
	close(fd);
	snprintf(
	    s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(at.sin_port));
}

static int
ask(const char *url, const char *ca, struct push_answer *ret,
    char why[static PUSH_WHY])
{
	struct push_question q = { "PUT", "x", "A: b", "body", 4 };
	struct push_link *l;
	int r;

	assert_int_equal(uplink_open(url, ca, &l), 0);
	r = l->ask(l, &q, ret, why);
	uplink_close(l);
	return r;
}

static void
expect(struct server *s, const char *words)
{
	struct push_answer a;
	char why[PUSH_WHY] = "";
	int r;

	serve(s);
	r = ask(s->url, NULL, &a, why);
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	if (r != -EIO || strstr(why, words) == NULL)
		fail_msg("%d: %s", r, why);
}

static void
test_an_answer_is_handed_over_as_it_came(void **state)
{
	struct server s = { "HTTP/1.1 428 x\r\nContent-Length: 10\r\n\r\n",
		"entries 0\n", 1, 0, "" };
	struct push_answer a;
	char why[PUSH_WHY] = "";

	(void)state;
	serve(&s);
	assert_int_equal(ask(s.url, NULL, &a, why), 0);
	assert_int_equal(a.status, 428);
	assert_string_equal(a.body, "entries 0\n");
	assert_int_equal(a.n, 10);
	free(a.body);
	waitpid(s.pid, NULL, 0);
}

/* libcurl calls that out of memory, and the officer read that his own log was
 * not to be read. */
static void
test_headers_without_an_end_are_the_other_ones_fault(void **state)
{
	static char x[1001];
	struct server s = { "HTTP/1.1 200 x\r\nX: ", x, 5000, 0, "" };

	(void)state;
	memset(x, 'x', sizeof(x) - 1);
	expect(&s, "longer than any upper level's");
}

static void
test_a_body_without_an_end_is_not_read_to_it(void **state)
{
	static char x[1001];
	struct server s = { "HTTP/1.1 200 x\r\n\r\n", x, 5000, 0, "" };

	(void)state;
	memset(x, 'x', sizeof(x) - 1);
	expect(&s, "longer than any upper level's");
}

static void
test_what_breaks_off_is_the_line(void **state)
{
	struct server none = { "", "", 0, 0, "" };
	struct server half = { "HTTP/1.1 200 x\r\nContent-Length: 99\r\n\r\n",
		"x", 1, 0, "" };

	(void)state;
	expect(&none, "broke off");
	expect(&half, "broke off");
}

static void
test_an_address_where_nobody_listens_is_told_with_a_remedy(void **state)
{
	struct push_answer a;
	char why[PUSH_WHY] = "";

	(void)state;
	assert_int_equal(ask("http://127.0.0.1:1", NULL, &a, why), -EIO);
	assert_non_null(strstr(why, "nobody answers"));
}

/* It was told as a connection that would be tried again. */
static void
test_a_file_that_is_no_certificate_is_nobodys_fault_but_ours(void **state)
{
	struct server s = { "", "", 0, 0, "" };
	struct push_answer a;
	char why[PUSH_WHY] = "";
	char url[80];

	(void)state;
	serve(&s);
	snprintf(url, sizeof(url), "https%s", s.url + strlen("http"));
	assert_int_equal(ask(url, "/dev/null", &a, why), -EKEYREJECTED);
	assert_non_null(strstr(why, "ca of push"));
	kill(s.pid, SIGKILL);
	waitpid(s.pid, NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_handed_over_as_it_came),
		cmocka_unit_test(
		    test_headers_without_an_end_are_the_other_ones_fault),
		cmocka_unit_test(test_a_body_without_an_end_is_not_read_to_it),
		cmocka_unit_test(test_what_breaks_off_is_the_line),
		cmocka_unit_test(
		    test_an_address_where_nobody_listens_is_told_with_a_remedy),
		cmocka_unit_test(
		    test_a_file_that_is_no_certificate_is_nobodys_fault_but_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
