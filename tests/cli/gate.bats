# The gate as Ganeti meets it: the hook itself, a QEMU under KVM, a node in namespaces of its own.
load helper
. "$TUNE_SRCDIR/tests/gate/node.bash"

recorded=$TUNE_SRCDIR/tests/hook-env
hook=$(program hooks/instance-migrate-pre)
gnt_tune=$(program gnt-tune/gnt-tune)
node2=node2.example.com node3=node3.example.com node4=node4.example.com

setup_file() {
	GATE_REASON=$(why_not)
	export GATE_REASON
	[ -n "$GATE_REASON" ] || "$gnt_tune" cpu record | sed "s/^node: .*/node: \"$node2\"/" >"$BATS_FILE_TMPDIR/record"
}

# node2 is this one; node3 is of the same kind, node4 lacks two features.
setup() {
	[ -z "$GATE_REASON" ] || skip "$GATE_REASON"
	needs python3
	node_holder=
	open_node "$BATS_TEST_TMPDIR"
	in_node cp "$BATS_FILE_TMPDIR/record" "$records/$node2.yaml"
	in_node copy_record $node2 $node3
	in_node copy_record $node2 $node4
	in_node mask_record $node4 0x1.0.ecx 13
	in_node mask_record $node4 0x80000001.0.ecx 0
	unset hook_prefix
	# Of the hook's own 5 s a machine under load may need more than that.
	export hook_options="--deadline 60"
}

teardown() {
	[ -z "$node_holder" ] || close_node || true
}

# ask TARGET [VARIABLE=VALUE...]
ask() {
	in_node migrate_pre "$hook" "${instance-inst1}" "$1" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
		ASAN_OPTIONS="$ASAN_OPTIONS" "${@:2}"
}

# passes TARGET [VARIABLE=VALUE...]: without a word.
passes() {
	fails_with 0 ask "$@"
	[ -z "$output$stderr" ] || { echo "said: $output $stderr"; return 1; }
}

# logs TEXT TARGET [VARIABLE=VALUE...]: passes, and that is in the log.
logs() {
	fails_with 0 in_dry_run "${@:2}"
	says "$1"
	passes "${@:2}"
}
in_dry_run() {
	hook_options+=" --dry-run" ask "$@"
}

# refuses TEXT TARGET [VARIABLE=VALUE...]: with one line that says who, where and why, before its deadline.
refuses() {
	fails_with 1 ask "${@:2}"
	is_one_line
	says "tune: ${this-$node2}: ${instance-inst1} not migrated to $2: " "$1"
}

# refuses_soon TEXT TARGET: long before its deadline, of which a guest's QEMU has one second.
refuses_soon() {
	local start=$SECONDS
	refuses "$@"
	took=$((SECONDS - start))
	[ $took -lt 30 ] || { echo "took $took s"; return 1; }
}

# use_gate YAML: the node's policy.
use_gate() {
	in_node make_policy "{cpu: {$1}}"
}

as_master=(GANETI_MASTER=$node2 GANETI_OLD_PRIMARY=$node3)
as_target=(GANETI_OLD_PRIMARY=$node3)

# ---- a guest and where it can go ----

@test "a guest may go to a node of the same kind, without a word" {
	in_node start_host_guest inst1
	passes $node3
	passes $node3 GANETI_MIGRATE_LIVE=False
}

@test "a guest may not go where features are missing, and they are named" {
	in_node start_host_guest inst1
	refuses "guest sees cx16,lahf-lm which $node4 cannot give; see gnt-tune cpu compare" $node4
}

@test "a feature that the guest does not see is not missing" {
	in_node start_guest inst1 kvm64
	passes $node3 GANETI_INSTANCE_HV_cpu_type=kvm64
	refuses "guest sees cx16 which" $node4 GANETI_INSTANCE_HV_cpu_type=kvm64
	in_node kill_guest inst1
	in_node start_guest inst1 kvm64,-cx16
	passes $node4 GANETI_INSTANCE_HV_cpu_type=kvm64,-cx16
}

@test "masks of a guest count, whatever is configured" {
	in_node start_guest inst1 host,-arch-capabilities,-cx16,-lahf-lm
	passes $node4
	logs "runs with cpu_type host,-arch-capabilities,-cx16,-lahf-lm, but host is configured" $node4
}

