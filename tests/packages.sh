#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Goes the way of README.md in a fresh system that is booted: builds the Debian
# packages, installs them, and so on to "resolved", each step timed. Installs, upgrades,
# removes and purges the packages in another one, under its running knot.service.
#
# usage: tests/packages.sh [-c DIR] [-o DIR] [RELEASE]...
#
#   RELEASE   bookworm if none
#   -c DIR    where the Debian systems are kept between runs; see tests/root.sh
#   -o DIR    where the packages and the logs of that way go
#
# On Debian, as root, with debootstrap and a mirror. The packages are those of the
# last commit. Exit code 0 if all went as it should.

set -eu
umask 022

# --- inside of a system that has nothing but systemd

# What README.md shows, from the build to "resolved".
newcomer() {
	printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "true";\n' >/etc/apt/apt.conf.d/90newcomer
	cp -r /in/tree ~/caaudit
	cd ~/caaudit
	begin
	sh debian/tests/service install >/out/newcomer.log 2>&1 || {
		tail -n 40 /out/newcomer.log
		exit 1
	}
	sed -n 's/^step: /    /p' /out/newcomer.log
	say "README.md, word by word, $(took)"
	config-examples/demo.sh obj-caaudit >/out/demo.log 2>&1 || {
		tail -n 40 /out/demo.log
		exit 1
	}
	say 'config-examples/demo.sh, where the module is installed'
	cp ../*.deb ../*.changes ../*.buildinfo /out/
}

# --- inside of the fresh system

say() {
	printf 'ok: %s\n' "$1"
}
fail() {
	printf 'FAIL: %s\n' "$1"
	lines | tail -n 20
	exit 1
}
begin() {
	started=$(date +%s)
}
took() {
	echo "$(($(date +%s) - started)) s"
}
install() { # install PACKAGE...
	apt-get -q -y install "$@" >/tmp/apt.log 2>&1 || {
		tail -n 20 /tmp/apt.log
		fail "apt-get install $*"
	}
}
# The log of the server since it was started the last time.
lines() {
	journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID knot)"
}
seen() { # seen TEXT: waits until the log has it
	tries=600
	until lines | grep -qF -- "$1"; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ] || ! systemctl -q is-active knot; then
			fail "no log line: $1"
		fi
		sleep 0.1
	done
}
restart() {
	systemctl reset-failed knot # or five starts in ten seconds are too many
	systemctl restart knot || fail 'systemctl restart knot'
}
# The server has the network of its systemd.
serves() {
	systemctl -q is-active knot || fail 'knotd is gone'
	nsenter --net=/proc/1/ns/net kdig +short @127.0.0.1 example.com SOA | grep -q . || fail 'no answer'
}
zone() { # zone SERIAL CA
	printf '@ 3600 SOA ns hostmaster %s 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n' "$1"
	printf '@ 3600 CAA 0 issue "%s"\n' "$2"
}
# Debian's own configuration, with a zone, an address, and what is given.
configure() { # configure OPTIONS LINE OF THE TEMPLATE
	sed -e 's/^# *listen:.*/    listen: [ 127.0.0.1@53, ::1@53 ]/' \
		-e "s,^template:,$1template:," -e "s,^    file: .*,&\n    $2," /tmp/knot.conf >/etc/knot/knot.conf
	echo '  - domain: example.com' >>/etc/knot/knot.conf
}
files() {
	find / -xdev \( -path /proc -o -path /in -o -path /var/log/journal \) -prune -o -type f -print | sort
}

fresh() {
	begin
	apt-get -q update >/tmp/apt.log 2>&1 || { tail -n 5 /tmp/apt.log; fail 'apt-get update'; }
	install knot knot-dnsutils
	say "knot $(dpkg-query -W -f '${Version}' knot) installed and started, $(took)"
	cp /etc/knot/knot.conf /tmp/
	files >/tmp/before

	# A server that runs when the package comes.
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	configure '' ''
	restart
	serves
	server=$(systemctl show -P MainPID knot)
	begin
	install /in/debs/knot-module-caaudit_*.deb /in/debs/caaudit_*.deb
	serves
	[ "$(systemctl show -P MainPID knot)" = "$server" ] || fail 'the installation restarted the server'
	say "installed under a running server, $(took)"
	dpkg-query -W -f '${Depends}\n' knot-module-caaudit | grep -o 'knot (= [^)]*)'
	caaudit -V
	man_page=$(dpkg -L caaudit | grep 'man1/caaudit.1.gz') && say "$man_page"

	# The configuration of README.md, and back to Debian's.
	cat /tmp/knot.conf >/etc/knot/knot.conf
	sh /in/tree/debian/tests/service >/tmp/service.log 2>&1 || { cat /tmp/service.log; fail 'debian/tests/service'; }
	say 'debian/tests/service: as README.md says'

	# One line, and a restart.
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	configure '' 'module: mod-caaudit'
	knotc conf-check
	begin
	restart
	seen 'finding, id caa-issue-denied, owner example.com.'
	lines | grep -F "module 'mod-caaudit"
	knotc zone-stats example.com mod-caaudit | grep -F 'findings[caa-issue-denied] = 1'
	say "first finding $(took) after the start"
	unit
	code=0
	caaudit check /var/lib/knot/example.com.zone || code=$?
	[ "$code" -eq 1 ] || fail "caaudit check ended with $code"
	sh /in/tree/debian/tests/server >/tmp/autopkgtest.log 2>&1 || { cat /tmp/autopkgtest.log; fail autopkgtest; }
	say 'debian/tests/server'

	permissions

	# Upgrade: the same module as another file, with another version.
	server=$(systemctl show -P MainPID knot)
	dpkg-deb -R /in/debs/knot-module-caaudit_[0-9]*.deb /tmp/next
	sed -i 's/^Version: .*/&+next/' /tmp/next/DEBIAN/control
	dpkg-deb -b /tmp/next /tmp/next.deb >/dev/null
	rm -r /tmp/next
	install /tmp/next.deb
	serves
	[ "$(systemctl show -P MainPID knot)" = "$server" ] || fail 'the upgrade restarted the server'
	say 'upgraded under a running server, which goes on with the old file'
	knotc reload
	serves
	zone 2 sectigo.com >/var/lib/knot/example.com.zone
	knotc -b zone-reload example.com
	serves # A change is noticed in a query.
	seen 'resolved, id caa-issue-denied'
	say 'reload after the upgrade, and an audit'
	restart
	seen 'audit, serial 2, errors 0'
	say 'restart after the upgrade'

	# Removal with the module still in the configuration.
	apt-get -q -y remove knot-module-caaudit >/tmp/apt.log 2>&1
	serves
	if knotc reload; then
		fail 'reload without the module that is configured'
	fi
	serves
	say 'removed under a running server: goes on, refuses to reload'
	configure '' ''
	knotc reload
	serves
	restart
	serves
	say 'without the line: reload and restart'

	install /tmp/next.deb
	apt-get -q -y purge knot-module-caaudit caaudit >/tmp/apt.log 2>&1
	apt-get -q -y autoremove >/tmp/apt.log 2>&1
	files >/tmp/after
	if comm -13 /tmp/before /tmp/after | grep -i caaudit | grep -v '^/tmp/'; then
		fail 'files are left'
	fi
	serves
	say 'purged under a running server: no file is left'
}

