#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Loads the module of each Debian release into the server of each other one, and
# prints what becomes of it.
#
# usage: tests/mismatch.sh [-c DIR] [RELEASE]...
#
#   RELEASE   bookworm, trixie and sid if none
#   -c DIR    where the Debian systems are kept between runs; see tests/root.sh
#
# On Debian, as root, with debootstrap and a mirror. Exit code 0 if every foreign
# module was refused by an error, and none ended the server or knotc by a signal.

set -eu
umask 022

build() {
	cp -r /in/tree ~/tree
	cd ~/tree
	{
		meson setup ~/build --wrap-mode nodownload -Dmodule=enabled -Dcli=disabled -Dunit_tests=disabled \
			-Dfunctional_tests=disabled
		ninja -C ~/build module/knotd/caaudit.so
	} >/out/build.log 2>&1 || { tail -n 20 /out/build.log; exit 1; }
	cp ~/build/module/knotd/caaudit.so "/out/$(knotd -V | sed 's/.* //').so"
}

try() {
	knot=$(knotd -V | sed 's/.* //')
	mkdir /tmp/k
	printf '@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n' >/tmp/k/example.com.zone
	for module in /out/*.so; do
		built=$(basename "$module" .so)
		cat >/tmp/k/knot.conf <<-END
			server:
			    rundir: "/tmp/k"
			    listen: 127.8.8.8@15353
			database:
			    storage: "/tmp/k/db"
			log:
			  - target: stderr
			    any: info
			module:
			  - id: mod-caaudit
			    file: "$module"
			template:
			  - id: default
			    storage: "/tmp/k"
			    module: mod-caaudit
			zone:
			  - domain: example.com
		END
		check=0
		said=$(knotc -c /tmp/k/knot.conf conf-check 2>&1) || check=$?
		server=0
		timeout -s TERM 8 knotd -c /tmp/k/knot.conf >/tmp/k/log 2>&1 || server=$?
		audit=no
		! grep -q 'audit, serial 1' /tmp/k/log || audit=audited
		reason=$(printf '%s\n' "$said" | grep -oE "'?/[^']*: .*|lib[a-z]+\.so[^)]*|invalid.*|[a-z ]*symbol.*" | head -n 1 | cut -c 1-90)
		[ -n "$reason" ] || reason=$(grep -E 'lib(knot|dnssec|zscanner)\.so' /tmp/k/log | head -n 1 | sed 's/.*: //' | cut -c 1-90)
		verdict=refused
		if [ "$built" = "$knot" ]; then
			verdict='works'
			[ "$audit" = audited ] || verdict='FAILED!'
		elif [ "$check" -ge 128 ] || { [ "$server" -ge 128 ] && [ "$server" -ne 124 ]; }; then
			verdict='CRASHED!'
		elif [ "$server" -eq 124 ]; then
			verdict="LOADED!"
		fi
		echo "$knot|$built|$verdict|conf-check $check, knotd $server|$reason"
	done
}

case ${1-} in
--build) build; exit 0 ;;
--try) try; exit 0 ;;
esac

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CAAUDIT_ROOTS-}
while getopts c: option; do
	case $option in
	c) cache=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- bookworm trixie sid

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/out" "$work/in"
git clone -q --no-hardlinks "$top" "$work/in/tree"
for action in --build --try; do
	for release; do
		"$top/tests/root.sh" -c "${cache:-$work/roots}" -p "knot libknot-dev liburcu-dev meson gcc libc6-dev
			pkg-config python3" -i "$work/in" -o "$work/out" "$release" \
			/in/tree/tests/mismatch.sh "$action"
	done
done >"$work/table"
{
	echo 'server|module built for|result|exit codes|reason'
	cat "$work/table"
} | column -t -s '|'
! grep -q '!' "$work/table"
