# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# meter.sh - what bench.sh and its parts measure with. Sourced from the
# top of the tree, with tests/station.sh: $B is the build folder, $tmp a
# folder that the script removes.

FIRST_S=0	# after $start, the first start
SHORTS=5	# starts in a session
GAP_S=4		# between them
LONG_AT=$((SHORTS * GAP_S))
LONG_S=34	# of the sound that is watched while it plays
LEAD_S=14	# a cue goes out ten seconds ahead

pulse=
recorder=
resident=
items=$tmp/none
# end PID: of a child of this shell; "" for none
end() {
	[ -z "$1" ] || kill "$1" 2>/dev/null || true
	[ -z "$1" ] || wait "$1" || true
}
meter_clean() {
	for pid in $recorder $resident $daemon $pulse; do
		end "$pid"
	done
	rm -rf "$tmp"
}

machine() {
	. /etc/os-release
	printf '%s, %s processors, Linux %s, %s\n' \
	    "$(sed -n '/^model name/{s/.*: //p;q}' /proc/cpuinfo)" "$(nproc)" \
	    "$(uname -r | cut -d. -f1-2)" "$PRETTY_NAME"
}
say() {
	echo "$*" >&2
}

# bar PART WHAT FIGURE UNIT [SIGN LIMIT]: a row of the table, into $ROWS: what
# was measured, and whether it is what it should be. Without a limit it is
# only told.
bar() {
	verdict=
	[ $# -le 4 ] || verdict=$(awk -v v="$3" -v sign="$5" -v l="$6" 'BEGIN {
	    number = "^-?[0-9.]+$"
	    ok = v ~ number && l ~ number
	    v += 0
	    l += 0
	    if (sign == "<=") ok = ok && v <= l
	    if (sign == "<") ok = ok && v < l
	    if (sign == ">=") ok = ok && v >= l
	    print ok ? "ok" : "MISSED" }')
	printf '%s|%s|%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" \
	    "${6:+$5 $6}" "$verdict" | tee -a "${ROWS:-/dev/null}"
}

