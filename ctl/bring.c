/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/item.h"
#include "base/labels.h"
#include "ctl/bring.h"
#include "ctl/inbox.h"
#include "scheduler/match.h"

static int
is_known(void *arg, const char *id, const struct item *it)
{
	const char *name = arg;

	return strcmp(id, name) == 0 ||
	       (it != NULL &&
		   (match_is_file(it->source_name, name) ||
		       strcmp(labels_text(it->more, "set"), name) == 0));
}

/* The file of that name in the folder: 1 and its path; 0 none. */
static int
find_in(const char *folder, const char *name, char path[static PATH_MAX])
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int found = 0;

	while (dir != NULL && found == 0 && (e = readdir(dir)) != NULL) {
		struct stat st;

		found = !inbox_is_passed_over(e->d_name) &&
			match_is_file(e->d_name, name) &&
			snprintf(path, PATH_MAX, "%s/%s", folder, e->d_name) <
			    PATH_MAX &&
			lstat(path, &st) == 0 && S_ISREG(st.st_mode);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static int
bring_name(const struct bring *b, const char *name,
    int (*fn)(void *arg, const char *path, size_t folder), void *arg)
{
	char path[PATH_MAX];

	if (item_each(b->items, is_known, (void *)name) != 0)
		return 0;
	for (size_t i = 0; i < b->n_folders; i++)
		if (find_in(b->folders[i], name, path) == 1)
			return fn(arg, path, i);
	return 0;
}

int
bring_each(const struct bring *b, const struct sheet *sheet,
    int (*fn)(void *arg, const char *path, size_t folder), void *arg)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sheet->n; i++) {
		char *copy = strdup(sheet->rows[i].items);
		char *rest = copy;
		char *name;

		if (copy == NULL)
			return -ENOMEM;
		while (r == 0 && (name = match_next_name(&rest)) != NULL)
			r = bring_name(b, name, fn, arg);
		free(copy);
	}
	return r;
}
