#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The sound breaks, in the middle of an item, again and again: the device is
# taken away and comes back, the player is stopped, the source is stopped, the
# sound server is killed and started anew, or takes nothing for four seconds.
# Twenty-three stations of three daemons live through it, each with a device of
# its own on one of three PulseAudio servers; one device is not there yet when
# its daemon starts. Then the log is read: each struck item tells device_lost or
# source_failed and how much was sent, every slot has its one outcome, the next
# slot began on time, nothing sounded past a slot's end.
#
# SEED moves the moments of the incidents; the same one gives the same moments.
# KEEP=FOLDER keeps the logs and what was done.
set -u
CHAOS=${CHAOS:-slice}
SEED=${SEED:-1}
for tool in pulseaudio pactl parec; do
	command -v $tool >/dev/null || {
		echo "the sound chaos needs pulseaudio and pulseaudio-utils"
		exit 77
	}
done
tmp=$(mktemp -d)
begun=$(date +%s)
# shellcheck source=tests/station.sh
. tests/station.sh

case $CHAOS in
whole) rounds=52 kills=29 lead=90 wanted=200 ;;
*) rounds=5 kills=3 lead=18 wanted=20 ;;
esac
every=14	# seconds a round of struck and whole slot, and silence after each
each_kill=26	# of a killed server: the device may be found again 11 s later
sinks="the-1 the-2 the-3 the-4"
players="may-1 may-2 may-3 may-4"
sources="nguon-1 nguon-2 nguon-3 nguon-4"
late=vang-1	# its device comes when its first slot is on
blocked="nghen-1 nghen-2 nghen-3"
served="chu-1 chu-2 chu-3 chu-4 chu-5 chu-6 chu-7"
recorded="may-1 nguon-1"

made() {
	case $1 in
	ngan) sweep "$2" 2.5 300-3000 ;;
	*) noise "$2" 12 ;;
	esac
}
# Each source is told from the others by the file that it reads.
# shellcheck disable=SC2086
library_make ngan dai $sources

# Processes of one lane: its own shell ends them.
pulse=
workers=
clean() {
	# Whatever was stopped must not stay so.
	for pid in $workers $daemon $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
}

# pulse_start NAME SINK...: a server on the lane's socket
pulse_start() {
	socket=$tmp/$1.sock
	shift
	loads=
	for sink; do
		loads="$loads --load=module-null-sink%sink_name=$sink%rate=48000%format=s16le%channels=2"
	done
	set --
	for load in $loads; do
		set -- "$@" "$(echo "$load" | tr % ' ')"
	done
	HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
	    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
	    --load="module-native-protocol-unix socket=$socket auth-anonymous=1" \
	    "$@" >>"$tmp/pulse.log" 2>&1 &
	pulse=$!
}
pulse_wait() {
	for _ in $(seq 100); do
		! pactl info >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	cat "$tmp/pulse.log" >&2
	echo "no PulseAudio" >&2
	exit 1
}

# lane_make ROOT ROUNDS EVERY LENGTH SAU STATION...: the slots of each: one to
# be struck, one second of silence, one that nobody touches
lane_make() {
	root=$1
	n=$2 step=$3 long=$4 after=$5
	shift 5
	mkdir -p "$root/etc" "$root/audio" "$root/var"
	cp -R "$items/audio" "$items/var" "$root/"
	{
		echo "zone = \"$zone\"; approval = \"required\";"
		echo 'loudness = "off";'
		echo 'hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );'
		echo 'plausible_clock = true; outputs = ('
		comma=
		for station; do
			echo "$comma { station = \"$station\"; driver = \"pulse\";"
			echo "device = \"$station\"; }"
			comma=,
		done
		echo ');'
	} >"$root/etc/loaxa.conf"
	for station; do
		item=dai
		case $station in nguon-*) item=$station ;; esac
		mkdir -p "$root/schedules/$station"
		for i in $(seq 0 $((n - 1))); do
			slot "hai-$i" $((i * step)) "$long" "item = \"$item\";"
			slot "sau-$i" $((i * step + after)) 2 'item = "ngan";'
		done
		timetable "" "Đài $station"
	done
}

# when STATION ROUND: milliseconds into the slot, by the seed
when() {
	echo "$SEED $1 $2" | cksum | awk '{ print 1500 + $1 % 1500 }'
}
ms_since() {
	awk "BEGIN { printf \"%d\", ($(date +%s.%N) - $start - $1) * 1000 }"
}
# hit KIND STATION ROUND AT: it was struck now
hit() {
	echo "$1 $2 $3 $(ms_since "$4")" >>"$tmp/hits"
}
sleep_ms() {
	sleep_to "$(awk "BEGIN { print $1 + $2 / 1000 }")"
}

