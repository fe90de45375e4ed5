# The network of a node and its peers, in namespaces of this test's own, under the running kernel: node1, which is
# tuned, has its secondary IP on a bridge over one end of a veth; node2 and node3 are at the other.
load kernel

nodes=()

setup() {
	needs_root
	needs unshare nsenter ip
	unshare -nmu true 2>/dev/null || skip "namespaces are not permitted"
	start_node node1
	start_node node2
	start_node node3
	on node1 ip link add v0 type veth peer name v1 netns "${nodes[1]}" || skip "no veth in this kernel"
	on node1 ip link add br0 type bridge || skip "no bridge in this kernel"
	on node1 ip link add p0 type veth peer name p1 netns "${nodes[1]}"
	on node2 ip link add hub type bridge
	on node2 ip link add v2 type veth peer name v3 netns "${nodes[2]}"
	join_cluster
	use_mtu 9000 60
}

# use_mtu MTU DEADLINE: a peer that does not follow costs all of the deadline, in seconds, one that does nothing of it.
use_mtu() {
	policy "links: [{match: replication, mtu: $1}]
links-deadline: $2"
}

teardown() {
	local pid
	for pid in "${nodes[@]}"; do kill "$pid" 2>/dev/null || true; done
}

# start_node NAME: a process that holds its namespaces; what gnt-tune writes and reads is its own.
start_node() {
	unshare -nmu --propagation private sh -c "echo $1 >/proc/sys/kernel/hostname &&
		mount -t sysfs none /sys && mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
		ip link set lo up && mkdir /var/lib/ganeti && touch /run/ready && exec sleep 300" 3>&- &
	nodes+=($!)
	wait_until 60 on "$1" test -e /run/ready
}

# on NODE COMMAND...
on() {
	nsenter -t "${nodes[${1#node} - 1]}" -n -m -u "${@:2}"
}

# node2 passes on what node3 gets, so it has its own address on a bridge, too.
join_cluster() {
	local number
	on node1 ip link set v0 master br0
	on node2 ip link set v1 master hub
	on node2 ip link set v2 master hub
	on node1 ip addr add 192.0.2.1/24 dev br0
	on node2 ip addr add 192.0.2.2/24 dev hub
	on node3 ip addr add 192.0.2.3/24 dev v3
	on node1 ip addr add fd00::1/64 dev br0 nodad
	on node2 ip addr add fd00::2/64 dev hub nodad
	on node1 ip addr add 198.51.100.1/24 dev p0
	on node2 ip addr add 198.51.100.2/24 dev p1
	for number in "1 v0" "1 br0" "1 p0" "2 v1" "2 v2" "2 hub" "2 p1" "3 v3"; do
		on "node${number% *}" ip link set "${number#* }" up
	done
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2'
	ssconf node_primary_ips 'node1 198.51.100.1' 'node2 198.51.100.2'
}

# ssconf NAME LINE...: of node1.
ssconf() {
	printf '%s\n' "${@:2}" | on node1 tee "/var/lib/ganeti/ssconf_$1" >/dev/null
}

node1_does() {
	on node1 "$gnt_tune" "$1" "${@:2}"
}

apply_it() {
	node1_does apply --policy "$policy" "$@"
}

# start_apply: on node1, in the background; its process is $applying, what it prints is in $words.
start_apply() {
	words=$BATS_TEST_TMPDIR/words
	(exec nsenter -t "${nodes[0]}" -n -m -u "$gnt_tune" apply --policy "$policy" >"$words" 2>&1 3>&-) &
	applying=$!
}

mtu_of() {
	on "$1" cat "/sys/class/net/$2/mtu"
}

# mtus V0 BR0: what node1 has now.
mtus() {
	[ "$(mtu_of node1 v0) $(mtu_of node1 br0)" = "$1 $2" ] ||
		{ echo "v0 and br0 have $(mtu_of node1 v0) $(mtu_of node1 br0)"; return 1; }
}

# node2_follows MTU: sets it on node2 once node1 has it, as an administrator would.
node2_follows() {
	(wait_until 60 has_mtu "$1" && set_node2_mtu "$1") 3>&- &
}

set_node2_mtu() {
	on node2 sh -c "ip link set v1 mtu $1; ip link set v2 mtu $1; ip link set hub mtu $1"
}

has_mtu() {
	[ "$(mtu_of node1 v0)" -eq "$1" ]
}

@test "MTU: the whole stack, once the peer follows; and back" {
	fails_with 4 on node1 "$gnt_tune" plan --policy "$policy" --no-headers
	[ "$(awk '{ print $2 }' <<<"$output")" = $'v0\nbr0' ]
	node2_follows 9000
	fails_with 0 apply_it
	mtus 9000 9000
	fails_with 0 node1_does verify --policy "$policy"
	node2_follows 1500
	fails_with 0 node1_does revert
	mtus 1500 1500
	# The bridge's MTU was not set, so it still follows its port.
	on node1 ip link set v0 mtu 1400
	mtus 1400 1400
}

