# The hooks, as Ganeti runs them: real gnt-* commands, real QEMU processes, three nodes.  node1 is the master;
# node3 gives guests one feature less than the others.
bats_require_minimum_version 1.5.0
here=${BATS_TEST_FILENAME%/*}
: "${TUNE_BUILDDIR:=$here/../../build}"
. "$here/lab.bash"
. "$here/cluster.bash"
setting=net.ipv4.tcp_slow_start_after_idle

setup_file() {
	LACKING=$(lab_why_not)
	export LACKING
	[ -z "$LACKING" ] || return 0
	lab_up "$TUNE_BUILDDIR"
	# shellcheck disable=SC2046
	put - /etc/ganeti/tune.yaml $(lab_nodes) <<<"sysctl: {$setting: 0}"
	lab_make_cluster >"$GNT_LAB/log/cluster" 2>&1
}

teardown_file() {
	lab_down
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
}

# need_guest NAME NODE [CPU_TYPE]: it runs there with that; made or moved where it has to be.
need_guest() {
	if [ "$(cpu_option "$1" "$2")" = "${3-$host_cpu}" ]; then return; fi
	remove_guest "$1" >/dev/null 2>&1 || :
	add_guest "$@"
}

need_records() {
	record node1
	record node2
	make_lesser node3
}

get_setting() {
	on "$1" sysctl -n $setting
}

verify_cluster() {
	# Not every kernel has /proc/sysrq-trigger, which Ganeti wants.
	run master gnt-cluster verify --ignore-errors=ENODESETUP
}

@test "a node that joins is tuned, without a further command" {
	[ "$(get_setting node1)" = 1 ]
	[ "$(get_setting node2)" = 0 ]
	[ "$(get_setting node3)" = 0 ]
}

@test "cluster-verify: clean, then one drifted setting named with its node, then clean" {
	on node1 gnt-tune apply
	verify_cluster
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	on node2 sysctl -q -w $setting=1
	verify_cluster
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"Script cluster-verify-post.d/50-tune failed, output:"* ]]
	[[ "$output" == *"tune: node2.lab.test: 1 of 1 settings differ: $setting have 1 want 0; see gnt-tune verify"* ]]
	[[ "$output" != *"tune: node1"* && "$output" != *"tune: node3"* ]]
	on node2 gnt-tune apply
	verify_cluster
	[ "$status" -eq 0 ]
}

@test "cluster-verify: what a node lacks, or does not permit, is no alarm" {
	put - /etc/ganeti/tune.yaml node3 <<-POLICY
		sysctl: {$setting: 0, net.ipv4.no_such_thing: 1, vm.swappiness: $(($(sysctl -n vm.swappiness) + 1))}
	POLICY
	verify_cluster
	put - /etc/ganeti/tune.yaml node3 <<<"sysctl: {$setting: 0}"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a guest of type host migrates between equal nodes" {
	need_records
	need_guest inst1 node1
	run migrate inst1 node2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *50-tune* ]]
	runs_on inst1 node2
	[ "$(cpu_option inst1 node2)" = "$host_cpu" ]
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
}

@test "to a lesser node it is refused, and runs on with all it has" {
	need_guest inst1 node2
	run migrate inst1 node3
	echo "$output"
	refused_by node2 "inst1.lab.test not migrated to node3.lab.test: guest sees $feature which node3.lab.test cannot give"
	runs_on inst1 node2
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
}

@test "a named model that both can run goes to the lesser node" {
	need_guest inst2 node2 kvm64
	run migrate inst2 node3
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst2 node3
	[ "$(ask_guest inst2 node3 $feature)" = no ]
}

@test "a one-way door: up is allowed, back is refused" {
	remove_guest inst1
	add_guest inst1 node3
	[ "$(ask_guest inst1 node3 $feature)" = no ]
	run migrate inst1 node2
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node2
	[ "$(ask_guest inst1 node2 $feature)" = yes ]
	run migrate inst1 node3
	refused_by node2 $feature
	runs_on inst1 node2
}

@test "no record of the target, or one cut short: refused" {
	need_guest inst1 node2
	on node1 cat $records/node1.lab.test.yaml >"$BATS_TEST_TMPDIR/good"
	local node
	for node in $(lab_nodes); do on "$node" rm $records/node1.lab.test.yaml; done
	run migrate inst1 node1
	echo "$output"
	refused_by node2 "no CPU record of node1.lab.test here, see gnt-tune cpu record"
	head -c 300 "$BATS_TEST_TMPDIR/good" >"$BATS_TEST_TMPDIR/record"
	publish node1
	run migrate inst1 node1
	echo "$output"
	refused_by node2 "$records/node1.lab.test.yaml"
	cp "$BATS_TEST_TMPDIR/good" "$BATS_TEST_TMPDIR/record"
	publish node1
	runs_on inst1 node2
}

@test "a promise that the target does not keep any more is refused by the target" {
	need_guest inst1 node2
	# As if a microcode had taken the bit away since the record was made: KVM does not give it now.
	edit_record node1 's/^basis: .*/basis: "0123456789abcdef"/'
	set_promise node1 on 0x7.0.ebx 16
	run migrate inst1 node1
	echo "$output"
	refused_by node1 "its stale CPU record promises" avx512f
	[[ "$output" != *"tune: node2"* ]]
	runs_on inst1 node2
	record node1
}

