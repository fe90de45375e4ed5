# gnt-instance add: which cpu_type a new guest gets.
load cluster

# cpu_type_of NAME: the configured one.
cpu_type_of() {
	master gnt-instance list --no-headers -o hv/cpu_type "$1.lab.test"
}

has_cpu_type() {
	[ "$(cpu_type_of "$1")" = "$2" ]
}

use_cpu_type() {
	use_policy node1 "cpu: {type: \"$1\"}"
}

teardown() {
	on node1 umount /var/lib/ganeti-tune 2>/dev/null || :
	on node2 umount /var/lib 2>/dev/null || :
	use_policy node1
	remove_guest inst5 >/dev/null 2>&1 || :
}

@test "a new cluster has the policy's cpu_type as its default: the first start runs it" {
	[[ "$(master gnt-cluster info)" == *"cpu_type: $host_cpu"* ]]
	add_guest inst5 node2 default
	[ "$(cpu_option inst5 node2)" = "$host_cpu" ]
	[ "$(cpu_type_of inst5)" = "$host_cpu" ]
}

@test "the post hook gives a new guest the policy's cpu_type, and the next start runs it" {
	use_cpu_type kvm64
	add_guest inst5 node2 default
	lab_wait 60 "the job of the hook" has_cpu_type inst5 kvm64
	[ "$(cpu_option inst5 node2)" != kvm64 ]
	master gnt-instance reboot --shutdown-timeout=0 inst5.lab.test
	[ "$(cpu_option inst5 node2)" = kvm64 ]
	runs_on inst5 node2
}

@test "a cpu_type that was chosen is kept" {
	use_cpu_type kvm64
	add_guest inst5 node2 kvm32
	[ "$(master gnt-job list --no-headers -o summary | tail -n 1)" = "INSTANCE_CREATE(inst5.lab.test)" ]
	[ "$(cpu_type_of inst5)" = kvm32 ]
	[ "$(cpu_option inst5 node2)" = kvm32 ]
}

@test "baseline: what all nodes can give" {
	use_cpu_type baseline
	add_guest inst5 node2 default
	has_baseline() {
		[[ "$(cpu_type_of inst5)" == host*,-$feature* ]]
	}
	lab_wait 60 "the job of the hook" has_baseline
}

@test "the disk of the master is full: the guest is made, and gets its cpu_type" {
	use_cpu_type kvm64
	on node1 mount -t tmpfs -o size=4k,nr_inodes=2 full /var/lib/ganeti-tune
	add_guest inst5 node1 default
	lab_wait 60 "the job of the hook" has_cpu_type inst5 kvm64
	runs_on inst5 node1
}

@test "/var/lib of its node is read-only: the guest is made, and gets its cpu_type" {
	use_cpu_type kvm64
	on node2 sh -c 'mount --bind /var/lib /var/lib && mount -o remount,bind,ro /var/lib'
	add_guest inst5 node2 default
	lab_wait 60 "the job of the hook" has_cpu_type inst5 kvm64
	runs_on inst5 node2
}
