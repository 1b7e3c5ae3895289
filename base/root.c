/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/root.h"

/* The folders that the two layouts name differently. */
struct homes {
	const char *etc;
	const char *data; /* schedules and audio */
	const char *var;
	const char *run;
	const char *push;
};

static bool
join(char out[static ROOT_PATH_MAX], const char *folder, const char *name)
{
	return snprintf(out, ROOT_PATH_MAX, "%s/%s", folder, name) <
	       ROOT_PATH_MAX;
}

static int
lay_out(const struct homes *h, struct root *ret_root)
{
	struct root r;

	if (snprintf(r.top, sizeof(r.top), "%s", h->data) >= ROOT_PATH_MAX ||
	    snprintf(r.var, sizeof(r.var), "%s", h->var) >= ROOT_PATH_MAX ||
	    snprintf(r.run, sizeof(r.run), "%s", h->run) >= ROOT_PATH_MAX)
		return -ENAMETOOLONG;
	if (!join(r.conf, h->etc, "loaxa.conf") ||
	    !join(r.schedules, h->data, "schedules") ||
	    !join(r.items, h->data, "audio/items") ||
	    !join(r.inbox, h->data, "audio/inbox") ||
	    !join(r.log, h->var, "log") || !join(r.index, h->var, "index.db") ||
	    !join(r.people, h->var, "people") ||
	    !join(r.trees, h->var, "tree") || !join(r.keys, h->var, "key") ||
	    !join(r.socket, h->run, "control.sock") ||
	    snprintf(r.push, sizeof(r.push), "%s", h->push) >= ROOT_PATH_MAX)
		return -ENAMETOOLONG;
	*ret_root = r;
	return 0;
}

static int
one_folder(const char *dir, struct root *ret_root)
{
	char etc[ROOT_PATH_MAX];
	char var[ROOT_PATH_MAX];
	char run[ROOT_PATH_MAX];
	char push[ROOT_PATH_MAX];
	struct homes h = {
		.etc = etc, .data = dir, .var = var, .run = run, .push = push
	};
	struct stat st;

	if (stat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (!join(etc, dir, "etc") || !join(var, dir, "var") ||
	    !join(run, dir, "run") || !join(push, dir, "var/push"))
		return -ENAMETOOLONG;
	return lay_out(&h, ret_root);
}

int
root_find(const char *given, struct root *ret_root)
{
	static const struct homes installed = { "/etc/loaxa", "/var/lib/loaxa",
		"/var/lib/loaxa", "/run/loaxa", "/var/lib/loaxa-push" };
	const char *dir = given != NULL ? given : getenv("LOAXA_ROOT");

	if (dir != NULL && strcmp(dir, "/") == 0)
		return lay_out(&installed, ret_root);
	if (dir != NULL && dir[0] != '\0')
		return one_folder(dir, ret_root);
	if (access("etc/loaxa.conf", F_OK) == 0)
		return one_folder(".", ret_root);
	return lay_out(&installed, ret_root);
}

const char *
root_restoring(const struct root *root, char path[static ROOT_PATH_MAX + 16])
{
	snprintf(path, ROOT_PATH_MAX + 16, "%s/restoring", root->var);
	return path;
}

bool
root_is_restoring(const struct root *root)
{
	char path[ROOT_PATH_MAX + 16];

	return access(root_restoring(root, path), F_OK) == 0;
}
