/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz - what the fuzzers share: libFuzzer's two entries, and a folder of
 * their own. They run from the top of the tree.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/problem.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* libconfig 1.5 forgets the text that it was reading when the syntax ended:
 * some bytes for every file that is refused so. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

/* A path in the process's own folder, below $FUZZ_TMP; valid until the next
 * call. */
static inline const char *
fuzz_path(const char *name)
{
	static char folder[64];
	static char path[128];

	if (folder[0] == '\0') {
		const char *tmp = getenv("FUZZ_TMP");

		snprintf(folder, sizeof(folder), "%s/loaxa-fuzz-%d",
		    tmp == NULL ? "/tmp" : tmp, (int)getpid());
		mkdir(folder, 0700);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void
fuzz_file(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(fuzz_path(name), "we");

	if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		abort();
}

/* A root's worth of configuration that is read in no time. */
static inline void
fuzz_root(void)
{
	static const char conf[] =
	    "hours = ( { days = \"T2-CN\"; from = \"00:00\";"
	    " to = \"24:00\"; } ); approval = \"none\";\n"
	    "outputs = ( { station = \"que-minh\"; driver = \"wav\";"
	    " file = \"/dev/null\"; } );\n";
	static const char timetable[] =
	    "station = \"que-minh\"; name = \"Quế Minh\";\n"
	    "segments = ( { id = \"ttdn\"; title = \"Thông tin\"; } );\n"
	    "slots = ( { id = \"a\"; days = \"T2-CN\"; at = \"05:00:00\";"
	    " for = \"00:10:00\"; item = \"nhac\"; },\n"
	    "{ id = \"b\"; days = \"T2-CN\"; at = \"05:10:00\";"
	    " for = \"00:10:00\"; segment = \"ttdn\"; } );\n";

	mkdir(fuzz_path("schedules"), 0700);
	mkdir(fuzz_path("schedules/que-minh"), 0700);
	fuzz_file("loaxa.conf", conf, sizeof(conf) - 1);
	fuzz_file("schedules/que-minh.cfg", timetable, sizeof(timetable) - 1);
}

/* Every problem can be said; then they are gone. */
static inline void
fuzz_problems(struct problems *ps)
{
	char text[2048];

	for (size_t i = 0; i < ps->n; i++)
		problem_text(&ps->list[i], text, sizeof(text));
	problems_free(ps);
}

#endif
