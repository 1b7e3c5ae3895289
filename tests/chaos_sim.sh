#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Months of the made-up station with everything going wrong at random: `loaxa
# simulate --faults`, a thousand months (slice) or two thousand years (whole).
# See tests/chaos.sh for the frame.
set -u
loaxa=${B:-build}/loaxa
seed=${SEED:-1}
case ${CHAOS:-slice} in
whole) runs=2000 from=2026-01-01 to=2026-12-31 what="station-years" ;;
*) runs=1000 from=2026-11-23 to=2026-12-22 what="station-months" ;;
esac
out=$(mktemp)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM

export LOAXA_LANG=en
begun=$(date +%s)
"$loaxa" simulate --faults --example --from $from --to $to \
    --seed "$seed" --runs $runs >"$out" &
pid=$!
wait "$pid"
code=$?
pid=
took=$(($(date +%s) - begun))
cat "$out" >&2

lives=$(sed -n 's/^Lives: \([0-9]*\),.*/\1/p' "$out")
broken=$(sed -n 's/^Promises were broken in \([0-9]*\) lives.*/\1/p' "$out")
seeds=$(sed -n 's/^Broken with seed \([0-9]*\):.*/\1/p' "$out" | paste -sd ,)
printf 'chaos\tsimulated %s with faults\t%s\t%s\t%s\t%s\n' \
    "$what" "${lives:-0}" "${broken:-0}" "${seeds:--}" "$took"
[ "$code" -eq 0 ] && [ "${lives:-0}" -eq $runs ]
