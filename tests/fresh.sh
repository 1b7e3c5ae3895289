#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fresh.sh [COMMAND... [boot]] - the README's two commands on a bare Debian 12, and the
# package: made and installed there, it is then started by systemd (boot.sh)
# and used (installed.sh).
#
# Makes a minimal system with only make and a C compiler in a folder of its
# own, puts a clone of the last commit in it and runs each command there:
# proof that nothing was installed by hand. Root only; some minutes and 2 GB.
# The folders of this machine that it needs are mounted in a mount namespace
# of its own: however this ends, they are gone from the folder before it is
# removed.
set -eu
self=$(realpath "$0")
cd "$(dirname "$self")/.."
[ $# -gt 0 ] ||
    set -- "make demo" "make check" "sh tests/installed.sh --install" boot

if [ "$(id -u)" -ne 0 ]; then
	echo "fresh.sh makes a system in a folder: run it as root."
	exit 77
fi
sh etc/packages.sh debootstrap git util-linux

# inside FOLDER COMMAND...: within the namespace
if [ "$1" = --inside ]; then
	dir=$2
	shift 2
	mount --rbind /dev "$dir/dev"
	mount --rbind /sys "$dir/sys"
	mount -t proc proc "$dir/proc"
	for command; do
		[ "$command" != boot ] || continue
		echo "== on the bare machine: $command"
		start=$(date +%s)
		# The command is two words, meant to be split.
		# shellcheck disable=SC2086
		env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		    ${http_proxy:+http_proxy="$http_proxy"} \
		    ${https_proxy:+https_proxy="$https_proxy"} \
		    chroot "$dir" sh -c "cd /root/loaxa && $command" </dev/null
		echo "== $command: $(($(date +%s) - start)) s"
	done
	exit 0
fi

# shellcheck source=tests/bare.sh
. tests/bare.sh
tmp=$(bare_place loaxa-fresh)
clean() {
	if findmnt -n -o TARGET --list | grep -q "^$tmp/"; then
		echo "Something is still mounted below $tmp: not removed." >&2
		return
	fi
	rm -rf --one-file-system "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
dir=$tmp/debian
bare_make "$dir" make,gcc,libc6-dev,ca-certificates
git clone -q . "$dir/root/loaxa"
echo "== the clone: $(git log -1 --format='%h %s')"

unshare --mount --pid --fork --kill-child sh "$self" --inside "$dir" "$@"

for command; do :; done
[ "$command" = boot ] || exit 0
echo "== on the bare machine, with systemd"
code=0
sh tests/boot.sh "$dir" sh /root/loaxa/tests/installed.sh || code=$?
# Where control groups are out of reach, installing it has to do.
[ $code -ne 77 ] || echo "== not started: see above"
[ $code -eq 0 ] || [ $code -eq 77 ]
