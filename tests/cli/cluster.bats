# cluster verify, status and check-migrate: a master whose ssh leads to other machines below nodes/, where the real
# gnt-tune answers.  Files answer in place of KVM and of running QEMUs.
load helper

make_record=$(program tests/unit/make-record)
records=var/lib/ganeti-tune/nodes
kvm_state=var/run/ganeti/kvm-hypervisor

setup_file() {
	hooksexecdir=$(setting hooksexecdir)
	export hooksexecdir
}

# Three nodes of one kind that are as their policies say, and no guest.
setup() {
	make_host minimal
	make_master
	# shellcheck disable=SC2016 # expanded there
	make_program usr/sbin/gnt-instance 'cd "${0%/*}/../.." || exit' 'case "$*" in *hv/kvm_extra*) exec cat parameters ;; esac' 'cat instances'
	make_program usr/sbin/gnt-cluster true
	: >"$host/instances"
	: >"$host/parameters"
	cluster_has cpu_type=kvm64 machine_version= mem_path=
	make_ssh
	add_node node1 M Y
	add_node node2
	add_node node3
	publish
}

# shellcheck disable=SC2016 # expanded there
make_ssh() {
	make_program usr/bin/ssh \
		'for word; do node=$command command=$word; done' \
		"cd ${host@Q}/nodes/\${node#root@} || exit" \
		'if [ -e trouble ]; then . ./trouble; fi' \
		"PATH=${host@Q}/bin:\$PATH exec sh -c \"\$command\""
	make_program bin/gnt-tune \
		'case "$*" in' \
		'"cpu record") exec cat record ;;' \
		'"cpu record instance:"*) exec cat "sees-${3#instance:}" ;;' \
		'esac' \
		"LD_LIBRARY_PATH=${LD_LIBRARY_PATH@Q} ASAN_OPTIONS=${ASAN_OPTIONS@Q} exec ${gnt_tune@Q} \"\$@\" --root ."
}

# cluster_has NAME=VALUE...: KVM's parameters
cluster_has() {
	set_value var/lib/ganeti/ssconf_hvparams_kvm "$(printf '%s\n' "$@")"
}

# node NAME: where it is.  The master is one of them.
node() {
	echo "$host/nodes/$1.example.com"
}

# add_node NAME [ROLE MASTER OFFLINE]
add_node() {
	local root
	add_to_list "$1.example.com" "${2-C}" "${3-N}" "${4-N}"
	mkdir -p "$host/nodes"
	if [ "$1" = node1 ]; then
		ln -s .. "$(node node1)"
	else
		root=$host
		make_host minimal "node-$1"
		mv "$host" "$root/nodes/$1.example.com"
		host=$root
		mkdir -p "$(node "$1")/var/lib/ganeti"
		cp "$host"/var/lib/ganeti/ssconf_* "$(node "$1")/var/lib/ganeti/"
		echo "$1.example.com" >"$(node "$1")/proc/sys/kernel/hostname"
	fi
	set_policy "$1" 'sysctl: {vm.swappiness: 60}'
	"$make_record" "$1.example.com" "" >"$(node "$1")/record"
	add_hooks "$1"
}

# set_policy NODE YAML: and it is so.
set_policy() {
	mkdir -p "$(node "$1")/etc/ganeti"
	(umask 022 && cat >"$(node "$1")/etc/ganeti/tune.yaml") <<<"$2"
	"$gnt_tune" apply --root "$(node "$1")" >/dev/null 2>&1 || :
}

add_hooks() {
	local source program
	mkdir -p "$(node "$1")/$hooksexecdir"
	for source in "$TUNE_SRCDIR"/hooks/{*-{pre,post},instance-devices}.c; do
		program=$(node "$1")/$hooksexecdir/$(basename "$source" .c)
		printf '#!/bin/sh\n' >"$program"
		chmod 755 "$program"
	done
	"$gnt_tune" hooks enable --root "$(node "$1")" 2>/dev/null
}

# publish: all hold the records that the nodes would give.
publish() {
	local to from
	for to in "$host"/nodes/*; do
		mkdir -p "$to/$records"
		for from in "$host"/nodes/*; do cp "$from/record" "$to/$records/${from##*/}.yaml"; done
	done
}

# kind NODE CHANGES: another CPU, also on record.
kind() {
	"$make_record" "$1.example.com" "$2" >"$(node "$1")/record"
	publish
}

# add_guest NAME NODE TYPE [CONFIGURED TEMPLATE SECONDARY TAGS]: with all that its node has
n_guests=0
add_guest() {
	local root pid
	root=$(node "$2") pid=$((4711 + n_guests++))
	echo "$1.example.com|$2.example.com|${6-}|up|kvm|${5-sharedfile}|${7-}|${4-$3}" >>"$host/instances"
	mkdir -p "$root/$kvm_state/pid" "$root/proc/$pid"
	echo $pid >"$root/$kvm_state/pid/$1.example.com"
	printf '%s\0' /usr/bin/kvm -enable-kvm -name "$1.example.com" ${3:+-cpu "$3"} >"$root/proc/$pid/cmdline"
	cp "$root/record" "$root/sees-$1.example.com"
}

