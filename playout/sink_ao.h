/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink_ao - a live device by libao 1.2: the one place that calls it.
 *
 * libao says 1 for success and 0 for failure, has no call for delay or
 * underrun, and blocks as long as its device does. The driver is asked for by
 * name; libao's own default is never used.
 */
#ifndef PLAYOUT_SINK_AO_H
#define PLAYOUT_SINK_AO_H

#include "playout/sink.h"

/* As sink_make(). At most one per process: libao is started and shut down
 * with it. */
int sink_ao_make(const struct sink_setup *setup, struct sink **ret_sink);

#endif
