#!/bin/bash
# scenarios.sh [FILE.bats...]: all scenarios, or these, on one cluster, as TAP; where there can be none, one line that says so.
here=$(dirname "$0")
# shellcheck source=tests/cluster/lab.bash
reason=$(. "$here/lab.bash" && lab_why_not)
if [ -n "$reason" ]; then
	echo "1..0 # SKIP $reason"
	exit 0
fi
[ $# -gt 0 ] || set -- "$here"/*.bats
exec sh "$here/../run-bats" "$(command -v bats || echo :)" "$@"