# has_rows PREFIX [A B TEXT]...: for each three a row that starts with PREFIX and them, and no other.
has_rows() {
	local prefix=$1 n=0
	shift
	while [ $# -gt 0 ]; do
		[[ $'\n'$output == *$'\n'"$prefix$1|$2|"*"$3"* ]] || { echo "'$prefix$1|$2|..$3' is missing in: $output"; return 1; }
		n=$((n + 1))
		shift 3
	done
	[ "$(wc -l <<<"$output")" -eq $n ] || { echo "more than $n rows: $output"; return 1; }
}

# finds NODE OBJECT TEXT...: of each of them one row, and there is no other.
finds() {
	fails_with 4 tune cluster verify --no-headers --separator='|' -o node,object,finding
	has_rows "" "$@"
}

finds_nothing() {
	fails_with 0 tune cluster verify
	[ -z "$output" ]
}

@test "verify: a cluster without findings, and it says so" {
	add_guest inst1 node2 host
	finds_nothing
	[ "$stderr" = "3 nodes, 1 running guests: 0 findings" ]
	fails_with 0 tune cluster verify --json
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin))' <<<"$output")" = "{'findings': []}" ]
}

@test "verify: settings that have drifted, and those nobody can read" {
	echo 1 >"$(node node2)/proc/sys/vm/swappiness"
	finds node2.example.com settings "1 of 1 are not as wanted: vm.swappiness have 1 want 60"
	set_policy node3 'sysctl: {vm.no_such: 1, vm.swappiness: 60}'
	finds node2.example.com settings "1 of 1 are not as wanted"
	set_policy node2 'sysctl: {vm.swappiness: x}'
	finds node2.example.com node "not known: its settings: /etc/ganeti/tune.yaml:1:25: "
}

@test "verify: a node that does not answer is a finding" {
	echo 'echo ssh: no route >&2; exit 255' >"$(node node2)/trouble"
	finds node2.example.com node "cannot be reached by ssh, see gnt-cluster verify: ssh: no route"
	echo 'exit 127' >"$(node node2)/trouble"
	finds node2.example.com node "has no gnt-tune: install ganeti-tune there"
	# shellcheck disable=SC2016 # expanded there
	echo 'PATH=; exec /bin/sh -c "$command"' >"$(node node2)/trouble"
	finds node2.example.com node "has no gnt-tune"
	# Of an older version, and one that dies in the middle.
	cat >"$(node node2)/trouble" <<-'END'
		mkdir -p bin
		printf '#!/bin/sh\necho "gnt-tune: cpu has no verb" >&2\nexit 2\n' >bin/gnt-tune
		chmod 755 bin/gnt-tune
		PATH=$PWD/bin:$PATH exec sh -c "$command"
	END
	fails_with 4 tune cluster verify -o node,object,finding --no-headers
	says "not known: its settings: cpu has no verb: it has another version of ganeti-tune" "not known: its CPU: " \
		"not known: its guests: "
	echo 'exit 0' >"$(node node2)/trouble"
	fails_with 4 tune cluster verify -o node,finding
	says "not known: its settings: no answer" "not known: its hooks: no answer" "not known: the records it holds: no answer" \
		"not known: its CPU: no answer" "not known: its guests: no answer"
}

@test "verify: what is offline was not asked, and that is a row" {
	add_node node4 O N Y
	publish
	echo 'touch asked' >"$(node node4)/trouble"
	finds node4.example.com node "is offline, and was not asked"
	[ ! -e "$(node node4)/asked" ]
}

@test "verify: hooks that Ganeti skips, but not those that are switched off" {
	"$gnt_tune" hooks disable --root "$(node node2)" node-add-post
	finds_nothing
	chmod 644 "$(node node3)/$hooksexecdir/instance-migrate-pre"
	finds node3.example.com hooks "instance-migrate-pre is broken: "
}

@test "verify: an LVM that would take a guest's volume group for the node's" {
	make_program bin/vgs 'if [ -e has-vg ]; then echo "  xenvg"; fi'
	make_program bin/lvmconfig 'cat filter'
	echo 'global_filter=["a|.*|"]' >"$(node node3)/filter"
	finds_nothing
	touch "$(node node3)/has-vg"
	finds node3.example.com LVM "would take a guest's volume group on DRBD or a loop device for the node's own"
	echo 'global_filter=["r|^/dev/drbd|"]' >"$(node node3)/filter"
	finds node3.example.com LVM "would take a guest's volume group on a loop device for the node's own"
	echo 'global_filter=["r|^/dev/drbd|", "r|^/dev/loop|"]' >"$(node node3)/filter"
	finds_nothing
	make_program bin/vgs 'exit 5'
	run --separate-stderr tune cluster verify
	says "not known: its LVM: vgs gives no answer"
}

@test "verify: records that are missing, cut short, stale, or not everywhere the same" {
	rm "$host/$records/node2.example.com.yaml"
	finds node2.example.com record "no CPU record of node2.example.com here" \
		node2.example.com records "differ from those of the master" node3.example.com records "differ from those of the master"
	publish
	head -c 300 "$(node node2)/record" >"$(node node2)/short"
	cp "$(node node2)/short" "$host/$records/node2.example.com.yaml"
	fails_with 4 tune cluster verify
	says "/$records/node2.example.com.yaml:" "gnt-tune cpu publish"
	publish
	"$make_record" node2.example.com "-rtm" >"$(node node2)/record"
	finds node2.example.com record "is stale, and has features that the node cannot give: lost:rtm"
	"$make_record" node2.example.com "+gfni" >"$(node node2)/record"
	finds node2.example.com record "is stale"
	publish
	rm "$(node node3)/$records/node2.example.com.yaml"
	finds node3.example.com records "differ from those of the master"
}

