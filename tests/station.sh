# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# station.sh - what the scripts share that run a station of their own. Sourced
# from the top of the tree; $B is the build folder, $tmp a folder that the
# script removes. A script runs several stations at once by giving each a
# subshell: root, start and daemon are the current one's. So is station: a
# root may hold several.

unset NOTIFY_SOCKET LOAXA_ROOT LOAXA_LIBEXEC
export LOAXA_LANG=en LC_ALL=C.UTF-8
build=$(realpath "$B")
match=$build/tests/tool_match

# Far from midnight, so that a session is of one date: the allowed hours of a
# station and its days are then simple.
zone=Asia/Ho_Chi_Minh
case $(TZ=$zone date +%H) in
22 | 23 | 00 | 01) zone=Etc/GMT+5 ;;
esac

daemon=
station=que-minh
faults=0
wrong() {
	echo "WRONG: $*"
	faults=$((faults + 1))
}
loaxa() {
	"$build/loaxa" --root "$root" "$@"
}

# station_make ROOT OUTPUT [HOURS]: may sound at any hour, unless told; items
# are copied from the folder $items
station_make() {
	root=$1
	mkdir -p "$root/etc" "$root/schedules/$station" "$root/audio" \
	    "$root/var/out"
	cat >"$root/etc/loaxa.conf" <<-END
	zone = "$zone";
	hours = ( { days = "T2-CN"; ${3:-from = \"00:00\"; to = \"24:00\";} } );
	approval = "required";
	plausible_clock = true;
	loudness = "off";
	relays = ( { id = "vov1"; title = "VOV1"; } );
	outputs = ( { station = "$station"; $2 } );
	END
	[ ! -d "$items/audio" ] || cp -R "$items/audio" "$items/var" "$root/"
}

# library_make ID...: a library in $items of sounds that made() makes; each
# sharp from its first frames on, and like no other. Every one is approved.
library_make() {
	items=$tmp/items
	none=$items
	mkdir -p "$tmp/wav"
	items=$tmp/none station_make "$tmp/items" \
	    'driver = "wav"; file = "var/out.wav";'
	items=$none
	for id; do
		made "$id" "$tmp/wav/$id.wav"
	done
	{
		for id; do
			loaxa add --again --id "$id" "$tmp/wav/$id.wav"
		done
		loaxa person add --office "Chủ tịch" "Người duyệt"
		loaxa approve --by "Người duyệt" "$@"
	} >"$tmp/library.log" 2>&1 || { cat "$tmp/library.log"; exit 1; }
}
# noise FILE SECONDS: the same on every run, another for each name and length
noise() {
	sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$1" synth "$2" whitenoise \
	    highpass "$((${#1} * 7 + 40))" gain -14
}
# sweep FILE SECONDS FROM-TO: from silence at once to loud
sweep() {
	sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$1" synth "$2" sine "$3" gain -9
}

# clock LENGTH: so many seconds as HH:MM:SS
length() {
	printf '%02d:%02d:%02d' $(($1 / 3600)) $(($1 / 60 % 60)) $(($1 % 60))
}
# slot NAME AT LENGTH CONTENT: AT seconds after $start, on that day
slot() {
	when=$(TZ=$zone date -d "@$((start + $2))" '+%a %T' | tr '[:upper:]' '[:lower:]')
	[ ! -e "$root/slots-$station" ] || echo , >>"$root/slots-$station"
	cat >>"$root/slots-$station" <<-END
	{ id = "$1"; days = "${when% *}"; at = "${when#* }";
	  for = "$(length "$3")"; $4 }
	END
}
# timetable PROGRAM [NAME [ABOVE]]: from the slots so far and the week's
# program, or ""
timetable() {
	cat >"$root/schedules/$station.cfg" <<-END
	station = "$station";
	name = "${2:-Đài truyền thanh xã Quế Minh}";
	above = [ ${3:-} ];
	segments = ( { id = "ttdn"; title = "Thông tin đối ngoại"; } );
	slots = (
	$(cat "$root/slots-$station")
	);
	END
	[ -n "$1" ] || return 0
	week=$(TZ=$zone date -d "@$start" +%G-W%V)
	cat >"$root/schedules/$station/$week.cfg" <<-END
	week = "$week";
	program = ( $1 );
	END
}

# Into the future, at SECONDS after $start.
sleep_to() {
	left=$(awk "BEGIN { print $start + $1 - $(date +%s.%N) }")
	case $left in
	-*) ;;
	*) sleep "$left" ;;
	esac
}

# daemon_start: the daemon below $root, until it answers
daemon_start() {
	"$build/loaxad" --root "$root" >>"$root/daemon.log" 2>&1 &
	daemon=$!
	for _ in $(seq 50); do
		loaxa status >/dev/null 2>&1 && answer=0 || answer=$?
		[ "$answer" -gt 2 ] || return 0 # 1, 2: it answers, and has faults
		sleep 0.1
	done
	cat "$root/daemon.log"
	wrong "the daemon does not answer"
	return 1
}
daemon_stop() {
	[ -n "$daemon" ] || return 0
	kill "$daemon" 2>/dev/null || true
	wait "$daemon" || wrong "the daemon ended with $?"
	daemon=
}

# children PID [NAME]: its children, or those of that name
children() {
	tr ' ' '\n' 2>/dev/null <"/proc/$1/task/$1/children" |
	while read -r pid; do
		[ "$(cat "/proc/$pid/comm")" = "${2:-$(cat "/proc/$pid/comm")}" ] &&
		    echo "$pid"
	done
}

# records KIND [SLOT]: lines of the log
records() {
	grep -h "^{\"v\":1,\"kind\":\"$1\"" "$root"/var/log/airing-*.jsonl |
	    grep "${2:+\"slot\":\"$2\"}" || true
}
# key KEY: of each line, its value
key() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

# expect SLOT STATUS REASON: its one outcome
expect() {
	got=$(records slot "$1" | while read -r line; do
		echo "$(echo "$line" | key status)/$(echo "$line" | key reason)"
	done)
	[ "$got" = "$2/$3" ] || wrong "$1: outcome \"$(echo "$got" |
	    tr '\n' ' ')\", wanted \"$2/$3\""
}
# on_time SLOT...: each one's first attempt began within 50 ms of its slot
on_time() {
	for name; do
		late=$(records end "$name" | head -n 1 | key late_ms)
		{ [ -n "$late" ] && [ "$late" -ge -50 ] && [ "$late" -le 50 ]; } ||
		    wrong "$name: \"$late\" ms late"
	done
}
# audited: the log keeps its promises, and every slot is accounted for
audited() {
	loaxa audit >"$root/audit" 2>&1 || { cat "$root/audit"; wrong "audit"; }
	grep -q ' 0 still open' "$root/audit" || {
		cat "$root/audit"
		wrong "something in the log is still open"
	}
}
