#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The country's stations into PostgreSQL: STATIONS (1060, a tenth) by DAYS (30),
# every twentieth offline in the last third, each in parts and one of them twice,
# and whoever takes them killed KILLS (100) times. That it is right is checked;
# how fast it is, is told. By hand: `make scale`.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh
server_opts='-c shared_buffers=1GB -c max_wal_size=4GB'
# shellcheck source=tests/postgres.sh
. tests/postgres.sh
cd "$tmp" || exit 1
stations=${STATIONS:-1060} days=${DAYS:-30} kills=${KILLS:-100}

echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc)" \
    "processors, load $(cut -d ' ' -f 1 /proc/loadavg); $(uname -sr);" \
    "PostgreSQL $(ask 'SHOW server_version')"
"$bin/tests/bench_rows" make stations "$stations" "$days" >out ||
    fail "no stations: $(cat out)"
echo "$stations stations, $days days, $(cat out)"
printf 'taken in, killed never: '
"$bin/tests/bench_rows" take "$url" stations || fail "not taken"
"$bin/tests/bench_rows" ask "$url" || fail "no answer"
ask 'SELECT * FROM loaxa.daysum ORDER BY 1, 2, 3, 4, 5' >whole
ask 'SELECT count(*) FROM loaxa.leaf' >rows
printf 'the rows alone, with COPY: '
"$bin/tests/bench_rows" copy "$url" stations || fail "not copied"

ask 'DROP SCHEMA loaxa CASCADE'
turn=0 cut=0
while [ $turn -lt "$kills" ]; do
	"$bin/tests/bench_rows" take "$url" stations >out 2>&1 &
	sleep "0.$((turn * 37 % 90 + 5))"
	kill -9 $! 2>/dev/null && cut=$((cut + 1))
	wait $! 2>/dev/null
	turn=$((turn + 1))
done
"$bin/tests/bench_rows" take "$url" stations >out 2>&1 || fail "$(cat out)"
echo "killed $cut times in the middle of it, then: $(cat out)"
is=$(ask 'SELECT count(*), (SELECT sum(leaves) FROM loaxa.tree), (SELECT
    count(*) FROM (SELECT DISTINCT station, tree, leaf FROM loaxa.leaf) l)
    FROM loaxa.leaf')
rows=$(cat rows)
[ "$is" = "$rows|$rows|$rows" ] || fail "rows, leaves, and rows once: $is; $rows without a kill"
ask 'SELECT * FROM loaxa.daysum ORDER BY 1, 2, 3, 4, 5' >killed
cmp whole killed || fail "other sums"
[ $failed = 0 ] && echo "rows = leaves = $rows, none double; the sums are those without a kill"
exit $failed
