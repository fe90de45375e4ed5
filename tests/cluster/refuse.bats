# The gate refuses what it does not know; how it is switched off.
load cluster

@test "no record of the target: refused, until it is published" {
	need_guest inst1 node2
	on node2 rm $records/node1.lab.test.yaml
	run migrate inst1 node1
	echo "$output"
	refused_by node2 "no CPU record of node1.lab.test here, see gnt-tune cpu publish"
	runs_on inst1 node2
	publish
	run migrate inst1 node1
	[ "$status" -eq 0 ]
	runs_on inst1 node1
}

@test "a record that was cut short: refused" {
	need_guest inst1 node1
	on node1 sed -i '12,$d' $records/node2.lab.test.yaml
	run migrate inst1 node2
	publish
	echo "$output"
	refused_by node1 "$records/node2.lab.test.yaml"
	runs_on inst1 node1
}

@test "a record with more than the target can give now is refused by the target" {
	need_guest inst1 node2
	make_lesser node1
	run migrate inst1 node1
	make_whole node1
	echo "$output"
	refused_by node1 "its stale CPU record has $feature which node1.lab.test cannot give"
	[[ "$output" != *"tune: node2"* ]]
	runs_on inst1 node2
}

# hold_sockets NAME NODE: one client has them all until it is killed; QEMU answers one at a time.
hold_sockets() {
	on "$2" python3 -c '
import glob, socket, sys, time
held = []
for path in glob.glob("/run/ganeti/kvm-hypervisor/ctrl/%s.*" % sys.argv[1]):
    if path.endswith((".qmp", ".kvmd")):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].connect(path)
        held[-1].recv(1)
print(len(held), flush=True)
time.sleep(60)' "$1.lab.test" >"$BATS_TEST_TMPDIR/held" 3>&- &
	lab_wait 60 "holding the sockets" test -s "$BATS_TEST_TMPDIR/held"
}

@test "somebody else holds the guest's QMP sockets: refused, not waited for" {
	need_guest inst1 node2
	hold_sockets inst1 node2
	run migrate inst1 node1
	on node2 pkill -f 'time.sleep[(]60'
	wait
	echo "$output"
	refused_by node2 "the guest's CPU is not known"
	runs_on inst1 node2
	run migrate inst1 node1
	[ "$status" -eq 0 ]
	runs_on inst1 node1
}

@test "a hook that hangs is ended, and refuses" {
	need_guest inst1 node2
	make_hang node1
	run migrate inst1 node1
	make_whole node1
	echo "$output"
	refused_by node1 "instance-migrate-pre: timed out after 5 s"
	runs_on inst1 node2
}

@test "a policy that is a FIFO is not waited for: refused" {
	need_guest inst1 node2
	on node1 sh -c 'mv /etc/ganeti/tune.yaml /etc/ganeti/tune.good && mkfifo /etc/ganeti/tune.yaml'
	run migrate inst1 node1
	on node1 mv /etc/ganeti/tune.good /etc/ganeti/tune.yaml
	echo "$output"
	refused_by node1 "/etc/ganeti/tune.yaml: is not a regular file"
	runs_on inst1 node2
}

@test "a tag waives the gate for an instance" {
	need_guest inst1 node2
	master gnt-instance add-tags inst1.lab.test tune:cpu-gate:off
	run migrate inst1 node3
	master gnt-instance remove-tags inst1.lab.test tune:cpu-gate:off
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
	# Without the gate, the running guest has lost the feature.
	[ "$(ask_guest inst1 node3 $feature)" = no ]
	remove_guest inst1
}

@test "the policy switches the gate off" {
	need_guest inst1 node2
	local node
	for node in $cluster_nodes; do use_policy "$node" 'cpu: {gate: off}'; done
	run migrate inst1 node3
	for node in $cluster_nodes; do use_policy "$node"; done
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
	remove_guest inst1
}

@test "hooks that are switched off do not gate" {
	need_guest inst1 node2
	local node
	for node in $cluster_nodes; do on "$node" gnt-tune hooks disable instance-migrate-pre; done
	[ "$(on node2 gnt-tune hooks list --no-headers --separator=: -o hook,state | grep migrate-pre)" = instance-migrate-pre:disabled ]
	run migrate inst1 node3
	for node in $cluster_nodes; do on "$node" gnt-tune hooks enable; done
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
	run on node2 gnt-tune hooks list
	[ "$status" -eq 0 ]
	remove_guest inst1
}
