#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every message of the sources has its Vietnamese in po/vi.po: none missing,
# none untranslated, none fuzzy, none with other arguments than its English. And
# tests/README lists every check_*.sh, and no other.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

ls base/*.c scheduler/*.c intake/*.c playout/*.c evidence/*.c ctl/*.c \
    2>/dev/null >"$tmp/sources" || true
xgettext --from-code=UTF-8 -k_ -kN_ --sort-by-file -f "$tmp/sources" \
    -o "$tmp/loaxa.pot"
[ -f "$tmp/loaxa.pot" ] || {
	echo "xgettext found no message at all"
	exit 1
}
msgmerge -q --no-fuzzy-matching po/vi.po "$tmp/loaxa.pot" -o "$tmp/vi.po"
msgattrib --no-obsolete --untranslated "$tmp/vi.po" >"$tmp/missing"
msgattrib --no-obsolete --only-fuzzy "$tmp/vi.po" >"$tmp/fuzzy"

failed=0
if grep -q '^msgid' "$tmp/missing"; then
	echo "Without Vietnamese in po/vi.po (make words, then translate):"
	cat "$tmp/missing"
	failed=1
fi
if grep -q '^msgid' "$tmp/fuzzy"; then
	echo "Marked fuzzy in po/vi.po (read, correct, take the mark off):"
	cat "$tmp/fuzzy"
	failed=1
fi
msgfmt --check -o /dev/null "$tmp/vi.po" || failed=1
for f in tests/check_*.sh; do
	f=${f#tests/check_}
	echo "${f%.sh}"
done >"$tmp/scripts"
sed -n '/^The check_.*one by one/,/^One test/s/^\([a-z_]\{1,\}\)  .*/\1/p' \
    tests/README >"$tmp/listed"
diff "$tmp/scripts" "$tmp/listed" || {
	echo "tests/README lists other scripts (>) than there are (<)"
	failed=1
}
exit "$failed"
