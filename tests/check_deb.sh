#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `make deb`: the package holds what `make install` installs, says what it
# needs, keeps the administrator's files, and its scripts are sound. Installed
# it is by fresh.sh, on a bare machine.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
faults=0
wrong() {
	echo "WRONG: $*"
	faults=$((faults + 1))
}

make -s --no-print-directory deb B="$B" >"$tmp/out" 2>&1 || {
	cat "$tmp/out"
	exit 1
}
package=$(tail -n 1 "$tmp/out")
version=$(sed -n 's/^VERSION *= *//p' Makefile)
case $package in
*/loaxa_"$version"_*.deb) ;;
*) wrong "a strange name: $package" ;;
esac

# The same tree, the same bytes.
cp "$package" "$tmp/first.deb"
make -s --no-print-directory deb B="$B" >"$tmp/out" 2>&1
cmp "$tmp/first.deb" "$package" || wrong "made again, it is another package"

dpkg-deb --extract "$package" "$tmp/data"
dpkg-deb --control "$package" "$tmp/control"
make -s --no-print-directory install B="$B" DESTDIR="$tmp/installed" \
    PREFIX=/usr >"$tmp/out" 2>&1
names() {
	(cd "$1" && find . -type f | sed 's/\.gz$//' |
	    grep -v -e /doc/loaxa/LICENSE -e /copyright -e /changelog \
	    -e /CHANGES | sort)
}
names "$tmp/installed" >"$tmp/want"
names "$tmp/data" >"$tmp/got"
diff "$tmp/want" "$tmp/got" || wrong "other files than make install's"
dpkg-deb --contents "$package" | awk '$2 != "root/root"' | grep . &&
    wrong "above: files that are not root's"
(cd "$tmp/data" && md5sum --quiet -c ../control/md5sums) ||
    wrong "md5sums do not fit"

# field NAME: of the control file
field() {
	dpkg-deb --field "$package" "$1"
}
depends=$(field Depends)
for need in libc6 libao4 libasound2 libsystemd0 systemd tzdata; do
	case ", $depends," in
	*", $need,"* | *", $need ("*) ;;
	*) wrong "does not depend on $need: $depends" ;;
	esac
done
grep -rn '@[A-Z]*@' "$tmp/control" && wrong "above: left to be filled in"
(cd "$tmp/data" && find etc -type f | sed 's,^,/,' | sort) |
    cmp - "$tmp/control/conffiles" || wrong "conffiles are not those of /etc"

for script in postinst prerm postrm; do
	sh -n "$tmp/control/$script" || wrong "$script does not parse"
	[ -x "$tmp/control/$script" ] || wrong "$script is no program"
done
grep -q 'loaxad.service' "$tmp/control/postinst" ||
    wrong "postinst does not enable loaxad.service"
# P8: whatever a purge erases, it is nothing below /var/lib/loaxa.
grep -n 'rm -' "$tmp/control/"* | grep /var && wrong "above: erases the log"

# Programs without what only a debugger reads, but with all that others look for.
for program in "$tmp"/data/usr/bin/loaxa "$tmp"/data/usr/sbin/loaxad; do
	! readelf -S "$program" | grep -q '\.debug_info' ||
	    wrong "$program is not stripped"
done
readelf --wide --dyn-syms "$tmp/data/usr/libexec/loaxa/loaxa-player" |
    grep -q pa_stream_connect_playback ||
    wrong "stripped of what PulseAudio's library must find in the player"
exit "$faults"
