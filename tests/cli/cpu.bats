# gnt-tune cpu: CPUs of nodes and guests, by whatever name.
load helper

nodes=var/lib/ganeti-tune/nodes
kib=1024

setup() {
	host=$BATS_TEST_TMPDIR/host
	mkdir -p "$host/$nodes"
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${qemu_pid-}" ] || { kill -KILL "$qemu_pid"; wait "$qemu_pid"; } 2>/dev/null || true
}

# cpu VERB [WORD...]: on $host.
cpu() {
	"$gnt_tune" cpu --root "$host" "$@"
}

zero_words="0x7.0.ecx 0x7.1.eax 0x7.1.ecx 0x7.1.edx 0x7.2.edx 0xa.0.eax 0xa.0.edx 0xd.0.eax 0xd.0.edx 0xd.1.eax
	0xd.1.ecx 0xd.1.edx 0x1d.0.eax 0x1d.1.eax 0x1d.1.ebx 0x1d.1.ecx 0x1e.0.ebx 0x1e.1.eax 0x24.0.ebx 0x24.1.ecx
	0x29.0.ebx 0x80000007.0.ebx 0x80000007.0.edx 0x80000008.0.ebx 0x8000000a.0.edx 0x80000021.0.eax
	0x80000021.0.ecx 0x80000022.0.eax 0xc0000001.0.edx msr.0xcf msr.0x10a msr.0x345 msr.0x480 msr.0x485 msr.0x48b
	msr.0x48c msr.0x48d msr.0x48e msr.0x48f msr.0x490 msr.0x491"

# record NAME [7.0.EBX [PHYS-BITS [7.0.EDX]]]: that of a small Intel node; a haswell's rtm is 0x800, hle 0x10.
record() {
	# shellcheck disable=SC2086
	cat <<-END
		format: 2
		source: kvm
		node: $1
		kernel: "6.1.0-40-amd64"
		qemu: "7.2.22"
		vendor: GenuineIntel
		model: [6, 85, 7]
		phys-bits: ${3:-46}
		machines: [pc-i440fx-7.2]
		properties: "host-phys-bits-limit hle ${names-rtm}"
		models: "host"
		host: "${host_type-host}"
		words:
		$(printf '  %s: 0x0\n' $zero_words)
		  0x1.0.ecx: 0x80802009
		  0x1.0.edx: 0x78bfbff
		  0x6.0.eax: 0x4
		  0x7.0.ebx: ${2:-0x810}
		  0x7.0.edx: ${4:-0}
		  0x40000001.0.eax: 0x1
		  0x80000001.0.ecx: 0x1
		  0x80000001.0.edx: 0x20100800
		xsave:
		$(printf '  %d: [0, 0, 0]\n' {2..19})
		complete: yes
	END
}

# publish NAME [...]: a record as above, in its place.
publish() {
	record "$@" >"$host/$nodes/$1.yaml"
}

# Two nodes that are equal, one with less, one with narrower addresses.
publish_four() {
	publish node1 && publish node2
	publish node3 0x10
	publish node4 0x810 40
}

# dump EBX: of leaf 7, of a machine that says little.
dump() {
	cat <<-END
		# a comment
		00000000 00000000 00000007 756e6547 6c65746e 49656e69
		00000001 00000000 00050657 00000800 fffa3223 178bfbff
		00000007 00000000 00000000 $1 00000000 00000000
		80000000 00000000 80000008 00000000 00000000 00000000
		80000001 00000000 00000000 00000000 00000121 2c100800
		80000008 00000000 0000302e 00000000 00000000 00000000
	END
}

needs_kvm() {
	[ -w /dev/kvm ] || skip "no /dev/kvm"
	[ -x /usr/bin/kvm ] || skip "no QEMU"
}

# Not every KVM lets a QEMU set what it offers: the first that starts is the one.
find_type() {
	for type in host host,-arch-capabilities kvm64; do
		! "$gnt_tune" cpu try "$type" >/dev/null || return 0
	done
	skip "QEMU starts with no cpu_type here"
}

# start_qemu CPU_TYPE: a guest that waits, at ./qmp.
start_qemu() {
	kvm -S -nodefaults -no-user-config -display none -m 1 -machine accel=kvm -cpu "$1" \
		-qmp unix:qmp,server=on,wait=off 3>&- &
	qemu_pid=$!
	wait_until 60 test -S qmp
}

