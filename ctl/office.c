/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/labels.h"
#include "base/words.h"
#include "ctl/office.h"
#include "scheduler/approval.h"
#include "scheduler/mourning.h"
#include "scheduler/schedule.h"

static enum standing
look(void *arg, const char *item, int64_t *ret_frames)
{
	const struct office *o = arg;
	struct item *it = NULL;
	enum standing s = office_standing(o, item, &it);

	if (it != NULL)
		*ret_frames = it->frames;
	item_free(it);
	return s;
}

/* Reading must not make the folder: a command that looks leaves no trace. */
static int
read_log(const struct root *root, struct registry *g)
{
	struct disk *disk;
	int r;

	if (access(root->log, F_OK) < 0)
		return errno == ENOENT ? 0 : -errno;
	r = disk_open(root->log, &disk);
	if (r < 0)
		return r;
	r = registry_read(g, disk);
	disk_close(disk);
	return r;
}

int
office_open(const struct root *root, struct office *ret_office)
{
	struct office *o = ret_office;
	int r;

	*o = (struct office){
		.look = { look, o },
		.items = root->items,
	};
	if (site_read(root->conf, &o->problems, &o->site) < 0)
		o->site = site_nothing();
	o->registry = registry_new();
	if (o->site == NULL || o->registry == NULL)
		return -ENOMEM;
	r = civil_zone(o->site->zone);
	if (r < 0)
		return r;
	r = library_folder(root->items, &o->library);
	return r < 0 ? r : read_log(root, o->registry);
}

void
office_close(struct office *o)
{
	o->site = site_free(o->site);
	o->registry = registry_free(o->registry);
	o->library = library_close(o->library);
	problems_free(&o->problems);
}

static enum standing
approval_standing(
    const struct office *o, const struct item *it, const char *segment)
{
	if (!o->site->approval)
		return ITEM_READY;
	switch (approval_of(o->registry, o->site, it, segment, NULL)) {
	case APPROVAL_FULL:
		return ITEM_READY;
	case APPROVAL_SECOND:
		return ITEM_SECOND;
	case APPROVAL_NONE:
	case APPROVAL_WITHDRAWN:
		break;
	}
	return ITEM_NOT_APPROVED;
}

enum standing
office_standing_in(const struct office *o, const char *item,
    const char *segment, struct item **ret_item)
{
	struct item *it = NULL;
	enum standing s;
	int fd = -1;
	int r = o->library->open(o->library, item, 0, &it, &fd);

	if (ret_item != NULL)
		*ret_item = NULL;
	if (r < 0)
		return r == -ENOENT ? ITEM_MISSING : ITEM_BAD;
	if (fd >= 0)
		close(fd);
	s = approval_standing(o, it, segment);
	if (ret_item != NULL)
		*ret_item = it;
	else
		item_free(it);
	return s;
}

enum standing
office_standing(
    const struct office *o, const char *item, struct item **ret_item)
{
	return office_standing_in(o, item, "", ret_item);
}

static const struct item_state approval_states[] = {
	[APPROVAL_NONE] = { "pending", N_("to be approved") },
	[APPROVAL_WITHDRAWN] = { "withdrawn", N_("withdrawn") },
	[APPROVAL_SECOND] = { "second", N_("waits for a second approval") },
	[APPROVAL_FULL] = { "approved", N_("approved") },
};

struct item_state
office_state(
    const struct office *o, const struct item *it, enum standing standing)
{
	struct item_state s = { "missing_item", N_("its sound is missing") };

	if (standing == ITEM_BAD || (it == NULL && standing != ITEM_MISSING))
		s = (struct item_state){ "bad_item",
			N_("unreadable; add it again") };
	else if (standing != ITEM_MISSING)
		s = approval_states[approval_of(
		    o->registry, o->site, it, "", NULL)];
	s.text = _(s.text);
	return s;
}

static bool
is_music(void *arg, const char *item)
{
	const struct office *o = arg;
	struct item *it = NULL;
	bool music;

	office_standing(o, item, &it);
	music = it != NULL && labels_music(it->more);
	item_free(it);
	return music;
}

