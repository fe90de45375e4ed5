# DRBD between two machines, connected by hand as Ganeti connects it: what gnt-tune and a hook set on a device that runs,
# and how fast it resyncs then.  There need be no cluster.
load machines
load minors

minor=30
addresses=(ipv4:198.51.100.11:7730 ipv4:198.51.100.12:7730)

setup_file() {
	[ -z "$LACKING" ] || return 0
	use_policy node1 node2 <<<"$policy"
	in_node node1 make_side "${addresses[@]}" >&2
	in_node node2 make_side "${addresses[1]}" "${addresses[0]}" >&2
	in_node node1 become_primary >&2
}

teardown_file() {
	local node
	[ -z "$LACKING" ] || return 0
	for node in node1 node2; do in_node $node take_down; done
}

# make_side HERE THERE: as lib/storage/drbd.py does it.
make_side() {
	lvcreate -q -n pair_data -L 640M -Wn -y xenvg
	lvcreate -q -n pair_meta -L 128M -Wn -y xenvg
	drbdmeta --force /dev/drbd30 v08 /dev/xenvg/pair_meta flex-external create-md
	drbdsetup new-resource pair
	drbdsetup new-minor pair 30 0
	drbdsetup attach 30 /dev/xenvg/pair_data /dev/xenvg/pair_meta flexible --on-io-error=detach --size 640m
	drbdsetup disk-options 30 --resync-rate 61440
	drbdsetup connect pair "$1" "$2" --protocol C
}

# With nothing to copy: both sides are declared to be the same.
become_primary() {
	timeout 300 sh -c 'until grep -q "^30: cs:Connected" /proc/drbd; do sleep 0.1; done'
	drbdsetup new-current-uuid --clear-bitmap 30
	drbdsetup primary 30
}

take_down() {
	drbdsetup down pair || :
	lvremove -q -f xenvg/pair_data xenvg/pair_meta || :
	rm -f /etc/ganeti/tune.yaml /tmp/slow.yaml /tmp/fast.yaml /tmp/free.yaml
} >&2

# Of a resync, KiB that are still to do; and 10 ms since the machine started.
left() {
	sed -n '/^30: /{n; s/.*oos:\([0-9]*\).*/\1/p}' /proc/drbd
}

now() {
	local uptime
	read -r uptime _ </proc/uptime
	echo "${uptime/./}"
}

# rate SECONDS: KiB/s of the resync, over that time or until almost all is done.  The time is read first and last: on a
# machine that stands still in between, the rate is too low, and never above the ceiling.
rate() {
	local from start to
	start=$(now) from=$(left)
	while [ "$(now)" -lt "$((start + $1 * 100))" ] && [ "$(left)" -gt 16384 ]; do sleep 0.05; done
	to=$(left)
	echo "$(((from - to) * 100 / ($(now) - start + 1)))"
}

# resync SECONDS POLICY...: this node's data once more from its peer; prints its rate, and that under each policy.
resync() {
	local policy
	drbdsetup invalidate 30
	timeout 300 sh -c "until grep -q '^30: cs:SyncTarget' /proc/drbd; do sleep 0.05; done"
	rate "$1"
	for policy in "${@:2}"; do
		gnt-tune apply --policy "$policy" >&2
		rate 10
	done
	timeout 900 sh -c "while grep -q '^30: cs:Sync' /proc/drbd; do sleep 0.2; done"
}

# unbound: a policy under which nothing but the machine holds a resync back.
unbound() {
	echo 'drbd: {disk/c-plan-ahead: 0, disk/resync-rate: 4000000, net/max-buffers: 20000}' | put - /tmp/free.yaml node2
}

@test "apply and revert on both nodes, while the device runs" {
	have "$ganetis" node1 node2
	fails_with 4 on node1 gnt-tune plan --no-headers -o param,object
	[ "$(grep -c ' drbd30$' <<<"$output")" -eq 6 ]
	fails_with 0 on node1 gnt-tune apply
	have "$wanted" node1
	fails_with 0 on node2 gnt-tune apply
	have "$wanted" node1 node2
	fails_with 0 on node1 gnt-tune verify
	fails_with 0 on node2 gnt-tune revert
	fails_with 0 on node1 gnt-tune revert
	have "$ganetis" node1 node2
}

@test "a hook that Ganeti runs after an operation, by hand" {
	fails_with 0 on node1 gnt-tune hooks run instance-start-post INSTANCE_NAME=inst1.lab.test
	[ -z "$output$stderr" ]
	have "$wanted" node1
	fails_with 0 on node1 gnt-tune revert
	have "$ganetis" node1 node2
}

# With the controller off nothing but the buffers holds it back.  The ceilings hold on any machine; that they are reached
# can only be told of a machine that is fast enough.
@test "20 KiB/s for each of max-buffers, and four times as many are faster" {
	local before after free
	printf 'drbd: {disk/c-plan-ahead: 0, disk/resync-rate: 4000000, net/max-buffers: %d}\n' 256 |
		put - /tmp/slow.yaml node2
	printf 'drbd: {disk/c-plan-ahead: 0, disk/resync-rate: 4000000, net/max-buffers: %d}\n' 1024 |
		put - /tmp/fast.yaml node2
	unbound
	fails_with 0 on node2 gnt-tune apply --policy /tmp/slow.yaml
	run --separate-stderr in_node node2 resync 5 /tmp/fast.yaml /tmp/free.yaml
	echo "$output$stderr"
	read -r before after free <<<"${output//$'\n'/ }"
	echo "# max-buffers 256: $before KiB/s (ceiling 5120); 1024: $after (ceiling 20480); unbound: $free" >&3
	# Turns of 100 ms, of which one more or less falls into what is measured.
	[ "$before" -gt 0 ] && [ "$before" -lt 5700 ]
	[ "$after" -gt 0 ] && [ "$after" -lt 22600 ]
	[ "$free" -lt 40960 ] || [ "$after" -gt "$before" ]
	fails_with 0 on node2 gnt-tune revert
	have "$ganetis" node2
}

# Twice: held back by the machine alone, and under the policy, whose c-fill-target reckons with 1 ms for a round trip.
# What is certain on any machine: Ganeti's ceiling holds, and the options are in effect while the device resyncs.  How much
# faster it is then is a figure; that it is faster at all can only be told where the machine leaves room for it.
@test "a resync leaves Ganeti's 40 MiB/s when that is applied while it runs" {
	local before free after
	have "$ganetis" node2
	unbound
	run --separate-stderr in_node node2 resync 2 /tmp/free.yaml
	echo "$output$stderr"
	read -r before free <<<"${output//$'\n'/ }"
	fails_with 0 on node2 gnt-tune revert
	run --separate-stderr in_node node2 resync 1 /etc/ganeti/tune.yaml
	echo "$output$stderr"
	read -r _ after <<<"${output//$'\n'/ }"
	echo "# as Ganeti leaves it: $before KiB/s (ceiling 40960); unbound: $free," \
		"$((free * 10 / (before + 1))) tenths of it; under the policy: $after" >&3
	fails_with 0 on node1 gnt-tune apply
	have "$wanted" node1 node2
	[ "$before" -gt 0 ] && [ "$before" -lt 45000 ]
	[ "$free" -le $((before * 2)) ] || [ "$after" -gt "$before" ]
}