@test "called wrongly: 2" {
	fails_with 2 "$gnt_tune" cpu
	says "cpu takes a verb"
	fails_with 2 cpu frobnicate
	says "no verb 'frobnicate'"
	local words
	for words in compare "compare host" "compare node1" "try" "try a b" "guests x" "compare instance x"; do
		# shellcheck disable=SC2086
		fails_with 2 cpu $words || [ "$words" = "compare instance x" ]
	done
	publish_four
	fails_with 2 cpu show node1 node2
	says "one image is expected, and 'node2' is another: see gnt-tune cpu --help"
	fails_with 2 cpu compare node1 node2 node3
	fails_with 2 cpu show node1 -o colour
	fails_with 2 cpu matrix -o colour
}

@test "--help lists verbs, images and fields" {
	fails_with 0 "$gnt_tune" cpu --help
	says show record compare matrix baseline try "instance NAME" "Fields for -o" "reasons" "--pairs" "--qemu"
}

@test "show: a record, by node and by file, and a dump" {
	publish node1 0x810
	fails_with 0 cpu show node1
	says "GenuineIntel" "6/85/7" "6.1.0-40-amd64" "7.2.22" "hle rtm"
	fails_with 0 cpu show "$host/$nodes/node1.yaml"
	says "hle rtm"
	dump 00000810 >machine
	fails_with 0 cpu show machine
	says "raw" "hle rtm"
	fails_with 0 cpu show --separator='|' --no-headers -o value,field machine
	says "GenuineIntel|vendor" "46|phys-bits" "-|kernel"
	[[ "$output" != *FIELD* ]]
}

@test "show: cpuid -r, a pipe, a file whose name tells nothing" {
	cat >x.yaml <<-END
		CPU 0:
		   0x00000000 0x00: eax=0x00000007 ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69
		   0x00000001 0x00: eax=0x00050657 ebx=0x00000800 ecx=0xfffa3223 edx=0x178bfbff
	END
	fails_with 0 cpu show x.yaml
	says "GenuineIntel" "aes"
	fails_with 0 cpu show <(record node9)
	says "node9"
}

@test "show: the text of AIDA64, libvirt's XML, and of others the list of formats" {
	printf '%s\r\n' "------[ Versions ]------" "" "------[ Logical CPU #0 ]------" \
		"CPUID 00000000: 00000007-756E6547-6C65746E-49656E69 [GenuineIntel]" \
		"CPUID 00000001: 00050657-00000800-FFFA3223-178BFBFF" "CPUID 00000007: 00000000-00000810-00000000-00000000 [SL 00]" \
		"" "------[ MSR Registers ]------" "MSR 0000001B: 0000-0000-FEE0-0900" >machine.txt
	fails_with 0 cpu show machine.txt
	says "6/85/7" "hle rtm"
	cat >machine.xml <<-END
		<cpudata arch='x86'>
		  <cpuid eax_in='0x0' ecx_in='0x0' eax='0x7' ebx='0x756e6547' ecx='0x6c65746e' edx='0x49656e69'/>
		  <cpuid eax_in='0x1' eax='0x50657' ebx='0x800' ecx='0xfffa3223' edx='0x178bfbff'/>
		  <cpuid eax_in='0x7' eax='0x0' ebx='0x810' ecx='0x0' edx='0x0'/>
		</cpudata>
	END
	fails_with 0 cpu show machine.xml
	says "6/85/7" "hle rtm"
	fails_with 0 cpu compare machine.txt machine.xml
	printf 'processor\t: 0\nvendor_id\t: GenuineIntel\n' >cpuinfo
	fails_with 1 cpu show cpuinfo
	says "cpuinfo:1:1: none of the formats that are read" "AIDA64" "<cpudata>" "cpuid -r"
}

@test "dumps: the kernel and the QEMU that they are taken for are said, and can be chosen" {
	dump 00000810 >machine
	fails_with 0 cpu show machine
	says "Linux 6.12, QEMU 10.2" "--kernel and --qemu"
	fails_with 0 cpu show --kernel 6.1 --qemu 7.2 --no-headers --separator='|' machine
	says "profile|Linux 6.1, QEMU 7.2"
	fails_with 0 cpu matrix --kernel 6.1 machine machine
	[ "$(grep -c 'Linux 6.1, QEMU 10.2' <<<"$stderr")" -eq 1 ]
	fails_with 1 cpu show --kernel 5.4 machine
	says "no profile of Linux 5.4, these are known: 6.1, 6.12"
	fails_with 1 cpu show --qemu 6 machine
	says "no profile of QEMU 6,"
	# A record says itself what it was made under.
	publish node1
	fails_with 0 cpu show node1
	[[ "$output$stderr" != *profile* && "$output$stderr" != *--kernel* ]]
}

