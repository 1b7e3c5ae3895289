#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# boot.sh FOLDER COMMAND... - starts the system in FOLDER with its own systemd,
# in namespaces of its own, runs COMMAND in it and ends it with its exit code.
#
# systemd there is process 1, has a tree of control groups below this one's, a
# /dev of five files, and this machine's network: enough for units with all
# their walls. Root only; 77 when this machine does not allow it.
set -eu

# Inside: what a container's manager prepares, and then systemd in our place.
if [ "$1" = --inside ]; then
	dir=$2
	mount --make-rprivate /
	mount --bind "$dir" "$dir"
	mount -t proc proc "$dir/proc"
	mount -t sysfs -o ro sysfs "$dir/sys"
	mount -t cgroup2 cgroup2 "$dir/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 tmpfs "$dir/dev"
	for name in null zero full random urandom tty; do
		touch "$dir/dev/$name"
		mount --bind "/dev/$name" "$dir/dev/$name"
	done
	mkdir "$dir/dev/pts" "$dir/dev/shm" "$dir/dev/old"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$dir/dev/pts"
	ln -s pts/ptmx "$dir/dev/ptmx"
	mount -t tmpfs tmpfs "$dir/dev/shm"
	mount -t tmpfs -o mode=755 tmpfs "$dir/run"
	mount -t tmpfs tmpfs "$dir/tmp"
	cd "$dir"
	pivot_root . dev/old
	umount -l /dev/old
	rmdir /dev/old
	exec env -i container=loaxa-test LANG=C.UTF-8 \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    /lib/systemd/systemd --log-target=console --show-status=0 \
	    </dev/null
fi

dir=$1
shift
top=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
cgroup=$top/loaxa-boot.$$
if [ "$(id -u)" -ne 0 ] || [ -z "$top" ] || [ ! -x "$dir/lib/systemd/systemd" ] ||
    ! mkdir "$cgroup" 2>/dev/null; then
	echo "Not root, no cgroup2 to write to, or no systemd in $dir."
	exit 77
fi
log=$(mktemp)
machine=
clean() {
	# With the parent goes process 1, with it everything in there.
	[ -z "$machine" ] || kill -KILL "$machine" 2>/dev/null || true
	wait 2>/dev/null || true
	for _ in $(seq 20); do
		[ -d "$cgroup" ] || break
		find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null ||
		    sleep 0.1
	done
	rm -f "$log"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# The shell that enters the group becomes unshare: its number stays.
sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup --mount --pid \
    --uts --ipc --fork --kill-child sh "$2" --inside "$3"' \
    sh "$cgroup" "$0" "$dir" >"$log" 2>&1 &
machine=$!

# in_there COMMAND...
in_there() {
	init=$(cat "/proc/$machine/task/$machine/children" 2>/dev/null)
	nsenter -t "${init% }" --all env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
state=
for _ in $(seq 150); do
	state=$(in_there systemctl is-system-running 2>/dev/null) || true
	case $state in
	running | degraded) break ;;
	esac
	kill -0 "$machine" 2>/dev/null || break
	sleep 0.2
done
case $state in
running | degraded) ;;
*)
	cat "$log"
	echo "systemd does not start here (\"$state\")."
	exit 77
	;;
esac
code=0
in_there "$@" || code=$?
exit $code
