/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa listen: an item on the officer's own headphones, as loud as it will
 * be on the air. It is no airing: the station's own device is refused, and
 * the log hears nothing of it.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/frames.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/say.h"
#include "ctl/sound.h"
#include "playout/mixer.h"
#include "playout/pcm.h"
#include "playout/sink.h"

#define BUFFER_MS 100
#define BLOCK (RATE / 10)
#define DEVICE_MAX 200

static volatile sig_atomic_t stopped;

struct hearing {
	struct office office;
	const char *driver, *device, *file, *from;
	int64_t from_ms;
	struct item *item;
	struct sound *sound;
	struct sink *sink;
	int32_t gain_mdb;
};

static void
on_signal(int signo)
{
	(void)signo;
	stopped = 1;
}

/* "75", "1:15", "1:02:03". */
static bool
read_from(const char *text, int64_t *ret_ms)
{
	unsigned h = 0, m = 0, s = 0;
	char rest;

	if (sscanf(text, "%3u:%2u:%2u%c", &h, &m, &s, &rest) != 3) {
		h = 0;
		if (sscanf(text, "%4u:%2u%c", &m, &s, &rest) != 2) {
			m = 0;
			if (sscanf(text, "%6u%c", &s, &rest) != 1)
				return false;
		}
	}
	*ret_ms = ((int64_t)h * 3600 + (int64_t)m * 60 + s) * 1000;
	return true;
}

static bool
same_device(const char *driver, const char *a, const char *b)
{
	char card[2][DEVICE_MAX];

	if (strcmp(driver, "alsa") != 0)
		return strcmp(a, b) == 0;
	mixer_card(a, card[0], DEVICE_MAX);
	mixer_card(b, card[1], DEVICE_MAX);
	return strcmp(card[0], card[1]) == 0;
}

/* The last part need not be there: a station that has not sounded yet has not
 * made its file. */
static bool
real_path(const char *path, char real[PATH_MAX])
{
	char folder[PATH_MAX], base[PATH_MAX], there[PATH_MAX];

	if (realpath(path, real) != NULL)
		return true;
	if (errno != ENOENT || strlen(path) >= PATH_MAX)
		return false;
	snprintf(folder, sizeof(folder), "%s", path);
	snprintf(base, sizeof(base), "%s", path);
	return realpath(dirname(folder), there) != NULL &&
	       snprintf(real, PATH_MAX, "%s/%s", there, basename(base)) <
		   PATH_MAX;
}

static bool
same_file(const char *root, const char *a, const char *b)
{
	char path[PATH_MAX], real[2][PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", b[0] == '/' ? "" : root,
	    b[0] == '/' ? "" : "/", b);
	return real_path(a, real[0]) && real_path(path, real[1]) &&
	       strcmp(real[0], real[1]) == 0;
}

/* The station that sounds there, or NULL. */
static const char *
owner_of(const struct hearing *h, const char *root)
{
	const struct site *s = h->office.site;

	for (size_t i = 0; i < s->n_outputs; i++) {
		const struct site_output *o = &s->outputs[i];

		if (strcmp(o->driver, h->driver) != 0)
			continue;
		if (strcmp(o->driver, "wav") == 0
			? same_file(root, h->file, o->file)
			: same_device(o->driver, h->device, o->device))
			return o->station;
	}
	return NULL;
}

/* Where one's own headphones are: what no driver can know. */
static void
say_remedy(const struct hearing *h)
{
	if (strcmp(h->driver, "wav") == 0)
		return;
	if (strcmp(h->driver, "pulse") == 0)
		say_error("%s",
		    _("PulseAudio sounds only for who is logged in at this "
		      "computer; log in there with headphones plugged in, or "
		      "go past it: --driver alsa --device NAME"));
	say_error(
	    "%s", _("`aplay -L` lists the names of the devices; without any, "
		    "--file FILE.wav writes the sound into a file, to be heard "
		    "elsewhere"));
}

