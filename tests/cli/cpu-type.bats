# The CPU type of new guests: what the hooks on the master submit.  gnt-instance and gnt-cluster of the
# machine write down their arguments, one in a line.
load helper

recorded=$TUNE_SRCDIR/tests/hook-env
instance_add=$(program hooks/instance-add-post)
cluster_init=$(program hooks/cluster-init-post)
make_record=$(program tests/unit/make-record)
path=/sbin:/bin:/usr/sbin:/usr/bin
master=(GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PHASE=post GANETI_DATA_DIR=/var/lib/ganeti
	GANETI_MASTER=node1.example.com)

setup() {
	make_host drbd-sata
	make_quiet_master node{1..3}.example.com
	cluster_has qemu64
	make_stub gnt-instance
	make_stub gnt-cluster
	use_instance_add
}

cluster_has() {
	set_value var/lib/ganeti/ssconf_hvparams_kvm "$(printf 'acpi=True\nkernel_args=ro a=b\ncpu_type=%s\ncpu_mask=all' "$1")"
}

# make_stub NAME [COMMAND]: writes down its arguments, then COMMAND.
make_stub() {
	set_value "usr/sbin/$1" "#!/bin/sh
printf '%s\n' ${1@Q} \"\$@\" >>${host@Q}/said
${2-echo JobID: 4711}"
	chmod 755 "$host/usr/sbin/$1"
}

use_instance_add() {
	hook=$instance_add environment=("${master[@]}" GANETI_HOOKS_PATH=instance-add
		GANETI_INSTANCE_NAME=inst1.example.com GANETI_INSTANCE_HYPERVISOR=kvm
		GANETI_INSTANCE_HV_cpu_type=qemu64 GANETI_INSTANCE_TAGS= "$@")
}

use_cluster_init() {
	hook=$cluster_init environment=("${master[@]}" GANETI_HOOKS_PATH=cluster-init "$@")
}

use_node_add() {
	hook=$node_add environment=("${master[@]}" GANETI_HOOKS_PATH=node-add
		GANETI_NODE_NAME=node2.example.com GANETI_NODE_PIP=192.0.2.12 "$@")
}

use_recorded() {
	mapfile -t environment <"$recorded/$1.env"
	set_value proc/sys/kernel/hostname "$2"
	make_quiet_master node{1..3}.lab.test
	rm -f "$host/var/lib/ganeti/ssconf_node_list"
}

# with OPTION...: as Ganeti would.
with() {
	env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" \
		"${environment[@]}" "$hook" --root "$host" "$@" </dev/null
}

# submits WORD...: the hook is silent, and these words and no others were said.
submits() {
	rm -f "$host/said"
	fails_with 0 with
	[ -z "$output$stderr" ]
	diff <(printf '%s\n' "$@") "$host/said"
}

submits_nothing() {
	rm -f "$host/said"
	fails_with 0 with
	[ -z "$output$stderr" ]
	[ ! -e "$host/said" ]
}

# complains TEXT...: status 1 and one line of ASCII that holds them.
complains() {
	fails_with 1 with
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "tune: node1.example.com: "* ]]
	[ "${#output}" -lt 1100 ]
	[ -z "$(tr -d '\040-\176' <<<"$output")" ]
	[ -z "$stderr" ]
	says "$@"
}

publish() {
	mkdir -p "$host/var/lib/ganeti-tune/nodes"
	"$make_record" "$1" "$2" >"$host/var/lib/ganeti-tune/nodes/$1.yaml"
}

@test "a new guest gets the type of the policy, its commas escaped" {
	use_policy - <<<'cpu: {type: host}'
	submits gnt-instance modify --submit -H cpu_type=host inst1.example.com
	use_policy - <<<'cpu: {type: "host,-rtm,host-phys-bits-limit=46"}'
	submits gnt-instance modify --submit -H 'cpu_type=host\,-rtm\,host-phys-bits-limit=46' inst1.example.com
	use_policy - <<<'cpu: {type: Westmere}'
	submits gnt-instance modify --submit -H cpu_type=Westmere inst1.example.com
}

@test "the cluster's own default may be anything, or nothing" {
	local type
	use_policy - <<<'cpu: {type: host}'
	for type in "" "host,-rtm" Westmere; do
		cluster_has "$type"
		use_instance_add GANETI_INSTANCE_HV_cpu_type="$type"
		submits gnt-instance modify --submit -H cpu_type=host inst1.example.com
	done
	# QEMU's default, given or not.
	cluster_has ""
	use_instance_add GANETI_INSTANCE_HV_cpu_type=qemu64
	submits gnt-instance modify --submit -H cpu_type=host inst1.example.com
}

