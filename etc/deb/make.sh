#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make.sh BUILD VERSION - the Debian package of what is built in BUILD, as
# BUILD/loaxa_VERSION_ARCH.deb. Run by `make deb`, from the top of the tree.
#
# The same tree gives the same bytes: every date is that of the last commit,
# or of CHANGES.md where there is no repository.
set -eu
build=$(realpath "$1")
version=$2
arch=$(dpkg --print-architecture)
work=$build/deb
stage=$work/loaxa
# What is switched on.
enabled=$(cd etc/systemd && grep -l '^\[Install\]' -- *.* | tr '\n' ' ')
enabled=${enabled% }
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null ||
    stat -c %Y CHANGES.md)
export SOURCE_DATE_EPOCH

rm -rf "$work"
mkdir -p "$stage/DEBIAN" "$work/debian"
make -s --no-print-directory install B="$1" DESTDIR="$stage" PREFIX=/usr

# As Debian wants it: what runs without what debugs, pages packed, and the
# licence and the changes under their names.
doc=$stage/usr/share/doc/loaxa
find "$stage/usr" -type f -perm -100 -exec strip --strip-unneeded \
    --remove-section=.comment --remove-section=.note {} +
find "$stage/usr/share/man" -type f -exec gzip -9n {} +
mv "$doc/LICENSE" "$doc/copyright"
gzip -9nc CHANGES.md >"$doc/CHANGES.md.gz"
printf 'loaxa (%s) unstable; urgency=medium\n\n  * See CHANGES.md.gz.\n\n -- %s  %s\n' \
    "$version" "$(sed -n 's/^Maintainer: //p' etc/deb/control)" \
    "$(date -R -u -d "@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$doc/changelog.gz"

# Which libraries, and from which version on: Debian's own tool says.
printf 'Source: loaxa\n\nPackage: loaxa\nArchitecture: any\n' \
    >"$work/debian/control"
libraries=$(cd "$work" && find loaxa/usr -type f -perm -100 -print0 |
    xargs -0 dpkg-shlibdeps -O --warnings=0)
libraries=${libraries#shlibs:Depends=}

(cd "$stage" && find etc -type f -printf '/%p\n' | sort) \
    >"$stage/DEBIAN/conffiles"
(cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum) \
    >"$stage/DEBIAN/md5sums"
size=$(du -sk --apparent-size --exclude=DEBIAN "$stage" | cut -f 1)
for file in control postinst prerm postrm; do
	sed -e "s|@VERSION@|$version|" -e "s|@ARCH@|$arch|" \
	    -e "s|@SIZE@|$size|" -e "s|@LIBRARIES@|$libraries|" \
	    -e "s|@ENABLED@|$enabled|" "etc/deb/$file" >"$stage/DEBIAN/$file"
done
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/prerm" \
    "$stage/DEBIAN/postrm"
chmod -R u=rwX,go=rX "$stage"
find "$stage" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

package=$build/loaxa_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$stage" "$package" >/dev/null
echo "$package"
