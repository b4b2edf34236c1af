#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds and tests the tree with other versions of Knot, gcc, clang and cmocka.
#
# usage: tests/versions.sh [-f] [-j] [-c DIR] [-d DAYS] [-l DIR] [-k REPOSITORY] [-s "SUITE..."] [WHERE]...
#
#   WHERE       a Debian release, with its own Knot (bookworm, trixie and sid if
#               none is given), or a tag of Knot's repository as v3.3.10, which
#               is built in bookworm
#   -f          the suites unit and functional alone, with the release's own compiler:
#               a part of .ci/run
#   -j          all at once: they mostly wait, and need 6 GB of memory each at most
#   -c DIR      where the Debian systems are kept between runs; see tests/root.sh
#   -d DAYS     systems that are older are made anew
#   -l DIR      where the logs go, otherwise a temporary directory that stays
#               only if something failed. Those of meson are WHERE.COMPILER.SUITE.json,
#               and "skipped" has a line for what could not be had
#   -k REPO     Knot's git repository, for tags
#   -s SUITES   suites of the tests; if none, all but those that take long anywhere
#
# On Debian, as root, with debootstrap, git and a mirror. What is tested is the
# last commit. The exit code is 0 if everything in the table passed; what could
# not be had, and a Knot that is newer than is supported, is said and is no failure.

set -eu
umask 022

usage() {
	sed -n '/^# usage/,/^# On/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# --- inside of the other system: /in/tree, /in/knot, /out

# The newest minor version of Knot that is supported.
newest=3.5

suites_line() { # suites_line BUILD LOG COMPILER SUITE...: prints "passed/all" for each
	build=$1
	log=$2
	compiler=$3
	shift 3
	for suite; do
		# What takes a server is tried with the release's own compiler.
		case $compiler:$suite in
		gcc:* | *:unit | *:golden | *:cases | *:differential | *:fuzz | *:meta) ;;
		*) printf ' -'; continue ;;
		esac
		code=0
		# A run that is stopped leaves what it has found so far.
		ln -sfn "$log.$suite.json" "$build/meson-logs/testlog.json"
		# Other processors' time is not ours: be patient.
		CAAUDIT_PATIENCE=4 meson test -C "$build" --print-errorlogs \
			--timeout-multiplier 4 --suite "$suite" >"$log.$suite" 2>&1 || code=$?
		awk -v suite="$suite" -v code="$code" '
			/^Ok:/ { ok = $2 }
			/^Expected Fail:/ { ok += $NF } # A planted bug is to be found.
			/^(Fail|Unexpected Pass|Timeout):/ { bad += $NF }
			/^Skipped:/ { skipped = $2 }
			END {
				all = ok + bad + skipped
				text = ok == "" ? "none" : ok "/" all - skipped
				if (code != 0)
					text = text "!"
				else if (skipped > 0)
					text = text "(-" skipped ")"
				printf " %s", text
			}' "$log.$suite"
	done
}

# What README.md says, word by word, and the server that finds the module by itself.
install_line() { # install_line LOG
	if command=$(grep '^meson setup build && .* && meson install -C build$' README.md) &&
		nice sh -euxc "$command" >"$1.install" 2>&1 &&
		PATH=/usr/local/bin:$PATH sh -x debian/tests/server >>"$1.install" 2>&1; then
		printf ' ok'
	else
		printf ' failed!'
	fi
}

inside() {
	name=$1
	only=$2
	shift 2
	compilers="gcc $(cd /usr/bin && ls -d gcc-[0-9][0-9]) clang"
	[ -z "$only" ] || compilers=gcc
	exec 3>&1 >>"/out/$name.log" 2>&1
	cp -r /in/tree ~/tree
	cd ~/tree
	if [ -d /in/knot ]; then
		echo "building Knot"
		cp -r /in/knot ~/knot
		(
			cd ~/knot
			autoreconf -fi >/dev/null
			./configure --prefix=/usr --sbindir=/usr/sbin --sysconfdir=/etc --localstatedir=/var \
				--libdir="/usr/lib/$(gcc -print-multiarch)" --disable-documentation \
				--disable-static --disable-fastparser --enable-xdp=no CFLAGS='-O1 -g0' >/dev/null
			make -s -j2 >/dev/null
			make -s install >/dev/null
			ldconfig
		) || {
			echo "$name - - - knot-not-built" >&3
			exit 0
		}
	fi
	knot=$(knotd -V | sed 's/.* //')
	cmocka=$(pkg-config --modversion cmocka 2>/dev/null || echo -)
	default=
	for compiler in $compilers; do
		version=$("$compiler" -dumpfullversion 2>/dev/null || "$compiler" -dumpversion) || continue
		version=${version%%.*}
		[ "$compiler" != "gcc-$default" ] || continue
		[ "$compiler" != gcc ] || default=$version
		build=$HOME/build-$compiler
		log=/out/$name.$compiler
		printf '%s %s %s-%s %s' "$name" "$knot" "${compiler%-*}" "$version" "$cmocka" >&3
		if CC=$compiler meson setup "$build" --wrap-mode nodownload -Dmodule=enabled -Dcli=enabled \
			-Dunit_tests=enabled -Dfunctional_tests=enabled -Db_ndebug=false >"$log.build" 2>&1 &&
			nice meson compile -C "$build" >>"$log.build" 2>&1; then
			printf ' %s' "$(grep -c 'warning: ' "$log.build" || :)" >&3
			suites_line "$build" "$log" "$compiler" "$@" >&3
			if [ "$compiler" = gcc ] && [ -z "$only" ]; then
				install_line "$log" >&3
			else
				printf ' -' >&3
			fi
		else
			printf ' build!' >&3
		fi
		echo >&3
	done
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
	exit 0
fi

# --- outside

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CAAUDIT_ROOTS-}
logs=
knot=
suites='unit golden cases cli differential fuzz meta functional monitoring docs'
together=
only=
days=
while getopts fjc:d:l:k:s: option; do
	case $option in
	f) only=yes suites='unit functional' ;;
	j) together=yes ;;
	c) cache=$OPTARG ;;
	d) days=$OPTARG ;;
	l) logs=$OPTARG ;;
	k) knot=$OPTARG ;;
	s) suites=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- bookworm trixie sid

