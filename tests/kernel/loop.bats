# The queue of a loop device of this test's own, under the running kernel.
load kernel

setup() {
	needs_own_journal
	needs losetup
	truncate -s 16M "$BATS_TEST_TMPDIR/disk"
	device=$(losetup --find --show "$BATS_TEST_TMPDIR/disk") || skip "no loop devices"
	disk=${device#/dev/}
	queue=/sys/block/$disk/queue
	grep -q mq-deadline "$queue/scheduler" || skip "no mq-deadline for loop devices"
	original=$(current scheduler)
	# As the kernel gives it to a new device, not as a former user left it.
	echo none >"$queue/scheduler"
}

teardown() {
	[ -n "${device:-}" ] || return 0
	forget_journal
	[ -z "${original:-}" ] || echo "$original" >"$queue/scheduler"
	losetup --detach "$device"
}

current() {
	sed 's/.*\[\(.*\)\].*/\1/' "$queue/$1"
}

# All that can be set, but io_timeout and the like belong to the driver.
queue_values() {
	local file
	for file in "$queue"/* "$queue"/iosched/*; do
		[ ! -f "$file" ] || [ "$(stat -c %a "$file")" = 444 ] || echo "${file#"$queue"/}=$(current "${file#"$queue"/}" 2>/dev/null)"
	done
}

wiki_values() {
	policy "disks: [{match: [$disk], scheduler: mq-deadline, iosched/read_expire: 150,
		iosched/write_expire: 1500, iosched/front_merges: 0}]"
}

@test "the wiki's values: set, read back, no drift, set once, put back" {
	local before records
	before=$(queue_values)
	wiki_values
	fails_with 4 on_this_host plan
	fails_with 0 on_this_host apply
	[ "$(current scheduler)" = mq-deadline ]
	[[ "$(current iosched/read_expire)" =~ ^15[02]$ ]]
	[[ "$(current iosched/write_expire)" =~ ^150[04]$ ]]
	[ "$(current iosched/front_merges)" -eq 0 ]
	fails_with 0 on_this_host verify
	[ -z "$output" ]
	records=$(sha256sum $mine/journal)
	fails_with 0 on_this_host apply
	[ "$records" = "$(sha256sum $mine/journal)" ]
	fails_with 0 "$gnt_tune" revert
	diff <(echo "$before") <(queue_values)
	[ ! -e $mine/journal ]
}

@test "what a new scheduler takes away is put back along with the old one" {
	local before
	grep -q kyber "$queue/scheduler" || skip "no second scheduler"
	echo mq-deadline >"$queue/scheduler"
	echo 300 >"$queue/iosched/read_expire"
	echo 4 >"$queue/iosched/fifo_batch"
	echo 64 >"$queue/nr_requests"
	before=$(queue_values)
	policy "disks: [{match: [$disk], scheduler: kyber}]"
	fails_with 0 on_this_host apply
	fails_with 0 "$gnt_tune" revert
	diff <(echo "$before") <(queue_values)
}

@test "an attribute that shows a choice in brackets: set, read back, put back" {
	policy "attributes: {sys/block/$disk/queue/scheduler: kyber}"
	grep -q kyber "$queue/scheduler" || skip "no second scheduler"
	fails_with 4 on_this_host plan
	fails_with 0 on_this_host apply
	[ "$(current scheduler)" = kyber ]
	fails_with 0 on_this_host verify
	[ -z "$output" ]
	fails_with 0 "$gnt_tune" revert
	[ "$(current scheduler)" = none ]
	[ ! -e $mine/journal ]
}

@test "deadline is the old name of mq-deadline: set, no drift, put back" {
	policy "disks: [{match: $disk, scheduler: [deadline, none], iosched/front_merges: 0}]"
	fails_with 0 on_this_host apply
	[ "$(current scheduler)" = mq-deadline ]
	fails_with 0 on_this_host verify
	[ -z "$output" ]
	fails_with 0 "$gnt_tune" revert
	[ "$(current scheduler)" = none ]
}

@test "max_sectors_kb takes read_ahead_kb along, and both are put back" {
	local before
	before=$(queue_values)
	policy "disks: [{match: [$disk], max_sectors_kb: 256, read_ahead_kb: 512}]"
	fails_with 0 on_this_host apply
	[ "$(current read_ahead_kb)" -eq 512 ]
	fails_with 0 on_this_host verify
	fails_with 0 "$gnt_tune" revert
	diff <(echo "$before") <(queue_values)
}

@test "what a later write undoes is told as overridden" {
	policy "{attributes: {sys/block/$disk/queue/nr_requests: 64}, disks: [{match: [$disk], scheduler: mq-deadline}]}"
	fails_with 1 on_this_host apply
	says "overridden: was as wanted, then changed to"
	fails_with 0 "$gnt_tune" revert
}

@test "a value that the kernel clamps is told" {
	policy "disks: [{match: [$disk], max_sectors_kb: 2147483647}]"
	fails_with 1 on_this_host apply
	says "disk.max_sectors_kb" "$disk"
	fails_with 0 "$gnt_tune" revert
}

@test "a scheduler that does not exist, and the name of old" {
	policy "disks: [{match: [$disk], scheduler: [no-such-one, kyber, mq-deadline]}]"
	fails_with 0 on_this_host apply
	fails_with 0 "$gnt_tune" revert
	policy "disks: [{match: [$disk], scheduler: no-such-one}]"
	fails_with 1 on_this_host apply
	says "disk.scheduler"
	fails_with 0 "$gnt_tune" revert
	[ "$(current scheduler)" = none ]
}

@test "no loop device is touched unless it is named" {
	policy 'disks: [{match: rotational, scheduler: mq-deadline}, {match: ssd, scheduler: mq-deadline}]'
	run --separate-stderr on_this_host plan -v
	[[ "$output" != *"$disk "* ]]
}