@test "verify: a guest that does not run as configured" {
	add_guest inst1 node2 host Westmere
	add_guest inst2 node2 "" ""
	finds node2.example.com inst1.example.com "runs with cpu_type 'host', configured is 'Westmere'"
	echo x >"$(node node2)/$kvm_state/pid/inst2.example.com"
	finds node2.example.com inst1.example.com "configured is" node2.example.com inst2.example.com "is not known: "
}

@test "verify: guests that no other node can take" {
	kind node2 "+gfni"
	add_guest inst1 node2 host
	add_guest inst2 node1 host
	add_guest inst3 node2 host,-gfni
	finds node2.example.com inst1.example.com "no other node can take it: node1.example.com: lost:gfni; node3.example.com: lost:gfni"
	# Nothing that it sees is lost: it was started when its node had less.
	cp "$(node node1)/record" "$(node node2)/sees-inst1.example.com"
	finds_nothing
	# What it sees is not told.
	rm "$(node node2)/sees-inst1.example.com"
	finds node2.example.com inst1.example.com "whether another node can take it is not known: cat: "
	kind node3 "+gfni"
	finds_nothing
}

@test "verify: where a CPU is not known, no guest can go, as the gate decides" {
	local name
	for name in node1 node2 node3; do sed -i '/^  msr.0x10a: /d' "$(node $name)/record"; done
	publish
	add_guest web1 node2 host
	finds node2.example.com web1.example.com "whether another node can take it is not known: node1.example.com: unknown:arch capabilities; node3.example.com: unknown:arch capabilities"
	set_policy node1 'cpu: {unknown: warn}'
	finds_nothing
}

@test "verify: a named model is asked what it has, and only where the records do not tell" {
	kind node2 "+gfni"
	add_guest inst1 node2 Westmere
	add_guest inst2 node1 Westmere
	cp "$(node node1)/record" "$(node node2)/sees-inst1.example.com"
	rm "$(node node1)/sees-inst2.example.com"
	finds_nothing
}

@test "verify: waivers count, by policy and by tag" {
	kind node2 "+flush-l1d"
	kind node1 "-flush-l1d"
	kind node3 "-flush-l1d"
	add_guest inst1 node2 host
	finds node2.example.com inst1.example.com "security:flush-l1d"
	sed -i 's/||host$/|tune:cpu-allow:security|host/' "$host/instances"
	finds_nothing
	sed -i 's/|tune:cpu-allow:security|host$/||host/' "$host/instances"
	set_policy node1 '{sysctl: {vm.swappiness: 60}, cpu: {allow: [security]}}'
	finds_nothing
}

@test "verify: a node that is no x86 machine is named, and its guests are not judged" {
	mkdir "$(node node2)/own"
	printf '#!/bin/sh\necho aarch64\n' >"$(node node2)/own/uname"
	chmod 755 "$(node node2)/own/uname"
	# shellcheck disable=SC2016 # expanded there
	echo 'PATH=$PWD/own:$PATH' >"$(node node2)/trouble"
	rm "$host"/nodes/*/"$records/node2.example.com.yaml"
	add_guest inst1 node2 host
	finds node2.example.com gate "is aarch64, and only CPUs of x86 are compared: no migration of its guests is checked"
	set_policy node1 'cpu: {gate: off}'
	finds_nothing
}

@test "verify: DRBD has one other node, and disks on one node have none" {
	kind node2 "+gfni"
	kind node3 "+gfni"
	add_guest inst1 node2 host host drbd node1.example.com
	add_guest inst2 node2 host host plain
	add_guest inst3 node2 host host drbd node3.example.com
	finds node2.example.com inst1.example.com "no other node can take it: node1.example.com: lost:gfni"
	sed -i 's/^\(node1.example.com|.|.|.\)|N/\1|Y/' "$host/list"
	finds node2.example.com inst1.example.com "cannot be moved: its secondary node1.example.com is offline, drained or not vm_capable"
}

@test "verify: a group of one node is one row" {
	sed -i '/^node2/s/default$/other/' "$host/list"
	add_guest inst1 node2 host
	add_guest inst2 node2 host
	finds node2.example.com other "its guests cannot be moved"
}

@test "verify: parameters that contradict something else" {
	local value
	cluster_has cpu_type=host machine_version= mem_path=
	finds_nothing
	kind node2 "-rtm"
	finds - kvm:cpu_type "is 'host', but guests that start on node1.example.com cannot go to node2.example.com: lost:rtm"
	cluster_has cpu_type=host,-rtm machine_version= mem_path=
	finds_nothing
	set_policy node1 '{sysctl: {vm.swappiness: 60}, cpu: {type: Westmere, cluster-default: yes}}'
	finds - kvm:cpu_type "is 'host,-rtm', the policy of the master wants 'Westmere'"
	set_policy node1 'sysctl: {vm.swappiness: 60}'
	cluster_has cpu_type=kvm64 machine_version= mem_path=/hugepages
	finds_nothing
	for value in run=1 pages_shared=0 pages_sharing=0 pages_unshared=0 pages_volatile=0 full_scans=1; do
		set_value "sys/kernel/mm/ksm/${value%=*}" "${value#*=}"
	done
	finds - kvm:mem_path "is '/hugepages', so KSM looks for pages to merge and finds none"
	cluster_has cpu_type=kvm64 machine_version=pc-i440fx-7.2 mem_path=
	finds_nothing
}

@test "verify: QEMUs of other releases need a machine type that all have" {
	sed -i '/^qemu:/d; s/^format:.*/&\nqemu: "7.2.1"/' "$(node node1)/record" "$(node node2)/record" "$(node node3)/record"
	sed -i 's/7\.2\.1/7.2.22/' "$(node node3)/record"
	publish
	finds_nothing
	sed -i 's/7\.2\.1/10.0.2/' "$(node node2)/record"
	publish
	finds - kvm:machine_version "node1.example.com has QEMU 7.2.1 and node2.example.com 10.0.2"
	cluster_has cpu_type=kvm64 machine_version=pc-i440fx-7.2 mem_path=
	finds_nothing
}