work=$(mktemp -d)
keep=
clean_up() {
	code=$?
	trap - EXIT HUP INT TERM
	[ "$code" -eq 0 ] || [ -n "$logs" ] || {
		keep=$(mktemp -d)
		cp -r "$work/out/." "$keep/" 2>/dev/null || :
		echo "logs: $keep" >&2
	}
	rm -rf "$work"
	exit "$code"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$cache" ]; then
	cache=$work/roots
fi
out=${logs:-$work/out}
mkdir -p "$out"
out=$(cd "$out" && pwd)
git clone -q --no-hardlinks "$top" "$work/tree"
echo "commit: $(git -C "$work/tree" log -1 --format='%h %s')"

common='meson ninja-build gcc libc6-dev pkg-config liburcu-dev libjansson-dev libcmocka-dev python3 git
	bind9-dnsutils unbound'
debian='knot knot-dnsutils knot-dnssecutils knot-module-geoip libknot-dev'
# What Knot itself is built with.
source='autoconf automake libtool make libgnutls28-dev liblmdb-dev libedit-dev'

# Says why something cannot be had.
skip() { # skip WHERE REASON
	echo "$1: $2" >"$work/skipped.$1"
}

# Makes a system and tests in it; the rows and what is skipped go to files.
where() {
	where=$1
	release=$where
	roots=$cache
	packages="$common $debian"
	in=$work/in.$where
	mkdir "$in"
	cp -r "$work/tree" "$in/tree"
	case $where in
	v[0-9]*)
		# A system of its own: the package of Knot would be in the way.
		release=bookworm
		roots=$cache/source
		packages="$common $source"
		if [ -z "$knot" ]; then
			skip "$where" 'no repository of Knot (-k)'
			return
		fi
		mkdir "$in/knot"
		git -C "$knot" archive "$where" | tar -x -C "$in/knot" || {
			skip "$where" 'not in the repository'
			return
		}
		;;
	esac
	# g++ for the suite meta; more compilers, where they are small enough or newer than here.
	case ${only:+own}:$release in
	own:*) ;;
	:bookworm) packages="$packages g++" ;;
	:trixie) packages="$packages g++ clang gcc-12 gcc-13" ;;
	:*) packages="$packages g++ clang gcc-15" ;;
	esac
	# shellcheck disable=SC2016 # expanded inside
	code=0
	version=$("$top/tests/root.sh" -c "$roots" ${days:+-d "$days"} -p "$packages" "$release" \
		sh -c '! command -v knotd >/dev/null || knotd -V' 2>"$work/root.$where") || code=$?
	cat "$work/root.$where" >&2
	if [ "$code" -ne 0 ]; then
		skip "$where" "the system cannot be had ($(tail -n 1 "$work/root.$where"))"
		return
	fi
	version=${version##* }
	if [ -n "$version" ] && [ "$(printf '%s\n' "$newest.99" "$version" | sort -V | tail -n 1)" = "$version" ]; then
		skip "$where" "its Knot is $version, and $newest the newest that is supported"
		return
	fi
	echo "testing: $where${version:+, Knot $version}" >&2
	# shellcheck disable=SC2086 # a list of words
	"$top/tests/root.sh" -c "$roots" -i "$in" -o "$out" "$release" \
		/in/tree/tests/versions.sh --inside "$where" "$only" $suites >"$work/table.$where" ||
		echo "$where - - - ended!" >>"$work/table.$where"
}

for where; do
	if [ -n "$together" ]; then
		where "$where" &
	else
		where "$where"
	fi
done
wait
: >"$work/table"
: >"$work/skipped"
for where; do
	cat "$work/table.$where" >>"$work/table" 2>/dev/null || :
	cat "$work/skipped.$where" >>"$work/skipped" 2>/dev/null || :
done
cp "$work/skipped" "$out/skipped"

echo
{
	echo "where Knot compiler cmocka warnings $suites install"
	cat "$work/table"
} | column -t
if [ -s "$work/skipped" ]; then
	echo
	sed 's/^/skipped: /' "$work/skipped"
fi
echo
echo 'passed/run for each suite, (-n) skipped, ! failed, - not tried with this compiler'
! grep -q '!' "$work/table"
