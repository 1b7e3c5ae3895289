/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/words.h"
#include "ctl/need.h"
#include "playout/foreign.h"
#include "playout/tap_exec.h"

#define FFMPEG_PACKAGE "ffmpeg"

static const struct need url_need = { TAP_URL_PROGRAM, FFMPEG_PACKAGE };
static const struct need line_need = { TAP_LINE_PROGRAM, "alsa-utils" };

struct need
need_of_intake(void)
{
	const char *other = getenv("LOAXA_FFMPEG");

	return (struct need){
		other != NULL && other[0] != '\0' ? other : FOREIGN_PROGRAM,
		FFMPEG_PACKAGE
	};
}

const struct need *
need_of_relay(const struct site_relay *r)
{
	if (r->url != NULL)
		return &url_need;
	return r->line != NULL ? &line_need : NULL;
}

/* Not access(): the daemon runs it as another user than the one who asks. */
bool
need_has(const char *program)
{
	struct stat st;

	return stat(program, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111) != 0;
}

static bool
lacks(const struct site_relay *r, bool (*has)(const char *program))
{
	const struct need *need = need_of_relay(r);

	return need != NULL && !has(need->program);
}

void
need_check(const struct site *s, bool (*has)(const char *program),
    const char *conf, struct problems *ps)
{
	for (size_t i = 0; i < s->n_relays; i++) {
		const struct site_relay *r = &s->relays[i];

		if (lacks(r, has))
			problem_add(ps, conf, r->source_line,
			    _("the relay \"%s\" takes the program %s, which "
			      "this computer does not have; have the "
			      "administrator run: apt-get install %s"),
			    r->id, need_of_relay(r)->program,
			    need_of_relay(r)->package);
	}
}

const struct site_relay *
need_lacking(const struct site *s, bool (*has)(const char *program))
{
	for (size_t i = 0; i < s->n_relays; i++)
		if (lacks(&s->relays[i], has))
			return &s->relays[i];
	return NULL;
}
