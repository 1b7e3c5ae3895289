/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/paper.h"
#include "ctl/say.h"

int
paper_code(const char *file, int r)
{
	if (r == -EEXIST)
		say_error(_("%s is there already; to replace it, add "
			    "--replace"),
		    file);
	else if (r < 0 && file[0] == '\0')
		say_error("%s", _("a file without a name cannot be written: "
				  "give it one behind -o or --xlsx"));
	else if (r < 0)
		say_error("%s: %s", file, say_errno(r));
	return r < 0 && file[0] == '\0' ? EX_USAGE : say_exit(r);
}

static int
no_letters(const char *words)
{
	say_error(_("no font of this computer has all letters of \"%s\": boxes "
		    "stand there. Have the administrator run: apt-get install "
		    "fonts-noto-core (Chinese, Japanese, Korean: "
		    "fonts-noto-cjk)"),
	    words);
	return EXIT_LACKING;
}

int
paper_write(const struct page_setup *setup, const char *file, bool replace,
    int *ret_pages)
{
	struct page_result result = { 0 };
	int r = page_make(setup, &result);

	if (r == -ENOENT) {
		say_error("%s", _("this computer has no font to print with. "
				  "Have the administrator run: apt-get install "
				  "fonts-noto-core"));
		return EX_UNAVAILABLE;
	}
	if (r == 0)
		r = page_file(file, replace, result.pdf, result.n);
	free(result.pdf);
	if (r < 0)
		return paper_code(file, r);
	*ret_pages = result.pages;
	return result.missing[0] == '\0' ? EX_OK : no_letters(result.missing);
}