@test "MTU: a peer that does not follow, and the old value is back" {
	use_mtu 9000 3
	fails_with 1 apply_it
	says "link.mtu of v0: refused: put back: packets of 9000 bytes are not answered unfragmented by node2 (192.0.2.2)"
	mtus 1500 1500
	fails_with 0 node1_does revert
}

@test "MTU: one of two peers does not follow" {
	use_mtu 9000 3
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node3 192.0.2.3'
	set_node2_mtu 9000
	fails_with 1 apply_it
	says "by node3 (192.0.2.3)"
	[[ "$stderr" != *node2* ]]
	mtus 1500 1500
}

@test "MTU: killed in the middle, the old value returns by itself, before the deadline" {
	use_mtu 9000 600
	start_apply
	wait_until 60 mtus 9000 9000
	kill -9 $applying
	wait_until 60 mtus 1500 1500
	fails_with 0 node1_does revert
	mtus 1500 1500
}

# own_process: of a name space and process numbers, the one that is in it.
own_process() {
	local space pid
	read -r space
	while read -r pid; do
		[ "$(readlink "/proc/$pid/ns/net")" != "$space" ] || echo "$pid"
	done
}

@test "MTU: held up beyond the deadline, the old value returns by itself" {
	local guard
	use_mtu 9000 3
	start_apply
	wait_until 60 mtus 9000 9000
	# The guard has a session of its own, so signals to our group do not reach it.
	guard=$(on node1 sh -c 'readlink /proc/self/ns/net; pgrep -x gnt-tune-guard' | xargs -n 1 | own_process)
	[ "$(awk '{ print $6 }' "/proc/$guard/stat")" -eq "$guard" ]
	kill -STOP $applying
	wait_until 60 mtus 1500 1500
	on node2 sh -c 'ip link set v1 mtu 9000; ip link set hub mtu 9000'
	kill -CONT $applying
	wait_until 60 grep -q refused "$words"
	mtus 1500 1500
}

@test "MTU: the guard is killed, and the old value is back all the same" {
	local guard
	use_mtu 9000 3
	start_apply
	wait_until 60 mtus 9000 9000
	guard=$(on node1 sh -c 'readlink /proc/self/ns/net; pgrep -x gnt-tune-guard' | xargs -n 1 | own_process)
	kill -9 "$guard"
	wait_until 60 grep -q "refused: put back" "$words"
	mtus 1500 1500
}

