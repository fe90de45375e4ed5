# Nodes that join and leave.
load cluster

@test "a node that joins is tuned, without a further command" {
	[ "$(get_setting $fresh_node)" = 1 ]
	master gnt-node add --no-ssh-key-check $fresh_node.lab.test
	[ "$(get_setting $fresh_node)" = 0 ]
}

@test "a node that leaves" {
	master gnt-node remove $fresh_node.lab.test
}
