/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sqlite_errno - what SQLite answers, as an errno. */
#ifndef EVIDENCE_SQLITE_ERRNO_H
#define EVIDENCE_SQLITE_ERRNO_H

/* Of a result code, extended ones too: 0, or -EBUSY, -ENOSPC, -EROFS, -EACCES,
 * -ENOMEM; -EBADMSG for a damaged file and for a table that is not there;
 * -EEXIST for a row that is there already, or may not be; else -EIO. */
int sqlite_errno(int rc);

#endif
