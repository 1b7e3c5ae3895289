/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/sound.h"

static char folder[64];

const char *
sound_open(void)
{
	strcpy(folder, "/tmp/loaxa-sound-XXXXXX");
	if (mkdtemp(folder) == NULL)
		fail_msg("no temporary folder");
	return folder;
}

void
sound_close(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0)
		fail_msg("%s", command);
}

const char *
sound_path(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

void
sound_run(const char *fmt, ...)
{
	char command[4096];
	size_t n;
	va_list ap;

	n = (size_t)snprintf(command, sizeof(command), "cd '%s' && ", folder);
	va_start(ap, fmt);
	vsnprintf(command + n, sizeof(command) - n, fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("%s", command);
}

int64_t
sound_size(const char *name)
{
	struct stat st;

	if (stat(sound_path(name), &st) < 0)
		fail_msg("%s is not there", name);
	return st.st_size;
}

void
sound_cut(const char *from, const char *to, int keep)
{
	sound_run("head -c %lld '%s' > '%s'",
	    (long long)(sound_size(from) * keep / 1000), from, to);
}

const char *
sound_program(const char *name)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		fail_msg("/proc/self/exe");
	path[n] = '\0';
	*strrchr(path, '/') = '\0'; /* .../tests */
	*strrchr(path, '/') = '\0';
	n = (ssize_t)strlen(path);
	snprintf(path + n, sizeof(path) - (size_t)n, "%s%s",
	    name[0] == '\0' ? "" : "/", name);
	return path;
}

void
sound_item(const char *name, int channels, int64_t frames)
{
	SF_INFO info = {
		.samplerate = 48000,
		.channels = channels,
		.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
	};
	SNDFILE *f = sf_open(sound_path(name), SFM_WRITE, &info);
	short pcm[2];

	if (f == NULL)
		fail_msg("%s: %s", name, sf_strerror(NULL));
	for (int64_t i = 0; i < frames; i++) {
		pcm[0] = (short)(i % 30000);
		pcm[1] = (short)-pcm[0];
		sf_writef_short(f, pcm, 1);
	}
	sf_close(f);
}
