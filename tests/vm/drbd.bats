# A cluster of two nodes whose instance lies on DRBD: what Ganeti does with its devices, and what gnt-tune and the hooks
# make of them.  The hypervisor is Ganeti's "fake".  One test builds on the one before.
load machines

instance=inst1.lab.test

# What the policy below means, for a link of 1 Gb/s: 122070 KiB/s, 20 KiB/s for a buffer.
wanted="al-extents=3389 c-max-rate=122070 c-min-rate=24414 max-buffers=6104 max-epoch-size=6104"
gantis="al-extents=1237 c-max-rate=61440 c-min-rate=4096 max-buffers=2048 max-epoch-size=2048"

setup_file() {
	[ -z "$LACKING" ] || return 0
	# A network card of a virtual machine does not tell its speed.
	use_policy node1 node2 <<-'END'
		drbd:
		  link: 1G
		  net/max-buffers: auto
		  net/max-epoch-size: auto
		  disk/c-max-rate: auto
		  disk/c-min-rate: auto
		  disk/c-fill-target: auto
		  disk/al-extents: 3389
	END
	on node1 gnt-cluster getmaster >/dev/null 2>&1 || lab_make_cluster >"$GNT_LAB/log/cluster" 2>&1
}

teardown_file() {
	[ -z "$LACKING" ] || return 0
	on node1 gnt-instance remove -f --shutdown-timeout=0 $instance >&2 </dev/null
}

# options NODE MINOR: what DRBD itself shows of what the policy speaks of, on one line.
options() {
	on "$1" drbdsetup show "$2" --show-defaults |
		sed -nE 's/^\s+(max-buffers|max-epoch-size|al-extents|c-max-rate|c-min-rate)\s+([0-9]+)k?;.*/\1=\2/p' |
		sort | xargs
}

# have OPTIONS: both nodes.
have() {
	local node
	for node in node1 node2; do
		[ "$(options $node 0)" = "$1" ] || { echo "$node: $(options $node 0)"; return 1; }
	done
}

@test "a new instance: its post hook tunes the device on both nodes" {
	fails_with 0 on node1 gnt-instance add -t drbd --disk 0:size=256M -o halt -n node1.lab.test:node2.lab.test \
		--no-name-check --no-ip-check -H fake -B memory=32M $instance
	[[ "$output" != *WARNING* ]]
	have "$wanted"
}

@test "gnt-tune drbd names instance, disk, roles and what bounds a resync" {
	fails_with 0 on node1 gnt-tune drbd --no-headers --separator '|' \
		-o minor,instance,disk,role,connection,state,ceiling,limit
	[ "$output" = "drbd0|$instance|0|Primary/Secondary|Connected|UpToDate/UpToDate|122070|c-max-rate" ]
	fails_with 0 on node2 gnt-tune drbd --no-headers --separator '|' -o minor,instance,disk,role,connection
	[ "$output" = "drbd0|$instance|0|Secondary/Primary|Connected" ]
}
