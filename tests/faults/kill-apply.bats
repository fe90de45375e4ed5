# SIGKILL at every single call of an apply that can leave something behind: the next revert restores everything.
load kill

@test "apply, killed at every write and fsync" {
	prepare drbd-sata "$TUNE_SRCDIR/examples/default.yaml"
	keep
	kill_at_every write apply
	kill_at_every fsync apply
}

@test "apply, killed at every other call on a file" {
	local call
	prepare linux-5.10 <(small_policy)
	keep
	for call in openat2 ftruncate flock mkdirat; do
		kill_at_every $call apply
	done
}

@test "a second apply, killed at every write, does not make the first one's values the old ones" {
	prepare drbd-sata "$TUNE_SRCDIR/examples/default.yaml"
	tune apply >/dev/null 2>&1 || true
	use_policy "$TUNE_SRCDIR/examples/wiki.yaml"
	keep
	kill_at_every write apply
}
