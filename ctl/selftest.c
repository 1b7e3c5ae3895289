/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ctl/say.h"
#include "ctl/selftest.h"

#define MB INT64_C(1000000)
#define GB (1000 * MB)
#define ROOM_NOTE (2 * GB) /* some 30 hours of items */
#define ROOM_BAD (200 * MB) /* the log alone takes 12 MB a year */
#define SLOW_US (2 * US_PER_S) /* a start record has ten seconds */

const char *
health_name(enum health v)
{
	static const char *const names[HEALTHS] = { "good", "note", "bad" };

	return names[v];
}

__attribute__((format(printf, 4, 5))) static struct check
judged(const char *id, const char *name, enum health v, const char *fmt, ...)
{
	struct check c = { .id = id, .name = name, .health = v };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c.text, sizeof(c.text), fmt, ap);
	va_end(ap);
	return c;
}

__attribute__((format(printf, 3, 4))) static struct check
sound(const char *station, enum health v, const char *fmt, ...)
{
	struct check c = {
		.id = "sound", .name = N_("sound card"), .health = v
	};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c.text, sizeof(c.text), fmt, ap);
	va_end(ap);
	snprintf(c.station, sizeof(c.station), "%s", station);
	return c;
}

static struct check
sound_taken(const struct sound_facts *f)
{
	if (f->to_file)
		return sound(f->station, HEALTH_NOTE,
		    _("the output is a WAV file, no loudspeaker; it can be "
		      "written"));
	if (f->tone)
		return sound(f->station, HEALTH_GOOD,
		    _("%s took a second of a quiet tone; whether the "
		      "loudspeakers gave it, ears must tell"),
		    f->output);
	return sound(f->station, HEALTH_GOOD,
	    _("%s took a second of silence (a tone sounds in the allowed hours "
	      "only, and without --silent)"),
	    f->output);
}

static struct check
muted(const char *station, const char *output)
{
	return sound(station, HEALTH_BAD,
	    _("%s is MUTED or turned right down in its own mixer; turn it up "
	      "with `alsamixer`"),
	    output);
}

struct check
selftest_sound(const struct sound_facts *f)
{
	if (!f->has_output)
		return sound(f->station, HEALTH_BAD,
		    _("etc/loaxa.conf names no output for this station; "
		      "nothing of it is heard"));
	if (f->started < 0)
		return sound(f->station, HEALTH_BAD,
		    _("loaxa-player does not start: %s; install loaxa anew"),
		    say_errno(f->started));
	if (!f->opened && f->to_file)
		return sound(f->station, HEALTH_BAD,
		    _("the output is a WAV file, and cannot be written%s%s"),
		    f->said[0] == '\0' ? "" : ": ", f->said);
	if (!f->opened)
		return sound(f->station, HEALTH_BAD,
		    _("%s does not open%s%s; is it plugged in, and is it the "
		      "card that `aplay -L` shows?"),
		    f->output, f->said[0] == '\0' ? "" : ": ", f->said);
	if (f->ended == ENDED_PROCESS_DIED)
		return sound(f->station, HEALTH_BAD,
		    _("%s opens but takes no sound: the player hung or died in "
		      "it"),
		    f->output);
	if (f->ended == ENDED_FENCE)
		return sound(f->station, HEALTH_NOTE,
		    _("the allowed hours ended during the tone; try again"));
	if (f->ended != ENDED_WHOLE || !f->all)
		return sound(f->station, HEALTH_BAD,
		    _("%s opens but did not take all of the sound (%s)"),
		    f->output, ended_word(f->ended));
	if (f->muted)
		return muted(f->station, f->output);
	return sound_taken(f);
}

struct check
selftest_sound_status(
    const char *station, const char *device, const char *text, bool is_muted)
{
	if (is_muted && strcmp(device, "lost") != 0)
		return muted(station, _("the sound card"));
	if (strcmp(device, "ok") == 0)
		return sound(
		    station, HEALTH_GOOD, _("taking sound, says loaxad"));
	if (strcmp(device, "closed") == 0)
		return sound(station, HEALTH_GOOD,
		    _("loaxad opens it before the next slot; stop loaxad to "
		      "try it now"));
	if (strcmp(device, "lost") == 0)
		return sound(station, HEALTH_BAD,
		    _("LOST, says loaxad%s%s; it tries again every 10 s"),
		    text[0] == '\0' ? "" : ": ", text);
	return sound(station, HEALTH_NOTE, _("loaxad does not say"));
}

