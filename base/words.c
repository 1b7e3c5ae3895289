/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"

static const char *language = "vi";

static const char *
choose(void)
{
	static const char *const names[] = { "LOAXA_LANG", "LANGUAGE", "LC_ALL",
		"LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value == NULL)
			continue;
		if (strncmp(value, "en", 2) == 0)
			return "en";
		if (strncmp(value, "vi", 2) == 0)
			return "vi";
	}
	return "vi";
}

/* DIR/po beside the running program, if it is there. */
static void
bind_catalogue(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 4);
	char *slash;

	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		memcpy(slash, "/po", 4);
		if (access(path, R_OK) == 0) {
			bindtextdomain("loaxa", path);
			return;
		}
	}
	bindtextdomain("loaxa", "/usr/share/locale");
}

void
words_open(void)
{
	language = choose();
	/* gettext ignores LANGUAGE in the plain C locale; C.UTF-8 is always
	 * there, keeps numbers plain, and lets UTF-8 through. */
	setlocale(LC_ALL, "C.UTF-8");
	setenv("LANGUAGE", language, 1);
	bind_catalogue();
	bind_textdomain_codeset("loaxa", "UTF-8");
	textdomain("loaxa");
}

const char *
words_date(int64_t day, struct civil_text *buf)
{
	return strcmp(language, "vi") == 0 ? civil_date_vn(day, buf)
					   : civil_date_text(day, buf);
}

const char *
words_language(void)
{
	return language;
}
