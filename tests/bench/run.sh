#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures what the documentation quotes, and prints a table.
#
# usage: tests/bench/run.sh [--json FILE] [PART]...
#
# Parts: command query throughput flood synthesis start scale latency changes.
# Installs what it needs (Debian, as root) and builds in build-bench with
# optimisation. Nothing is asserted: machines differ, ratios are for comparing.

set -eu

cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8

tests/install.sh gcc libc6-dev meson ninja-build pkg-config python3 knot knot-dnsutils \
	knot-dnssecutils libknot-dev liburcu-dev libjansson-dev valgrind dnsperf bind9-utils nsd \
	ldnsutils

build="build-bench"
[ -f "$build/build.ninja" ] || meson setup "$build" --wrap-mode nodownload --buildtype release \
	-Dmodule=enabled -Dcli=enabled -Dunit_tests=disabled -Dfunctional_tests=disabled >/dev/null
meson compile -C "$build" >/dev/null
ninja -C "$build" tests/bench/bare >/dev/null
exec env PYTHONDONTWRITEBYTECODE=1 CAAUDIT_MODULE="$PWD/$build/module/knotd/caaudit.so" \
	python3 tests/bench/bench.py --build "$build" "$@"
