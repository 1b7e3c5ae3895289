#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa owed as a person types it: two stations, one of which owes its district
# a programme, told from logs that a dry run has written.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh

cd "$tmp" || exit 1
mkdir -p etc schedules var/log
cat >etc/loaxa.conf <<'CONF'
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
approval = "none";
plausible_clock = true;
CONF
# station NAME SLOTS
station() {
	cat >"schedules/$1.cfg" <<-CFG
	station = "$1";
	name = "Đài $1";
	above = [ "Cầu Ngang", "Trà Vinh" ];
	segments = ( { id = "cd"; title = "Chỉ đạo";
	    plan = { no = "KH 101"; date = "2023-10-16";
	             issuer = "UBND huyện Cầu Ngang"; }; } );
	slots = ( $2 );
	CFG
}
above='{ id = "cd"; days = "T2-CN"; at = "05:00"; for = "00:05"; item = "cd";
    title = "Chương trình huyện"; from_above = true; }'
repeat='{ id = "pl"; days = "T2-CN"; at = "17:00"; for = "00:05"; item = "cd"; }'
own='{ id = "tin"; days = "T2-CN"; at = "06:00"; for = "00:05"; item = "tin"; }'

station xa "$above, $own"
station huyen "$own"
expect "before anything was planned" 0 "Owed: 0; to come within 7 days: 7." \
    loaxa owed
expect "what is to come" 0 "to come: file missing" loaxa owed --station xa
expect "a station that is owed nothing" 0 "Nothing is owed" \
    loaxa owed --station huyen
expect "no such station" 66 "there is no station" loaxa owed --station nix

# dry WORD...: the log of one day; the next day's sheet, which is made before
# midnight, is left out
dry() {
	loaxa simulate --from 2020-01-06 --to 2020-01-06 --log "$@" >day.jsonl ||
	    fail "no dry run"
	grep -v '"date":"2020-01-07"' day.jsonl >var/log/airing-2020-01.jsonl
}
# The item is missing all of one day.
dry
expect "missed, and aired never again" 65 "none planned" loaxa owed
expect "how it went" 65 "not aired: file missing" loaxa owed
expect "by whose order" 65 "Cầu Ngang" loaxa owed
expect "how many" 65 "Owed: 1; to come within 7 days: 7." loaxa owed
expect "as JSON" 65 '"state": "due"' loaxa owed --json
expect "only what came later" 0 "Owed: 0;" loaxa owed --from 2020-01-07
expect "beside the week" 1 \
    "! owed from above: 1, the oldest planned for 2020-01-06 05:00:00" \
    loaxa week --station xa
loaxa week --station huyen | grep -q 'owed from' &&
    fail "told of a station that owes nothing"

# A repeat of its own would pay.
station xa "$above, $repeat, $own"
expect "a repeat is planned" 65 "17:00:00" loaxa owed --station xa
grep -q 'none planned' "$tmp/out" && fail "the repeat is not the next airing"

# The debt outlives the schedule.
rm schedules/xa.cfg
expect "its schedule is gone" 65 "Owed: 1; to come within 7 days: 0." \
    loaxa owed
printf 'station = "xa";\n' >schedules/xa.cfg
expect "its schedule is broken" 65 "the schedule cannot be read" loaxa owed

# Aired in full on a second day: nothing is owed for that one.
station xa "$above, $own"
dry --assume-items
expect "it has aired" 0 "Owed: 0;" loaxa owed

# What a daemon has accepted from above is not dropped: not by a reload, not by
# a restart, and check says so before.
rm -rf var schedules/huyen.cfg
with_daemon() {
	loaxad --root . >>daemon.log 2>&1 &
	daemon=$!
	for _ in $(seq 50); do
		loaxa status >/dev/null 2>&1
		[ $? -gt 2 ] || break
		sleep 0.1
	done
	"$@"
	kill "$daemon"
	wait "$daemon" || fail "loaxad ended with $?"
}
# Late: whatever the hour is now, it is on the sheet of today or tomorrow.
above=$(echo "$above" | sed 's/05:00/23:50/')
station xa "$above, $own"
with_daemon true
station xa "$own"
expect "dropped" 65 'xa.cfg: the slot "cd" is ordered from above and is gone' \
    loaxa check
with_daemon expect "still in force" 65 "is ordered from above and is gone" \
    loaxa reload
expect "the schedule of before" 0 '"slot":"cd"' \
    sh -c 'cat var/log/*.jsonl | grep "\"kind\":\"day\"" | tail -n 1'
grep -q 'is ordered from above and is gone' daemon.log ||
    fail "the daemon has not said it: $(cat daemon.log)"
station xa "$own, $(echo "$above" |
    sed 's/from_above = true;/& until = "2020-01-31";/')"
expect "ended by its date" 0 "No problems" loaxa check
exit $failed
