/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <string.h>

#include "base/language.h"
#include "base/words.h"

static const struct {
	const char *code; /* BCP 47 */
	const char *name;
} names[] = {
	{ "vi", N_("Vietnamese") },
	{ "km", N_("Khmer") },
	{ "lo", N_("Lao") },
	{ "zh", N_("Chinese") },
	{ "en", N_("English") },
	{ "fr", N_("French") },
	{ "bdq", N_("Bahnar") },
	{ "cjm", N_("Cham") },
	{ "hmn", N_("Hmong") },
	{ "hre", N_("Hre") },
	{ "jra", N_("Jarai") },
	{ "kpm", N_("Koho") },
	{ "cmo", N_("Mnong") },
	{ "mtq", N_("Muong") },
	{ "nut", N_("Nung") },
	{ "rad", N_("Rade") },
	{ "rog", N_("Roglai") },
	{ "sed", N_("Sedang") },
	{ "blt", N_("Tai Dam") },
	{ "tyz", N_("Tay") },
};

const char *
language_name(const char *code)
{
	size_t n = strcspn(code, "-");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].code) == n &&
		    strncmp(names[i].code, code, n) == 0)
			return _(names[i].name);
	return code;
}
