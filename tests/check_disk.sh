#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that hangs, fails, is full or locked seconds before a slot: the slot
# sounds on time, `status` and the journal say so, and once the disk is well
# again the log has every record, those that came late marked so (P4). One that
# has lost a block of the log keeps no station from starting. Several stations
# live through it at once. Takes about half a minute.
set -u
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
output='driver = "wav"; file = "var/out/sound.wav";'
well_at=13 # seconds after the start
shim=$build/tests/shim_disk.so

made() {
	noise "$2" 4
}
library_make mot hai ba

# sick_start WHAT CALL TIMES: what becomes of that call on the log while
# $root/sick is there
sick_start() {
	env LD_PRELOAD="$shim" ASAN_OPTIONS="verify_asan_link_order=0" \
	    SHIM_PROGRAM=loaxad SHIM_IF="$root/sick" SHIM_PATH=var/log/ \
	    SHIM_AT=1 SHIM_DO="$1" SHIM_CALL="$2" SHIM_FOR="$3" \
	    SHIM_SECONDS=$((well_at + 8)) \
	    "$build/loaxad" --root "$root" >>"$root/daemon.log" 2>&1 &
	daemon=$!
	for _ in $(seq 50); do
		! loaxa status >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	cat "$root/daemon.log"
	wrong "the daemon does not answer"
	return 1
}
# says LANGUAGE WORDS: `status` has them
says() {
	LOAXA_LANG=$1 loaxa status >"$root/status-$1" 2>&1
	tr '\n' ' ' <"$root/status-$1" | tr -s ' ' | grep -q "$2" || {
		cat "$root/status-$1"
		wrong "status in $1 does not say: $2"
	}
}

# lived ENGLISH VIETNAMESE: the words of the alarm
lived() {
	slot mot 0 5 'item = "mot";'
	slot hai 6 5 'item = "hai";'
	timetable ""
	sick_start "$what" "$call" "$times" || exit 1
	# Within the ten seconds in which the items are looked up.
	sleep_to -11
	: >"$root/sick"
	sleep_to 2
	asked=$(date +%s%N)
	says en "BROKEN: the airing log cannot be written, .*the disk $1"
	asked=$((($(date +%s%N) - asked) / 1000000))
	[ "$asked" -lt 1500 ] || wrong "the answer took $asked ms"
	says vi "$2"
	! loaxa withdraw --by "Người duyệt" --reason thử ba >/dev/null 2>&1 ||
	    wrong "a withdrawal was acknowledged that is not on the disk"
	sleep_to "$well_at"
	rm "$root/sick"
	sleep_to $((well_at + 8))
	loaxa status | grep -q "cannot be written" &&
	    wrong "status is still red"
	daemon_stop
	expect mot aired ""
	expect hai aired ""
	on_time mot hai
	[ "$(records start mot | key intent)" = late ] ||
	    wrong "the first start does not say that it came late"
	[ "$(records start mot | key grade)" = 1 ] || wrong "not of grade 1"
	grep -q "airing log cannot be written" "$root/daemon.log" ||
	    wrong "the journal was not told"
	grep -q "is written again" "$root/daemon.log" ||
	    wrong "the journal was not told that it is over"
}
hanging() {
	what=hang call=sync times=1
	lived "does not answer" "không trả lời"
}
failing() {
	what=EIO call=sync times=0
	lived "fails" "bị lỗi"
}
full() {
	what=ENOSPC call=write times=0
	lived "is full" "đã đầy"
}
locked() {
	what=EROFS call=write times=0
	lived "was locked" "bị hệ thống khóa"
}

# short_of_room WORD...: loaxa, with 3 MB left
short_of_room() {
	env LD_PRELOAD="$shim" ASAN_OPTIONS="verify_asan_link_order=0" \
	    SHIM_ROOM=3 "$build/loaxa" --root "$root" "$@"
}
# Nothing comes in before the log's own room is touched.
refused() {
	made ba "$root/ba.wav"
	for words in "add --again $root/ba.wav" "load $root/tuan.csv"; do
		# One word each.
		# shellcheck disable=SC2086
		short_of_room $words >"$root/said" 2>&1 </dev/null &&
		    wrong "$words: not refused"
		grep -q "nearly full (3 MB left)" "$root/said" || {
			cat "$root/said"
			wrong "$words: does not say why"
		}
	done
	short_of_room approve --by "Người duyệt" ba >"$root/said" 2>&1 || {
		cat "$root/said"
		wrong "an approval was refused while there is room for it"
	}
	slot mot 0 5 'item = "mot";'
	timetable ""
}

# The device does not give the log's first block any more. The station goes on,
# and says what is lost.
lost_block() {
	slot mot 0 5 'item = "mot";'
	timetable ""
	for _ in $(seq 10); do
		loaxa withdraw --by "Người duyệt" --reason thử ba
		loaxa approve --by "Người duyệt" ba
	done >"$root/said" 2>&1
	size=$(cat "$root"/var/log/airing-*.jsonl | wc -c)
	[ "$size" -gt 6144 ] || wrong "a log of $size bytes is too short for this"
	env LD_PRELOAD="$shim" ASAN_OPTIONS="verify_asan_link_order=0" \
	    SHIM_PROGRAM=loaxad SHIM_PATH=var/log/airing- SHIM_AT=1 \
	    SHIM_DO=EIO SHIM_CALL=read \
	    "$build/loaxad" --root "$root" >>"$root/daemon.log" 2>&1 &
	daemon=$!
	sleep_to -6
	says en "BROKEN: the airing log is damaged"
	sleep_to "$well_at"
	daemon_stop
	expect mot aired ""
	on_time mot
	grep -q "airing log is damaged here" "$root/daemon.log" ||
	    wrong "the journal was not told"
	cat "$root"/var/log/airing-*.jsonl | grep '"kind":"epoch"' |
	    grep -q '"reason":"damage"' || wrong "the log does not say so"
}

# run NAME: that story, at a station of its own
run() {
	station_make "$tmp/$1" "$output"
	trap '[ -z "$daemon" ] || kill -9 "$daemon"' EXIT
	"$1"
	audited
	[ $faults -eq 0 ] || {
		grep -h '"kind":"\(start\|end\|slot\|op\|boot\)"' \
		    "$root"/var/log/airing-*.jsonl
		cat "$root/daemon.log"
	}
	[ -z "${KEEP:-}" ] || cat "$root/status-en" "$root/status-vi"
	exit $faults
}

start=$(($(date +%s) + 16))
for story in hanging failing full locked refused lost_block; do
	(run "$story") >"$tmp/$story.out" 2>&1 &
	echo "$! $story" >>"$tmp/stories"
done
while read -r pid name; do
	wait "$pid" || {
		echo "== $name"
		cat "$tmp/$name.out"
		faults=$((faults + 1))
	}
	[ -z "${KEEP:-}" ] || cat "$tmp/$name.out"
done <"$tmp/stories"
exit $faults
