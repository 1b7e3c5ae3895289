/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pulse_place - which sink of which PulseAudio server a device's name means:
 * "SINK", on the usual server, or "SINK@SERVER". One server holds some sixty
 * sinks with streams, and a computer may have more stations.
 */
#ifndef PLAYOUT_PULSE_PLACE_H
#define PLAYOUT_PULSE_PLACE_H

#define PULSE_NAME_MAX 256 /* of either, and the NUL: longer ones are cut */

struct pulse_place {
	char sink[PULSE_NAME_MAX]; /* "" is the server's default one */
	char server[PULSE_NAME_MAX]; /* "" is the usual one */
};

/* A plain value. "@DEFAULT_SINK@" and its like are sinks. */
struct pulse_place pulse_place(const char *device);

#endif
