/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root - where everything lies. One folder holds it all (a clone, a demo, a
 * test), or it is spread as an installed system wants it:
 *
 *	below one folder DIR		installed
 *	DIR/etc/loaxa.conf		/etc/loaxa/loaxa.conf
 *	DIR/schedules			/var/lib/loaxa/schedules
 *	DIR/audio			/var/lib/loaxa/audio
 *	DIR/var				/var/lib/loaxa
 *	DIR/run				/run/loaxa
 *	DIR/var/push			/var/lib/loaxa-push
 */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include <stdbool.h>

#define ROOT_PATH_MAX 1024 /* bytes; sockets need far less, see root_find() */

struct root {
	char top[ROOT_PATH_MAX]; /* DIR, or /var/lib/loaxa: relative paths of
				  * the site configuration lie below it */
	char conf[ROOT_PATH_MAX];
	char schedules[ROOT_PATH_MAX];
	char items[ROOT_PATH_MAX];
	char inbox[ROOT_PATH_MAX];
	char var[ROOT_PATH_MAX];
	char log[ROOT_PATH_MAX];
	char index[ROOT_PATH_MAX];
	char people[ROOT_PATH_MAX];
	char trees[ROOT_PATH_MAX]; /* of the log, signed */
	char keys[ROOT_PATH_MAX]; /* the station's own, the daemon's alone */
	char run[ROOT_PATH_MAX];
	char socket[ROOT_PATH_MAX];
	char
	    push[ROOT_PATH_MAX]; /* what loaxa-push remembers; its own user's */
};

/*
 * `given` (--root) when it is not NULL, else the environment's LOAXA_ROOT,
 * else the current folder when it has etc/loaxa.conf, else the installed
 * places. The folder "/" means these as well. -ENOENT: the folder named does
 * not exist; -ENOTDIR: it is no folder; -ENAMETOOLONG: a path below it would
 * not fit.
 */
int root_find(const char *given, struct root *ret_root);

/* The file that is there while a restore puts its parts in place: who finds it
 * later finds parts of two stations. */
const char *root_restoring(
    const struct root *root, char path[static ROOT_PATH_MAX + 16]);
bool root_is_restoring(const struct root *root);

#endif
