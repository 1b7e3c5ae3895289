# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034
# expect.sh - what the scripts share that type commands and read what they
# say. Sourced from the top of the tree, which $top keeps; $B is the build
# folder, whose programs come first on the path; $tmp is removed at the end,
# and $daemon, when set, is ended. A script closes with: exit $failed
bin=$(cd "${B:-build}" && pwd) || exit 1
top=$PWD
tmp=$(mktemp -d)
daemon=
failed=0
# shellcheck disable=SC2317	# called by the trap
cleanup() {
	[ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon"
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
PATH=$bin:$PATH
export LOAXA_LANG=en TZ=Asia/Ho_Chi_Minh
unset LOAXA_ROOT NOTIFY_SOCKET

fail() {
	echo "$*"
	failed=1
}

# expect WHEN CODE WORDS COMMAND...: it ends with CODE, and says WORDS on
# either output ($tmp/out, $tmp/err); whatever it says cannot steer a terminal.
expect() {
	when=$1 code=$2 words=$3
	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	[ "$got" -eq "$code" ] || fail "$when: exit code $got, wanted $code:" \
	    "$(cat "$tmp/out" "$tmp/err")"
	cat "$tmp/out" "$tmp/err" | grep -qF -- "$words" ||
	    fail "$when: \"$words\" not said: $(cat "$tmp/out" "$tmp/err")"
	tr -d '\n' <"$tmp/out" | cat - "$tmp/err" | tr -d '\n' |
	    LC_ALL=C grep -q '[[:cntrl:]]' &&
	    fail "$when: a control character was said"
}
