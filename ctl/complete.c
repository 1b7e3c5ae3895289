/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "ctl/complete.h"

#define WORD_MAX 64 /* of a usage line; longer ones are none of ours */

struct typing {
	const char *last; /* the word being written */
	const char *before; /* the word before it */
	bool first; /* it is the first behind the command */
	void (*put)(void *arg, const char *word);
	void *arg;
};

static void
offer(const struct typing *t, const char *word)
{
	if (strncmp(word, t->last, strlen(t->last)) == 0)
		t->put(t->arg, word);
}

/* The next word of a usage line, without brackets and dots; false: no more. */
static bool
next_word(const char **usage, char word[static WORD_MAX])
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.:";
	size_t n;

	*usage += strcspn(*usage, letters);
	n = strspn(*usage, letters);
	if (n == 0)
		return false;
	if (n < WORD_MAX)
		memcpy(word, *usage, n);
	word[n < WORD_MAX ? n : 0] = '\0';
	*usage += n;
	return true;
}

static bool
is_lower(const char *word)
{
	return word[0] != '\0' &&
	       strspn(word, "abcdefghijklmnopqrstuvwxyz") == strlen(word);
}

static int
wanted(const char *word)
{
	if (strcmp(word, "S") == 0)
		return COMPLETE_STATIONS;
	return strcmp(word, "ITEM") == 0 ? COMPLETE_ITEMS : 0;
}

/* What follows the option in the usage line: its value, or the next option.
 * *ret_value says which. */
static int
value_of(const char *usage, const char *option, bool *ret_value)
{
	char word[WORD_MAX];

	*ret_value = false;
	while (next_word(&usage, word))
		if (strcmp(word, option) == 0)
			break;
	if (*usage != ' ' || !next_word(&usage, word) || word[0] == '-' ||
	    is_lower(word))
		return 0;
	*ret_value = true;
	return wanted(word);
}

static int
operand(const struct typing *t, const char *usage)
{
	char word[WORD_MAX];
	bool value = false; /* of the option before */
	int also = 0;

	while (next_word(&usage, word)) {
		if (t->last[0] == '-' ? word[0] == '-'
				      : t->first && is_lower(word))
			offer(t, word);
		if (!value && t->last[0] != '-')
			also |= wanted(word);
		value = word[0] == '-' && *usage == ' ';
	}
	return also;
}

int
complete_words(const struct command *commands, size_t n_commands,
    char *const *words, size_t n, void (*put)(void *arg, const char *word),
    void *arg)
{
	struct typing t = { .last = n == 0 ? "" : words[n - 1],
		.before = n < 2 ? "" : words[n - 2],
		.first = n == 2,
		.put = put,
		.arg = arg };
	const struct command *c;
	char list[256];
	bool value;
	int also;

	if (n < 2 || strcmp(words[0], "help") == 0) {
		for (size_t i = 0; i < n_commands; i++)
			offer(&t, commands[i].name);
		if (n < 2)
			offer(&t, "help");
		return 0;
	}
	c = command_find(commands, n_commands, words[0], list, sizeof(list));
	if (c == NULL)
		return 0;
	if (t.before[0] == '-') {
		also = value_of(c->usage, t.before, &value);
		if (value)
			return also;
	}
	return operand(&t, c->usage);
}
