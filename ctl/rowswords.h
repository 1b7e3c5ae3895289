/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rowswords - what is wrong with the database that collected records are rows
 * of (store.h), in a person's words and the database's own.
 */
#ifndef CTL_ROWSWORDS_H
#define CTL_ROWSWORDS_H

/* `error` is what a function of the store said last. A static buffer. */
const char *rowswords(int error);

#endif