static int
open_device(struct hearing *h, const char *root)
{
	struct sink_setup setup = { h->driver, h->device, h->file, BUFFER_MS };
	const char *station = owner_of(h, root);
	char why[DEVICE_MAX] = "";
	int r;

	if (station != NULL) {
		say_error(
		    h->file != NULL && h->file[0] != '\0'
			? _("that is the output of the station \"%s\"; "
			    "name another file")
			: _("that is the output of the station \"%s\": "
			    "what you listen to would be on the air; name "
			    "another device with --device, such as your "
			    "headphones"),
		    station);
		return EX_USAGE;
	}
	r = sink_make(&setup, &h->sink);
	if (r == 0)
		r = h->sink->open(h->sink, why, sizeof(why));
	if (r == 0)
		return EX_OK;
	h->sink = sink_free(h->sink);
	say_error("%s%s%s: %s", h->driver,
	    h->device[0] == '\0' && h->file[0] == '\0' ? "" : " ",
	    h->file[0] != '\0' ? h->file : h->device,
	    why[0] != '\0' ? why : say_errno(r));
	say_remedy(h);
	return EX_UNAVAILABLE;
}

static int
open_item(struct hearing *h, const char *id)
{
	int r = item_read(h->office.items, id, &h->item);

	if (r == -ENOENT) {
		say_error(
		    _("there is no item \"%s\"; `loaxa items` lists them"), id);
		return EX_NOINPUT;
	}
	if (r == 0 && h->from_ms * (RATE / 1000) >= h->item->frames) {
		say_error(_("%s ends before %s"), id, h->from);
		return EX_USAGE;
	}
	if (r == 0)
		r = sound_open(h->office.items, h->item,
		    h->from_ms * (RATE / 1000), &h->sound);
	if (r == 0)
		return EX_OK;
	if (r == -ESTALE) {
		say_error(_("%s: the stored sound is not the one that was "
			    "added; add it again"),
		    id);
		return EX_DATAERR;
	}
	say_error(_("%s: its sound cannot be read: %s"), id, say_errno(r));
	return say_exit(r);
}

static void
tell(const struct hearing *h, int64_t frames)
{
	struct civil_text at, all;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s / %s",
	    say_counter(h->from_ms + frames / (RATE / 1000), &at),
	    say_counter(h->item->frames / (RATE / 1000), &all));
	fflush(stderr);
}

static int
play(struct hearing *h)
{
	int16_t pcm[BLOCK * PCM_CHANNELS];
	char why[DEVICE_MAX] = "";
	int64_t frames = 0;
	int n;

	while (!stopped && (n = sound_read(h->sound, pcm, BLOCK)) > 0) {
		if (h->gain_mdb != 0)
			pcm_gain(pcm, n, h->gain_mdb);
		if (h->sink->write(h->sink, pcm, n, why, sizeof(why)) < 0) {
			say_error("%s", why);
			return EX_UNAVAILABLE;
		}
		frames += n;
		tell(h, frames);
	}
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	return EX_OK;
}

static int
listen_to(struct hearing *h, const struct ctl *ctl, const char *id)
{
	struct civil_text gain;
	struct sigaction act = { .sa_handler = on_signal };
	int r = open_item(h, id);

	if (r == EX_OK)
		r = open_device(h, ctl->root.top);
	if (r != EX_OK)
		return r;
	h->gain_mdb = loudness_gain(h->item->lufs, h->item->peak_db,
	    site_loudness(h->office.site, ""), 0)
			  .gain_mdb;
	say_line(stdout, _("%s: %s (%s dB, as on the air); Ctrl-C ends it"),
	    h->item->id, h->item->title,
	    say_signed(h->gain_mdb / 1000.0, 1, &gain));
	fflush(stdout);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	r = play(h);
	h->sink->close(h->sink);
	return r;
}

int
cmd_listen(struct ctl *ctl, int argc, char **argv)
{
	struct hearing h = { .driver = "pulse", .device = "", .file = "" };
	const struct arg args[] = { { "driver", ARG_TEXT, &h.driver },
		{ "device", ARG_TEXT, &h.device },
		{ "file", ARG_TEXT, &h.file }, { "from", ARG_TEXT, &h.from } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one item"));
	if (h.file[0] != '\0')
		h.driver = "wav";
	if (strcmp(h.driver, "pulse") != 0 && strcmp(h.driver, "alsa") != 0 &&
	    h.file[0] == '\0')
		return command_misused(
		    argv[0], _("--driver is pulse or alsa; --file FILE "
			       "writes a WAV file instead"));
	if (h.from != NULL && !read_from(h.from, &h.from_ms))
		return command_misused(
		    argv[0], _("--from is a time such as 1:15"));
	r = command_office(ctl, &h.office);
	if (r != 0)
		return r;
	r = listen_to(&h, ctl, argv[1]);
	sink_free(h.sink);
	sound_close(h.sound);
	item_free(h.item);
	office_close(&h.office);
	return r;
}
