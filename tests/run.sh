#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what the tests need (Debian, as root), builds, and runs every suite but lint,
# which takes minutes of its own: tests/run.sh --suite lint.
#
# usage: tests/run.sh [ARGUMENT OF meson test]...
#
# For example: tests/run.sh --suite unit; tests/run.sh --list. The build is in
# build-tests; BUILD names another directory. MESON_OPTIONS is given to meson
# setup, and CC is the compiler. The exit code is that of meson test.

set -eu

cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

tests/install.sh gcc g++ libc6-dev meson ninja-build pkg-config python3 git knot knot-dnsutils \
	knot-module-geoip libknot-dev liburcu-dev libjansson-dev libcmocka-dev valgrind unbound \
	bind9-dnsutils bind9-utils ldnsutils knot-dnssecutils libunbound-dev nsd bind9 nftables iproute2 \
	netcat-openbsd conntrack
# Debian 12 alone has these; elsewhere the tests that need them are skipped.
if apt-cache show clang-format-14 >/dev/null 2>&1; then
	tests/install.sh clang-14 clang-format-14 clang-tidy-14 cppcheck
fi

installed=$(pkg-config --variable=module_instdir knotd)/caaudit.so
if [ -e "$installed" ]; then
	echo "$installed: a server that has found this module refuses the one that is tested; remove it, then run this again" >&2
	exit 1
fi

# Most tests wait for a server: three times as many as there are processors, with patience.
export MESON_TESTTHREADS="${MESON_TESTTHREADS:-$((3 * $(nproc)))}"
export CAAUDIT_PATIENCE="${CAAUDIT_PATIENCE:-2}"

build=${BUILD:-build-tests}
# shellcheck disable=SC2086 # a list of words
if [ ! -f "$build/build.ninja" ]; then
	meson setup "$build" --wrap-mode nodownload -Dmodule=enabled -Dcli=enabled \
		-Dunit_tests=enabled -Dfunctional_tests=enabled -Db_ndebug=false ${MESON_OPTIONS-}
elif [ -n "${MESON_OPTIONS-}" ]; then
	meson configure "$build" $MESON_OPTIONS
fi
meson compile -C "$build"
[ $# -gt 0 ] || set -- --no-suite lint
exec meson test -C "$build" --print-errorlogs --timeout-multiplier 2 "$@"
