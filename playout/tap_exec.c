/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "playout/tap_exec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MB (1024UL * 1024UL)
#define MEMORY_MB 1024 /* of addresses: ffmpeg's libraries alone take 300 */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define SOUND (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* What programs, certificates, names of hosts and sound devices need. */
static const struct {
	const char *path;
	uint64_t rights;
} rooms[] = {
	{ "/usr", RUN },
	{ "/lib", RUN },
	{ "/lib64", RUN },
	{ "/etc", READ },
	{ "/run/systemd/resolve", READ },
	{ "/run/NetworkManager", READ },
	{ "/proc", READ },
	{ "/sys/devices", READ },
	{ "/dev/null", SOUND },
	{ "/dev/urandom", READ },
	{ "/dev/snd", SOUND },
};

/* Also for arecord's own configuration, where a test names one. */
static void
let_in(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat st;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ~LANDLOCK_ACCESS_FS_READ_DIR;
	(void)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

static int
shut_files(void)
{
	static const uint64_t handled[] = {
		[1] = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1,
		[2] = LANDLOCK_ACCESS_FS_MAKE_SYM * 4 - 1,
		[3] = LANDLOCK_ACCESS_FS_MAKE_SYM * 8 - 1,
	};
	struct landlock_ruleset_attr attr = { 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	const char *own = getenv("ALSA_CONFIG_PATH");
	long fd;
	int r;

	if (abi < 1)
		return 0;
	attr.handled_access_fs = handled[abi > 3 ? 3 : abi];
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < COUNT(rooms); i++)
		let_in((int)fd, rooms[i].path, rooms[i].rights);
	if (own != NULL)
		let_in((int)fd, own, READ);
	r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
	close((int)fd);
	return r;
}

static int
limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit l = { value, value };

	return setrlimit(what, &l) < 0 ? -errno : 0;
}

static int
shut_in(void)
{
	int r = limit(RLIMIT_CORE, 0);

	/* A sound server's client would share memory by a file: refused, it
	 * does without; by the signal it would be dead. */
	signal(SIGXFSZ, SIG_IGN);
	if (r == 0)
		r = limit(RLIMIT_FSIZE, 0);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, 64);
	if (r == 0)
		r = limit(RLIMIT_AS, MEMORY_MB * MB);
	if (r < 0)
		return r;
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return shut_files();
}

static int
become(char *const argv[])
{
	int r = shut_in();

	if (r < 0)
		return r;
	execv(argv[0], argv);
	return -errno;
}

int
tap_exec_url(const char *url)
{
	/* It tells a stream by its first 8 kB, half a second of most, and
	 * not by a megabyte. An address that hangs is given up: whoever started
	 * it tries again. */
	char *argv[] = { TAP_URL_PROGRAM, "-nostdin", "-hide_banner",
		"-loglevel", "repeat+error", "-protocol_whitelist",
		"http,https,tcp,tls,crypto,hls", "-rw_timeout", "10000000",
		"-fflags", "nobuffer", "-formatprobesize", "8192",
		"-analyzeduration", "500000", "-i", (char *)url, "-vn", "-sn",
		"-dn", "-ac", "2", "-ar", "48000", "-f", "s16le",
		"-flush_packets", "1", "pipe:1", NULL };

	return become(argv);
}

int
tap_exec_line(const char *device)
{
	char *argv[] = { TAP_LINE_PROGRAM, "-q", "-D", (char *)device, "-t",
		"raw", "-f", "S16_LE", "-c", "2", "-r", "48000",
		"--buffer-time=200000", NULL };

	return become(argv);
}
