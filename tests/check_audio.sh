#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `make audio` speaks, admits and approves the whole sample library, and makes
# the same sounds on every run.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
say() {
	echo "$*"
	failed=1
}

# The sounds go below BUILD: a folder that lends us the programs.
mkdir "$tmp/build"
for file in loaxa loaxad loaxa-player loaxa-source po; do
	ln -s "$(realpath "$B")/$file" "$tmp/build/$file"
done
for run in 1 2; do
	mkdir -p "$tmp/root$run/etc" "$tmp/root$run/schedules"
	cp etc/loaxa.conf "$tmp/root$run/etc/"
	sh audio/make-audio.sh "$tmp/build" "$tmp/root$run" \
	    >"$tmp/out$run" 2>&1 || {
		cat "$tmp/out$run"
		exit 1
	}
done

# number ID KEY: a number of an item's record
number() {
	tr -d ' \n' <"$tmp/root1/audio/items/$1.json" |
	    sed -n "s/.*\"$2\":\\(-\\{0,1\\}[0-9]*\\).*/\\1/p"
}

for text in audio/texts/*.txt; do
	basename "$text" .txt
done >"$tmp/ids"
printf '%s\n' nhac-hieu nhac-cat nhac-dem coi-bao-dong >>"$tmp/ids"
while read -r id; do
	flac=audio/items/$id.flac
	[ -s "$tmp/root1/$flac" ] || say "$id was not admitted"
	cmp "$tmp/root1/$flac" "$tmp/root2/$flac" ||
	    say "$id is another sound on the second run"
	grep -h '"kind":"approve"' "$tmp"/root1/var/log/airing-*.jsonl |
	    grep -q "\"item\":\"$id\"" || say "$id was not approved"
	seconds=$(($(number "$id" frames) / 48000))
	case $id in
	demo-*) least=4 most=12 ;;
	nhac-dem) least=30 most=30 ;;
	coi-bao-dong) least=10 most=10 ;;
	*) least=2 most=30 ;;
	esac
	{ [ "$seconds" -lt $least ] || [ "$seconds" -gt $most ]; } &&
	    say "$id lasts $seconds s, wanted $least to $most"
	[ "$(number "$id" lufs)" -ge -35 ] || say "$id is nearly silent"
done <"$tmp/ids"

# What an emergency needs is at hand: the siren, and a phrase for each case.
bank() {
	LOAXA_LANG=en "$tmp/build/loaxa" --root "$tmp/$1" emergency --bank \
	    >"$tmp/bank" 2>&1 || say "no bank: $(cat "$tmp/bank")"
}
bank root1
for id in coi-bao-dong lu-ve so-tan bao-gan-bo chay-rung dich-benh \
    kiem-tra-he-thong; do
	grep "^$id .* vi  *-[0-9.]* " "$tmp/bank" | grep -q " approved" ||
	    say "$id is not ready in the bank: $(cat "$tmp/bank")"
done
[ "$(grep -c khan-cap "$tmp/bank")" -eq 7 ] ||
    say "the bank has something else: $(cat "$tmp/bank")"
rm "$tmp/root2/audio/items"/*
bank root2
grep -q "loaxa add --segment khan-cap" "$tmp/bank" ||
    say "an empty bank without a remedy: $(cat "$tmp/bank")"
exit $failed
