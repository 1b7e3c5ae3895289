/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ballast.h"
#include "base/base64.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/cfg.h"
#include "scheduler/site.h"

#define SITE_BYTES_MAX (256 << 10) /* far above any real one */
#define RELAYS_MAX 100
#define FALLBACK_MAX 50 /* items of a relay */
#define OUTPUTS_MAX 100 /* stations that one computer plays */
#define COMMAND_MAX 32 /* arguments, or words */
#define SECOND_MAX 100 /* more than there are headings */
#define COSIGNERS_MAX 16
#define PUSHES_MAX 4 /* upper levels that a log is sent to */
#define VKEY_BYTES 33 /* of a cosigner: its type, 0x04, and its key */

static const char *const site_keys[] = { PROFILE_KEYS, "zone", "profile",
	"approval", "same_person", "second_approval", "groups",
	"plausible_clock", "loudness", "ballast_mb", "relays", "outputs",
	"metrics", "on_event", "cosigners", "push", NULL };
static const char *const push_keys[] = { "url", "ca", "every_min", NULL };
static const char *const relay_keys[] = { "id", "title", "url", "line",
	"connect_ahead", "silence", "silence_db", "gain_db", "fallback", NULL };
static const char *const output_keys[] = { "station", "driver", "device",
	"file", "buffer_ms", "latency_ms", "loudness", "amplifier", "warm_up",
	NULL };
static const char *const amplifier_keys[] = { "before", "after", "lead", "lag",
	"longest_s", NULL };

static const char *const event_keys[] = { "command", "kinds", "statuses",
	"longest_s", NULL };
/* As kind_word() and the log's statuses. */
static const char *const kind_words[] = { "boot", "clock", "schedule", "day",
	"item", "approve", "withdraw", "start", "end", "slot", "op", "anchor",
	"correct", "epoch", NULL };
static const char *const status_words[] = { "aired", "aired_partial",
	"not_aired", "unscheduled", "external", NULL };

static const char *const approval_words[] = { "required", "none", NULL };
static const char *const loudness_words[] = { "off", NULL };
static const char *const driver_words[] = { "alsa", "pulse", "wav", NULL };

struct site *
site_nothing(void)
{
	struct site *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->approval = true;
	s->loudness = LOUDNESS_TARGET_LUFS;
	s->ballast_mb = BALLAST_MB;
	s->zone = strdup("Asia/Ho_Chi_Minh");
	if (profile_init(&s->rules) < 0 || s->zone == NULL)
		return site_free(s);
	return s;
}

static void
free_amplifier(struct site_amplifier *a)
{
	cfg_texts_free(a->before, a->n_before);
	cfg_texts_free(a->after, a->n_after);
}

struct site *
site_free(struct site *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->n_relays; i++) {
		free(s->relays[i].id);
		free(s->relays[i].title);
		free(s->relays[i].url);
		free(s->relays[i].line);
		cfg_texts_free(s->relays[i].fallback, s->relays[i].n_fallback);
	}
	for (size_t i = 0; i < s->n_outputs; i++) {
		free(s->outputs[i].station);
		free(s->outputs[i].driver);
		free(s->outputs[i].device);
		free(s->outputs[i].file);
		free_amplifier(&s->outputs[i].amplifier);
	}
	cfg_texts_free(s->second, s->n_second);
	cfg_texts_free(s->cosigners, s->n_cosigners);
	for (size_t i = 0; i < s->n_pushes; i++) {
		free(s->pushes[i].url);
		free(s->pushes[i].ca);
	}
	free(s->pushes);
	for (int r = 0; r < RIGHTS; r++)
		free(s->groups[r]);
	free(s->metrics);
	cfg_texts_free(s->on_event.command, s->on_event.n_command);
	cfg_texts_free(s->on_event.kinds, s->on_event.n_kinds);
	cfg_texts_free(s->on_event.statuses, s->on_event.n_statuses);
	free(s->relays);
	free(s->outputs);
	profile_clear(&s->rules);
	free(s->zone);
	free(s);
	return NULL;
}