strike_sinks() {
	for i in $(seq 0 $((rounds - 1))); do
		sleep_ms $((i * every)) "$(when "$1" "$i")"
		n=$(pactl list short modules |
		    awk -v s="sink_name=$1" 'index($0, s " ") { print $1 }')
		hit sink "$1" "$i" $((i * every))
		pactl unload-module "$n" || continue
		sleep "0.$(($(when "$1" "$i") % 8 + 1))"
		pactl load-module module-null-sink sink_name="$1" rate=48000 \
		    format=s16le channels=2 >/dev/null
	done
}
stopped() {
	case $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null) in
	T) return 0 ;;
	*) return 1 ;;
	esac
}
# strike_processes KIND STATION: stops the process that `KIND_of STATION` finds
strike_processes() {
	for i in $(seq 0 $((rounds - 1))); do
		sleep_ms $((i * every)) "$(when "$2" "$i")"
		pid=$("$1_of" "$2")
		[ -n "$pid" ] || continue
		kill -STOP "$pid" 2>/dev/null || continue
		sleep 0.01
		! stopped "$pid" || hit "$1" "$2" "$i" $((i * every))
	done
}
player_of() {
	for pid in $(children "$daemon" loaxa-player); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "--station $1 " &&
		    echo "$pid"
	done | tail -n 1
}
source_of() {
	for pid in $(children "$daemon" loaxa-source); do
		case $(readlink "/proc/$pid/fd/0") in
		*/"$1".flac) echo "$pid" ;;
		esac
	done | tail -n 1
}

# record STATION: what comes out of its device, until it is killed
record() {
	mkfifo "$tmp/$1.pipe"
	"$build/tests/tool_capture" "$tmp/$1.raw" "$tmp/$1.epoch" \
	    <"$tmp/$1.pipe" &
	parec --raw --latency-msec=10 --device="$1.monitor" --rate=48000 \
	    --format=s16le --channels=2 >"$tmp/$1.pipe" &
	workers="$workers $!"
}
# left: bytes that are not silence, in a second of every device
left() {
	for sink; do
		timeout 1.5 parec --raw --device="$sink.monitor" --rate=48000 \
		    --format=s16le --channels=2 2>/dev/null | tr -d '\0' |
		    wc -c | sed "s/^/$sink /" &
	done
	wait
}
lane_end() {
	# shellcheck disable=SC2086
	(left "$@") | while read -r sink n; do
		[ "$n" -eq 0 ] || echo "$sink sounds after its last slot"
	done >>"$tmp/wrong"
	daemon_stop
	[ $faults -eq 0 ] || echo "the daemon did not end well" >>"$tmp/wrong"
	loaxa audit >"$root/audit" 2>&1 ||
	    { echo "audit:"; cat "$root/audit"; } >>"$tmp/wrong"
	grep -q ' 0 still open' "$root/audit" ||
	    { echo "open:"; cat "$root/audit"; } >>"$tmp/wrong"
}

# shellcheck disable=SC2086
lane_processes() {
	trap clean EXIT
	trap 'exit 1' HUP INT TERM
	export PULSE_SERVER="unix:$tmp/a.sock"
	pulse_start a $sinks $players $sources
	pulse_wait
	lane_make "$tmp/a" "$rounds" "$every" 10 11 \
	    $sinks $players $sources $late
	for station in $recorded; do
		record "$station"
	done
	daemon_start || exit 1
	for station in $sinks; do
		strike_sinks "$station" &
		workers="$workers $!"
	done
	for station in $players; do
		strike_processes player "$station" &
		workers="$workers $!"
	done
	for station in $sources; do
		strike_processes source "$station" &
		workers="$workers $!"
	done
	# It is tried every ten seconds: just before its slot, and in it.
	sleep_to 0
	hit absent "$late" 0 0
	pactl load-module module-null-sink sink_name="$late" rate=48000 \
	    format=s16le channels=2 >/dev/null
	sleep_to $((rounds * every))
	lane_end $sinks $players $sources $late
}

# server_killed NAME STATION..., server_blocked NAME STATION...
server_killed() {
	kill -9 "$pulse"
	wait "$pulse" 2>/dev/null
	pulse_start "$@"
}
server_blocked() {
	kill -STOP "$pulse"
	sleep 4
	kill -CONT "$pulse"
}

