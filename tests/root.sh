#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command in a throw-away Debian system of another release.
#
# usage: tests/root.sh [-c DIR] [-p PACKAGE]... [-i DIR] [-o DIR] SUITE [COMMAND [ARGUMENT]...]
#
#   SUITE       bookworm, trixie, forky, sid, ...
#   -c DIR      where the systems are kept between runs; $CAAUDIT_ROOTS, or a
#               temporary directory that is removed
#   -p PACKAGE  to be installed; several in one word, or several options
#   -i DIR      seen as /in, read only
#   -o DIR      seen as /out
#
# On Debian, as root, with debootstrap. The mirror is the one that apt of this
# system uses. What COMMAND changes is written to memory and lost, its processes
# end with it, and its mounts are seen by nobody else: it has mount and process
# namespaces of its own. No daemon is started by a package.

set -eu
umask 022

usage() {
	sed -n '/^# usage/,/^#$/s/^# //p' "$0" >&2
	exit 2
}

cache=${CAAUDIT_ROOTS-}
packages=
in=
out=
while getopts c:p:i:o: option; do
	case $option in
	c) cache=$OPTARG ;;
	p) packages="$packages $OPTARG" ;;
	i) in=$(cd "$OPTARG" && pwd) ;;
	o) out=$(cd "$OPTARG" && pwd) ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || usage
suite=$1
shift

fail() {
	echo "root: $1" >&2
	exit 125
}
[ "$(id -u)" -eq 0 ] || fail 'needs root'
for tool in debootstrap unshare apt-get; do
	command -v "$tool" >/dev/null || fail "needs $tool"
done

temporary=
clean_up() {
	code=$?
	trap - EXIT HUP INT TERM
	[ -z "$temporary" ] || rm -rf "$temporary"
	exit "$code"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$cache" ]; then
	temporary=$(mktemp -d)
	cache=$temporary
fi
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
root=$cache/$suite

# The mirror of this system's own release.
mirror() {
	# shellcheck disable=SC1091
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v release="$codename" '$2 == release && $3 == "main" { print $1; exit }'
}

# Everything that mounts is in a namespace that ends with its first process.
alone() {
	unshare --mount --pid --fork --kill-child --propagation private "$@"
}

# One at a time makes or extends a system.
exec 9>"$cache/$suite.lock"
flock 9

if [ ! -e "$root.made" ]; then
	url=$(mirror)
	[ -n "$url" ] || fail 'no mirror in the configuration of apt'
	script=
	[ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf "$root"
	echo "root: making $suite" >&2
	# shellcheck disable=SC2086 # none or one
	debootstrap --variant=minbase "$suite" "$root" "$url" $script >"$root.log" 2>&1 || {
		tail -n 20 "$root.log" >&2
		fail "debootstrap of $suite failed"
	}
	# Releases in the making, and frozen mirrors, may be past their date.
	cat >"$root/etc/apt/apt.conf.d/80test" <<-'END'
		Acquire::Check-Valid-Until "false";
		Acquire::Check-Date "false";
		Acquire::Languages "none";
		APT::Install-Recommends "false";
		Dpkg::Use-Pty "0";
	END
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	: >"$root.made"
fi

# shellcheck disable=SC2086,SC2016 # a list of words; expanded inside
if [ -n "$packages" ]; then
	if ! chroot "$root" dpkg-query -W -f '${db:Status-Status}\n' $packages 2>/dev/null |
		awk '$1 != "installed" { bad = 1 } END { exit bad || NR < '"$(echo $packages | wc -w)"' }'; then
		echo "root: installing in $suite:$packages" >&2
		cp /etc/resolv.conf /etc/hosts "$root/etc/"
		alone sh -eu -c '
			root=$1
			shift
			mount -t proc proc "$root/proc"
			mount --bind /dev "$root/dev"
			export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
			chroot "$root" apt-get -q update
			chroot "$root" apt-get -q -y install "$@"
		' sh "$root" $packages >"$root.log" 2>&1 </dev/null || {
			tail -n 20 "$root.log" >&2
			fail "installing in $suite failed"
		}
		rm -f "$root"/var/cache/apt/archives/*.deb
	fi
fi
flock -s 9

[ $# -gt 0 ] || exit 0
mkdir -p "$cache/mount"
# shellcheck disable=SC2016 # expanded inside
alone sh -eu -c '
	cache=$1 root=$2 in=$3 out=$4
	shift 4
	mount -t tmpfs -o size=6g,mode=755 tmpfs "$cache/mount"
	mkdir "$cache/mount/upper" "$cache/mount/work" "$cache/mount/root"
	new=$cache/mount/root
	mount -t overlay -o "lowerdir=$root,upperdir=$cache/mount/upper,workdir=$cache/mount/work" \
		overlay "$new"
	mount -t proc proc "$new/proc"
	mount --bind /dev "$new/dev"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$new/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$new/dev/shm"
	cp /etc/resolv.conf /etc/hosts "$new/etc/"
	mkdir -p "$new/in" "$new/out"
	if [ -n "$in" ]; then
		mount --bind "$in" "$new/in"
		mount -o remount,bind,ro "$new/in"
	fi
	[ -z "$out" ] || mount --bind "$out" "$new/out"
	cd /
	chroot "$new" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
' sh "$cache" "$root" "$in" "$out" "$@" 9>&-