@test "with the environments of a real cluster" {
	use_policy - <<<'cpu: {type: host, cluster-default: yes}'
	use_recorded OP_INSTANCE_CREATE.post.instance-add.node1 node1.lab.test
	submits gnt-instance modify --submit -H cpu_type=host inst3.lab.test
	use_recorded OP_INSTANCE_CREATE.post.instance-add.node2 node2.lab.test
	submits_nothing
	use_recorded drbd-OP_INSTANCE_CREATE.post.instance-add.node1 node1.lab.test
	submits_nothing
	hook=$cluster_init
	use_recorded OP_CLUSTER_POST_INIT.post.cluster-init.node1 node1.lab.test
	submits gnt-cluster modify --submit -H kvm:cpu_type=host
	hook=$node_add
	use_recorded OP_NODE_ADD.post.node-add.node1 node1.lab.test
	submits gnt-cluster modify --submit -H kvm:cpu_type=host
	use_recorded OP_NODE_ADD.post.node-add.node2 node2.lab.test
	submits_nothing
}

@test "nothing to do: as wanted, keep, no policy" {
	local policy
	for policy in '{}' 'cpu: {}' 'cpu: {type: keep, cluster-default: yes}' 'cpu: {type: qemu64, cluster-default: yes}'; do
		use_policy - <<<"$policy"
		use_instance_add
		submits_nothing
		use_cluster_init
		submits_nothing
		use_node_add
		submits_nothing
	done
}

@test "only the master, and not by hand" {
	use_policy - <<<'cpu: {type: host, cluster-default: yes}'
	use_instance_add GANETI_MASTER=node2.example.com
	submits_nothing
	use_cluster_init GANETI_MASTER=node2.example.com
	submits_nothing
	use_node_add GANETI_MASTER=node2.example.com
	submits_nothing
	environment=()
	for hook in "$instance_add" "$cluster_init" "$node_add"; do
		submits_nothing
	done
}

@test "another hypervisor's guests have no CPU type" {
	use_policy - <<<'cpu: {type: host}'
	use_instance_add GANETI_INSTANCE_HYPERVISOR=xen-pvm
	submits_nothing
	use_instance_add GANETI_INSTANCE_HYPERVISOR=
	submits_nothing
}

@test "a type that was chosen for a guest is kept" {
	use_policy - <<<'cpu: {type: host}'
	use_instance_add GANETI_INSTANCE_HV_cpu_type=Westmere,-aes
	submits_nothing
	cluster_has host
	use_instance_add GANETI_INSTANCE_HV_cpu_type=qemu64
	submits_nothing
	# Also when the policy's type is not known.
	use_policy - <<<'cpu: {type: baseline}'
	submits_nothing
}

@test "the tag tune:cpu-type:keep" {
	use_policy - <<<'cpu: {type: host}'
	use_instance_add GANETI_INSTANCE_TAGS="a tune:cpu-type:keep b"
	submits_nothing
	use_instance_add GANETI_INSTANCE_TAGS="tune:cpu-type:keeper xtune:cpu-type:keep tune:cpu-type"
	submits gnt-instance modify --submit -H cpu_type=host inst1.example.com
}

@test "the cluster's default, when the policy says so" {
	use_policy - <<<'cpu: {type: "host,-rtm", cluster-default: yes}'
	use_cluster_init
	submits gnt-cluster modify --submit -H 'kvm:cpu_type=host\,-rtm'
	use_node_add
	submits gnt-cluster modify --submit -H 'kvm:cpu_type=host\,-rtm'
	cluster_has host,-rtm
	submits_nothing
	use_policy - <<<'cpu: {type: host}'
	submits_nothing
	use_cluster_init
	submits_nothing
}

@test "the baseline of all published records" {
	use_policy - <<<'cpu: {type: baseline, cluster-default: yes}'
	publish node1.example.com ""
	publish node2.example.com "-rtm -hle"
	complains "cpu.type baseline is not known: no CPU record of node3.example.com here"
	publish node3.example.com ""
	submits gnt-instance modify --submit -H 'cpu_type=host\,-hle\,-rtm' inst1.example.com
	use_cluster_init
	submits gnt-cluster modify --submit -H 'kvm:cpu_type=host\,-hle\,-rtm'
	set_value var/lib/ganeti-tune/nodes/node3.example.com.yaml "format: 1"
	complains "the record of node3.example.com"
	use_instance_add
	complains "the record of node3.example.com"
	rm -r "$host/var/lib/ganeti-tune"
	complains "cpu.type baseline is not known"
}

