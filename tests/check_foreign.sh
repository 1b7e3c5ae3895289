#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What phones, dictaphones and messengers record becomes an item at its true
# length, by ffmpeg within its walls; what is not all there is never passed as
# whole. The files are made here, by ffmpeg as well.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LOAXA_LANG=en
failed=0
wrong() {
	echo "WRONG: $*"
	failed=1
}
command -v ffmpeg >/dev/null || { echo "ffmpeg is not there"; exit 77; }

make() {
	ffmpeg -nostdin -v error -y "$@" || wrong "ffmpeg $*"
}
loaxa() {
	"$B/loaxa" --root "$tmp/root" "$@"
}
mkdir -p "$tmp/root"
sox -V1 -R -n -r 44100 -b 16 -c 1 "$tmp/v.wav" synth 4 sine 200-2000 gain -9

make -f lavfi -i testsrc=d=6:s=160x120:r=10 -c:v mpeg4 "$tmp/pictures.mp4"
cd "$tmp" || exit 1
B=$(cd "$OLDPWD" && realpath "$B")
make -i v.wav -c:a aac memo.m4a
make -i v.wav -c:a aac -movflags faststart faststart.m4a
make -i v.wav -ar 8000 -c:a aac old.3gp
make -i v.wav -c:a wmav2 dictaphone.wma
make -i v.wav -c:a libopus browser.webm
make -i v.wav caf.caf
make -i v.wav aiff.aiff
make -i v.wav bare.aac
make -i v.wav -c:a libspeex speex.ogg
make -i pictures.mp4 -i v.wav -c:v copy -c:a aac film.mp4
make -i film.mp4 -c copy film.mov
make -i film.mp4 -c copy film.mkv
make -i film.mp4 -c:v copy -c:a mp3 -ar 44100 film.avi
make -i film.mp4 -c copy -an mute.mp4
make -i film.mp4 -i v.wav -map 0 -map 1 -c:v copy -c:a aac two.mp4
# Debian's ffmpeg reads AMR and writes none: 4 s of the frames of silence.
{
	printf '#!AMR\n'
	for _ in $(seq 200); do
		printf '\074\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
		printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
	done
} >old.amr

# A minute of it: ffmpeg guesses two seconds more, and nothing is missing.
{
	printf '#!AMR\n'
	yes '<1234567890123456789012345678901' | tr -d '\n' | head -c 96000
} >long.amr
loaxa add --id long-amr long.amr >long.out 2>&1 ||
    { wrong "a minute of AMR"; cat long.out; }

# length ID: of the item, in ms
length() {
	tr -d ' \n' <"root/audio/items/$1.json" 2>/dev/null |
	    sed -n 's/.*"frames":\([0-9]*\).*/\1/p' |
	    awk '{ printf "%d", $1 / 48 }'
}
for file in memo.m4a faststart.m4a old.3gp dictaphone.wma browser.webm caf.caf \
    aiff.aiff bare.aac speex.ogg film.mp4 film.mov film.mkv film.avi old.amr \
    two.mp4; do
	id=$(echo "$file" | tr . -)
	loaxa add --again --id "$id" "$file" >"$id.out" 2>&1 ||
	    { wrong "$file was refused"; cat "$id.out"; continue; }
	ms=$(length "$id")
	{ [ "${ms:-0}" -ge 3950 ] && [ "$ms" -le 4200 ]; } ||
	    wrong "$file became ${ms:-no} ms, wanted 4000"
	grep -q 'damaged\|broken off\|says it is' "$id.out" &&
	    { wrong "$file is whole"; cat "$id.out"; }
done
grep -q 'has 2 sound tracks' two-mp4.out || wrong "nobody told of two tracks"
[ -f root/audio/items/old-amr.json ] || wrong "no AMR"

# refused FILE WORDS: and nothing of it stays
refused() {
	loaxa add --again --id never "$1" >never.out 2>&1 &&
	    wrong "$1 was taken"
	grep -q "$2" never.out || { wrong "$1: not for \"$2\""; cat never.out; }
	[ ! -e root/audio/items/never.json ] || wrong "$1 left an item"
}
refused mute.mp4 'without any sound track'
for file in memo.m4a film.mov old.3gp; do
	head -c $(($(stat -c %s "$file") * 2 / 3)) "$file" >"cut-$file"
	refused "cut-$file" 'its index is missing'
done
for file in faststart.m4a dictaphone.wma browser.webm caf.caf aiff.aiff \
    bare.aac speex.ogg film.mkv film.avi old.amr; do
	head -c $(($(stat -c %s "$file") * 2 / 3 + 1)) "$file" >"cut-$file"
	refused "cut-$file" 'broken off'
done
loaxa add --again --accept-cut --id cut cut-dictaphone.wma >cut.out 2>&1 ||
    { wrong "a cut file was not accepted"; cat cut.out; }
grep -q 'broken off' cut.out || wrong "an accepted cut is not told"

# Text that would have ffmpeg open other files is text, whatever its name; and
# in a container it is nothing.
printf '#EXTM3U\n#EXTINF:4,\nfile://%s/v.wav\n' "$tmp" >list.m4a
refused list.m4a 'this is text'
printf "ffconcat version 1.0\nfile '%s/v.wav'\n" "$tmp" >concat.mp4
refused concat.mp4 'this is text'
{ printf '\0\0\0\040ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0'; cat list.m4a; } \
    >both.m4a
refused both.m4a 'recording'

# The walls of one who is not root are others, and so is what ffmpeg's libraries
# try then.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 777 theirs
	cp "$B/loaxa" "$B/loaxa-source" memo.m4a dictaphone.wma theirs/
	chmod 755 "$tmp" theirs/*
	(cd theirs && setpriv --reuid 61234 --regid 61234 --clear-groups \
	    sh -c 'mkdir root && ./loaxa --root root add memo.m4a dictaphone.wma'
	) >theirs.out 2>&1 || { wrong "as another user"; cat theirs.out; }
fi

LOAXA_FFMPEG=/nowhere/ffmpeg refused memo.m4a 'apt-get install ffmpeg'
exit $failed
