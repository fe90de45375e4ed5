# gnt-tune cluster: all nodes and guests, seen from the master.
load cluster

# finds LINE...: verify shows each of them, as a pattern, and exits with 4.
finds() {
	local line
	run master gnt-tune cluster verify --no-headers --separator=:
	echo "$output"
	[ "$status" -eq 4 ]
	for line; do
		grep -q "^$line" <<<"$output" || { echo "'$line' is missing"; return 1; }
	done
}

@test "verify: a default that locks guests in" {
	master gnt-cluster modify -H "kvm:cpu_type=$(escaped "$host_cpu")"
	finds "-:kvm:cpu_type:is '$host_cpu', but guests that start on node1.lab.test cannot go to node3.lab.test"
	master gnt-cluster modify -H kvm:cpu_type=kvm64
}

@test "verify: nothing to say of a cluster that is as it should be" {
	need_guest inst1 node2
	on node1 gnt-tune apply
	run master gnt-tune cluster verify
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 nodes, 1 running guests: 0 findings"* ]]
}

@test "verify: drift, a stale record and a missing one, a hook that is off" {
	on node2 sysctl -q -w $setting=1
	make_lesser node2
	on node1 rm $records/node3.lab.test.yaml
	on node3 rm /etc/ganeti/hooks/cluster-verify-post.d/50-tune
	finds "node2.lab.test:settings:1 of 1 are not as wanted: $setting have 1 want 0" "node2.lab.test:record:.*$feature" \
		"node3.lab.test:record:" "node3.lab.test:.*cluster-verify-post"
	on node2 gnt-tune apply
	make_whole node2
	on node3 gnt-tune hooks enable
	publish
	run master gnt-tune cluster verify
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "verify: a guest that runs with another CPU than its own, and one that no node can take" {
	need_guest inst1 node2
	master gnt-instance modify -H cpu_type=kvm64 inst1.lab.test
	make_lesser node1
	publish
	finds ".*inst1.lab.test.*kvm64" ".*inst1.lab.test.*no other node"
	make_whole node1
	publish
	remove_guest inst1
}

@test "verify: a node that does not answer" {
	on node3 pkill -x sshd
	run master gnt-tune cluster verify --no-headers --separator=:
	on node3 /usr/sbin/sshd
	echo "$output"
	[ "$status" -ne 0 ]
	grep -q '^node3.lab.test:' <<<"$output"
}

@test "status: one screen" {
	need_guest inst1 node2
	run master gnt-tune cluster status
	echo "$output"
	[ "$status" -eq 0 ]
	local node
	for node in $cluster_nodes; do [[ "$output" == *"node.$node.lab.test"*"current record"* ]]; done
	[[ "$output" == *"1 run with cpu_type $host_cpu"* ]]
}

@test "check-migrate says what the gate will say, and moves nothing" {
	need_guest inst1 node2
	run master gnt-tune cluster check-migrate inst1 --no-headers --separator=:
	echo "$output"
	[ "$status" -eq 4 ]
	grep -qx 'inst1.lab.test:node1.lab.test:allowed:.*' <<<"$output"
	grep -q "^inst1.lab.test:node3.lab.test:refused:.*guest sees $feature which node3.lab.test cannot give" <<<"$output"
	run master gnt-tune cluster check-migrate inst1 node1
	[ "$status" -eq 0 ]
	runs_on inst1 node2
}

@test "it does not wait for a lock" {
	need_guest inst1 node2
	# It holds the lock of the node for longer than all of this takes, and is ended then.
	local job
	job=$(master gnt-debug delay --no-master -n node2.lab.test --submit --print-jobid 120)
	run master gnt-tune cluster verify
	[ "$status" -eq 0 ]
	run master gnt-tune cluster check-migrate inst1 node1
	[ "$status" -eq 0 ]
	[ "$(master gnt-job list --no-headers -o status "$job")" = running ]
	master gnt-job cancel --kill --yes-do-it "$job"
}

@test "hooks run: by hand, as Ganeti would" {
	need_guest inst1 node2
	run on node2 gnt-tune hooks run instance-migrate-pre INSTANCE_NAME=inst1.lab.test INSTANCE_HYPERVISOR=kvm \
		INSTANCE_HV_cpu_type="$host_cpu" INSTANCE_HV_kvm_path=/usr/bin/kvm OLD_PRIMARY=node2.lab.test \
		NEW_PRIMARY=node3.lab.test MASTER=node1.lab.test
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"guest sees $feature which node3.lab.test cannot give"* ]]
	remove_guest inst1
}

@test "upgrade: what it says of a step, the gate says of the migration" {
	need_guest inst1 node3
	run master gnt-tune cluster upgrade --like node1.lab.test --no-headers --separator='|' -o kind,object,both,forward,stuck,unknown
	echo "$output"
	[[ "$output" == *"done|node1.lab.test|-|-|-|-"* && "$output" == *"done|node2.lab.test|-|-|-|-"* ]]
	# It can go up, and not back to the lesser node as that is now.
	[[ "$output" == *"step|node3.lab.test|0|1|0|0"* ]]
	run migrate inst1 node2
	[ "$status" -eq 0 ]
	run migrate inst1 node3
	[ "$status" -ne 0 ]
	[[ "$output" == *"inst1.lab.test not migrated to node3.lab.test"* ]]
	remove_guest inst1
}
