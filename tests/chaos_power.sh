#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Power cuts. A station lives on a disk whose every write and flush is
# recorded (qemu-storage-daemon's blklogwrites, below a loop device and ext4);
# somebody outside that disk writes down what the station acknowledges. Then
# the power goes at any write, the disk is made as the cut leaves it, mounted,
# and the station started again: see tool_blocks.c and tool_power.c.
#
# Needs root, /dev/fuse and loop devices. HONEST=N and LYING=N set how many.
# POWER=tool_sealcut SIZE=64M cuts the signing of the log instead (by hand).
#
#	B=build sh tests/chaos_power.sh FOLDER honest|lying SEED
#
# does one cut again, of a recording that a failure has kept.
# shellcheck disable=SC2034	# what is used by its name, in eval
set -u
CHAOS=${CHAOS:-slice}
SEED=${SEED:-1}
export LC_ALL=C.UTF-8 LOAXA_LANG=en
unset NOTIFY_SOCKET LOAXA_ROOT LOAXA_LIBEXEC
power=$B/tests/${POWER:-tool_power}
blocks=$B/tests/tool_blocks
each=25		# cuts of one recording, and of each kind of disk

skip() {
	echo "$*"
	exit 77
}
[ "$(id -u)" -eq 0 ] || skip "power cuts need root, for loop devices"
[ -c /dev/fuse ] || skip "power cuts need /dev/fuse"
for tool in qemu-storage-daemon fusermount3 mkfs.ext4 e2fsck losetup; do
	PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null ||
	    skip "power cuts need $tool; make deps with CHAOS_PACKAGES"
done
PATH=$PATH:/usr/sbin:/sbin

# In memory where there is room: thousands of small disks are made.
tmp=$(TMPDIR=/dev/shm mktemp -d 2>/dev/null || mktemp -d)
mnt=$tmp/mnt
loop=
recorder=
mkdir "$mnt"
tidy() {
	! mountpoint -q "$mnt" || umount "$mnt" || umount -l "$mnt"
	# Also what a subshell had attached when it was interrupted.
	losetup -n -l -O NAME,BACK-FILE | awk -v at="$tmp/" \
	    'index($2, at) == 1 { print $1 }' | xargs -r -n 1 losetup -d
	loop=
	[ -z "$recorder" ] || { kill "$recorder"; wait "$recorder"; }
	recorder=
}
trap 'tidy 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# mounted FILE [OPTIONS]: an image, or what the recorder shows, at $mnt
mounted() {
	loop=$(losetup -f --show "$1") || return 1
	mount -o "noatime${2:+,$2}" "$loop" "$mnt" 2>>"$tmp/mount.log" ||
	    { losetup -d "$loop"; loop=; return 1; }
}
unmounted() {
	umount "$mnt"
	losetup -d "$loop"
	loop=
}

group=2048	# blocks: so that so small a disk, too, has a second superblock

# record SEED: half a day of a station, into $tmp/base (the disk before it),
# $tmp/record (what was written) and $tmp/witness
record() {
	rm -f "$tmp/base" "$tmp/record" "$tmp/disk" "$tmp/shown"
	truncate -s "${SIZE:-16M}" "$tmp/base"
	mkfs.ext4 -q -b 4096 -g $group -J size=4 -E lazy_itable_init=0 "$tmp/base" &&
	    mounted "$tmp/base" && "$power" make "$mnt" "$1" && unmounted ||
	    return 1
	cp --sparse=always "$tmp/base" "$tmp/disk"
	: >"$tmp/record"
	: >"$tmp/shown"
	qemu-storage-daemon \
	    --blockdev driver=file,node-name=disk,filename="$tmp/disk" \
	    --blockdev driver=file,node-name=record,filename="$tmp/record" \
	    --blockdev driver=blklogwrites,node-name=both,file=disk,log=record \
	    --export type=fuse,id=shown,node-name=both,mountpoint="$tmp/shown",writable=on &
	recorder=$!
	for _ in $(seq 50); do
		[ ! -s "$tmp/shown" ] || break
		sleep 0.1
	done
	# Without direct I/O the loop device hands over one request at a time;
	# the exporter of qemu 7.2 mixes up the bytes of two.
	mounted "$tmp/shown" commit=1 || return 1
	"$power" live "$mnt" "$1" "$tmp/witness" "$tmp/record" || return 1
	tidy
	# The record is one of this disk, and the disk is sound.
	cp --sparse=always "$tmp/base" "$tmp/image"
	"$blocks" "$tmp/record" "$tmp/image" whole 0 >"$tmp/cut" &&
	    cmp "$tmp/image" "$tmp/disk" && e2fsck -fn "$tmp/disk" >&2
}

