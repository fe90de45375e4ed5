# One pair of machines for all files.  $GNT_LAB of a pair that runs already (tests/cluster/lab up vm) is used as it is,
# and left alone in the end: they take long to start.
here=${BASH_SOURCE[0]%/*}
: "${TUNE_BUILDDIR:=$here/../../build}"
. "$here/machines.bash"

setup_suite() {
	export TUNE_BUILDDIR LAB_KIND LAB_NODES
	LACKING=$(lab_why_not)
	export LACKING KEEP_LAB=
	[ -z "$LACKING" ] || return 0
	if [ -O "${GNT_LAB:-/nonexistent}/run/settings" ]; then
		KEEP_LAB=yes
	else
		lab_up "$TUNE_BUILDDIR"
	fi
}

teardown_suite() {
	[ -n "$KEEP_LAB" ] || lab_down
}
