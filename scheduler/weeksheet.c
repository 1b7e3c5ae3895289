/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "scheduler/sheet.h"
#include "scheduler/weeksheet.h"

/* The relay's name for people. */
static const char *
relay_title(const struct planned *p, const struct site *site)
{
	const struct site_relay *r = site_relay(site, p->ref);

	return r != NULL && r->title[0] != '\0' ? r->title : p->ref;
}

static enum sheet_kind
kind_of(const struct planned *p)
{
	char *folded;
	bool live;

	if (p->from_above)
		return SHEET_ABOVE;
	if (p->content != CONTENT_RELAY)
		return SHEET_FILE;
	folded = text_fold(p->title);
	live = folded != NULL && strncmp(folded, "tiep song", 9) == 0;
	free(folded);
	return live ? SHEET_LIVE : SHEET_RELAY;
}

static const char *
source_of(const struct planned *p, const struct site *site)
{
	if (p->content == CONTENT_RELAY)
		return relay_title(p, site);
	return p->from_above ? "cấp trên" : "đài xã";
}

static char *
title_of(const struct planned *p, const struct site *site)
{
	const char *title = p->title[0] != '\0' ? p->title : p->ref;
	char *again;

	if (p->content == CONTENT_RELAY && p->title[0] == '\0')
		title = relay_title(p, site);
	if (p->content != CONTENT_REPEAT)
		return strdup(title);
	return asprintf(&again, "%s (phát lại)", title) < 0 ? NULL : again;
}

/* What may be loaded back: a repeat's and a relay's stand elsewhere. */
static char *
items_of(const struct planned *p)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	if (p->content == CONTENT_ITEM || p->content == CONTENT_FILLER)
		fputs(p->ref, f);
	for (size_t i = 0; p->content == CONTENT_SEGMENT && i < p->n_items; i++)
		fprintf(f, "%s%s", i == 0 ? "" : "; ", p->items[i]);
	fclose(f);
	return text;
}

static bool
fill_row(
    struct sheet_row *row, const struct planned *p, const struct site *site)
{
	int64_t day;

	*row = (struct sheet_row){
		.weekday = (int)civil_weekday(p->day),
		.date = p->day,
		.for_s = (int)((p->end_us - p->start_us) / US_PER_S),
		.kind = kind_of(p),
		.title = title_of(p, site),
		.source = (char *)source_of(p, site),
		.language = p->language,
		.slot = p->slot,
		.items = items_of(p),
	};
	civil_from_us(p->start_us, &day, &row->at_s);
	return row->title != NULL && row->items != NULL;
}

int
weeksheet_write(FILE *out, const struct plan *p, const struct site *site)
{
	struct sheet_row *rows = calloc(p->n + 1, sizeof(*rows));
	bool whole = rows != NULL;

	for (size_t i = 0; whole && i < p->n; i++)
		whole = fill_row(&rows[i], &p->slots[i], site);
	if (whole)
		sheet_write(out, rows, p->n);
	for (size_t i = 0; rows != NULL && i < p->n; i++) {
		free(rows[i].title);
		free(rows[i].items);
	}
	free(rows);
	return whole ? 0 : -ENOMEM;
}