# Of the numbers on standard input, one a line; "-" when there is none.
median() {
	sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "-" }'
}
spread() {
	sort -n | awk '{ v[NR] = $1 } END { if (NR) printf "%.1f\n", v[NR] - v[1]; else print "-" }'
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
# cpu_of PID: nanoseconds on a processor, of all their threads
cpu_of() {
	for pid in $(processes "$1"); do
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null || true
	done | awk '{ n += $1 } END { printf "%.0f\n", n }'
}
# woken PID: how often a thread of them has waited for something and gone on
woken() {
	for pid in $(processes "$1"); do
		cat /proc/"$pid"/task/*/status 2>/dev/null || true
	done | awk '/^voluntary_ctxt/ { n += $2 } END { print n + 0 }'
}

# pulse_start [SINK...]: a PulseAudio of our own, whose sinks ("bench") are no
# devices, made with $SINK_MORE; it gives more than fifty of them and theirs
# descriptors enough
pulse_start() {
	[ $# -gt 0 ] || set -- bench
	export PULSE_SERVER="unix:$tmp/pulse.sock" PULSE_SINK="$1"
	loads=
	for sink; do
		loads="$loads --load=module-null-sink%sink_name=$sink%rate=48000%format=s16le%channels=2${SINK_MORE:+%$SINK_MORE}"
	done
	set --
	for load in $loads; do
		set -- "$@" "$(echo "$load" | tr % ' ')"
	done
	mkdir -p "$tmp/.config/pulse"
	echo "rlimit-nofile = 4096" >"$tmp/.config/pulse/daemon.conf"
	HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
	    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
	    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
	    "$@" >"$tmp/pulse.log" 2>&1 &
	pulse=$!
	for _ in $(seq 50); do
		! pactl info >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	cat "$tmp/pulse.log" >&2
	exit 1
}

# sounds_make: short and long, loud from the first frame; loaxa's library
made() {
	case $1 in
	short) noise "$2" 1 ;;
	long) noise "$2" "$LONG_S" ;;
	esac
}
sounds_make() {
	library_make short long
}

# The recorder begins before what it records; tool_capture tells the instant
# of its first frame once the pipe is closed.
record_start() {
	rm -f "$tmp/pipe" "$tmp/sound" "$tmp/epoch"
	mkfifo "$tmp/pipe"
	"$build/tests/tool_capture" "$tmp/sound" "$tmp/epoch" <"$tmp/pipe" &
	capture=$!
	parec --raw --latency-msec=10 --device=bench.monitor --rate=48000 \
	    --format=s16le --channels=2 >"$tmp/pipe" &
	recorder=$!
}
record_stop() {
	end "$recorder"
	recorder=
	wait "$capture"
}

# session PROGRAM: plays SHORTS short sounds and a long one at their instants;
# adds to the files $tmp/PROGRAM.{late,pss,uss,cpu} what was seen. A program
# is two functions: PROGRAM_ready, which sets $resident if a process of it is
# to stay, and PROGRAM_play, which sets $command to what is to be called with
# a sound's name at its instant; "" when the program has a clock of its own.
session() {
	program=$1
	start=$(($(date +%s) + LEAD_S))
	resident=
	command=
	"${program}_ready"
	record_start
	dues=
	for i in $(seq 0 $((SHORTS - 1))); do
		dues="$dues $((start + i * GAP_S))000000"
		sleep_to $((i * GAP_S))
		sound=short
		[ -z "$command" ] || "$command" short >"$tmp/$program.log" 2>&1 ||
		    { cat "$tmp/$program.log" >&2; exit 1; }
	done
	sleep_to "$LONG_AT"
	watched=$resident
	if [ -n "$command" ]; then
		sound=long
		"$command" long >"$tmp/$program.log" 2>&1 &
		player=$!
		watched=${resident:-$player}
	fi
	sleep_to $((LONG_AT + 6))
	cpu=$(cpu_of "$watched")
	sleep_to $((LONG_AT + 16))
	memory_of "$watched" >"$tmp/memory"
	sleep_to $((LONG_AT + 26))
	cpu=$(($(cpu_of "$watched") - cpu))
	sleep_to $((LONG_AT + LONG_S + 1))
	record_stop
	[ -z "$command" ] || wait "$player" || true
	end "$resident"
	resident=
	daemon=
	cut -d ' ' -f 1 "$tmp/memory" >>"$tmp/$program.pss"
	cut -d ' ' -f 2 "$tmp/memory" >>"$tmp/$program.uss"
	echo $((cpu * 60 / 20 / 1000000)) >>"$tmp/$program.cpu"
	# Instants, meant to be split.
	# shellcheck disable=SC2086
	"$build/tests/tool_starts" "$tmp/sound" "$(cat "$tmp/epoch")" $dues |
	    grep -v '^-$' >>"$tmp/$program.late" || true
}
# fact PROGRAM WHAT [KIND]: the median of what was seen, or its spread
fact() {
	[ -e "$tmp/$1.$2" ] || : >"$tmp/$1.$2"
	"${3:-median}" <"$tmp/$1.$2"
}

# loaxa: slots of its own timetable
loaxa_ready() {
	rm -rf "$tmp/station"
	station_make "$tmp/station" 'driver = "pulse"; device = "bench";'
	for i in $(seq 0 $((SHORTS - 1))); do
		slot "short-$i" $((i * GAP_S)) 2 'item = "short";'
	done
	slot long "$LONG_AT" "$LONG_S" 'item = "long";'
	timetable ""
	daemon_start
	resident=$daemon
}

# ---- other programs; $AUDIODEV is their sink ----

export AUDIODRIVER=pulseaudio AUDIODEV=bench MPD_HOST="$tmp/mpd.sock"

# A shell that sleeps until the instant starts these two; nothing of them
# stays in between.
mpg123_ready() {
	command=mpg123_play
}
mpg123_play() {
	exec_or_call mpg123 -q -o pulse -a "$AUDIODEV" "$tmp/music/$1.mp3"
}
sox_ready() {
	command=sox_play
}
sox_play() {
	exec_or_call play -q "$tmp/music/$1.flac"
}
# The long sound plays in a shell of its own, which the program replaces: its
# memory is then nobody else's.
exec_or_call() {
	[ "$sound" = short ] || exec "$@"
	"$@"
}

# mpd stays; mpc, started at the instant, tells it to play.
mpd_ready() {
	command=mpd_play
	mkdir -p "$tmp/mpd"
	cat >"$tmp/mpd.conf" <<END
music_directory "$tmp/music"
playlist_directory "$tmp/mpd"
db_file "$tmp/mpd/db"
state_file "$tmp/mpd/state"
bind_to_address "$MPD_HOST"
audio_output {
	type "pulse"
	name "bench"
	sink "$AUDIODEV"
}
END
	mpd --no-daemon "$tmp/mpd.conf" >"$tmp/mpd.log" 2>&1 &
	resident=$!
	for _ in $(seq 50); do
		! mpc -q --wait update 2>/dev/null || break
		sleep 0.1
	done
	mpc -q clear
	mpc -q add short.flac
	mpc -q add long.flac
	mpc -q single on
}
mpd_play() {
	case $1 in
	short) mpc -q play 1 ;;
	long) mpc -q play 2 ;;
	esac
}

# liquidsoap stays, and has a timetable: switch() with hours of the day.
# $start is not known to it while it idles: then nothing is due.
hour() {
	date -d "@$1" +%-Hh%-Mm%-Ss
}
liquidsoap_ready() {
	{
		echo 'settings.init.allow_root.set(true)'
		echo 'settings.log.stdout.set(true)'
		echo "short = single(\"$tmp/music/short.flac\")"
		echo "long = single(\"$tmp/music/long.flac\")"
		echo 'station = switch(track_sensitive=false, ['
		for i in $(seq 0 $((SHORTS - 1))); do
			at=$((start + FIRST_S + i * GAP_S))
			echo "({$(hour $at)-$(hour $((at + 1)))}, short),"
		done
		at=$((start + LONG_AT))
		echo "({$(hour $at)-$(hour $((at + LONG_S)))}, long),"
		echo '({true}, blank())])'
		echo 'output.pulseaudio(mksafe(station))'
	} >"$tmp/radio.liq"
	liquidsoap "$tmp/radio.liq" >"$tmp/liquidsoap.log" 2>&1 &
	resident=$!
}

here() {
	case $1 in
	loaxa) true ;;
	mpd) command -v mpd >/dev/null && command -v mpc >/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

version() {
	case $1 in
	loaxa) "$build/loaxa" --version ;;
	*) dpkg-query -W -f='${Package} ${Version}' "$1" 2>/dev/null |
	    sed 's/[-+][^ ]*$//' || echo "$1" ;;
	esac
}
by() {
	case $1 in
	loaxa) echo "its own timetable" ;;
	mpg123 | sox) echo "a shell that sleeps until the instant" ;;
	mpd) echo "\`mpc play\` from such a shell" ;;
	liquidsoap) echo "its \`switch\` by the hour" ;;
	esac
}
