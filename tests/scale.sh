#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The country's stations into PostgreSQL: STATIONS (1060, a tenth) by DAYS (30),
# whole; in parts, some of them twice, every twentieth offline in the last third,
# and whoever takes them killed KILLS (100) times; and as `loaxa collect` takes
# them, with second histories among them. Then the questions of a year of YEAR
# (1060) stations. That it is right is checked; how fast it is, is told. By hand:
# `make scale`; SCALE=/a/folder is where there is room for it (3 kB a record).
set -u
[ -z "${SCALE:-}" ] || export TMPDIR="$SCALE"
# shellcheck source=tests/expect.sh
. tests/expect.sh
server_opts='-c shared_buffers=1GB -c max_wal_size=8GB -c maintenance_work_mem=256MB'
# shellcheck source=tests/postgres.sh
. tests/postgres.sh
cd "$tmp" || exit 1
stations=${STATIONS:-1060} days=${DAYS:-30} kills=${KILLS:-100} year=${YEAR:-1060}
rows="$bin/tests/bench_rows"
sums='SELECT * FROM loaxa.daysum ORDER BY 1, 2, 3, 4, 5'
count='SELECT count(*) FROM loaxa.leaf'

load() { echo "load $(cut -d ' ' -f 1-3 /proc/loadavg)"; }

# A month of the country, whole: how fast.
whole() {
	echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
	    "$(nproc) processors; $(uname -sr);" \
	    "PostgreSQL $(ask 'SHOW server_version'); $(load)"
	"$rows" make stations "$stations" "$days" >out || fail "no stations: $(cat out)"
	echo "$stations stations, $days days, $(cat out)"
	printf 'taken in, each whole: '
	"$rows" take "$url" stations || fail "not taken"
	load
	"$rows" ask "$url" 2026-11-01 2026-11-30 || fail "no answer"
	ask 'DROP SCHEMA loaxa CASCADE'
}

# The same in parts; and once more, with everybody killed all the time.
parts() {
	printf 'in parts, some twice, killed never: '
	"$rows" thirds "$url" stations || fail "not taken"
	ask "$sums" >unkilled
	ask "$count" >unkilled.rows
	printf 'the rows alone, with COPY, by one process: '
	"$rows" copy "$url" stations || fail "not copied"
	ask 'DROP SCHEMA loaxa CASCADE'
	turn=0 cut=0
	while [ "$turn" -lt "$kills" ]; do
		"$rows" thirds "$url" stations >out 2>&1 &
		sleep "0.$((turn * 37 % 90 + 5))"
		kill -9 $! 2>/dev/null && cut=$((cut + 1))
		wait $! 2>/dev/null
		turn=$((turn + 1))
	done
	"$rows" thirds "$url" stations >out 2>&1 || fail "$(cat out)"
	echo "killed $cut times in the middle of it, then: $(cat out)"
	is=$(ask "SELECT count(*), (SELECT sum(leaves) FROM loaxa.tree), (SELECT
	    count(*) FROM (SELECT DISTINCT station, tree, leaf FROM loaxa.leaf) l)
	    FROM loaxa.leaf")
	n=$(cat unkilled.rows)
	[ "$is" = "$n|$n|$n" ] ||
	    fail "rows, leaves, and rows once: $is; $n without a kill"
	ask "$sums" | cmp unkilled - || fail "other sums"
	echo "rows = leaves = $n, none double; the sums are those without a kill"
	ask 'DROP SCHEMA loaxa CASCADE'
}

# As it is used: checked, kept, cosigned, then into the database; killed; and
# the second histories.
collected() {
	mkdir store
	echo "$url" >store/rows
	turn=0 cut=0
	while [ "$turn" -lt 10 ]; do
		"$rows" collect store stations >out 2>&1 &
		sleep "$((turn % 4)).$((turn * 37 % 90 + 5))"
		kill -9 $! 2>/dev/null && cut=$((cut + 1))
		wait $! 2>/dev/null
		turn=$((turn + 1))
	done
	echo "collecting, killed $cut times, $(load), then:"
	"$rows" collect store stations || fail "not collected"
	is=$(ask "SELECT count(*), (SELECT sum(leaves) FROM loaxa.tree),
	    count(DISTINCT station) FROM loaxa.leaf")
	echo "rows|leaves|stations: $is"
	[ "${is%%|*}" = "$(echo "$is" | cut -d '|' -f 2)" ] || fail "rows are not leaves"
	[ "${is##*|}" = "$stations" ] || fail "not all stations: ${is##*|}"
	[ -e store/rows.behind ] && fail "it is still said to be behind"
	rm -rf store
	ask 'DROP SCHEMA loaxa CASCADE'
	mkdir store
	echo "$url" >store/rows
	echo "collecting, killed never, $(load):"
	"$rows" collect store stations || fail "not collected"
	printf 'second histories: '
	"$rows" collect store stations.forks | tee out
	grep -q " $((stations / 100)) of two histories" out ||
	    fail "not all second histories are named"
	rm -rf store stations stations.forks
	ask 'DROP SCHEMA loaxa CASCADE'
}

# A year of one station through the store, and the others as copies of it, day
# by day as they would have come; the country's sums of days whole.
a_year() {
	"$rows" make one 1 365 >out || fail "no year: $(cat out)"
	"$rows" take "$url" one >/dev/null || fail "no year is taken"
	ask "ANALYZE loaxa.leaf"
	one=$(ask "SELECT id FROM loaxa.station")
	ask "INSERT INTO loaxa.station SELECT s.id + i, to_hex(s.id + i), 'Xã ' || i
	    FROM loaxa.station s, generate_series(1, ${COUNTRY:-10600} - 1) i"
	ask "INSERT INTO loaxa.tree SELECT t.station + i, number, leaves, first,
	    until, last, last_us FROM loaxa.tree t,
	    generate_series(1, ${COUNTRY:-10600} - 1) i"
	names=$(ask "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM
	    pg_attribute WHERE attrelid = 'loaxa.daysum'::regclass AND attnum > 1")
	ask "SELECT DISTINCT day FROM loaxa.daysum ORDER BY 1" >the_days
	while read -r day; do
		echo "INSERT INTO loaxa.daysum SELECT station + i, $names FROM
		    (SELECT * FROM loaxa.daysum WHERE station = $one AND day = $day) d,
		    generate_series(1, ${COUNTRY:-10600} - 1) i;"
		echo "INSERT INTO loaxa.leaf SELECT station + i, month, tree, leaf,
		    seq, about, at_us, day, kind, line, raw FROM
		    (SELECT * FROM loaxa.leaf WHERE station = $one AND (day = $day OR
		    (day IS NULL AND at_us / 86400000000 = $day))) l,
		    generate_series(1, $year - 1) i;"
	done <the_days >load.sql
	psql -qX -f load.sql "$url" >out 2>&1 || fail "the year: $(cat out)"
	ask "ANALYZE"
	echo "a year, written into the tables: $(ask "$count") rows of $year" \
	    "stations, $(ask 'SELECT count(*) FROM loaxa.daysum') sums of" \
	    "${COUNTRY:-10600}; $(du -sh pg/data | cut -f 1) on the disk; $(load)"
	for _ in 1 2 3; do
		"$rows" ask "$url" 2027-05-01 2027-05-31 || fail "no answer"
	done
}

for part in ${PARTS:-whole parts collected a_year}; do
	$part
	[ $failed = 0 ] || break
done
exit $failed