@test "dumps: CPUs that are not the same are named" {
	{ echo "CPU 0:" && dump 00000810 && echo "CPU 1:" && dump 00000010; } >hybrid
	fails_with 0 cpu show hybrid
	says "differs" "hybrid: its CPUs differ (CPU 1: 0x7.0.ebx), and only what all of them have counts"
	[[ "$output" != *rtm* ]]
}

@test "show: a node comes before a file of its name" {
	publish node1 0x810
	record node1 0x10 >node1
	fails_with 0 cpu show node1
	says "hle rtm"
	fails_with 0 cpu show ./node1
	[[ "$output" != *rtm* ]]
}

@test "JSON is JSON" {
	needs jq
	publish_four
	cpu show node1 --json | jq -e '.cpu[] | select(.field == "vendor").value == "GenuineIntel"'
	cpu show node1 --json | jq -e '.cpu[] | select(.field == "tsc-khz").value == null'
	cpu matrix --json | jq -e '.pairs | length == 12'
	cpu matrix --json -o + | jq -e '.pairs[0] | .from_class == .to_class'
	cpu baseline --json | jq -e '.baseline[0].value | startswith("host,")'
	cpu compare node3 node1 --json 2>/dev/null | jq -e '.comparison[] | select(.class == "gained").name == "rtm"'
	cpu compare node1 node2 --json 2>/dev/null | jq -e '.comparison == []'
}

@test "compare: 0 allowed, 4 refused, 1 failed" {
	publish_four
	fails_with 0 cpu compare node1 node2
	says "node1 to node2: allowed"
	fails_with 4 cpu compare node1 node3
	says "lost" "rtm" "refuses" "node1 to node3: refused: lost:rtm"
	fails_with 4 cpu compare node1 node4
	says "addr:phys-bits 46->40"
	fails_with 0 cpu compare node4 node1
	says "allowed, with a warning: model:"
	fails_with 1 cpu compare node1 node5
	says "neither a file nor a node"
}

# forget NAME WORD...: words of its record, as of a program that did not know them yet.
forget() {
	local name=$1 word
	shift
	for word; do sed -i "/^  $word: /d" "$host/$nodes/$name.yaml"; done
}

@test "compare: what is not known is told apart, and what the gate makes of it" {
	publish_four
	forget node2 msr.0x10a
	fails_with 0 cpu compare node2 node1
	says "node2 to node1: not known; the gate refuses that (cpu.unknown: refuse): unknown:arch capabilities"
	run --separate-stderr cpu compare node2 node1 --no-headers --separator=: -o class,effect,verdict
	[ "$output" = "unknown:not known:warn" ]
	# A known loss refuses, whatever else is unknown.
	fails_with 4 cpu compare node2 node3
	says "node2 to node3: refused: lost:rtm"
	[[ "$stderr" != *unknown* ]]
	use_policy - <<<'cpu: {unknown: warn}'
	fails_with 0 cpu compare node2 node1
	says "node2 to node1: allowed, with a warning: unknown:arch capabilities"
	fails_with 4 cpu compare node2 node3
}

@test "matrix: what is not known is told apart" {
	publish_four
	forget node2 msr.0x10a
	fails_with 0 cpu matrix
	[[ "${lines[2]}" =~ ^2\ +node2\ +\?\ +-\ +NO\ +NO\ +x86-64-v1$ ]]
	says "1 unknown"
	run --separate-stderr cpu matrix --pairs --no-headers --separator=$'\t' node1 node2
	[ "${lines[1]}" = $'node2\tnode1\twarn\tunknown:arch capabilities' ]
	use_policy - <<<'cpu: {unknown: warn}'
	fails_with 0 cpu matrix
	says "0 unknown"
}

@test "compare: what is gained, and to which nodes the guest could not return" {
	publish_four
	fails_with 0 cpu compare node3 node1
	says "gained" "no-return"
	fails_with 0 cpu compare --separator=: --no-headers -o class,name node3 node1
	says "gained:rtm" "no-return:node3"
	publish node5 0x10
	fails_with 0 cpu compare --separator=: --no-headers -o class,name node3 node1
	says "no-return:node3" "no-return:node5"
}

