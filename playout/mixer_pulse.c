/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A PulseAudio sink's volume and mute, by the library that libao's plug-in has
 * loaded, on a connection of its own. It is asked at one look and has answered
 * by the next: nothing waits.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "playout/mixer.h"
#include "playout/pulse_place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHANNELS_MAX 32 /* PA_CHANNELS_MAX */
#define VOLUME_NORM 0x10000 /* PA_VOLUME_NORM: 100 % */
#define NO_AUTOSPAWN 1 /* PA_CONTEXT_NOAUTOSPAWN */
#define READY 4 /* PA_CONTEXT_READY; later ones are the end of it */
#define STEPS_MAX 100 /* of one look: what has come is soon read */

/* The head of pa_sink_info, whose layout is a promise of libpulse.so.0. */
struct sink_info {
	const char *name;
	uint32_t index;
	const char *description;
	struct {
		int format;
		uint32_t rate;
		uint8_t channels;
	} sample_spec;
	struct {
		uint8_t channels;
		int map[CHANNELS_MAX];
	} channel_map;
	uint32_t owner_module;
	struct {
		uint8_t channels;
		uint32_t values[CHANNELS_MAX];
	} volume;
	int mute;
};

typedef void info_fn(
    void *context, const struct sink_info *info, int eol, void *arg);

struct lib {
	void *(*loop_new)(void);
	void *(*loop_api)(void *loop);
	int (*loop_step)(void *loop, int block, int *ret);
	void (*loop_free)(void *loop);
	void *(*context_new)(void *api, const char *name);
	int (*connect)(
	    void *context, const char *server, int flags, const void *api);
	int (*state)(void *context);
	void *(*info)(
	    void *context, const char *name, info_fn *told, void *arg);
	void (*disconnect)(void *context);
	void (*unref)(void *context);
	void (*forget)(void *operation);
};

static const char *const names[] = { "pa_mainloop_new", "pa_mainloop_get_api",
	"pa_mainloop_iterate", "pa_mainloop_free", "pa_context_new",
	"pa_context_connect", "pa_context_get_state",
	"pa_context_get_sink_info_by_name", "pa_context_disconnect",
	"pa_context_unref", "pa_operation_unref" };

_Static_assert(
    sizeof(struct lib) == COUNT(names) * sizeof(void *), "a name for each");

struct mixer_pulse {
	struct mixer mixer; /* must be first */
	struct lib lib;
	struct pulse_place place;
	void *loop;
	void *context; /* NULL: to be connected at the next look */
	int level; /* as last told, or -EAGAIN */
};

static int
find_lib(struct lib *lib)
{
	void *so = dlopen("libpulse.so.0", RTLD_LAZY | RTLD_NOLOAD);
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

static void
told(void *context, const struct sink_info *info, int eol, void *arg)
{
	struct mixer_pulse *m = arg;
	uint32_t most = 0;

	(void)context;
	if (eol != 0 || info == NULL)
		return;
	for (int i = 0; i < info->volume.channels && i < CHANNELS_MAX; i++)
		if (info->volume.values[i] > most)
			most = info->volume.values[i];
	if (info->mute || most == 0)
		m->level = 0;
	else if (most >= VOLUME_NORM)
		m->level = 100;
	else
		m->level = 1 + (int)(most * 99 / VOLUME_NORM);
}

static void
hang_up(struct mixer_pulse *m)
{
	if (m->context == NULL)
		return;
	m->lib.disconnect(m->context);
	m->lib.unref(m->context);
	m->context = NULL;
	m->level = -EAGAIN;
}

static void
call(struct mixer_pulse *m)
{
	const char *server =
	    m->place.server[0] == '\0' ? NULL : m->place.server;

	m->context = m->lib.context_new(m->lib.loop_api(m->loop), "loaxa");
	if (m->context != NULL &&
	    m->lib.connect(m->context, server, NO_AUTOSPAWN, NULL) < 0)
		hang_up(m);
}

static void
ask(struct mixer_pulse *m)
{
	const char *sink =
	    m->place.sink[0] == '\0' ? "@DEFAULT_SINK@" : m->place.sink;
	void *operation = m->lib.info(m->context, sink, told, m);

	if (operation != NULL)
		m->lib.forget(operation);
	/* What can be sent at once is. */
	m->lib.loop_step(m->loop, 0, NULL);
}

static int
pulse_level(struct mixer *mixer)
{
	struct mixer_pulse *m = (struct mixer_pulse *)mixer;
	int state;

	if (m->context == NULL)
		call(m);
	for (int i = 0; i < STEPS_MAX; i++)
		if (m->lib.loop_step(m->loop, 0, NULL) <= 0)
			break;
	if (m->context == NULL)
		return -EAGAIN;
	state = m->lib.state(m->context);
	if (state > READY)
		hang_up(m);
	else if (state == READY)
		ask(m);
	return m->level;
}

static void
pulse_free(struct mixer *mixer)
{
	struct mixer_pulse *m = (struct mixer_pulse *)mixer;

	hang_up(m);
	if (m->loop != NULL)
		m->lib.loop_free(m->loop);
	free(m);
}

int
mixer_pulse_open(const char *device, struct mixer **ret_mixer)
{
	struct mixer_pulse *m = calloc(1, sizeof(*m));
	int r;

	if (m == NULL)
		return -ENOMEM;
	m->mixer = (struct mixer){ pulse_level, pulse_free };
	m->level = -EAGAIN;
	r = find_lib(&m->lib);
	if (r < 0) {
		free(m);
		return r;
	}
	m->place = pulse_place(device);
	m->loop = m->lib.loop_new();
	if (m->loop == NULL) {
		pulse_free(&m->mixer);
		return -ENOMEM;
	}
	*ret_mixer = &m->mixer;
	return 0;
}
