# Functions of the scenarios for the cluster of lab.bash: guests, records, refusals.  Each file loads it.
# shellcheck disable=SC2154 # bats sets $status and $output
[ -z "${BATS_VERSION-}" ] || bats_require_minimum_version 1.5.0
. "${BASH_SOURCE[0]%/*}/lab.bash"

records=/var/lib/ganeti-tune/nodes
# The feature that a lesser KVM does not give: every CPU has it, kvm64 does not need it, and no guest here uses it.
feature=lahf-lm
# Older QEMUs cannot start "host" on an AMD host whose KVM offers this bit.
host_cpu='host,-arch-capabilities'

setting=net.ipv4.tcp_slow_start_after_idle
# node1 is the master; node3 gives guests one feature less than the others; node4 is in no cluster yet.
cluster_nodes="node1 node2 node3"
fresh_node=node4

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
}

# use_policy NODE [LINE...]: what all nodes have, and these lines.
use_policy()
{
	printf '%s\n' "sysctl: {$setting: 0}" "${@:2}" | put - /etc/ganeti/tune.yaml "$1"
}

# master COMMAND...: what an administrator types.
master()
{
	on "$(cat "$GNT_LAB/run/master")" "$@" </dev/null
}

# move_master NODE: where it is from now on.
move_master()
{
	echo "$1" >"$GNT_LAB/run/master"
}

# escaped TEXT: as Ganeti takes it after -H.
escaped()
{
	echo "${1//,/\\,}"
}

# add_guest NAME NODE [CPU_TYPE]: with "default", with what the cluster gives.
add_guest()
{
	local type=(-H "kvm:cpu_type=$(escaped "${3-$host_cpu}")")
	[ "${3-}" != default ] || type=()
	master gnt-instance add -t sharedfile --disk 0:size=16M -o halt -n "$2.lab.test" --no-name-check \
		--no-ip-check --no-wait-for-sync --net 0:link=br0 \
		"${type[@]}" -B memory=32M,vcpus=1 "$1.lab.test"
}

# need_guest NAME NODE [CPU_TYPE]: it runs there with that; made or moved where it has to be.
need_guest()
{
	if [ "$(cpu_option "$1" "$2")" = "${3-$host_cpu}" ]; then return; fi
	remove_guest "$1" >/dev/null 2>&1 || :
	add_guest "$@"
}

remove_guest()
{
	master gnt-instance remove -f --shutdown-timeout=0 "$1.lab.test"
}

# migrate NAME NODE [OPTION...]
migrate()
{
	master gnt-instance migrate -f -n "$2.lab.test" "${@:3}" "$1.lab.test"
}

# cpu_option NAME NODE: what the QEMU there was started with; empty when there is none.
cpu_option()
{
	# shellcheck disable=SC2016
	on "$2" sh -c 'tr "\0" "\n" <"/proc/$(cat "/run/ganeti/kvm-hypervisor/pid/$1.lab.test")/cmdline" |
		grep -x -A1 -e -cpu | tail -n 1' - "$1" 2>/dev/null || :
}

# ask_guest NAME NODE PROPERTY: one word of its QEMU: status, or whether its CPU has a feature.
ask_guest()
{
	on "$2" python3 - "/run/ganeti/kvm-hypervisor/ctrl/$1.lab.test.qmp" "$3" <<-'PYTHON'
		import json, socket, sys
		connection = socket.socket(socket.AF_UNIX)
		connection.connect(sys.argv[1])
		stream = connection.makefile("rw")
		def ask(command, **arguments):
		    print(json.dumps({"execute": command, "arguments": arguments}), file=stream, flush=True)
		    while True:
		        answer = json.loads(stream.readline())
		        if "event" not in answer:
		            return answer["return"]
		json.loads(stream.readline())
		ask("qmp_capabilities")
		if sys.argv[2] == "status":
		    print(ask("query-status")["status"])
		else:
		    cpu = ask("query-cpus-fast")[0]["qom-path"]
		    print("yes" if ask("qom-get", path=cpu, property=sys.argv[2]) else "no")
	PYTHON
}

# runs_on NAME NODE: as Ganeti and QEMU say, with all that it had.
runs_on()
{
	local node
	[ "$(master gnt-instance list --no-headers -o pnode,status "$1.lab.test" | xargs)" = "$2.lab.test running" ] ||
		{ master gnt-instance list; return 1; }
	for node in $cluster_nodes; do
		if [ "$node" = "$2" ]; then continue; fi
		[ -z "$(cpu_option "$1" "$node")" ] || { echo "a QEMU of $1 is on $node as well"; return 1; }
	done
	[ "$(ask_guest "$1" "$2" status)" = running ]
}

# refused_by NODE TEXT...: the command that was `run` failed and shows the line of that node.
refused_by()
{
	local node=$1 text
	shift
	[ "$status" -eq 1 ] || { echo "exit status $status: $output"; return 1; }
	for text in "instance-migrate-pre.d/50-tune" "tune: $node.lab.test: " "$@"; do
		[[ "$output" == *"$text"* ]] || { echo "'$text' is missing in: $output"; return 1; }
	done
}

# verify_cluster: as `run` does it.
verify_cluster()
{
	# Not every kernel has /proc/sysrq-trigger, which Ganeti wants.
	run master gnt-cluster verify --ignore-errors=ENODESETUP
	echo "$output"
}

get_setting()
{
	on "$1" sysctl -n $setting
}

# preload_kvm NODE LIBRARY [FLAG]: all programs of the node meet a KVM that was built with this flag.
preload_kvm()
{
	[ -e "$GNT_LAB/run/$2" ] ||
		"${CC-cc}" -D_GNU_SOURCE -O1 -shared -fPIC ${3:+"$3"} -o "$GNT_LAB/run/$2" "$lab_here/lesser-kvm.c" || return
	put - /etc/ld.so.preload "$1" <<<"/run/lab/$2"
}

# make_lesser NODE, make_whole NODE: its KVM gives guests one feature less, and again all it has.  What is published
# of the node is as before.
make_lesser()
{
	preload_kvm "$1" lesser-kvm.so
}

# make_hang NODE: its KVM does not answer any more; make_whole ends that.
make_hang()
{
	preload_kvm "$1" hanging-kvm.so -DHANGS
}

make_whole()
{
	on "$1" rm /etc/ld.so.preload
}

# publish: what no hook does without being asked.
publish()
{
	master gnt-tune cpu publish
}

# record_of NODE WHERE: as the node WHERE has it.
record_of()
{
	on "$2" cat "$records/$1.lab.test.yaml"
}