static void
read_zone(struct cfg *c, struct site *s)
{
	const config_setting_t *root = cfg_root(c);

	if (!cfg_text(c, root, "zone", CFG_OPTIONAL, &s->zone) ||
	    civil_zone_known(s->zone))
		return;
	cfg_problem(c, config_setting_get_member(root, "zone"),
	    _("zone: this system knows no time zone \"%s\"; write one such as "
	      "\"Asia/Ho_Chi_Minh\""),
	    s->zone);
}

/* The folder profiles/ beside the site's own file; yours. */
static char *
profiles_beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash == NULL ? 0 : (int)(slash - path) + 1;
	char *folder;

	return asprintf(&folder, "%.*sprofiles", n, path) < 0 ? NULL : folder;
}

/* Nothing can be said of hours while the profile that may have them could not
 * be read. */
static void
want_hours(struct cfg *c, const struct site *s, bool profile_failed)
{
	const config_setting_t *list;
	size_t n;

	if (!profile_failed && !s->rules.has_hours &&
	    !cfg_has(cfg_root(c), "hours"))
		cfg_list(c, cfg_root(c), "hours", CFG_REQUIRED, 0, &list, &n);
}

/* The profile first, so that the site's own keys replace its. */
static int
read_rules(struct cfg *c, const char *path, struct problems *ps, struct site *s)
{
	char *id = NULL;
	char *folder;
	int read = 0;
	int r;

	if (cfg_id(c, cfg_root(c), "profile", CFG_OPTIONAL, &id)) {
		folder = profiles_beside(path);
		read = folder == NULL ? -ENOMEM
				      : profile_read(folder, id, ps, &s->rules);
		free(folder);
		free(id);
	}
	if (read == -ENOMEM)
		return read;
	r = profile_take(c, &s->rules);
	want_hours(c, s, read < 0);
	return r;
}

/* A figure in LUFS, or "off". */
static void
read_loudness(struct cfg *c, const config_setting_t *g, double *ret)
{
	const config_setting_t *v = config_setting_get_member(g, "loudness");
	int word;

	if (v == NULL || config_setting_type(v) != CONFIG_TYPE_STRING)
		cfg_number(c, g, "loudness", CFG_OPTIONAL, LOUDNESS_TARGET_MIN,
		    LOUDNESS_TARGET_MAX, "-16.0", ret);
	else if (cfg_word(
		     c, g, "loudness", CFG_OPTIONAL, loudness_words, &word))
		*ret = LOUDNESS_OFF;
}

static void
read_policy(struct cfg *c, struct site *s)
{
	const config_setting_t *root = cfg_root(c);
	int approval = 0;

	cfg_bool(c, root, "plausible_clock", &s->plausible_clock);
	cfg_int(c, root, "ballast_mb", CFG_OPTIONAL, 0, BALLAST_MB_MAX,
	    &s->ballast_mb);
	read_loudness(c, root, &s->loudness);
	cfg_bool(c, root, "same_person", &s->same_person);
	cfg_texts(c, root, "second_approval", CFG_OPTIONAL, CFG_TEXTS,
	    SECOND_MAX, &s->second, &s->n_second);
	if (cfg_word(
		c, root, "approval", CFG_OPTIONAL, approval_words, &approval))
		s->approval = approval == 0;
}

static void
read_groups(struct cfg *c, struct site *s)
{
	const char *keys[RIGHTS + 1] = { NULL };
	const config_setting_t *g;

	for (int r = 0; r < RIGHTS; r++)
		keys[r] = rights_word((enum right)r);
	if (!cfg_group(c, cfg_root(c), "groups", CFG_OPTIONAL, &g))
		return;
	cfg_known(c, g, keys);
	for (int r = 0; r < RIGHTS; r++)
		cfg_text(c, g, keys[r], CFG_OPTIONAL, &s->groups[r]);
}

/* NAME+ID+base64(TYPE || KEY), the ID as signed-note v1.0.0 makes it: the first
 * 4 bytes of SHA-256(NAME || LF || TYPE || KEY). */
