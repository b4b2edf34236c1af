#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows the module at work: a private knotd with three zones, its log, its
# counters and its answers, the cures, and that they help.
#
# usage: config-examples/demo.sh [BUILD]
#
# On Debian, as root, one command: it installs the packages that are missing,
# builds in build-demo (or takes module and command from the build directory
# BUILD), and starts knotd on a loopback address in a temporary directory. Nothing
# stays but the packages and build-demo. Exit code 0 if every verdict is the
# expected one.

set -eu

cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/sbin

heading() {
	printf '\n== %s\n\n' "$1"
}

fail() {
	echo "demo: $1" >&2
	[ ! -s "$work/knotd.log" ] || grep -v "received command 'stats'" "$work/knotd.log" | tail -n 30 >&2
	exit 1
}

work=
pid=
clean_up() {
	code=$?
	trap - EXIT HUP INT TERM
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	fi
	[ -z "$work" ] || rm -rf "$work"
	exit "$code"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
work=$(mktemp -d /tmp/caaudit-demo.XXXXXX)
mkdir "$work/db"

# Build.

if [ $# -gt 0 ]; then
	build=$1
else
	heading 'Packages and build'
	tests/install.sh gcc libc6-dev meson ninja-build pkg-config knot knot-dnsutils libknot-dev \
		liburcu-dev libjansson-dev
	build="build-demo"
	{
		[ -f "$build/build.ninja" ] ||
			meson setup "$build" --wrap-mode nodownload -Dmodule=enabled -Dcli=enabled \
				-Dunbound=disabled -Dtests=false
		meson compile -C "$build"
	} >"$work/build.log" 2>&1 || {
		cat "$work/build.log"
		fail 'the build failed'
	}
fi
build=$(cd "$build" && pwd)
module=$build/module/knotd/caaudit.so
command=$build/module/cli/caaudit
for file in "$module" "$command"; do
	[ -f "$file" ] || fail "no $file"
	echo "${file#"$PWD"/}"
done

# Where a package has installed the module, the server has it already and refuses another one.
section="module:
  - id: mod-caaudit
    file: \"$module\""
printf 'mod-caaudit:\n  - id: default\n' >"$work/installed.conf"
if knotc -c "$work/installed.conf" conf-check >/dev/null 2>&1; then
	section=
	echo 'the server takes the module that is installed instead'
fi

# Three zones: one in order, one that locks Sectigo out, one without the
# validation record that the CA waits for.

hash=_0123456789abcdef0123456789abcdef
target=00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com.

zone() {
	printf '@ 3600 SOA ns hostmaster 2026112301 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n'
	printf 'www 3600 A 192.0.2.2\nblog 3600 A 192.0.2.3\n'
	cat
}

zone >"$work/clean.test.zone" <<END
@ 3600 CAA 0 issue "sectigo.com"
@ 3600 CAA 0 issuewild "sectigo.com"
$hash.blog 3600 CNAME $target
END
zone >"$work/locked.test.zone" <<END
@ 3600 CAA 0 issue "letsencrypt.org"
$hash.blog 3600 CNAME $target
END
zone >"$work/missing.test.zone" <<END
@ 3600 CAA 0 issue "sectigo.com"
@ 3600 CAA 0 issuewild "sectigo.com"
END

configuration() {
	cat <<END
server:
    rundir: "$work"
    listen: $address@$port
control:
    listen: "$work/knot.sock"
database:
    storage: "$work/db"
log:
  - target: stderr
    any: info
$section
mod-caaudit:
  - id: default
    ca: sectigo.com
    host: [ "@", "www" ]
    validation: "$hash.blog $target"
template:
  - id: default
    storage: "$work"
    module: mod-caaudit/default
    global-module: mod-caaudit/default
zone:
  - domain: clean.test
  - domain: locked.test
  - domain: missing.test
END
}

number() { # from 0 to $1 - 1
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

# Waits until a command succeeds, 30 seconds at most, and knotd is there.
wait_until() {
	tries=300
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ] || ! kill -0 "$pid" 2>/dev/null; then
			return 1
		fi
		sleep 0.1
	done
}

start() {
	address=127.$(number 250).$(number 250).$(($(number 250) + 1))
	port=$(($(number 20000) + 10000))
	configuration >"$work/knot.conf"
	knotd -c "$work/knot.conf" >"$work/knotd.log" 2>&1 </dev/null &
	pid=$!
	wait_until grep -q 'server started' "$work/knotd.log" &&
		! grep -q 'cannot bind' "$work/knotd.log"
}

attempts=5
until start; do
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	attempts=$((attempts - 1))
	if [ "$attempts" -eq 0 ] || ! grep -q 'cannot bind' "$work/knotd.log"; then
		fail 'knotd did not start'
	fi
done

knotc_() {
	knotc -s "$work/knot.sock" "$@"
}

all_audited() {
	knotc_ stats | grep -q 'zones\[audited\] = 3$'
}
wait_until all_audited || fail 'not every zone was audited'

# Show.

heading 'Log: what the module says'
grep "module 'mod-caaudit" "$work/knotd.log"

for zone in clean locked missing; do
	heading "knotc zone-stats $zone.test mod-caaudit"
	knotc_ zone-stats "$zone.test" mod-caaudit | tee "$work/$zone.stats" |
		sed '/ = 0$/d; s/^/    /'
done

heading 'knotc stats: the sums of all zones'
knotc_ stats | tee "$work/all.stats" | sed -n '/ = 0$/d; s/^mod-caaudit/    &/p'

heading 'The answers are what the zone files say'
for zone in clean locked missing; do
	kdig @"$address" -p "$port" +noall +answer "$zone.test" CAA | sed 's/^/    /'
done

# Judge.

heading 'Verdicts'
verdicts=0
expect() { # expect FILE COUNTER VALUE MEANING
	if grep -qF "mod-caaudit.$2 = $3" "$work/$1.stats" ||
		{ [ "$3" -eq 0 ] && ! grep -qF "mod-caaudit.$2 = " "$work/$1.stats"; }; then
		echo "    ok: $4"
	else
		echo "    WRONG: $4 ($2 is not $3)"
		verdicts=1
	fi
}
expect clean 'severity[error]' 0 'clean.test: Sectigo may issue, and its validation record is there'
expect locked 'findings[caa-issue-denied]' 1 'locked.test: Sectigo may not issue'
expect locked 'findings[dcv-cname-missing]' 0 'locked.test: the validation record is there'
expect missing 'findings[caa-issue-denied]' 0 'missing.test: Sectigo may issue'
expect missing 'findings[dcv-cname-missing]' 1 'missing.test: the validation record is missing'
expect all 'zones[error]' 2 'all zones: two need work'
expect all 'zones[audited]' 3 'all zones: audited'

# Cure.

heading 'caaudit check --fix knotc: the cures, and knotc takes them'
for zone in locked missing; do
	"$command" check --host @ --host www --validation "$hash.blog $target" --fix knotc \
		"$work/$zone.test.zone" >"$work/cure" 2>"$work/cure.log" || :
	[ -s "$work/cure" ] || { cat "$work/cure.log" >&2; fail "no cure for $zone.test"; }
	sed 's/^/    /' "$work/cure"
	knotc_ <"$work/cure" >/dev/null || fail "knotc refused the cure of $zone.test"
done

all_clean() {
	knotc_ stats | grep -q 'zones\[clean\] = 3$'
}
wait_until all_clean || fail 'the cures did not help'

heading 'Log: what is resolved'
grep "module 'mod-caaudit.*, resolved, " "$work/knotd.log"
knotc_ stats >"$work/all.stats"

heading 'Verdicts'
expect all 'severity[error]' 0 'all zones: no error is left'
expect all 'zones[clean]' 3 'all zones: clean'
exit "$verdicts"
