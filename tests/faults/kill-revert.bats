# SIGKILL at every single call of a revert that can leave something behind: another revert finishes it.
load kill

@test "revert, killed at every write, open and removal" {
	local call
	prepare linux-5.10 <(small_policy)
	tune apply >/dev/null 2>&1
	keep
	for call in write openat2 flock unlinkat; do
		kill_at_every $call revert
	done
}

@test "revert of a whole policy, killed at every write" {
	prepare drbd-sata "$TUNE_SRCDIR/examples/default.yaml"
	tune apply >/dev/null 2>&1 || true
	keep
	kill_at_every write revert
}