# As whom the unit runs the server: not root, no privilege but to bind low ports.
unit() {
	status=/proc/$(systemctl show -P MainPID knot)/status
	systemctl cat knot | grep -E '^(User|Group|Capability|Ambient|NoNew|Protect|Private|Restrict|ReadWrite|UMask|System|Memory)' |
		sed 's/^/    /'
	grep -E '^(Uid|Gid|CapEff|CapBnd|NoNewPrivs|Umask)' "$status" | sed 's/^/    /'
	grep -q "^Uid:[[:space:]]$(id -u knot)[[:space:]]" "$status" || fail 'knotd is not user knot'
	grep -q '^NoNewPrivs:[[:space:]]1' "$status" || fail 'knotd may gain privileges'
	say 'audited under knot.service of this release'
}

# What the user knot may not read.
permissions() {
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	echo 'www CNAME x' >/var/lib/knot/example.com.validation
	chmod 600 /var/lib/knot/example.com.validation
	file='mod-caaudit:\n  - id: default\n    source: zonefile\n'
	configure "$file"'    validation-file: "/var/lib/knot/%s.validation"\n' 'module: mod-caaudit/default'
	restart
	seen 'not checked, source'
	lines | grep -F 'not checked, source' | tail -n 1
	lines | grep -F 'not checked, source' | grep -qi 'permission denied' ||
		fail 'unreadable validation file: no clear message'
	say 'a validation file that knot cannot read is named'

	# One for all zones does not keep the server from starting either.
	configure "$file"'    validation-file: "/var/lib/knot/example.com.validation"\n' 'module: mod-caaudit/default'
	setpriv --reuid knot --regid knot --clear-groups knotc conf-check
	restart
	seen 'not checked, source validation-file'
	lines | grep -F 'not checked, source validation-file' | grep -qi 'permission denied' ||
		fail 'unreadable validation file for all zones: no clear message'
	say 'one for all zones is named as well, and the server starts'

	configure "$file" 'module: mod-caaudit/default'
	restart
	seen 'audit, serial 1'
	# An unchanged file is not read again.
	zone 2 letsencrypt.org >/var/lib/knot/example.com.zone
	chmod 600 /var/lib/knot/example.com.zone
	knotc reload
	knotc zone-reload -f example.com || :
	seen 'not checked, source zonefile'
	lines | grep -F 'not checked, source zonefile' | tail -n 1
	lines | grep -F 'not checked, source zonefile' | grep -qi 'permission denied\|not permitted' ||
		fail 'unreadable zone file: no clear message'
	say 'a zone file that knot cannot read is named'
	zone 1 letsencrypt.org >/var/lib/knot/example.com.zone
	chmod 644 /var/lib/knot/example.com.zone

	# The command as another user: the control socket is for root and knot.
	code=0
	setpriv --reuid nobody --clear-groups caaudit check --live example.com --control /run/knot/knot.sock ||
		code=$?
	[ "$code" -eq 2 ] || fail "caaudit --live as nobody ended with $code"
	say 'the command says that it may not use the socket'

	rm /var/lib/knot/example.com.validation
	configure '' 'module: mod-caaudit'
	restart
	seen 'finding, id caa-issue-denied'
}

case ${1-} in
--newcomer) newcomer; exit 0 ;;
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
	# Nothing but the base system and its systemd.
	"$top/tests/root.sh" -b -c "$cache/fresh" -i "$work/in" -o "$debs" "$release" \
		/in/tree/tests/packages.sh --newcomer
	# shellcheck disable=SC2016 # expanded inside
	"$top/tests/root.sh" -c "$cache" -p lintian -o "$debs" "$release" sh -c \
		'lintian --allow-root --profile debian --fail-on error,warning --tag-display-limit 0 /out/*.changes'
	echo 'ok: lintian has nothing to say'
	rm -rf "$work/in/debs"
	mkdir "$work/in/debs"
	cp "$debs"/*.deb "$work/in/debs/"
	rm -f "$work"/in/debs/*-dbgsym_*
	"$top/tests/root.sh" -b -c "$cache/fresh" -i "$work/in" "$release" /in/tree/tests/packages.sh --fresh
done
