#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_intake.sh BUILD [KIND...] - how much processor time the admission of an
# hour of sound takes, for each kind of file: the command, its decode worker
# and what that runs. A line each on standard output:
#
#	KIND SECONDS TIMES	of user and system time; how often real time
#
# The bar (100 times real time on one core) is for mp3; less ends with 1.
set -u
B=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- mp3 wav m4a wma amr opus
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Five minutes, and twelve of them: neither a tone nor silence, which cost less.
sox -V1 -R -n -r 44100 -b 16 -c 2 "$tmp/part.wav" synth 300 pinknoise \
    tremolo 3 60 gain -9
twelve() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "file '$tmp/part.wav'"
	done
}
twelve >"$tmp/list"
make() {
	ffmpeg -nostdin -v error -y -f concat -safe 0 -i "$tmp/list" "$@"
}

# cpu COMMAND...: its processor time and its children's, in seconds
cpu() {
	(
		"$@" >"$tmp/out" 2>&1 || { cat "$tmp/out" >&2; exit 1; }
		times >"$tmp/times"
	) || return
	tail -n 1 "$tmp/times" | tr -d s | tr 'm' ' ' |
	    awk '{ printf "%.1f", $1 * 60 + $2 + $3 * 60 + $4 }'
}
slow=0
for kind; do
	file=$tmp/hour.$kind
	case $kind in
	amr)	# no encoder in Debian: frames of 12.2 kbit/s, all alike
		{
			printf '#!AMR\n'
			yes '<1234567890123456789012345678901' | tr -d '\n' |
			    head -c $((180000 * 32))
		} >"$file" ;;
	opus) make -ac 1 -ar 48000 -c:a libopus -b:a 24k "$file" ;;
	mp3) make -c:a libmp3lame -b:a 128k "$file" ;;
	*) make "$file" ;;
	esac
	rm -rf "$tmp/root"
	mkdir -p "$tmp/root"
	seconds=$(cpu "$B/loaxa" --root "$tmp/root" add "$file")
	[ -n "$seconds" ] || exit 1
	rm -f "$file"
	echo "$kind $seconds" |
	    awk '{ printf "%s %s %d\n", $1, $2, ($2 > 0 ? 3600 / $2 : 0) }'
	[ "$kind" != mp3 ] ||
	    awk "BEGIN { exit !($seconds > 0 && $seconds <= 36) }" || slow=1
done
exit $slow