@test "verify: a machine type that a node's QEMU does not have" {
	sed -i '/^machines:/,/^[a-z]/{/^machines:/d; /^ *-/d}' "$(node node1)/record" "$(node node2)/record"
	sed -i 's/^format:.*/&\nmachines: [pc, pc-i440fx-7.2, pc-i440fx-10.0]/' "$(node node1)/record"
	sed -i 's/^format:.*/&\nmachines: [pc, pc-i440fx-7.2]/' "$(node node2)/record"
	publish
	cluster_has cpu_type=kvm64 machine_version=pc-i440fx-7.2 mem_path=
	finds_nothing
	cluster_has cpu_type=kvm64 machine_version=pc-i440fx-10.0 mem_path=
	finds node2.example.com kvm:machine_version "is 'pc-i440fx-10.0', which the node's QEMU"
	cluster_has cpu_type=kvm64 machine_version=pc mem_path=
	sed -i 's/^format:.*/&\naliases: "pc=pc-i440fx-10.0"/' "$(node node1)/record"
	sed -i 's/^format:.*/&\naliases: "pc=pc-i440fx-7.2"/' "$(node node2)/record"
	publish
	finds - kvm:machine_version "is 'pc', pc-i440fx-10.0 on node1.example.com and pc-i440fx-7.2 on node2.example.com"
}

@test "verify: a record of an older format is said to be old" {
	sed -i 's/^format: .*/format: 1/; /^properties:/d; /^models:/d' "$(node node2)/record"
	publish
	finds node2.example.com record "is of format 1, of an older ganeti-tune"
}

@test "verify: planners' tags that are old, where they are used" {
	make_program usr/sbin/gnt-cluster 'echo htools:migration:cpu'
	finds - tags "hbal, hail and hroller use outdated CPU classes"
}

# ---- proof after the move ----

# note NAME NODE: what the pre hook on that node has noted of a guest, from what its node gives.
note() {
	mkdir -p "$(node "$2")/run/ganeti-tune/moves"
	sed "s/^source: .*/source: guest\ntime: $(date +%s)/; /^time: 1/d" "$(node "$2")/record" >"$(node "$2")/run/ganeti-tune/moves/$1.example.com.yaml"
}

# migrated NAME FROM TO [VARIABLE=VALUE...]: the hook after it on the master; the guest is on its target.
migrated() {
	env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" GANETI_HOOKS_VERSION=2 \
		GANETI_HOOKS_PATH=instance-migrate GANETI_HOOKS_PHASE=post GANETI_MASTER=node1.example.com \
		GANETI_INSTANCE_NAME="$1.example.com" GANETI_INSTANCE_HYPERVISOR=kvm GANETI_MIGRATE_CLEANUP=False \
		GANETI_INSTANCE_DISK_COUNT=0 GANETI_OLD_PRIMARY="$2.example.com" GANETI_NEW_PRIMARY="$3.example.com" "${@:4}" \
		"$(program hooks/instance-devices)" --root "$host" --deadline 60
}

@test "ledger: a migration that takes nothing is one line, and the hook is silent" {
	note inst1 node2
	add_guest inst1 node3 host
	sed -i 's/^source: .*/source: guest/' "$(node node3)/sees-inst1.example.com"
	fails_with 0 migrated inst1 node2 node3
	[ -z "$output$stderr" ]
	fails_with 0 tune cluster ledger
	[ "${lines[-1]}" = "1 migrations in 90 days: 0 cost the guest features; 0 more were refused" ]
	fails_with 0 tune cluster ledger --no-headers --separator='|' -v -o instance,source,target,verdict,note
	[ "$output" = "inst1.example.com|node2.example.com|node3.example.com|same|-" ]
	finds_nothing
}

@test "ledger: a loss fails the hook, and is a finding until the guest is started anew" {
	local now
	now=$(date +%s)
	note inst1 node2
	kind node3 "-rtm"
	add_guest inst1 node3 host
	sed -i 's/^source: .*/source: guest/' "$(node node3)/sees-inst1.example.com"
	fails_with 1 migrated inst1 node2 node3
	says "tune: node1.example.com: inst1.example.com has lost features on its way from node2.example.com to node3.example.com: lost:rtm"
	fails_with 4 tune cluster ledger
	says "lost:rtm" "1 migrations in 90 days: 1 cost the guest features; 0 more were refused"
	finds node3.example.com inst1.example.com "has lost features when it moved from node2.example.com to node3.example.com: lost:rtm"
	# Its QEMU was started by the migration.
	set_start inst1 node3 $((now - 5))
	finds node3.example.com inst1.example.com "has lost features"
	# And that one by an administrator.
	set_start inst1 node3 $((now + 3600))
	finds_nothing
	rm "$(node node3)/$kvm_state/pid/inst1.example.com"
	finds_nothing
}

