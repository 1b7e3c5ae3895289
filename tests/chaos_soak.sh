#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Ten years of one daemon without a fault (slice), or five hundred in lives of
# ten (whole): its memory and its descriptors stay what they were. tool_soak.c
# says how flat is flat. See tests/chaos.sh for the frame.
set -u
tool=${B:-build}/tests/tool_soak
case ${CHAOS:-slice} in
whole) lives=50 ;;
*) lives=1 ;;
esac
out=$(mktemp)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM

begun=$(date +%s)
failed=
first=${SEED:-1}
for life in $(seq "$first" $((first + lives - 1))); do
	# Another first year each: leap years and weekdays fall otherwise.
	from=$((2026 + life))
	"$tool" 10 "$from" >"$out.life" &
	pid=$!
	wait "$pid" || failed="$failed,$from"
	pid=
	cat "$out.life" >>"$out"
	tail -n 2 "$out.life" >&2
	case ,$failed, in
	*,$from,*) echo "see it again: $tool 10 $from" >&2 ;;
	esac
	rm -f "$out.life"
done
took=$(($(date +%s) - begun))
cat "$out" >&2
seeds=${failed#,}
years=$(grep -c ' kB in use' "$out")
grown=$(grep -c 'it has grown' "$out")
printf 'chaos\tvirtual soak, no faults, station-years\t%s\t%s\t%s\t%s\n' \
    "$years" "$grown" "${seeds:--}" "$took"
[ -z "$failed" ] && [ "$years" -eq $((lives * 10)) ]
