/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
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

static int
limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit l = { value, value };

	return setrlimit(what, &l) < 0 ? -errno : 0;
}

static int
limit_all(long cpu_s)
{
	const struct {
		__rlimit_resource_t what;
		rlim_t value;
	} limits[] = {
		{ RLIMIT_CPU, (rlim_t)cpu_s },
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_NOFILE, 8 },
		/* The address sanitizer reserves terabytes of addresses. */
		{ RLIMIT_AS,
		    SANITIZED ? RLIM_INFINITY : SANDBOX_MEMORY_MB * MB },
	};

	for (size_t i = 0; i < COUNT(limits); i++) {
		int r = limit(limits[i].what, limits[i].value);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Every right the running kernel knows is handled, and no rule grants one. */
static int
deny_files(void)
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
	int r;

	if (abi < 1)
		return 0;
	attr.handled_access_fs = rights[abi > 3 ? 3 : abi];
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return -errno;
	r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
	close((int)fd);
	return r;
}

static int
fill_list(scmp_filter_ctx list)
{
	/* Memory may be asked for, but never to run code from. */
	int r = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	for (size_t i = 0; r == 0 && i < COUNT(allowed); i++)
		r = seccomp_rule_add(list, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; r == 0 && i < COUNT(absent); i++)
		r = seccomp_rule_add(
		    list, SCMP_ACT_ERRNO(ENOENT), absent[i], 0);
	return r;
}

static int
deny_calls(void)
{
	scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (list == NULL)
		return -ENOMEM;
	r = fill_list(list);
	if (r == 0)
		r = seccomp_load(list);
	seccomp_release(list);
	return r;
}

int
sandbox_enter(long cpu_s)
{
	int r = limit_all(cpu_s);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = deny_files();
	if (r < 0)
		return r;
	return deny_calls();
}
