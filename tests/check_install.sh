#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `make install` puts every program, the words and the pages where README says
# they are, and the installed loaxa runs.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# What is built is installed; nothing is built again.
make -s --no-print-directory install B="$B" DESTDIR="$tmp" >"$tmp/out" 2>&1 || {
	cat "$tmp/out"
	exit 1
}
for file in bin/loaxa sbin/loaxad libexec/loaxa/loaxa-player \
    libexec/loaxa/loaxa-source libexec/loaxa/loaxa-fetch \
    libexec/loaxa/loaxa-push libexec/loaxa/loaxa-receive \
    share/locale/vi/LC_MESSAGES/loaxa.mo \
    share/bash-completion/completions/loaxa \
    share/doc/loaxa/README.md share/doc/loaxa/schedules/que-minh.cfg \
    share/doc/loaxa/etc/loaxa.conf lib/systemd/system/loaxad.service \
    lib/systemd/system/loaxa-inbox.service \
    lib/systemd/system/loaxa-push.service \
    lib/systemd/system/loaxa-receive.service \
    lib/sysusers.d/loaxa.conf lib/tmpfiles.d/loaxa.conf; do
	[ -s "$tmp/usr/$file" ] || {
		echo "not installed: /usr/$file"
		failed=1
	}
done
for page in man/*.[1-9]; do
	[ -f "$page" ] || continue
	[ -s "$tmp/usr/share/man/man${page##*.}/${page#man/}" ] || {
		echo "not installed: $page"
		failed=1
	}
done
for program in bin/loaxa sbin/loaxad libexec/loaxa/loaxa-source; do
	[ -x "$tmp/usr/$program" ] || {
		echo "not executable: /usr/$program"
		failed=1
	}
done
for file in loaxa.conf profiles/vinh-phuc-2022.conf; do
	[ -s "$tmp/etc/loaxa/$file" ] || {
		echo "not installed: /etc/loaxa/$file"
		failed=1
	}
done
# What the administrator wrote stays; another prefix is in the units.
echo "# mine" >"$tmp/etc/loaxa/loaxa.conf"
make -s --no-print-directory install B="$B" DESTDIR="$tmp" PREFIX=/usr/local \
    >"$tmp/out" 2>&1 || failed=1
[ "$(cat "$tmp/etc/loaxa/loaxa.conf")" = "# mine" ] || {
	echo "make install writes over the administrator's file"
	failed=1
}
grep -q '^ExecStart=/usr/local/sbin/loaxad' \
    "$tmp/usr/local/lib/systemd/system/loaxad.service" || {
	echo "the unit starts something else than what is installed"
	failed=1
}
if find "$tmp/usr/share" -type f -perm /111 | grep .; then
	echo "above: data that is marked as a program"
	failed=1
fi
"$tmp/usr/bin/loaxa" help >"$tmp/out" 2>&1
if ! grep -q '  check ' "$tmp/out"; then
	echo "the installed loaxa does not print its help:"
	cat "$tmp/out"
	failed=1
fi
exit "$failed"