# lane_server NAME KIND STATION...: what the function KIND does to all of them
lane_server() {
	trap clean EXIT
	trap 'exit 1' HUP INT TERM
	name=$1 how=$2
	shift 2
	export PULSE_SERVER="unix:$tmp/$name.sock"
	pulse_start "$name" "$@"
	pulse_wait
	lane_make "$tmp/$name" "$kills" "$each_kill" 10 22 "$@"
	daemon_start || exit 1
	for i in $(seq 0 $((kills - 1))); do
		sleep_ms $((i * each_kill)) "$(when "$name" "$i")"
		for struck; do
			hit "$how" "$struck" "$i" $((i * each_kill))
		done
		"$how" "$name" "$@"
	done
	sleep_to $((kills * each_kill))
	lane_end "$@"
}

start=$(($(date +%s) + lead))
: >"$tmp/hits"
: >"$tmp/wrong"
(lane_processes) >"$tmp/a.out" 2>&1 &
lanes=$!
# shellcheck disable=SC2086
(lane_server b server_killed $served) >"$tmp/b.out" 2>&1 &
lanes="$lanes $!"
# shellcheck disable=SC2086
(lane_server c server_blocked $blocked) >"$tmp/c.out" 2>&1 &
lanes="$lanes $!"
finish() {
	# shellcheck disable=SC2086
	kill $lanes 2>/dev/null
	wait
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
end=$((rounds * every > kills * each_kill ? rounds * every : kills * each_kill))
while [ "$(date +%s)" -lt $((start + end)) ]; do
	echo "sound: $(wc -l <"$tmp/hits") incidents of" \
	    $((3 * wanted + 10 * kills + 1)) >&2
	sleep 9
done
for pid in $lanes; do
	wait "$pid" || {
		cat "$tmp"/?.out >&2
		echo "a lane failed" >>"$tmp/wrong"
	}
done
lanes=

# The silence after each struck slot, as it was recorded.
for station in $recorded; do
	epoch=$(cat "$tmp/$station.epoch" 2>/dev/null) || {
		echo "$station was not recorded" >>"$tmp/wrong"
		continue
	}
	for i in $(seq 0 $((rounds - 1))); do
		from=$(awk "BEGIN { printf \"%d\",
		    int((($start + $i * $every + 10.2) * 1e6 - $epoch) * 0.048) * 4 }")
		n=$(tail -c "+$((from + 1))" "$tmp/$station.raw" |
		    head -c 115200 | tr -d '\0' | wc -c)
		[ "$n" -eq 0 ] ||
		    echo "$station/hai-$i sounds after its end" >>"$tmp/wrong"
	done
done

# The log against what was done.
cat "$tmp"/?/var/log/airing-*.jsonl |
    grep '^{"v":1,"kind":"\(end\|slot\)"' |
awk -v hits="$tmp/hits" -v wrong="$tmp/wrong" -v facts="$tmp/facts" '
function val(key) {
	if (!match($0, "\"" key "\":\"?[^,\"}]*"))
		return ""
	v = substr($0, RSTART, RLENGTH)
	sub(/^"[a-z_]+":"?/, "", v)
	return v
}
function tod(utc) {	# milliseconds of the day
	return substr(utc, 12, 2) * 3600000 + substr(utc, 15, 2) * 60000 + \
	    substr(utc, 18, 9) * 1000
}
function say(text) {
	print text >>wrong
}
function abs(x) {
	return x < 0 ? -x : x
}
/"kind":"end"/ {
	id = val("station") "/" val("slot")
	breaks += val("underruns")
	# A cue that was waiting in a player when that was ended never
	# sounded: another one took its place.
	if (val("actual_utc") == "null")
		next
	n = ++ends[id]
	reason[id, n] = val("reason")
	sent[id, n] = val("actual_ms") + 0
	late[id, n] = val("late_ms") + 0
	from[id, n] = tod(val("actual_utc"))
	wall[id, n] = val("wall_ms") + 0
}
/"kind":"slot"/ {
	id = val("station") "/" val("slot")
	slots[id]++
	status[id] = val("status") "/" val("reason")
	planned[id] = tod(val("planned_utc"))
	planned_ms[id] = val("planned_ms") + 0
	actual[id] = val("actual_ms") + 0
}
END {
	for (id in slots) {
		if (slots[id] != 1)
			say(id ": " slots[id] " outcomes")
		for (n = 1; n <= ends[id]; n++) {
			at = from[id, n] - planned[id]
			if (at < -43200000)
				at += 86400000
			if (at < -60 || at + wall[id, n] > planned_ms[id] + 60)
				say(id ": sounds from " at " for " wall[id, n] \
				    " ms, of a slot of " planned_ms[id] " ms")
		}
	}
	while ((getline line <hits) > 0) {
		split(line, h, " ")
		kind = h[1]
		id = h[2] "/hai-" h[3]
		count[kind]++
		want = kind == "source" ? "source_failed" : "device_lost"
		ms = kind == "absent" ? 10000 : h[4] + 0
		# A stopped source leaves what is on its way: 2.73 s in the
		# pipe (base/worker.h, one channel), 2 s with the player
		# (feed.c), 0.3 s ahead of the clock (player.c).
		most = ms + (kind == "source" ? 5100 : 450)
		least = ms - (kind == "source" ? 100 : 1900)
		if (kind == "absent") {
			# It was joined when the device was there.
			want = ""
			least = 2000
			most = 9500
		}
		bad = 0
		if (slots[id] != 1 || status[id] !~ /^aired_partial\//)
			bad = 1
		else if (reason[id, 1] != want)
			bad = 2
		else if (sent[id, 1] > most || sent[id, 1] < least)
			bad = 3
		if (bad)
			say(kind " at " ms " ms: " id " " status[id] ", first " \
			    reason[id, 1] " after " sent[id, 1] " ms, " \
			    slots[id] + 0 " outcomes")
		next_id = h[2] "/sau-" h[3]
		next_bad = status[next_id] != "aired/" ||
		    abs(late[next_id, 1]) > (breaks > 0 ? 500 : 100)
		if (next_bad)
			say(kind ": the next slot " next_id " is " \
			    status[next_id] ", " late[next_id, 1] " ms late, " \
			    "reason " reason[next_id, 1])
		if (bad || next_bad)
			violations[kind]++
		lost[kind] += planned_ms[id] - actual[id]
		back[kind] += status[id] == "aired_partial/rejoined"
	}
	n = split("sink player source server_killed server_blocked absent",
	    kinds, " ")
	for (k = 1; k <= n; k++) {
		kind = kinds[k]
		print kind, count[kind] + 0, violations[kind] + 0 >facts
		if (count[kind] > 0)
			printf "sound: %s: %d struck, %d rejoined, " \
			    "%.1f s of 10 lost on average\n", kind, \
			    count[kind], back[kind], \
			    lost[kind] / count[kind] / 1000
	}
	printf "sound: %d breaks by a busy machine\n", breaks
}' >&2

[ -z "${KEEP:-}" ] || {
	mkdir -p "$KEEP"
	cp -R "$tmp"/[abc] "$tmp"/*.out "$tmp"/hits "$tmp"/wrong "$KEEP"
}
seconds=$(($(date +%s) - begun))
name() {
	case $1 in
	sink) echo "sound device taken away and brought back" ;;
	player) echo "player stopped during an item" ;;
	source) echo "source stopped during an item" ;;
	server_killed) echo "sound server killed and started anew" ;;
	server_blocked) echo "sound server takes nothing for 4 s" ;;
	absent) echo "sound device absent at boot" ;;
	esac
}
bad=0
[ ! -s "$tmp/wrong" ] || bad=1
other=$(grep -cv '^\(sink\|player\|source\|server_[a-z]*\|absent\)\( \|:\)' \
    "$tmp/wrong")
while read -r kind count violations; do
	seeds=-
	[ "$violations" -eq 0 ] || seeds=$SEED
	if [ "$kind" = sink ] && [ "$other" -gt 0 ]; then
		violations=$((violations + other)) seeds=$SEED
	fi
	printf 'chaos\t%s\t%d\t%d\t%s\t%d\n' "$(name "$kind")" "$count" \
	    "$violations" "$seeds" "$seconds"
	least=$wanted
	case $kind in
	absent) least=1 ;;
	server_blocked) least=$((3 * kills)) ;;
	esac
	[ "$count" -ge "$least" ] || {
		echo "$kind: $count incidents, wanted $least" >&2
		bad=1
	}
done <"$tmp/facts"
if [ "$bad" -ne 0 ]; then
	cat "$tmp/wrong" >&2
	echo "again: CHAOS=$CHAOS SEED=$SEED B=$B sh tests/chaos_sound.sh" >&2
fi
# `bad` set in the loop counts: it runs in this shell.
exit "$bad"
