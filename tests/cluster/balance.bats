# Ganeti's planners, told by gnt-tune cpu tags, never choose what the gate would refuse.
load cluster

teardown_file() {
	[ -z "$LACKING" ] || return 0
	local name
	for name in inst1 inst2 inst3; do remove_guest $name 3>&- & done
	wait
}

wait_for_jobs() {
	has_no_job() {
		[ -z "$(master gnt-job list --no-headers --running --pending)" ]
	}
	lab_wait 120 "the jobs" has_no_job
}

# plan: what hbal would do, down to the smallest gain.
plan() {
	run master hbal -L -g 0 --min-gain-limit 0 --print-commands
	echo "$output"
	[ "$status" -eq 0 ]
}

# find_node NAME: what hail would choose is what is tried.
find_node() {
	run master gnt-instance migrate -f "$1.lab.test"
	echo "$output"
}

@test "without tags, hbal and hail choose a node that the gate refuses" {
	local name
	for name in inst1 inst2 inst3; do need_guest $name node1 3>&- & done
	wait
	plan
	[[ "$output" == *"gnt-instance migrate -f -n node3 "* ]]
	master gnt-node modify --drained=yes node2.lab.test
	find_node inst1
	refused_by node1 "inst1.lab.test not migrated to node3.lab.test" "via iallocator hail: node3.lab.test"
}

@test "with them, hail finds no node rather than that one" {
	master gnt-tune cpu tags --apply
	wait_for_jobs
	run master gnt-tune cpu tags
	[ "$status" -eq 0 ]
	find_node inst1
	[ "$status" -ne 0 ]
	[[ "$output" == *"Can't find any good node"* && "$output" != *50-tune* ]]
	runs_on inst1 node1
	master gnt-node modify --drained=no node2.lab.test
}

@test "with them, hbal and hail choose the node that the gate allows" {
	plan
	[[ "$output" == *"gnt-instance migrate -f -n node2 "* && "$output" != *"-n node3"* ]]
	find_node inst1
	[ "$status" -eq 0 ]
	runs_on inst1 node2
}

@test "with them, a guest of the lesser node may go up" {
	master gnt-instance failover -f --shutdown-timeout=0 -n node3.lab.test inst1.lab.test
	find_node inst1
	[ "$status" -eq 0 ]
	[[ "$output" == *"via iallocator hail: node"[12]* ]]
}

@test "taken away, no tag is left" {
	master gnt-tune cpu tags --remove
	wait_for_jobs
	[ -z "$(master gnt-cluster list-tags)" ]
	[ -z "$(master gnt-node list-tags node3.lab.test)" ]
}
