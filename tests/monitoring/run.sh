#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real Prometheus scrapes the knot-exporter of a real server with the module:
# the alert for a blocked CA fires, and ends when the record is corrected.
#
# usage: tests/monitoring/run.sh [-c DIR] [RELEASE]
#
#   RELEASE  trixie, or a newer Debian with knot-exporter
#   -c DIR   where the Debian system is kept between runs; see tests/root.sh
#
# On Debian, as root, with debootstrap and a mirror. Everything listens on
# loopback addresses only. The rules are those of config-examples, with "for: 2m"
# shortened to seconds. Exit code 0 if the alert fired and ended.

set -eu
umask 022

fail() {
	echo "FAIL: $1"
	for file in /tmp/m/*.log; do
		echo "-- $file"
		tail -n 15 "$file"
	done
	exit 1
}

zone() { # zone SERIAL CA
	printf '@ 3600 SOA ns hostmaster %s 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n' "$1"
	printf '@ 3600 CAA 0 issue "%s"\n' "$2"
}

# ask PATH: an answer of Prometheus' API
ask() {
	curl -s "http://127.9.9.9:19090/api/v1/$1"
}

# state STATE: whether the alert has that state, - for none
state() {
	ask alerts | python3 -c '
import json, sys
alerts = [alert for alert in json.load(sys.stdin)["data"]["alerts"]
          if alert["labels"]["alertname"] == "CaauditIssuanceBlocked"]
states = [alert["state"] for alert in alerts if alert["labels"]["zone"] == "example.com."] or ["-"]
strangers = [alert for alert in alerts if alert["labels"]["zone"] != "example.com."]
sys.exit(sys.argv[1] not in states or bool(strangers))' "$1"
}

wait_for() { # wait_for WHAT COMMAND...
	what=$1
	shift
	tries=150
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "not seen: $what"
		sleep 0.4
	done
	echo "ok: $what"
}

inside() {
	mkdir /tmp/m /tmp/m/data
	cp -r /in/tree ~/tree
	cd ~/tree
	{
		meson setup ~/build --wrap-mode nodownload -Dmodule=enabled -Dcli=disabled -Dunit_tests=disabled \
			-Dfunctional_tests=disabled
		meson compile -C ~/build
	} >/tmp/m/build.log 2>&1 || fail 'the build'
	python3 tests/monitoring/test_monitoring.py || fail 'promtool, or the examples'
	knotd -V
	zone 1 letsencrypt.org >/tmp/m/example.com.zone
	zone 1 sectigo.com >/tmp/m/example.net.zone
	cat >/tmp/m/knot.conf <<-END
		server:
		    rundir: "/tmp/m"
		    listen: 127.9.9.9@15353
		control:
		    listen: "/tmp/m/knot.sock"
		database:
		    storage: "/tmp/m/db"
		log:
		  - target: stderr
		    any: info
		module:
		  - id: mod-caaudit
		    file: "$HOME/build/module/knotd/caaudit.so"
		mod-caaudit:
		  - id: default
		    ca: sectigo.com
		    audit-delay: 0
		template:
		  - id: default
		    storage: "/tmp/m"
		    module: mod-caaudit/default
		zone:
		  - domain: example.com
		  - domain: example.net
	END
	sed 's/for: 2m/for: 3s/' config-examples/monitoring/caaudit.rules.yml >/tmp/m/caaudit.rules.yml
	sed 's/127\.0\.0\.1:9433/127.9.9.9:19433/; s/: 1m$/: 1s/' config-examples/monitoring/prometheus.yml \
		>/tmp/m/prometheus.yml
	promtool check config /tmp/m/prometheus.yml

	# They end with this process, which is the first of its namespace.
	knotd -c /tmp/m/knot.conf >/tmp/m/knotd.log 2>&1 &
	wait_for 'the module reports a finding' grep -q 'finding, id caa-issue-denied' /tmp/m/knotd.log
	knot-exporter --web-listen-addr 127.9.9.9 --web-listen-port 19433 \
		--knot-socket-path /tmp/m/knot.sock >/tmp/m/exporter.log 2>&1 &
	wait_for 'knot-exporter answers' curl -sf http://127.9.9.9:19433/metrics
	curl -s http://127.9.9.9:19433/metrics | grep '^knot_[a-z_]*{.*mod-caaudit' | sort | sed 's/^/    /'
	curl -s http://127.9.9.9:19433/metrics |
		grep -q '^knot_findings{section="mod-caaudit",type="caa-issue-denied",zone="example.com."} 1.0$' ||
		fail 'the metric has other labels'
	prometheus --config.file=/tmp/m/prometheus.yml --storage.tsdb.path=/tmp/m/data \
		--web.listen-address=127.9.9.9:19090 >/tmp/m/prometheus.log 2>&1 &

	wait_for 'CaauditIssuanceBlocked fires' state firing
	ask alerts | python3 -m json.tool
	zone 2 sectigo.com >/tmp/m/example.com.zone
	knotc -s /tmp/m/knot.sock -b zone-reload example.com >/dev/null
	# The module notices a change in a query.
	kdig +short @127.9.9.9 -p 15353 example.com CAA
	wait_for 'the module reports it resolved' grep -q 'resolved, id caa-issue-denied' /tmp/m/knotd.log
	wait_for 'CaauditIssuanceBlocked has ended' state -
	ask alerts | python3 -m json.tool
	curl -s -G http://127.9.9.9:19090/api/v1/query \
		--data-urlencode 'query=count_over_time(ALERTS{alertname="CaauditIssuanceBlocked",alertstate="firing"}[5m])'
	echo

	# The same metrics without the exporter.
	sh config-examples/monitoring/caaudit-textfile -s /tmp/m/knot.sock /tmp/m/caaudit.prom
	promtool check metrics </tmp/m/caaudit.prom
	grep -q '^knot_audits_total{zone="example.com.",section="mod-caaudit"} ' /tmp/m/caaudit.prom ||
		fail 'caaudit-textfile'
	echo 'ok: caaudit-textfile'
}

if [ "${1-}" = --inside ]; then
	inside
	exit 0
fi

top=$(cd "$(dirname "$0")/../.." && pwd)
cache=${CAAUDIT_ROOTS-}
while getopts c: option; do
	case $option in
	c) cache=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
git clone -q --no-hardlinks "$top" "$work/tree"
"$top/tests/root.sh" -c "${cache:-$work/roots}" -p "knot knot-dnsutils knot-exporter prometheus curl python3 libknot-dev
	liburcu-dev meson gcc libc6-dev pkg-config" -i "$work" "${1:-trixie}" /in/tree/tests/monitoring/run.sh --inside