# set_start NAME NODE SECONDS: when its QEMU was started.
set_start() {
	local root pid
	root=$(node "$2") pid=$(cat "$(node "$2")/$kvm_state/pid/$1.example.com")
	printf 'cpu 1\nbtime %u\n' $(($3 - 100)) >"$root/proc/stat"
	echo "$pid (q) e m u) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 $((100 * $(getconf CLK_TCK))) 0 0" >"$root/proc/$pid/stat"
}

@test "ledger: what nobody can tell is unknown, and never fine" {
	add_guest inst1 node3 host
	fails_with 0 migrated inst1 node2 node3
	note inst1 node2
	rm "$(node node3)/sees-inst1.example.com"
	fails_with 0 migrated inst1 node2 node3
	sed -i 's/^time: .*/time: 1500000000/' "$(node node2)/run/ganeti-tune/moves/inst1.example.com.yaml"
	fails_with 0 migrated inst1 node2 node3
	echo x >"$(node node2)/run/ganeti-tune/moves/inst1.example.com.yaml"
	fails_with 0 migrated inst1 node2 node3
	fails_with 0 tune cluster ledger --no-headers --separator='|' -o verdict,note
	[[ "${lines[0]}" == "unknown|before, on node2.example.com: "*"nothing is noted here of a migration of inst1.example.com"* ]]
	[[ "${lines[1]}" == "unknown|after, on node3.example.com: "* ]]
	[[ "${lines[2]}" == "unknown|before, on node2.example.com: the note is of another day"* ]]
	[[ "${lines[3]}" == "unknown|the source's note:"* ]]
	fails_with 0 tune cluster ledger
	says "4 migrations in 90 days: 0 cost the guest features, of 4 that is not known; 0 more were refused"
}

@test "ledger: what moves no guest, what is not checked and what KVM does not run has no line" {
	note inst1 node2
	add_guest inst1 node3 host
	fails_with 0 migrated inst1 node2 node3 GANETI_MIGRATE_CLEANUP=True
	fails_with 0 migrated inst1 node2 node3 GANETI_INSTANCE_HYPERVISOR=xen-pvm
	fails_with 0 migrated inst1 node2 node3 GANETI_INSTANCE_TAGS="a tune:cpu-gate:off"
	fails_with 0 migrated inst1 node2 node3 GANETI_MASTER=node2.example.com
	: >"$(node node2)/run/ganeti-tune/moves/inst1.example.com.yaml"
	fails_with 0 migrated inst1 node2 node3
	[ ! -e "$host/var/lib/ganeti-tune/ledger" ]
}

@test "ledger: of all nodes, those that do not answer are named" {
	local now
	now=$(date +%s)
	printf '%s\t%s\tinst1\tnode2\tnode3\t%s\n' $now refused "because" >"$(node node2)/var/lib/ganeti-tune/ledger"
	printf '%s\t%s\tinst1\tnode2\tnode3\t%s\n' $((now + 1)) refused "because, too" 1000000000 lost "long ago" \
		>"$(node node3)/var/lib/ganeti-tune/ledger"
	fails_with 0 tune cluster ledger
	says "because" "0 migrations in 90 days: 0 cost the guest features; 1 more were refused"
	[[ "$output" != *"too"* ]]
	echo nonsense >>"$(node node3)/var/lib/ganeti-tune/ledger"
	fails_with 1 tune cluster ledger --json
	says "node3.example.com: 1 lines of its ledger make no sense"
	[ "$(python3 -c 'import json, sys; print([r["verdict"] for r in json.load(sys.stdin)["migrations"]])' <<<"$output")" = "['refused']" ]
	echo 'echo ssh: no route >&2; exit 255' >"$(node node3)/trouble"
	fails_with 1 tune cluster ledger
	says "node3.example.com: cannot be reached by ssh"
}

# ---- pending ----

# pending_guest NAME NODE TYPE: it runs with the parameters with which Ganeti would start it.
pending_guest() {
	local root pid
	add_guest "$@"
	root=$(node "$2") pid=$(cat "$(node "$2")/$kvm_state/pid/$1.example.com")
	sed -i 's/^source: .*/source: guest\ncpu: "host"/' "$root/sees-$1.example.com"
	mkdir -p "$root/$kvm_state/conf"
	echo "[[\"kvm\"], [], {\"cpu_type\": \"$3\", \"vhost_net\": false, \"virtio_net_queues\": 1, \"security_model\": \"none\"}, []]" \
		>"$root/$kvm_state/conf/$1.example.com.runtime"
	ln -sfn /usr/bin/qemu-system-x86_64 "$root/proc/$pid/exe"
	echo "$1.example.com|$3|-|-|none|-|-|-|-|-|-|-|-|-|N|1|-|-|-|-|-|-|-|-|-|-|-|-" >>"$host/parameters"
}

# pends [INSTANCE CLASS TEXT]...: these rows, and no other.
pends() {
	fails_with 4 tune cluster pending --no-headers --separator='|' -o instance,class,what
	has_rows "" "$@"
}

@test "pending: nothing waits where all is as Ganeti would start it" {
	pending_guest inst1 node2 host
	fails_with 0 tune cluster pending
	[ "$output" = "0 guests wait for a restart: 0 migration, 0 security, 0 qemu, 0 gains, 0 harmless, 0 unknown" ]
	fails_with 0 tune cluster pending --json
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin))' <<<"$output")" = "{'pending': []}" ]
}

