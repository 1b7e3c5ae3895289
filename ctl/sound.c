/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/worker.h"
#include "ctl/commands.h"
#include "ctl/sound.h"
#include "playout/pcm.h"

#define WAIT_MS 20000 /* for a worker's next word */

struct sound {
	struct worker *worker;
	int channels;
};

/* The worker hashes the bytes before it decodes them. */
static int
wait_ready(struct sound *s, const struct item *it)
{
	const struct worker_state *said;

	for (;;) {
		struct pollfd p = { worker_report_fd(s->worker), POLLIN, 0 };

		said = worker_see(s->worker);
		if (said->failed || said->ended || p.fd < 0)
			return -EIO;
		if (said->hash[0] != '\0' &&
		    strcmp(said->hash, it->sha256) != 0)
			return -ESTALE;
		if (said->hash[0] != '\0' && said->has_format)
			break;
		if (poll(&p, 1, WAIT_MS) == 0)
			return -EIO;
	}
	s->channels = said->channels;
	return s->channels == it->channels ? 0 : -ESTALE;
}

int
sound_open(const char *items, const struct item *it, int64_t offset,
    struct sound **ret_sound)
{
	char libexec[PATH_MAX];
	char path[PATH_MAX];
	struct sound *s;
	int fd;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s.flac", items, it->id) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	s = calloc(1, sizeof(*s));
	command_libexec(libexec);
	r = s == NULL ? -ENOMEM : worker_start(libexec, fd, offset, &s->worker);
	close(fd);
	if (r == 0)
		r = wait_ready(s, it);
	if (r < 0) {
		sound_close(s);
		return r;
	}
	*ret_sound = s;
	return 0;
}

int
sound_read(struct sound *s, int16_t *pcm, int frames)
{
	size_t frame = sizeof(int16_t) * (size_t)s->channels;
	size_t want = (size_t)frames * frame;
	size_t n = 0;

	while (n < want) {
		ssize_t got =
		    read(worker_sound(s->worker), (char *)pcm + n, want - n);

		if (got < 0 && errno == EINTR && n % frame == 0)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -EIO;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	frames = (int)(n / frame);
	/* In its own place, from its end. */
	for (int i = frames; s->channels == 1 && i-- > 0;)
		pcm[2 * i] = pcm[2 * i + 1] = pcm[i];
	return frames;
}

struct sound *
sound_close(struct sound *s)
{
	if (s == NULL)
		return NULL;
	worker_free(s->worker);
	free(s);
	return NULL;
}
