#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-audio.sh BUILD ROOT - the sample library of the Que Minh station.
#
# Speaks every text of audio/texts with espeak-ng's Vietnamese voice, plays the
# station's tunes with sox, and has BUILD/loaxa admit and approve each below
# ROOT. The sounds stay in BUILD/audio. Each run makes the same bytes.
set -eu
cd "$(dirname "$0")/.."
build=$1
root=$2
wav=$build/audio
approver="Người duyệt mẫu"
office="Lãnh đạo phụ trách"
mkdir -p "$wav"

# sox without dither: the same sound from the same input, each time.
quiet_sox() {
	sox -V1 -D -R "$@"
}

# tune FILE NOTE:SECONDS...: one voice; each note swells and dies away
tune() {
	out=$1
	shift
	n=0
	for note; do
		n=$((n + 1))
		quiet_sox -n -r 48000 -b 16 -c 1 \
		    "$wav/part-$(printf %02d $n).wav" \
		    synth "${note#*:}" triangle "${note%:*}" lowpass 1500 \
		    fade h 0.02 "${note#*:}" 0.25 gain -n -12
	done
	quiet_sox "$wav"/part-*.wav "$out"
	rm "$wav"/part-*.wav
}

# say FILE TEXTFILE: everything below the first empty line
say() {
	sed '1,/^$/d' "$2" | tr '\n' ' ' |
	    espeak-ng -v vi -s 150 --stdin -w "$wav/spoken.wav"
	quiet_sox "$wav/spoken.wav" -r 48000 -b 16 -c 1 "$1" \
	    gain -n -1 pad 0.2 0.4
	rm "$wav/spoken.wav"
}

# Our own five-note tunes: the signature, the sting, the soft filler.
tune "$wav/nhac-hieu.wav" D4:0.5 F4:0.5 G4:0.5 A4:1 C5:0.5 A4:0.5 G4:0.5 D4:1.5
tune "$wav/nhac-cat.wav" A4:0.4 C5:0.4 D5:1.2
tune "$wav/phrase.wav" D4:1.5 A3:1.5 C4:1.5 G3:1.5 A3:1.5 F3:1.5 G3:1.5 D3:4.5
quiet_sox "$wav/phrase.wav" "$wav/nhac-dem.wav" \
    repeat 1 lowpass 1200 gain -n -20 fade h 2 30 3
rm "$wav/phrase.wav"

# Our own siren for the emergency bank: two tones that take turns for ten
# seconds; no hard edges, which horns crack on.
for pitch in 660 880; do
	quiet_sox -n -r 48000 -b 16 -c 1 "$wav/part-$pitch.wav" \
	    synth 0.5 triangle $pitch fade q 0.01 0.5 0.02 gain -n -6
done
quiet_sox "$wav/part-660.wav" "$wav/part-880.wav" \
    "$wav/coi-bao-dong.wav" repeat 9
rm "$wav/part-660.wav" "$wav/part-880.wav"

for text in audio/texts/*.txt; do
	say "$wav/$(basename "$text" .txt).wav" "$text"
done

# The opening follows the signature; the signature follows the farewell.
join() {
	quiet_sox "$2" "$3" "$wav/joined.wav"
	mv "$wav/joined.wav" "$1"
}
join "$wav/mo-dau.wav" "$wav/nhac-hieu.wav" "$wav/mo-dau.wav"
join "$wav/ket-thuc.wav" "$wav/ket-thuc.wav" "$wav/nhac-hieu.wav"

loaxa() {
	"$build/loaxa" --root "$root" "$@"
}

# field NAME TEXTFILE: from the lines above the first empty one
field() {
	sed -n "/^$/q; s/^$1: *//p" "$2"
}

loaxa add --replace --id nhac-hieu --title "Nhạc hiệu" "$wav/nhac-hieu.wav"
loaxa add --replace --id nhac-cat --title "Nhạc cắt" "$wav/nhac-cat.wav"
loaxa add --replace --id nhac-dem --title "Nhạc đệm" "$wav/nhac-dem.wav"
loaxa add --replace --id coi-bao-dong --title "Còi báo động hai âm" \
    --segment khan-cap "$wav/coi-bao-dong.wav"
for text in audio/texts/*.txt; do
	id=$(basename "$text" .txt)
	segment=$(field segment "$text")
	loaxa add --replace --id "$id" --title "$(field title "$text")" \
	    ${segment:+--segment "$segment"} \
	    --language "$(field language "$text")" "$wav/$id.wav"
done

loaxa person add --office "$office" "$approver"
for sound in "$wav"/*.wav; do
	basename "$sound" .wav
done | {
	ids=$(cat)
	# Ids hold no spaces: they are meant to be split.
	# shellcheck disable=SC2086
	loaxa approve --by "$approver" $ids
}
