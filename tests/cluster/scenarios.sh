#!/bin/bash
# scenarios.sh [FILE.bats...]: these scenarios, or all but the one that boots a guest and those of mixed releases, on one
# cluster, as TAP; where there can be none, one line that says so.
here=$(dirname "$0")
# shellcheck source=tests/cluster/lab.bash
reason=$(. "$here/lab.bash" && lab_why_not)
if [ -n "$reason" ]; then
	echo "1..0 # SKIP $reason"
	exit 0
fi
if [ $# -eq 0 ]; then
	for file in "$here"/*.bats; do
		case ${file##*/} in
		os-boot.bats | mixed.bats) ;;
		*) set -- "$@" "$file" ;;
		esac
	done
fi
case " $* " in
*/mixed.bats\ *)
	[ $# -eq 1 ] || { echo "mixed.bats needs a cluster of its own" >&2; exit 2; }
	# shellcheck disable=SC2031
	export LAB_RELEASES="node1=12-backports node2=12-backports node3=13 node4=13"
	;;
esac
exec sh "$here/../run-bats" "$(command -v bats || echo :)" "$@"
