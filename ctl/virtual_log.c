/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/virtual_log.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

static int
copy_approvals(void *arg, const char *line, size_t n, int64_t seq)
{
	struct ledger *l = arg;
	int kind = record_kind(line, n);
	json_t *r;

	(void)seq;
	if (kind != KIND_APPROVE && kind != KIND_WITHDRAW)
		return 0;
	if (record_parse(line, n, &r) < 0)
		return 0;
	return ledger_add(l, r);
}

int
virtual_log_begin(const struct root *root, struct disk *log)
{
	struct disk *real;
	struct ledger *l;
	int r = ledger_open(log, NULL, &l);

	if (r < 0)
		return r;
	if (disk_open(root->log, &real) == 0) {
		r = ledger_each(real, copy_approvals, l);
		disk_close(real);
	}
	ledger_close(l);
	return r;
}
