#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A real small disk, var on it, that is really full, and really read-only when
# the daemon starts: slots sound on time, and once there is room, or the disk
# can be written, the log has everything. Needs root and loop devices.
set -u
PATH=$PATH:/usr/sbin:/sbin
skip() {
	echo "$*"
	exit 77
}
[ "$(id -u)" -eq 0 ] || skip "small disks need root"
[ -e /dev/loop-control ] || skip "small disks need loop devices"
command -v mkfs.ext4 >/dev/null || skip "small disks need mkfs.ext4"
tmp=$(mktemp -d)
tidy() {
	for disk in "$tmp"/*/var; do
		! mountpoint -q "$disk" || umount "$disk" || umount -l "$disk"
	done
	rm -rf "$tmp"
}
# shellcheck source=tests/station.sh
. tests/station.sh
trap tidy EXIT
trap 'exit 1' HUP INT TERM
output='driver = "wav"; file = "out.wav";'

made() {
	noise "$2" 2
}
library_make mot hai

# on_disk ROOT: var goes onto a disk of 24 MB
on_disk() {
	truncate -s 24M "$1.img"
	mkfs.ext4 -q -m 0 "$1.img" 2>/dev/null || return 1
	mv "$1/var" "$1/var-before"
	mkdir "$1/var"
	mount -o loop "$1.img" "$1/var" 2>/dev/null || return 1
	cp -R "$1/var-before/." "$1/var/"
}
# filled: not one block is left
filled() {
	dd if=/dev/zero of="$root/var/rest" bs=64k status=none 2>/dev/null
	dd if=/dev/zero of="$root/var/rest2" bs=1k status=none 2>/dev/null
}
two_slots() {
	slot mot 0 3 'item = "mot";'
	slot hai 4 3 'item = "hai";'
	timetable ""
}
both_aired() {
	expect mot aired ""
	expect hai aired ""
	on_time mot hai
}
# disk_says KEY WORD
disk_says() {
	got=$(loaxa status --json | sed -n "s/^ *\"$1\": \"\(.*\)\".*/\1/p" |
	    head -n 1)
	[ "$got" = "$2" ] || wrong "$1 is \"$got\", wanted \"$2\""
}

# The ballast goes overboard, and nothing is even late.
full() {
	two_slots
	sed -i '1i ballast_mb = 4;' "$root/etc/loaxa.conf"
	daemon_start || exit 1
	[ "$(stat -c %s "$root/var/ballast")" -eq 4194304 ] ||
	    wrong "there is no ballast"
	filled
	sleep_to 2
	disk_says ballast given
	disk_says fault ""
	sleep_to 9
	rm "$root/var/rest" "$root/var/rest2"
	daemon_stop
	both_aired
	[ "$(records start mot | key intent)" = durable ] ||
	    wrong "the start came late, with ballast there"
	daemon_start
	disk_says ballast kept
	daemon_stop
}
# Without ballast what does not fit waits in memory.
no_ballast() {
	two_slots
	sed -i '1i ballast_mb = 0;' "$root/etc/loaxa.conf"
	daemon_start || exit 1
	filled
	# What is left of the log's last block takes a line or two.
	sleep_to 9
	disk_says fault full
	rm "$root/var/rest" "$root/var/rest2"
	sleep_to 16
	disk_says fault ""
	daemon_stop
	both_aired
}
# The daemon is started on it, as after a boot with a disk that has errors.
read_only() {
	two_slots
	sed -i '1i ballast_mb = 0;' "$root/etc/loaxa.conf"
	daemon_start || exit 1
	daemon_stop
	mount -o remount,ro "$root/var"
	daemon_start || exit 1
	sleep_to 2
	disk_says fault read_only
	sleep_to 9
	mount -o remount,rw "$root/var"
	sleep_to 16
	disk_says fault ""
	daemon_stop
	both_aired
	[ "$(records start mot | key intent)" = late ] ||
	    wrong "the start does not say that it came late"
}

# run NAME: that story, at a station of its own
run() {
	station_make "$tmp/$1" "$output"
	trap '[ -z "$daemon" ] || kill -9 "$daemon"' EXIT
	on_disk "$root" || exit 77
	"$1"
	audited
	[ $faults -eq 0 ] || cat "$root/daemon.log"
	exit $faults
}

start=$(($(date +%s) + 15))
for story in full no_ballast read_only; do
	(run "$story") >"$tmp/$story.out" 2>&1 &
	echo "$! $story" >>"$tmp/stories"
done
skipped=
while read -r pid name; do
	wait "$pid"
	case $? in
	0) ;;
	77) skipped=yes ;;
	*)
		echo "== $name"
		cat "$tmp/$name.out"
		faults=$((faults + 1))
		;;
	esac
done <"$tmp/stories"
[ -z "$skipped" ] || skip "this machine mounts no small disks"
exit $faults