@test "MTU: made right by somebody else while the lock was waited for, it is not put back" {
	local lock=/run/ganeti-tune/lock holder
	on node1 mkdir -p ${lock%/*}
	(exec nsenter -t "${nodes[0]}" -m flock --no-fork $lock sleep 600 3>&-) &
	holder=$!
	wait_until 60 fails on node1 flock -n $lock true
	start_apply
	wait_until 60 has_lock_open $applying
	on node1 ip link set v0 mtu 9000
	kill $holder
	wait $applying || cat "$words"
	grep -q "2 settings: 2 same" "$words"
	mtus 9000 9000
}

@test "MTU: four bytes more are taken by a peer of 1500, and do not pass for its MTU" {
	use_mtu 1504 2
	fails_with 1 apply_it
	says "packets of 1504 bytes are not answered unfragmented"
	mtus 1500 1500
}

@test "MTU: not lowered while the peer sends larger packets" {
	on node1 ip link set v0 mtu 9000
	on node2 sh -c 'ip link set v1 mtu 9000; ip link set v2 mtu 9000'
	use_mtu 1500 2
	fails_with 1 apply_it
	says "packets of more than 1500 bytes still come from node2"
	mtus 9000 9000
	use_mtu 1500 60
	node2_follows 1500
	fails_with 0 apply_it
	mtus 1500 1500
}

@test "MTU: a silent peer is named and left out; where all are silent, nothing is done" {
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node4 192.0.2.4'
	node2_follows 9000
	fails_with 0 apply_it
	says "changed: not asked, as silent before: node4 (192.0.2.4)"
	node2_follows 1500
	fails_with 0 node1_does revert
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node4 192.0.2.4'
	fails_with 1 apply_it
	says "unknown: no peer answers (node4 (192.0.2.4)), so nothing could be verified"
	mtus 1500 1500
	ssconf offline_nodes node4
	fails_with 0 apply_it
	mtus 9000 9000
}

@test "MTU: a node that does not know its peers yet takes nothing for proven" {
	on node1 sh -c 'rm /var/lib/ganeti/ssconf_*'
	fails_with 1 on node1 env GANETI_NODE_NAME=node1 GANETI_NODE_SIP=192.0.2.1 \
		GANETI_NODE_PIP=198.51.100.1 "$gnt_tune" apply --policy "$policy"
	says "unknown: no list of its nodes from the cluster yet, so nothing could be verified"
	mtus 1500 1500
}

@test "MTU: what may not be written has not changed, whoever is silent" {
	needs setpriv
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node4 192.0.2.4'
	fails_with 0 on node1 setpriv --bounding-set -net_admin "$gnt_tune" apply --policy "$policy"
	says "link.mtu of v0: not-permitted: sys/class/net/v0/mtu: Operation not permitted"
	mtus 1500 1500
}

@test "MTU: one network for all, and a silent peer in it does not make the others silent" {
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node4 192.0.2.4'
	ssconf node_primary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node4 192.0.2.4'
	policy 'links: [{match: [replication, primary], mtu: 9000}]
links-deadline: 60'
	node2_follows 9000
	fails_with 0 apply_it
	says "changed: not asked, as silent before: node4 (192.0.2.4)"
	[[ "$stderr" != *"(192.0.2.4), node4"* ]]
	mtus 9000 9000
}

@test "MTU: both networks on one stack, and a silent peer in the first" {
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node4 192.0.2.4'
	ssconf node_primary_ips 'node1 fd00::1' 'node2 fd00::2'
	policy 'links: [{match: [replication, primary], mtu: 9000}]
links-deadline: 60'
	node2_follows 9000
	fails_with 0 apply_it
	mtus 9000 9000
}

@test "MTU: a peer that no route leads to is as silent as one that is down" {
	ssconf node_secondary_ips 'node1 192.0.2.1' 'node2 192.0.2.2' 'node5 203.0.113.5'
	node2_follows 9000
	fails_with 0 apply_it
	says "changed: not asked, as silent before: node5 (203.0.113.5)"
	mtus 9000 9000
	on node1 ip route add prohibit 203.0.113.0/24
	node2_follows 1500
	fails_with 0 node1_does revert
	mtus 1500 1500
}

@test "MTU: the same over IPv6" {
	ssconf node_secondary_ips 'node1 fd00::1' 'node2 fd00::2'
	use_mtu 9000 3
	fails_with 1 apply_it
	says "by node2 (fd00::2)"
	mtus 1500 1500
	use_mtu 9000 60
	node2_follows 9000
	fails_with 0 apply_it
	mtus 9000 9000
}

@test "addresses with a label are found, as ifupdown gives one to those of br0:1" {
	on node1 ip addr del 192.0.2.1/24 dev br0
	on node1 ip addr add 192.0.2.1/24 dev br0 label br0:1
	on node1 ip addr del 198.51.100.1/24 dev p0
	on node1 ip addr add 198.51.100.1/24 dev p0 label p0:cluster
	fails_with 4 on node1 "$gnt_tune" plan --policy "$policy" --no-headers
	[ "$(awk '{ print $2 }' <<<"$output")" = $'v0\nbr0' ]
	policy 'links: [{match: "p?", mtu: 9000}]'
	fails_with 1 apply_it
	says "refused: carries the node's primary IP"
}

@test "MTU: the interface of the primary IP only when it is meant, and guarded" {
	policy 'links: [{match: "p?", mtu: 9000}]'
	fails_with 1 apply_it
	says "refused: carries the node's primary IP"
	[ "$(mtu_of node1 p0)" -eq 1500 ]
	policy 'links: [{match: primary, mtu: 9000}]
links-deadline: 2'
	fails_with 1 apply_it
	says "by node2 (198.51.100.2)"
	[ "$(mtu_of node1 p0)" -eq 1500 ]
	on node2 ip link set p1 mtu 9000
	fails_with 0 apply_it
	[ "$(mtu_of node1 p0)" -eq 9000 ]
}

@test "MTU: what the device cannot, in the kernel's words" {
	on node1 ip link add x0 type bridge
	policy 'links: [{match: x0, mtu: 60}]'
	fails_with 1 apply_it
	says "link.mtu of x0: refused: sys/class/net/x0/mtu: mtu less than device minimum: Invalid argument"
}

@test "MTU: a VLAN is not made larger than what is below it" {
	on node1 ip link add link v0 name v0.7 type vlan id 7 2>/dev/null || skip "no VLANs in this kernel"
	policy 'links: [{match: v0.7, mtu: 9000}]'
	fails_with 1 apply_it
	says "v0 below it stays at 1500"
}

@test "a bridge of guests keeps its MTU, and so do their taps" {
	on node1 ip tuntap add tap0 mode tap || skip "no tap in this kernel"
	on node1 ip link set tap0 master br0
	fails_with 1 apply_it
	says "link.mtu of br0: refused: guests are on it"
	[[ "$output$stderr" != *tap0* ]]
	[ "$(mtu_of node1 br0)" -eq 1500 ]
	fails_with 0 node1_does revert
	policy 'links: [{match: tap, mtu: 9000}]'
	fails_with 1 apply_it
	says "link.mtu of tap0: refused: a running tap keeps its MTU"
}

# features OF: all that ethtool shows of an interface of node1.
features() {
	on node1 ethtool -k "$1"
}

@test "offloads: set, verified, set once, and restored bit by bit" {
	needs ethtool
	local before records
	on node1 ethtool -K v0 tx-tcp-mangleid-segmentation off tx-gso-list off rx-gro-list on || skip "another veth"
	before=$(features v0)
	policy 'links: [{match: v0, feature/tso: off, feature/sg: off, feature/gso: off, feature/gro: on,
		feature/tx-sctp-segmentation: off}]'
	fails_with 4 on node1 "$gnt_tune" plan --policy "$policy"
	fails_with 0 apply_it
	features v0 >"$BATS_TEST_TMPDIR/set"
	grep -q '^tcp-segmentation-offload: off' "$BATS_TEST_TMPDIR/set"
	grep -q '^scatter-gather: off' "$BATS_TEST_TMPDIR/set"
	grep -q '^generic-receive-offload: on' "$BATS_TEST_TMPDIR/set"
	grep -q 'tx-sctp-segmentation: off' "$BATS_TEST_TMPDIR/set"
	fails_with 0 node1_does verify --policy "$policy"
	records=$(on node1 sha256sum /run/ganeti-tune/journal)
	fails_with 0 apply_it
	[ "$records" = "$(on node1 sha256sum /run/ganeti-tune/journal)" ]
	fails_with 0 node1_does revert
	diff <(echo "$before") <(features v0)
}

@test "offloads: on again, what needs another waits for it" {
	needs ethtool
	on node1 ethtool -K v0 tx off sg off tso off gso off
	# In the order of the policy the first of them cannot be switched on yet.
	policy 'links: [{match: v0, feature/tx-tcp-segmentation: on, feature/tx-generic-segmentation: on,
		feature/tx-scatter-gather: on, feature/tx-checksum-ip-generic: on}]'
	fails_with 0 apply_it
	fails_with 0 node1_does verify --policy "$policy"
	fails_with 0 node1_does revert
	features v0 >"$BATS_TEST_TMPDIR/set"
	grep -q '^tcp-segmentation-offload: off' "$BATS_TEST_TMPDIR/set"
	grep -q '^tx-checksumming: off' "$BATS_TEST_TMPDIR/set"
}

@test "features that are fixed or missing are no fault" {
	policy 'links: [{match: v0, feature/lro: on, feature/no-such-one: on, ring/rx: max}]'
	fails_with 0 apply_it
	fails_with 0 on node1 "$gnt_tune" plan --policy "$policy" --no-headers -o param,verdict
	diff <(awk '{ print $1, $2 }' <<<"$output") - <<-END
		ethtool.feature/lro absent
		ethtool.feature/no-such-one absent
		ethtool.ring/rx absent
	END
}

@test "the length of a queue, set and put back" {
	policy 'links: [{match: [replication, port], tx_queue_len: 500}]'
	fails_with 0 apply_it
	[ "$(on node1 cat /sys/class/net/v0/tx_queue_len)" -eq 500 ]
	fails_with 0 node1_does revert
	[ "$(on node1 cat /sys/class/net/v0/tx_queue_len)" -eq 1000 ]
}

@test "the default policy: LRO is off on a port, and that is all it looks at" {
	policy "$(cat "$TUNE_SRCDIR/examples/default.yaml")"
	run on node1 "$gnt_tune" plan --policy "$policy" -v --no-headers -o param,object,verdict
	[ "$(awk '/^(link|ethtool)/ { print $1, $2, $3 }' <<<"$output")" = "ethtool.feature/lro v0 same" ]
}

# A veth has no rings; where this host has a card with them, they are only read.
@test "rings: as ethtool shows them" {
	needs ethtool
	local link current most
	for link in /sys/class/net/*; do
		link=${link##*/}
		read -r most current < <(ethtool -g "$link" 2>/dev/null | awk '/^RX:/ { printf "%s ", $2 }') || true
		[[ "$current" =~ ^[1-9][0-9]*$ ]] || continue
		policy "links: [{match: $link, ring/rx: max}]"
		run "$gnt_tune" plan --policy "$policy" -v --no-headers -o have,want
		[ "$(awk 'NR == 1 { print $1, $2 }' <<<"$output")" = "$current $most" ]
		return
	done
	skip "no interface of this host has rings"
}
