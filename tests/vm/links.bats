# The replication network of a node as it is in the field, a VLAN on a bond of two cards: which interfaces gnt-tune
# finds, and the guard of its MTU.  Between the nodes is a switch that takes 9000 bytes, unless a test says otherwise.
load machines

replication=(eth1 eth2 bond0 bond0.100)

setup_file() {
	[ -z "$LACKING" ] || return 0
	# Without a cluster, what Ganeti would have written.
	on node1 test -e /var/lib/ganeti/ssconf_node_secondary_ips || in_node node1 be_in_cluster
	in_node node1 add_bridge
	use_policy node1 <<-'END'
		links: [{match: replication, mtu: 9000}]
		links-deadline: 10
	END
}

teardown_file() {
	[ -n "$LACKING" ] || in_node node1 remove_bridge
}

teardown() {
	[ -z "$LACKING" ] || return 0
	all_have 1500
	switch_port node2 9000
	on node1 rm -f /run/ganeti-tune/journal
}

be_in_cluster() {
	printf 'node%d.lab.test 198.51.100.1%d\n' 1 1 2 2 >/var/lib/ganeti/ssconf_node_secondary_ips
	printf 'node%d.lab.test 192.0.2.1%d\n' 1 1 2 2 >/var/lib/ganeti/ssconf_node_primary_ips
	printf 'node1.lab.test\nnode2.lab.test\n' >/var/lib/ganeti/ssconf_node_list
}

# Of guests, on another VLAN of the same bond.
add_bridge() {
	ip link add link bond0 name bond0.200 type vlan id 200
	ip link add br200 type bridge
	ip link set bond0.200 master br200
	ip link set bond0.200 up
	ip link set br200 up
}

remove_bridge() {
	ip link del br200
	ip link del bond0.200
	rm -f /etc/ganeti/tune.yaml
}

# set_mtu MTU: of all below a node's secondary IP; a bond tells its cards.
set_mtu() {
	ip link set bond0 mtu "$1"
	ip link set bond0.100 mtu "$1"
}

# all_have MTU: both nodes, from now on.
all_have() {
	in_node node1 set_mtu "$1"
	in_node node2 set_mtu "$1"
}

# node2_follows MTU: sets it on node2 once node1 has it on the whole stack.
node2_follows() {
	(in_node node1 wait_for_mtu "$1" "${replication[@]}" && in_node node2 set_mtu "$1") 3>&- &
}

# wait_for_mtu MTU INTERFACE...: until all of them have it.
wait_for_mtu() {
	local mtu=$1
	cd /sys/class/net || return
	shift
	# shellcheck disable=SC2016
	timeout 60 sh -c 'until [ "$(sort -u "$@")" = "$0" ]; do sleep 0.05; done' "$mtu" "${@/%//mtu}"
}

# switch_port NODE MTU: what the switch takes to and from it.
switch_port() {
	in_hub ip link set "$1.1" mtu "$2"
	in_hub ip link set "$1.2" mtu "$2"
}

# mtus MTU: all of the replication network have it; what else there is has 1500.
mtus() {
	local found
	found=$(on node1 sh -c 'cd /sys/class/net; for i; do printf "%s " "$(cat $i/mtu)"; done' - "${replication[@]}" eth0 br0)
	[ "$found" = "$1 $1 $1 $1 1500 1500 " ] || { echo "${replication[*]} eth0 br0 have $found"; return 1; }
}

@test "the replication network is the VLAN, the bond and its cards, from the bottom up" {
	fails_with 4 on node1 gnt-tune plan --no-headers -o object
	[ "$(xargs <<<"$output")" = "${replication[*]}" ]
}

@test "each kind of interface is known for what it is" {
	local row
	for row in "primary:eth0" "physical:eth0 eth1 eth2" "bond:bond0" "vlan:bond0.100 bond0.200" "port:bond0.200" \
		"bridge:br0 br200"; do
		echo "links: [{match: [${row%%:*}], tx_queue_len: 77}]" | put - /tmp/links.yaml node1
		fails_with 4 on node1 gnt-tune plan --policy /tmp/links.yaml --no-headers -v -o object
		[ "$(xargs <<<"$output")" = "${row#*:}" ] || { echo "$row: $output"; return 1; }
	done
}

