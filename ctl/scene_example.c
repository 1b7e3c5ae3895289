/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <string.h>

#include "ctl/scene_example.h"

#define HEAD \
	"station = \"que-minh\"; name = \"Quế Minh\";\n" \
	"segments = ( { id = \"ttdn\"; title = \"Thông tin\"; } );\n"
#define GAP "gap_filler = [ \"khong-co\", \"nhac\" ];\n"
#define SLOT(id, at, length, rest) \
	" { id = \"" id "\"; days = \"T2-CN\"; at = \"" at \
	"\"; for = \"" length "\"; " rest " }"

/* Slots inside and outside the hours 4-7 and 16-19, and across their end. It
 * breaks the rules, so only a first load takes it. */
static const char outside[] = HEAD "slots = (\n" SLOT("som", "04:00:00",
    "00:00:30", "item = \"nhac\";") ",\n" SLOT("mo-dau", "05:00:00", "00:00:30",
    "item = \"nhac\"; start = "
    "\"hard\";") ",\n" SLOT("ttdn", "05:00:30", "00:15:00",
    "segment = \"ttdn\";") ",\n" SLOT("vov", "05:15:30", "00:14:30",
    "relay = \"vov1\";") ",\n" SLOT("thong-bao", "05:30:00", "00:05:00",
    "item = \"tin\";") ",\n" SLOT("qua-gio", "06:50:00", "00:20:00",
    "item = \"dai\"; end = "
    "\"finish\";") ",\n" SLOT("trua", "12:00:00", "00:05:00",
    "item = \"tin\";") ",\n" SLOT("chieu", "16:00:00", "00:00:30",
    "item = \"nhac\"; start = "
    "\"hard\";") ",\n" SLOT("dem", "16:00:30", "00:05:00",
    "filler = \"nhac\";") ",\n" SLOT("phat-lai", "17:00:00", "00:15:00",
    "repeats = \"ttdn\"; rejoin = "
    "\"skip\";") ",\n" SLOT("mat", "18:00:00", "00:05:00",
    "item = \"khong-co\";") ",\n" SLOT("khuya", "22:00:00", "00:05:00",
    "item = \"tin\";") ",\n" SLOT("qua-dem", "23:58:00", "00:04:00",
    "item = \"tin\";") ");\n";

/* Two that keep the rules, and differ in what is when. */
static const char tidy[] = HEAD GAP "slots = (\n" SLOT("mo-dau", "05:00:00",
    "00:00:30", "item = \"nhac\"; start = \"hard\";") ",\n" SLOT("ttdn",
    "05:05:00", "00:15:00",
    "segment = \"ttdn\";") ",\n" SLOT("thong-bao", "05:30:00", "00:06:00",
    "item = \"tin\"; class = "
    "\"uu_tien\";") ",\n" SLOT("moi", "06:00:00", "00:10:00",
    "item = \"dai\"; end = \"finish\";") ",\n" SLOT("mem", "06:10:00",
    "00:05:00", "item = \"tin\";") ",\n" SLOT("chieu", "16:00:00", "00:00:30",
    "item = \"nhac\";") ",\n" SLOT("phat-lai", "17:00:00", "00:15:00",
    "repeats = \"ttdn\";") ",\n" SLOT("vov", "17:30:00", "00:09:30",
    "relay = \"vov1\";") ",\n" SLOT("cuoi", "18:30:00", "00:30:00",
    "item = \"dai\";") ");\n";

static const char moved[] = HEAD GAP "slots = (\n" SLOT("mo-dau", "04:59:00",
    "00:00:30", "item = \"nhac\"; start = \"hard\";") ",\n" SLOT("ttdn",
    "17:00:00", "00:15:00", "segment = \"ttdn\";") ",\n" SLOT("thong-bao",
    "05:29:00", "00:05:00", "item = \"tin\";") ",\n" SLOT("moi", "16:30:00",
    "00:10:00", "item = \"dai\"; end = \"finish\";") ",\n" SLOT("hong",
    "16:50:00", "00:05:00", "item = \"hong\";") ",\n" SLOT("vov", "18:00:00",
    "00:29:30", "relay = \"vov1\";") ",\n" SLOT("dem", "18:40:00", "00:10:00",
    "filler = \"tin\";") ");\n";

const char *const scene_example_timetables[] = { tidy, outside, moved, NULL };

#define STREAM \
	"; url = \"http://127.0.0.1/vov1\"; fallback = [ \"tin\", \"dai\" ]"
#define LINE "; line = \"plughw:CARD=Line\"; silence = 5"

/* `relay` is its source, or "" for another receiver. */
#define SITE(from1, to1, from2, to2, relay) \
	"approval = \"none\";\n" \
	"relays = ( { id = \"vov1\"; title = \"VOV1\"" relay "; } );\n" \
	"hours = ( { days = \"T2-CN\"; from = \"" from1 "\"; to = \"" to1 \
	"\"; },\n { days = \"T2-CN\"; from = \"" from2 "\"; to = \"" to2 \
	"\"; } );\n"

const char *const scene_example_sites[] = { SITE("04:00", "07:00", "16:00",
						"19:00", STREAM),
	SITE("04:30", "06:05", "16:00", "18:40", ""),
	SITE("04:00", "06:30", "16:00", "18:20", LINE), NULL };

const char scene_example_week[] =
    "program = ( { slot = \"ttdn\"; items = [ \"phan-1\", \"phan-2\" ]; } "
    ");\n";

int64_t
scene_example_frames(const char *item)
{
	static const struct {
		const char *item;
		int64_t ms;
	} items[] = { { "nhac", 30000 }, { "phan-1", 450000 },
		{ "phan-2", 450000 }, { "tin", 290000 }, { "dai", 1500000 },
		{ "hong", -1 } };

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (strcmp(items[i].item, item) == 0)
			return items[i].ms < 0 ? -1 : items[i].ms * 48;
	return 0;
}