static bool
is_cosigner(const char *vkey)
{
	unsigned char typed[VKEY_BYTES];
	unsigned char md[HASH_BYTES];
	char id[9];
	size_t n;
	const char *plus = strchr(vkey, '+');
	const char *base64 = plus == NULL ? NULL : strchr(plus + 1, '+');

	if (base64 == NULL || plus == vkey || base64 - plus != 9 ||
	    base64_bytes(
		base64 + 1, strlen(base64 + 1), typed, sizeof(typed), &n) < 0 ||
	    n != sizeof(typed) || typed[0] != 0x04)
		return false;
	{
		char said[CFG_TEXT_MAX + 2 + VKEY_BYTES];
		size_t name = (size_t)(plus - vkey);

		memcpy(said, vkey, name);
		said[name] = '\n';
		memcpy(said + name + 1, typed, sizeof(typed));
		hash_behind((unsigned char)said[0], said + 1,
		    name + sizeof(typed), NULL, 0, md);
	}
	snprintf(
	    id, sizeof(id), "%02x%02x%02x%02x", md[0], md[1], md[2], md[3]);
	return strncmp(id, plus + 1, 8) == 0;
}

/* A key with a slip in it would be an upper level that nobody is. */
static void
read_cosigners(struct cfg *c, struct site *s)
{
	const config_setting_t *root = cfg_root(c);

	cfg_texts(c, root, "cosigners", CFG_OPTIONAL, CFG_TEXTS, COSIGNERS_MAX,
	    &s->cosigners, &s->n_cosigners);
	for (size_t i = 0; i < s->n_cosigners; i++)
		if (!is_cosigner(s->cosigners[i]))
			cfg_problem(c,
			    config_setting_get_member(root, "cosigners"),
			    _("cosigners: \"%s\" is no key of an upper level; "
			      "write the line that `loaxa collect --key` "
			      "prints there"),
			    s->cosigners[i]);
}

/* In the clear only to this computer itself: what is sent must not be changed
 * on its way. */
static bool
is_push_url(const char *url)
{
	static const char *const begins[] = { "https://", "http://127.0.0.1",
		"http://[::1]" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t n = strlen(begins[i]);

		if (strncmp(url, begins[i], n) == 0 && url[n] != '\0' &&
		    (i == 0 || strchr(":/", url[n]) != NULL))
			return true;
	}
	return false;
}

static void
read_push(struct cfg *c, const config_setting_t *g, struct site_push *p)
{
	p->every_min = 180;
	cfg_known(c, g, push_keys);
	cfg_text(c, g, "ca", CFG_OPTIONAL, &p->ca);
	cfg_int(c, g, "every_min", CFG_OPTIONAL, 5, 1440, &p->every_min);
	if (!cfg_text(c, g, "url", CFG_REQUIRED, &p->url))
		return;
	if (!is_push_url(p->url))
		cfg_problem(c, config_setting_get_member(g, "url"),
		    _("push: \"%s\" is no address of an upper level; write one "
		      "that begins with https://"),
		    p->url);
	while (p->url[0] != '\0' && p->url[strlen(p->url) - 1] == '/')
		p->url[strlen(p->url) - 1] = '\0';
}

/* What is sent and cosigned by nobody who is known here would be for nothing. */
static void
read_pushes(struct cfg *c, struct site *s)
{
	const config_setting_t *list;
	size_t n;

	if (!cfg_list(
		c, cfg_root(c), "push", CFG_OPTIONAL, PUSHES_MAX, &list, &n) ||
	    n == 0)
		return;
	if (!cfg_has(cfg_root(c), "cosigners"))
		cfg_problem(c, list,
		    _("push needs cosigners as well: the line that `loaxa "
		      "collect --key` prints at the upper level"));
	s->pushes = calloc(n, sizeof(*s->pushes));
	if (s->pushes == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_push(
			    c, cfg_at(list, i), &s->pushes[s->n_pushes++]);
}

/* A misspelt word would be an alarm that never comes. */
static void
check_words(struct cfg *c, const config_setting_t *g, const char *key,
    char *const *texts, size_t n, const char *const *words)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (words[k] != NULL && strcmp(words[k], texts[i]) != 0)
			k++;
		if (words[k] == NULL)
			cfg_problem(c, config_setting_get_member(g, key),
			    _("%s: the log has no \"%s\"; loaxa-log(5) lists "
			      "the words"),
			    key, texts[i]);
	}
}

