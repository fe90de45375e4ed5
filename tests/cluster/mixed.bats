# Nodes of two releases in one cluster, with real guests: node1 and node2 are Debian 12, node3 and node4 are 13, each with the
# QEMU of its release.  `make check-mixed`: scenarios.sh says which release a node has.
load cluster

# Both QEMUs have it; a guest that gets none is started as the newest of its node's QEMU.
common_machine=pc-i440fx-7.2

# check_migrate INSTANCE NODE: what is told beforehand, as `run` does it.
check_migrate() {
	run master gnt-tune cluster check-migrate "$1" "$2"
	echo "$output"
}

# use_machine NAME MACHINE: from its next start, which is now.
use_machine() {
	master gnt-instance modify -H "machine_version=$2" "$1.lab.test"
	master gnt-instance reboot --shutdown-timeout=0 "$1.lab.test"
}

# machine_option NAME NODE: the machine that the QEMU there was started with.
machine_option() {
	# shellcheck disable=SC2016
	on "$2" sh -c 'tr "\0" "\n" <"/proc/$(cat "/run/ganeti/kvm-hypervisor/pid/$1.lab.test")/cmdline" |
		grep -A1 -x -e -machine | tail -n 1' - "$1"
}

@test "nodes have the QEMU of their release, and one Ganeti" {
	[[ "$(on node1 qemu-system-x86_64 --version)" == *"version 7.2."* ]]
	[[ "$(on node3 qemu-system-x86_64 --version)" == *"version 10.0."* ]]
	[ "$(on node1 gnt-cluster --version | sed 's/.*) //')" = "$(on node3 gnt-cluster --version | sed 's/.*) //')" ]
}

