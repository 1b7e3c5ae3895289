#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# packages.sh NAME... - makes sure that these Debian packages are installed.
# Says what it installs, and nothing when nothing is missing.
set -eu

if ! command -v dpkg-query >/dev/null; then
	echo "This is not a Debian machine: install what these hold by hand:"
	echo "  $*"
	exit 0
fi

# dpkg-query complains about each name it does not know: that is our question.
have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    sed -n 's/ installed$//p') || true
missing=
for name in "$@"; do
	case "
$have
" in
	*"
$name
"*) ;;
	*) missing="$missing $name" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "Installing from Debian:$missing"
if [ "$(id -u)" -eq 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "Not root, and there is no sudo. As root, run:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The names are single words: they are meant to be split.
# shellcheck disable=SC2086
if ! { $sudo apt-get -q update &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y install \
	--no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
	cat "$log"
	echo "Could not install:$missing" >&2
	echo "See above; is the network there, and is the clock right?" >&2
	exit 1
fi
