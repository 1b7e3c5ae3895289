/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pull - a station's published trees, fetched from a web server into a folder
 * that collect_folder() reads as it reads any other (evidence/collect.h). The
 * network is loaxa-fetch's, a process of its own.
 *
 * Of each tree the checkpoint and the key are fetched, and the bundles of
 * records that the store does not have; hashes it makes itself.
 */
#ifndef CTL_PULL_H
#define CTL_PULL_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/collect.h"

/* Is it an address, and no folder? */
bool pull_is_url(const char *text);

/*
 * `libexec` is loaxa-fetch's folder; `url` that of a station's v1, v2 and so on
 * (its var/tree); `whole`: also what the store has. 0; -ENOENT: no tree is
 * published there; -EIO: what went wrong is in `why` (size bytes), and what had
 * come by then stays for the next time; another negative errno.
 */
int pull_station(const struct collector *c, const char *libexec,
    const char *url, const char *folder, bool whole, char *why, size_t size);

#endif