static void
read_event(struct cfg *c, struct site *s)
{
	struct site_event *e = &s->on_event;
	const config_setting_t *g;

	e->longest_s = 30;
	if (!cfg_group(c, cfg_root(c), "on_event", CFG_OPTIONAL, &g))
		return;
	cfg_known(c, g, event_keys);
	cfg_texts(c, g, "command", CFG_REQUIRED, CFG_TEXTS, COMMAND_MAX,
	    &e->command, &e->n_command);
	e->command_line = cfg_line(g, "command");
	cfg_texts(c, g, "kinds", CFG_OPTIONAL, CFG_TEXTS, COMMAND_MAX,
	    &e->kinds, &e->n_kinds);
	cfg_texts(c, g, "statuses", CFG_OPTIONAL, CFG_TEXTS, COMMAND_MAX,
	    &e->statuses, &e->n_statuses);
	cfg_seconds(c, g, "longest_s", 1, 600, &e->longest_s);
	check_words(c, g, "kinds", e->kinds, e->n_kinds, kind_words);
	check_words(c, g, "statuses", e->statuses, e->n_statuses, status_words);
}

/* An address goes to ffmpeg and a device to arecord, word for word. */
static void
check_source(
    struct cfg *c, const config_setting_t *g, const struct site_relay *relay)
{
	if (relay->url != NULL && strncmp(relay->url, "http://", 7) != 0 &&
	    strncmp(relay->url, "https://", 8) != 0)
		cfg_problem(c, config_setting_get_member(g, "url"),
		    _("url: \"%s\" is no stream's address; write one that "
		      "begins with http:// or https://"),
		    relay->url);
	if (relay->line != NULL && relay->line[0] == '-')
		cfg_problem(c, config_setting_get_member(g, "line"),
		    _("line: \"%s\" is no sound device; write one such as "
		      "\"plughw:CARD=Line\" (`arecord -L` lists them)"),
		    relay->line);
	if (relay->line != NULL && strncmp(relay->line, "hw:", 3) == 0)
		cfg_problem(c, config_setting_get_member(g, "line"),
		    _("line: \"%s\" gives sound only at its own speed, and a "
		      "wrong one is heard as a wrong pitch; write \"plug%s\""),
		    relay->line, relay->line);
	if (relay->url != NULL && relay->line != NULL)
		cfg_problem(c, config_setting_get_member(g, "line"),
		    _("a relay has a url or a line, and not both; keep one of "
		      "the two"));
	if (relay->url == NULL && relay->line == NULL && cfg_has(g, "fallback"))
		cfg_problem(c, config_setting_get_member(g, "fallback"),
		    _("fallback is for a relay with a url or a line: without, "
		      "nobody knows when its signal is lost; write one of "
		      "them, or leave fallback out"));
}

static void
read_source(struct cfg *c, const config_setting_t *g, struct site_relay *relay)
{
	relay->connect_ahead_s = 20;
	relay->silence_s = 20;
	relay->silence_db = -50;
	cfg_text(c, g, "url", CFG_OPTIONAL, &relay->url);
	cfg_text(c, g, "line", CFG_OPTIONAL, &relay->line);
	relay->source_line = cfg_line(g, relay->url != NULL ? "url" : "line");
	cfg_seconds(c, g, "connect_ahead", 2, 110, &relay->connect_ahead_s);
	cfg_seconds(c, g, "silence", 2, 600, &relay->silence_s);
	cfg_number(c, g, "silence_db", CFG_OPTIONAL, -90, -10, "-50.0",
	    &relay->silence_db);
	cfg_number(
	    c, g, "gain_db", CFG_OPTIONAL, -30, 30, "-6.0", &relay->gain_db);
	cfg_texts(c, g, "fallback", CFG_OPTIONAL, CFG_IDS, FALLBACK_MAX,
	    &relay->fallback, &relay->n_fallback);
	check_source(c, g, relay);
}