# KVM may give more than this QEMU has names for: a record with them would refuse migrations that lose nothing.
@test "a record has nothing that QEMU does not show to a guest" {
	in_node start_guest inst1 host || skip "this QEMU cannot start -cpu host here"
	in_node grep -qx 'host: "host"' $records/$node2.yaml || skip "this QEMU hides a part of the CPU from guests of host, and the record says so"
	run -0 in_node env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$gnt_tune" cpu compare $node2 instance:inst1
	[[ "$output" != *refuses* ]]
}

@test "what the guest sees is noted for the hook after the migration, and a refusal is in the ledger" {
	local note=/run/ganeti-tune/moves/inst1.yaml ledger=/var/lib/ganeti-tune/ledger
	in_node start_host_guest inst1
	fails_with 0 in_dry_run $node3
	in_node test ! -e $note
	passes $node3
	in_node grep -qx "source: guest" $note
	in_node grep -qx "node: \"$node2\"" $note
	# Bits of MSRs that both nodes give were not asked for.
	run -1 in_node grep 'msr.0x10a: 0x[1-9a-f]' $note
	run -0 in_node env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$gnt_tune" cpu noted inst1
	[[ "$output" == *"complete: yes"* ]]
	in_node test ! -e $ledger
	refuses "cx16" $node4
	in_node test ! -e $note
	run -0 in_node cat $ledger
	[[ "$output" == *$'\trefused\tinst1\t'$node2$'\t'$node4$'\tinst1 not migrated to '* ]]
	# Nothing to compare: it is not run by KVM.
	in_node kill_guest inst1
	in_node start_qemu inst1 -machine pc,accel=tcg -cpu qemu64
	passes $node3
	in_node test -e $note -a ! -s $note
}

@test "a guest that is stopped answers all the same" {
	in_node start_host_guest inst1
	in_node bad_qemu inst1 qmp say cont stop
	passes $node3
	refuses "cx16,lahf-lm" $node4
}

@test "no client is left behind on the guest's socket" {
	in_node start_host_guest inst1
	passes $node3
	in_node timeout 60 python3 "$TUNE_SRCDIR/tests/gate/bad-qemu" $kvm_state/ctrl/inst1.qmp say query-status
	refuses "cx16" $node4
	in_node timeout 60 python3 "$TUNE_SRCDIR/tests/gate/bad-qemu" $kvm_state/ctrl/inst1.qmp say query-status
}

@test "nodes that a guest cannot return to are named in the log" {
	in_node start_host_guest inst1
	in_node add_to_record $node3 0x80000001.0.edx 31
	logs "3dnow" $node3
	logs "and cannot go to $node2 any more" $node3
	in_node add_to_record $node2 0x80000001.0.edx 31
	fails_with 0 in_dry_run $node3
	[[ "$output" != *"one way"* ]]
}

