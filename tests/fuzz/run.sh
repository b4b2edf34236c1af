#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a fuzz target with clang, AddressSanitizer and UndefinedBehaviorSanitizer.
#
# usage: tests/fuzz/run.sh TARGET [N] [ARGUMENT OF libFuzzer]...
#
# TARGET is rdata, issue_value or records, N the number of executions, ten
# million if it is not given. The build and what the run finds of interest are
# in build-fuzz; BUILD names another directory. The corpus here is read and not
# changed. The exit code is 0 if the run ends without a finding.

set -eu

cd "$(dirname "$0")/../.."

target=${1:?usage: tests/fuzz/run.sh TARGET [N] [ARGUMENT]...}
runs=${2:-10000000}
shift
[ $# -eq 0 ] || shift
[ -f "tests/fuzz/fuzz_$target.c" ] || { echo "no such target: $target" >&2; exit 1; }

tests/install.sh clang libclang-rt-dev libc6-dev meson ninja-build pkg-config libknot-dev liburcu-dev

build=${BUILD:-build-fuzz}
if [ ! -f "$build/build.ninja" ]; then
	CC=clang meson setup "$build" -Dmodule=disabled -Dcli=disabled -Dunit_tests=disabled \
		-Dfunctional_tests=disabled -Dfuzz=enabled -Dbuildtype=debugoptimized \
		-Db_lundef=false -Db_sanitize=address,undefined \
		-Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer'
fi
meson compile -C "$build" "fuzz_$target"

mkdir -p "$build/found/$target"
case $target in
records) limit=512 ;;
*) limit=256 ;;
esac
exec "$build/tests/fuzz/fuzz_$target" -runs="$runs" -max_len=$limit -print_final_stats=1 \
	-artifact_prefix="$build/found/" "$@" "$build/found/$target" "tests/fuzz/corpus/$target"
