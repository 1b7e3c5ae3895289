#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every example of README.md, line by line, in a folder laid out like a
# clone. The make verbs and the package have tests of their own and are left out; what runs
# for ever is ended after two seconds.
set -eu
build=$(cd "${B:-build}" && pwd)
top=$(pwd)
dir=$(mktemp -d)
daemon=
finish() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT

cp -R etc schedules "$dir"
ln -s "$build" "$dir/build"
cd "$dir"
sox -n -r 44100 -c 1 notice.wav synth 3 sine 440 gain -12
lame --quiet notice.wav thong-bao.mp3

# The lines between ``` fences, without comments; check_kien_giang.sh has those
# of a province.
awk '/^```/ { code = !code; ours = $0 == "```"; next } code && ours' "$top/README.md" |
    sed 's/ *#.*//; /^$/d' >examples
[ "$(grep -c '^build/' examples)" -ge 10 ] || {
	echo "README.md shows fewer examples than there were"
	exit 1
}
export LOAXA_LANG=en
while read -r line; do
	code=0
	case $line in
	make*)	continue ;;
	sudo*)	continue ;; # fresh.sh installs, on a machine of its own
	*'&')	LOAXA_ROOT=$dir "$build/loaxad" 2>daemon.log &
		daemon=$!
		until "$build/loaxa" status >/dev/null 2>&1 || [ $? -le 2 ]; do
			kill -0 "$daemon" || { cat daemon.log; exit 1; }
		done ;;
	*--watch)
		sh -c "timeout 2 $line" >out 2>&1 || code=$?
		[ $code -ne 124 ] || code=0 ;;
	*)	sh -c "$line" >out 2>&1 </dev/null || code=$? ;;
	esac
	case $code,$line in
	1,build/loaxa\ week* | 1,build/loaxa\ next*) code=0 ;; # items lack
	1,build/loaxa\ simulate*) code=0 ;;
	65,*--profile*) code=0 ;; # the sample week is longer than that
	esac
	[ $code -eq 0 ] || {
		echo "\$ $line"
		cat out
		echo "ended with $code"
		exit 1
	}
done <examples
kill "$daemon"
wait "$daemon"
daemon=