# guest_of NODE TYPE: the record of a guest that sees what the node has.
guest_of() {
	sed -e 's/^source: .*/source: guest/' -e "/^node: /s/.*/cpu: \"$2\"/" -e '/^machines:/,/^[^-]/{/^machines:/d;/^-/d}' \
		"$host/$nodes/$1.yaml"
}

@test "compare: a guest gains nothing that its cpu_type switches off" {
	publish_four
	guest_of node3 host >host.yaml
	guest_of node3 host,-rtm >masked.yaml
	guest_of node3 kvm64 >named.yaml
	fails_with 0 cpu compare --separator=: --no-headers -o class,name ./host.yaml node1
	says "gained:rtm" "no-return:node3"
	fails_with 0 cpu compare --separator=: --no-headers -o class,name ./masked.yaml node1
	[[ $output != *gained* && $output != *no-return* ]]
	fails_with 0 cpu compare --separator=: --no-headers -o class,name ./named.yaml node1
	[[ $output != *gained* && $output != *no-return* ]]
}

@test "compare: the policy waives a class, and that is said" {
	publish node1 0x10 46 0x400
	publish node2 0x10
	fails_with 4 cpu compare node1 node2
	says "security:md-clear" "refuses"
	mkdir -p "$host/etc/ganeti"
	(umask 022 && echo 'cpu: {allow: [security]}' >"$host/etc/ganeti/tune.yaml")
	fails_with 0 cpu compare node1 node2
	says "waived" "tune.yaml" "security:md-clear"
	run --separate-stderr cpu matrix --pairs --separator=: --no-headers -o from,to,verdict
	[ "${lines[0]}" = "node1:node2:warn" ]
}

@test "matrix: a table and classes for people" {
	publish_four
	fails_with 0 cpu matrix
	[[ "${lines[0]}" =~ ^NR\ FROM\ +1\ +2\ +3\ +4\ +LEVEL$ ]]
	[[ "${lines[1]}" =~ ^1\ +node1\ +-\ +ok\ +NO\ +NO\ +x86-64-v1$ ]]
	[[ "${lines[3]}" =~ ^3\ +node3\ +ok\ +ok\ +-\ +NO\ +x86-64-v1$ ]]
	says "class 1: node1, node2" "class 2: node3" "class 3: node4" "4 CPUs"
}

@test "matrix: rows for programs" {
	publish_four
	run --separate-stderr cpu matrix --pairs --no-headers --separator=$'\t' "$host/$nodes"/node[13].yaml
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = $'node1\tnode3\trefuse\tlost:rtm' ]
	[ "${lines[1]}" = $'node3\tnode1\tok\t' ]
	run --separate-stderr cpu matrix --pairs --separator=:
	[ "${lines[0]}" = "FROM:TO:VERDICT:REASONS" ]
	[ "${#lines[@]}" -eq 13 ]
}

@test "show and matrix: the level that binaries are made for" {
	dump 00000810 >machine
	fails_with 0 cpu show machine --no-headers --separator='|'
	says "level|x86-64-v2"
	run --separate-stderr cpu matrix machine machine --pairs --no-headers --separator='|' -o from_level,to_level
	[ "${lines[0]}" = "x86-64-v2|x86-64-v2" ]
	publish node1
	sed -i 's/0x80000001.0.ecx: 0x1/0x80000001.0.ecx: 0x0/' "$host/$nodes/node1.yaml"
	forget node1 0x80000001.0.edx
	fails_with 0 cpu show node1 --no-headers --separator='|'
	says "level|-"
}

# publish_releases: node1 has an older QEMU than node2.
publish_releases() {
	publish node1 && publish node2
	sed -i 's/^machines:.*/machines: ["pc", "pc-i440fx-7.2"]\naliases: "pc=pc-i440fx-7.2"/' "$host/$nodes/node1.yaml"
	sed -i 's/^machines:.*/machines: ["pc", "pc-i440fx-7.2", "pc-i440fx-10.0"]\naliases: "pc=pc-i440fx-10.0"/
		s/^qemu:.*/qemu: "10.0.13"/' "$host/$nodes/node2.yaml"
}

