# One cluster for all files: bats runs this once, before the first of them and after the last.
here=${BASH_SOURCE[0]%/*}
: "${TUNE_BUILDDIR:=$here/../../build}"
. "$here/lab.bash"
. "$here/cluster.bash"

setup_suite() {
	export TUNE_BUILDDIR LAB_NODES="$cluster_nodes $fresh_node"
	LACKING=$(lab_why_not)
	export LACKING
	[ -z "$LACKING" ] || return 0
	lab_up "$TUNE_BUILDDIR"
	local node
	for node in $LAB_NODES; do use_policy "$node"; done
	[ -n "${LAB_RELEASES-}" ] || make_lesser node3
	use_policy node1 "cpu: {type: \"$host_cpu\", cluster-default: yes}"
	# shellcheck disable=SC2086
	lab_make_cluster $cluster_nodes >"$GNT_LAB/log/cluster" 2>&1
	use_policy node1
	move_master node1
}

teardown_suite() {
	lab_down
}
