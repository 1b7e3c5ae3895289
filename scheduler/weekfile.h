/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * weekfile - the file of one week's programme, replaced whole or not at all.
 *
 * Whoever replaces it names the bytes that the change is based on: of two who
 * do so at once, the second is refused. What is replaced is kept by its hash,
 * and the new file's line "# before: HASH" leads back to it.
 */
#ifndef SCHEDULER_WEEKFILE_H
#define SCHEDULER_WEEKFILE_H

#include <stdint.h>

#include "base/disk.h"
#include "base/hash.h"

#define WEEKFILE_NAME 13 /* "2026-W48.cfg" and a NUL */
#define WEEKFILE_MAX (900 << 10) /* bytes of a text: one request's worth */

/* The name of the week's file. Returns buf. */
const char *weekfile_name(int64_t monday, char buf[static WEEKFILE_NAME]);

/* The hash of what lies there, "" for nothing. 0 or a negative errno. */
int weekfile_base(
    struct disk *weeks, const char *name, char ret_hex[static HASH_HEX]);

/*
 * Puts the text there. `base` is what weekfile_base() said when the text was
 * made; -ESTALE when the file is another by now. Any other negative errno is
 * the disk's. On failure the old file is still there, whole. Without `kept`
 * (NULL) nothing is kept.
 */
int weekfile_put(struct disk *weeks, struct disk *kept, const char *name,
    const char *text, size_t n, const char *base);

/* The hash that the text's line "# before:" names; "" for nothing there was.
 * -ENOENT: it has no such line. */
int weekfile_before(const char *text, char ret_hex[static HASH_HEX]);

/* A kept text; yours. -ENOENT, -EBADMSG when it is not what its name says. */
int weekfile_kept(
    struct disk *kept, const char *hex, char **ret_text, size_t *ret_n);

#endif