@test "matrix and compare: with the machine_version of the cluster guests can go to an older QEMU" {
	publish_releases
	set_value var/lib/ganeti/ssconf_hvparams_kvm machine_version=
	run --separate-stderr cpu matrix --pairs --no-headers --separator='|'
	[ "$output" = $'node1|node2|ok|\nnode2|node1|refuse|lost:qemu 10.0.13->7.2.22' ]
	fails_with 4 cpu compare node2 node1
	says "refuses; set a machine_version that both nodes have and restart the guest"
	set_value var/lib/ganeti/ssconf_hvparams_kvm machine_version=pc-i440fx-7.2
	run --separate-stderr cpu matrix --pairs --no-headers --separator='|'
	[ "$output" = $'node1|node2|ok|\nnode2|node1|warn|hint:qemu 10.0.13->7.2.22 with pc-i440fx-7.2' ]
	fails_with 0 cpu compare node2 node1
	says "allowed, with a warning" "QEMU intends this for such a machine type, but does not promise it"
	set_value var/lib/ganeti/ssconf_hvparams_kvm machine_version=pc
	run --separate-stderr cpu matrix --pairs --no-headers --separator='|' -o verdict
	[ "$output" = $'refuse\nrefuse' ]
}

@test "matrix: a record that cannot be read is said, the others are compared, and it is no success" {
	publish_four
	record node2 | head -n 14 >"$host/$nodes/node2.yaml"
	fails_with 1 cpu matrix --pairs
	says "node2.yaml:1:1: the record is cut short" "node4"
	[[ "$output" != *node2* ]]
	fails_with 1 cpu baseline
	says "cannot be used"
	[ -z "$output" ]
	publish node2
	record node9 >"$host/$nodes/node1.yaml"
	fails_with 1 cpu matrix
	says "is the record of node9"
}

@test "matrix and baseline of nothing" {
	fails_with 1 cpu matrix
	says "no record in /var/lib/ganeti-tune/nodes"
	fails_with 1 cpu baseline
}

@test "baseline: the cpu_type, the command, the costs" {
	publish_four
	run --separate-stderr cpu baseline --separator='|' --no-headers
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'cpu_type|-|host,-rtm,host-phys-bits-limit=40' ]
	[ "${lines[1]}" = "modify|-|gnt-cluster modify -H 'kvm:cpu_type=host\\,-rtm\\,host-phys-bits-limit=40'" ]
	[ "${lines[2]}" = 'cost|node1|rtm' ]
	[ "${lines[4]}" = 'cost|node3|nothing' ]
	fails_with 0 cpu baseline node1 node2 --separator='|'
	says "cpu_type|-|host"
	record amd | sed 's/GenuineIntel/AuthenticAMD/' >amd.yaml
	fails_with 1 cpu baseline node1 amd.yaml
	says "nothing in common"
}

@test "baseline: no type that a node's QEMU does not know, no record of another format" {
	publish node1
	names=tsx publish node2 0x10
	fails_with 1 cpu baseline
	says "host,-rtm: QEMU 7.2.22 of node2 knows no CPU feature 'rtm'"
	[ -z "$output" ]
	record node2 0x10 | sed 's/^format: 2/format: 1/; /^properties/d' >"$host/$nodes/node2.yaml"
	fails_with 1 cpu baseline
	says "the record of node2 does not tell which names its QEMU knows" "gnt-tune cpu publish"
	# What comes later cannot be read, what was before can.
	record node2 | sed 's/^format: 2/format: 3/' >"$host/$nodes/node2.yaml"
	fails_with 1 cpu show node2
	says "unknown format 3"
}

@test "baseline: what a node has to switch off, and a node that starts no host" {
	publish node1
	host_type=host,-hle publish node2
	run --separate-stderr cpu baseline --separator='|' --no-headers
	[[ "$output" = *"cpu_type|-|host,-hle"* ]]
	host_type=none publish node2
	fails_with 1 cpu baseline
	says "host: the QEMU of node2 starts no 'host'"
	record node2 | sed '/^host:/d' >"$host/$nodes/node2.yaml"
	fails_with 1 cpu baseline
	says "the record of node2 does not tell whether its QEMU starts 'host'" "gnt-tune cpu publish"
}

@test "baseline: of a dump what it knows, and what it does not is said" {
	dump 00000010 >one.cpuid
	dump 00000800 >two.cpuid
	fails_with 0 cpu baseline --separator='|' one.cpuid two.cpuid
	says "cpu_type|-|host,-hle,-rtm" "cost|one|hle" "one: unknown, and not compared: " "0x40000001.0.eax"
}

