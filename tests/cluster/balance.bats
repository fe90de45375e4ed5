# Ganeti's planners, told by gnt-tune cpu tags, never choose what the gate would refuse.
load cluster

wait_for_jobs() {
	has_no_job() {
		[ -z "$(master gnt-job list --no-headers --running --pending)" ]
	}
	lab_wait 30 "the jobs" has_no_job
}

plan() {
	master hbal -L --print-commands
}

@test "without tags, hbal and hail choose the node that the gate refuses" {
	need_guest inst1 node2
	need_guest inst2 node2
	plan | grep -q 'node3\.lab\.test'
	master gnt-node modify --drained=yes node1.lab.test
	run master gnt-instance migrate -f inst1.lab.test
	echo "$output"
	refused_by node2 "inst1.lab.test not migrated to node3.lab.test" "via iallocator hail: node3.lab.test"
}

@test "with them, hail finds no node rather than that one" {
	master gnt-tune cpu tags --apply
	wait_for_jobs
	run master gnt-tune cpu tags
	[ "$status" -eq 0 ]
	run master gnt-instance migrate -f inst1.lab.test
	master gnt-node modify --drained=no node1.lab.test
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"Can't find any good node"* && "$output" != *50-tune* ]]
	runs_on inst1 node2
}

@test "with them, hail and hbal choose the node that the gate allows" {
	run plan
	echo "$output"
	[[ "$output" == *"node1.lab.test"* && "$output" != *"node3.lab.test"* ]]
	run master gnt-instance migrate -f inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node1
}

@test "a guest of the lesser node may go up" {
	remove_guest inst1
	remove_guest inst2
	need_guest inst1 node3
	run master gnt-instance migrate -f inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"via iallocator hail: node"[12]* ]]
	remove_guest inst1
}

@test "taken away, no tag is left" {
	master gnt-tune cpu tags --remove
	wait_for_jobs
	[ -z "$(master gnt-cluster list-tags)" ]
	[ -z "$(master gnt-node list-tags node3.lab.test)" ]
}
