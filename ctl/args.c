/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/args.h"

#define NUMBER_MAX 1000000 /* rows, days, seconds: nobody means more */

int
args_date(const char *text, int64_t *ret_day)
{
	char iso[16];

	if (strlen(text) == 10 && text[2] == '/' && text[5] == '/') {
		snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text + 6, text + 3,
		    text);
		text = iso;
	}
	return civil_read_date(text, ret_day);
}

static int
read_number(const char *text, int *ret_number)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > NUMBER_MAX)
		return -EINVAL;
	*ret_number = (int)n;
	return 0;
}

static int
read_week(const char *text, int64_t *ret_monday)
{
	int year;
	int week;
	int r = civil_read_week(text, &year, &week);

	return r < 0 ? r : civil_week_monday(year, week, ret_monday);
}

static int
add_text(struct arg_texts *texts, const char *text)
{
	if (texts->n >= ARG_TEXTS_MAX)
		return -E2BIG;
	texts->list[texts->n++] = text;
	return 0;
}

static int
take_value(const struct arg *a, const char *value, char *wrong, size_t size)
{
	const char *form = "";
	int r = 0;

	switch (a->kind) {
	case ARG_FLAG:
		*(bool *)a->ret = true;
		break;
	case ARG_TEXT:
		*(const char **)a->ret = value;
		break;
	case ARG_TEXTS:
		r = add_text(a->ret, value);
		form = _("there are too many of them");
		break;
	case ARG_NUMBER:
		r = read_number(value, a->ret);
		form = _("write a whole number from 1");
		break;
	case ARG_DATE:
		r = args_date(value, a->ret);
		form = _("write a date such as 2026-11-26 or 26/11/2026");
		break;
	case ARG_WEEK:
		r = read_week(value, a->ret);
		form = _("write a week such as 2026-W48");
		break;
	}
	if (r < 0)
		snprintf(wrong, size, "%s%s: \"%s\": %s",
		    a->name[1] == '\0' ? "-" : "--", a->name, value, form);
	return r;
}

/* The option that `word` names, and the value written in the same word. */
static const struct arg *
find_arg(
    const struct arg *args, size_t n, const char *word, const char **ret_value)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t len = word[1] == '-' ? strcspn(name, "=") : 1;

	for (size_t i = 0; i < n; i++) {
		if (strlen(args[i].name) != len ||
		    strncmp(args[i].name, name, len) != 0 ||
		    (len == 1) != (word[1] != '-'))
			continue;
		if (word[1] == '-' && name[len] == '=')
			*ret_value = name + len + 1;
		else if (word[1] != '-' && name[len] != '\0')
			*ret_value = name + len;
		else
			*ret_value = NULL;
		return &args[i];
	}
	return NULL;
}

/* Takes the option at argv[*at]; moves *at to the last word it used. */
static int
take_option(const struct arg *args, size_t n, int argc, char **argv, int *at,
    char *wrong, size_t size)
{
	const char *word = argv[*at];
	const char *value = NULL;
	const struct arg *a = find_arg(args, n, word, &value);

	if (a == NULL) {
		snprintf(wrong, size, _("there is no option %s"), word);
		return -EINVAL;
	}
	if (a->kind == ARG_FLAG && value != NULL) {
		snprintf(wrong, size, _("--%s takes no value"), a->name);
		return -EINVAL;
	}
	if (a->kind != ARG_FLAG && value == NULL) {
		if (*at + 1 >= argc) {
			snprintf(wrong, size, _("%s needs a value"), word);
			return -EINVAL;
		}
		value = argv[++*at];
	}
	return take_value(a, value, wrong, size);
}

int
args_read(const struct arg *args, size_t n_args, int *argc, char **argv,
    char *wrong, size_t size)
{
	bool options = true;
	int out = 1;

	for (int i = 1; i < *argc; i++) {
		int r;

		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			continue;
		}
		if (!options || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[out++] = argv[i];
			continue;
		}
		r = take_option(args, n_args, *argc, argv, &i, wrong, size);
		if (r < 0)
			return r;
	}
	*argc = out;
	argv[out] = NULL;
	return 0;
}
