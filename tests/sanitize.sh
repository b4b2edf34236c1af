#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the functional tests on a knotd whose module is watched by a sanitizer.
#
# usage: tests/sanitize.sh thread|address [TOPIC]...
#
# The topics are those of tests/functional, all but the longest unless some are
# named. thread is gcc's ThreadSanitizer, address is ASan with UBSan: their
# runtimes are preloaded into knotd alone. What they report about the server's
# own code alone is left out by tests/tsan.supp. Builds in build-KIND.

set -eu

cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1

kind=${1:?thread or address}
shift
topics=${*:-changes faults instances not_checked options reload secondary synthesis verdicts}
cc=${CC:-gcc}
knotd=${KNOTD:-$(PATH="$PATH:/usr/sbin:/sbin" command -v knotd)}
build=build-$kind
preload=
slow=5

runtime() {
	realpath "$($cc -print-file-name="$1")"
}

case $kind in
thread)
	set -- -Db_sanitize=thread -Db_lundef=false
	preload=$(runtime libtsan.so)
	;;
address)
	set -- -Db_sanitize=address,undefined -Db_lundef=false
	preload=$(runtime libasan.so):$(runtime libubsan.so)
	;;
*)
	echo "unknown kind: $kind" >&2
	exit 2
	;;
esac

[ -f "$build/build.ninja" ] || CC=$cc meson setup "$build" --wrap-mode nodownload \
	-Dmodule=enabled -Dcli=disabled -Dunit_tests=disabled -Dfunctional_tests=disabled \
	"$@" >/dev/null
meson compile -C "$build" >/dev/null

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# Stands in for knotd. The runtimes do not cope with a random layout of the memory.
cat >"$reports/knotd" <<END
#!/bin/sh
exec setarch -R env LD_PRELOAD="$preload" \\
	TSAN_OPTIONS="log_path=$reports/report suppressions=$PWD/tests/tsan.supp exitcode=0 report_signal_unsafe=0" \\
	ASAN_OPTIONS="log_path=$reports/report detect_leaks=1 exitcode=0" \\
	UBSAN_OPTIONS="log_path=$reports/report print_stacktrace=1" "$knotd" "\$@"
END
chmod +x "$reports/knotd"
chmod 711 "$reports"

code=0
for topic in $topics; do
	echo "--- $topic"
	CAAUDIT_MODULE=$PWD/$build/module/knotd/caaudit.so CAAUDIT_PATIENCE=${CAAUDIT_PATIENCE:-$slow} \
		KNOTD=$reports/knotd python3 "tests/functional/test_$topic.py" || code=1
done

# What the server does with itself alone is not ours to judge.
find "$reports" -name 'report*' -exec cat {} + | python3 -c '
import re, sys
told = [part for part in re.split(r"\n={10,}\n", sys.stdin.read())
        if re.search(r"caaudit\.so|module/knotd|ERROR: (Address|Leak)Sanitizer|runtime error", part)]
print("\n----\n".join(told))
print(len(told), "reports about the module")
sys.exit(bool(told))' || code=1
exit $code
