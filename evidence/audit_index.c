/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/words.h"
#include "evidence/audit_index.h"
#include "evidence/index.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

struct comparing {
	struct index *index;
	void (*report)(void *arg, const struct finding *f);
	void *arg;
	struct audit_index *sum;
};

__attribute__((format(printf, 2, 3))) static void
find(struct comparing *c, const char *fmt, ...)
{
	char text[256];
	struct finding f = { "index", "", 0, text };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->sum->findings++;
	if (c->report != NULL)
		c->report(c->arg, &f);
}

static int
compare(void *arg, const char *line, size_t n, int64_t seq)
{
	struct comparing *c = arg;
	json_t *told = NULL;
	json_t *kept = NULL;

	/* What is no record is the audit's to tell. */
	if (record_parse(line, n, &told) < 0)
		return 0;
	c->sum->records++;
	if (index_record(c->index, seq, &kept) < 0)
		find(c, _("record %lld is not in the index"), (long long)seq);
	else if (!json_equal(told, kept))
		find(c, _("record %lld is another one in the index"),
		    (long long)seq);
	json_decref(told);
	json_decref(kept);
	return 0;
}

int
audit_index(const char *folder, const char *path,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit_index *ret)
{
	struct comparing c = { .report = report, .arg = arg, .sum = ret };
	struct disk *disk;
	int r = disk_open(folder, &disk);

	*ret = (struct audit_index){ 0 };
	if (r < 0)
		return r;
	r = index_open(disk, path, &c.index);
	if (r == 0)
		r = ledger_each(disk, compare, &c);
	if (r == 0 && index_leaves(c.index) > c.sum->records)
		find(&c, _("the index has %lld records, the log %lld"),
		    (long long)index_leaves(c.index),
		    (long long)c.sum->records);
	index_close(c.index);
	disk_close(disk);
	return r;
}