static void
read_relay(struct cfg *c, const config_setting_t *g, struct site *s, size_t i)
{
	struct site_relay *relay = &s->relays[i];

	cfg_known(c, g, relay_keys);
	cfg_text(c, g, "title", CFG_OPTIONAL, &relay->title);
	read_source(c, g, relay);
	if (!cfg_id(c, g, "id", CFG_REQUIRED, &relay->id))
		return;
	if (relay->title == NULL)
		relay->title = strdup(relay->id);
	for (size_t j = 0; j < i; j++)
		if (s->relays[j].id != NULL &&
		    strcmp(s->relays[j].id, relay->id) == 0)
			cfg_problem(c, g,
			    _("the relay \"%s\" is already there; keep one of "
			      "the two"),
			    relay->id);
}

static void
read_relays(struct cfg *c, struct site *s)
{
	const config_setting_t *list;
	size_t n;

	if (!cfg_list(
		c, cfg_root(c), "relays", CFG_OPTIONAL, RELAYS_MAX, &list, &n))
		return;
	s->relays = calloc(n + 1, sizeof(*s->relays));
	if (s->relays == NULL)
		return;
	s->n_relays = n;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_relay(c, cfg_at(list, i), s, i);
}

/* A file belongs to the driver "wav", and a device to the others. */
static void
check_output(struct cfg *c, const config_setting_t *g)
{
	const char *driver;
	bool wav;

	if (config_setting_lookup_string(g, "driver", &driver) != CONFIG_TRUE)
		return;
	wav = strcmp(driver, "wav") == 0;
	if (wav && !cfg_has(g, "file"))
		cfg_problem(c, g,
		    _("the driver \"wav\" needs a file; write file = "
		      "\"var/out/station.wav\";"));
	if (!wav && cfg_has(g, "file"))
		cfg_problem(c, config_setting_get_member(g, "file"),
		    _("file is for the driver \"wav\" only; remove it"));
	if (wav && cfg_has(g, "device"))
		cfg_problem(c, config_setting_get_member(g, "device"),
		    _("the driver \"wav\" has no device; remove it"));
}

/* Both commands: what only switches on would leave it on for ever. */
static void
read_amplifier(
    struct cfg *c, const config_setting_t *output, struct site_amplifier *a)
{
	const config_setting_t *g;

	a->lead_s = 120;
	a->lag_s = 30;
	a->longest_s = 30;
	if (!cfg_group(c, output, "amplifier", CFG_OPTIONAL, &g))
		return;
	cfg_known(c, g, amplifier_keys);
	cfg_texts(c, g, "before", CFG_REQUIRED, CFG_TEXTS, COMMAND_MAX,
	    &a->before, &a->n_before);
	cfg_texts(c, g, "after", CFG_REQUIRED, CFG_TEXTS, COMMAND_MAX,
	    &a->after, &a->n_after);
	a->before_line = cfg_line(g, "before");
	a->after_line = cfg_line(g, "after");
	cfg_seconds(c, g, "lead", 0, 600, &a->lead_s);
	cfg_seconds(c, g, "lag", 0, 600, &a->lag_s);
	cfg_seconds(c, g, "longest_s", 1, 600, &a->longest_s);
}

static void
read_output(struct cfg *c, const config_setting_t *g, struct site *s, size_t i)
{
	struct site_output *out = &s->outputs[i];
	int driver;

	out->buffer_ms = 200;
	out->loudness = s->loudness;
	out->device = strdup("");
	out->file = strdup("");
	cfg_known(c, g, output_keys);
	if (cfg_word(c, g, "driver", CFG_REQUIRED, driver_words, &driver)) {
		out->driver = strdup(driver_words[driver]);
		check_output(c, g);
	}
	cfg_text(c, g, "device", CFG_OPTIONAL, &out->device);
	cfg_text(c, g, "file", CFG_OPTIONAL, &out->file);
	cfg_int(c, g, "buffer_ms", CFG_OPTIONAL, 20, 2000, &out->buffer_ms);
	cfg_int(c, g, "latency_ms", CFG_OPTIONAL, 0, 2000, &out->latency_ms);
	cfg_seconds(c, g, "warm_up", 0, 600, &out->warm_up_s);
	read_amplifier(c, g, &out->amplifier);
	read_loudness(c, g, &out->loudness);
	if (!cfg_id(c, g, "station", CFG_REQUIRED, &out->station))
		return;
	for (size_t j = 0; j < i; j++)
		if (s->outputs[j].station != NULL &&
		    strcmp(s->outputs[j].station, out->station) == 0)
			cfg_problem(c, g,
			    _("the station \"%s\" has an output already; keep "
			      "one of the two"),
			    out->station);
}