@test "--cleanup passes" {
	need_guest inst1 node2
	run master gnt-instance migrate -f --cleanup inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node2
}

@test "gnt-node migrate: one guest goes, the other is refused" {
	need_guest inst1 node2
	need_guest inst2 node2 kvm64
	run master gnt-node migrate -f -n node3.lab.test node2.lab.test
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"tune: node2.lab.test: inst1.lab.test not migrated to node3.lab.test"* ]]
	[[ "$output" == *"There were 1 errors during the node migration"* ]]
	runs_on inst1 node2
	runs_on inst2 node3
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
	lab_wait 5 "holding the sockets" test -s "$BATS_TEST_TMPDIR/held"
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
}

@test "a tag waives the gate for an instance" {
	need_guest inst1 node2
	master gnt-instance add-tags inst1.lab.test tune:cpu-gate:off
	run migrate inst1 node3
	master gnt-instance remove-tags inst1.lab.test tune:cpu-gate:off
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
	# This is what the gate is for: the running guest has lost it.
	[ "$(ask_guest inst1 node3 $feature)" = no ]
}

@test "a hook whose link is removed does not gate" {
	remove_guest inst1
	add_guest inst1 node2
	local node link=/etc/ganeti/hooks/instance-migrate-pre.d/50-tune target
	target=$(on node1 readlink $link)
	for node in $(lab_nodes); do on "$node" rm $link; done
	run migrate inst1 node3
	for node in $(lab_nodes); do on "$node" ln -s "$target" $link; done
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
}

@test "a failover is not gated: the guest starts anew" {
	remove_guest inst1
	add_guest inst1 node2
	run master gnt-instance failover -f --shutdown-timeout=0 -n node3.lab.test inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	runs_on inst1 node3
}

# node1 is the master, which knows what both nodes promise, and no guest.
@test "a guest that is down goes to a lesser node: Ganeti fails it over, by way of the migration's hooks" {
	remove_guest inst1
	add_guest inst1 node2
	master gnt-instance shutdown --timeout=0 inst1.lab.test
	put - /etc/ganeti/hooks/instance-migrate-pre.d/60-seen node1 <<<$'#!/bin/sh\nenv >/run/seen'
	on node1 chmod 755 /etc/ganeti/hooks/instance-migrate-pre.d/60-seen
	run master gnt-instance migrate -f --allow-failover -n node3.lab.test inst1.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	on node1 grep -x GANETI_INSTANCE_STATUS=down /run/seen
	[ "$(master gnt-instance list --no-headers -o pnode,status inst1.lab.test | xargs)" = "node3.lab.test ADMIN_down" ]
}