@test "a cluster whose default is not known" {
	use_policy - <<<'cpu: {type: host, cluster-default: yes}'
	rm "$host/var/lib/ganeti/ssconf_hvparams_kvm"
	complains "ssconf_hvparams_kvm"
	use_cluster_init
	complains "ssconf_hvparams_kvm"
	[ ! -e "$host/said" ]
}

@test "Ganeti's reason is in the line" {
	use_policy - <<<'cpu: {type: host, cluster-default: yes}'
	make_stub gnt-instance 'echo "This is not the master node" >&2; exit 1'
	complains "cpu_type of inst1.example.com stays qemu64" "gnt-instance" "status 1: This is not the master node"
	make_stub gnt-cluster 'echo out; exit 7'
	use_cluster_init
	complains "cpu_type of the cluster stays qemu64" "gnt-cluster" "status 7: out"
	rm "$host/usr/sbin/gnt-cluster"
	complains "gnt-cluster is not installed on this node"
	make_stub gnt-cluster 'printf "gr\303\274n\033[31m" >&2; exit 1'
	complains "status 1: gr??n?[31m"
}

@test "a gnt-instance that hangs is given up before Ganeti gives up the hook" {
	use_policy - <<<'cpu: {type: host}'
	make_stub gnt-instance 'sleep 600'
	complains "gnt-instance: no answer in time"
}

@test "a gnt-instance that hangs is given up before the hook's own deadline, so that the report names it" {
	use_policy - <<<'cpu: {type: host}'
	make_stub gnt-instance 'exec sleep 600'
	fails_with 1 with --deadline 5
	says "cpu_type of inst1.example.com stays qemu64: " "gnt-instance: no answer in time"
}

@test "node-add-post: tuning and the default do not depend on each other" {
	use_policy - <<<'{sysctl: {vm.swappiness: 10}, cpu: {type: host, cluster-default: yes}}'
	make_stub gnt-cluster 'echo no >&2; exit 1'
	use_node_add GANETI_NODE_NAME=node1.example.com
	complains "status 1: no"
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
	make_stub gnt-cluster
	use_policy - <<<'{attributes: {proc/sys/odd: 1}, cpu: {type: host, cluster-default: yes}}'
	mkdir -p "$host/proc/sys/odd"
	rm -f "$host/said"
	complains "proc/sys/odd"
	[ "$(head -1 "$host/said")" = gnt-cluster ]
	make_stub gnt-cluster 'echo no >&2; exit 1'
	complains "proc/sys/odd" "; cpu_type of the cluster stays qemu64: " "status 1: no"
}

@test "names that are not valid" {
	local name
	use_policy - <<<'cpu: {type: host}'
	for name in -x --help "" "a b" 'a"b' "a'b" $'a\nb' '$(id)' ../../etc "$(printf '%0300d' 1)" $'gr\xc3\xbcn'; do
		use_instance_add GANETI_INSTANCE_NAME="$name"
		complains "cannot be the name of an instance"
	done
	[ ! -e "$host/said" ]
}

@test "types that are not valid" {
	local type refusal
	for type in '-x' 'host -x' "host'" 'host\"' 'host\n-x' 'host\t' 'h\xf6st'; do
		# The policy refuses these at their place; the rest must be refused later.
		refusal="/etc/ganeti/tune.yaml:1:13: "
		[[ "$type" != *xf6* ]] || refusal="is not a CPU type"
		use_policy - <<<"cpu: {type: \"$type\", cluster-default: yes}"
		use_instance_add
		complains "$refusal"
		use_cluster_init
		complains "$refusal"
	done
	[ ! -e "$host/said" ]
}

@test "hostile values are compared, and go nowhere" {
	local type
	use_policy - <<<'cpu: {type: host}'
	for type in -x 'a b' $'a\nb' '"' "'"; do
		use_instance_add GANETI_INSTANCE_HV_cpu_type="$type"
		submits_nothing
	done
	use_instance_add GANETI_INSTANCE_TAGS=$'\n"\' -x'
	submits gnt-instance modify --submit -H cpu_type=host inst1.example.com
}

@test "--dry-run says what would be submitted" {
	use_policy - <<<'cpu: {type: host, cluster-default: yes}'
	fails_with 0 with --dry-run
	says "cpu_type of inst1.example.com: host, was qemu64: would be submitted"
	use_cluster_init
	fails_with 0 with --dry-run
	says "cpu_type of the cluster: host, was qemu64: would be submitted"
	[ ! -e "$host/said" ]
}
