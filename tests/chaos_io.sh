#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Death and failure at every call to the disk. A scripted day of a station
# (tool_day.c) is killed at each write, sync, rename, open and the like of it
# in turn, or gets EIO, ENOSPC or half a write from it (shim_disk.c); then it
# lives on, on a disk that is well, and must have kept every promise. So must
# the commands that write.
#
#	B=build sh tests/chaos_io.sh SCRIPT FAULT N
#	B=build sh tests/chaos_io.sh loaxa COMMAND FAULT N
#
# does one of them again and shows what is wrong.
set -u
CHAOS=${CHAOS:-slice}
export LC_ALL=C.UTF-8 LOAXA_LANG=en ASAN_OPTIONS=verify_asan_link_order=0
unset NOTIFY_SOCKET LOAXA_ROOT LOAXA_LIBEXEC
build=$(realpath "$B")
day=$build/tests/tool_day
shim=$build/tests/shim_disk.so
begun=$(date +%s)

# In memory where there is room: what is lost is lost by the process.
tmp=$(TMPDIR=/dev/shm mktemp -d 2>/dev/null || mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# hurt FAULT N COMMAND...: it, with that fault at its n-th call
hurt() {
	fault=$1 nth=$2 times=1
	shift 2
	case $fault in
	*-on) times=12 fault=${fault%-on} ;;	# and at the next eleven
	esac
	env LD_PRELOAD="$shim" SHIM_PATH=/life/ SHIM_DO="$fault" \
	    SHIM_AT="$nth" SHIM_FOR="$times" "$@"
}
# calls COMMAND...: its calls to the disk, one a line: number, name, path
calls() {
	env LD_PRELOAD="$shim" SHIM_PATH=/life/ SHIM_TRACE="$tmp/trace" "$@" \
	    >/dev/null 2>&1
	cat "$tmp/trace"
	rm -f "$tmp/trace"
}
# faults_of CALL: what can happen to it
faults_of() {
	case $CHAOS-$1 in
	whole-write) echo kill torn short EIO ENOSPC ENOSPC-on ;;
	whole-sync) echo kill lost EIO EIO-on ENOSPC ;;
	whole-*) echo kill EIO ENOSPC EROFS-on ;;
	*-write) echo kill torn EIO ENOSPC-on ;;
	*-sync) echo kill lost EIO-on ENOSPC ;;
	*) echo kill EIO ENOSPC ;;
	esac
}

# one_day SCRIPT FAULT N FOLDER: 0, or 1 with what is wrong
one_day() {
	rm -rf "$4"
	mkdir -p "$4"
	cp -R "$tmp/made/$1" "$4/life"
	(hurt "$2" "$3" "$day" live "$4/life" "$1" "$4/witness") \
	    >"$4/out" 2>&1
	code=$?
	"$day" finish "$4/life" "$1" "$4/witness" >>"$4/out" 2>&1
	finished=$?
	# Killed, or no disk to begin with: neither is wrong.
	case $code in
	0 | 3 | 137) ;;
	*) echo "the hurt life ended with $code" && finished=1 ;;
	esac
	[ $finished -eq 0 ] || cat "$4/out"
	return $finished
}

