/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/json_arena.h"
#include "evidence/store_in.h"

#define APART_MIN 10 /* trees; of fewer, one process takes them all */
#define PROCESSES_MAX 8

/* How many of them, from the first on, go into one transaction: no tree twice. */
static size_t
count_together(const struct store_tree *list, size_t n)
{
	size_t i = 1;

	for (; i < n && i < STORE_TOGETHER; i++)
		for (size_t k = 0; k < i; k++)
			if (list[k].number == list[i].number &&
			    strcmp(list[k].key, list[i].key) == 0)
				return i;
	return i;
}

/* Is it the database's, so that no tree can be taken? */
static bool
is_of_all(int r)
{
	return r == -ENOTCONN || r == -ECONNRESET || r == -ENOSPC ||
	       r == -EBUSY || r == -EACCES || r == -EROFS || r == -ENOMEM;
}

static bool
any_failed(const struct store_tree *list, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || list[i].error < 0;
	return any;
}

/* One that cannot be read keeps no other one out. */
static void
take_each(struct store *s, struct store_tree *list, size_t n, int r)
{
	bool alone = n > 1 && (!is_of_all(r) || any_failed(list, n));

	for (size_t i = 0; i < n; i++) {
		if (list[i].error < 0)
			continue;
		if (alone)
			r = store_take_some(s, &list[i], 1);
		if (r < 0)
			list[i].error = r;
	}
}

static void
take_list(struct store *s, struct store_tree *list, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t some = count_together(list + i, n - i);
		int r = store_take_some(s, list + i, some);

		if (r < 0)
			take_each(s, list + i, some, r);
		i += some;
	}
}

int
store_take(struct store *s, const char *key, const char *name, int64_t number,
    const char *folder, int64_t size)
{
	struct store_tree tree = { key, name, number, folder, size, 0 };

	take_list(s, &tree, 1);
	return tree.error;
}

/* Apart ---------------------------------------------------------------------- */

/* By several processes, each with a connection of its own: what takes time is
 * reading, and what the server's own process does for each. */

struct sharing { /* in memory that all of them have */
	char said[SQL_SAID];
	int errors[];
};

/* One station's trees are one process's. */
static bool
is_share(const struct store_tree *tree, size_t i, size_t of)
{
	int64_t id = 0;

	store_id(tree->key, &id);
	return (uint64_t)id % of == i;
}

static void
take_share(struct store *s, struct store_tree *list, size_t n, size_t i,
    size_t of, struct sharing *sh)
{
	struct store_tree *own = calloc(n, sizeof(*own));
	size_t own_n = 0;
	size_t at = 0;

	if (own == NULL)
		return;
	for (size_t k = 0; k < n; k++)
		if (is_share(&list[k], i, of))
			own[own_n++] = list[k];
	s->sql->among = true;
	take_list(s, own, own_n);
	for (size_t k = 0; k < n; k++)
		if (is_share(&list[k], i, of))
			sh->errors[k] = own[at++].error;
	for (size_t k = 0; k < own_n; k++)
		if (own[k].error < 0)
			memcpy(sh->said, store_said(), SQL_SAID);
	free(own);
}

/* A process for a share; its pid, or -1. */
static pid_t
fork_share(const struct store *s, struct store_tree *list, size_t n, size_t i,
    size_t of, struct sharing *sh)
{
	struct store *own;
	pid_t parent = getpid();
	pid_t pid = fork();
	int r;

	if (pid != 0)
		return pid;
	/* Nobody goes on when it is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	json_arena_begin();
	r = store_open(s->where, &own);
	for (size_t k = 0; r < 0 && k < n; k++)
		if (is_share(&list[k], i, of))
			sh->errors[k] = r;
	if (r < 0) {
		memcpy(sh->said, store_said(), SQL_SAID);
	} else {
		take_share(own, list, n, i, of, sh);
		store_close(own);
	}
	_exit(0);
}

static void
take_apart(struct store *s, struct store_tree *list, size_t n, size_t of,
    struct sharing *sh)
{
	pid_t pids[PROCESSES_MAX];

	for (size_t i = 0; i < of; i++)
		pids[i] = fork_share(s, list, n, i, of, sh);
	for (size_t i = 0; i < of; i++)
		if (pids[i] > 0)
			while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
				;
	for (size_t k = 0; k < n; k++)
		list[k].error = sh->errors[k];
}

static size_t
count_processes(const struct store *s, size_t n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!store_is_server(s->where) || n < APART_MIN || cpus < 2)
		return 1;
	return cpus < PROCESSES_MAX ? (size_t)cpus : PROCESSES_MAX;
}

/* False: it is not to be. */
static bool
share(struct store *s, struct store_tree *list, size_t n)
{
	size_t of = count_processes(s, n);
	size_t bytes = sizeof(struct sharing) + n * sizeof(int);
	struct sharing *sh = of < 2 ? MAP_FAILED
				    : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (sh == MAP_FAILED)
		return false;
	for (size_t k = 0; k < n; k++)
		sh->errors[k] = -ECHILD; /* until its process says otherwise */
	take_apart(s, list, n, of, sh);
	store_hear_of(sh->said);
	munmap(sh, bytes);
	return true;
}

int
store_take_all(struct store *s, struct store_tree *list, size_t n)
{
	int r = 0;

	if (!share(s, list, n))
		take_list(s, list, n);
	for (size_t k = 0; k < n; k++)
		r = r != 0 ? r : list[k].error;
	return r;
}
