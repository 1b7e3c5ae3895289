/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/sandbox.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes of the deeds below. */
enum { DONE = 10, NOT_THERE = 11, REFUSED = 12 };

static int
said(long r)
{
	if (r >= 0)
		return DONE;
	return errno == ENOENT ? NOT_THERE : REFUSED;
}

static int
open_a_file(void)
{
	return said(open("/etc/passwd", O_RDONLY));
}

static int
make_a_file(void)
{
	return said(open("/tmp/loaxa-sandbox", O_RDWR | O_CREAT, 0600));
}

static int
make_a_socket(void)
{
	return said(socket(AF_INET, SOCK_STREAM, 0));
}

static int
fork_a_child(void)
{
	return said(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int
run_a_program(void)
{
	char *argv[] = { "true", NULL };

	return said(execv("/usr/bin/true", argv));
}

static int
remove_a_file(void)
{
	return said(unlink("/tmp/loaxa-sandbox"));
}

static int
signal_a_stranger(void)
{
	return said(kill(getppid(), 0));
}

/* A pipe can be told to signal any process of this user when it fills: so
 * a decoder once could end the daemon. */
static int
signal_by_a_pipe(void)
{
	int r = fcntl(STDOUT_FILENO, F_SETOWN, getppid());

	return said(r < 0 ? r : fcntl(STDOUT_FILENO, F_SETSIG, SIGKILL));
}

/* So it could take the daemon's processor time away. */
static int
limit_a_stranger(void)
{
	struct rlimit l;

	return said(prlimit(getppid(), RLIMIT_CPU, NULL, &l));
}

static int
run_bytes_as_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE;
}

static int
open_descriptor_0(void)
{
	return said(open("/proc/self/fd/0", O_RDONLY));
}

static int
load_a_library(void)
{
	int fd = open("/usr/lib/os-release", O_RDONLY);
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return fd < 0 || p == MAP_FAILED ? REFUSED : DONE;
}

static int
write_to_descriptor_0(void)
{
	return said(open("/proc/self/fd/0", O_WRONLY));
}

static int
run_another_program(void)
{
	char *argv[] = { "id", NULL };

	return said(execv("/usr/bin/id", argv));
}

static int
write_to_a_pipe(void)
{
	return said(write(STDOUT_FILENO, "", 0));
}

static int
use_some_memory(void)
{
	char *p = malloc(8 << 20);

	if (p == NULL)
		return REFUSED;
	memset(p, 1, 8 << 20);
	free(p);
	return DONE;
}

static int
use_too_much_memory(void)
{
	void *p = mmap(NULL, (size_t)SANDBOX_MEMORY_MB << 20,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE;
}

static int
compute_for_ever(void)
{
	for (volatile unsigned long n = 0;; n++)
		continue;
	return DONE;
}

static int
enter(void)
{
	return sandbox_enter(1);
}

static int
enter_program(void)
{
	return sandbox_enter_program("/usr/bin/true", 1);
}

/* The wait status of a child that does the deed inside. */
static int
inside(int (*walls)(void), int (*deed)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(walls() == 0 ? deed() : 99);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

struct
try {
	const char *when;
	int (*deed)(void);
	int code; /* it goes on and exits with; or */
	int signal; /* it is ended with */
};

static void
try_all(int (*walls)(void), const struct try *tries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int status = inside(walls, tries[i].deed);
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

		if (code != tries[i].code || sig != tries[i].signal)
			fail_msg(
			    "%s: exit %d signal %d", tries[i].when, code, sig);
	}
}

static void
a_worker_inside_can_only_use_what_it_has(void **state)
{
	static const struct try tries[] = {
		{ "writes to a pipe", write_to_a_pipe, DONE, 0 },
		{ "uses 8 MB", use_some_memory, DONE, 0 },
		{ "opens a file", open_a_file, NOT_THERE, 0 },
		{ "makes a file", make_a_file, NOT_THERE, 0 },
		{ "makes a socket", make_a_socket, 0, SIGSYS },
		{ "forks", fork_a_child, 0, SIGSYS },
		{ "runs a program", run_a_program, 0, SIGSYS },
		{ "removes a file", remove_a_file, 0, SIGSYS },
		{ "signals its parent", signal_a_stranger, 0, SIGSYS },
		{ "has its pipe signal its parent", signal_by_a_pipe, 0,
		    SIGSYS },
		{ "runs bytes as code", run_bytes_as_code, 0, SIGSYS },
		{ "never ends", compute_for_ever, 0, SIGKILL },
#if !defined(__SANITIZE_ADDRESS__)
		{ "uses 256 MB", use_too_much_memory, REFUSED, 0 },
#endif
	};

	(void)state;
	(void)use_too_much_memory;
	try_all(enter, tries, COUNT(tries));
}

static bool
has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		   LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static void
a_program_inside_can_load_itself_and_read_one_file(void **state)
{
	const int other = has_landlock() ? REFUSED : DONE;
	const struct try tries[] = {
		{ "writes to a pipe", write_to_a_pipe, DONE, 0 },
		{ "uses 8 MB", use_some_memory, DONE, 0 },
		{ "opens descriptor 0 again", open_descriptor_0, DONE, 0 },
		{ "loads a library", load_a_library, DONE, 0 },
		{ "runs itself", run_a_program, 0, 0 },
		{ "runs another program", run_another_program,
		    has_landlock() ? REFUSED : 0, 0 },
		{ "opens a file", open_a_file, other, 0 },
		{ "makes a file", make_a_file, REFUSED, 0 },
		{ "writes to descriptor 0", write_to_descriptor_0, REFUSED, 0 },
		{ "makes a socket", make_a_socket, REFUSED, 0 },
		{ "forks", fork_a_child, REFUSED, 0 },
		{ "removes a file", remove_a_file, REFUSED, 0 },
		{ "signals its parent", signal_a_stranger, REFUSED, 0 },
		{ "has its pipe signal its parent", signal_by_a_pipe, REFUSED,
		    0 },
		{ "limits its parent", limit_a_stranger, REFUSED, 0 },
		{ "runs bytes as code", run_bytes_as_code, REFUSED, 0 },
		{ "never ends", compute_for_ever, 0, SIGKILL },
#if !defined(__SANITIZE_ADDRESS__)
		{ "uses 256 MB", use_too_much_memory, REFUSED, 0 },
#endif
	};
	char path[] = "/tmp/loaxa-sandbox-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	unlink(path);
	close(fd);
	try_all(enter_program, tries, COUNT(tries));
}

static void
outside_the_same_deeds_succeed(void **state)
{
	int fd = open("/etc/passwd", O_RDONLY);

	/* Or the test above would prove nothing. */
	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(make_a_socket(), DONE);
	assert_int_equal(run_bytes_as_code(), DONE);
	assert_int_equal(fcntl(STDOUT_FILENO, F_SETOWN, getpid()), 0);
	assert_int_equal(fcntl(STDOUT_FILENO, F_SETOWN, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_inside_can_only_use_what_it_has),
		cmocka_unit_test(
		    a_program_inside_can_load_itself_and_read_one_file),
		cmocka_unit_test(outside_the_same_deeds_succeed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