# The commands that write, each with what must be true once it has said 0.
made_root() {
	life=$tmp/made/loaxa
	mkdir -p "$life/etc" "$life/schedules/que-minh" "$life/audio" \
	    "$life/var"
	cat >"$life/etc/loaxa.conf" <<-END
	hours = ( { days = "T2-CN"; from = "04:00"; to = "22:00"; } );
	outputs = ( { station = "que-minh"; driver = "wav"; file = "var/o.wav"; } );
	END
	cp schedules/que-minh.cfg "$life/schedules/"
	cp schedules/que-minh/2026-W48.cfg "$life/schedules/que-minh/"
	for n in 1 2 3; do
		sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$tmp/$n.wav" \
		    synth "$n" whitenoise gain -14
	done
	for words in "person add --office Chủ-tịch --role approver Duyệt" \
	    "add --id mot $tmp/1.wav" "add --id hai $tmp/2.wav"; do
		# One word each.
		# shellcheck disable=SC2086
		"$build/loaxa" --root "$life" $words >"$tmp/out" 2>&1 || {
			cat "$tmp/out"
			return 1
		}
	done
	"$build/loaxa" --root "$life" backup "$tmp/made/backup" >/dev/null
}
words_of() {
	case $1 in
	add) echo "add --id ba $tmp/3.wav" ;;
	approve) echo "approve --by Duyệt mot" ;;
	withdraw) echo "withdraw --by Duyệt --reason thử hai" ;;
	person) echo "person add --office Văn-phòng Khác" ;;
	edit) echo "edit mot --title Tên" ;;
	log) echo "log --from 2026-01-01 --to 2026-12-31" ;;
	backup) echo "backup --replace $2/life/var/sao-luu" ;;
	restore) echo "restore --replace $tmp/made/backup" ;;
	esac
}
# holds COMMAND ROOT: what it did is there
holds() {
	case $1 in
	add) "$build/loaxa" --root "$2" show ba ;;
	approve) grep -q '"kind":"approve".*"item":"mot"' "$2"/var/log/*.jsonl ;;
	withdraw) grep -q '"kind":"withdraw".*"item":"hai"' "$2"/var/log/*.jsonl ;;
	person) grep Khác "$2/var/people" ;;
	edit) "$build/loaxa" --root "$2" show mot | grep Tên ;;
	log) : ;;
	backup) "$build/loaxa" restore --check "$2/var/sao-luu" ;;
	restore) [ ! -e "$2/var/restoring" ] &&
	    grep -q '"kind":"epoch"' "$2"/var/log/*.jsonl &&
	    "$build/loaxa" --root "$2" show mot ;;
	esac >/dev/null 2>&1
}
# one_command COMMAND FAULT N FOLDER
one_command() {
	rm -rf "$4"
	mkdir -p "$4"
	cp -R "$tmp/made/loaxa" "$4/life"
	typed=$(words_of "$1" "$4")
	# One word each.
	# shellcheck disable=SC2086
	(hurt "$2" "$3" "$build/loaxa" --root "$4/life" $typed) \
	    >"$4/out" 2>&1 </dev/null
	code=$?
	bad=
	{ [ $code -ne 0 ] || holds "$1" "$4/life"; } ||
	    bad="it said that it was done, and it was not"
	case $code in
	13[4-9]) [ $code -eq 137 ] || bad="it crashed" ;;
	esac
	# What is moved aside is named by the second.
	[ "$1" != restore ] || sleep 1
	# Again, on a disk that is well: done now, or it was already.
	# shellcheck disable=SC2086
	"$build/loaxa" --root "$4/life" $typed >>"$4/out" 2>&1 </dev/null
	holds "$1" "$4/life" || bad="${bad:-a second time does not mend it}"
	"$build/loaxa" --root "$4/life" audit >>"$4/out" 2>&1 ||
	    bad="${bad:-the audit disagrees}"
	[ -z "$bad" ] && return 0
	cat "$4/out"
	echo "WRONG: $bad"
	return 1
}

# one WHAT...: either, told apart by the first word
one() {
	case $1 in
	loaxa) shift && one_command "$@" ;;
	*) one_day "$@" ;;
	esac
}

make_all() {
	mkdir -p "$tmp/made"
	for script in day office restart; do
		mkdir -p "$tmp/made/$script"
		"$day" make "$tmp/made/$script" $script || exit 1
	done
	made_root || exit 1
}
make_all

if [ $# -gt 0 ] && [ "$1" != --list ]; then
	one "$@" "$tmp/one" && echo "nothing is wrong"
	exit
fi

# The list of everything that can happen, each a line of words for one().
if [ "$CHAOS" = whole ]; then
	commands="approve withdraw add edit person log backup restore"
else
	commands="approve add log"
fi
for script in day office restart; do
	mkdir -p "$tmp/count"
	cp -R "$tmp/made/$script" "$tmp/count/life"
	calls "$day" live "$tmp/count/life" "$script" "$tmp/count/witness" |
	while read -r n call _; do
		for fault in $(faults_of "$call"); do
			echo "$script $fault $n"
		done
	done
	rm -rf "$tmp/count"
done >"$tmp/list"
for command in $commands; do
	mkdir -p "$tmp/count"
	cp -R "$tmp/made/loaxa" "$tmp/count/life"
	# One word each.
	# shellcheck disable=SC2046
	calls "$build/loaxa" --root "$tmp/count/life" \
	    $(words_of "$command" "$tmp/count") </dev/null |
	while read -r n call _; do
		for fault in $(faults_of "$call"); do
			echo "loaxa $command $fault $n"
		done
	done
	rm -rf "$tmp/count"
done >>"$tmp/list"
total=$(wc -l <"$tmp/list")

# part K: every second line of the list
part() {
	awk -v k="$1" 'NR % 2 == k' "$tmp/list" |
	while read -r words; do
		# One word each.
		# shellcheck disable=SC2086
		one $words "$tmp/part$1" >"$tmp/out$1" 2>&1 || {
			echo "$words" >>"$tmp/bad$1"
			cat "$tmp/out$1" >&2
			echo "again: B=$B sh tests/chaos_io.sh $words" >&2
		}
		echo >>"$tmp/done$1"
	done
}
part 0 &
first=$!
part 1 &
second=$!
while kill -0 $first 2>/dev/null || kill -0 $second 2>/dev/null; do
	sleep 2
	tried=$(cat "$tmp"/done? 2>/dev/null | wc -l)
	[ $(($(date +%s) % 8)) -gt 1 ] ||
	    echo "io: $tried of $total faults" >&2
done
wait $first $second
tried=$(cat "$tmp"/done? 2>/dev/null | wc -l)
bad=$(cat "$tmp"/bad? 2>/dev/null | wc -l)
printf 'chaos\t%s\t%s\t%s\t%s\t%s\n' \
    "kill, EIO, ENOSPC and half a write at every call to the disk" \
    "$tried" "$bad" "$(cat "$tmp"/bad? 2>/dev/null | head -n 3 |
    tr '\n' ';' | grep . || echo -)" $(($(date +%s) - begun))
[ "$bad" -eq 0 ] && [ "$tried" -eq "$total" ] && [ "$total" -ge 500 ]
