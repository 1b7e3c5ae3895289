/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence/sql.h"

/* Every primary key begins with the station, and the month is in those of the
 * tables that are divided by it: both are what PostgreSQL's partitions, and
 * Citus, ask for. The figures of a sum are in the order of store_days.c. */
const struct sql_table sql_tables[] = {
	{ "station",
	    "id BIGINT PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL",
	    false },
	{ "tree",
	    "station BIGINT NOT NULL, number BIGINT NOT NULL,"
	    " leaves BIGINT NOT NULL, first BIGINT NOT NULL,"
	    " until BIGINT NOT NULL, last TEXT NOT NULL,"
	    " last_us BIGINT NOT NULL, PRIMARY KEY (station, number)",
	    false },
	{ "leaf",
	    "station BIGINT NOT NULL, month INTEGER NOT NULL,"
	    " tree BIGINT NOT NULL, leaf BIGINT NOT NULL, seq BIGINT,"
	    " about TEXT, at_us BIGINT, day INTEGER, kind TEXT NOT NULL,"
	    " line TEXT, raw BYTEA, PRIMARY KEY (station, month, tree, leaf)",
	    true },
	{ "daysum",
	    "station BIGINT NOT NULL, month INTEGER NOT NULL,"
	    " day INTEGER NOT NULL, about TEXT NOT NULL,"
	    " segment TEXT NOT NULL, planned BIGINT NOT NULL,"
	    " open BIGINT NOT NULL, aired BIGINT NOT NULL,"
	    " aired_partial BIGINT NOT NULL, not_aired BIGINT NOT NULL,"
	    " external BIGINT NOT NULL, odd BIGINT NOT NULL,"
	    " first_n BIGINT NOT NULL, repeat_n BIGINT NOT NULL,"
	    " other_n BIGINT NOT NULL, first_ms BIGINT NOT NULL,"
	    " repeat_ms BIGINT NOT NULL, other_ms BIGINT NOT NULL,"
	    " planned_ms BIGINT NOT NULL, relay_ms BIGINT NOT NULL,"
	    " signal_ms BIGINT NOT NULL, lost_power BIGINT NOT NULL,"
	    " lost_fault BIGINT NOT NULL, lost_order BIGINT NOT NULL,"
	    " lost_work BIGINT NOT NULL, lost_unknown BIGINT NOT NULL,"
	    " part_power BIGINT NOT NULL, part_fault BIGINT NOT NULL,"
	    " part_order BIGINT NOT NULL, part_work BIGINT NOT NULL,"
	    " part_unknown BIGINT NOT NULL, unscheduled BIGINT NOT NULL,"
	    " unscheduled_ms BIGINT NOT NULL, music_ms BIGINT NOT NULL,"
	    " PRIMARY KEY (station, month, day, about, segment)",
	    true },
};

const size_t sql_tables_n = sizeof(sql_tables) / sizeof(sql_tables[0]);

const char sql_indexes[] =
    "CREATE INDEX leaf_schedule ON leaf (station) WHERE kind = 'schedule';"
    "CREATE INDEX daysum_open ON daysum (station) WHERE open > 0";
