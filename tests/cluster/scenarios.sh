#!/bin/bash
# scenarios.sh [FILE.bats...]: all scenarios but the one that boots a guest, or these, on one cluster, as TAP; where there
# can be none, one line that says so.
here=$(dirname "$0")
# shellcheck source=tests/cluster/lab.bash
reason=$(. "$here/lab.bash" && lab_why_not)
if [ -n "$reason" ]; then
	echo "1..0 # SKIP $reason"
	exit 0
fi
if [ $# -eq 0 ]; then
	for file in "$here"/*.bats; do
		[ "${file##*/}" = os-boot.bats ] || set -- "$@" "$file"
	done
fi
exec sh "$here/../run-bats" "$(command -v bats || echo :)" "$@"
