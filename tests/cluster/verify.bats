# gnt-cluster verify: what the hooks have to say of each node.
load cluster

@test "clean, then one drifted setting named with its node, then clean" {
	on node1 gnt-tune apply
	verify_cluster
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	on node2 sysctl -q -w $setting=1
	verify_cluster
	[ "$status" -ne 0 ]
	[[ "$output" == *"Script cluster-verify-post.d/50-tune failed, output:"* ]]
	[[ "$output" == *"tune: node2.lab.test: 1 of 1 settings differ: $setting have 1 want 0; see gnt-tune verify"* ]]
	[[ "$output" != *"tune: node1"* && "$output" != *"tune: node3"* ]]
	on node2 gnt-tune apply
	verify_cluster
	[ "$status" -eq 0 ]
}

@test "a stale CPU record is named with its node" {
	make_lesser node2
	verify_cluster
	make_whole node2
	[ "$status" -ne 0 ]
	[[ "$output" == *"ERROR: node "*"Script cluster-verify-post.d/50-tune failed, output:"* ]]
	[[ "$output" == *"tune: node2.lab.test: its CPU record is stale: run gnt-tune cpu publish on the master"* ]]
	[[ "$output" != *"tune: node1"* && "$output" != *"tune: node3"* ]]
}

@test "a setting that a node does not have or permit is no fault" {
	put - /etc/ganeti/tune.yaml node3 <<-POLICY
		sysctl: {$setting: 0, net.ipv4.no_such_thing: 1, vm.swappiness: $(($(sysctl -n vm.swappiness) + 1))}
	POLICY
	verify_cluster
	use_policy node3
	[ "$status" -eq 0 ]
}
