#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rows of what was collected in a real PostgreSQL, on a socket of its own:
# the same functions, and the same bytes, as in SQLite; the server killed in the
# middle, and what is told when it is not there or its disk is full.
set -u
[ -w /dev/shm ] && export TMPDIR=/dev/shm
# shellcheck source=tests/expect.sh
. tests/expect.sh

server_opts='-c fsync=off'
# shellcheck source=tests/postgres.sh
. tests/postgres.sh
cd "$tmp" || exit 1

# Every test of the store's, there.
LOAXA_TEST_SERVER=$url "$bin/tests/test_store_days" >out 2>&1 ||
    fail "the store's tests: $(grep -v ' OK \]\| RUN ' out)"
ask "DROP SCHEMA IF EXISTS loaxa CASCADE"

# The same bytes to every question.
mkdir stations
"$bin/tests/tool_rows" make stations 12 || fail "no stations"
"$bin/tests/tool_rows" take here.db stations || fail "not taken in SQLite"
"$bin/tests/tool_rows" tell here.db >here || fail "SQLite does not tell"
[ "$(wc -l <here)" -gt 2500 ] || fail "SQLite tells little: $(wc -l <here)"
turn=0 cut=0
# A server, or one of its processes, that is killed in the middle of it.
for at in 0.02 0.05 0.1 0.15 0.2 0.3; do
	ask 'DROP SCHEMA IF EXISTS loaxa CASCADE'
	"$bin/tests/tool_rows" take "$url" stations >out 2>&1 &
	taking=$!
	sleep $at
	if [ $((turn % 2)) = 0 ]; then
		server -m immediate stop
		wait $taking
		server -w start || fail "the server does not start again"
	else
		ask "SELECT pid FROM pg_stat_activity WHERE pid <>
		    pg_backend_pid() AND backend_type = 'client backend'" >pids
		[ -s pids ] && kill -9 "$(head -n 1 pids)"
		wait $taking
		for _ in 1 2 3 4 5 6 7 8 9; do
			ask 'SELECT 1' >/dev/null 2>&1 && break
			sleep 0.3
		done
	fi
	[ -s out ] && cut=$((cut + 1))
	turn=$((turn + 1))
	"$bin/tests/tool_rows" take "$url" stations >out 2>&1 ||
	    fail "after $at s: $(cat out)"
	"$bin/tests/tool_rows" tell "$url" >there || fail "PostgreSQL does not tell"
	cmp here there || fail "not the same after $at s"
done
[ "$cut" -gt 0 ] || fail "it was never in the middle of it"
[ "$(ask 'SELECT count(*) - sum(leaf + 1 - lag) FROM (SELECT leaf,
    coalesce(lag(leaf) OVER (PARTITION BY station, tree ORDER BY leaf) + 1, 0)
    AS lag FROM loaxa.leaf) l')" = 0 ] || fail "a double, or a gap"
[ -n "$(ask "SELECT 1 FROM pg_class WHERE relname = 'leaf_202611'")" ] ||
    fail "the month has no table of its own"

# As it is used: named once, filled from what was collected before, asked by
# everybody.
LOAXA_ROOT=$tmp/root
export LOAXA_ROOT
mkdir -p root/etc
for s in a b; do
	"$bin/tests/tool_tree" grow $s 40 || fail "$s: no tree was made"
	loaxa collect --trust $s/tree/v1/vkey --as "Xã $s" >/dev/null
done
expect "in the file" 0 "40 of them new" loaxa collect a
expect "no server's text" 64 "postgresql://" loaxa collect --rows mysql://x
ask "DROP SCHEMA IF EXISTS loaxa CASCADE"
expect "named" 0 "from now on" loaxa collect --rows "$url"
expect "into the server" 0 "40 of them new" loaxa collect b
[ "$(ask 'SELECT sum(leaves) FROM loaxa.tree')" = 80 ] ||
    fail "what was collected before is not in it"
ask "CREATE FUNCTION no_room() RETURNS trigger AS \$\$ BEGIN RAISE 'could not
    extend file' USING ERRCODE = '53100'; END \$\$ LANGUAGE plpgsql;
    CREATE TRIGGER no_room BEFORE UPDATE ON loaxa.tree EXECUTE FUNCTION no_room()"
"$bin/tests/tool_tree" grow a 5
expect "its disk is full" 74 "the disk of the database is full" loaxa collect a
ask 'DROP FUNCTION no_room CASCADE'
server -m fast stop
"$bin/tests/tool_tree" grow b 5
expect "it is not there" 74 "does PostgreSQL run" loaxa collect b
expect "nothing to name" 74 "does PostgreSQL run" loaxa collect --rows "$url"
server -w start
# Also of what is not brought any more.
"$bin/tests/tool_tree" grow a 5
expect "made up for" 0 "5 of them new" loaxa collect a
[ "$(ask 'SELECT sum(leaves) FROM loaxa.tree')" = 95 ] ||
    fail "what was told to be lacking is still lacking"
expect "back in the file" 0 "store.db" loaxa collect --rows ""
expect "there it is filled, too" 0 "nothing new" loaxa collect a
[ "$(python3 -c 'import sqlite3
print(sqlite3.connect("root/var/collect/store.db").execute(
    "select sum(leaves) from tree").fetchone()[0])')" = 95 ] ||
    fail "the file lacks what the server has"
exit $failed