# The frequency is the host's own: where KVM cannot scale it, no other would do.
@test "a guest that was given a clock goes to a node that has the same, and to no other" {
	local khz
	khz=$(in_node "$gnt_tune" cpu record | sed -n 's/^tsc-khz: //p')
	[ "$(printf '5.19\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 5.19 ] || skip "KVM tells its clock from Linux 5.19 on"
	in_node start_guest inst1 "kvm64,tsc-frequency=${khz}000"
	passes $node3
	in_node sed -i 's/^tsc-scaling: .*/tsc-scaling: no/; s/^tsc-khz: .*/tsc-khz: 1000000/' $records/$node3.yaml
	refuses "tsc-frequency $khz->1000000 kHz" $node3
	in_node sed -i 's/^tsc-scaling: .*/tsc-scaling: yes/' $records/$node3.yaml
	passes $node3
}

# says_nothing TARGET [VARIABLE=VALUE...]: not in the log either.
says_nothing() {
	fails_with 0 in_dry_run "$@"
	[ -z "$output" ] || { echo "said: $output"; return 1; }
}

@test "a feature that a guest's type hides is no gain, and blocks no way back" {
	in_node start_guest inst1 host,-arch-capabilities,-cx16,-lahf-lm,host-phys-bits-limit=36
	in_node sed -i 's/^phys-bits: .*/phys-bits: 36/' $records/$node4.yaml
	says_nothing $node3 GANETI_INSTANCE_HV_cpu_type=host,-arch-capabilities,-cx16,-lahf-lm,host-phys-bits-limit=36
	in_node start_guest inst2 kvm64
	instance=inst2 says_nothing $node3 GANETI_INSTANCE_HV_cpu_type=kvm64
}

# ---- guests that are not to be checked ----

@test "a guest that does not run, or whose pid file is stale, passes" {
	passes $node4
	in_node start_host_guest inst1
	refuses "cx16" $node4
	in_node kill_guest inst1
	in_node test -e $kvm_state/pid/inst1
	passes $node4
}

@test "a guest that KVM does not run passes" {
	in_node start_qemu inst1 -accel tcg -machine pc -cpu qemu64
	passes $node4
	passes "node9.example.com"
}

@test "another hypervisor passes" {
	in_node start_host_guest inst1
	passes $node4 GANETI_INSTANCE_HYPERVISOR=xen-pvm
	passes $node4 GANETI_INSTANCE_HYPERVISOR=
}

@test "a clean-up passes, even when everything is broken" {
	in_node start_host_guest inst1
	in_node freeze_guest inst1
	in_node make_policy 'cpu: {gate: maybe}'
	in_node rm -r $records
	passes ../../x GANETI_MIGRATE_CLEANUP=True GANETI_INSTANCE_NAME=/
	refuses_bad_policy
}
refuses_bad_policy() {
	fails_with 1 ask $node3
	is_one_line
	says "/etc/ganeti/tune.yaml:1:13: 'maybe' is neither 'on' nor 'off'"
}

# ---- waivers ----

@test "policy and tag switch the gate off" {
	in_node start_host_guest inst1
	logs "not checked: it has the tag tune:cpu-gate:off" $node4 GANETI_INSTANCE_TAGS="a tune:cpu-gate:off b"
	refuses "cx16" $node4 GANETI_INSTANCE_TAGS="tune:cpu-gate:on xtune:cpu-gate:off"
	use_gate "gate: off"
	passes $node4
}

# Records made by hand, record against record, as the master does: not every CPU has these.
@test "a class is waived by policy, and that is logged" {
	make_worse
	refuses "$node3 has $lost_names which $node4 cannot give" $node4 "${as_master[@]}"
	use_gate "allow: [security]"
	refuses "nested:" $node4 "${as_master[@]}"
	[[ "$output" != *security* ]]
	use_gate "allow: [security, nested]"
	logs "waived security:" $node4 "${as_master[@]}"
	logs "waived nested:" $node4 "${as_master[@]}"
}

@test "a class is waived by tag, and that is logged" {
	make_worse
	refuses "security:" $node4 "${as_master[@]}" GANETI_INSTANCE_TAGS="tune:cpu-allow:nested"
	logs "waived security:" $node4 "${as_master[@]}" \
		GANETI_INSTANCE_TAGS="tune:cpu-allow:nested tune:cpu-allow:security"
}

@test "features without which a guest crashes cannot be waived" {
	in_node start_host_guest inst1
	refuses "cx16" $node4 GANETI_INSTANCE_TAGS="tune:cpu-allow:lost tune:cpu-allow:security tune:cpu-allow:"
	use_gate "allow: [security, nested]"
	refuses "cx16" $node4
}

# node4 is node3 without one bit of each class; $lost_names.
make_worse() {
	in_node copy_record $node2 $node3
	if in_node grep -q AuthenticAMD $records/$node2.yaml; then
		in_node add_to_record $node3 0x80000008.0.ebx 26 || true
		in_node add_to_record $node3 0x80000001.0.ecx 2 || true
		in_node copy_record $node3 $node4
		in_node mask_record $node4 0x80000008.0.ebx 26
		in_node mask_record $node4 0x80000001.0.ecx 2
		lost_names=nested:svm,security:amd-no-ssb
	else
		in_node add_to_record $node3 0x7.0.edx 28 || true
		in_node add_to_record $node3 0x1.0.ecx 5 || true
		in_node copy_record $node3 $node4
		in_node mask_record $node4 0x7.0.edx 28
		in_node mask_record $node4 0x1.0.ecx 5
		lost_names=nested:vmx,security:flush-l1d
	fi
}

# ---- what cannot be known ----

@test "a QEMU that hangs is unknown" {
	in_node start_host_guest inst1
	in_node freeze_guest inst1
	refuses_soon "the guest's CPU is not known: var$kvm_state/ctrl/inst1.qmp: no greeting in time" $node3
}

@test "a socket that another client holds is unknown" {
	in_node start_host_guest inst1
	in_node bad_qemu inst1 qmp hold
	refuses "serves another client" $node3
}

@test "a program on the socket that is no QEMU means unknown" {
	local talk
	in_node start_host_guest inst1
	for talk in silent garbage huge endless drip gone; do
		in_node bad_qemu inst1 qmp $talk
		refuses_soon "the guest's CPU is not known: " $node3
		echo "# $talk: $took s: $output" >&3
	done
}

@test "the socket of ganeti-kvmd is tried first" {
	in_node start_host_guest inst1 -qmp "unix:$kvm_state/ctrl/inst1.kvmd,server=on,wait=off"
	in_node bad_qemu inst1 qmp hold
	passes $node3
	refuses "cx16" $node4
}

@test "where ganeti-kvmd is busy, Ganeti's own socket will do" {
	local talk
	in_node start_host_guest inst1
	for talk in silent garbage huge gone; do
		in_node bad_qemu inst1 kvmd $talk
		passes $node3
	done
}

@test "no socket is unknown" {
	in_node start_host_guest inst1
	in_node rm $kvm_state/ctrl/inst1.qmp
	refuses "the guest's CPU is not known" $node3
}

@test "a pid file that cannot be right is unknown" {
	local pid
	for pid in "" x 0 -1 99999999999999999999 1; do
		in_node write_file $kvm_state/pid/inst1 "$pid"
		refuses "the guest's CPU is not known" $node3
	done
}

# What ps cannot read is in the file that Ganeti saved.
@test "where the process may not be read its runtime file counts, and must be readable" {
	in_node start_host_guest inst1
	in_node hide_command_line inst1
	refuses "the guest's CPU is not known" $node3
	in_node write_file $kvm_state/conf/inst1.runtime '[["kvm", "-enable-kvm", "-na'
	refuses "the guest's CPU is not known" $node3
	in_node write_file $kvm_state/conf/inst1.runtime '[["kvm","-enable-kvm","-name","inst1","-cpu","host"],[],{},[]]'
	passes $node3
	refuses "cx16" $node4
}

@test "a record that is missing, cut short, newer or another's is unknown" {
	in_node start_host_guest inst1
	refuses "no CPU record of node9.example.com here, see gnt-tune cpu" node9.example.com
	in_node cp $records/$node3.yaml $records/node9.example.com.yaml
	refuses "node9.example.com.yaml: is the record of $node3" node9.example.com
	in_node sed -i '$d' $records/$node3.yaml
	refuses "$node3.yaml:2:1: the record is cut short" $node3
	in_node sed -i 's/^format: .*/format: 9/' $records/$node3.yaml
	refuses "$node3.yaml:2:9: " $node3
	says format
	in_node truncate -s 0 $records/$node3.yaml
	refuses "the record is empty" $node3
	in_node rm $records/$node3.yaml
	in_node mkdir $records/$node3.yaml
	refuses "the CPU of that node is not known" $node3
}

@test "names that lead elsewhere, or nowhere, are unknown" {
	local name long
	long=$(printf '%0300d' 0)
	in_node start_host_guest inst1
	for name in ../../x "$long" a/b "" . "x
y" $'\e[2J'; do
		refuses_name "$name" GANETI_NEW_PRIMARY="$name"
		refuses_name "$name" GANETI_INSTANCE_NAME="$name"
	done
	refuses_name "$long" GANETI_NEW_PRIMARY="$long" GANETI_INSTANCE_NAME="$long$long$long$long$long"
}
refuses_name() {
	fails_with 1 ask $node3 "${@:2}"
	is_one_line
	says "tune: $node2: " "cannot be the name of"
}

# The journal's own socket, as far as a hook can see.
@test "a refusal is in the journal with the fields by which it is found" {
	local log=$BATS_TEST_TMPDIR/log
	in_node start_host_guest inst1
	in_node mkdir -p /run/systemd
	in_node mount -t tmpfs none /run/systemd
	in_node mkdir /run/systemd/journal
	in_node timeout 60 python3 -c '
import socket, sys
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
print("ready", flush=True)
sys.stdout.buffer.write(journal.recv(65536))' >"$log" 3>&- &
	until grep -q ready "$log"; do sleep 0.05; done
	refuses "cx16" $node4
	wait $!
	grep -qx "MESSAGE_ID=eb6cb06fcf124e79b089ddc063520b6b" "$log"
	grep -qx "TUNE_VERDICT=refused" "$log"
	grep -qx "TUNE_INSTANCE=inst1" "$log"
	grep -qx "TUNE_NODE=$node2" "$log"
	grep -qx "PRIORITY=3" "$log"
	grep -qx "SYSLOG_IDENTIFIER=ganeti-tune/instance-migrate-pre" "$log"
	grep -q "^MESSAGE=inst1 not migrated to $node4: " "$log"
}

@test "cpu.unknown: warn lets the unknown pass, and logs it" {
	in_node start_host_guest inst1
	use_gate "unknown: warn"
	logs "no CPU record of node9.example.com" node9.example.com
	in_node rm $records/$node2.yaml
	logs "the record of this node is not known" $node2 "${as_target[@]}"
	logs "not checked: 'a/b' cannot be the name" $node4 GANETI_INSTANCE_NAME=a/b
	refuses "cx16" $node4
	in_node freeze_guest inst1
	logs "no greeting in time: QEMU hangs, or serves another client: permitted, since cpu.unknown is warn" $node3
}

@test "a node that has none of the names means unknown" {
	in_node hostname node7.example.com
	this=node7.example.com refuses "node7.example.com takes no part in it" $node3
	in_node hostname NODE2
	this=NODE2 refuses "NODE2 takes no part in it" $node3
}

# ---- the other nodes ----

@test "target: a current record passes, and no QEMU is started" {
	needs_ptrace
	passes $node2 "${as_target[@]}"
	passes $node2 "${as_target[@]}" GANETI_INSTANCE_HV_kvm_path=/usr/bin/qemu-system-x86_64
	hook_prefix="strace -f -e trace=execve -o $BATS_TEST_TMPDIR/trace" in_trace $node2 "${as_target[@]}"
	[ "$(grep -c execve "$BATS_TEST_TMPDIR/trace")" -eq 1 ]
}
in_trace() {
	export hook_prefix
	passes "$@"
}

@test "target: a record by the library's own name of QEMU is current, too" {
	in_node sh -c "'$gnt_tune' cpu record --qemu usr/bin/kvm >$records/$node2.yaml"
	fails_with 0 in_dry_run $node2 "${as_target[@]}"
	[ -z "$output" ]
}

# 3DNow!: no CPU has it any more.
@test "target: a record with more than the node can give is refused" {
	in_node add_to_record $node2 0x80000001.0.edx 31
	refuses "its stale CPU record has 3dnow which $node2 cannot give" $node2 "${as_target[@]}"
	in_node sed -i 's/^basis: .*/basis: "0"/' $records/$node2.yaml
	refuses "its stale CPU record has 3dnow which $node2 cannot give" $node2 "${as_target[@]}"
}

@test "target: a stale record that the node can still give passes, and that is logged" {
	in_node sed -i 's/^basis: .*/basis: "0"/' $records/$node2.yaml
	logs "not up to date: see gnt-tune cpu publish" $node2 "${as_target[@]}"
}

@test "target: a stale record that means another machine by the alias of the guest's machine_version" {
	in_node sed -i 's/^basis: .*/basis: "0"/; s/pc=pc-i440fx-[0-9.]*/pc=pc-i440fx-2.5/' $records/$node2.yaml
	passes $node2 "${as_target[@]}" GANETI_INSTANCE_HV_machine_version=
	passes $node2 "${as_target[@]}" GANETI_INSTANCE_HV_machine_version=pc-i440fx-2.9
	refuses "its stale CPU record has machine pc=pc-i440fx-2.5 which $node2 cannot give" $node2 "${as_target[@]}" \
		GANETI_INSTANCE_HV_machine_version=pc
}

@test "target: no record, or no QEMU to ask, is unknown" {
	refuses "the CPU of this node is not known" $node2 "${as_target[@]}" GANETI_INSTANCE_HV_kvm_path=/no/kvm
	in_node rm $records/$node2.yaml
	refuses "the record of this node is not known: no CPU record of $node2" $node2 "${as_target[@]}"
}

@test "master: record against record for a guest of type host" {
	passes $node2 "${as_master[@]}" GANETI_NEW_PRIMARY=node9.example.com GANETI_INSTANCE_HV_cpu_type=Westmere
	passes $node4 "${as_master[@]}" GANETI_INSTANCE_HV_cpu_type=qemu64
	refuses "$node3 has cx16,lahf-lm which $node4 cannot give; see gnt-tune cpu compare $node3 $node4" $node4 "${as_master[@]}"
	passes $node3 "${as_master[@]}" GANETI_OLD_PRIMARY=$node4
	refuses "the CPUs of both nodes are not known: no CPU record of node9" $node4 GANETI_MASTER=$node2 GANETI_OLD_PRIMARY=node9.example.com
	refuses "the CPUs of both nodes are not known: no CPU record of node9" node9.example.com "${as_master[@]}"
}

# Ganeti runs this hook, and then fails it over: with --allow-failover, and when hbal or an evacuation moves it.
@test "a guest that is marked down passes, unless it runs" {
	passes $node4 "${as_master[@]}" GANETI_INSTANCE_STATUS=down
	passes $node4 GANETI_INSTANCE_STATUS=down
	in_node start_host_guest inst1
	refuses "cx16" $node4 GANETI_INSTANCE_STATUS=down
	refuses "cx16" $node4 "${as_master[@]}" GANETI_INSTANCE_STATUS=up
}

@test "master: what the configured type masks is not asked for" {
	passes $node4 "${as_master[@]}" GANETI_INSTANCE_HV_cpu_type=host,-cx16,lahf_lm=off
	refuses "$node3 has lahf-lm which" $node4 "${as_master[@]}" GANETI_INSTANCE_HV_cpu_type=host,-cx16
}

@test "one node is source and master, or target and master" {
	in_node start_host_guest inst1
	passes $node3 GANETI_MASTER=$node2
	refuses "guest sees cx16,lahf-lm" $node4 GANETI_MASTER=$node2
	passes $node2 GANETI_MASTER=$node2 "${as_target[@]}"
	in_node add_to_record $node3 0x80000001.0.edx 31
	refuses "$node3 has 3dnow which $node2 cannot give" $node2 GANETI_MASTER=$node2 "${as_target[@]}"
}

# ---- machine types ----

# "q35" is another machine in each QEMU.
@test "the machine that a guest really has counts, not the alias that it was started by" {
	local machine
	in_node start_qemu inst1 -enable-kvm -machine q35 -cpu kvm64
	passes $node3 GANETI_INSTANCE_HV_cpu_type=kvm64
	machine=$(in_node sed -n 's/^aliases: .*q35=\([^ "]*\).*/\1/p' $records/$node3.yaml)
	[[ "$machine" = pc-q35-* ]]
	in_node sed -i "/^- \"$machine\"/d" $records/$node3.yaml
	in_node grep -q '^- "q35"' $records/$node3.yaml
	refuses "guest sees machine $machine which $node3 cannot give" $node3 GANETI_INSTANCE_HV_cpu_type=kvm64
}

# ---- what a record tells of the node's QEMU ----

# use_picky_qemu: one that counts its starts, and starts no "host" with arch-capabilities.
use_picky_qemu() {
	picky=$BATS_TEST_TMPDIR/kvm
	printf '%s\n' '#!/bin/sh' "echo >>'$BATS_TEST_TMPDIR/starts'" \
		'case " $* " in *" host,enforce "*) echo "failed to set MSR 0x10a to 0x69" >&2; exit 1;; esac' \
		'exec /usr/bin/kvm "$@"' >"$picky"
	chmod 755 "$picky"
}

# tune_node VERB...: gnt-tune cpu, on the node, with that QEMU.
tune_node() {
	in_node env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" "$gnt_tune" cpu "$@" --qemu "$picky"
}

count_starts() {
	wc -l <"$BATS_TEST_TMPDIR/starts"
}

@test "record: names, machines, options; QEMU is asked again only when it is another, and KVM always" {
	local first
	use_picky_qemu
	tune_node record >"$BATS_TEST_TMPDIR/first"
	grep -q '^properties: ".* cx16 ' "$BATS_TEST_TMPDIR/first"
	grep -q '^options: ".* machine ' "$BATS_TEST_TMPDIR/first"
	grep -q '^aliases: ".*pc=pc-i440fx-' "$BATS_TEST_TMPDIR/first"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/first")" -lt 16384 ]
	first=$(count_starts)
	in_node cp "$BATS_TEST_TMPDIR/first" $records/$node2.yaml
	in_node mask_record $node2 0x1.0.ecx 13
	tune_node record >"$BATS_TEST_TMPDIR/second"
	[ "$(count_starts)" -eq "$first" ]
	diff <(grep -v ^time: "$BATS_TEST_TMPDIR/first") <(grep -v ^time: "$BATS_TEST_TMPDIR/second")
	echo '# another one' >>"$picky"
	tune_node record >"$BATS_TEST_TMPDIR/third"
	[ "$(count_starts)" -gt "$first" ]
}

