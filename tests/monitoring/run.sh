#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real Prometheus scrapes the knot-exporter of a real server with the module:
# alerts fire, the one for errors ends when the record is corrected, and every
# question of the dashboard has an answer. The same counters come from "caaudit
# stats" without an exporter.
#
# usage: tests/monitoring/run.sh [-c DIR] [RELEASE]
#
#   RELEASE  trixie (knot-exporter 3.4), or a newer Debian (3.5)
#   -c DIR   where the Debian system is kept between runs; see tests/root.sh
#
# On Debian, as root, with debootstrap and a mirror. Everything listens on
# loopback addresses only. The rules are those of config-examples, with "for:"
# shortened to seconds. Exit code 0 if all that was seen.

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

zone() { # zone SERIAL CA [RECORD]
	printf '@ 3600 SOA ns hostmaster %s 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n' "$1"
	printf '@ 3600 CAA 0 issue "%s"\n%s\n' "$2" "${3-}"
}

# ask PATH: an answer of Prometheus' API
ask() {
	curl -s "http://127.9.9.9:19090/api/v1/$1"
}

# state NAME STATE ZONE: whether the alert has that state for the zone, - for none
state() {
	ask alerts | python3 -c '
import json, sys
name, wanted, zone = sys.argv[1:]
alerts = {(alert["labels"]["alertname"], alert["labels"].get("zone", "")): alert["state"]
          for alert in json.load(sys.stdin)["data"]["alerts"]}
sane = [zone for _, zone in alerts if zone == "example.net."]
sys.exit(alerts.get((name, zone), "-") != wanted or bool(sane))' "$@"
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
	mkdir /tmp/m /tmp/m/data /tmp/m/db
	cp -r /in/tree ~/tree
	cd ~/tree
	{
		meson setup ~/build --wrap-mode nodownload -Dmodule=enabled -Dcli=enabled -Dunit_tests=disabled \
			-Dfunctional_tests=disabled
		ninja -C ~/build module/knotd/caaudit.so module/cli/caaudit
	} >/tmp/m/build.log 2>&1 || fail 'the build'
	python3 tests/monitoring/test_monitoring.py || fail 'promtool, or the examples'
	knotd -V
	zone 1 letsencrypt.org >/tmp/m/example.com.zone
	zone 1 sectigo.com >/tmp/m/example.net.zone
	# A zone for each of the other alerts and counters.
	zone 1 sectigo.com >/tmp/m/pending.test.zone
	zone 1 sectigo.com >/tmp/m/signed.test.zone
	zone 1 sectigo.com >/tmp/m/unread.test.zone
	zone 1 sectigo.com '@ 3600 CAA 0 isue "sectigo.com"' >/tmp/m/warned.test.zone
	zone 1 letsencrypt.org >/tmp/m/synthesis.test.zone
	zone 1 letsencrypt.org 'closed 3600 CAA 0 issue ";"' >/tmp/m/refused.test.zone
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
		  - id: pending
		    validation: _0123456789abcdef0123456789abcdef
		    validation-ip: 127.0.0.0/8
		  - id: signed
		    rrsig-warning: 30d
		  - id: unread
		    source: transfer
		  - id: refused
		    host: [ "@", closed ]
		    synthesize: caa
		  - id: synthesis
		    synthesize: caa
		template:
		  - id: default
		    storage: "/tmp/m"
		    module: mod-caaudit/default
		zone:
		  - domain: example.com
		  - domain: example.net
		  - domain: pending.test
		    module: mod-caaudit/pending
		  - domain: refused.test
		    module: mod-caaudit/refused
		  - domain: signed.test
		    dnssec-signing: on
		    module: mod-caaudit/signed
		  - domain: synthesis.test
		    module: mod-caaudit/synthesis
		  - domain: unread.test
		    module: mod-caaudit/unread
		  - domain: warned.test
	END
	sed 's/for: [0-9]*[mh]$/for: 3s/' config-examples/monitoring/caaudit.rules.yml >/tmp/m/caaudit.rules.yml
	sed 's/127\.0\.0\.1:9433/127.9.9.9:19433/; s/: 1m$/: 1s/' config-examples/monitoring/prometheus.yml \
		>/tmp/m/prometheus.yml
	promtool check config /tmp/m/prometheus.yml

	# They end with this process, which is the first of its namespace.
	knotd -c /tmp/m/knot.conf >/tmp/m/knotd.log 2>&1 &
	wait_for 'the module reports a finding' grep -q 'finding, id caa-issue-denied' /tmp/m/knotd.log
	knot-exporter --web-listen-addr 127.9.9.9 --web-listen-port 19433 \
		--knot-socket-path /tmp/m/knot.sock >/tmp/m/exporter.log 2>&1 &
	exporter=$!
	wait_for 'knot-exporter answers' curl -sf http://127.9.9.9:19433/metrics
	curl -s http://127.9.9.9:19433/metrics | grep '^knot_[a-z_]*{.*mod-caaudit' | sort | sed 's/^/    /'
	curl -s http://127.9.9.9:19433/metrics | grep -Eq "^knot_(findings\{section|zone_stats_findings\{module)=\"mod-caaudit\",type=\"caa-issue-denied\",zone=\"example.com.\"} 1.0$" ||
		fail 'the metric has other labels'
	prometheus --config.file=/tmp/m/prometheus.yml --storage.tsdb.path=/tmp/m/data \
		--web.listen-address=127.9.9.9:19090 >/tmp/m/prometheus.log 2>&1 &

	# What only queries count.
	for query in 'pending.test CAA' '_0123456789abcdef0123456789abcdef.pending.test CNAME' \
		'synthesis.test CAA' 'closed.refused.test CAA'; do
		# shellcheck disable=SC2086 # name and type
		kdig +short @127.9.9.9 -p 15353 $query
	done

	# That the last audit is old is seen in tests/monitoring/rules_test.yml alone.
	for alert in Errors:example.com Errors:pending.test NotAudited:unread.test Warnings:signed.test \
		Warnings:warned.test Warnings:synthesis.test; do
		wait_for "Caaudit${alert%:*} fires for ${alert#*:}" state "Caaudit${alert%:*}" firing "${alert#*:}."
	done
	state CaauditErrors - synthesis.test. || fail 'what synthesis answers is critical'
	ask alerts | python3 -m json.tool
	python3 tests/monitoring/scrape.py http://127.9.9.9:19090 config-examples/monitoring ||
		fail 'questions without an answer'
	echo 'ok: the dashboard and the alerts ask for what there is'

	zone 2 sectigo.com >/tmp/m/example.com.zone
	knotc -s /tmp/m/knot.sock -b zone-reload example.com >/dev/null
	# The module notices a change in a query.
	kdig +short @127.9.9.9 -p 15353 example.com CAA
	wait_for 'the module reports it resolved' grep -q 'resolved, id caa-issue-denied' /tmp/m/knotd.log
	wait_for 'CaauditErrors has ended for example.com' state CaauditErrors - example.com.
	curl -s -G http://127.9.9.9:19090/api/v1/query --data-urlencode \
		'query=count_over_time(ALERTS{alertname="CaauditErrors",alertstate="firing",zone="example.com."}[5m])'
	echo

	wait_for 'CaauditMetricsGone does not fire' state CaauditMetricsGone - ''
	kill "$exporter"
	wait_for 'CaauditMetricsGone fires without the exporter' state CaauditMetricsGone firing ''

	# The same metrics without the exporter.
	~/build/module/cli/caaudit stats --control /tmp/m/knot.sock >/tmp/m/caaudit.prom
	promtool check metrics </tmp/m/caaudit.prom
	grep -q '^caaudit_audits_total{zone="example.com."} ' /tmp/m/caaudit.prom || fail 'caaudit stats'
	echo 'ok: caaudit stats'
	code=0
	~/build/module/cli/caaudit check --format prometheus /tmp/m/*.zone >/tmp/m/check.prom || code=$?
	[ "$code" -eq 1 ] || fail 'caaudit check'
	promtool check metrics </tmp/m/check.prom
	echo 'ok: caaudit check --format prometheus'
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
	libjansson-dev liburcu-dev meson gcc libc6-dev pkg-config" -i "$work" "${1:-trixie}" /in/tree/tests/monitoring/run.sh --inside
