#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the Debian packages that are named and missing.
#
# usage: tests/install.sh PACKAGE...
#
# With nothing missing it needs neither root nor a network. No daemon that a
# package brings is started.

set -eu

missing=
for package; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=none
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "missing packages, install them or run this as root:$missing" >&2
	exit 1
fi

# Maintainer scripts ask this file whether they may start a service.
policy=/usr/sbin/policy-rc.d
made=
log=$(mktemp)
clean_up() {
	code=$?
	rm -f "$log"
	[ -z "$made" ] || rm -f "$policy"
	exit "$code"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
if [ ! -e "$policy" ]; then
	made=yes
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >"$log" 2>&1 </dev/null || {
	cat "$log"
	echo "apt-get update failed; trying with the lists that are there"
} >&2
# shellcheck disable=SC2086 # a list of words
apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
	install $missing >"$log" 2>&1 </dev/null || {
	cat "$log" >&2
	exit 1
}
