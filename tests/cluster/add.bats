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
	use_policy node1
	remove_guest inst5 >/dev/null 2>&1 || :
}

@test "the post hook gives a new guest the policy's cpu_type, and the next start runs it" {
	use_cpu_type kvm64
	add_guest inst5 node2 default
	lab_wait 10 "the job of the hook" has_cpu_type inst5 kvm64
	[ "$(cpu_option inst5 node2)" != kvm64 ]
	master gnt-instance reboot --shutdown-timeout=0 inst5.lab.test
	[ "$(cpu_option inst5 node2)" = kvm64 ]
	runs_on inst5 node2
}

@test "a cpu_type that was chosen is kept" {
	use_cpu_type kvm64
	add_guest inst5 node2 "$host_cpu"
	[ -z "$(master gnt-job list --no-headers --running --pending)" ]
	[ "$(cpu_type_of inst5)" = "$host_cpu" ]
	[ "$(cpu_option inst5 node2)" = "$host_cpu" ]
}
