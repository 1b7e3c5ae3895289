#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# province.sh FOLDER - the fifteen stations live their six weeks, and FOLDER is left
# as their province: what it has collected, and a stick (usb) with what came late.
# There the lines of README's "Fifteen stations, one report" can be typed.
# B: the build folder.
set -eu
if [ $# != 1 ]; then
	echo "usage: sh $0 FOLDER" >&2
	exit 64
fi
KEEP=$(realpath -m "$1")
if [ -e "$KEEP" ]; then
	echo "$1 is there already; name another folder, or remove it" >&2
	exit 73
fi
export KEEP
cd "$(dirname "$0")/../.."
sh tests/check_kien_giang.sh
echo "cd $1"
