/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uplink - an upper level's address, asked over HTTPS by libcurl: the network of
 * push.h. What goes wrong is told in a sentence, with what a person can do.
 */
#ifndef CTL_UPLINK_H
#define CTL_UPLINK_H

#include "evidence/push.h"

/*
 * `url` without a slash at its end, borrowed while it lives; `ca`, a file (PEM)
 * of the certificates that are believed, NULL for the system's. Nothing is
 * connected yet. 0 and *ret is yours, or -ENOMEM.
 *
 * Its ask() gives -ENOMEM, -EKEYREJECTED for a certificate that is not to be
 * believed, or -EIO; `why` is one of uplink.c's sentences (N_()), or what libcurl
 * says, in English.
 */
int uplink_open(const char *url, const char *ca, struct push_link **ret);

/* Accepts NULL; returns NULL. */
struct push_link *uplink_close(struct push_link *l);

#endif