# shown INTERFACE...: all that ethtool shows of them, and the queue.
shown() {
	local name
	for name; do
		ethtool -g "$name" 2>/dev/null || :
		ethtool -k "$name"
		cat "/sys/class/net/$name/tx_queue_len"
	done
}

@test "rings, offloads and queue of cards below a bond: applied, verified, and put back to the last bit" {
	local before
	echo 'links: [{match: replication, tx_queue_len: 2000, feature/gro: off}, {match: [physical, replication], ring/rx: 128, ring/tx: 64, feature/tso: off}]' |
		put - /tmp/links.yaml node1
	before=$(in_node node1 shown "${replication[@]}" eth0)
	fails_with 0 on node1 gnt-tune apply --policy /tmp/links.yaml
	fails_with 0 on node1 gnt-tune verify --policy /tmp/links.yaml
	diff <(in_node node1 shown eth1 | grep -E '^(RX|TX):|^(generic-receive|tcp-segmentation)-offload|^[0-9]' | xargs) - <<-'END'
		RX: 256 TX: 256 RX: 128 TX: 64 tcp-segmentation-offload: off generic-receive-offload: off 2000
	END
	fails_with 0 on node1 gnt-tune revert
	diff <(in_node node1 shown "${replication[@]}" eth0) <(echo "$before")
}

@test "udev's rule: an interface of the node that appears is tuned, not one of a guest" {
	local found
	on node1 ip tuntap add dev tap0 mode tap
	on node1 ip tuntap add dev guest mode tap
	found=$(in_node node1 wanting add /sys/class/net/{lo,tap0,guest,br0,eth1,bond0,bond0.100})
	on node1 ip link del tap0
	on node1 ip link del guest
	[ "$found" = "bond0 bond0.100 br0 eth1" ] || { echo "$found"; return 1; }
}

@test "MTU: the whole stack once the peer follows, and back" {
	node2_follows 9000
	fails_with 0 on node1 gnt-tune apply
	mtus 9000
	fails_with 0 on node1 gnt-tune verify
	node2_follows 1500
	fails_with 0 on node1 gnt-tune revert
	mtus 1500
}

@test "MTU: a peer that does not follow, and the old one is back on the whole stack" {
	fails_with 1 on node1 gnt-tune apply
	says "put back: packets of 9000 bytes are not answered unfragmented by node2.lab.test (198.51.100.12)"
	mtus 1500
}

@test "MTU: a switch that does not follow" {
	switch_port node2 1500
	in_node node2 set_mtu 9000
	fails_with 1 on node1 gnt-tune apply
	says "put back: packets of 9000 bytes are not answered unfragmented by node2.lab.test"
	mtus 1500
}

# is_answered SIZE: a packet of that size, not to be cut, is answered by node2; this is what ping -M do shows.
is_answered() {
	python3 - "$1" <<-'PYTHON'
		import socket, struct, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
		s.setsockopt(socket.IPPROTO_IP, 10, 3)  # IP_MTU_DISCOVER, IP_PMTUDISC_PROBE
		s.settimeout(3)
		s.connect(("198.51.100.12", 0))
		data = bytes(int(sys.argv[1]) - 28)
		s.send(struct.pack("!BBHHH", 8, 0, 0xf7ff - 1, 0, 1) + data)
		while s.recv(65535)[20] != 0:
		    pass
	PYTHON
}

@test "MTU: a probe that passes by the four bytes of a VLAN tag fools nobody" {
	switch_port node2 1500
	in_node node1 set_mtu 1504
	in_node node1 is_answered 1504
	in_node node1 set_mtu 1505
	run in_node node1 is_answered 1505
	[ "$status" -ne 0 ]
	in_node node1 set_mtu 1500
	echo '{links: [{match: replication, mtu: 1504}], links-deadline: 10}' | put - /tmp/links.yaml node1
	fails_with 1 on node1 gnt-tune apply --policy /tmp/links.yaml
	says "put back: packets of 1504 bytes are not answered unfragmented by node2.lab.test"
	mtus 1500
}