@test "baseline: what one node's QEMU has to switch off is off for all, and what is printed starts" {
	local type
	use_picky_qemu
	in_node start_guest inst1 host,-arch-capabilities || skip "no host at all starts here"
	tune_node record >"$BATS_TEST_TMPDIR/picky"
	grep -qx 'host: "host,-arch-capabilities"' "$BATS_TEST_TMPDIR/picky"
	in_node cp "$BATS_TEST_TMPDIR/picky" $records/$node3.yaml
	in_node sed -i "s/^node: .*/node: \"$node3\"/" $records/$node3.yaml
	in_node rm $records/$node4.yaml
	# What the site has chosen itself stays.
	in_node mkdir -p /var/lib/ganeti
	in_node sh -c 'printf "cpu_type=host,hv_relaxed\n" >/var/lib/ganeti/ssconf_hvparams_kvm'
	in_node env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$gnt_tune" cpu baseline --separator='|' --no-headers >"$BATS_TEST_TMPDIR/baseline"
	grep -q '^cpu_type|.*|host.*,-arch-capabilities.*,hv_relaxed' "$BATS_TEST_TMPDIR/baseline"
	while IFS='|' read -r _ _ type; do
		tune_node try "$type"
	done < <(grep -E '^(cpu_type|model)[|]' "$BATS_TEST_TMPDIR/baseline")
}