bool
selftest_numbered(const char *driver, const char *device)
{
	const char *card = strstr(device, "CARD=");
	const char *colon = strchr(device, ':');

	if (strcmp(driver, "alsa") != 0 || colon == NULL)
		return false;
	card = card == NULL ? colon + 1 : card + strlen("CARD=");
	return *card >= '0' && *card <= '9';
}

struct check
selftest_card(const char *station, const char *device)
{
	return sound(station, HEALTH_NOTE,
	    _("%s names the card by its number, which changes when it is "
	      "pulled or the computer starts; write its name as `aplay -L` "
	      "shows it, such as plughw:CARD=Device"),
	    device);
}

struct check
selftest_daemon(bool runs, bool answers)
{
	if (runs && answers)
		return judged(
		    "daemon", "loaxad", HEALTH_GOOD, "%s", _("running"));
	if (runs)
		return judged("daemon", "loaxad", HEALTH_BAD, "%s",
		    _("runs, but does not answer you: it hangs, or you may not "
		      "ask it; look at `journalctl -u loaxad`"));
	return judged("daemon", "loaxad", HEALTH_NOTE, "%s",
	    _("not running: nothing airs until it is started"));
}

struct check
selftest_clock(enum trust trust, int64_t now_us)
{
	struct civil_text buf;
	const char *when = say_instant(now_us, &buf);
	static const char name[] = N_("clock");

	switch (trust) {
	case TRUST_SYNCED:
		return judged("clock", name, HEALTH_GOOD,
		    _("%s, kept right by a time server"), when);
	case TRUST_CONFIRMED:
		return judged("clock", name, HEALTH_GOOD,
		    _("%s, confirmed by a person"), when);
	case TRUST_PLAUSIBLE:
		return judged("clock", name, HEALTH_NOTE,
		    _("%s is plausible, but nobody vouches for it; compare it "
		      "with a telephone"),
		    when);
	case TRUST_UNSURE:
	case TRUSTS:
		break;
	}
	return judged("clock", name, HEALTH_BAD,
	    _("%s is not trusted, so nothing would air; `loaxa clock` says why "
	      "and what to do"),
	    when);
}

/* "41 GB", "850 MB" */
static const char *
room_text(int64_t bytes, char buf[static 32])
{
	struct civil_text gb;

	if (bytes >= 10 * GB)
		snprintf(buf, 32, "%lld GB", (long long)(bytes / GB));
	else if (bytes >= GB)
		snprintf(buf, 32, "%s GB",
		    say_decimal((double)bytes / (double)GB, 1, &gb));
	else
		snprintf(buf, 32, "%lld MB", (long long)(bytes / MB));
	return buf;
}

struct check
selftest_disk(const struct disk_facts *f)
{
	static const char name[] = N_("disk");
	char room[32];

	room_text(f->free_bytes, room);
	if (f->write < 0)
		return judged("disk", name, HEALTH_BAD,
		    _("cannot be written: %s; the log cannot be kept"),
		    say_errno(f->write));
	if (f->free_bytes < ROOM_BAD)
		return judged("disk", name, HEALTH_BAD,
		    _("only %s left; move backups and old files away"), room);
	if (f->write_us > SLOW_US)
		return judged("disk", name, HEALTH_NOTE,
		    _("%s left, but a small file took %lld s to arrive; the "
		      "disk may be failing"),
		    room, (long long)(f->write_us / US_PER_S));
	if (f->free_bytes < ROOM_NOTE)
		return judged("disk", name, HEALTH_NOTE,
		    _("%s left; it will not last long"), room);
	return judged("disk", name, HEALTH_GOOD, _("%s left"), room);
}

struct check
selftest_rights(const struct rights_facts *f)
{
	static const char name[] = N_("rights");

	if (f->error < 0)
		return judged("rights", name, HEALTH_BAD, "%s: %s", f->path,
		    say_errno(f->error));
	if (f->owner[0] != '\0')
		return judged("rights", name, HEALTH_BAD,
		    _("%s belongs to %s, the rest to %s; `chown` it"), f->path,
		    f->owner, f->wanted);
	return judged(
	    "rights", name, HEALTH_GOOD, "%s", _("every folder can be used"));
}