int
office_plan(const struct office *o, const struct schedule *s, int64_t from_day,
    int64_t to_day, struct plan **ret_plan)
{
	const struct mourning_library lib = { is_music, (void *)o };
	struct plan *p;
	int r = plan_make(s, from_day, to_day, &p);

	if (r < 0)
		return r;
	r = mourning_silence(p, s, &lib);
	if (r < 0) {
		plan_free(p);
		return r;
	}
	*ret_plan = p;
	return 0;
}

static int
add_station(void *arg, const char *station)
{
	struct stations *s = arg;
	char **grown = realloc(s->ids, (s->n + 1) * sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	s->ids = grown;
	s->ids[s->n] = strdup(station);
	if (s->ids[s->n] == NULL)
		return -ENOMEM;
	s->n++;
	return 0;
}

int
stations_list(
    const struct root *root, const char *only, struct stations *ret_stations)
{
	struct stations all = { 0 };
	int r = only != NULL
		    ? add_station(&all, only)
		    : schedule_stations(root->schedules, add_station, &all);

	if (r == 0 && all.n == 0)
		r = -ENOENT;
	if (r < 0) {
		stations_free(&all);
		return r;
	}
	*ret_stations = all;
	return 0;
}

void
stations_free(struct stations *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->ids[i]);
	free(s->ids);
	*s = (struct stations){ 0 };
}

static const struct {
	const char *word;
	const char *text;
} prospects[PROSPECTS] = {
	[PROSPECT_AIR] = { "air", N_("ready") },
	[PROSPECT_PART] = { "air_partly", N_("will air in part") },
	[PROSPECT_RELAY] = { "relay", N_("relay: we stay silent") },
	[PROSPECT_NO_ITEMS] = { "no_items", N_("no item chosen") },
	[PROSPECT_MISSING] = { "missing_item", N_("file missing") },
	[PROSPECT_BAD] = { "bad_item", N_("file unreadable") },
	[PROSPECT_NOT_APPROVED] = { "not_approved", N_("not approved") },
	[PROSPECT_SECOND] = { "second", N_("waits for a second approval") },
	[PROSPECT_OUTSIDE_HOURS] = { "outside_hours",
	    N_("outside the allowed hours") },
};

const char *
prospect_word(enum prospect p)
{
	return prospects[p].word;
}

const char *
prospect_text(enum prospect p)
{
	return _(prospects[p].text);
}

enum prospect
office_why_not(enum standing s)
{
	switch (s) {
	case ITEM_MISSING:
		return PROSPECT_MISSING;
	case ITEM_BAD:
		return PROSPECT_BAD;
	case ITEM_NOT_APPROVED:
		return PROSPECT_NOT_APPROVED;
	case ITEM_SECOND:
		return PROSPECT_SECOND;
	case ITEM_READY:
		break;
	}
	return PROSPECT_AIR;
}

enum prospect
office_prospect(
    const struct office *o, const struct planned *p, const char **ret_item)
{
	enum prospect worst = PROSPECT_AIR;
	int64_t fence_us;
	size_t ready = 0;

	if (ret_item != NULL)
		*ret_item = NULL;
	if (p->content == CONTENT_RELAY)
		return PROSPECT_RELAY;
	if (!site_allows(o->site, p->start_us, &fence_us))
		return PROSPECT_OUTSIDE_HOURS;
	if (p->n_items == 0)
		return PROSPECT_NO_ITEMS;
	for (size_t i = 0; i < p->n_items; i++) {
		enum standing s =
		    office_standing_in(o, p->items[i], p->segment, NULL);

		if (s == ITEM_READY) {
			ready++;
			continue;
		}
		if (worst == PROSPECT_AIR && ret_item != NULL)
			*ret_item = p->items[i];
		if (worst == PROSPECT_AIR)
			worst = office_why_not(s);
	}
	return worst != PROSPECT_AIR && ready > 0 ? PROSPECT_PART : worst;
}