# QEMU 10.1 and later on AMD, for guests of their own machine types.
@test "record: what QEMU hides from guests of host is off in the cpu_type that all can run" {
	in_node start_guest inst1 host,-arch-capabilities || skip "no host at all starts here"
	in_node grep -q '^  0x7.0.edx: ' $records/$node2.yaml
	(($(in_node sed -n 's/^  0x7.0.edx: //p' $records/$node2.yaml) >> 29 & 1)) || skip "KVM has no arch-capabilities here"
	picky=$BATS_TEST_TMPDIR/kvm
	# shellcheck disable=SC2016 # expanded there
	printf '%s\n' '#!/bin/bash' 'exec /usr/bin/kvm "${@/#host,enforce/host,enforce,-arch-capabilities}"' >"$picky"
	chmod 755 "$picky"
	tune_node record >"$BATS_TEST_TMPDIR/hiding"
	grep -qx 'host: "host,-arch-capabilities"' "$BATS_TEST_TMPDIR/hiding"
}

@test "record: a QEMU that is built without microvm tells the same" {
	picky=/usr/bin/kvm
	tune_node record >"$BATS_TEST_TMPDIR/usual"
	picky=$BATS_TEST_TMPDIR/kvm
	# shellcheck disable=SC2016 # expanded there
	printf '%s\n' '#!/bin/sh' \
		'case "$*" in *microvm*) echo "unsupported machine type" >&2; exit 1;; esac' \
		'exec /usr/bin/kvm "$@"' >"$picky"
	chmod 755 "$picky"
	tune_node record >"$BATS_TEST_TMPDIR/picky"
	diff <(grep -v '^time: \|^basis: ' "$BATS_TEST_TMPDIR/usual") <(grep -v '^time: \|^basis: ' "$BATS_TEST_TMPDIR/picky")
}

