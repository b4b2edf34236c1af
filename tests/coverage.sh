#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Line and branch coverage of the engine by the suites unit and fuzz.
#
# usage: tests/coverage.sh [ARGUMENT OF gcovr]...
#
# The build is in build-coverage; BUILD names another directory. LIMIT is the
# share of lines, in per cent, below which the exit code is not 0: 95 if it is
# not given. Example: tests/coverage.sh --html-details coverage.html

set -eu

cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

tests/install.sh gcc libc6-dev meson ninja-build pkg-config gcovr libknot-dev liburcu-dev \
	libcmocka-dev

# Without optimization every line has code of its own.
build=${BUILD:-build-coverage}
if [ ! -f "$build/build.ninja" ]; then
	CC=gcc meson setup "$build" -Dmodule=disabled -Dcli=disabled -Dunit_tests=enabled \
		-Dfunctional_tests=disabled -Dbuildtype=debug -Db_coverage=true -Db_ndebug=false
fi
meson compile -C "$build"
find "$build" -name '*.gcda' -delete
meson test -C "$build" --no-rebuild --print-errorlogs --suite unit --suite fuzz

gcovr --root . --filter 'module/engine/' --object-directory "$build" --print-summary "$build"
gcovr --root . --filter 'module/engine/' --branches --fail-under-line "${LIMIT:-95}" "$@" "$build"
