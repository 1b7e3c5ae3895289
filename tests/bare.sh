# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# bare.sh - a bare Debian 12 in a folder, from the mirror that this machine's
# own apt uses. Sourced; no test. Root only.

# bare_place NAME: a new folder outside the tree where programs may run and
# devices may be made
bare_place() {
	for place in "${TMPDIR:-/tmp}" /var/tmp; do
		findmnt -n -o OPTIONS -T "$place" |
		    grep -Eq '(^|,)(noexec|nodev)(,|$)' || break
	done
	mktemp -d "$place/$1.XXXXXX"
}

# bare_targets FORMAT: the sources of this machine, whatever mirror they name
bare_targets() {
	apt-get indextargets --format "$1" 'Created-By: Packages' \
	    'Origin: Debian' 'Component: main' | sort -u
}

# bare_make FOLDER PACKAGE,...: a minimal system with these packages, and with
# what apt needs there to reach the same mirror. Ends the script when there is
# none (77) or it does not come.
bare_make() {
	# shellcheck disable=SC2016 # apt's own variables, not the shell's
	source_line='deb $(REPO_URI) $(RELEASE) $(COMPONENT)'
	[ -n "$(bare_targets "$source_line")" ] ||
	    apt-get -q update >/dev/null
	bare_targets "$source_line" >"$1.sources"
	mirror=$(awk '$3 == "bookworm" { print $2; exit }' "$1.sources")
	if [ -z "$mirror" ]; then
		echo "This machine's apt knows no mirror of Debian 12 (bookworm)."
		exit 77
	fi

	echo "== a bare Debian 12 in $1"
	proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
	[ -z "$proxy" ] || export http_proxy="$proxy"
	if ! debootstrap --variant=minbase --include="$2" \
	    bookworm "$1" "$mirror" >"$1.log" 2>&1; then
		tail -n 20 "$1.log"
		exit 1
	fi
	# It lives for minutes: what is unpacked need not outlive a power cut.
	echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/short-lived"
	mv "$1.sources" "$1/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::' |
	    grep -vE '^Acquire::(IndexTargets|Changelogs|CompressionTypes|cdrom)' \
		>"$1/etc/apt/apt.conf.d/99host" || true
	for file in /etc/resolv.conf /etc/hosts \
	    /etc/ssl/certs/ca-certificates.crt; do
		[ ! -f "$file" ] || {
			mkdir -p "$1${file%/*}"
			cp -L "$file" "$1$file"
		}
	done
}