@test "baseline: where one node starts no host, the best named model" {
	local type
	picky=$BATS_TEST_TMPDIR/kvm
	printf '%s\n' '#!/bin/sh' \
		'case " $* " in *" host,"*|*" host "*) echo "no host here" >&2; exit 1;; esac' \
		'exec /usr/bin/kvm "$@"' >"$picky"
	chmod 755 "$picky"
	tune_node record >"$BATS_TEST_TMPDIR/picky"
	grep -qx 'host: "none"' "$BATS_TEST_TMPDIR/picky"
	in_node cp "$BATS_TEST_TMPDIR/picky" $records/$node3.yaml
	in_node sed -i "s/^node: .*/node: \"$node3\"/" $records/$node3.yaml
	in_node rm $records/$node4.yaml
	# Many a QEMU is started for it, and 5 s may be too short on a busy machine.
	for _ in {1..20}; do
		in_node env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$gnt_tune" cpu baseline --separator='|' --no-headers \
			>"$BATS_TEST_TMPDIR/baseline" 2>"$BATS_TEST_TMPDIR/reason" && break
		grep "did not answer in time" "$BATS_TEST_TMPDIR/reason"
	done
	type=$(sed -n 's/^model|[^|]*|//p' "$BATS_TEST_TMPDIR/baseline")
	[[ "$type" = [A-Za-z]* && "$type" != host* ]]
	grep -q "^modify|.*cpu_type=${type%%,*}" "$BATS_TEST_TMPDIR/baseline"
	grep -q "^refused|.*the QEMU of $node3 starts no 'host'" "$BATS_TEST_TMPDIR/baseline"
	tune_node try "$type"
}

