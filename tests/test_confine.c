/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/confine.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
cannot_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 && errno == EPERM;
}

static int
cannot_start_a_program(void)
{
	char *const argv[] = { "true", NULL };

	execv("/bin/true", argv);
	return errno == EPERM;
}

static int
cannot_look_into_another(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM;
}

static int
cannot_gain_rights(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static int
leaves_no_core(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_max == 0;
}

static void *
say_so(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static int
can_start_a_thread(void)
{
	pthread_t t;
	int ran = 0;

	return pthread_create(&t, NULL, say_so, &ran) == 0 &&
	       pthread_join(t, NULL) == 0 && ran;
}

static int
can_open_files_and_sockets(void)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return file >= 0 && sock >= 0;
}

/* In a process of its own: there is no way back. */
static int
holds_when_confined(int (*check)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(confine_player() < 0 ? 2 : check() ? 0 : 1);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_a_confined_player_keeps_what_a_device_needs_and_nothing_more(void **state)
{
	static const struct {
		const char *what;
		int (*check)(void);
	} cases[] = {
		{ "cannot fork", cannot_fork },
		{ "cannot start a program", cannot_start_a_program },
		{ "cannot look into another", cannot_look_into_another },
		{ "cannot gain rights", cannot_gain_rights },
		{ "leaves no core", leaves_no_core },
		{ "can start a thread", can_start_a_thread },
		{ "can open files and sockets", can_open_files_and_sockets },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int r = holds_when_confined(cases[i].check);

		if (r != 0)
			fail_msg("%s: no (%d)", cases[i].what, r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_confined_player_keeps_what_a_device_needs_and_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
