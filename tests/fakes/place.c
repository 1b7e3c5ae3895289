/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/post.h"
#include "tests/fakes/place.h"

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

void
place_make(struct place *p, const char *site, const char *timetable)
{
	char audio[80];

	*p = (struct place){ 0 };
	folder_make(&p->folder);
	snprintf(audio, sizeof(audio), "%s/audio", p->folder.path);
	assert_int_equal(mkdir(audio, 0700), 0);
	folder_write(&p->folder, "etc/loaxa.conf", site);
	folder_write(&p->folder, "schedules/a.cfg", timetable);
	assert_int_equal(root_find(p->folder.path, &p->root), 0);
}

static void
approve(struct place *p, const char *id)
{
	struct post *post;
	int64_t seq;

	assert_int_equal(post_open(&p->root, &post), 0);
	assert_int_equal(post_record(post, KIND_APPROVE, "",
			     json_pack("{s:s,s:s,s:s}", "item", id, "sha256",
				 H64, "person", "p-1"),
			     &seq),
	    0);
	post_close(post);
}

void
place_item(
    struct place *p, const char *id, int64_t seconds, enum place_item how)
{
	char name[120], record[1000];

	snprintf(record, sizeof(record),
	    "{\"id\":\"%s\",\"title\":\"Bản tin %s\",\"segment\":\"\","
	    "\"language\":\"vi\",\"sha256\":\"" H64 "\",\"frames\":%lld,"
	    "\"channels\":1,\"lufs\":-23.5,\"peak_db\":-1,\"added_utc\":"
	    "\"2026-11-26T10:10:30.000000Z\",\"source_name\":\"a.mp3\","
	    "\"source_sha256\":\"" H64 "\",\"warnings\":[],\"marks\":[]}",
	    id, id, (long long)seconds * 48000);
	snprintf(name, sizeof(name), "audio/items/%s.json", id);
	folder_write(&p->folder, name, how == PLACE_BAD ? "junk" : record);
	snprintf(name, sizeof(name), "audio/items/%s.flac", id);
	folder_write(&p->folder, name, "sound");
	if (how == PLACE_APPROVED)
		approve(p, id);
}

void
place_open(struct place *p)
{
	assert_int_equal(office_open(&p->root, &p->office), 0);
	p->open = true;
}

void
place_end(struct place *p)
{
	if (p->open)
		office_close(&p->office);
	folder_remove(&p->folder);
}
