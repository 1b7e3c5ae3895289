#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# hostile.sh - what must not get into the library, through the real intake and
# its sandboxed decoders: sound files with something done to them
# (tool_mutate.c), files that nobody records (tool_craft.c), and what may lie
# in a folder besides files.
#
#	B=build sh tests/hostile.sh		50,000 mutated, all the others
#	HOSTILE=slice B=build sh tests/hostile.sh	a minute's worth
#	B=build sh tests/hostile.sh SEED	one mutated file again
#	B=build sh tests/hostile.sh NAME	one of the others again
#
# For each: nothing but a decoder crashes, no decoder outlives 20 s or 256 MB
# (on a busy machine 20 s of processor, and as much longer as it is busy), a
# refusal says why and what to do, nothing half is left in the library, and
# what is admitted decodes to the frames that its record says. What broke a
# promise is kept in $B/hostile. SEED=N begins the seeds at N, MUTATED=N says
# how many, LANES=N how many at a time. With sanitizers: make tests all
# B=build-san CFLAGS="-O1 -g -fsanitize=address,undefined", then B=build-san.
set -u
HOSTILE=${HOSTILE:-whole}
SEED=${SEED:-1}
case $HOSTILE in
slice) mutated=${MUTATED:-300} lanes=${LANES:-1} ;;
*) mutated=${MUTATED:-50000} lanes=${LANES:-2} ;;
esac
FOREIGN=1000000000	# seeds of what ffmpeg decodes begin here
BATCH=100
unset LOAXA_ROOT LOAXA_LIBEXEC NOTIFY_SOCKET TZ
export LC_ALL=C.UTF-8 LOAXA_LANG=en
build=$(realpath "$B")
loaxa=$build/loaxa
kept=$build/hostile
begun=$(date +%s)

