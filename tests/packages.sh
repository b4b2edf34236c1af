#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the Debian packages, and installs, upgrades, removes and purges them in
# a fresh system under a running server.
#
# usage: tests/packages.sh [-c DIR] [-o DIR] [RELEASE]...
#
#   RELEASE   bookworm if none
#   -c DIR    where the Debian systems are kept between runs; see tests/root.sh
#   -o DIR    where the packages and the log of their build go
#
# On Debian, as root, with debootstrap and a mirror. The packages are those of the
# last commit. Exit code 0 if all went as it should.

set -eu
umask 022

# --- inside of the system that builds

build() {
	cp -r /in/tree ~/tree
	cd ~/tree
	dpkg-buildpackage -us -uc -b >/out/build.log 2>&1 || {
		tail -n 40 /out/build.log
		exit 1
	}
	cp ../*.deb ../*.changes ../*.buildinfo /out/
	echo "ok: dpkg-buildpackage: $(cd /out && echo *.deb)"
	lintian --allow-root --profile debian --fail-on error,warning --tag-display-limit 0 ../*.changes
	echo 'ok: lintian has nothing to say'
}

# --- inside of the fresh system

say() {
	printf 'ok: %s\n' "$1"
}
fail() {
	printf 'FAIL: %s\n' "$1"
	tail -n 20 /var/lib/knot/log 2>/dev/null || :
	exit 1
}
begin() {
	started=$(date +%s)
}
control() {
	knotc -s /run/knot/knot.sock "$@"
}
# To be run in the background, as Debian's knot.service does it: user, group, capabilities, no new privileges.
as_knot() {
	exec setpriv --reuid knot --regid knot --clear-groups --no-new-privs \
		--inh-caps=-all,+net_bind_service,+setpcap \
		--ambient-caps=-all,+net_bind_service,+setpcap \
		--bounding-set=-all,+net_bind_service,+setpcap "$@"
}
start() {
	: >/var/lib/knot/log
	chown knot:knot /var/lib/knot/log
	as_knot knotd -c /etc/knot/knot.conf >>/var/lib/knot/log 2>&1 </dev/null &
	pid=$!
	seen 'server started'
}
stop() {
	kill "$pid"
	wait "$pid" || fail "knotd ended with $?"
}
seen() { # seen TEXT: waits until the log has it
	tries=600
	until grep -qF -- "$1" /var/lib/knot/log; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ] || ! kill -0 "$pid"; then
			fail "no log line: $1"
		fi
		sleep 0.1
	done
}
serves() {
	kill -0 "$pid" || fail 'knotd is gone'
	kdig +short @127.0.0.1 -p 5300 example.com SOA | grep -q . || fail 'no answer'
}
zone() { # zone SERIAL CA
	printf '@ 3600 SOA ns hostmaster %s 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n' "$1"
	printf '@ 3600 CAA 0 issue "%s"\n' "$2"
}
configure() { # configure [LINE OF THE TEMPLATE]...
	cat <<-'END'
		server:
		    rundir: "/run/knot"
		    listen: 127.0.0.1@5300
		log:
		  - target: stderr
		    any: info
		database:
		    storage: "/var/lib/knot"
		template:
		  - id: default
		    storage: "/var/lib/knot"
	END
	for line; do
		echo "    $line"
	done
	printf 'zone:\n  - domain: example.com\n'
}

fresh() {
	trap '[ -z "${pid-}" ] || kill "$pid" 2>/dev/null || :' EXIT
	pid=
	begin
	{
		apt-get -q update
		apt-get -q -y install knot knot-dnsutils
	} >/tmp/apt.log 2>&1 || { tail -n 5 /tmp/apt.log; fail 'apt-get'; }
	say "knot $(dpkg-query -W -f '${Version}' knot) installed, $(($(date +%s) - started)) s"
	find / -xdev -path /proc -prune -o -path /in -prune -o -type f -print | sort >/tmp/before

	# A server that runs when the package comes.
	install -d -o knot -g knot /run/knot
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	configure >/etc/knot/knot.conf
	start
	begin
	apt-get -q -y install /in/debs/knot-module-caaudit_*.deb /in/debs/caaudit_*.deb >/tmp/apt.log 2>&1 ||
		{ tail -n 5 /tmp/apt.log; fail 'apt-get install of the packages'; }
	serves
	say "installed under a running server, $(($(date +%s) - started)) s"
	dpkg-query -W -f '${Depends}\n' knot-module-caaudit | grep -o 'knot (= [^)]*)'
	caaudit -V
	man_page=$(dpkg -L caaudit | grep 'man1/caaudit.1.gz') && say "$man_page"

	# Three lines, and a restart.
	configure 'module: mod-caaudit' >/etc/knot/knot.conf
	knotc -c /etc/knot/knot.conf conf-check
	stop
	begin
	start
	seen 'finding, id caa-issue-denied, owner example.com.'
	grep -F "module 'mod-caaudit" /var/lib/knot/log
	control zone-stats example.com mod-caaudit | grep -F 'findings[caa-issue-denied] = 1'
	say "first finding $(($(date +%s) - started)) s after the start"
	code=0
	caaudit check /var/lib/knot/example.com.zone || code=$?
	[ "$code" -eq 1 ] || fail "caaudit check ended with $code"
	sh /in/tree/debian/tests/server >/tmp/autopkgtest.log 2>&1 || { cat /tmp/autopkgtest.log; fail autopkgtest; }
	say 'debian/tests/server'

	permissions

	# Upgrade: the same module as another file, with another version.
	dpkg-deb -R /in/debs/knot-module-caaudit_[0-9]*.deb /tmp/next
	sed -i 's/^Version: .*/&+next/' /tmp/next/DEBIAN/control
	dpkg-deb -b /tmp/next /tmp/next.deb >/dev/null
	rm -r /tmp/next
	dpkg -i /tmp/next.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail 'dpkg -i'; }
	serves
	say 'upgraded under a running server, which goes on with the old file'
	control reload
	serves
	zone 2 sectigo.com >/var/lib/knot/example.com.zone
	control -b zone-reload example.com
	serves # A change is noticed in a query.
	seen 'resolved, id caa-issue-denied'
	say 'reload after the upgrade, and an audit'
	stop
	start
	seen 'audit, serial 2, errors 0'
	say 'restart after the upgrade'

	# Removal with the module still in the configuration.
	apt-get -q -y remove knot-module-caaudit >/tmp/apt.log 2>&1
	serves
	if control reload; then
		fail 'reload without the module that is configured'
	fi
	serves
	say 'removed under a running server: goes on, refuses to reload'
	configure >/etc/knot/knot.conf
	control reload
	serves
	stop
	start
	serves
	say 'without the lines: reload and restart'
	stop
	pid=

	dpkg -i /tmp/next.deb >/tmp/apt.log 2>&1
	apt-get -q -y purge knot-module-caaudit caaudit >/tmp/apt.log 2>&1
	apt-get -q -y autoremove >/tmp/apt.log 2>&1
	find / -xdev -path /proc -prune -o -path /in -prune -o -type f -print | sort >/tmp/after
	if comm -13 /tmp/before /tmp/after | grep -i caaudit | grep -v '^/tmp/'; then
		fail 'files are left'
	fi
	say 'purged: no file is left'
}