@test "pending: parameters, QEMU and CPU, each with its class" {
	kind node3 "-flush-l1d"
	pending_guest inst1 node2 host
	pending_guest inst2 node3 host
	sed -i '/^inst1/s/|none|/|pool|/; /^inst1/s/|N|1|/|Y|1|/' "$host/parameters"
	pends inst1.example.com security "security_model: runs with 'none', configured is 'pool'" \
		inst1.example.com gains "vhost_net: runs with 'N', configured is 'Y'"
	sed -i '/^inst1/s/|pool|/|none|/; /^inst1/s/|Y|1|/|N|1|/' "$host/parameters"
	kind node3 "+gfni"
	pends inst2.example.com security "its node now gives flush-l1d" inst2.example.com gains "its node now gives gfni"
	kind node3 "-flush-l1d"
	# Which is also counted by verify.
	ln -sfn "/usr/bin/qemu-system-x86_64 (deleted)" "$(node node3)/proc/$(cat "$(node node3)/$kvm_state/pid/inst2.example.com")/exe"
	pends inst2.example.com qemu "runs a QEMU whose file has been replaced since"
	finds - guests "1 of them run a QEMU whose file has been replaced since"
	fails_with 4 tune cluster pending
	says "1 guests wait for a restart: 0 migration, 0 security, 1 qemu, 0 gains, 0 harmless, 0 unknown"
}

@test "pending: what is not known is a row, and never fine" {
	pending_guest inst1 node2 host
	rm "$(node node2)/sees-inst1.example.com" "$(node node2)/$kvm_state/conf/inst1.example.com.runtime"
	fails_with 1 tune cluster pending --no-headers --separator='|' -o instance,class,what
	has_rows "" inst1.example.com unknown "with which parameters Ganeti started it" inst1.example.com unknown "what its CPU would gain: cat: "
	echo 'echo ssh: no route >&2; exit 255' >"$(node node2)/trouble"
	fails_with 1 tune cluster pending --no-headers --separator='|' -o instance,class,what
	has_rows "" inst1.example.com unknown "its node gives no answer: cannot be reached by ssh"
	fails_with 1 tune cluster pending
	says "0 guests wait for a restart: 0 migration, 0 security, 0 qemu, 0 gains, 0 harmless, 1 unknown"
}

# ---- upgrades ----

# plans [OPTION...]: in $output, and whether somebody is in its way.
plans() {
	fails_with "$1" tune cluster upgrade --no-headers --separator='|' "${@:2}"
}

