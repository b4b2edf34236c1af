#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reloads and updates a server under queries, with the module and without it.
#
# usage: tests/soak/run.sh [OPTION OF soak.py]...
#
# For example: tests/soak/run.sh --reloads 100 --updates 1000. Installs what it
# needs (Debian, as root) and builds in build-bench. The exit code says whether
# the module lost a query, grew, or died.

set -eu

cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8

tests/install.sh gcc libc6-dev meson ninja-build pkg-config python3 knot knot-dnsutils \
	libknot-dev liburcu-dev libjansson-dev dnsperf

build="build-bench"
[ -f "$build/build.ninja" ] || meson setup "$build" --wrap-mode nodownload --buildtype release \
	-Dmodule=enabled -Dcli=enabled -Dunit_tests=disabled -Dfunctional_tests=disabled >/dev/null
meson compile -C "$build" >/dev/null
exec env PYTHONDONTWRITEBYTECODE=1 CAAUDIT_MODULE="$PWD/$build/module/knotd/caaudit.so" \
	python3 tests/soak/soak.py "$@"
