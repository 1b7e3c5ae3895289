/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * child - a process of our own: started without a shell, watched by a
 * descriptor, reaped by its own id and nobody else's.
 *
 * A plain value; { .pid = 0, .pidfd = -1 } (CHILD_NONE) is no child.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none, or reaped */
	int pidfd; /* readable when it has ended; -1 none */
	int status; /* as waitpid(2) says, once reaped */
};

#define CHILD_NONE ((struct child){ .pid = 0, .pidfd = -1 })

/* One descriptor of ours, and its number there. -1: /dev/null. */
struct child_fd {
	int ours;
	int theirs;
};

/*
 * Runs argv[0] (a path) with our environment, in a process group of its own,
 * with default signals, none blocked. It gets the n descriptors of `fds`, in
 * order, and standard error; ours must be close-on-exec, and none of them may
 * be lower than the number it takes over from another. 0 and *ret_child is
 * yours: child_reap() it to the end. -ENOENT when there is no such program,
 * or another negative errno.
 */
int child_start(char *const argv[], const struct child_fd *fds, size_t n,
    struct child *ret_child);

/* The same with another environment. */
int child_start_env(char *const argv[], char *const env[],
    const struct child_fd *fds, size_t n, struct child *ret_child);

/* Has it ended? Then it is reaped and c->status set. True for none. */
bool child_reap(struct child *c);

/* SIGKILL, to it and to what it has started. Does nothing for none. It is
 * still to be reaped. */
void child_kill(struct child *c);

/* Waits up to wait_ms for it to end, kills it if it has not, and reaps it; a
 * process that even SIGKILL does not end within 200 ms (it hangs in a
 * device) is left to init. */
void child_end(struct child *c, int wait_ms);

#endif
