/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa push: sends the signed log to the upper level now, and says what came
 * of it. What talks to the network is loaxa-push.
 */
#include <stdbool.h>
#include <string.h>

#include "base/words.h"
#include "ctl/commands.h"

/* As --root means it. */
static const char *
root_word(const struct root *root)
{
	return strcmp(root->conf, "/etc/loaxa/loaxa.conf") == 0 ? "/"
								: root->top;
}

int
cmd_push(struct ctl *ctl, int argc, char **argv)
{
	bool watched = false;
	const struct arg args[] = { { "watch", ARG_FLAG, &watched } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	return command_become("loaxa-push",
	    (const char *const[]){ "--root", root_word(&ctl->root), "--once" },
	    watched ? 2 : 3);
}
