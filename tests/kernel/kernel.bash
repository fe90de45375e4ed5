# Functions for the tests on the running kernel, which has no journal of ours before them and after them.
load ../cli/helper

mine=/run/ganeti-tune

# needs_own_journal: nobody else is tuning this machine.
needs_own_journal() {
	needs_root
	[ ! -e $mine/journal ] || skip "$mine/journal is somebody else's"
}

# The journal goes first through revert; what is still there then is a failure of its test, and is removed.
forget_journal() {
	[ ! -e $mine/journal ] || "$gnt_tune" revert || true
	rm -f $mine/journal
	rm -f $mine/lock
	rmdir $mine 2>/dev/null || true
}

# policy TEXT: a file that holds it, in $policy.
policy() {
	policy=$BATS_TEST_TMPDIR/policy.yaml
	(umask 022 && cat >"$policy" <<<"$1")
}

# on_this_host COMMAND [OPTION...]: gnt-tune under $policy.
on_this_host() {
	"$gnt_tune" "$1" --policy "$policy" "${@:2}"
}

