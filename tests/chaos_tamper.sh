#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A month of a station's log, signed by the daemon, is tampered with: records
# changed by a bit, dropped, swapped, cut off, re-dated, replaced by another
# station's, lines put in, bits of the signed checkpoint and of an airing's
# proof turned. `loaxa verify` must name each, with the first record that is not
# as it was signed (tool_tamper.c).
#
# Whole: every bit of checkpoint and proof, a thousand of each other kind. A
# slice takes fewer; the seed says which.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh
CHAOS=${CHAOS:-slice}
SEED=${SEED:-1}
case $CHAOS in
whole) times=1000 step=1 bits= ;;
*) times=50 step=8 bits=80 ;;
esac

# The month lies in two files, as one that begins in the middle of another does.
from=2026-10-16 to=2026-11-15
root=$tmp/root
mkdir -p "$root/etc" "$root/schedules" "$root/var/log"
cp etc/loaxa.conf "$root/etc"
cp schedules/que-minh.cfg "$root/schedules"
simulated() {
	loaxa --root . simulate --from $from --to $to --station "$1" \
	    --assume-items --log
}
simulated que-minh >"$tmp/log" || exit 1
simulated cau-ngang >"$tmp/other" || exit 1
for month in 2026-10 2026-11; do
	grep "\"local\":\"$month" "$tmp/log" >"$root/var/log/airing-$month.jsonl"
done
loaxad --root "$root" 2>"$tmp/daemon.log" &
daemon=$!
until loaxa --root "$root" status >"$tmp/out" 2>&1 || [ $? -le 2 ]; do
	kill -0 $daemon || { cat "$tmp/daemon.log" >&2; exit 1; }
	sleep 0.1
done
kill $daemon
wait $daemon
daemon=
airing=$(sed -n 's/.*"kind":"end".*"airing_id":"\([^"]*\)".*/\1/p' "$tmp/log" |
    sed -n 200p)
loaxa --root "$root" prove --alone "$airing" -o "$root/var/proof" >&2 ||
    exit 1

# row WHAT KIND TIMES SEED STEP: a line of the table
row() {
	what=$1
	shift
	begun=$(date +%s)
	"$bin/tests/tool_tamper" "$root/var" "$tmp/other" "$@" \
	    >"$tmp/row" 2>"$tmp/wrong" || failed=1
	cat "$tmp/wrong" >&2
	tried=0 wrong=0
	read -r tried wrong <"$tmp/row" || failed=1
	seeds=$(sed -n 's/^[a-z-]*, seed \([0-9]*\):.*/\1/p' "$tmp/wrong" |
	    head -n 5 | paste -sd ,)
	printf 'chaos\t%s\t%s\t%s\t%s\t%s\n' "$what" "$tried" "$wrong" \
	    "${seeds:--}" $(($(date +%s) - begun))
	echo "tamper: $what: $tried, not named: $wrong" >&2
	[ -z "$seeds" ] || echo "again: CHAOS=$CHAOS SEED=${seeds%%,*}" \
	    "B=${B:-build} sh tests/chaos_tamper.sh" >&2
}
row "records of a signed log changed by a bit" changed $times "$SEED" 1
row "records dropped" dropped $times "$SEED" 1
row "records swapped" swapped $times "$SEED" 1
row "logs cut off" truncated $times "$SEED" 1
row "records re-dated" redated $times "$SEED" 1
row "records replaced by another station's" cross $times "$SEED" 1
row "lines of another station's put in" put-in $times "$SEED" 1
"$bin/tests/tool_tamper" "$root/var" "$tmp/other" bits >"$tmp/bits"
while read -r kind n; do
	s=$step
	[ "$kind" = checkpoint ] || s=$((n / ${bits:-$n}))
	row "bits of a $kind turned" "$kind" $((n / s)) "$SEED" "$s"
done <"$tmp/bits"
[ "$(wc -l <"$tmp/bits")" -eq 2 ] || failed=1
exit $failed
