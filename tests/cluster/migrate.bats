# gnt-instance migrate: what the gate lets pass, and what it refuses.
load cluster

@test "between equal nodes a guest of type host migrates, and the hooks are silent" {
	need_guest inst1 node1
	run migrate inst1 node2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	runs_on inst1 node2
	[ "$(cpu_option inst1 node2)" = "$host_cpu" ]
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
}

@test "to a lesser node it is refused at once, and runs on with all it has" {
	need_guest inst1 node2
	run migrate inst1 node3
	echo "$output"
	refused_by node2 "inst1.lab.test not migrated to node3.lab.test: guest sees $feature which node3.lab.test cannot give"
	runs_on inst1 node2
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
}

@test "a named model that both can run goes to the lesser node" {
	need_guest inst2 node2 kvm64
	run migrate inst2 node3
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst2 node3
	[ "$(ask_guest inst2 node3 $feature)" = no ]
}

@test "what it runs with counts, and not what it is configured to be" {
	need_guest inst2 node2 kvm64
	master gnt-instance modify -H "cpu_type=$(escaped "$host_cpu")" inst2.lab.test
	run migrate inst2 node3
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst2 node3
	[ "$(cpu_option inst2 node3)" = kvm64 ]
	remove_guest inst2
}

@test "a one-way door: up is allowed, back is refused" {
	remove_guest inst1
	add_guest inst1 node3
	[ "$(ask_guest inst1 node3 $feature)" = no ]
	run migrate inst1 node2
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node2
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
	run migrate inst1 node3
	refused_by node2 $feature
	runs_on inst1 node2
}

# migrate_both INSTANCE TARGET INSTANCE TARGET: at once; the first has to pass, $status and $output are of the second.
migrate_both() {
	migrate "$1" "$2" >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
	local first=$!
	run migrate "$3" "$4"
	echo "$output"
	wait $first
}

@test "two at once, in opposite directions: both pass" {
	need_guest inst1 node2
	need_guest inst2 node3 kvm64
	migrate_both inst1 node1 inst2 node2
	[ "$status" -eq 0 ]
	runs_on inst1 node1
	runs_on inst2 node2
}

@test "two at once to the lesser node: each gets its own answer" {
	need_guest inst1 node1
	need_guest inst2 node2 kvm64
	migrate_both inst2 node3 inst1 node3
	refused_by node1 "inst1.lab.test not migrated" $feature
	runs_on inst1 node1
	runs_on inst2 node3
}

@test "--cleanup passes" {
	need_guest inst1 node1
	run master gnt-instance migrate -f --cleanup inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node1
}

@test "gnt-node migrate of four guests: three go, the one that must not is refused" {
	local name
	need_guest inst1 node1 3>&- &
	for name in inst2 inst3 inst4; do need_guest $name node1 kvm64 3>&- & done
	wait
	run master gnt-node migrate -f -n node3.lab.test node1.lab.test
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"tune: node1.lab.test: inst1.lab.test not migrated to node3.lab.test"* ]]
	[[ "$output" == *"There were 1 errors during the node migration"* ]]
	runs_on inst1 node1
	for name in inst2 inst3 inst4; do runs_on $name node3; done
	for name in inst3 inst4; do remove_guest $name; done
}

@test "a failover is not gated: the guest starts anew" {
	need_guest inst1 node1
	run master gnt-instance failover -f --shutdown-timeout=0 -n node3.lab.test inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
	[ "$(ask_guest inst1 node3 $feature)" = no ]
	remove_guest inst1
}

# node1 is the master, which has the records of both nodes, and no guest.
@test "a guest that is down goes to a lesser node: Ganeti fails it over, by way of the migration's hooks" {
	remove_guest inst1 >/dev/null 2>&1 || :
	add_guest inst1 node2
	master gnt-instance shutdown --timeout=0 inst1.lab.test
	put - /etc/ganeti/hooks/instance-migrate-pre.d/60-seen node1 <<<$'#!/bin/sh\nenv >/run/seen'
	on node1 chmod 755 /etc/ganeti/hooks/instance-migrate-pre.d/60-seen
	run master gnt-instance migrate -f --allow-failover -n node3.lab.test inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	on node1 grep -x GANETI_INSTANCE_STATUS=down /run/seen
	[ "$(master gnt-instance list --no-headers -o pnode,status inst1.lab.test | xargs)" = "node3.lab.test ADMIN_down" ]
	on node1 rm /etc/ganeti/hooks/instance-migrate-pre.d/60-seen
	remove_guest inst1
}

@test "the ledger has them all, and no guest has lost anything" {
	run master gnt-tune cluster ledger
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[-1]}" =~ ^([0-9]+)\ migrations\ in\ 90\ days:\ 0\ cost\ the\ guest\ features\;\ ([0-9]+)\ more\ were\ refused$ ]]
	[ "${BASH_REMATCH[1]}" -gt 0 ]
	[ "${BASH_REMATCH[2]}" -gt 0 ]
}
