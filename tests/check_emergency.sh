#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real processes, and what a person orders at once: an emergency in two steps
# where the schedule, the clock and the operator get nothing but silence; in
# the middle of a slot, which then goes on; killed in mid-sound, which is the
# end of it; the operator's item, inside the hours and at a join; the end of hours,
# which the player keeps when its daemon hangs. Three stations live through it
# at once, each writing its sound to a WAV file. Takes half a minute.
set -u
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
output='driver = "wav"; file = "var/out/sound.wav";'

made() {
	case $1 in
	lau) noise "$2" 13 ;;
	dai) noise "$2" 7.5 ;;
	*) noise "$2" 2.25 ;;
	esac
}
library_make lau dai ngan lu-ve
root=$items loaxa person add --office "Trực máy" --role operator "Người trực" \
    >/dev/null
root=$items loaxa person add --office "Cán bộ" --role officer "Cán bộ nhập" \
    >/dev/null

# refused WHY COMMAND...: and why is said
refused() {
	why=$1
	shift
	loaxa "$@" >"$root/said" 2>&1 </dev/null && wrong "not refused: $*"
	grep -q "$why" "$root/said" ||
	    wrong "$*: \"$why\" not said: $(cat "$root/said")"
}
# ops N OP RESULT [DETAIL]: so many records
ops() {
	n=$(records op | grep "\"op\":\"$2\"" | grep "\"result\":\"$3\"" |
	    grep -c "\"detail\":\"${4-}")
	[ "$n" -eq "$1" ] || wrong "$2 $3 ${4-}: $n records, wanted $1"
}
# prepared ITEM...: the first step; the code
prepared() {
	loaxa emergency "$@" --by "Người trực" --order "CĐ 12/UBND" \
	    --reason "lũ về" >"$root/said" 2>&1 </dev/null ||
	    wrong "not prepared: $(cat "$root/said")"
	sed -n 's/.*--confirm \([0-9]*\)$/\1/p' "$root/said"
}
released() {
	loaxa emergency --confirm "$1" >"$root/said" 2>&1 </dev/null ||
	    wrong "not released: $(cat "$root/said")"
}
# typed ITEM KEYS: at a terminal, where the code is asked for; KEYS, or the code
typed() {
	rm -f "$root/keys" "$root/screen"
	mkfifo "$root/keys"
	script -qec "'$build/loaxa' --root '$root' emergency $1 \
	    --by 'Người trực' --order 12" /dev/null \
	    <"$root/keys" >"$root/screen" 2>&1 &
	typist=$!
	exec 9>"$root/keys"
	for _ in $(seq 50); do
		! grep -q "Type the code" "$root/screen" || break
		sleep 0.1
	done
	echo "${2:-$(sed -n 's/.*Code: \([0-9]*\) .*/\1/p' "$root/screen")}" >&9
	wait "$typist"
	exec 9>&-
}
# is_silent: not a sample of the WAV file, if there is one, is other than 0
is_silent() {
	[ -s "$root/var/out/sound.wav" ] || return 0
	! od -An -v -tx1 -j 44 "$root/var/out/sound.wav" | grep -q '[1-9a-f]'
}
# ordered NTH KEY VALUE: of the ends of what no slot planned
ordered() {
	got=$(records end | grep '"slot":""' | sed -n "$1p" | key "$2")
	[ "$got" = "$3" ] || wrong "end $1 has $2 \"$got\", wanted \"$3\""
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

# The schedule says now, the clock says now, a person says now: silence. One
# named person with an order, twice: sound.
outside() {
	slot dem 3 4 'item = "ngan";'
	timetable ""
	daemon_start || exit 1
	refused "allowed hours" play lu-ve --by "Người trực"
	refused "order TEXT" emergency lu-ve --by "Người trực"
	refused "by NAME" emergency lu-ve --order 12
	refused "not registered" emergency lu-ve --by "Ai đó" --order 12
	refused "may not order" emergency lu-ve --by "Cán bộ nhập" --order 12
	refused "no such item" emergency khong-co --by "Người trực" --order 12
	code=$(prepared lu-ve ngan)
	grep -q "not the allowed hours" "$root/said" ||
	    wrong "not said that it is outside the hours"
	refused "two minutes" emergency --confirm 00000
	sleep_to 8
	is_silent || wrong "one step sounds"
	released "$code"
	refused "two minutes" emergency --confirm "$code"
	loaxa status | grep -q EMERGENCY || wrong "status does not tell"
	loaxa next | grep -q EMERGENCY || wrong "next does not tell"
	sleep_to 12
	released "$(prepared dai)"
	sleep_to 16
	helpers=$(children "$daemon")
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	sleep_to 17
	for pid in $helpers; do
		case $(cut -d ' ' -f 3 "/proc/$pid/stat" 2>/dev/null) in
		'' | Z) ;;	# it has ended; who reaps it is its affair
		*) wrong "left behind: $pid" ;;
		esac
	done
	mv "$root/var/out/sound.wav" "$root/var/out/before.wav"
	daemon_start
	sleep_to 22
	is_silent || wrong "it sounds again"
	mv "$root/var/out/before.wav" "$root/var/out/sound.wav"
	loaxa what "$(TZ=$zone date -d "@$((start + 10))" '+%Y-%m-%d %T')" \
	    >"$root/what"
	daemon_stop
	expect dem not_aired outside_hours
	ordered 1 status unscheduled
	ordered 1 reason emergency
	ordered 1 actual_ms 2250
	ordered 2 actual_ms 2250
	ordered 3 broken process_died
	ordered 3 at_least true
	ops 1 play refused
	ops 3 emergency refused
	ops 2 emergency "done"
	ops 1 emergency over process_died
	grep -q "CĐ 12/UBND" "$root/what" || wrong "what: $(cat "$root/what")"
	heard "sound lu-ve file=lu-ve.flac" "sound ngan file=ngan.flac" \
	    "sound dai file=dai.flac least=96000 most=230000 fall=960"
	loaxa log --csv >"$root/csv"
	grep -q "unscheduled,emergency,khan_cap,emergency" "$root/csv" ||
	    wrong "as-run: $(cat "$root/csv")"
	loaxa log | grep -q "unscheduled 3 apart" || wrong "$(loaxa log)"
}

