#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 at any moment of a live run. Several stations, each with a root of
# its own, a slot every few seconds and a WAV file for a loudspeaker; every
# second or two the daemon, its player, its source, or whatever else it has
# started dies, and the daemon is started again at once. Then every slot has
# its one outcome, what was in the log before a kill is in it still, orders
# that were answered are there, nothing was heard twice, and the log claims no
# more than was heard: each item says in its sound which it is, and where
# (tool_marks.c).
set -u
CHAOS=${CHAOS:-slice}
SEED=${SEED:-1}
case $CHAOS in
whole) wanted=${KILLS:-2000} ;;
*) wanted=${KILLS:-200} ;;
esac
stations=6	# side by side
each=34		# kills of one, in a minute
ready_s=5	# from a start until it answers, on a machine that is busy
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
marks=$build/tests/tool_marks
lives=
tidy() {
	# shellcheck disable=SC2086	# one word each
	[ -z "$lives" ] || kill $lives 2>/dev/null
	wait
	rm -rf "$tmp"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM

# Fifteen items, of two to six seconds.
ids=$(seq -f 'm%g' 15)
made() {
	"$marks" make "${1#m}" "$((2 + ${1#m} % 5))" "$2"
}
# shellcheck disable=SC2086	# one word each
library_make $ids

# kills SEED: so many lines "SECONDS WHOM", alike for every run
kills() {
	awk -v seed="$1" -v n=$each 'BEGIN {
		srand(seed)
		split("daemon daemon daemon player source any", whom, " ")
		for (i = 0; i < n; i++)
			printf "%.2f %s %d\n", 0.4 + rand() * 2,
			    whom[int(rand() * 6) + 1], int(rand() * 1000)
	}'
}

# plan: fifteen slots from $start on, each with an item of its own
plan() {
	at=0
	n=0
	for id in $ids; do
		n=$((n + 1))
		for=$((2 + n % 5))
		case $((n % 4)) in
		0) slot "$id" $at $for "item = \"$id\"; rejoin = \"skip\";" ;;
		1) slot "$id" $at $for "item = \"$id\"; start = \"hard\";" ;;
		*) slot "$id" $at $for "item = \"$id\";" ;;
		esac
		at=$((at + for))
	done
	timetable ""
}

# safe: the log as it is now, and later still its beginning
safe() {
	cat "$root"/var/log/airing-*.jsonl >"$root/before" 2>/dev/null
}
still_safe() {
	cat "$root"/var/log/airing-*.jsonl 2>/dev/null |
	    head -c "$(stat -c %s "$root/before")" | cmp -s - "$root/before" ||
	    wrong "after kill $kill of $whom: the log has lost what it had"
}

# victim WHOM NUMBER: a process
victim() {
	case $1 in
	daemon) echo "$daemon" ;;
	player) children "$daemon" loaxa-player ;;
	source) children "$daemon" loaxa-source ;;
	any) children "$daemon" ;;
	esac | awk -v n="$2" '{ pid[NR] = $1 }
	    END { if (NR > 0) print pid[n % NR + 1] }'
}

# Started again as systemd would, and ready soon.
up() {
	begun=$(date +%s%N)
	daemon_start || return 1
	took=$((($(date +%s%N) - begun) / 1000000))
	[ $took -le $((ready_s * 1000)) ] ||
	    wrong "after kill $kill: not ready for $took ms"
	[ $took -le "$(cat "$root/slowest")" ] || echo $took >"$root/slowest"
}

# heard_once: no part of an item twice, save what the device's buffer held
# when the player died; and no item after the next one
heard_once() {
	"$marks" heard "$root/var/out/sound.wav" >"$root/heard"
	awk '
	{
		if ($1 in last && $2 < last[$1] - 30)
			printf "item m%d from %.2f s again at frame %d\n",
			    $1, $2 / 100, $4
		if ($1 < newest)
			printf "item m%d after m%d\n", $1, newest
		if ($3 > last[$1] || !($1 in last)) last[$1] = $3
		if ($1 > newest) newest = $1
	}' "$root/heard" >"$root/twice"
	[ ! -s "$root/twice" ] || {
		cat "$root/twice"
		wrong "heard twice"
	}
}
# claims: the frames of each item that the log says were sent, against those
# that were heard. A ramp is not heard.
claims() {
	records end | while read -r line; do
		echo "$(echo "$line" | key item) $(echo "$line" |
		    key frames_sent) $(echo "$line" | key reason) $(echo "$line" |
		    key at_least)"
	done >"$root/claims"
	awk 'FNR == NR { heard["m" $1] += ($3 - $2 + 1) * 480; next }
	    { sent[$1] += $2; heard[$1] += 4800 }
	    END { for (id in sent) if (sent[id] > heard[id] + 480)
		printf "%s: %d frames, %d heard\n", id, sent[id], heard[id] }' \
	    "$root/heard" "$root/claims" >"$root/more"
	[ ! -s "$root/more" ] || {
		cat "$root/more"
		wrong "the log claims more than was heard"
	}
}