@test "names never lead out of their directory" {
	local long name
	long=$(printf 'a%.0s' {1..300})
	publish node1
	record evil >"$host/var/evil.yaml"
	for name in instance:../../etc/passwd "instance:$long" instance: instance:a/b instance:.. "$long"; do
		fails_with 1 cpu show "$name"
		says "cannot be the name"
		[ "${#stderr}" -lt 400 ]
	done
	fails_with 1 cpu show instance ../../../evil
	says "cannot be the name"
	# As a file it is one that holds no CPU, if it is there.
	fails_with 1 cpu compare ../../etc/passwd node1
	fails_with 1 cpu show ../../evil
	fails_with 1 cpu show /etc/passwd
	[[ "$stderr" != *root:* ]]
	fails_with 1 cpu show "$BATS_TEST_TMPDIR"
	says "Is a directory"
	fails_with 1 cpu show /dev/zero
	fails_with 1 cpu show /dev/null
	fails_with 1 cpu show ''
}

@test "damaged files are refused at their place, cut anywhere" {
	record node1 >whole.yaml
	local size
	for size in 0 1 5 9 30 200 500; do
		head -c "$size" whole.yaml >cut.yaml
		fails_with 1 cpu show cut.yaml
		says "cut.yaml:"
	done
	sed 's/format: 2/format: 9/' whole.yaml >new.yaml
	fails_with 1 cpu show new.yaml
	says "format 9"
	dump 0000081g >machine.cpuid
	fails_with 1 cpu show machine.cpuid
	says "machine.cpuid:4:" "hexadecimal"
	dump 00000810 | sed 2d >machine.cpuid
	fails_with 1 cpu show machine.cpuid
	says "leaf 0 is missing"
}

@test "an instance that does not run, a path that is no socket" {
	fails_with 1 cpu show instance inst1
	says "inst1 does not run"
	fails_with 1 cpu show qemu no/socket
	says "No such file"
	: >"$host/file"
	fails_with 1 cpu show qemu:file
}

@test "no KVM, no QEMU" {
	fails_with 1 cpu show host
	says "dev/kvm"
	fails_with 1 cpu record
	fails_with 1 cpu try host
	says "dev/kvm"
	needs_kvm
	fails_with 1 "$gnt_tune" cpu record --qemu nonexistent/kvm
	says "nonexistent/kvm"
	[ -z "$output" ]
	fails_with 1 "$gnt_tune" cpu try host --qemu nonexistent/kvm
	fails_with 1 "$gnt_tune" cpu show host --qemu nonexistent/kvm
}

@test "this node: show, record, compared with its own record" {
	needs_kvm
	fails_with 0 "$gnt_tune" cpu show
	says "kvm" "$(kvm --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')" "$(uname -r)"
	"$gnt_tune" cpu record >now.yaml
	fails_with 0 "$gnt_tune" cpu compare host now.yaml
	fails_with 0 "$gnt_tune" cpu compare now.yaml host
	sed 's/^node: .*/node: "node7"/' now.yaml >"$host/$nodes/node7.yaml"
	fails_with 0 cpu compare node7 now.yaml
}

@test "try: yes, no and why, in time" {
	needs_kvm
	find_type
	fails_with 0 "$gnt_tune" cpu try "$type"
	says "yes: this node can run $type"
	fails_with 4 "$gnt_tune" cpu try no-such-model
	says "no: " "no-such-model"
	fails_with 4 "$gnt_tune" cpu try "$type,+no-such-feature"
	says "no-such-feature"
	# A feature that no Intel has, and one that no AMD has.
	fails_with 4 "$gnt_tune" cpu try kvm64,+fma4,+ds
	says "requested features: "
}

@test "a QEMU that runs: shown, and compared with a node that lacks a feature" {
	needs_kvm
	find_type
	start_qemu "$type"
	fails_with 0 "$gnt_tune" cpu show "qemu:$PWD/qmp"
	says "guest"
	fails_with 0 "$gnt_tune" cpu compare qemu "$PWD/qmp" host
	# Every 64 bit CPU has it, and every guest sees it.
	"$gnt_tune" cpu record | perl -pe 's/(0x1\.0\.edx: )0x([0-9a-f]+)/$1 . sprintf("0x%x", hex($2) & ~(1 << 26))/e' >less.yaml
	fails_with 4 "$gnt_tune" cpu compare qemu "$PWD/qmp" less.yaml
	says "lost:sse2"
}