struct check
selftest_programs(const struct program_facts *f)
{
	static const char name[] = N_("programs");

	if (f->relay[0] != '\0')
		return judged("programs", name, HEALTH_BAD,
		    _("the relay \"%s\" takes %s, which is not installed, so "
		      "it stays silent; have the administrator run: apt-get "
		      "install %s"),
		    f->relay, f->program, f->package);
	if (!f->phones)
		return judged("programs", name, HEALTH_NOTE,
		    _("%s is not installed, so nothing that phones and Zalo "
		      "record (m4a, amr, 3gp, mp4) can be added; have the "
		      "administrator run: apt-get install %s"),
		    f->phones_package, f->phones_package);
	return judged("programs", name, HEALTH_GOOD, "%s",
	    _("all that are needed are installed"));
}

struct check
selftest_schedules(const struct schedule_facts *f)
{
	static const char name[] = N_("stations' schedules");

	if (f->site_problems > 0)
		return judged("schedules", name, HEALTH_BAD,
		    _("etc/loaxa.conf has %lld problems, so nothing may sound; "
		      "the first: %s"),
		    (long long)f->site_problems, f->first);
	if (f->stations == 0)
		return judged("schedules", name, HEALTH_BAD, "%s",
		    _("there is no station yet; write schedules/NAME.cfg"));
	if (f->problems > 0)
		return judged("schedules", name, HEALTH_BAD,
		    _("%lld problems (`loaxa check` lists them); the first: "
		      "%s"),
		    (long long)f->problems, f->first);
	return judged("schedules", name, HEALTH_GOOD, _("%lld, no problems"),
	    (long long)f->stations);
}

struct check
selftest_library(const struct library_facts *f)
{
	static const char name[] = N_("library");

	if (f->error < 0)
		return judged("library", name, HEALTH_BAD,
		    _("cannot be read: %s"), say_errno(f->error));
	if (f->bad > 0)
		return judged("library", name, HEALTH_BAD,
		    _("%lld of %lld items cannot be played, the first: %s; "
		      "`loaxa add --replace` puts one right"),
		    (long long)f->bad, (long long)f->items, f->first);
	if (f->items == 0)
		return judged("library", name, HEALTH_NOTE, "%s",
		    _("empty; `loaxa add` fills it"));
	return judged("library", name, HEALTH_GOOD,
	    _("%lld items, all readable"), (long long)f->items);
}

struct check
selftest_bank(int64_t ready)
{
	static const char name[] = N_("emergency bank");

	if (ready == 0)
		return judged("bank", name, HEALTH_NOTE, "%s",
		    _("nothing lies ready for an emergency; "
		      "`loaxa emergency --bank` says what to do"));
	return judged(
	    "bank", name, HEALTH_GOOD, _("%lld items ready"), (long long)ready);
}

struct check
selftest_log(const struct log_facts *f)
{
	static const char name[] = N_("airing log");

	if (f->error == -ENOENT)
		return judged("log", name, HEALTH_NOTE, "%s",
		    _("none yet; loaxad begins it"));
	if (f->error < 0)
		return judged("log", name, HEALTH_BAD,
		    _("does not open: %s; keep a copy and call support"),
		    say_errno(f->error));
	if (f->findings > 0)
		return judged("log", name, HEALTH_BAD,
		    _("%lld things found wrong (`loaxa audit` lists them); the "
		      "first: %s"),
		    (long long)f->findings, f->first);
	return judged("log", name, HEALTH_GOOD,
	    _("%lld records, every promise kept"), (long long)f->records);
}

struct check
selftest_zone(const char *zone, const char *offset)
{
	static const char name[] = N_("time zone");

	if (offset == NULL)
		return judged("zone", name, HEALTH_BAD,
		    _("this computer does not know \"%s\"; install tzdata"),
		    zone);
	return judged("zone", name, HEALTH_GOOD, "%s (UTC%s)", zone, offset);
}

struct check
selftest_language(const char *language, bool has_words)
{
	static const char name[] = N_("language");

	if (!has_words)
		return judged("language", name, HEALTH_NOTE,
		    "Vietnamese messages are not installed (loaxa.mo)");
	return judged("language", name, HEALTH_GOOD, "%s",
	    strcmp(language, "vi") == 0 ? "Tiếng Việt" : "English");
}
