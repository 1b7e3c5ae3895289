/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "base/words.h"
#include "ctl/rowswords.h"
#include "ctl/say.h"
#include "evidence/store.h"

static const struct {
	int error;
	const char *text;
} words[] = {
	{ ENOPKG,
	    N_("PostgreSQL's library is not installed: apt install libpq5") },
	{ ENOTCONN,
	    N_("the database does not answer: does PostgreSQL run "
	       "(systemctl status postgresql), and is what was named with "
	       "--rows still right?") },
	{ ECONNRESET,
	    N_("the database went away in the middle of it: does PostgreSQL "
	       "run (systemctl status postgresql)?") },
	{ ENOSPC, N_("the disk of the database is full: free some space") },
	{ EACCES,
	    N_("the database gives no leave: its user must be the owner of "
	       "the database (ALTER DATABASE ... OWNER TO ...)") },
	{ EBUSY, N_("another program is writing to it; try again in a "
		    "moment") },
	{ EINVAL, N_("its file \"rows\" names no database: name it again with "
		     "loaxa collect --rows") },
};

const char *
rowswords(int error)
{
	static char text[800];
	const char *what = say_errno(error);
	const char *said = store_said();

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].error == -error)
			what = _(words[i].text);
	if (said[0] == '\0')
		return what;
	snprintf(text, sizeof(text), "%s (%s)", what, said);
	return text;
}
