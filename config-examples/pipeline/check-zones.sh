#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks the zone files that a change touches, before anybody serves them.
#
# usage: check-zones.sh BASE [OPTION of 'caaudit check']...
#
# BASE is the commit that the change is compared with. Zone files are
# "*.zone", named after their zones, in the git repository around the current
# directory. When any other file has changed all zones are checked: it may be
# one that they include. The exit code is that of caaudit: 0 clean, 1 errors
# (see --fail-on), 2 a zone could not be checked.

set -eu

base=${1:?usage: check-zones.sh BASE [OPTION]...}
shift

cd "$(git rev-parse --show-toplevel)"
changed=$(git -c core.quotePath=off diff --name-only "$base...HEAD")
zones=$(git -c core.quotePath=off diff --name-only --diff-filter=d "$base...HEAD" -- '*.zone')
if printf '%s\n' "$changed" | grep -qv '\.zone$'; then
	zones=$(git -c core.quotePath=off ls-files -- '*.zone')
fi
if [ -z "$zones" ]; then
	echo 'no zone file has changed'
	exit 0
fi

# One name a line.
set -f
IFS='
'
# shellcheck disable=SC2086
exec caaudit check --jobs 4 "$@" -- $zones
