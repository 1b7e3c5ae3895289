#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh BUILD - what loaxa takes of this machine: memory while playing,
# wake-ups while idle, time to read a year and to become ready. Each figure is
# the median of several measurements made now. IDLE_S (default 120) seconds of
# idling are watched.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "$1")
IDLE_S=${IDLE_S:-120}
RUNS=5
zone=Asia/Ho_Chi_Minh
year=2026
tmp=$(mktemp -d)
daemon=
pulse=
export LOAXA_LANG=en
unset NOTIFY_SOCKET LOAXA_ROOT

stop() {
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; } || true
	daemon=
}
clean() {
	stop
	[ -z "$pulse" ] || { kill "$pulse" && wait "$pulse"; } || true
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "bench.sh: $*" >&2
	[ ! -f "$tmp/daemon.log" ] || tail -n 20 "$tmp/daemon.log" >&2
	exit 1
}
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
row() {
	printf '  %-52s %10s %s\n' "$1" "$2" "$3"
}

# make_root FOLDER OUTPUT: a root that may sound at any hour
make_root() {
	mkdir -p "$1/etc" "$1/schedules/bench"
	cat >"$1/etc/loaxa.conf" <<END
zone = "$zone";
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
approval = "required";
plausible_clock = true;
outputs = ( { station = "bench"; $2 } );
END
}

# start FOLDER: the daemon, until it answers
start() {
	"$build/loaxad" --root "$1" >"$tmp/daemon.log" 2>&1 &
	daemon=$!
	tries=0
	until "$build/loaxa" --root "$1" status >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || fail "the daemon does not answer"
		sleep 0.2
	done
}

# processes PID: it and all that descend from it
processes() {
	echo "$1"
	tr ' ' '\n' 2>/dev/null <"/proc/$1/task/$1/children" |
	while read -r child; do
		processes "$child"
	done
}

# memory_of PID: "PSS USS" of it and its children, in kB
memory_of() {
	for pid in $(processes "$1"); do
		cat "/proc/$pid/smaps_rollup" 2>/dev/null || true
	done | awk '/^Pss:/ { pss += $2 } /^Private_(Clean|Dirty):/ { uss += $2 }
	    END { print pss, uss }'
}

# playing NAME OUTPUT: memory of daemon, player and worker during an item
playing() {
	root=$tmp/playing-$1
	make_root "$root" "$2"
	sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$tmp/tone.wav" \
	    synth 60 triangle 440 gain -12
	at=$(TZ=$zone date -d '+12 seconds' +%T)
	cat >"$root/schedules/bench.cfg" <<END
station = "bench";
name = "Đài thử";
slots = ( { id = "tone"; days = "T2-CN"; at = "$at"; for = "00:01:00";
    item = "tone"; } );
END
	{
		"$build/loaxa" --root "$root" add --id tone "$tmp/tone.wav"
		"$build/loaxa" --root "$root" person add --office Bench Bench
		"$build/loaxa" --root "$root" approve --by Bench tone
	} >"$tmp/admit.log" 2>&1 || { cat "$tmp/admit.log"; exit 1; }
	start "$root"
	tries=0
	until grep -qs '"kind":"start"' "$root"/var/log/airing-*.jsonl; do
		tries=$((tries + 1))
		[ $tries -lt 40 ] || fail "the item does not start"
		sleep 1
	done
	# The record comes seconds before the sound: measure well inside it.
	sleep 20
	: >"$tmp/memory"
	for _ in $(seq $RUNS); do
		memory_of "$daemon" >>"$tmp/memory"
		sleep 2
	done
	names=$(processes "$daemon" | while read -r pid; do
		cat "/proc/$pid/comm"
	done | sort | uniq -c | awk '{ printf "%s%s %s", s, $1, $2; s = ", " }')
	stop
	row "playing to $1, PSS ($names)" \
	    "$(cut -d ' ' -f 1 "$tmp/memory" | median)" kB
	row "playing to $1, USS" \
	    "$(cut -d ' ' -f 2 "$tmp/memory" | median)" kB
}

# playing_to_pulse: the same, to a PulseAudio of our own that has no device
playing_to_pulse() {
	if ! command -v pulseaudio >/dev/null; then
		row "playing to pulse" "-" "no PulseAudio here"
		return
	fi
	HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
	    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
	    --load="module-null-sink sink_name=bench" \
	    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
	    >"$tmp/pulse.log" 2>&1 &
	pulse=$!
	export PULSE_SERVER="unix:$tmp/pulse.sock"
	playing pulse 'driver = "pulse"; device = "bench";'
}

