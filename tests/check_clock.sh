#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa clock on a computer that no time server has set: the station holds,
# says why and what to do, and goes on at a person's word; the word outlives
# the daemon's end, and nobody can give it for another time than the clock's.
# Where this machine's clock is synchronised there is nothing to confirm.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh

mkdir -p "$tmp/root/etc" "$tmp/root/schedules"
cd "$tmp/root" || exit 1
cat >etc/loaxa.conf <<-'END'
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
outputs = ( { station = "que-minh"; driver = "wav"; file = "var/out.wav"; } );
END
cat >schedules/que-minh.cfg <<-'END'
station = "que-minh"; name = "Quế Minh";
slots = ( { id = "s"; days = "T2-CN"; at = "05:00:00"; for = "00:01:00";
    item = "khong-co"; } );
END
start() {
	loaxad --root . >>daemon.out 2>&1 &
	daemon=$!
	n=0
	until loaxa clock >/dev/null 2>&1 || [ "$n" -eq 100 ]; do
		n=$((n + 1))
		sleep 0.1
	done
}
at() {
	date -d "${1:-now}" '+%Y-%m-%d %H:%M'
}

expect "nobody runs" 69 "is not running" loaxa clock
start
if loaxa clock --json | grep -q '"clock": "synced"'; then
	echo "this machine's clock is synchronised: nothing to confirm"
	exit 77
fi
loaxa person add --office "Cán bộ VH-TT" --role officer "Lê Văn Bình" >/dev/null
loaxa person add --office "Trực máy" --role operator "Trần Thị An" >/dev/null

expect "on hold" 2 "the clock is not trusted" loaxa status
expect "why" 0 "no time server has set it" loaxa clock
expect "what to do" 0 "loaxa clock confirm --by NAME" loaxa clock
expect "in Vietnamese" 0 "CHƯA TIN ĐƯỢC" env LOAXA_LANG=vi loaxa clock
expect "by nobody" 64 "--by NAME" loaxa clock confirm
expect "nobody to ask" 64 "--time" loaxa clock confirm --by An
expect "another word" 64 "confirm" loaxa clock set
expect "no verb" 64 "loaxa clock confirm" loaxa clock --by An
expect "no time" 64 "--time" loaxa clock confirm --by An --time 05:01
expect "seven hours slow" 65 " s slow." \
    loaxa clock confirm --by An --time "$(at '+7 hours')"
grep -q "timedatectl set-time" "$tmp/err" || fail "no remedy for a wrong clock"
expect "who may not" 77 "operate" \
    loaxa clock confirm --by "Lê Văn Bình" --time "$(at)"
expect "who is not there" 67 "not registered" \
    loaxa clock confirm --by "Ai Đó" --time "$(at)"
grep -q '"kind":"clock"' var/log/*.jsonl && fail "a refused word is in the log"

# On a terminal it asks; no is no.
if command -v script >/dev/null; then
	echo n | script -qec "loaxa clock confirm --by 'Trần Thị An'" \
	    /dev/null >"$tmp/asked" 2>&1
	grep -q "Nothing was confirmed" "$tmp/asked" ||
	    fail "a no was not taken: $(cat "$tmp/asked")"
fi
expect "a person's word" 0 "The clock is confirmed" \
    loaxa clock confirm --by "Trần Thị An" --time "$(at)"
expect "believed" 0 "a person has confirmed it" loaxa clock
grep '"kind":"clock"' var/log/*.jsonl | grep '"state":"confirmed"' |
    grep '"person":"p-' | grep -q '"seen_utc":"' ||
    fail "no record of the word"
grep -q '"kind":"day"' var/log/*.jsonl || fail "the station did not begin"

kill -9 "$daemon"
wait "$daemon" 2>/dev/null
start
expect "after a kill" 0 "a person has confirmed it" loaxa clock
kill "$daemon"
wait "$daemon"
daemon=
expect "the log" 0 "" loaxa audit
exit $failed
