#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the functional tests on a knotd in which errors are looked for.
#
# usage: tests/sanitize.sh thread|address|valgrind [TOPIC]...
#
# thread is gcc's ThreadSanitizer, address is ASan with UBSan, both for the module
# alone; valgrind is memcheck. TOPIC is one of tests/functional, all unless some are
# named. Builds in build-KIND; it is "meson test --setup KIND" in there.

set -eu

cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

kind=${1:-}
case $kind in
thread) sanitize=thread ;;
address) sanitize=address,undefined ;;
valgrind) sanitize=none ;;
*)
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
	;;
esac
shift

build=${CAAUDIT_BUILD:-build-$kind}
[ -f "$build/build.ninja" ] || meson setup "$build" --wrap-mode nodownload \
	-Dmodule=enabled -Dcli=enabled -Dunit_tests=disabled -Dfunctional_tests=enabled \
	-Db_sanitize="$sanitize" -Db_lundef=false -Db_ndebug=false >/dev/null
meson compile -C "$build" caaudit:shared_module caaudit-quick:shared_module caaudit:executable >/dev/null
exec meson test -C "$build" --no-rebuild --setup "$kind" --num-processes 1 --print-errorlogs "$@"
