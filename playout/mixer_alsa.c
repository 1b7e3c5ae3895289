/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ALSA's simple mixer, of the library that libao's plug-in has loaded. */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "playout/mixer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CONTROLS_MAX 64 /* far more than a card has ways out */
#define SIDES 2 /* channels looked at: left (or the only one), right */

/* alsa/mixer.h, as far as it is needed; its types are opaque. */
struct lib {
	int (*open)(void **mixer, int mode);
	int (*attach)(void *mixer, const char *name);
	int (*reg)(void *mixer, void *options, void **class);
	int (*load)(void *mixer);
	int (*close)(void *mixer);
	int (*hctl)(void *mixer, const char *name, void **hctl);
	int (*nonblock)(void *hctl, int on);
	int (*events)(void *mixer);
	void *(*first)(void *mixer);
	void *(*next)(void *elem);
	const char *(*name)(void *elem);
	int (*has_channel)(void *elem, int channel);
	int (*has_volume)(void *elem);
	int (*has_switch)(void *elem);
	int (*volume)(void *elem, int channel, long *value);
	int (*range)(void *elem, long *min, long *max);
	int (*on)(void *elem, int channel, int *value);
	int (*on_error)(void *handler);
};

static const char *const names[] = { "snd_mixer_open", "snd_mixer_attach",
	"snd_mixer_selem_register", "snd_mixer_load", "snd_mixer_close",
	"snd_mixer_get_hctl", "snd_hctl_nonblock", "snd_mixer_handle_events",
	"snd_mixer_first_elem", "snd_mixer_elem_next",
	"snd_mixer_selem_get_name", "snd_mixer_selem_has_playback_channel",
	"snd_mixer_selem_has_playback_volume",
	"snd_mixer_selem_has_playback_switch",
	"snd_mixer_selem_get_playback_volume",
	"snd_mixer_selem_get_playback_volume_range",
	"snd_mixer_selem_get_playback_switch", "snd_lib_error_set_handler" };

struct mixer_alsa {
	struct mixer mixer; /* must be first */
	struct lib lib;
	void *handle;
};

_Static_assert(
    sizeof(struct lib) == COUNT(names) * sizeof(void *), "a name for each");

static int
find_lib(struct lib *lib)
{
	void *so = dlopen("libasound.so.2", RTLD_LAZY | RTLD_NOLOAD);
	void *at[COUNT(names)];

	if (so == NULL)
		return -ENOTSUP;
	for (size_t i = 0; i < COUNT(names); i++) {
		at[i] = dlsym(so, names[i]);
		if (at[i] == NULL)
			return -ENOTSUP;
	}
	memcpy(lib, at, sizeof(at));
	return 0;
}

static struct mixer_control
look_at(const struct lib *lib, void *elem)
{
	struct mixer_control c = { .name = lib->name(elem) };
	long min = 0, max = 0;

	lib->range(elem, &min, &max);
	for (int side = 0; side < SIDES; side++) {
		int on = 1;
		int percent = 100;
		long v;

		if (!lib->has_channel(elem, side))
			continue;
		if (lib->has_switch(elem))
			lib->on(elem, side, &on);
		if (lib->has_volume(elem) && max > min &&
		    lib->volume(elem, side, &v) == 0)
			percent = v <= min
				      ? 0
				      : (int)(1 + (v - min) * 99 / (max - min));
		c.on = c.on || on;
		if (on && percent > c.percent)
			c.percent = percent;
	}
	return c;
}

static int
alsa_level(struct mixer *mixer)
{
	struct mixer_alsa *m = (struct mixer_alsa *)mixer;
	struct mixer_control controls[CONTROLS_MAX];
	const struct lib *lib = &m->lib;
	size_t n = 0;
	int r = lib->events(m->handle);

	if (r < 0)
		return r;
	for (void *e = lib->first(m->handle); e != NULL && n < COUNT(controls);
	     e = lib->next(e))
		if (lib->has_volume(e) || lib->has_switch(e))
			controls[n++] = look_at(lib, e);
	return mixer_judge(controls, n);
}

static void
alsa_free(struct mixer *mixer)
{
	struct mixer_alsa *m = (struct mixer_alsa *)mixer;

	m->lib.close(m->handle);
	free(m);
}

/* A card without a mixer is none of the log's business. */
static void
say_nothing(const char *file, int line, const char *function, int error,
    const char *format, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)error;
	(void)format;
}

/* The elements of a card, to be read without waiting. */
static int
load(const struct lib *lib, void *handle, const char *card)
{
	void *hctl;
	int r = lib->attach(handle, card);

	if (r == 0)
		r = lib->reg(handle, NULL, NULL);
	if (r == 0)
		r = lib->load(handle);
	if (r == 0)
		r = lib->hctl(handle, card, &hctl);
	return r == 0 ? lib->nonblock(hctl, 1) : r;
}

int
mixer_alsa_open(const char *device, struct mixer **ret_mixer)
{
	struct mixer_alsa *m = calloc(1, sizeof(*m));
	char card[128];
	int r;

	if (m == NULL)
		return -ENOMEM;
	m->mixer = (struct mixer){ alsa_level, alsa_free };
	r = find_lib(&m->lib);
	if (r == 0)
		r = m->lib.open(&m->handle, 0) < 0 ? -ENOTSUP : 0;
	if (r < 0) {
		free(m);
		return r;
	}
	mixer_card(device, card, sizeof(card));
	m->lib.on_error((void *)(uintptr_t)say_nothing);
	r = load(&m->lib, m->handle, card);
	m->lib.on_error(NULL);
	if (r < 0) {
		alsa_free(&m->mixer);
		return -ENOTSUP;
	}
	*ret_mixer = &m->mixer;
	return 0;
}
