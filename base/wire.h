/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire - one message, with at most one descriptor, over a SOCK_SEQPACKET
 * socket between two of our own processes on one machine.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stddef.h>
#include <sys/types.h>

/* A connected pair, close-on-exec, both ends non-blocking; both are yours. */
int wire_pair(int ret_fds[static 2]);

/*
 * Sends n bytes, and `fd` with them when it is 0 or more (it stays yours).
 * 0; -EAGAIN when the other end is not reading; -EPIPE when it is gone.
 */
int wire_send(int sock, const void *bytes, size_t n, int fd);

/*
 * Receives one message of at most `size` bytes. Its length; 0 when the other
 * end is gone; -EAGAIN when there is none; -EMSGSIZE when it was longer (it is
 * dropped, with its descriptor). *ret_fd is a close-on-exec descriptor that is
 * yours, or -1; it is set whenever the result is positive. NULL: none wanted.
 */
ssize_t wire_recv(int sock, void *bytes, size_t size, int *ret_fd);

#endif
