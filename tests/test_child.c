/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/child.h"

/* Runs a shell script whose descriptor 3 is a pipe to us; what it wrote. */
static struct child
run(const char *script, char *ret_text, size_t size)
{
	char *argv[] = { "/bin/sh", "-c", (char *)script, NULL };
	struct child c = CHILD_NONE;
	int fds[2];
	size_t n = 0;
	ssize_t got;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(child_start(argv,
			     (const struct child_fd[]){
				 { -1, 0 }, { -1, 1 }, { fds[1], 3 } },
			     3, &c),
	    0);
	close(fds[1]);
	while ((got = read(fds[0], ret_text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	ret_text[n] = '\0';
	close(fds[0]);
	return c;
}

static void
a_child_gets_its_descriptors_and_is_reaped_with_its_status(void **state)
{
	char text[64];
	struct child c =
	    run("cat >&3; echo hello >&3; exit 7", text, sizeof(text));
	struct pollfd p = { .fd = c.pidfd, .events = POLLIN };

	(void)state;
	assert_string_equal(text, "hello\n");
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(child_reap(&c));
	assert_true(WIFEXITED(c.status));
	assert_int_equal(WEXITSTATUS(c.status), 7);
	assert_int_equal(c.pid, 0);
	assert_int_equal(c.pidfd, -1);
	assert_true(child_reap(&c));
}

static void
a_child_inherits_nothing_else_and_no_blocked_signal(void **state)
{
	char script[128];
	char text[64];
	int stray = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 20);
	sigset_t block, before;
	struct child c;

	(void)state;
	assert_true(stray >= 0);
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	/* Ends by a signal that we block, so by its own. */
	snprintf(script, sizeof(script),
	    "[ -e /proc/$$/fd/%d ] && echo stray >&3; echo done >&3; "
	    "kill -TERM $$",
	    stray);
	c = run(script, text, sizeof(text));
	sigprocmask(SIG_SETMASK, &before, NULL);
	child_end(&c, 10000);
	assert_string_equal(text, "done\n");
	assert_true(WIFSIGNALED(c.status));
	assert_int_equal(WTERMSIG(c.status), SIGTERM);
	close(stray);
}

static void
a_child_that_does_not_end_is_ended(void **state)
{
	char text[8];
	struct child c =
	    run("echo up >&3; exec 3>&-; kill -STOP $$", text, sizeof(text));

	(void)state;
	assert_false(child_reap(&c));
	child_end(&c, 10);
	assert_int_equal(c.pid, 0);
	assert_true(WIFSIGNALED(c.status));
	assert_int_equal(WTERMSIG(c.status), SIGKILL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
a_program_that_is_not_there_is_an_error_at_once(void **state)
{
	char *argv[] = { "/nonexistent", NULL };
	struct child c = CHILD_NONE;

	(void)state;
	assert_int_equal(child_start(argv, NULL, 0, &c), -ENOENT);
	assert_int_equal(c.pid, 0);
	child_kill(&c);
	child_end(&c, 0);
	assert_true(child_reap(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_child_gets_its_descriptors_and_is_reaped_with_its_status),
		cmocka_unit_test(
		    a_child_inherits_nothing_else_and_no_blocked_signal),
		cmocka_unit_test(a_child_that_does_not_end_is_ended),
		cmocka_unit_test(
		    a_program_that_is_not_there_is_an_error_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
