#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_mixer.sh - somebody mutes the card: the player sees it in the card's own
# mixer, counts what was sent meanwhile, turns nothing up, and tells when it is
# over. PulseAudio's sink and ALSA's simple mixer are read alike (the second is
# ALSA's view of the same sink); a device without a mixer is not called muted.
set -eu
B=$(cd "${B:-build}" && pwd)
tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$tmp"' \
    EXIT
trap 'exit 1' HUP INT TERM
sound=$B/tests/tool_sound
deck=$B/tests/tool_deck
cd "$tmp"
mkdir -m 700 run
export HOME="$tmp" XDG_RUNTIME_DIR="$tmp/run" PULSE_SERVER="unix:$tmp/sock"
# In a sanitizer build: the leak finder starts a process, which the player's
# confinement rightly forbids.
export ASAN_OPTIONS=detect_leaks=0
export LC_ALL=C.UTF-8
cat >asound.conf <<EOF
pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
ctl_type.pulse { lib "libasound_module_ctl_pulse.so" }
pcm.loa { type pulse; server "$PULSE_SERVER"; device "loa"; }
ctl.loa { type pulse; server "$PULSE_SERVER"; sink "loa"; }
pcm.cam { type file; slave.pcm { type null } file "$tmp/out.raw"; format "raw" }
EOF
export ALSA_CONFIG_PATH="$tmp/asound.conf"

fail() {
	cat "$1" log-*
	echo "$2"
	exit 1
}

pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 \
    --disable-shm=yes \
    -L "module-null-sink sink_name=loa rate=48000 format=s16le channels=2" \
    -L "module-native-protocol-unix socket=$tmp/sock auth-anonymous=1" \
    2>pulse.log &
server=$!
tries=0
until pactl info >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 50 ] || { cat pulse.log; echo "no PulseAudio"; exit 1; }
	sleep 0.1
done

"$sound" make item.raw 432000 2 1
echo 'play 1 2000 2 432000 item.raw' >plan

# Three players at once; the sink is muted three seconds after they began, for
# three seconds.
players=
for output in "pulse loa" "alsa loa" "alsa cam"; do
	"$deck" plan "$B/loaxa-player" --station test \
	    --driver "${output% *}" --device "${output#* }" \
	    >"said-${output#* }-${output% *}" 2>"log-${output#* }-${output% *}" &
	players="$players $!"
done
sleep 5
pactl set-sink-mute loa 1
sleep 3
pactl set-sink-mute loa 0
for player in $players; do
	wait "$player" || fail said-loa-pulse "a player failed"
done

# told DRIVER DEVICE: both changes, and how much was sent meanwhile
told() {
	said=said-$2-$1
	grep '^LEVEL' "$said" | sed 's/.*percent=\([0-9]*\).*/\1/' >levels
	[ "$(sed -n 1p levels)" = 0 ] || fail "$said" "$1: not told: muted"
	{ [ "$(wc -l <levels)" -eq 2 ] && [ "$(sed -n 2p levels)" -gt 90 ]; } ||
	    fail "$said" "$1: not told: no longer muted"
	muted=$(sed -n 's/^ENDED .* muted=\([0-9]*\) .*/\1/p' "$said")
	{ [ "$muted" -ge 48000 ] && [ "$muted" -le 264000 ]; } ||
	    fail "$said" "$1: of 3 s muted, $muted frames are told"
	grep -q '^ENDED .* ended=0 .* sent=432000 ' "$said" ||
	    fail "$said" "$1: not the whole item"
}
told pulse loa
told alsa loa
! grep -q '^LEVEL' said-cam-alsa ||
    fail said-cam-alsa "no mixer, and called muted"
! grep -q ALSA log-cam-alsa || fail log-cam-alsa "no mixer: complaints"

# Turned right down before it begins, instead of muted.
pactl set-sink-volume loa 0
echo 'play 1 4000 2 96000 item.raw' >plan
"$deck" plan "$B/loaxa-player" --station test --driver pulse --device loa \
    >said 2>log-said
pactl set-sink-volume loa 65536
grep -q '^LEVEL .* percent=0 ' said || fail said "a volume of zero is not told"
[ "$(pactl get-sink-mute loa)" = "Mute: no" ] || fail said "it was muted"
echo "muted, told, and left alone"
