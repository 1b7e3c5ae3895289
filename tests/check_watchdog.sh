#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a real daemon tells the service manager: that it is ready, how it is,
# that it moves; a player that hangs on the air is replaced and does not
# starve the watchdog, a loop that stops does.
set -u
tmp=$(mktemp -d)
ear=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	[ -z "$daemon" ] || kill -CONT "$daemon" 2>/dev/null
	for pid in $daemon $ear; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# told WORDS: how often
told() {
	grep -c "^[0-9]* $1" "$tmp/told"
}
# fed SECONDS: how often the watchdog was fed in that time from now
fed() {
	before=$(told WATCHDOG=1)
	sleep "$1"
	echo $(($(told WATCHDOG=1) - before))
}
# await COUNT WORDS: told so often within three seconds
await() {
	for _ in $(seq 30); do
		[ "$(told "$2")" -lt "$1" ] || return 0
		sleep 0.1
	done
	wrong "\"$2\" was told $(told "$2") times: $(cat "$tmp/told")"
}

made() { noise "$2" 60; }
library_make ban-tin
station_make "$tmp/root" 'driver = "wav"; file = "var/out/a.wav";'
start=$(($(date +%s) + 3))
slot mo-dau 0 60 'item = "ban-tin";'
timetable ""

"$build/tests/tool_notify" "$tmp/notify" >"$tmp/told" &
ear=$!
for _ in $(seq 30); do
	[ ! -S "$tmp/notify" ] || break
	sleep 0.1
done
export NOTIFY_SOCKET="$tmp/notify"
daemon_start || exit 1
unset NOTIFY_SOCKET
await 1 READY=1
await 1 "STATUS=stations running: 1"
[ "$(told WATCHDOG=1)" -gt 0 ] || wrong "the watchdog was not fed at the start"

sleep_to 3
player=$(children "$daemon" loaxa-player)
[ -n "$player" ] || wrong "no player"
[ "$(fed 4)" -gt 0 ] || wrong "on the air, nobody feeds the watchdog"

# It hangs as in a device that takes nothing more.
kill -STOP "$player"
[ "$(fed 8)" -gt 2 ] || wrong "a hung player starves the watchdog"
[ ! -e "/proc/$player" ] || wrong "the hung player was not ended"
for _ in $(seq 12); do
	other=$(children "$daemon" loaxa-player)
	[ -z "$other" ] || break
	sleep 1
done
[ -n "$other" ] || wrong "no new player"

kill -STOP "$daemon"
[ "$(fed 4)" -eq 0 ] || wrong "a daemon that stands still is fed"
kill -CONT "$daemon"
[ "$(fed 3)" -gt 0 ] || wrong "it goes on and nobody says so"

ready=$(told READY=1)
kill -HUP "$daemon"
await 1 RELOADING=1
await $((ready + 1)) READY=1

echo "hours = ( );" >"$root/etc/loaxa.conf"
kill -HUP "$daemon"
await 1 "STATUS=nothing sounds: no hours are allowed"
daemon_stop
await 1 STOPPING=1
loaxa audit >"$tmp/audit" || { cat "$tmp/audit"; wrong "audit"; }
exit "$faults"
