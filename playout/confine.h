/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * confine - what a player never needs is taken away from it.
 *
 * A player must be able to open its device again, so it keeps files, sockets
 * and threads. It loses: new programs, new processes, looking into other
 * processes, mounting, kernel modules and clocks, new rights, core dumps.
 * Each refused call answers EPERM, so a library that tries carries on.
 */
#ifndef PLAYOUT_CONFINE_H
#define PLAYOUT_CONFINE_H

/* For this process, for good. 0, or a negative errno: then some of it may
 * already hold. */
int confine_player(void);

#endif