# The files of Ganeti's KVM hypervisor for a QEMU at ./qmp; the process is a copy of the running one.
make_instance() {
	local run=$host/var/run/ganeti/kvm-hypervisor
	mkdir -p "$run"/{pid,ctrl,conf} "$host/proc/$qemu_pid" "$host/dev"
	mknod "$host/dev/kvm" c 10 232 2>/dev/null && [ -w "$host/dev/kvm" ] || skip "no device nodes here"
	true 3>"$host/dev/kvm" || skip "device nodes do not work here"
	echo "$qemu_pid" >"$run/pid/$1"
	tr '\0' '\n' <"/proc/$qemu_pid/cmdline" | sed "1a-enable-kvm\n-name\n$1" | tr '\n' '\0' >"$host/proc/$qemu_pid/cmdline"
	mv qmp "$run/ctrl/$1.qmp"
	set_value proc/sys/kernel/hostname node1.example.com
	set_value proc/sys/kernel/osrelease "$(uname -r)"
}

@test "a running instance: two words or one, compared with the node's own record" {
	needs_root
	needs_kvm
	find_type
	start_qemu "$type"
	make_instance inst1
	fails_with 0 cpu show instance inst1
	says "guest" "$type"
	fails_with 0 cpu show instance:inst1
	"$gnt_tune" cpu record | sed 's/^node: .*/node: "node1"/' >"$host/$nodes/node1.yaml"
	fails_with 0 cpu guests --no-headers --separator=: -o instance,cpu_type,note
	[ "$output" = "inst1:$type:-" ]
	# A record of what the guest sees is as good as the guest.
	cpu record instance:inst1 >guest.yaml
	diff <(cpu compare instance:inst1 node1 --no-headers --separator=: -o class,name,effect | grep -v no-return) \
		<(cpu compare ./guest.yaml node1 --no-headers --separator=: -o class,name,effect | grep -v no-return)
	fails_with 0 cpu compare instance inst1 node1
	says "inst1 to node1: allowed"
	fails_with 0 cpu compare instance:inst1 instance inst1
	# One that hangs is given up in a second: Ganeti wants its socket.  The limit is for a machine under load.
	kill -STOP "$qemu_pid"
	fails_with 1 timeout 30 "$gnt_tune" cpu --root "$host" show instance inst1
	says "in time"
}

@test "guests: one that cannot be read is listed with the reason" {
	set_value var/run/ganeti/kvm-hypervisor/pid/inst1 garbage
	fails_with 0 cpu guests --no-headers --separator='|' -o +note
	says "inst1|-|-|var/run/ganeti/kvm-hypervisor/pid/inst1: "
}

@test "the collection of dumps: every pair has the verdict of the table" {
	local collection=${TUNE_CPUID_DIR:-$TUNE_SRCDIR/../shared/cpuid}
	[ -e "$collection/expected-2.tsv" ] || skip "no collection of dumps; TUNE_CPUID_DIR names one"
	tail -n +2 "$collection/expected-2.tsv" | awk -F'\t' '{ print $1, $2, $3 == "refuse" }' | sort >expected
	cpu matrix --pairs --no-headers --separator=$'\t' "$collection"/*.cpuid >found
	[ "$(wc -l <found)" -ge 1892 ]
	awk -F'\t' 'NF != 4 { exit 1 } { print $1, $2, $3 == "refuse" }' found | sort | diff expected -
	fails_with 0 cpu matrix "$collection"/*.cpuid
	says "too many for a table"
}

@test "a thousand records: at most 64 MiB" {
	[ -x /usr/bin/time ] || skip "time is not installed"
	local i
	for i in {1..1000}; do publish "node$i" "$((i % 7 * 16))"; done
	/usr/bin/time -o used -f %M "$gnt_tune" cpu matrix --root "$host" >classes 2>/dev/null
	[ "$(wc -l <classes)" -eq 2 ]
	[ "$(cat used)" -le $((64 * kib)) ]
	/usr/bin/time -o used -f %M "$gnt_tune" cpu matrix --root "$host" --pairs --separator=: -o from,to,verdict | wc -l >rows
	[ "$(cat rows)" -eq 999001 ]
	[ "$(cat used)" -le $((64 * kib)) ]
}