# live NUMBER SEED: one station's minute
live() {
	station_make "$tmp/$2" 'driver = "wav"; file = "var/out/sound.wav";'
	daemon=
	trap '[ -z "$daemon" ] || kill -9 "$daemon"' EXIT
	trap 'exit 1' TERM
	echo 0 >"$root/slowest"
	: >"$root/done"
	plan
	kill=0 whom=nobody answered=0
	up || return
	sleep_to -4
	kills "$2" >"$root/kills"
	while read -r pause whom number; do
		sleep "$pause"
		# An order that has its answer is in the log.
		[ $((number % 4)) -ne 0 ] ||
		    ! loaxa approve --by "Người duyệt" m1 >/dev/null 2>&1 ||
		    answered=$((answered + 1))
		safe
		pid=$(victim "$whom" "$number")
		[ -n "$pid" ] || { whom=daemon pid=$daemon; }
		kill=$((kill + 1))
		kill -9 "$pid" 2>/dev/null
		if [ "$pid" = "$daemon" ]; then
			wait "$daemon" 2>/dev/null
			up || return
		fi
		still_safe
		echo "$kill" >"$root/done"
	done <"$root/kills"
	sleep_to $((at + 3))
	daemon_stop
	for id in $ids; do
		[ "$(records slot "$id" | wc -l)" -eq 1 ] ||
		    wrong "$id: $(records slot "$id" | wc -l) outcomes"
	done
	[ "$(records approve | wc -l)" -ge "$answered" ] ||
	    wrong "$answered approvals were answered"
	heard_once
	claims
	audited
}

# story NUMBER SEED: its life, told only when something went wrong
story() {
	live "$1" "$2" >"$tmp/$2.said" 2>&1
	echo $faults >"$tmp/$2.faults"
}

begun=$(date +%s)
done_all=0 bad=0 seeds='' slowest=0
seed=$SEED
while [ $done_all -lt "$wanted" ]; do
	start=$(($(date +%s) + 12))
	lives=
	round=
	for n in $(seq $stations); do
		story "$n" "$seed" &
		lives="$lives $!"
		round="$round $seed"
		seed=$((seed + 1))
	done
	for pid in $lives; do
		while kill -0 "$pid" 2>/dev/null; do
			sleep 1
			[ $(($(date +%s) % 10)) -ne 0 ] ||
			    echo "kill: $done_all and $(cat "$tmp"/*/done |
			        awk '{ n += $1 } END { print n + 0 }') kills" >&2
		done
		wait "$pid"
	done
	lives=
	for s in $round; do
		done_all=$((done_all + $(tail -n 1 "$tmp/$s/done")))
		took=$(cat "$tmp/$s/slowest")
		[ "$took" -le "$slowest" ] || slowest=$took
		[ "$(cat "$tmp/$s.faults")" != 0 ] || { rm -rf "${tmp:?}/$s"; continue; }
		bad=$((bad + 1))
		seeds="$seeds $s"
		{
			echo "station of seed $s:"
			cat "$tmp/$s.said"
			echo "again: B=$B SEED=$s KILLS=$each sh tests/chaos_kill.sh"
		} >&2
		mkdir -p "$B/chaos"
		rm -rf "$B/chaos/kill-$s"
		mv "$tmp/$s" "$B/chaos/kill-$s"
	done
done
echo "kill: the slowest start took $slowest ms" >&2
printf 'chaos\t%s\t%d\t%d\t%s\t%d\n' "kill -9 of a live run" $done_all $bad \
    "${seeds:--}" $(($(date +%s) - begun))
[ $bad -eq 0 ]
