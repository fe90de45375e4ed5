# A cluster of two nodes whose instance lies on DRBD: what Ganeti does with its devices, and what gnt-tune and the hooks
# make of them.  The hypervisor is Ganeti's "fake".  One test builds on the one before.
load machines
load minors

instance=inst1.lab.test minor=0

setup_file() {
	[ -z "$LACKING" ] || return 0
	use_policy node1 node2 <<<"$policy"
	on node1 gnt-cluster getmaster >/dev/null 2>&1 || lab_make_cluster >"$GNT_LAB/log/cluster" 2>&1
	# Of an earlier run on the same machines.
	on node1 gnt-instance remove -f --shutdown-timeout=0 $instance >/dev/null 2>&1 </dev/null || :
}

# As if somebody had forgotten something.
make_drift() {
	local port
	port=$(drbdsetup show 0 | sed -n 's/.*address.*:\([0-9]*\);/\1/p' | head -n 1)
	drbdsetup net-options "ipv4:198.51.100.12:$port" "ipv4:198.51.100.11:$port" --max-buffers=3000
	drbdsetup disk-options 0 --al-extents=1237
}
drifted="al-extents=1237 c-max-rate=122070 c-min-rate=24414 max-buffers=3000 max-epoch-size=6104"

# retuned_by OPERATION...: both nodes have forgotten something that Ganeti does not know of; after it they have it again.
retuned_by() {
	local node
	for node in node1 node2; do on "$node" drbdsetup disk-options 0 --al-extents=1237; done
	have "${wanted/3389/1237}" node1 node2
	fails_with 0 on node1 gnt-instance "$@"
	[[ "$output$stderr" != *WARNING* ]]
	have "$wanted" node1 node2
}

# verify_cluster STATUS: once more where a busy machine was too slow for Ganeti's RPC.
verify_cluster() {
	local turn
	for turn in 1 2 3; do
		run --separate-stderr on node1 gnt-cluster verify --ignore-errors=ENODESETUP </dev/null
		[[ "$output" == *"Communication failure"* ]] || break
	done
	echo "turn $turn: $output$stderr"
	[ "$status" -eq "$1" ]
}

@test "a new instance: its post hook tunes the device on both nodes" {
	fails_with 0 on node1 gnt-instance add -t drbd --disk 0:size=640M -o halt -n node1.lab.test:node2.lab.test \
		--no-name-check --no-ip-check -H fake -B memory=32M $instance
	[[ "$output" != *WARNING* ]]
	have "$wanted" node1 node2
}

@test "gnt-tune drbd names instance, disk, roles and what bounds a resync" {
	fails_with 0 on node1 gnt-tune drbd --no-headers --separator '|' \
		-o minor,instance,disk,role,connection,state,ceiling,limit
	[ "$output" = "drbd0|$instance|0|Primary/Secondary|Connected|UpToDate/UpToDate|122070|link" ]
	fails_with 0 on node2 gnt-tune drbd --no-headers --separator '|' -o minor,instance,disk,role,connection
	[ "$output" = "drbd0|$instance|0|Secondary/Primary|Connected" ]
}

@test "a cluster whose devices are as wanted is verified in silence" {
	verify_cluster 0
	[[ "$output" != *ERROR* ]]
}

@test "cluster-verify names the node whose device is not as its policy says" {
	in_node node2 make_drift
	have "$drifted" node2
	fails_with 4 on node2 gnt-tune plan --no-headers -o param,object,have,want
	diff <(awk '{ print $1, $2, $3, $4 }' <<<"$output") - <<-'END'
		drbd.net/max-buffers drbd0 3000 6104
		drbd.disk/al-extents drbd0 1237 3389
	END
	verify_cluster 1
	says "Script cluster-verify-post.d/" "node2.lab.test: 2 of " "drbd.net/max-buffers of drbd0" "drbd.disk/al-extents of drbd0"
	[[ "$output" != *"node1.lab.test: "*"settings differ"* ]]
}

# DRBD tells its peer c-max-rate and most of what else is about a resync: the node whose hook was the first has it on
# record, and the other found it done.
@test "apply, verify, and revert on both nodes puts back what Ganeti had left" {
	fails_with 0 on node2 gnt-tune apply
	have "$wanted" node1 node2
	fails_with 0 on node2 gnt-tune verify
	fails_with 0 on node2 gnt-tune revert
	[[ "$(options node2 0)" == *"max-buffers=2048"* ]]
	[[ "$(options node1 0)" == *"max-buffers=6104"* ]]
	fails_with 0 on node1 gnt-tune revert
	have "$ganetis" node1 node2
}

@test "stopped, its devices are gone; started, they have the options again" {
	fails_with 0 on node1 gnt-instance shutdown --timeout=0 $instance
	fails_with 0 on node1 gnt-tune drbd --no-headers
	[ -z "$output" ]
	fails_with 0 on node1 gnt-instance start $instance
	[[ "$output" != *WARNING* ]]
	have "$wanted" node1 node2
}

# Ganeti connects both sides anew for it, and DRBD forgets what the old connection was told.
@test "migrated, both sides have them again" {
	fails_with 0 on node1 gnt-instance migrate -f $instance
	[[ "$output$stderr" != *WARNING* ]]
	have "$wanted" node1 node2
	fails_with 0 on node2 gnt-tune drbd --no-headers --separator '|' -o instance,role
	[ "$output" = "$instance|Primary/Secondary" ]
}

@test "rebooted, in place and with its devices made anew" {
	retuned_by reboot $instance
	retuned_by reboot --type=full $instance
}

@test "failed over" {
	retuned_by failover -f $instance
	fails_with 0 on node1 gnt-tune drbd --no-headers --separator '|' -o instance,role
	[ "$output" = "$instance|Primary/Secondary" ]
}

@test "grown" {
	retuned_by grow-disk $instance 0 32M
	[ "$(on node2 cat /sys/block/drbd0/size)" -eq $((672 << 11)) ]
}

# On one that is not the master: there Ganeti does not run the hook.
@test "with its disk replaced on the secondary" {
	retuned_by replace-disks -s $instance
}

@test "modified: a new disk is tuned as well" {
	retuned_by modify --disk add:size=32M $instance
	[ "$(options node1 1)" = "$wanted" ]
	[ "$(options node2 1)" = "$wanted" ]
}
