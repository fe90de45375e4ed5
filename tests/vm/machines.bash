# What the scenarios on virtual machines share.  Each file loads it.
# shellcheck disable=SC2154 # bats sets $status and $output
[ -z "${BATS_VERSION-}" ] || bats_require_minimum_version 1.5.0
: "${LAB_KIND:=vm}" "${LAB_NODES:=node1 node2}"
. "${BASH_SOURCE[0]%/*}/../cluster/lab.bash"

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
}

# in_node NODE FUNCTION [ARGUMENT...]: a function of the test, run there.
in_node()
{
	local node=$1
	shift
	{ declare -f; printf '%q ' "$@"; } | on "$node" bash -eu
}

# use_policy NODE...: what stands on standard input becomes theirs.
use_policy()
{
	put - /etc/ganeti/tune.yaml "$@"
}

# fails_with STATUS COMMAND...: it ends so.
fails_with()
{
	local wanted=$1
	shift
	run --separate-stderr "$@" </dev/null
	echo "$output$stderr"
	[ "$status" -eq "$wanted" ] || { echo "exit status $status, not $wanted"; return 1; }
}

# says TEXT...: the last command did.
says()
{
	local text
	for text; do
		[[ "$output$stderr" == *"$text"* ]] || { echo "'$text' is missing"; return 1; }
	done
}

# wanting ACTION PATH...: of these below /sys those for which udev's rules want the unit, as where it is enabled and
# nothing was reverted since boot.  Nobody starts it here.
wanting()
{
	local path enabled=/etc/systemd/system/multi-user.target.wants/ganeti-tune.service
	mkdir -p "${enabled%/*}"
	touch $enabled
	rm -f /run/ganeti-tune/reverted
	for path in "${@:2}"; do
		! udevadm test -a "$1" "$path" 2>/dev/null | grep -qx SYSTEMD_WANTS=ganeti-tune.service || echo "${path##*/}"
	done | sort | xargs
	rm $enabled
}