# ---- the environments of a real cluster ----

# NODE HYPERVISOR CLEANUP TYPE RECORDS STATUS; node1 is master, the guest goes from node2 to node3.
real_rows="
node1 kvm False qemu64 none 0
node1 kvm False host   none 1
node1 kvm False host   all  0
node1 kvm True  host   none 0
node1 xen-pvm False host none 0
node2 kvm False qemu64 none 1
node2 kvm False qemu64 all  0
node2 kvm False host   all  0
node2 kvm True  qemu64 none 0
node2 xen-pvm False qemu64 none 0
node3 kvm False qemu64 none 1
node3 kvm False qemu64 all  0
node3 kvm True  qemu64 none 0
node3 xen-pvm False qemu64 none 0"

# the same for the pair with DRBD: node1 is master and source.
drbd_rows="
node1 fake False host none 0
node1 kvm False host none 1
node1 kvm False host all 0
node1 kvm True  host none 0
node2 fake False host none 0
node2 kvm False host none 1
node2 kvm False host all 0
node2 kvm True  host none 0"

make_real() {
	local node
	for node in node1 node2 node3; do in_node copy_record $node2 $node.lab.test; done
	in_node cp -r $records $records.all
	in_node start_host_guest "$1"
}

# ask_real FILE HYPERVISOR CLEANUP TYPE
ask_real() {
	local environment
	mapfile -t environment <"$recorded/$1.env"
	in_node env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "${environment[@]}" GANETI_INSTANCE_HYPERVISOR="$2" \
		GANETI_MIGRATE_CLEANUP="$3" GANETI_INSTANCE_HV_cpu_type="$4" "$hook" --deadline 60
}

# check_real PREFIX ROWS
check_real() {
	local node hypervisor cleanup type have status_wanted
	while read -r node hypervisor cleanup type have status_wanted; do
		[ -n "$node" ] || continue
		in_node hostname "$node.lab.test"
		in_node rm -rf $records
		if [ "$have" = all ]; then in_node cp -r $records.all $records; fi
		echo "row: $node $hypervisor $cleanup $type $have"
		fails_with "$status_wanted" ask_real "$1OP_INSTANCE_MIGRATE.pre.instance-migrate.$node" \
			"$hypervisor" "$cleanup" "$type"
		if [ "$status_wanted" = 0 ]; then [ -z "$output$stderr" ]; else is_one_line; says "$node.lab.test: inst"; fi
	done <<<"$2"
}

@test "the environments of a real cluster" {
	make_real inst3.lab.test
	check_real "" "$real_rows"
}

@test "the environments of a real cluster with DRBD" {
	make_real inst1.lab.test
	check_real drbd- "$drbd_rows"
}
