#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# machine.sh - a whole playout PC under QEMU: Debian 12 with the package of
# `make deb`, a USB sound card, a clock battery that is dead, and nobody there.
#
# What happens to it: it boots in 1970; its clock is set and a person confirms
# it; the card is pulled out in mid-item and put back; the daemon is stopped
# dead until the watchdog sees it; the power goes in mid-item and comes back
# minutes later; somebody confirms the clock again. Then its log is read from
# outside, and what its sound card was given.
#
# By hand, as root: it takes ten minutes, 4 GB and the network of apt. It
# leaves $B/machine/: the log, what the guest printed, what the card heard.
set -euo pipefail
cd "$(dirname "$0")/.."
B=${B:-build}
out=$B/machine
say() {
	printf '%s  %s\n' "$(date +%T)" "$*"
}
if [ "$(id -u)" -ne 0 ]; then
	echo "machine.sh makes a whole system: run it as root."
	exit 77
fi
sh etc/packages.sh qemu-system-x86 debootstrap socat e2fsprogs util-linux sox
make --no-print-directory B="$B" all tests deb

# shellcheck source=tests/bare.sh
. tests/bare.sh
tmp=$(bare_place loaxa-machine)
qemu=
clean() {
	[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null || true
	rm -rf --one-file-system "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$out"
mkdir -p "$out"
root=$tmp/debian
disk=$tmp/disk.img

# The station: an item of 55 s every minute from 05:00 to 05:30 local time, and
# one at 03:15.
zone=Asia/Ho_Chi_Minh
day=2026-11-26
guest_data() {
	local top=$1 i name
	mkdir -p "$top/etc/loaxa" "$top/var/lib/loaxa/schedules"
	cat >"$top/etc/loaxa/loaxa.conf" <<-END
	zone = "$zone";
	hours = ( { days = "T2-CN"; from = "04:45"; to = "06:30"; } );
	approval = "required";
	outputs = ( { station = "que-minh"; driver = "alsa";
	  device = "plughw:CARD=Audio"; } );
	END
	{
		echo 'station = "que-minh"; name = "Quế Minh"; slots = ('
		echo '{ id = "ba-gio"; days = "T2-CN"; at = "03:15:00";'
		echo '  for = "00:00:55"; item = "nhac"; }'
		for i in $(seq 0 29); do
			name=$(printf 'p%02d' "$i")
			echo ", { id = \"$name\"; days = \"T2-CN\"; at =" \
			    "\"05:${name#p}:00\"; for = \"00:00:55\";" \
			    "item = \"nhac\"; }"
		done
		echo ');'
	} >"$top/var/lib/loaxa/schedules/que-minh.cfg"
}

# What the guest does by itself. What it asks of the outside it prints as
# "SCENE: word", and goes on when it sees the effect.
guest_scene() {
	cat <<-'END'
	#!/bin/bash
	# The scene that the kernel's command line names.
	exec >/dev/ttyS1 2>&1
	export LANG=C.UTF-8 LOAXA_LANG=en TZ=Asia/Ho_Chi_Minh
	scene=$(sed -n 's/.*loaxa.scene=\([a-z]*\).*/\1/p' /proc/cmdline)
	# until_status PATTERN SECONDS
	until_status() {
		for _ in $(seq "$2"); do
			! loaxa status | grep -Eq "$1" || return 0
			sleep 1
		done
		echo "SCENE: waited in vain for: $1"
		loaxa status
	}
	show() { echo "--- $(date '+%F %T') $*"; "$@"; }
	END
	cat <<-END
	confirm() {
		show loaxa clock confirm --by "Người trực" \\
		    --time "\$(date '+%F %H:%M')"
	}
	# An emulated processor takes its time to find its devices.
	until grep -q Audio /proc/asound/cards; do sleep 1; done
	case \$scene in
	first)
		show loaxa status
		sleep 20
		show loaxa status
		date -s "$day 05:00:40"
		sleep 5
		show loaxa status
		confirm
		until_status '^  now +[0-9]' 90
		sleep 10
		echo "SCENE: unplug"
		until_status 'device +LOST' 60
		show loaxa status
		echo "SCENE: plug"
		until_status '^  now +[0-9]' 60
		sleep 5
		daemon=\$(systemctl show -P MainPID loaxad)
		kill -STOP "\$daemon"
		for _ in \$(seq 400); do
			sleep 1
			new=\$(systemctl show -P MainPID loaxad)
			[ "\$new" = "\$daemon" ] || [ "\$new" = 0 ] || break
		done
		show systemctl show -P NRestarts loaxad
		until_status '^  now +[0-9]' 90
		show loaxa status
		sleep 20
		echo "SCENE: power"
		sleep 1000
		;;
	second)
		show loaxa status
		confirm
		until_status '^  now +[0-9]' 90
		show loaxa status
		sleep 60
		show loaxa log
		show loaxa audit
		show systemctl --failed --no-legend
		systemctl stop loaxad
		sync
		echo "SCENE: over"
		sleep 5
		poweroff -f
		;;
	esac
	END
}

