/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "scheduler/library.h"

struct library_dir {
	struct library lib; /* must be first */
	char *folder;
};

static int
open_sound(const char *folder, const char *id, int *ret_fd)
{
	char path[4096];
	struct stat st;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s.flac", folder, id) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	/* Non-blocking: a FIFO put there must not hang the daemon. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*ret_fd = fd;
	return 0;
}

static int
dir_open(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	struct library_dir *d = (struct library_dir *)lib;
	struct item *it;
	int r;

	(void)hint;
	if (!text_is_id(id))
		return -ENOENT;
	r = item_read(d->folder, id, &it);
	if (r < 0)
		return r;
	r = open_sound(d->folder, id, ret_fd);
	if (r < 0) {
		item_free(it);
		return r;
	}
	*ret_item = it;
	return 0;
}

static void
dir_close(struct library *lib)
{
	struct library_dir *d = (struct library_dir *)lib;

	free(d->folder);
	free(d);
}

int
library_folder(const char *folder, struct library **ret_lib)
{
	struct library_dir *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->lib = (struct library){ dir_open, dir_close };
	d->folder = strdup(folder);
	if (d->folder == NULL) {
		free(d);
		return -ENOMEM;
	}
	*ret_lib = &d->lib;
	return 0;
}

static int
assume_open(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	struct item *it = calloc(1, sizeof(*it));
	int r;

	(void)lib;
	if (it == NULL)
		return -ENOMEM;
	it->id = strdup(id);
	it->title = strdup(id);
	it->segment = strdup("");
	it->language = strdup("vi");
	it->source_name = strdup("");
	it->warnings = json_array();
	it->marks = json_array();
	it->more = json_object();
	it->channels = 1;
	it->frames = hint;
	it->lufs = -HUGE_VAL;
	it->peak_db = -HUGE_VAL;
	r = hash_bytes(id, strlen(id), it->sha256);
	if (r < 0 || it->id == NULL || it->title == NULL ||
	    it->segment == NULL || it->language == NULL ||
	    it->source_name == NULL || it->warnings == NULL ||
	    it->marks == NULL || it->more == NULL) {
		item_free(it);
		return -ENOMEM;
	}
	*ret_item = it;
	*ret_fd = -1;
	return 0;
}

static void
assume_close(struct library *lib)
{
	free(lib);
}

int
library_assume(struct library **ret_lib)
{
	struct library *lib = malloc(sizeof(*lib));

	if (lib == NULL)
		return -ENOMEM;
	*lib = (struct library){ assume_open, assume_close };
	*ret_lib = lib;
	return 0;
}

struct library *
library_close(struct library *lib)
{
	if (lib != NULL)
		lib->close(lib);
	return NULL;
}
