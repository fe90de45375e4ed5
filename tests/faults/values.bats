# System calls that fail on the way to a value: the verdict is right, the reason names it, and the rest is done.
load ../cli/helper

setup() {
	needs_ptrace
	make_host minimal
	use_policy - <<<'sysctl: {vm.dirty_background_bytes: 134217728, vm.swappiness: 10, net.ipv4.tcp_slow_start_after_idle: 0}'
	value=$host/proc/sys/vm/swappiness
	before=$(shown)
}

# with_fault FILE CALL FAULT COMMAND...: CALL on FILE fails as FAULT says, in the words of strace(1), "inject".
with_fault() {
	strace -f -o "$BATS_TEST_TMPDIR/calls" -P "$1" -e trace="$2" -e inject="$2:$3" "${@:4}"
}

# ends_as STATUS VERDICT WORDS...: of the setting that the fault was about; the two others are done.
ends_as() {
	[ "$status" -eq "$1" ] || { echo "exit status $status: $output $stderr"; return 1; }
	says "vm.swappiness: $2: " "${@:3}"
	grep -q INJECTED "$BATS_TEST_TMPDIR/calls"
	[ "$(get_value proc/sys/net/ipv4/tcp_slow_start_after_idle)" = 0 ]
	[ "$(get_value proc/sys/vm/dirty_background_bytes)" = 134217728 ]
	fails_with 0 tune revert
	changes
}

@test "a write that the kernel refuses: EINVAL, EBUSY" {
	run --separate-stderr with_fault "$value" write error=EINVAL "$gnt_tune" apply --root "$host"
	ends_as 1 refused "Invalid argument"
	run --separate-stderr with_fault "$value" write error=EBUSY "$gnt_tune" apply --root "$host"
	ends_as 1 refused "busy"
}

@test "a write that is not permitted is no fault: EACCES, EPERM, EROFS" {
	local error
	for error in EACCES EPERM EROFS; do
		run --separate-stderr with_fault "$value" write error=$error "$gnt_tune" apply --root "$host"
		ends_as 0 not-permitted
	done
}

@test "a write of which nobody knows: EIO, ENOSPC" {
	run --separate-stderr with_fault "$value" write error=EIO "$gnt_tune" apply --root "$host"
	ends_as 1 unknown "Input/output error"
	run --separate-stderr with_fault "$value" write error=ENOSPC "$gnt_tune" apply --root "$host"
	ends_as 1 unknown "No space left"
}

@test "a write that was interrupted is done again" {
	run --separate-stderr with_fault "$value" write error=EINTR:when=1 "$gnt_tune" apply --root "$host"
	[ "$status" -eq 0 ]
	[ "$(cat "$value")" = 10 ]
}

@test "a write of which one byte was taken" {
	run --separate-stderr with_fault "$value" write retval=1 "$gnt_tune" apply --root "$host"
	ends_as 1 unknown "only 1 of 3 bytes were written"
}

@test "a write that lies is found out by reading back" {
	run --separate-stderr with_fault "$value" write retval=3 "$gnt_tune" apply --root "$host"
	ends_as 1 clamped "the kernel kept"
}

@test "a value that cannot be read is unknown, never same: plan, verify, apply" {
	echo 10 >"$value"
	before=$(shown)
	run --separate-stderr with_fault "$value" read error=EIO "$gnt_tune" plan --root "$host"
	[ "$status" -eq 4 ]
	says "unknown" "Input/output error"
	run --separate-stderr with_fault "$value" read error=EINVAL "$gnt_tune" verify --root "$host"
	[ "$status" -eq 4 ]
	says "unknown"
	run --separate-stderr with_fault "$value" read error=EIO "$gnt_tune" apply --root "$host"
	ends_as 1 unknown "Input/output error"
}

@test "a value that reads back with an error after the write is unknown" {
	run --separate-stderr with_fault "$value" read error=EIO:when=3+ "$gnt_tune" apply --root "$host"
	ends_as 1 unknown "Input/output error"
	[ "$(cat "$value")" = 60 ]
}

@test "cluster-verify-post reports what it cannot read" {
	echo 10 >"$value"
	run --separate-stderr with_fault "$value" read error=EIO "$cluster_verify" --root "$host"
	[ "$status" -eq 1 ]
	says "vm.swappiness proc/sys/vm/swappiness: Input/output error"
}

@test "the policy cannot be read: nothing is taken for the default" {
	run --separate-stderr with_fault "$host/etc/ganeti/tune.yaml" read error=EIO "$gnt_tune" apply --root "$host"
	[ "$status" -eq 1 ]
	says "tune.yaml: Input/output error"
	changes
}

@test "no openat2, no work: nothing is resolved in another way" {
	run --separate-stderr strace -o /dev/null -e trace=openat2 -e inject=openat2:error=ENOSYS "$gnt_tune" apply --root "$host"
	[ "$status" -eq 1 ]
	says "Linux 5.6 or later is needed"
	changes
}
