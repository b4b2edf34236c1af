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
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing"
apt-get -qq update </dev/null ||
	echo "apt-get update failed; trying with the lists that are there" >&2
# shellcheck disable=SC2086 # a list of words
apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
	install $missing </dev/null