# In memory where there is room; it is the users' to enter.
tmp=$(TMPDIR=/dev/shm mktemp -d 2>/dev/null || mktemp -d)
chmod 755 "$tmp"
running=
tidy() {
	# One word each.
	# shellcheck disable=SC2086
	[ -z "$running" ] || kill $running 2>/dev/null
	chmod -R u+rwX "$tmp" 2>/dev/null
	rm -rf "$tmp"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$tmp/ours" "$tmp/foreign" "$tmp/files" "$tmp/root/etc" \
    "$tmp/root/audio" "$tmp/root/var" "$kept"
printf 'hours = ( { days = "T2-CN"; from = "05:00"; to = "21:00"; } );\n' \
    >"$tmp/root/etc/loaxa.conf"

# The beginnings, each a second or so of what people's machines write. --------
make_ours() {
	cd "$tmp/ours" || exit 1
	sox -R -r 48000 -n -b 16 -c 1 wav.wav synth 1.5 sine 440 vol 0.4
	sox -R -r 44100 -n -b 16 -c 2 ../s.wav synth 1 pinknoise vol 0.2
	sox -R -r 8000 -n -b 8 -c 1 wav-8.wav synth 1 sine 300
	sox -V1 -R -r 48000 -n -b 24 -c 2 wav-ext.wav synth 0.3 sine 500
	sox -V1 -R -r 16000 -n -e floating-point -b 32 -c 1 wav-float.wav \
	    synth 0.5 sine 500
	for kind in a-law u-law ima-adpcm ms-adpcm gsm-full-rate; do
		sox -V1 -R -r 8000 -n -e $kind -c 1 wav-$kind.wav \
		    synth 1 sine 500
	done
	flac --silent wav.wav -o flac.flac
	flac --silent -l 0 -b 1024 ../s.wav -o flac-2.flac
	lame --quiet -b 64 wav.wav mp3-cbr.mp3
	lame --quiet -V 5 ../s.wav mp3-vbr.mp3
	lame --quiet -t -V 5 ../s.wav mp3-no-xing.mp3
	lame --quiet --add-id3v2 --tt Tên --ta Ai --tc nói -b 32 \
	    --resample 16 wav.wav mp3-id3.mp3
	oggenc -Q --serial 7 ../s.wav -o vorbis.ogg
	oggenc -Q --serial 8 wav.wav -o vorbis-1.ogg
	opusenc --quiet --serial 9 wav.wav opus.opus
	opusenc --quiet --serial 10 --bitrate 24 ../s.wav opus-2.opus
	cat vorbis.ogg vorbis.ogg >chain.ogg
	cat opus.opus opus.opus >chain.opus
	if command -v ffmpeg >/dev/null; then
		for kind in rf64 w64; do
			rf64=$([ $kind = rf64 ] && echo '-rf64 always -f wav')
			# shellcheck disable=SC2086
			ffmpeg -v error -nostdin -bitexact -i wav.wav $rf64 \
			    $kind.${rf64:+rf64.wav}${rf64:-w64} 2>/dev/null
		done
	fi
	cd - >/dev/null || exit 1
}
# What ffmpeg has to decode, where it is there and intake knows of it.
make_foreign() {
	command -v ffmpeg >/dev/null || return
	cd "$tmp/foreign" || exit 1
	while read -r name options; do
		# One word each.
		# shellcheck disable=SC2086
		ffmpeg -v error -nostdin -bitexact -i ../ours/wav.wav \
		    $options "$name" 2>/dev/null || rm -f "$name"
	done <<-END
	memo.m4a -c:a aac -b:a 48k
	front.m4a -c:a aac -movflags +faststart
	part.mp4 -c:a aac -movflags +frag_keyframe+empty_moov
	bare.aac -c:a aac -f adts
	phone.3gp -ar 8000 -c:a aac
	zalo.amr -ar 8000 -c:a libopencore_amrnb
	wide.amr -ar 16000 -c:a libvo_amrwbenc
	recorder.wma -c:a wmav2
	old.wma -c:a wmav1
	chat.webm -c:a libopus
	film.mkv -c:a libvorbis
	film.avi -c:a libmp3lame
	apple.aif
	apple.caf
	speex.ogg -ar 16000 -c:a libspeex
	END
	ffmpeg -v error -nostdin -bitexact -i ../ours/wav.wav -f lavfi \
	    -i testsrc=size=64x64:rate=5 -t 1 -c:v mpeg4 -c:a aac video.mp4 \
	    2>/dev/null || rm -f video.mp4
	cd - >/dev/null || exit 1
	"$loaxa" --root "$tmp/root" add --id thu "$tmp/foreign/memo.m4a" \
	    >/dev/null 2>&1 || rm -f "$tmp/foreign"/*
	rm -f "$tmp/root/audio/items"/*
}

# Mutated --------------------------------------------------------------------
# batch FOLDER SEED COUNT: makes them and takes them in
batch() {
	corpus=$tmp/ours
	[ "$2" -lt $FOREIGN ] || corpus=$tmp/foreign
	rm -rf "$1/in" "$1/items"
	mkdir -p "$1/in" "$1/items"
	"$build/tests/tool_mutate" "$corpus" "$2" "$3" "$1/in" || return 1
	n=$2
	while [ "$n" -lt $(($2 + $3)) ]; do
		echo "$1/in/$n".*
		n=$((n + 1))
	done >"$1/list"
	# A sanitized decoder keeps its standard error, but may write to no file.
	{
		xargs "$build/tests/tool_hostile" admit "$build" "$1/items" \
		    <"$1/list" >"$1/out"
		echo $? >"$1/code"
	} 2>&1 | cat >"$1/err"
	code=$(cat "$1/code")
	grep -v '^worst' "$1/out" >>"$1/all"
	grep '^worst' "$1/out" >>"$1/worst"
	done_n=$(grep -vc '^worst' "$1/out")
	grep '	WRONG	' "$1/out" >"$1/wrong"
	# It has died, or a sanitizer has spoken, over the next one.
	if [ "$done_n" -ne "$3" ] ||
	    grep -qE 'Sanitizer|runtime error' "$1/err"; then
		printf '%s\tWRONG\t0\t0\tended with %s: %s\n' \
		    "$1/in/$(($2 + done_n))" "$code" \
		    "$(grep -E 'Sanitizer|runtime error' "$1/err" | head -n 1)" \
		    >>"$1/wrong"
	fi
	sed 's,^.*/in/\([0-9]*\)[^	]*	,\1	,' "$1/wrong" |
	while read -r seed rest; do
		echo "hostile: seed $seed: $rest" >&2
		echo "again: B=$B sh tests/hostile.sh $seed" >&2
		cp "$1/in/$seed".* "$kept/"
		cp "$1/err" "$kept/$seed.err"
		echo "$seed" >>"$1/bad"
	done
}
# lane K FIRST LAST: every so many batches of these seeds
lane() {
	at=$(($2 + $1 * BATCH))
	mkdir -p "$tmp/lane$1"
	while [ $at -lt "$3" ]; do
		count=$BATCH
		[ $((at + count)) -le "$3" ] || count=$(($3 - at))
		batch "$tmp/lane$1" $at $count
		at=$((at + lanes * BATCH))
	done
}
# mutate FIRST COUNT
mutate() {
	running=
	k=0
	while [ $k -lt "$lanes" ]; do
		lane $k "$1" $(($1 + $2)) &
		running="$running $!"
		k=$((k + 1))
	done
	for pid in $running; do
		while kill -0 "$pid" 2>/dev/null; do
			sleep 1
			[ $(($(date +%s) % 10)) -ne 0 ] ||
			    echo "hostile: $(cat "$tmp"/lane*/all 2>/dev/null |
			    wc -l) mutated files" >&2
		done
		wait "$pid"
	done
	running=
}