# In the middle of a slot; then what the operator may.
inside() {
	slot quoc-ca 0 14 'item = "lau"; start = "hard";'
	slot cung 23 4 'item = "ngan"; start = "hard";'
	timetable ""
	daemon_start || exit 1
	sleep_to 4
	refused "planned is on" play dai
	typed lu-ve 000000
	grep -q "Not released" "$root/screen" || wrong "released: 000000"
	typed lu-ve ""
	grep -q "Released at" "$root/screen" || wrong "$(cat "$root/screen")"
	sleep_to 16
	loaxa play --by "Người trực" dai >/dev/null || wrong "play"
	refused "ordered is on" play ngan
	sleep_to 19
	loaxa skip >/dev/null || wrong "skip"
	sleep_to 20
	loaxa play dai >/dev/null || wrong "play"
	sleep_to 23.4
	loaxa play --next lu-ve >"$root/said" || wrong "play --next"
	grep -q "at the next join" "$root/said" || wrong "$(cat "$root/said")"
	refused "waits for a join" skip dai
	sleep_to 28
	daemon_stop
	expect quoc-ca aired_partial rejoined
	expect cung aired ""
	on_time quoc-ca cung
	ordered 1 reason emergency
	ordered 1 broken ""
	cut=$(records start quoc-ca | head -n 1 | key airing_id)
	[ "$(records start | grep '"slot":""' | key interrupts)" = "$cut" ] ||
	    wrong "the order does not name what it cut: $cut"
	[ "$(records slot quoc-ca | key note)" = order ] ||
	    wrong "the slot does not say that an order cut it"
	ordered 2 reason operator
	ordered 2 broken operator_stop
	ordered 3 broken preempted
	ordered 4 reason operator
	ordered 4 broken ""
	left=$(records start quoc-ca | tail -n 1 | key frames_planned)
	heard "sound lau-1 file=lau.flac least=96000 most=384000 fall=2400" \
	    "sound lu-ve file=lu-ve.flac" \
	    "sound lau-2 file=lau.flac skip=$((624000 - left)) rise=2400" \
	    "sound dai-1 file=dai.flac least=48000 most=240000 fall=2400" \
	    "sound dai-2 file=dai.flac least=96000 most=168000 fall=2400" \
	    "sound ngan file=ngan.flac" \
	    "sound chen file=lu-ve.flac joined"
}

# P1: the daemon hangs, the hours end: the player keeps them by itself.
hung() {
	slot dai 2 14 'item = "lau";'
	timetable ""
	daemon_start || exit 1
	sleep_to 4
	kill -STOP "$daemon"
	sleep_to 14
	kill -CONT "$daemon"
	sleep_to 18
	daemon_stop
	expect dai aired_partial hours_end
	heard "sound lau file=lau.flac least=230400 most=240000 fall=2400"
}

start=$(($(date +%s) + 4))
away=$(TZ=$zone date -d "@$((start + 6 * 3600))" +%H)
for part in outside inside hung; do
	hours=
	case $part in
	outside) hours="from = \"$away:00\"; to = \"$away:59\";" ;;
	hung) hours="from = \"00:00\";
	    to = \"$(TZ=$zone date -d "@$((start + 7))" +%T)\";" ;;
	esac
	(
		station_make "$tmp/$part" "$output" "$hours"
		: >"$root/daemon.log"
		"$part"
		audited
		[ "$faults" -eq 0 ] || cat "$root/daemon.log"
		[ "$faults" -eq 0 ]
	) >"$tmp/$part.out" 2>&1 &
	eval "$part=\$!"
done
bad=0
# shellcheck disable=SC2154	# set by the eval above
for part in "outside $outside" "inside $inside" "hung $hung"; do
	wait "${part#* }" || bad=1
	sed "s/^/${part% *}: /" "$tmp/${part% *}.out"
done
exit "$bad"