# What the user knot may not read.
permissions() {
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	echo 'www CNAME x' >/var/lib/knot/example.com.validation
	chown root:root /var/lib/knot/example.com.validation
	chmod 600 /var/lib/knot/example.com.validation
	{
		printf 'mod-caaudit:\n  - id: default\n    source: zonefile\n'
		printf '    validation-file: "/var/lib/knot/%%s.validation"\n'
		configure 'module: mod-caaudit/default'
	} >/etc/knot/knot.conf
	stop
	start
	seen 'not checked, source'
	grep -F 'not checked, source' /var/lib/knot/log | tail -n 1
	grep -F 'not checked, source' /var/lib/knot/log | grep -q 'permission denied\|Permission denied\|not permitted' ||
		fail 'unreadable validation file: no clear message'
	say 'a validation file that knot cannot read is named'

	{
		printf 'mod-caaudit:\n  - id: default\n    source: zonefile\n'
		configure 'module: mod-caaudit/default'
	} >/etc/knot/knot.conf
	stop
	start
	seen 'audit, serial 1'
	# An unchanged file is not read again.
	zone 2 letsencrypt.org >/var/lib/knot/example.com.zone
	chown root:root /var/lib/knot/example.com.zone
	chmod 600 /var/lib/knot/example.com.zone
	control reload
	control zone-reload -f example.com || :
	seen 'not checked, source zonefile'
	grep -F 'not checked, source zonefile' /var/lib/knot/log | tail -n 1
	say 'a zone file that knot cannot read is named'
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	chmod 644 /var/lib/knot/example.com.zone
	chown knot:knot /var/lib/knot/example.com.zone

	# The command as another user: the control socket is for root and knot.
	code=0
	setpriv --reuid nobody --clear-groups caaudit check --live example.com --control /run/knot/knot.sock ||
		code=$?
	[ "$code" -eq 2 ] || fail "caaudit --live as nobody ended with $code"
	say 'the command says that it may not use the socket'

	configure 'module: mod-caaudit' >/etc/knot/knot.conf
	stop
	start
	seen 'finding, id caa-issue-denied'
}

case ${1-} in
--build) build; exit 0 ;;
--fresh) fresh; exit 0 ;;
esac

# --- outside

usage() {
	sed -n '/^# usage/,/^# On/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CAAUDIT_ROOTS-}
out=
while getopts c:o: option; do
	case $option in
	c) cache=$OPTARG ;;
	o) out=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- bookworm

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
[ -n "$cache" ] || cache=$work/roots
mkdir "$work/in"
git clone -q --no-hardlinks "$top" "$work/in/tree"

for release; do
	echo "== $release"
	debs=${out:-$work/out}/$release
	mkdir -p "$debs"
	"$top/tests/root.sh" -c "$cache" -p "build-essential debhelper lintian meson pkg-config libknot-dev
		libjansson-dev liburcu-dev libcmocka-dev python3" -i "$work/in" -o "$debs" "$release" \
		/in/tree/tests/packages.sh --build
	rm -rf "$work/in/debs"
	mkdir "$work/in/debs"
	cp "$debs"/*.deb "$work/in/debs/"
	rm -f "$work"/in/debs/*-dbgsym_*
	# Nothing but the base system.
	"$top/tests/root.sh" -c "$cache/fresh" -i "$work/in" "$release" /in/tree/tests/packages.sh --fresh
done