@test "publish: every node has the records of both releases; cluster verify names what the nodes do not share" {
	publish
	for node in $cluster_nodes; do
		[ "$(on "$node" sh -c "cat $records/*.yaml | grep -c '^node:'")" -eq 3 ]
	done
	run master gnt-tune cluster verify
	echo "$output"
	[[ "$output" == *"kvm:machine_version"*"node1.lab.test has QEMU 7.2."*" and node3.lab.test 10.0."* ]]
}

@test "matrix and tags: 12 to 13 is a one-way door" {
	run -0 master gnt-tune cpu matrix
	echo "$output"
	[[ "$output" == *"class 1: node1.lab.test, node2.lab.test"*"class 2: node3.lab.test"* ]]
	run master gnt-tune cpu tags
	echo "$output"
	[ "$(grep -c htools:allowmigration <<<"$output")" -eq 1 ]
	old=$(sed -n 's/.*node1.lab.test *//p' <<<"$output")
	new=$(sed -n 's/.*node3.lab.test *//p' <<<"$output")
	[[ "$output" == *"htools:allowmigration:$old::$new"* ]]
}

# moves INSTANCE FROM TO: the gate permits it beforehand, and it is done.
moves() {
	check_migrate "$1" "$3"
	[ "$status" -eq 0 ]
	run migrate "$1" "$3"
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on "$1" "$3"
}

# stays INSTANCE FROM TO TEXT: the gate says so beforehand, and refuses.
stays() {
	check_migrate "$1" "$3"
	[ "$status" -eq 4 ]
	[[ "$output" == *"$4"* ]]
	run migrate "$1" "$3"
	echo "$output"
	refused_by "$2" "$4"
	runs_on "$1" "$2"
}

@test "a guest of 12 with all of its CPU gains features on 13; that it is one way is told beforehand" {
	need_guest inst1 node1
	[ "$(machine_option inst1 node1)" = $common_machine ]
	check_migrate inst1 node3
	[[ "$output" == *"one way: it gains "*" and cannot go to node1.lab.test,node2.lab.test any more"* ]]
	moves inst1 node1 node3
	stays inst1 node3 node1 "which node1.lab.test cannot give"
	remove_guest inst1
}

@test "a guest of 12 with a named model goes to 13 and back; the gate warns of the older QEMU" {
	need_guest inst2 node1 kvm64
	[ "$(machine_option inst2 node1)" = $common_machine ]
	moves inst2 node1 node3
	check_migrate inst2 node1
	[[ "$output" == *"hint:qemu 10.0."*"->7.2."*" with $common_machine, which may behave differently there"* ]]
	moves inst2 node3 node1
	remove_guest inst2
}

@test "a guest that was started on 13 is a machine that 12 has not" {
	need_guest inst2 node3 kvm64
	[ "$(machine_option inst2 node3)" = pc-i440fx-10.0 ]
	stays inst2 node3 node1 "machine pc-i440fx-10.0"
}

@test "with a named machine version, it goes both ways" {
	use_machine inst2 $common_machine
	[ "$(machine_option inst2 node3)" = $common_machine ]
	moves inst2 node3 node1
	moves inst2 node1 node3
	moves inst2 node3 node2
	remove_guest inst2
}

@test "with an alias for its machine, a guest goes neither way: QEMU would not take it" {
	for way in "node1 node3" "node3 node1"; do
		need_guest inst2 "${way% *}" kvm64
		use_machine inst2 pc
		[ "$(machine_option inst2 "${way% *}")" = pc ]
		stays inst2 "${way% *}" "${way#* }" "machine pc=pc-i440fx-"
		remove_guest inst2
	done
}

@test "what baseline advises starts on every node" {
	run -0 master gnt-tune cpu baseline --no-headers --separator='|'
	echo "$output"
	model=$(sed -n 's/^model|[^|]*|//p' <<<"$output")
	[ -n "$model" ]
	for node in $cluster_nodes; do
		add_guest inst3 "$node" "$model"
		runs_on inst3 "$node"
		remove_guest inst3
	done
}

# make_old NODE: all nodes have a record of it as an older ganeti-tune makes them, which knows no names of QEMU's.
make_old() {
	local node
	for node in $cluster_nodes; do
		on "$node" sed -i '/^\(properties\|models\|options\|aliases\|host\|basis\): /d; s/^format: .*/format: 1/' "$records/$1.lab.test.yaml"
	done
}

@test "records of two formats: the gate says the same, and goes on where ganeti-tune is upgraded node by node" {
	local upgraded="" node old
	for node in $cluster_nodes; do make_old "$node"; done
	need_guest inst1 node1
	need_guest inst2 node3 kvm64
	for node in none $cluster_nodes; do
		upgraded="$upgraded $node"
		if [ "$node" != none ]; then
			publish
			for old in $cluster_nodes; do [[ "$upgraded " == *" $old "* ]] || make_old "$old"; done
		fi
		check_migrate inst1 node2
		[ "$status" -eq 0 ]
		check_migrate inst1 node3
		[ "$status" -eq 0 ]
		check_migrate inst2 node1
		[ "$status" -eq 4 ]
		[[ "$output" == *"machine pc-i440fx-10.0"* ]]
		run master gnt-tune cluster verify
		for old in $cluster_nodes; do
			[ "$(grep -c "^$old\.lab\.test record .*is of format 1" <<<"$output")" -eq "$([[ "$upgraded " == *" $old "* ]]; echo $?)" ]
		done
	done
	moves inst1 node1 node2
	remove_guest inst1
	remove_guest inst2
}

@test "a node leaves as 12 and comes back as 13 while its guest lives elsewhere" {
	need_guest inst2 node2 kvm64
	moves inst2 node2 node1
	run -0 master gnt-node remove node2.lab.test
	run ! on node1 ls $records/node2.lab.test.yaml
	lab_reinstall node2 13
	use_policy node2
	[[ "$(on node2 qemu-system-x86_64 --version)" == *"version 10.0."* ]]
	run master gnt-node add --no-ssh-key-check node2.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$(record_of node2 node3)" == *'qemu: "10.0.'* ]]
	run -0 master gnt-tune cpu matrix
	[[ "$output" == *"class 1: node1.lab.test"$'\n'*"class 2: node2.lab.test, node3.lab.test"* ]]
	moves inst2 node1 node2
	moves inst2 node2 node3
	moves inst2 node3 node1
	remove_guest inst2
}

@test "a node of 13 joins, and is recorded and published as the others" {
	run master gnt-node add --no-ssh-key-check $fresh_node.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	record_of $fresh_node node1 | grep -qx "node: \"$fresh_node.lab.test\""
	need_guest inst1 node2
	run migrate inst1 $fresh_node
	[ "$status" -eq 0 ]
	cluster_nodes="$cluster_nodes $fresh_node"
	runs_on inst1 $fresh_node
	remove_guest inst1
}