# The others -----------------------------------------------------------------
# These need programs that write sound, or what a folder may hold.
make_others() {
	cd "$tmp/files" || exit 1
	"$build/tests/tool_craft" . || exit 1

	# STACK.md's fixtures: whole, or cut and known as cut.
	sox -R -r 44100 -n -b 16 -c 2 ../a.wav synth 15 sine 440 vol 0.3
	sox -R -r 44100 -n -b 16 -c 2 ../b.wav synth 15 pinknoise vol 0.1
	sox -V1 ../a.wav ../b.wav ../m.wav
	lame --quiet -V 5 -t ../m.wav yes-30000-vbr-without-xing.mp3
	lame --quiet -V 5 ../m.wav ../m.mp3
	cat ../m.mp3 ../m.mp3 >yes-60100-two-mp3s-by-cat.mp3
	sox -R ../m.wav ../h.wav trim 0 15
	lame --quiet -V 5 ../h.wav ../h.mp3
	cp ../m.wav yes-30000-wav-called-mp3.mp3
	flac --silent ../m.wav -o ../m.flac
	oggenc -Q ../m.wav -o ../m.ogg
	opusenc --quiet ../m.wav ../m.opus
	for kind in wav flac mp3 ogg opus; do
		cut ../m.$kind 667 >no-cut.$kind
	done
	cut yes-30000-vbr-without-xing.mp3 667 >no-cut-without-xing.mp3
	# A header that says 30 s, of 15 s that follow.
	{
		head -c 417 ../m.mp3
		tail -c +418 ../h.mp3
	} >no-says-30-s-but-is-15.mp3
	: >no-empty.mp3
	head -c 100000 /dev/urandom >no-junk.mp3
	head -c 100000 /dev/zero >no-zeros.wav
	for file in ../ours/* ../foreign/*; do
		[ -e "$file" ] || continue
		name=$(basename "$file")
		case $name in
		chain.*) part=700 ;;	# half of it is whole
		*) part=500 ;;
		esac
		cut "$file" $part >"no-half-$name"
	done
	# What ends where it may end: nothing tells that more was to come.
	for kind in film.avi speex.ogg part.mp4; do
		[ ! -e no-half-$kind ] || mv no-half-$kind any-half-$kind
	done

	# Bombs: much silence in a few kilobytes.
	head -c $((3600 * 96000)) /dev/zero |
	    flac --silent --lax -b 65535 --no-padding --no-seektable \
	    --force-raw-format --endian little --sign signed --channels 1 \
	    --bps 16 --sample-rate 48000 - -o no-bomb-of-an-hour.flac
	[ "$HOSTILE" = slice ] || {
		sox -D -r 8000 -n -b 16 -c 1 ../q.wav trim 0 1200
		opusenc --quiet --bitrate 6 ../q.wav \
		    any-20-minutes-of-nothing.opus
	}
	n=0
	oggenc -Q -q 0 ../ours/wav-8.wav -o ../link.ogg
	while [ $n -lt 1000 ]; do
		cat ../link.ogg
		n=$((n + 1))
	done >any-chain-of-1000-links.ogg
	{
		cat ../ours/vorbis.ogg
		cat ../ours/opus.opus
	} >no-vorbis-then-opus.ogg
	cat ../ours/vorbis.ogg ../ours/vorbis-1.ogg >no-stereo-then-mono.ogg

	# Sizes that are not there.
	cp ../ours/wav.wav no-sparse-100-gb.wav
	truncate -s 100G no-sparse-100-gb.wav
	printf 'fLaC' >no-sparse-1-gb.flac
	truncate -s 1G no-sparse-1-gb.flac
	printf 'ID3\4\0\0\177\177\177\177' >no-id3-of-256-mb.mp3
	truncate -s 256M no-id3-of-256-mb.mp3
	cat no-id3-of-256-mb.mp3 ../ours/mp3-cbr.mp3 >any-behind-256-mb.mp3

	# Links, devices, names.
	ln -s /etc/passwd no-link-to-passwd.mp3
	ln -s no-link-to-itself.mp3 no-link-to-itself.mp3
	ln -s no-fifo.mp3 no-link-to-fifo.mp3
	ln -s /dev/zero no-link-to-zero.mp3
	ln -s /dev/full no-link-to-full.mp3
	ln -s /nowhere no-link-to-nowhere.mp3
	ln -s / no-link-to-root.mp3
	ln -s /proc/self/mem no-link-to-mem.mp3
	ln -s /proc/self/environ no-link-to-environ.mp3
	ln -s /proc/kmsg no-link-to-kmsg.mp3
	ln -s ../ours/wav.wav yes-link-to-sound.wav
	ln -s yes-link-to-sound.wav yes-link-to-link.wav
	mkdir -p deep/er
	cp ../ours/wav.wav 'yes-name
of two lines.wav'
	cp ../ours/wav.wav "yes-$(printf '\377\376\200').wav"
	cp ../ours/wav.wav "yes-$(printf 'Ba\314\211n tin').wav"
	cp ../ours/wav.wav "yes-$(printf '\342\200\256vaw.3pm').wav"
	cp ../ours/wav.wav "yes-$(printf '\033[2J\007').wav"
	# shellcheck disable=SC2016
	cp ../ours/wav.wav 'yes-$(touch x);`y`|z&"'\''%s%n.wav'
	cp ../ours/wav.wav "yes-$(printf '%0247d' 0).wav"
	cp ../ours/wav.wav yes-.wav
	cp ../ours/wav.wav deep/er/yes-deep.wav
	cp ../ours/wav.wav no-secret.wav
	chmod 0 no-secret.wav
	cd - >/dev/null || exit 1
}
# cut FILE THOUSANDTHS
cut() {
	head -c $(($(wc -c <"$1") * $2 / 1000)) "$1"
}

tried=0 other_bad=0 slowest=0
wrong() {
	other_bad=$((other_bad + 1))
	echo "hostile: $1: $2" >&2
	sed 's/^/    /' "$tmp/said" | head -n 5 >&2
	echo "again: B=$B sh tests/hostile.sh '$1'" >&2
}
# Twenty seconds, on a machine that has nothing else to do.
patience() {
	awk -v cores="$(nproc)" '{ busy = $1 / cores
	    print int(20000 * (busy > 1 ? busy : 1)) }' /proc/loadavg
}
# add NAME WANTED ARGUMENT...: by the real command; WANTED no, yes or any
add() {
	name=$1 wanted=$2
	shift 2
	rm -rf "$tmp/root/audio/items"
	from=$(date +%s%N)
	# One word each.
	# shellcheck disable=SC2086
	timeout -s KILL 300 $as "$loaxa" --root "$tmp/root" add --again \
	    --json "$@" >"$tmp/json" 2>"$tmp/said" </dev/null
	code=$?
	ms=$((($(date +%s%N) - from) / 1000000))
	[ $ms -le $slowest ] || slowest=$ms
	tried=$((tried + 1))
	if [ $code -ge 124 ]; then
		wrong "$name" "ended with $code after $ms ms"
	elif [ $ms -gt "$(patience)" ]; then
		wrong "$name" "took $ms ms"
	elif grep -qE 'Sanitizer|runtime error' "$tmp/said"; then
		wrong "$name" "a sanitizer speaks"
	elif [ $code -ne 0 ] && ! grep -q '; ' "$tmp/said"; then
		wrong "$name" "refused without a reason and a remedy"
	elif grep -q "$(printf '[\001-\010\013-\037]')" "$tmp/said"; then
		wrong "$name" "writes to the terminal"
	elif [ $code -eq 0 ] && [ "$wanted" = no ]; then
		wrong "$name" "was admitted"
	elif [ $code -ne 0 ] && [ "$wanted" = yes ]; then
		wrong "$name" "was refused"
	elif ! "$build/tests/tool_hostile" verify "$tmp/root/audio/items" \
	    >"$tmp/verify" 2>&1; then
		cat "$tmp/verify" >>"$tmp/said"
		wrong "$name" "the library is not what it says"
	fi
	[ $((tried % 50)) -ne 0 ] || echo "hostile: $tried others" >&2
}
# length NAME: "yes-30000-..." lasts so many milliseconds, give or take 100
length() {
	case $1 in
	yes-[0-9]*-*) ;;
	*) return ;;
	esac
	ms=${1#yes-}
	ms=${ms%%-*}
	frames=$(sed -n 's/.*"frames": *\([0-9]*\).*/\1/p' "$tmp/json")
	off=$((${frames:-0} / 48 - ms))
	[ ${off#-} -le 100 ] || wrong "$1" "$frames frames are not $ms ms"
}
as=
add_file() {
	name=${1##*/}
	as=
	case $name in
	*secret*) [ "$(id -u)" -ne 0 ] ||
	    as="setpriv --reuid 65534 --regid 65534 --clear-groups" ;;
	esac
	add "$name" "${name%%-*}" -- "$1"
	length "$name"
	as=
}
# While it is read, a file grows, shrinks, or becomes another.
change() {
	name=any-$1.wav
	cp "$tmp/m.wav" "$tmp/files/$name"
	while :; do
		case $1 in
		grows) head -c 65536 /dev/zero >>"$tmp/files/$name" ;;
		shrinks) truncate -s -65536 "$tmp/files/$name" ;;
		changes) cp "$tmp/m.wav" "$tmp/files/x.$1" &&
		    mv "$tmp/files/x.$1" "$tmp/files/$name" ;;
		vanishes) rm -f "$tmp/files/$name" ;;
		esac 2>/dev/null
	done &
	running=$!
	add "$name" any -- "$tmp/files/$name"
	kill "$running"
	wait "$running" 2>/dev/null
	running=
	rm -f "$tmp/files/$name"
}
# A decoder that somebody else has taken over.
lie() {
	mkdir -p "$tmp/lie"
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/lie/loaxa-source"
	chmod 755 "$tmp/lie/loaxa-source"
	export LOAXA_LIBEXEC="$tmp/lie"
	add "a decoder that $1" no -- "$tmp/ours/wav.wav"
	unset LOAXA_LIBEXEC
}
lies() {
	h=$(sha256sum <"$tmp/ours/wav.wav" | head -c 64)
	lie "says nothing" ':'
	lie "gives sound without end" \
	    'echo format 48000 1 9 >&3; exec cat /dev/zero'
	[ "$HOSTILE" = slice ] || lie "gives noise without end" \
	    'echo format 192000 2 9 >&3; exec cat /dev/urandom'
	lie "reports without end" 'exec cat /dev/zero >&3'
	lie "says more than it gives" \
	    "echo format 48000 1 9 >&3; echo done 48000 $h >&3"
	lie "says less than it gives" "echo format 48000 1 9 >&3
	    head -c 400000 /dev/zero; echo done 48000 $h >&3"
	lie "changes the channels" "echo format 48000 1 9 >&3
	    echo format 48000 8 9 >&3; head -c 400000 /dev/zero
	    echo done 100000 $h >&3"
	lie "writes to the terminal" "printf 'error \\033[2J\\n' >&3"
	lie "leaves a child behind" \
	    "(sleep 15; echo done 0 $h >&3) & echo error bad >&3"
	[ "$HOSTILE" = slice ] ||
	    lie "stands still" 'echo format 48000 1 9 >&3; sleep 60'
}
words_of_names() {
	cd "$tmp/files" || exit 1
	add "no name at all" no -- ""
	add "a name in a folder above" yes -- ../files/../ours/wav.wav
	cp ../ours/wav.wav ./-x.wav
	add "a name that begins like an option" yes -- -x.wav
	rm -f ./-x.wav
	add "a name of 5000 letters" no -- "$(printf '%05000d' 0)"
	add "an id with ../" no --id ../../etc/x -- ../ours/wav.wav
	add "an id of nothing but dots" no --id .. -- ../ours/wav.wav
	add "a title of two lines and an escape" yes \
	    --title "$(printf 'a\nb\033[2Jc')" -- ../ours/wav.wav
	add "a title that is no text" no --title "$(printf '\377\376')" -- \
	    ../ours/wav.wav
	cd - >/dev/null || exit 1
}