static void
read_outputs(struct cfg *c, struct site *s)
{
	const config_setting_t *list;
	size_t n;

	if (!cfg_list(c, cfg_root(c), "outputs", CFG_OPTIONAL, OUTPUTS_MAX,
		&list, &n))
		return;
	s->outputs = calloc(n + 1, sizeof(*s->outputs));
	if (s->outputs == NULL)
		return;
	s->n_outputs = n;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_output(c, cfg_at(list, i), s, i);
}

/* Once a file is without problems, a member can only lack for memory. */
static bool
is_whole(const struct cfg *c, const struct site *s)
{
	if (cfg_no_memory(c))
		return false;
	for (size_t i = 0; i < s->n_relays; i++)
		if (s->relays[i].title == NULL)
			return false;
	for (size_t i = 0; i < s->n_outputs; i++)
		if (s->outputs[i].driver == NULL ||
		    s->outputs[i].device == NULL || s->outputs[i].file == NULL)
			return false;
	return true;
}

int
site_read(const char *path, struct problems *ps, struct site **ret_site)
{
	size_t before = problems_count(ps);
	struct site *s = site_nothing();
	struct cfg *c = NULL;
	int r;

	if (s == NULL)
		return -ENOMEM;
	r = cfg_open(path, path, SITE_BYTES_MAX, ps, &c);
	if (r < 0)
		goto out;
	cfg_known(c, cfg_root(c), site_keys);
	read_zone(c, s);
	r = read_rules(c, path, ps, s);
	read_policy(c, s);
	read_groups(c, s);
	read_relays(c, s);
	read_outputs(c, s);
	read_event(c, s);
	read_cosigners(c, s);
	read_pushes(c, s);
	cfg_text(c, cfg_root(c), "metrics", CFG_OPTIONAL, &s->metrics);
	if (problems_count(ps) > before)
		r = -EINVAL;
	else if (!is_whole(c, s))
		r = -ENOMEM;
out:
	problems_sort(ps);
	cfg_close(c);
	if (r == 0)
		*ret_site = s;
	else
		site_free(s);
	return r;
}

bool
site_allows(const struct site *s, int64_t us, int64_t *ret_end_us)
{
	return profile_allows(&s->rules, us, ret_end_us);
}

/* Spelt in any way: "phan-bac" is "Phản bác". */
static bool
is_second(const struct site *s, const char *label)
{
	char *fold =
	    label == NULL || label[0] == '\0' ? NULL : text_fold(label);
	bool found = false;

	for (size_t i = 0; fold != NULL && i < s->n_second && !found; i++) {
		char *second = text_fold(s->second[i]);

		found = second != NULL && strcmp(second, fold) == 0;
		free(second);
	}
	free(fold);
	return found;
}

int
site_approvals(const struct site *s, const struct item *it, const char *segment)
{
	bool two = s->n_second > 0 &&
		   (is_second(s, it->segment) || is_second(s, segment) ||
		       is_second(s, labels_text(it->more, "genre")));
	const json_t *tag;
	size_t i;

	json_array_foreach(labels_list(it->more, "tags"), i, tag)
	{
		two = two || is_second(s, json_string_value(tag));
	}
	return two ? 2 : 1;
}

const struct site_output *
site_output(const struct site *s, const char *station)
{
	for (size_t i = 0; i < s->n_outputs; i++)
		if (strcmp(s->outputs[i].station, station) == 0)
			return &s->outputs[i];
	return NULL;
}

double
site_loudness(const struct site *s, const char *station)
{
	const struct site_output *out = site_output(s, station);

	return out == NULL ? s->loudness : out->loudness;
}

const struct site_relay *
site_relay(const struct site *s, const char *id)
{
	for (size_t i = 0; i < s->n_relays; i++)
		if (strcmp(s->relays[i].id, id) == 0)
			return &s->relays[i];
	return NULL;
}

bool
site_relay_sounds(const struct site_relay *r)
{
	return r != NULL && (r->url != NULL || r->line != NULL);
}
