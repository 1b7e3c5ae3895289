#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real processes that are killed, and real files that are not what was
# approved: the reason is in the log, every slot has its one outcome, and the
# rest of the session airs on time. Four stations live through it at once,
# each writing its sound to a WAV file. Takes about a minute.
set -u
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
output='driver = "wav"; file = "var/out/sound.wav";'

made() {
	case $1 in
	ngan*) sweep "$2" 2.5 400-3000 ;;
	lau) noise "$2" 13 ;;
	dai) noise "$2" 7.5 ;;
	*) noise "$2" 2.25 ;;
	esac
}
library_make ngan ngan-2 lau dai doi ong lien-ket thu-muc cut rong rac ho-so \
    giai-ma

# gone PID...: within two seconds, and nobody waits for them
gone() {
	for _ in $(seq 20); do
		left=
		for pid; do
			case $(cut -d ' ' -f 3 "/proc/$pid/stat" 2>/dev/null) in
			'' | Z) ;;	# it has ended; who reaps it is its affair
			*) left="$left $pid" ;;
			esac
		done
		[ -n "$left" ] || return 0
		sleep 0.1
	done
	wrong "processes left behind:$left"
}
# outlived: kills the daemon as nothing can be killed harder; its processes
# must notice by themselves
outlived() {
	helpers=$(children "$daemon")
	[ "$(echo "$helpers" | wc -w)" -ge 2 ] || wrong "no player, no source"
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	# One word each.
	# shellcheck disable=SC2086
	gone $helpers
}
# count N KIND SLOT: so many records
count() {
	n=$(records "$2" "$3" | wc -l)
	[ "$n" -eq "$1" ] || wrong "$3: $n $2 records, wanted $1"
}
# has KIND SLOT NTH KEY VALUE
has() {
	got=$(records "$1" "$2" | sed -n "$3p" | key "$4")
	[ "$got" = "$5" ] || wrong "$2: $1 $3 has $4 \"$got\", wanted \"$5\""
}
# heard PLAN-LINE...: the WAV file, compared with the items
heard() {
	for line; do
		echo "$line"
	done | sed "s|file=|&$root/audio/items/|" >"$root/plan"
	"$match" "$root/var/out/sound.wav" 0 "$root/plan" >"$root/table" || {
		cat "$root/table"
		wrong "the sound is not as planned"
	}
}
# sounded NAME: frames of it that were found
sounded() {
	awk -v name="$1" '$1 == name && NF == 6 { print $5 }' "$root/table"
}