guest_make() {
	bare_make "$root" systemd-sysv,udev,kmod,linux-image-amd64,alsa-utils,ca-certificates,tzdata
	cp "$B"/loaxa_*.deb "$root/root/loaxa.deb"
	say "the package, in it"
	unshare --mount --pid --fork --kill-child sh -c "
		mount --rbind /dev '$root/dev'
		mount -t proc proc '$root/proc'
		chroot '$root' apt-get -q -o Dpkg::Use-Pty=0 update
		chroot '$root' apt-get -qy -o Dpkg::Use-Pty=0 \
		    install /root/loaxa.deb" >"$out/install.txt" 2>&1 || {
		tail "$out/install.txt"
		exit 1
	}
	guest_data "$root"
	guest_scene >"$root/root/scene.sh"
	chmod 755 "$root/root/scene.sh"
	cat >"$root/etc/systemd/system/scene.service" <<-END
	[Unit]
	After=loaxad.service multi-user.target
	[Service]
	ExecStart=/root/scene.sh
	[Install]
	WantedBy=multi-user.target
	END
	# Its sound and its approval, as a person would.
	sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$root/root/nhac.wav" \
	    synth 55 sine 300-3000 gain -9
	unshare --mount --pid --fork --kill-child sh -c "
		mount --rbind /dev '$root/dev'
		mount -t proc proc '$root/proc'
		chroot '$root' sh -ec '
		systemctl enable scene
		systemctl is-enabled loaxad
		loaxa add --id nhac /root/nhac.wav
		loaxa person add --office \"Chủ tịch\" \"Người duyệt\"
		loaxa person add --office \"Trực máy\" \"Người trực\"
		loaxa approve --by \"Người duyệt\" nhac
		chown -R loaxa:loaxa /var/lib/loaxa'" >>"$out/install.txt" 2>&1 || {
		tail "$out/install.txt"
		exit 1
	}
	mke2fs -q -t ext4 -d "$root" "$disk" 2500M
}

# boot RTC SCENE: in the background; what it prints goes to $out/SCENE.txt
boot() {
	qemu-system-x86_64 -accel tcg -m 512 -smp 1 -nodefaults -no-reboot \
	    -display none -kernel "$root/vmlinuz" -initrd "$root/initrd.img" \
	    -append "root=/dev/vda rw console=ttyS0 loaxa.scene=$2" \
	    -drive "file=$disk,format=raw,if=virtio" -rtc "base=$1" \
	    -audiodev "wav,id=a0,path=$out/$2-0.wav" \
	    -audiodev "wav,id=a1,path=$out/$2-1.wav" \
	    -device qemu-xhci,id=xhci \
	    -device usb-audio,id=card,bus=xhci.0,audiodev=a0 \
	    -serial "file:$out/$2-boot.txt" -serial "file:$out/$2.txt" \
	    -monitor "unix:$tmp/monitor,server,nowait" &
	qemu=$!
}
monitor() {
	echo "$*" | socat - "unix-connect:$tmp/monitor" >/dev/null
}
# await SCENE WORD SECONDS: until the guest says so
await() {
	for _ in $(seq "$3"); do
		! grep -q "SCENE: $2" "$out/$1.txt" 2>/dev/null || {
			say "guest: $2"
			return 0
		}
		kill -0 "$qemu" 2>/dev/null || break
		sleep 1
	done
	tail -n 40 "$out/$1-boot.txt" "$out/$1.txt"
	say "the guest did not say \"$2\" in $3 s"
	exit 1
}

guest_make
say "boots in 1970"
boot 1970-01-01T00:00:00 first
await first unplug 400
monitor device_del card
await first plug 120
monitor device_add usb-audio,id=card2,bus=xhci.0,audiodev=a1
await first power 700
say "the power goes"
kill -9 "$qemu"
wait "$qemu" 2>/dev/null || true
# Three minutes later, by a clock that works again.
say "the power comes back"
boot "$(date -u -d "TZ=\"$zone\" $day 05:20:20" +%FT%T)" second
await second over 500
wait "$qemu" || true
qemu=

debugfs -R "rdump /var/lib/loaxa/log $out" "$disk" 2>/dev/null
say "the log, from outside"
wrong=0
# outcome SLOT STATUS REASON
outcome() {
	grep -hq "\"kind\":\"slot\".*\"slot\":\"$1\".*\"status\":\"$2\",\"reason\":\"$3\"" \
	    "$out"/log/airing-*.jsonl && return
	say "WRONG: $1 is not $2/$3"
	wrong=$((wrong + 1))
}
outcome p01 aired_partial device_lost
outcome p02 not_aired process_died
outcome p10 not_aired machine_off
outcome p19 not_aired machine_off
outcome p20 aired_partial power_lost
confirmed=$(grep -hc '"kind":"clock".*"person":"[^"]' "$out"/log/airing-*.jsonl)
[ "$confirmed" -eq 2 ] || {
	say "WRONG: $confirmed confirmed clocks, wanted 2"
	wrong=$((wrong + 1))
}
LOAXA_LANG=en "$B/loaxa" audit "$out/log" || wrong=$((wrong + 1))
# What each card was given; where the power went, the head of the file does not
# tell its length.
for card in first-0 first-1 second-0; do
	loud=$(tail -c +45 "$out/$card.wav" |
	    sox -t raw -r 44100 -e signed -b 16 -c 2 - -n stat 2>&1 |
	    awk '/Maximum amp/ { print $3 }')
	say "$card.wav: loudest sample ${loud:-none}"
	awk "BEGIN { exit !(${loud:-0} > 0.1) }" || wrong=$((wrong + 1))
done
grep -q 'SCENE: waited in vain' "$out"/*.txt && wrong=$((wrong + 1))
say "$wrong wrong"
[ "$wrong" -eq 0 ]
