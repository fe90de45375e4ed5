# A record that cannot be kept: nothing is written to the kernel from there on.
load ../cli/helper

setup() {
	needs_ptrace
	make_host minimal
	use_policy "$TUNE_SRCDIR/examples/default.yaml"
	mkdir -p "$host/run/ganeti-tune"
	before=$(shown)
}

@test "the first record meets a full disk, an error, half a write: not one value is written" {
	local fault
	for fault in error=ENOSPC error=EIO retval=1; do
		rm -f "$journal"
		strace -o "$BATS_TEST_TMPDIR/calls" -P "$journal" -e trace=write -e inject="write:$fault:when=2+" \
			"$gnt_tune" apply --root "$host" 2>"$BATS_TEST_TMPDIR/words" && return 1
		grep -q "journal: " "$BATS_TEST_TMPDIR/words"
		changes
		[ "$(wc -l <"$journal")" -eq 1 ]
	done
}

@test "the header meets a full disk: not one value is written" {
	strace -o "$BATS_TEST_TMPDIR/calls" -P "$journal" -e trace=write -e inject=write:error=ENOSPC:when=1 \
		"$gnt_tune" apply --root "$host" 2>"$BATS_TEST_TMPDIR/words" && return 1
	grep -q "journal: No space left" "$BATS_TEST_TMPDIR/words"
	changes
}

@test "fsync fails: not one value is written" {
	strace -o "$BATS_TEST_TMPDIR/calls" -e trace=fsync -e inject=fsync:error=EIO \
		"$gnt_tune" apply --root "$host" 2>"$BATS_TEST_TMPDIR/words" && return 1
	grep -q "journal: Input/output error" "$BATS_TEST_TMPDIR/words"
	changes
	fails_with 0 tune revert
	changes
}

@test "any later record meets a fault: what was written before goes back, and nothing more was written" {
	local call n
	for call in write:error=ENOSPC write:retval=1 fsync:error=EIO; do
		for n in 2 3 4 5; do
			rm -f "$journal"
			strace -f -y -o "$BATS_TEST_TMPDIR/calls" -P "$journal" -e trace="${call%%:*}" \
				-e inject="$call:when=$n+" "$gnt_tune" apply --root "$host" >/dev/null 2>&1 && return 1
			fails_with 0 tune revert
			changes
		done
	done
}

@test "what somebody wrote before the record is not forgotten when the disk is full for a moment" {
	local n
	for n in 3 5 7; do
		strace -o "$BATS_TEST_TMPDIR/calls" -P "$journal" -e trace=write -e inject="write:error=ENOSPC:when=$n" \
			"$gnt_tune" apply --root "$host" >/dev/null 2>&1 || true
		fails_with 0 tune revert
		changes
	done
}

@test "a disk that is full in the middle of a record leaves no half a line" {
	local kib
	for kib in 1 2; do
		rm -rf "$host"
		make_host drbd-sata
		before=$(shown)
		# The kernel takes what fits below the limit, and then no more.
		fails_with 1 bash -c "trap '' XFSZ; ulimit -f $kib; exec '$gnt_tune' apply --root '$host'"
		says "run/ganeti-tune/journal: No space left"
		[ "$(tail -c 1 "$journal" | od -An -c | tr -d ' ')" = '\n' ]
		fails_with 0 tune revert
		changes
	done
}

@test "the journal cannot be read: revert claims nothing and removes nothing" {
	tune apply >/dev/null 2>&1 || true
	local applied
	applied=$(shown)
	run --separate-stderr strace -o "$BATS_TEST_TMPDIR/calls" -P "$journal" -e trace=read -e inject=read:error=EIO \
		"$gnt_tune" revert --root "$host"
	[ "$status" -eq 1 ]
	says "run/ganeti-tune/journal: Input/output error"
	[ "$applied" = "$(shown)" ]
	fails_with 0 tune revert
	changes
}

@test "a value that does not go back stays on record for another try" {
	tune apply >/dev/null 2>&1 || true
	run --separate-stderr strace -o "$BATS_TEST_TMPDIR/calls" -P "$host/proc/sys/vm/swappiness" -e trace=write \
		-e inject=write:error=EBUSY "$gnt_tune" revert --root "$host"
	[ "$status" -eq 1 ]
	says "vm.swappiness: refused: "
	[ -s "$journal" ]
	echo 10 >"$host/proc/sys/vm/swappiness"
	fails_with 0 tune revert
	changes
	[ ! -e "$journal" ]
}

@test "the lock fails for another reason than being held" {
	run --separate-stderr strace -o "$BATS_TEST_TMPDIR/calls" -e trace=flock -e inject=flock:error=ENOLCK \
		"$gnt_tune" apply --root "$host"
	[ "$status" -eq 1 ]
	says "run/ganeti-tune/lock: No locks available"
	changes
}
