# Nodes that join, leave, go and come back: tuned, recorded and published without a further command.
load cluster

# same_records NODE...: they have all records, and the same ones.
same_records() {
	local node sum
	sum=$(on node1 sh -c "cd $records && sha256sum *.yaml")
	for node; do
		[[ "$sum" == *" $node.lab.test.yaml"* ]] || { echo "no record of $node: $sum"; return 1; }
		[ "$(on "$node" sh -c "cd $records && sha256sum *.yaml")" = "$sum" ] || { echo "$node has others"; return 1; }
	done
}

@test "a node that joins is tuned, recorded and published" {
	[ "$(get_setting $fresh_node)" = 1 ]
	run ! on $fresh_node ls $records
	run master gnt-node add --no-ssh-key-check $fresh_node.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	[ "$(get_setting $fresh_node)" = 0 ]
	# shellcheck disable=SC2086
	same_records $cluster_nodes $fresh_node
	record_of $fresh_node node2 | grep -qx "node: \"$fresh_node.lab.test\""
}

@test "its guests can come and go at once" {
	need_guest inst1 node1
	run migrate inst1 $fresh_node
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 $fresh_node
	run migrate inst1 node3
	refused_by $fresh_node $feature
	remove_guest inst1
}

@test "a node that leaves: its record goes" {
	run master gnt-node remove $fresh_node.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	local node
	for node in $cluster_nodes; do run ! on "$node" ls $records/$fresh_node.lab.test.yaml; done
	# shellcheck disable=SC2086
	same_records $cluster_nodes
}

@test "a node that comes back with another CPU is recorded anew" {
	master gnt-node modify --offline=yes node3.lab.test
	make_whole node3
	publish
	run master gnt-tune cpu compare node2.lab.test node3.lab.test
	[ "$status" -eq 4 ]
	run master gnt-node modify -f --offline=no node3.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	run master gnt-tune cpu compare node2.lab.test node3.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	make_lesser node3
	publish
	# shellcheck disable=SC2086
	same_records $cluster_nodes
}
