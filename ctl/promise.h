/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * promise - what loaxa promises, by the ids that its code, its tests and its
 * findings carry, in words for whoever reads a finding.
 */
#ifndef CTL_PROMISE_H
#define CTL_PROMISE_H

/* Of "P1" to "P8", in the user's language; "" for any other id. */
const char *promise_text(const char *id);

#endif
