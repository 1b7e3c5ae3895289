/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "playout/cue.h"
#include "playout/pcm.h"
#include "playout/sink_wav.h"

/* A WAV file's sizes are 32-bit; stop with a megabyte to spare. */
#define FRAMES_MAX ((sf_count_t)((UINT32_MAX - (1u << 20)) / PCM_FRAME_BYTES))

struct sink_wav {
	struct sink sink; /* must be first */
	char *file;
	SNDFILE *snd; /* NULL: closed */
	sf_count_t frames; /* in the file */
};

static int
refuse(int r, const char *text, char *ret_why, size_t size)
{
	snprintf(ret_why, size, "%s", text);
	return r;
}

static bool
is_ours(const SF_INFO *info)
{
	return info->format == (SF_FORMAT_WAV | SF_FORMAT_PCM_16) &&
	       info->samplerate == RATE && info->channels == PCM_CHANNELS;
}

/* Opens the file's descriptor; *ret_new tells an empty file from one to
 * continue. */
static int
open_file(const char *file, int *ret_fd, bool *ret_new)
{
	struct stat st;
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*ret_new = st.st_size == 0;
	*ret_fd = fd;
	return 0;
}

static SNDFILE *
open_sound(int fd, bool is_new, SF_INFO *info)
{
	*info = (SF_INFO){ 0 };
	if (is_new) {
		info->format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
		info->samplerate = RATE;
		info->channels = PCM_CHANNELS;
	}
	return sf_open_fd(fd, is_new ? SFM_WRITE : SFM_RDWR, info, SF_TRUE);
}

static int
sink_wav_open(struct sink *k, char *ret_why, size_t size)
{
	struct sink_wav *s = (struct sink_wav *)k;
	SF_INFO info;
	bool is_new = false;
	int fd = -1;
	int r;

	r = open_file(s->file, &fd, &is_new);
	if (r < 0)
		return refuse(r,
		    _("the WAV file cannot be written; check its folder's "
		      "rights"),
		    ret_why, size);
	s->snd = open_sound(fd, is_new, &info);
	if (s->snd == NULL)
		return refuse(-EINVAL,
		    _("the file to write is not a WAV recording of ours; move "
		      "it away or name another"),
		    ret_why, size);
	if (!is_new && !is_ours(&info)) {
		sf_close(s->snd);
		s->snd = NULL;
		return refuse(-EINVAL,
		    _("the WAV file is of another format; move it away or "
		      "name another"),
		    ret_why, size);
	}
	s->frames = is_new ? 0 : sf_seek(s->snd, 0, SEEK_END | SFM_WRITE);
	/* A kill, or another player that opens the file before this one has
	 * closed it, must find all that was sent. */
	sf_command(s->snd, SFC_UPDATE_HEADER_NOW, NULL, 0);
	sf_command(s->snd, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	return 0;
}

static int
sink_wav_write(
    struct sink *k, const int16_t *pcm, int frames, char *ret_why, size_t size)
{
	struct sink_wav *s = (struct sink_wav *)k;

	if (s->frames + frames > FRAMES_MAX)
		return refuse(-EFBIG,
		    _("the WAV file is full (4 GB); move it away"), ret_why,
		    size);
	if (sf_writef_short(s->snd, pcm, frames) != frames)
		return refuse(-EIO,
		    _("the WAV file takes no more; check the disk's free "
		      "space"),
		    ret_why, size);
	s->frames += frames;
	return 0;
}

static void
sink_wav_close(struct sink *k)
{
	struct sink_wav *s = (struct sink_wav *)k;

	sf_close(s->snd);
	s->snd = NULL;
}

static void
sink_wav_free(struct sink *k)
{
	struct sink_wav *s = (struct sink_wav *)k;

	free(s->file);
	free(s);
}

int
sink_wav_make(const struct sink_setup *setup, struct sink **ret_sink)
{
	struct sink_wav *s;

	if (setup->file == NULL || setup->file[0] == '\0')
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->file = strdup(setup->file);
	if (s->file == NULL) {
		free(s);
		return -ENOMEM;
	}
	s->sink = (struct sink){
		.open = sink_wav_open,
		.write = sink_wav_write,
		.close = sink_wav_close,
		.free = sink_wav_free,
	};
	*ret_sink = &s->sink;
	return 0;
}
