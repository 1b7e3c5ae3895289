/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "playout/mixer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int
mixer_open(const char *driver, const char *device, struct mixer **ret_mixer)
{
	if (strcmp(driver, "alsa") == 0)
		return mixer_alsa_open(device, ret_mixer);
	if (strcmp(driver, "pulse") == 0)
		return mixer_pulse_open(device, ret_mixer);
	return -ENOTSUP;
}

struct mixer *
mixer_free(struct mixer *m)
{
	if (m != NULL)
		m->free(m);
	return NULL;
}

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

int
mixer_judge(const struct mixer_control *controls, size_t n)
{
	static const char *const through[] = { "Master", "PCM" };
	static const char *const out[] = { "Speaker", "Headphone", "Headset",
		"Front", "Line Out", "Lineout" };
	int least = -ENOTSUP; /* of what all goes through */
	int most = -ENOTSUP; /* of the ways out */

	for (size_t i = 0; i < n; i++) {
		const struct mixer_control *c = &controls[i];
		int percent = c->on ? c->percent : 0;

		if (is_one_of(c->name, through, COUNT(through)) &&
		    (least < 0 || percent < least))
			least = percent;
		if (is_one_of(c->name, out, COUNT(out)) && percent > most)
			most = percent;
	}
	if (least < 0 || (most >= 0 && most < least))
		return most;
	return least;
}

void
mixer_card(const char *device, char *ret_card, size_t size)
{
	const char *card = strstr(device, "CARD=");
	const char *colon = strchr(device, ':');

	if (card == NULL && colon != NULL &&
	    (strncmp(device, "hw:", 3) == 0 ||
		strncmp(device, "plughw:", 7) == 0))
		card = colon + 1;
	if (card != NULL)
		snprintf(
		    ret_card, size, "hw:%.*s", (int)strcspn(card, ","), card);
	else
		snprintf(ret_card, size, "%s",
		    device[0] == '\0' ? "default" : device);
}
