# Another node becomes the master: it has all records, and publishes from now on.  It stays the master.
load cluster

@test "the new master migrates, refuses and publishes as the old one did" {
	need_guest inst1 node1
	on node2 gnt-cluster master-failover </dev/null
	move_master node2
	run migrate inst1 node3
	refused_by node1 $feature
	make_lesser node1
	run publish
	make_whole node1
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"lost $feature"* ]]
	record_of node1 node3 | cmp - <(record_of node1 node2)
	publish
	run migrate inst1 node2
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node2
	run on node1 gnt-tune cpu publish
	[ "$status" -eq 1 ]
	remove_guest inst1
}
