# Properties of any machine and policy: reading changes nothing, and what is written can be restored.
load helper

setup() {
	make_host drbd-sata
	before=$(shown)
}

# Opens for writing below $host, and whatever else changes a file there, of one command; not what a coverage build counts.
changing_calls() {
	strace -f -y -o "$BATS_TEST_TMPDIR/calls" -e trace=%file,write,ftruncate,fchmod "$@" >/dev/null 2>&1 || true
	grep -E "O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|mkdir|unlink|rename|truncate|chmod|write\([0-9]+<$host" "$BATS_TEST_TMPDIR/calls" |
		grep -vE '/dev/|\.gcda' || true
}

machines() {
	local file
	for file in "$TUNE_SRCDIR"/tests/hosts/*.host; do basename "$file" .host; done
}

@test "list, plan, verify, status, explain change nothing" {
	local command print
	print=$(fingerprint)
	for command in plan verify status "explain vm.swappiness" "explain disk.scheduler"; do
		# shellcheck disable=SC2086
		tune $command >/dev/null 2>&1 || true
	done
	[ "$print" = "$(fingerprint)" ]
}

@test "list, plan, verify, status, explain open nothing for writing" {
	needs_ptrace
	local command
	for command in plan verify status "explain vm.swappiness"; do
		# shellcheck disable=SC2086
		[ -z "$(changing_calls "$gnt_tune" $command --root "$host")" ]
	done
	# The same check notices an apply.
	[ -n "$(changing_calls "$gnt_tune" apply --root "$host")" ]
}

@test "a second apply writes nothing" {
	needs_ptrace
	local records
	tune apply >/dev/null 2>&1 || true
	records=$(sha256sum "$journal")
	[ -z "$(changing_calls "$gnt_tune" apply --root "$host" | grep -v ganeti-tune)" ]
	[ "$records" = "$(sha256sum "$journal")" ]
}

@test "apply, then revert, restores every machine under every policy" {
	local machine policy has_work
	for machine in $(machines); do
		for policy in "$TUNE_SRCDIR"/examples/*.yaml; do
			make_host "$machine" "$machine-$(basename "$policy")"
			before=$(shown)
			use_policy "$policy"
			# A machine without DRBD or replication has nothing that a policy of them could change.
			has_work=$(tune plan --no-headers -o verdict 2>/dev/null | grep -x would-change) || true
			tune apply >/dev/null 2>&1 || true
			[ -z "$has_work" ] || [ "$before" != "$(shown)" ]
			tune revert >/dev/null 2>&1
			changes
			[ ! -e "$journal" ]
		done
	done
}

@test "a second revert finds nothing to do" {
	tune apply >/dev/null 2>&1 || true
	fails_with 0 tune revert
	fails_with 0 tune revert
	changes
}

@test "two applies of different policies, then one revert, restore what stood before both" {
	use_policy - <<<'sysctl: {vm.swappiness: 10, kernel.odd: 1}'
	set_value proc/sys/kernel/odd 7
	before=$(shown)
	fails_with 0 tune apply
	use_policy - <<<'sysctl: {vm.swappiness: 30}'
	fails_with 0 tune apply
	fails_with 0 tune revert
	changes
}

@test "a value with tabs, newlines, quotes and UTF-8 comes back as it was" {
	set_value sys/kernel/mm/odd $'say "x\\y"\té'
	before=$(shown)
	use_policy - <<<'attributes: {sys/kernel/mm/odd: plain}'
	fails_with 0 tune apply
	fails_with 0 tune revert
	changes
}

# start_waiting COMMAND: gnt-tune on $host, in the background; returns once it waits for the lock.  Its number is $waiting.
start_waiting() {
	(exec "$gnt_tune" "$1" --root "$host" >/dev/null 2>&1 3>&-) &
	waiting=$!
	wait_until 60 has_lock_open $waiting
}

@test "apply waits for another one" {
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	hold_lock
	start_waiting apply
	[ "$(get_value proc/sys/vm/swappiness)" = 60 ]
	release_lock
	wait $waiting
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
}

@test "apply gives up waiting and has written nothing" {
	hold_lock
	fails_with 1 tune apply
	is_locked
	release_lock
	says "run/ganeti-tune/lock: locked by another apply or revert"
	changes
	[ ! -e "$journal" ]
}

@test "an apply that waited for another sees what that one has done" {
	use_policy - <<<'{sysctl: {vm.swappiness: 10}, ksm: {run: 1}}'
	hold_lock
	start_waiting apply
	set_value proc/sys/vm/swappiness 10
	release_lock
	wait $waiting
	grep -q ksm "$journal"
	! grep -q swappiness "$journal"
}

@test "a revert that waited for an apply puts back what that one has written, too" {
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	tune apply >/dev/null 2>&1
	cp "$journal" "$BATS_TEST_TMPDIR/first"
	use_policy - <<<'ksm: {run: 1}'
	tune apply >/dev/null 2>&1
	mv "$journal" "$BATS_TEST_TMPDIR/both"
	cp "$BATS_TEST_TMPDIR/first" "$journal"
	hold_lock
	start_waiting revert
	cp "$BATS_TEST_TMPDIR/both" "$journal"
	release_lock
	wait $waiting
	changes
}

@test "of two reverts at once, both are content" {
	tune apply >/dev/null 2>&1 || true
	hold_lock
	start_waiting revert
	local first=$waiting
	start_waiting revert
	release_lock
	wait $first
	wait $waiting
	changes
}

@test "revert leaves alone what somebody has changed since, and says so" {
	tune apply >/dev/null 2>&1 || true
	set_value proc/sys/vm/swappiness 42
	fails_with 0 tune revert
	says "vm.swappiness" "overridden" "changed to 42 by something else"
	[ "$(get_value proc/sys/vm/swappiness)" = 42 ]
	[ "$(changes | grep -c '^[<>]')" -eq 2 ]
	[ ! -e "$journal" ]
}

@test "what another boot left behind is not put back" {
	tune apply >/dev/null 2>&1 || true
	local applied
	set_value proc/sys/kernel/random/boot_id 00000000-0000-4000-8000-000000000000
	applied=$(shown)
	fails_with 0 tune revert
	[ "$applied" = "$(shown)" ]
	fails_with 0 tune status
	says "nothing changed since boot"
}

@test "an apply after a boot starts a new record" {
	tune apply >/dev/null 2>&1 || true
	set_value proc/sys/kernel/random/boot_id 00000000-0000-4000-8000-000000000000
	set_value proc/sys/vm/swappiness 50
	before=$(shown)
	tune apply >/dev/null 2>&1 || true
	fails_with 0 tune revert
	changes
}

@test "a disk that has taken the place of another is left alone" {
	tune apply >/dev/null 2>&1 || true
	set_value sys/block/sdc/diskseq 99
	fails_with 0 tune revert
	says "of sdc" "another device has this name now"
	[ "$(get_value sys/block/sdc/queue/scheduler)" = mq-deadline ]
	[ "$(get_value sys/block/sdb/queue/scheduler)" = bfq ]
}

@test "a disk that is gone is no hindrance" {
	tune apply >/dev/null 2>&1 || true
	rm "$host/sys/block/sdc" "$host/sys/class/block/sdc"
	fails_with 0 tune revert
	[ "$(get_value sys/block/sdb/queue/scheduler)" = bfq ]
	[ ! -e "$journal" ]
}

@test "a read-only /proc and /sys: not permitted, and no alarm" {
	needs_root
	needs_mounts
	run --separate-stderr unshare -m sh -ec "
		for tree in proc sys; do
			mount --bind '$host'/\$tree '$host'/\$tree
			mount -o remount,bind,ro '$host'/\$tree
		done
		'$gnt_tune' apply --root '$host'"
	[ "$status" -eq 0 ]
	says "not-permitted" "Read-only file system"
	changes
}

@test "a journal that cannot be kept: nothing is written" {
	needs_root
	needs_mounts
	mkdir -p "$host/run/ganeti-tune"
	fails_with 1 unshare -m sh -ec "
		mount --bind '$host/run' '$host/run'
		mount -o remount,bind,ro '$host/run'
		'$gnt_tune' apply --root '$host'"
	says "run/ganeti-tune" "Read-only file system"
	changes
}

@test "a journal that is none is not guessed at" {
	tune apply >/dev/null 2>&1 || true
	echo "W	what is this" >>"$journal"
	local applied
	applied=$(shown)
	fails_with 1 tune revert
	says "run/ganeti-tune/journal" "not a record"
	[ "$applied" = "$(shown)" ]
}

@test "a journal cut off in its last line is good up to there" {
	tune apply >/dev/null 2>&1 || true
	printf 'W\t17000' >>"$journal"
	fails_with 0 tune revert
	changes
}

@test "an apply mends a journal cut off in its last line" {
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	tune apply >/dev/null 2>&1
	printf 'W\t17000' >>"$journal"
	use_policy - <<<'ksm: {sleep_millisecs: 50}'
	fails_with 0 tune apply
	fails_with 0 tune revert
	changes
}

@test "links that lead out of the root are not followed" {
	local outside=$BATS_TEST_TMPDIR/outside
	mkdir "$outside"
	echo 60 >"$outside/swappiness"
	rm "$host/proc/sys/vm/swappiness"
	ln -s "$outside/swappiness" "$host/proc/sys/vm/swappiness"
	ln -s ../../../../../../../../../../etc/hostname "$host/proc/sys/vm/odd"
	use_policy - <<<'sysctl: {vm.swappiness: 10, vm.odd: x}'
	fails_with 0 tune apply
	[ "$(cat "$outside/swappiness")" = 60 ]
	says "absent"
}

@test "links of run/ganeti-tune do not lead the journal away" {
	mkdir -p "$host/run" "$BATS_TEST_TMPDIR/outside"
	ln -s "$BATS_TEST_TMPDIR/outside" "$host/run/ganeti-tune"
	fails_with 1 tune apply
	[ -z "$(ls "$BATS_TEST_TMPDIR/outside")" ]
	changes
}

# calls_for N: how many system calls a plan makes for N values.
calls_for() {
	local i
	mkdir -p "$host/proc/sys/kernel"
	for ((i = 0; i < $1; i++)); do
		echo 1 >"$host/proc/sys/kernel/odd$i"
		echo "kernel.odd$i: 1"
	done | sed 's/^/  /; 1i sysctl:' | use_policy -
	# Calls that allocate memory are not counted, since sanitizers make them as well.
	strace -f -o "$BATS_TEST_TMPDIR/calls" -e 'trace=!%memory' "$gnt_tune" plan --root "$host" >/dev/null 2>&1
	wc -l <"$BATS_TEST_TMPDIR/calls"
}

@test "a value costs at most four system calls" {
	needs_ptrace
	local few many
	few=$(calls_for 100)
	many=$(calls_for 200)
	echo "100 values: $few calls; 200: $many"
	[ $((many - few)) -gt 100 ]
	[ $((many - few)) -le 400 ]
}

# The rules for interfaces, the order of their MTUs and DRBD's link all have to know the interfaces and this node's name.
@test "one plan reads each of Ganeti's files once, and lists the interfaces once" {
	needs_ptrace
	make_host network network
	use_policy - <<-'POLICY'
		links:
		- match: replication
		  mtu: 9000
		- match: physical
		  mtu: 9000
		  tx_queue_len: 2000
	POLICY
	strace -f -o "$BATS_TEST_TMPDIR/calls" -e trace=openat2 "$gnt_tune" plan --root "$host" >/dev/null 2>&1 || :
	run grep -c '"sys/class/net"' "$BATS_TEST_TMPDIR/calls"
	[ "$output" -eq 1 ]
	run grep -o 'ssconf_[a-z_]*' "$BATS_TEST_TMPDIR/calls"
	[ "${#lines[@]}" -eq 3 ]
	[ -z "$(printf '%s\n' "${lines[@]}" | sort | uniq -d)" ]
}