daemon_killed() {
	slot lau 0 14 'item = "lau";'
	slot sau 14 4 'item = "ngan";'
	slot bo 18 8 'item = "dai"; rejoin = "skip";'
	slot cuoi 26 4 'item = "ngan-2";'
	timetable ""
	daemon_start || exit 1
	sleep_to 7
	outlived
	sleep_to 8
	daemon_start
	sleep_to 21
	outlived
	sleep_to 21.5
	daemon_start
	sleep_to 31
	daemon_stop
	for name in lau sau bo cuoi; do
		count 1 slot "$name"
	done
	count 2 start lau
	count 2 end lau
	has end lau 1 reason process_died
	has end lau 1 at_least true
	has start lau 2 start_source rejoin
	has start lau 2 continues "$(records start lau | head -n 1 |
	    key airing_id)"
	expect lau aired_partial rejoined
	count 1 start bo
	count 1 end bo
	has end bo 1 at_least true
	expect bo aired_partial process_died
	expect sau aired ""
	expect cuoi aired ""
	on_time lau sau bo cuoi
	[ "$(records boot | key cause | tr '\n' ' ')" = \
	    "first process_died process_died " ] ||
	    wrong "boots: $(grep -h '"kind":"boot"' "$root"/var/log/*.jsonl |
	        key cause)"
	left=$(records start lau | tail -n 1 | key frames_planned)
	heard "sound lau-1 file=lau.flac least=336000 fall=960" \
	    "sound lau-2 file=lau.flac skip=$((624000 - left)) rise=2400" \
	    "sound sau file=ngan.flac" \
	    "sound bo file=dai.flac least=120000 most=170000 fall=960" \
	    "sound cuoi file=ngan-2.flac"
	for pair in "lau lau-1" "bo bo"; do
		frames=$(records end "${pair% *}" | head -n 1 | key frames_sent)
		{ [ "$frames" -gt 0 ] && [ "$frames" -le \
		    "$(sounded "${pair#* }")" ]; } ||
		    wrong "${pair% *}: the log claims $frames frames"
	done
}

children_killed() {
	slot phat 0 11 'item = "lau";'
	slot sau-1 11 4 'item = "ngan";'
	slot nguon 15 8 'item = "dai";'
	slot sau-2 23 4 'item = "ngan-2";'
	timetable ""
	daemon_start || exit 1
	sleep_to 4
	player=$(children "$daemon" loaxa-player)
	kill -9 "$player"
	gone "$player"
	sleep_to 17
	kill -9 "$(children "$daemon" loaxa-source | head -n 1)"
	sleep_to 28
	helpers=$(children "$daemon")
	daemon_stop
	# shellcheck disable=SC2086
	gone $helpers
	expect phat aired_partial rejoined
	has end phat 1 reason process_died
	has start phat 2 start_source rejoin
	expect nguon aired_partial source_failed
	count 1 start nguon
	has end nguon 1 reason source_failed
	expect sau-1 aired ""
	expect sau-2 aired ""
	on_time phat sau-1 nguon sau-2
}

# P1: the daemon is stopped, alive and deaf, when the allowed hours end.
fence_held() {
	slot rao 0 9 'item = "dai";'
	slot ngoai 10 3 'item = "ngan";'
	timetable ""
	daemon_start || exit 1
	sleep_to 2
	kill -STOP "$daemon"
	sleep_to 7
	kill -CONT "$daemon"
	sleep_to 14
	daemon_stop
	expect rao aired_partial hours_end
	expect ngoai not_aired outside_hours
	on_time rao
	heard "sound rao file=dai.flac least=189000 most=192000 fall=2400"
	[ "$(records end rao | key frames_sent)" = "$(sounded rao)" ] ||
	    wrong "rao: the log and the sound do not agree"
}

files_changed() {
	dir=$root/audio/items
	at=0
	for id in ngan doi thu-muc ong lien-ket cut rong rac giai-ma ho-so; do
		slot "$id" "$at" 3 "item = \"$id\";"
		at=$((at + 3))
	done
	slot trong "$at" 9 'item = "dai";'
	slot cuoi "$((at + 9))" 4 'item = "ngan-2";'
	timetable ""
	cp "$dir/ngan.flac" "$dir/doi.flac"
	rm "$dir/thu-muc.flac" "$dir/ong.flac" "$dir/lien-ket.flac"
	mkdir "$dir/thu-muc.flac"
	mkfifo "$dir/ong.flac"
	ln -s nowhere "$dir/lien-ket.flac"
	truncate -s 30000 "$dir/cut.flac"
	: >"$dir/rong.flac"
	head -c 100000 /dev/zero >"$dir/rac.flac"
	echo "{" >"$dir/ho-so.json"
	# Approved as it is, but no sound at all.
	echo "not a sound" >"$dir/giai-ma.flac"
	hash=$(sha256sum "$dir/giai-ma.flac")
	sed -i "s/\(\"sha256\": *\"\)[0-9a-f]*/\1${hash%% *}/" \
	    "$dir/giai-ma.json"
	loaxa approve --by "Người duyệt" giai-ma >/dev/null
	daemon_start || exit 1
	# Approved when it began; changed while it sounds.
	sleep_to $((at + 1))
	printf 'X' | dd of="$dir/dai.flac" conv=notrunc bs=1 status=none \
	    seek=$(($(stat -c %s "$dir/dai.flac") - 1))
	sleep_to $((at + 14))
	daemon_stop
	expect ngan aired ""
	expect doi not_aired hash_changed
	expect thu-muc not_aired bad_item
	expect ong not_aired bad_item
	expect lien-ket not_aired missing_item
	expect cut not_aired hash_changed
	expect rong not_aired hash_changed
	expect rac not_aired hash_changed
	expect giai-ma not_aired bad_item
	expect ho-so not_aired bad_item
	expect trong aired_partial hash_changed
	expect cuoi aired ""
	on_time ngan trong cuoi
}

# run NAME HOURS: that story, at a station of its own
run() {
	station_make "$tmp/$1" "$output" "$2"
	trap '[ -z "$daemon" ] || kill -9 "$daemon"' EXIT
	"$1"
	audited
	[ $faults -eq 0 ] || {
		grep -h '"kind":"\(start\|end\|slot\|op\|boot\)"' \
		    "$root"/var/log/airing-*.jsonl
		cat "$root/daemon.log"
	}
	exit $faults
}

start=$(($(date +%s) + 13))
fence=$(TZ=$zone date -d "@$((start + 4))" +%T)
all='from = "00:00"; to = "24:00";'
for story in "daemon_killed $all" "children_killed $all" \
    "fence_held from = \"00:00\"; to = \"$fence\";" "files_changed $all"; do
	(run "${story%% *}" "${story#* }") >"$tmp/${story%% *}.out" 2>&1 &
	echo "$! ${story%% *}" >>"$tmp/stories"
done
while read -r pid name; do
	wait "$pid" || {
		echo "== $name"
		cat "$tmp/$name.out"
		faults=$((faults + 1))
	}
done <"$tmp/stories"
exit $faults