@test "upgrade: like the node that is upgraded already; what to freeze, the order, and who cannot come back" {
	cluster_has cpu_type=host machine_version=pc-i440fx-7.2 mem_path=
	kind node2 "+gfni"
	add_guest inst1 node1 host
	add_guest inst2 node3 host
	sed -i 's/^source: .*/source: guest\ncpu: "host"/' "$(node node1)/sees-inst1.example.com" "$(node node3)/sees-inst2.example.com"
	plans 4 --like node2.example.com
	[ "$output" = "freeze|cluster|-|-|-|-|gnt-cluster modify -H 'kvm:cpu_type=host\,-gfni'
restart|inst1.example.com|-|-|-|-|gnt-instance reboot inst1.example.com
done|node2.example.com|-|-|-|-|-
step|node3.example.com|1|0|0|0|-
step|node1.example.com|0|1|0|0|inst1.example.com cannot come back
lift|cluster|-|-|-|-|gnt-cluster modify -H 'kvm:cpu_type=host'" ]
	# With the freeze, and started anew.
	cluster_has cpu_type=host,-gfni machine_version=pc-i440fx-7.2 mem_path=
	sed -i 's/^cpu: .*/cpu: "host,-gfni"/' "$(node node1)/sees-inst1.example.com" "$(node node3)/sees-inst2.example.com"
	plans 0 --like node2.example.com
	[ "$output" = "done|node2.example.com|-|-|-|-|-
step|node3.example.com|1|0|0|0|-
step|node1.example.com|1|0|0|0|-" ]
}

@test "upgrade: to a record that is given, as JSON" {
	"$make_record" elsewhere.example.com "+gfni" >"$host/record-of-elsewhere"
	add_guest inst1 node2 kvm64
	sed -i 's/^source: .*/source: guest\ncpu: "kvm64"/' "$(node node2)/sees-inst1.example.com"
	fails_with 0 tune cluster upgrade --record "$host/record-of-elsewhere" --json
	[ "$(python3 -c 'import json, sys
for row in json.load(sys.stdin)["plan"]: print(row["kind"], row["object"], row["both"])' <<<"$output")" = "step node2.example.com 1
step node3.example.com 0
step node1.example.com 0" ]
}

@test "upgrade: what is not known is said, and never guessed" {
	add_guest inst1 node3 host
	rm "$(node node3)/sees-inst1.example.com"
	kind node2 "+gfni"
	sed -i 's/^model: .*/model: [6, 1, 1]/' "$(node node1)/record"
	publish
	plans 4 --like node2.example.com
	says "blocked|node1.example.com|-|-|-|-|is of another model, so what it will give is not known" \
		"step|node3.example.com|0|0|0|1|inst1.example.com is not known: cat: "
	rm "$host/$records/node3.example.com.yaml"
	plans 4 --like node2.example.com
	says "blocked|node3.example.com|-|-|-|-|has no record: gnt-tune cpu publish"
	echo 'echo ssh: no route >&2; exit 255' >"$(node node3)/trouble"
	publish
	plans 4 --like node2.example.com
	says "inst1.example.com is not known: cannot be reached by ssh"
	fails_with 2 tune cluster upgrade
	says "--like NODE"
	fails_with 2 tune cluster upgrade --like node2.example.com --record /dev/null
	fails_with 1 tune cluster upgrade --like node9.example.com
	says "no CPU record of node9.example.com"
}

# ---- a new machine ----

# admits STATUS [KIND NODE TEXT]...: of the record with these features these rows, and no other.
admits() {
	fails_with "$1" tune cluster admit "$host/new" --no-headers --separator='|' -o kind,node,verdict,what
	shift
	has_rows "" "$@"
}

@test "admit: which guests could move to a new machine and from it, and with which cpu_type" {
	"$make_record" new.example.com "" >"$host/new"
	admits 0 to node1.example.com allowed from node1.example.com allowed to node2.example.com allowed from node2.example.com allowed \
		to node3.example.com allowed from node3.example.com allowed cpu_type - "-|host" \
		cost - "-|nothing" cost node1.example.com nothing cost node2.example.com nothing cost node3.example.com nothing
	"$make_record" new.example.com "+gfni -rtm" >"$host/new"
	admits 4 to node1.example.com "refused|lost:rtm" from node1.example.com "refused|lost:gfni" to node2.example.com refused \
		from node2.example.com refused to node3.example.com refused from node3.example.com refused cpu_type - "-|host,-rtm,-gfni" \
		cost - "-|gfni" cost node1.example.com "-|rtm" cost node2.example.com rtm cost node3.example.com rtm
	# Not on the master alone: every node has the records.
	set_value var/lib/ganeti/ssconf_master_node node2.example.com
	fails_with 4 tune cluster admit "$host/new"
}

@test "admit: guests of a machine_version that both have may leave a machine with a newer QEMU" {
	local node
	for node in node1 node2 node3; do
		sed -i 's/^format:.*/&\nqemu: "7.2.22"\nmachines: [pc-i440fx-7.2]/' "$host/$records/$node.example.com.yaml"
	done
	"$make_record" new.example.com "" | sed 's/^format:.*/&\nqemu: "10.0.13"\nmachines: [pc-i440fx-7.2, pc-i440fx-10.0]/' >"$host/new"
	fails_with 4 tune cluster admit "$host/new"
	says "lost:qemu 10.0.13->7.2.22"
	cluster_has cpu_type=kvm64 machine_version=pc-i440fx-7.2 mem_path=
	fails_with 0 tune cluster admit "$host/new"
	says "hint:qemu 10.0.13->7.2.22 with pc-i440fx-7.2"
}

@test "admit: nothing is guessed of a node without a record, or of a file that is none" {
	"$make_record" new.example.com "" >"$host/new"
	sed -i '/^  msr.0x10a: /d' "$host/new"
	fails_with 1 tune cluster admit "$host/new"
	says "unknown"
	fails_with 2 tune cluster admit
	fails_with 2 tune cluster admit "$host/new" "$host/new"
	fails_with 1 tune cluster admit "$host/list"
	echo garbage >"$host/$records/node2.example.com.yaml"
	fails_with 1 tune cluster admit "$host/new"
}

@test "verify: the master only, and called rightly" {
	fails_with 2 tune cluster
	fails_with 2 tune cluster verify x
	fails_with 2 tune cluster status x
	fails_with 2 tune cluster check-migrate
	set_value var/lib/ganeti/ssconf_master_node node2.example.com
	fails_with 1 tune cluster verify
	says "node1.example.com is not the master node: run it on node2.example.com"
	fails_with 1 tune cluster status
	fails_with 1 tune cluster check-migrate inst1
}

@test "verify: a Ganeti that does not answer is an error, and not a cluster without nodes" {
	make_program usr/sbin/gnt-instance 'exit 1'
	fails_with 1 tune cluster verify
	says "gnt-instance"
	make_program usr/sbin/gnt-node 'exit 1'
	fails_with 1 tune cluster status
}

@test "status: nodes, guests and gate on one screen" {
	kind node2 "-rtm"
	add_guest inst1 node1 host
	add_guest inst2 node2 host
	add_guest inst3 node2 ""
	echo 1 >"$(node node2)/proc/sys/vm/swappiness"
	echo 'echo ssh: no route >&2; exit 255' >"$(node node3)/trouble"
	fails_with 0 tune cluster status --no-headers --separator=:
	says "gate:on, what is not known is refused" \
		"node.node1.example.com:master, 0 of 1 settings differ, cpu:intel-" ", current record of " \
		"node.node2.example.com:1 of 1 settings differ, cpu:intel-" " hooks enabled, 2 guests" \
		"node.node3.example.com:cannot be reached by ssh, see gnt-cluster verify: ssh: no route" \
		"guests:2 run with cpu_type host" "guests:1 run with QEMU's default cpu_type"
	set_policy node1 'cpu: {gate: off}'
	fails_with 0 tune cluster status
	says "off, by /etc/ganeti/tune.yaml of the master"
	set_policy node1 'cpu: {unknown: warn, allow: [security, nested]}'
	fails_with 0 tune cluster status
	says "on, what is not known passes; waived: security, nested"
}

# gate NODE COMMAND: what its hook does.
gate() {
	printf '#!/bin/sh\n%s\n' "$2" >"$(node "$1")/$hooksexecdir/instance-migrate-pre"
}

# would NODE VERDICT TEXT...: the answers for inst1.
would() {
	has_rows "inst1.example.com|" "$@"
}

check() {
	tune cluster check-migrate --no-headers --separator='|' "$@"
}

@test "check-migrate: source, target and master are asked, by the gate itself" {
	add_guest inst1 node2 host,-x host,-x sharedfile "" "a:b,c:d"
	local node
	for node in node1 node2 node3; do gate $node "env | sort >$(node $node)/given-\$GANETI_NEW_PRIMARY; echo \$* >>$(node $node)/words"; done
	fails_with 0 check inst1
	would node1.example.com allowed "" node3.example.com allowed ""
	(cd "$host/nodes" && ls -- */given-*) >"$BATS_TEST_TMPDIR/asked"
	diff - "$BATS_TEST_TMPDIR/asked" <<-END
		node1.example.com/given-node1.example.com
		node1.example.com/given-node3.example.com
		node2.example.com/given-node1.example.com
		node2.example.com/given-node3.example.com
		node3.example.com/given-node3.example.com
	END
	grep -q -- --dry-run "$(node node2)/words"
	diff <(grep '^GANETI' "$(node node2)/given-node3.example.com") - <<-END
		GANETI_CLUSTER=cluster.example.com
		GANETI_DATA_DIR=/var/lib/ganeti
		GANETI_HOOKS_PATH=instance-migrate
		GANETI_HOOKS_PHASE=pre
		GANETI_HOOKS_VERSION=2
		GANETI_INSTANCE_HV_cpu_type=host,-x
		GANETI_INSTANCE_HYPERVISOR=kvm
		GANETI_INSTANCE_NAME=inst1.example.com
		GANETI_INSTANCE_TAGS=a:b c:d
		GANETI_MASTER=node1.example.com
		GANETI_NEW_PRIMARY=node3.example.com
		GANETI_OBJECT_TYPE=INSTANCE
		GANETI_OLD_PRIMARY=node2.example.com
		GANETI_OP_CODE=OP_INSTANCE_MIGRATE
		GANETI_OP_TARGET=inst1.example.com
	END
}

@test "check-migrate: a refusal of any node counts; warnings are shown" {
	add_guest inst1 node2 host
	gate node3 'echo "tune: node3.example.com: stale"; exit 1'
	fails_with 4 check inst1
	would node1.example.com allowed "" node3.example.com refused "node3.example.com: stale"
	# shellcheck disable=SC2016 # expanded there
	gate node2 'echo "tune: node2.example.com: one way"; case $GANETI_NEW_PRIMARY in node3*) exit 1; esac'
	fails_with 4 check inst1
	would node1.example.com allowed "node2.example.com: one way" \
		node3.example.com refused "node2.example.com: one way; node3.example.com: stale"
	fails_with 0 check inst1 node1
	would node1.example.com allowed "one way"
	fails_with 4 check inst1 node3.example.com
}

@test "check-migrate: what cannot be asked is not allowed" {
	add_guest inst1 node2 host
	echo 'echo ssh: no route >&2; exit 255' >"$(node node3)/trouble"
	fails_with 1 check inst1
	would node1.example.com allowed "" node3.example.com unknown "node3.example.com: cannot be reached by ssh, see gnt-cluster verify: ssh: no route"
	rm "$(node node3)/trouble" "$(node node3)/$hooksexecdir/instance-migrate-pre"
	fails_with 1 check inst1 node3
	would node3.example.com unknown "instance-migrate-pre: No such file"
	# The source takes part in all of them.
	gate node3 true
	# shellcheck disable=SC2016 # expanded there
	gate node2 'kill -9 $$'
	fails_with 1 check inst1
	would node1.example.com unknown "node2.example.com: " node3.example.com unknown "node2.example.com: "
	gate node2 'echo "tune: node2.example.com: no"; exit 1'
	echo 'exit 255' >"$(node node3)/trouble"
	fails_with 4 check inst1 node3
	would node3.example.com refused "node2.example.com: no"
}

@test "check-migrate: names, and migrations that Ganeti itself refuses" {
	add_guest inst1 node2 host host drbd node3.example.com
	add_guest inst2.a node2 host host plain
	add_guest inst2.b node2 host
	fails_with 0 check inst1
	would node3.example.com allowed ""
	fails_with 4 check inst1 node1 node2 node3
	would node1.example.com refused "has no copy of its disks" node2.example.com refused "is its node already" node3.example.com allowed ""
	fails_with 2 check inst9
	says "there is no instance 'inst9'"
	fails_with 2 check inst2
	says "'inst2' is short for inst2.a.example.com and for inst2.b.example.com"
	fails_with 2 check inst1 node9
	says "there is no node 'node9'"
	fails_with 1 check inst2.a
	says "inst2.a.example.com is not migrated live: "
	fails_with 4 check inst2.a node3
	says "|refused|is not migrated live: "
	sed -i 's/^\(node[13].example.com|.|.|.\)|N/\1|Y/' "$host/list"
	fails_with 1 check inst2.b
	says "inst2.b.example.com has no other node that is online, not drained, vm_capable"
	fails_with 4 check inst2.b node3
	says "|refused|is drained"
}
