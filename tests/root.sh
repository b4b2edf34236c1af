#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command in a throw-away Debian system of another release.
#
# usage: tests/root.sh [-b] [-c DIR] [-d DAYS] [-p PACKAGE]... [-i DIR] [-o DIR] SUITE [COMMAND [ARGUMENT]...]
#
#   SUITE       bookworm, trixie, forky, sid, ...
#   -b          boot: the system's own systemd runs, and packages start their
#               daemons. It has a network of its own, which is loopback alone;
#               COMMAND has the machine's, for apt, and reaches the other one
#               with "nsenter --net=/proc/1/ns/net"
#   -c DIR      where the systems are kept between runs; $CAAUDIT_ROOTS, or a
#               temporary directory that is removed
#   -d DAYS     a system that was made longer ago is made anew, and stays where
#               that fails
#   -p PACKAGE  to be installed; several in one word, or several options
#   -i DIR      seen as /in, read only
#   -o DIR      seen as /out
#
# On Debian, as root, with debootstrap. The mirror is the one that apt of this
# system uses. What COMMAND changes is written to memory and lost, its processes
# end with it, and its mounts are seen by nobody else: it has mount and process
# namespaces of its own. Without -b no daemon is started by a package.

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
boot=
days=
while getopts bc:d:p:i:o: option; do
	case $option in
	b) boot=yes packages="$packages systemd systemd-sysv" ;;
	c) cache=$OPTARG ;;
	d) days=$OPTARG ;;
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

# Makes the system in a directory of its own, and puts it in its place.
make_system() {
	url=$(mirror)
	if [ -z "$url" ]; then
		echo 'root: no mirror in the configuration of apt' >&2
		return 1
	fi
	script=
	[ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf "$root.new"
	echo "root: making $suite" >&2
	# shellcheck disable=SC2086 # none or one
	if ! debootstrap --variant=minbase "$suite" "$root.new" "$url" $script >"$root.log" 2>&1; then
		tail -n 20 "$root.log" >&2
		echo "root: debootstrap of $suite failed" >&2
		return 1
	fi
	# Releases in the making, and frozen mirrors, may be past their date.
	cat >"$root.new/etc/apt/apt.conf.d/80test" <<-'END'
		Acquire::Check-Valid-Until "false";
		Acquire::Check-Date "false";
		Acquire::Languages "none";
		APT::Install-Recommends "false";
		Dpkg::Use-Pty "0";
		DPkg::Options { "--force-unsafe-io"; };
	END
	printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
	chmod 755 "$root.new/usr/sbin/policy-rc.d"
	rm -rf "$root.made" "$root" && mv "$root.new" "$root" && : >"$root.made"
}

if [ ! -e "$root.made" ]; then
	make_system || exit 125
elif [ -n "$days" ] && [ -n "$(find "$root.made" -mmin "+$((days * 24 * 60))")" ]; then
	make_system || echo "root: $suite stays as it is, more than $days days old" >&2
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

# In its namespaces: puts the system together in $new.
# shellcheck disable=SC2016 # expanded inside
assemble='
	cache=$1 root=$2 in=$3 out=$4
	shift 4
	mount -t tmpfs -o size=6g,mode=755 tmpfs "$cache/mount"
	mkdir "$cache/mount/upper" "$cache/mount/work" "$cache/mount/root"
	new=$cache/mount/root
	mount -t overlay -o "lowerdir=$root,upperdir=$cache/mount/upper,workdir=$cache/mount/work" \
		overlay "$new"
	mount -t proc proc "$new/proc"
	cp /etc/resolv.conf /etc/hosts "$new/etc/"
	mkdir -p "$new/in" "$new/out"
	if [ -n "$in" ]; then
		mount --bind "$in" "$new/in"
		mount -o remount,bind,ro "$new/in"
	fi
	[ -z "$out" ] || mount --bind "$out" "$new/out"
	cd /
'

# shellcheck disable=SC2016 # expanded inside
if [ -z "$boot" ]; then
	alone sh -eu -c "$assemble"'
		mount --bind /dev "$new/dev"
		mount -t devpts -o newinstance,ptmxmode=666 devpts "$new/dev/pts"
		mount -t tmpfs -o mode=1777 tmpfs "$new/dev/shm"
		chroot "$new" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
			LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	' sh "$cache" "$root" "$in" "$out" "$@" 9>&-
	exit
fi

# What systemd is to find: no devices, sysctls or control groups of this machine.
# shellcheck disable=SC2016 # expanded inside
first="$assemble"'
	mount --bind "$new/proc/sys" "$new/proc/sys"
	mount -o remount,bind,ro "$new/proc/sys"
	mount -t tmpfs -o mode=755 tmpfs "$new/dev"
	for device in null zero full random urandom tty; do
		: >"$new/dev/$device"
		mount --bind "/dev/$device" "$new/dev/$device"
	done
	mkdir "$new/dev/pts" "$new/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$new/dev/pts"
	ln -s pts/ptmx "$new/dev/ptmx"
	mount -t tmpfs -o mode=1777 tmpfs "$new/dev/shm"
	mount -t tmpfs -o mode=755 tmpfs "$new/run"
	mount -t sysfs -o ro sysfs "$new/sys"
	mount -t cgroup2 cgroup2 "$new/sys/fs/cgroup"
	rm -f "$new/usr/sbin/policy-rc.d"
	for unit in apt-daily.timer apt-daily-upgrade.timer; do
		ln -sf /dev/null "$new/etc/systemd/system/$unit"
	done
	: >"$new/etc/machine-id"
	cd "$new"
	mkdir -p old
	pivot_root . old
	umount -l /old
	rmdir /old
	exec env -i container=test /lib/systemd/systemd
'
# shellcheck disable=SC2016 # expanded inside
alone sh -eu -c '
	cache=$1 first=$2 root=$3 in=$4 out=$5
	shift 5
	mount -t proc proc /proc # the processes below
	# A control group to begin in, and to be the root that is seen below.
	mkdir -p "$cache/mount" "$cache/cgroup"
	mount -t cgroup2 cgroup2 "$cache/cgroup"
	group=$(mktemp -d "$cache/cgroup/caaudit-test.XXXXXX")
	sh -c '\''echo 0 >"$1/cgroup.procs" && shift && exec "$@"'\'' sh "$group" \
		unshare --mount --pid --cgroup --net --uts --ipc --fork --propagation private \
		sh -eu -c "$first" sh "$cache" "$root" "$in" "$out" </dev/null >"$cache/boot.log" 2>&1 &
	outer=$!
	clean_up() {
		code=$?
		trap - EXIT HUP INT TERM
		[ -z "${systemd-}" ] || kill -KILL "$systemd" 2>/dev/null || :
		wait "$outer" || :
		find "$group" -depth -type d -exec rmdir {} \; || :
		exit "$code"
	}
	trap clean_up EXIT
	trap "exit 1" HUP INT TERM
	inside() {
		nsenter --target "$systemd" --mount --pid --cgroup --uts --ipc --root --wd \
			/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
			LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	}
	tries=300
	systemd=
	until [ -n "$systemd" ] && inside systemctl is-system-running 2>/dev/null | grep -qx "running\|degraded"; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ] || ! kill -0 "$outer"; then
			cat "$cache/boot.log" >&2
			echo "root: systemd does not come up" >&2
			exit 125
		fi
		sleep 0.2
		systemd=$(cat "/proc/$outer/task/$outer/children")
		systemd=${systemd% }
	done
	inside "$@"
' sh "$cache" "$first" "$root" "$in" "$out" "$@" 9>&-