# lived FOLDER DISK SEED [checked]: what became of the station; 3: the file
# system is gone
lived() {
	cp --sparse=always "$1/base" "$tmp/image"
	"$blocks" "$1/record" "$tmp/image" "$2" "$3" >"$tmp/cut" || return 1
	read -r at words <"$tmp/cut"
	[ $# -lt 4 ] || {
		e2fsck -fy "$tmp/image" >"$tmp/fsck" 2>&1
		[ $? -lt 8 ] ||
		    e2fsck -fy -b $group -B 4096 "$tmp/image" >>"$tmp/fsck" 2>&1
	}
	mounted "$tmp/image" || return 3
	timeout 30 "$power" again "$mnt" "$3" "$1/witness" "$at" "$2" \
	    >"$tmp/said" 2>&1
	code=$?
	unmounted
	return $code
}
# cut FOLDER DISK SEED: one power cut. A superblock of which half was written
# does not mount: then it is checked first, as a boot does. A disk that lies may
# leave more to be mended, and what is no file system at all.
cut() {
	lived "$@"
	code=$?
	if [ $code -eq 3 ] || { [ $code -ne 0 ] && [ "$2" = lying ]; }; then
		lived "$@" checked
		code=$?
	fi
	[ $code -eq 0 ] || { echo "$words"; head -n 20 "$tmp/said"; }
	return $code
}

if [ $# -eq 3 ]; then
	cut "$@" && cat "$tmp/cut"
	exit
fi

# try FOLDER DISK SEED NUMBER: one that is counted
try() {
	said=$(cut "$1" "$2" "$3")
	code=$?
	if [ $code -eq 3 ] && [ "$2" = lying ]; then
		lost=$((lost + 1))
		return
	fi
	[ $code -ne 0 ] || return 0
	kept=$B/chaos/power-$4
	mkdir -p "$kept"
	cp --sparse=always "$1/base" "$1/record" "$1/witness" "$kept/"
	{
		echo "$2 disk, recording $4, seed $3: $said"
		echo "again: B=$B sh tests/chaos_power.sh $kept $2 $3"
	} >&2
	eval "bad_$2=\$((bad_$2 + 1)) seeds_$2=\"\$seeds_$2 $4/$3\""
}

case $CHAOS in
whole) honest=${HONEST:-10000} lying=${LYING:-2000} ;;
*) honest=${HONEST:-300} lying=${LYING:-100} ;;
esac
done_honest=0 bad_honest=0 seeds_honest='' took_honest=0
done_lying=0 bad_lying=0 seeds_lying='' took_lying=0
lost=0
seed=$SEED
# cuts DISK WANTED: up to $each of them, of the recording at hand
cuts() {
	begun=$(date +%s%N)
	n=0
	eval "n_done=\$done_$1"
	while [ $n -lt $each ] && [ "$n_done" -lt "$2" ]; do
		n=$((n + 1)) n_done=$((n_done + 1))
		try "$tmp" "$1" $((seed * 1000 + n)) "$seed"
	done
	eval "done_$1=$n_done
	    took_$1=\$((took_$1 + ($(date +%s%N) - begun) / 1000000))"
}
while [ $done_honest -lt "$honest" ] || [ $done_lying -lt "$lying" ]; do
	record "$seed" 2>"$tmp/record.log" || {
		cat "$tmp/record.log" "$tmp/mount.log" >&2
		tidy
		skip "this machine cannot record a disk's writes"
	}
	cuts honest "$honest"
	cuts lying "$lying"
	echo "power: $done_honest cuts with an honest disk ($bad_honest wrong)," \
	    "$done_lying with one that lies ($bad_lying wrong," \
	    "$lost file systems lost)" >&2
	seed=$((seed + 1))
done

# row NAME DISK
row() {
	eval "printf 'chaos\t%s\t%d\t%d\t%s\t%d\n' \"$1\" \$done_$2 \$bad_$2 \
	    \"\${seeds_$2:--}\" \$((took_$2 / 1000))"
}
row "power cuts, honest disk" honest
row "power cuts, disk that lies" lying
[ $((bad_honest + bad_lying)) -eq 0 ]