# woken PID SECONDS: how often it or a child came back from waiting
woken() {
	pids=$(processes "$1" | sed 's/^/-p /')
	# Options and their values, meant to be split.
	# shellcheck disable=SC2086
	timeout "$2" strace -f -qq -o "$tmp/waits" -e signal=none \
	    -e trace=epoll_wait,poll,ppoll,select,nanosleep,clock_nanosleep,futex \
	    $pids || true
	grep -c ' = ' "$tmp/waits" || true
}

# ticks PID: processor time of it and its children
ticks() {
	for pid in $(processes "$1"); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ n += $12 + $13 } END { print n + 0 }'
}

# idle: nothing is due for hours
idle() {
	root=$tmp/idle
	make_root "$root" 'driver = "wav"; file = "var/out.wav";'
	at=$(TZ=$zone date -d '+12 hours' +%T)
	cat >"$root/schedules/bench.cfg" <<END
station = "bench";
name = "Đài thử";
slots = ( { id = "tone"; days = "T2-CN"; at = "$at"; for = "00:01:00";
    item = "tone"; } );
END
	start "$root"
	sleep 3
	ticks=$(ticks "$daemon")
	woken=$(woken "$daemon" "$IDLE_S")
	ticks=$(($(ticks "$daemon") - ticks))
	stop
	row "idle for $IDLE_S s: wake-ups a minute" \
	    "$(awk "BEGIN { printf \"%.1f\", $woken * 60 / $IDLE_S }")" ""
	row "idle for $IDLE_S s: processor time" \
	    "$((ticks * 1000 / $(getconf CLK_TCK)))" ms
}

# the_week FOLDER YYYY-Www...: the sample week, as every one of these weeks
the_week() {
	folder=$1
	shift
	mkdir -p "$folder/que-minh"
	cp schedules/que-minh.cfg "$folder/"
	for week; do
		sed "s/2026-W48/$week/" schedules/que-minh/2026-W48.cfg \
		    >"$folder/que-minh/$week.cfg"
	done
}

# a_year: reading, unrolling and checking it
a_year() {
	# shellcheck disable=SC2046 # one word a week
	the_week "$tmp/year" $(seq -f "$year-W%02g" 1 53)
	: >"$tmp/times"
	for _ in $(seq $RUNS); do
		"$build/tests/bench_plan" "$tmp/year" que-minh \
		    etc/loaxa.conf $year >>"$tmp/times"
	done
	row "check and plan $(sed -n 's/.* //p;q' "$tmp/times") slots of a year" \
	    "$(cut -d ' ' -f 1 "$tmp/times" | median)" ms
}

# ready: the daemon with a simulated year of log behind it, until yesterday
ready() {
	root=$tmp/ready
	make_root "$root" 'driver = "wav"; file = "var/out.wav";'
	sed -i 's/"bench"/"que-minh"/' "$root/etc/loaxa.conf"
	rm -r "$root/schedules"
	sed 's/^hours/relays = ( { id = "vov1"; title = "VOV1"; },\
  { id = "tinh"; title = "tinh"; } );\nhours/' -i "$root/etc/loaxa.conf"
	# shellcheck disable=SC2046 # one word a week
	the_week "$root/schedules" $(for ago in $(seq 0 7 371); do
		date -d "-$ago days" +%G-W%V
	done)
	"$build/loaxa" --root "$root" simulate --assume-items --log \
	    --from "$(TZ=$zone date -d '-365 days' +%F)" \
	    --to "$(TZ=$zone date -d yesterday +%F)" >"$tmp/lines"
	mkdir -p "$root/var/log"
	awk -v folder="$root/var/log" '{
		at = index($0, "\"local\":\"") + 9
		print >(folder "/airing-" substr($0, at, 7) ".jsonl")
	}' "$tmp/lines"
	cp -R "$root/var" "$tmp/var"
	: >"$tmp/times"
	for _ in $(seq $RUNS); do
		rm -rf "${root:?}/var"
		cp -R "$tmp/var" "$root/var"
		"$build/tests/bench_ready" "$build/loaxad" --root "$root" \
		    >>"$tmp/times" 2>"$tmp/daemon.log" ||
		    fail "not ready"
	done
	row "ready with $(wc -l <"$tmp/lines") lines of log" \
	    "$(median <"$tmp/times")" ms
}

host() {
	sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1
}

echo "$(host), $(nproc) processors, Linux $(uname -r)"
a_year
ready
playing wav 'driver = "wav"; file = "var/out.wav";'
playing_to_pulse
idle
