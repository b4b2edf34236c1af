#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a fuzz target with clang, AddressSanitizer and UndefinedBehaviorSanitizer.
#
# usage: tests/fuzz/run.sh TARGET [N] [ARGUMENT OF libFuzzer]...
#
# TARGET is rdata, issue_value, persist, records, answer, proofs or command, N the number of executions,
# ten million if it is not given. The build, and what the run finds of interest, are
# below build-fuzz; BUILD names another directory. The corpus here is read and
# not changed. The exit code is 0 if the run ends without a finding.

set -eu

cd "$(dirname "$0")/../.."

target=${1:?usage: tests/fuzz/run.sh TARGET [N] [ARGUMENT]...}
runs=${2:-10000000}
shift
[ $# -eq 0 ] || shift
[ -f "tests/fuzz/fuzz_$target.c" ] || { echo "no such target: $target" >&2; exit 1; }

tests/install.sh clang libclang-rt-dev libc6-dev meson ninja-build pkg-config libknot-dev liburcu-dev \
	libjansson-dev

coverage=fuzzer-no-link
limit=256
if [ "$target" != issue_value ]; then
	# An audit compares so much that to trace it takes half of the time; the words
	# that matter are in the corpus and in the target.
	coverage="$coverage -fno-sanitize-coverage=trace-cmp"
	limit=128
fi
[ "$target" != command ] || limit=512 # A command line and several files.
[ "$target" != answer ] || limit=1232 # What fits into a datagram.

build=${BUILD:-build-fuzz}/$target
if [ ! -f "$build/build.ninja" ]; then
	CC=clang meson setup "$build" -Dmodule=disabled -Dcli=enabled -Dunit_tests=disabled \
		-Dfunctional_tests=disabled -Dfuzz=enabled -Dbuildtype=debugoptimized \
		-Db_lundef=false -Db_ndebug=false -Db_sanitize=address,undefined \
		-Dc_args="-fsanitize=$coverage -fno-sanitize-recover=all -fno-omit-frame-pointer"
fi
meson compile -C "$build" "fuzz_$target"

# A small quarantine stays in the cache: an input is done with in microseconds. Leaks
# show at the end.
export ASAN_OPTIONS="quarantine_size_mb=4:max_malloc_fill_size=0:malloc_context_size=4:${ASAN_OPTIONS-}"
mkdir -p "$build/found"
exec "$build/tests/fuzz/fuzz_$target" -runs="$runs" -max_len="$limit" -entropic=0 \
	-detect_leaks=0 -print_final_stats=1 -artifact_prefix="$build/" "$@" \
	"$build/found" "tests/fuzz/corpus/$target"
