/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "playout/sandbox.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MB (1024UL * 1024UL)

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* What decoding from descriptors to pipes takes, and not a call more. */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(futex),
	SCMP_SYS(madvise),
	SCMP_SYS(getrandom),
	SCMP_SYS(time),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(sysinfo),
	SCMP_SYS(wait4), /* for the program that it started before */
#if SANITIZED
	/* The address sanitizer's own. */
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(mprotect),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sigaltstack),
#endif
};

static const int absent[] = { SCMP_SYS(open), SCMP_SYS(openat) };

/* What else a program takes that has to load its libraries first. */
static const int program_allowed[] = {
	SCMP_SYS(execve),
	SCMP_SYS(arch_prctl),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getrusage),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(nanosleep),
	SCMP_SYS(pselect6),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(uname),
};

/* What its libraries try when they are loaded, and do without. */
static const struct {
	int call;
	int error;
} program_refused[] = {
	{ SCMP_SYS(access), ENOENT },
	{ SCMP_SYS(faccessat2), ENOENT },
	{ SCMP_SYS(getdents64), EACCES },
	{ SCMP_SYS(readlink), ENOENT },
	{ SCMP_SYS(readlinkat), ENOENT },
	{ SCMP_SYS(statfs), ENOENT },
	{ SCMP_SYS(clone), EAGAIN },
	{ SCMP_SYS(clone3), EAGAIN },
	{ SCMP_SYS(get_mempolicy), ENOSYS },
	{ SCMP_SYS(ioctl), ENOTTY },
	{ SCMP_SYS(prctl), EINVAL },
	{ SCMP_SYS(set_mempolicy), ENOSYS },
	{ SCMP_SYS(statx), ENOSYS },
};

static int
limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit l = { value, value };

	return setrlimit(what, &l) < 0 ? -errno : 0;
}

static int
limit_all(long cpu_s, rlim_t files, rlim_t address_mb)
{
	const struct {
		__rlimit_resource_t what;
		rlim_t value;
	} limits[] = {
		{ RLIMIT_CPU, (rlim_t)cpu_s },
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_NOFILE, files },
		{ RLIMIT_DATA,
		    SANITIZED ? RLIM_INFINITY : SANDBOX_MEMORY_MB * MB },
		/* The address sanitizer reserves terabytes of addresses. */
		{ RLIMIT_AS, SANITIZED ? RLIM_INFINITY : address_mb * MB },
	};

	for (size_t i = 0; i < COUNT(limits); i++) {
		int r = limit(limits[i].what, limits[i].value);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Every right the running kernel knows is handled; what is not granted by a
 * rule is refused. The ruleset's descriptor; -1 there is no Landlock. */
static long
open_rules(void)
{
	static const uint64_t rights[] = {
		[1] = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1,
		[2] = LANDLOCK_ACCESS_FS_MAKE_SYM * 4 - 1,
		[3] = LANDLOCK_ACCESS_FS_MAKE_SYM * 8 - 1,
	};
	struct landlock_ruleset_attr attr = { 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	long fd;

	if (abi < 1)
		return -1;
	attr.handled_access_fs = rights[abi > 3 ? 3 : abi];
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return fd < 0 ? -errno - 1L : fd;
}

static int
close_rules(long rules)
{
	int r = syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;

	close((int)rules);
	return r;
}

static int
deny_files(void)
{
	long rules = open_rules();

	if (rules < 0)
		return (int)rules + 1;
	return close_rules(rules);
}

static int
grant(long rules, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = fd,
	};

	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		   &rule, 0) < 0
		   ? -errno
		   : 0;
}

/* What is not there needs no rule. */
static int
grant_path(long rules, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	r = grant(rules, fd, rights);
	close(fd);
	return r;
}

/* The program, what it is linked with, and its descriptor 0. */
static int
grant_program(long rules, const char *program)
{
	const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE;
	const uint64_t run = read | LANDLOCK_ACCESS_FS_EXECUTE;
	const struct {
		const char *path;
		uint64_t rights;
	} grants[] = {
		{ program, run },
		{ "/usr/lib", run }, /* with the loader */
		{ "/lib", run },
		{ "/lib64", run },
		{ "/etc/ld.so.cache", read },
	};
	int r = grant(rules, STDIN_FILENO, read);

	for (size_t i = 0; r == 0 && i < COUNT(grants); i++)
		r = grant_path(rules, grants[i].path, grants[i].rights);
	return r;
}

static int
deny_other_files(const char *program)
{
	long rules = open_rules();
	int r;

	if (rules < 0)
		return (int)rules + 1;
	r = grant_program(rules, program);
	if (r == 0)
		return close_rules(rules);
	close((int)rules);
	return r;
}

static int
fill_common(scmp_filter_ctx list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(allowed); i++)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, allowed[i], 0);
	return r;
}

static int
fill_list(scmp_filter_ctx list)
{
	/* Memory may be asked for, but never to run code from. */
	int r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (r == 0)
		r = fill_common(list);
	for (size_t i = 0; r == 0 && i < COUNT(absent); i++)
		r = seccomp_rule_add(
		    list, SCMP_ACT_ERRNO(ENOENT), absent[i], 0);
	return r;
}

/* Libraries are code from files, never from memory that can be written. */
static int
fill_program_memory(scmp_filter_ctx list)
{
	int r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (r == 0)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
		    SCMP_A2(
			SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));
	if (r == 0)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		    1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return r;
}

static int
fill_program_list(scmp_filter_ctx list)
{
	const uint64_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
	int r = fill_program_memory(list);

	if (r == 0)
		r = fill_common(list);
	if (r == 0)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0));
	/* Its own only: it could take the daemon's processor time away. */
	if (r == 0)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
		    1, SCMP_A0(SCMP_CMP_EQ, 0));
	/* Not F_SETFL, nor F_SETOWN: they make a pipe send signals. */
	if (r == 0)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_LE, F_GETFL));
	for (size_t i = 0; r == 0 && i < COUNT(program_allowed); i++)
		r = seccomp_rule_add(
		    list, SCMP_ACT_ALLOW, program_allowed[i], 0);
	for (size_t i = 0; r == 0 && i < COUNT(program_refused); i++)
		r = seccomp_rule_add(list,
		    SCMP_ACT_ERRNO((uint32_t)program_refused[i].error),
		    program_refused[i].call, 0);
	return r;
}

static int
deny_calls(uint32_t other, int (*fill)(scmp_filter_ctx list))
{
	scmp_filter_ctx list = seccomp_init(other);
	int r;

	if (list == NULL)
		return -ENOMEM;
	r = fill(list);
	if (r == 0)
		r = seccomp_load(list);
	seccomp_release(list);
	return r;
}

int
sandbox_enter(long cpu_s)
{
	int r = limit_all(cpu_s, 8, SANDBOX_MEMORY_MB);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = deny_files();
	if (r < 0)
		return r;
	return deny_calls(SCMP_ACT_KILL_PROCESS, fill_list);
}

int
sandbox_enter_program(const char *program, long cpu_s)
{
	int r = limit_all(cpu_s, 16, SANDBOX_PROGRAM_MB);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = deny_other_files(program);
	if (r < 0)
		return r;
	/* Its two hundred libraries try other things on every computer and for
	 * every user: what they may not, they do without. */
	return deny_calls(SCMP_ACT_ERRNO(EPERM), fill_program_list);
}
