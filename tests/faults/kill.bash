# Functions for the tests that kill gnt-tune.
load ../cli/helper

setup() {
	needs_ptrace
	pristine=$BATS_TEST_TMPDIR/pristine
}

# prepare MACHINE POLICY: $host as it will be before each attempt, in $pristine.
prepare() {
	make_host "$1"
	use_policy "$2"
	before=$(shown)
}

keep() {
	rm -rf "$pristine"
	cp -a "$host" "$pristine"
}

# The kernel does not empty an attribute that is opened with O_TRUNC; a tree of files does.
fill_emptied() {
	local file
	(cd "$host" && find proc sys -type f -empty) | while read -r file; do
		cp "$pristine/$file" "$host/$file"
	done
}

# kill_at_every CALL COMMAND: again and again from the start, killed at its first, second, ... CALL.
kill_at_every() {
	local n=0 status=137
	while [ "$status" -eq 137 ]; do
		n=$((n + 1))
		rm -rf "$host"
		cp -a "$pristine" "$host"
		status=0
		strace -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$n" \
			"$gnt_tune" "$2" --root "$host" >/dev/null 2>&1 || status=$?
		fill_emptied
		tune revert >"$BATS_TEST_TMPDIR/words" 2>&1 && changes || {
			echo "$2 killed at $1 number $n:"
			cat "$BATS_TEST_TMPDIR/words"
			return 1
		}
		[ ! -e "$journal" ] || [ "$(wc -l <"$journal")" -le 1 ]
	done
	echo "# $2: killed at $((n - 1)) calls of $1" >&3
	[ "$n" -gt 1 ]
}

small_policy() {
	cat <<-'POLICY'
		sysctl: {vm.dirty_bytes: 536870912, vm.swappiness: 10}
		disks: [{match: sda, scheduler: bfq}]
	POLICY
}
