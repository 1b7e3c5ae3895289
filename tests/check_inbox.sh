#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `loaxa add --inbox --watch`, as the installed service runs it: what was copied
# to its end is taken soon, what is still being written is not.
set -u
tmp=$(mktemp -d)
watcher=
trap '[ -z "$watcher" ] || kill $watcher; rm -rf "$tmp"' EXIT
export LOAXA_LANG=en
failed=0
wrong() {
	echo "WRONG: $*"
	failed=1
}
root=$tmp/root
inbox=$root/audio/inbox
mkdir -p "$root/etc" "$root/schedules" "$inbox"
cp schedules/que-minh.cfg "$root/schedules/"
sox -V1 -R -n -r 48000 -b 16 -c 1 "$tmp/a.wav" synth 2 sine 440 gain -9
sox -V1 -R -n -r 48000 -b 16 -c 1 "$tmp/b.wav" synth 3 sine 550 gain -9
"$B/loaxa" --root "$root" add --inbox --watch >"$tmp/out" 2>&1 &
watcher=$!

# wait_for SECONDS FILE
wait_for() {
	for _ in $(seq $(($1 * 10))); do
		[ ! -e "$2" ] || return 0
		sleep 0.1
	done
	wrong "no ${2#"$root"/} after $1 s: $(cat "$tmp/out")"
}
wait_for 10 "$inbox/que-minh"
begun=$(date +%s)
cp "$tmp/a.wav" "$inbox/que-minh/tin-a.wav"
cp "$tmp/b.wav" "$inbox/tin-c.wav.part"
# A slow copy: it is open for longer than a file has to lie still.
{
	head -c 100000 "$tmp/b.wav"
	sleep 14
	tail -c +100001 "$tmp/b.wav"
} >"$inbox/tin-b.wav" &
wait_for 25 "$inbox/que-minh/da-nhan/tin-a.wav"
[ $(($(date +%s) - begun)) -ge 10 ] || wrong "taken at once"
wait $!
[ -e "$inbox/tin-b.wav" ] || wrong "half a copy was taken: $(cat "$tmp/out")"
[ -e "$inbox/tin-c.wav.part" ] || wrong "a .part was taken"
[ ! -e "$root/audio/items/tin-b.json" ] || wrong "half a copy is an item"
grep -h '"kind":"item"' "$root"/var/log/*.jsonl |
    grep '"item":"tin-a"' | grep -q '"station":"que-minh"' ||
    wrong "the record: $(cat "$root"/var/log/*.jsonl)"
kill -0 $watcher || wrong "it ended: $(cat "$tmp/out")"
exit $failed
