#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The volume of a time of day, in the samples: an item at half its amplitude
# on the air, and the log's gain_db.
set -eu
bin=$(cd "${B:-build}" && pwd)
tmp=$(mktemp -d)
daemon=
# shellcheck disable=SC2317	# called by the trap
cleanup() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
PATH=$bin:$PATH
export LOAXA_LANG=en TZ=Asia/Ho_Chi_Minh
unset LOAXA_ROOT

mkdir -p "$tmp/etc" "$tmp/schedules"
cd "$tmp"
cat >etc/loaxa.conf <<'END'
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
volume = ( { from = "00:00"; to = "24:00"; gain_db = -6.0206; } );
loudness = "off";
approval = "none";
plausible_clock = true;
outputs = ( { station = "a"; driver = "wav"; file = "var/out.wav"; } );
END
sox -n -r 48000 -c 1 tin.wav synth 2 sine 440 vol 0.4
loaxa add tin.wav >/dev/null
at=$(date -d '+5 seconds' +%T)
cat >schedules/a.cfg <<END
station = "a";
name = "A";
slots = ( { id = "tin"; days = "T2-CN"; at = "$at"; for = "00:00:02"; item = "tin"; } );
END
loaxad >daemon.out 2>&1 &
daemon=$!
n=0
until grep -qs '"kind":"slot"' var/log/airing-*.jsonl || [ "$n" -eq 150 ]; do
	n=$((n + 1))
	sleep 0.1
done
kill "$daemon"
wait "$daemon"
daemon=
grep -q '"gain_db":-6.02[0-9]*,' var/log/airing-*.jsonl || {
	echo "the log does not say by how much:"
	cat var/log/airing-*.jsonl daemon.out
	exit 1
}
peak=$(sox var/out.wav -n stat 2>&1 | sed -n 's/^Maximum amplitude: *//p')
awk -v p="$peak" 'BEGIN { exit !(p > 0.198 && p < 0.202) }' || {
	echo "the loudest sample is $peak, wanted 0.2 of an item at 0.4"
	exit 1
}