echo "hostile: the beginnings" >&2
make_ours
make_foreign
case ${1-} in
'') ;;
*[!0-9]*)
	make_others
	add_file "$tmp/files/$1"
	cat "$tmp/json" "$tmp/said"
	exit "$other_bad"
	;;
*)
	mkdir -p "$tmp/lane0"
	batch "$tmp/lane0" "$1" 1
	cat "$tmp/lane0/all" "$tmp/lane0/err"
	[ ! -e "$tmp/lane0/bad" ]
	exit
	;;
esac

# A fifth of the mutated are ffmpeg's, which starts slowly.
theirs=0
[ -z "$(ls "$tmp/foreign")" ] || theirs=$((mutated / 5))
[ "$HOSTILE" != slice ] || theirs=$((theirs / 2))
mutate "$SEED" $((mutated - theirs))
ours_s=$(($(date +%s) - begun))
echo "hostile: $((mutated - theirs)) of our own kinds in $ours_s s" >&2
mutate $((FOREIGN + SEED)) $theirs
mutated_s=$(($(date +%s) - begun))
cat "$tmp"/lane*/all >"$tmp/all"
done_n=$(wc -l <"$tmp/all")
bad=$(cat "$tmp"/lane*/bad 2>/dev/null | wc -l)
worst=$(cat "$tmp"/lane*/worst | awk '{ for (i = 2; i <= 4; i++)
    if ($i > w[i]) w[i] = $i } END { print w[2] " ms, " w[3] \
    " ms of processor, " w[4] " MB" }')
{
	echo "hostile: $done_n mutated files in $mutated_s s; the worst" \
	    "decoder: $worst"
	awk -F '\t' '{ gsub(/[0-9]+/, "N", $5); n[$2 ($5 == "" ? "" : ": ") $5]++ }
	    END { for (what in n) printf "%7d %s\n", n[what], what }' \
	    "$tmp/all" | sort -rn | head -n 40
} >&2

make_others
for file in "$tmp/files"/* "$tmp/files/deep/er/yes-deep.wav"; do
	case ${file##*/} in
	deep) ;;
	*) add_file "$file" ;;
	esac
done
for how in grows shrinks changes vanishes; do
	change $how
done
words_of_names
lies
others_s=$(($(date +%s) - begun - mutated_s))
echo "hostile: $tried others in $others_s s; the slowest: $slowest ms" >&2

printf 'chaos\t%s\t%s\t%s\t%s\t%s\n' \
    "mutated sound files through intake" "$done_n" "$bad" \
    "$(cat "$tmp"/lane*/bad 2>/dev/null | head -n 3 | tr '\n' ';' |
    grep . || echo -)" "$mutated_s" \
    "files that nobody records, and what is no file" "$tried" "$other_bad" \
    - "$others_s"
[ "$bad" -eq 0 ] && [ $other_bad -eq 0 ] && [ "$done_n" -ge "$mutated" ] &&
    [ $tried -ge 200 ]
