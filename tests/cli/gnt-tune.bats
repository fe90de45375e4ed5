# gnt-tune as people and scripts meet it: exit codes, formats, messages.
load helper

setup() {
	make_host drbd-sata
}

commands="list plan apply verify revert explain status cpu"

# What `script` records of a command on a terminal, which has columns enough.
on_terminal() {
	needs script
	script -qec "stty cols 200; $*" /dev/null </dev/null
}

@test "0: as wanted" {
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	fails_with 0 tune verify
	fails_with 0 tune plan
	fails_with 0 tune apply
}

@test "1: failed" {
	fails_with 1 tune plan --policy /nonexistent/tune.yaml
	says "gnt-tune: /nonexistent/tune.yaml: No such file"
	fails_with 1 "$gnt_tune" plan --root /nonexistent
	says "gnt-tune: /nonexistent: No such file"
}

@test "2: called wrongly" {
	fails_with 2 "$gnt_tune"
	says "Usage:"
	fails_with 2 "$gnt_tune" frobnicate
	says "unknown command 'frobnicate'"
	fails_with 2 "$gnt_tune" --frobnicate
	says "unknown option --frobnicate" "Usage:"
	fails_with 2 "$gnt_tune" --root
	fails_with 2 "$gnt_tune" --help frobnicate
	says "unknown command 'frobnicate'"
	fails_with 2 tune plan --frobnicate
	says "--frobnicate"
	fails_with 2 tune plan vm.swappiness
	says "takes no argument 'vm.swappiness'"
	fails_with 2 tune explain
	fails_with 2 tune explain ksm.run vm.swappiness
	fails_with 2 tune plan --policy
}

@test "4: differs" {
	fails_with 4 tune plan
	fails_with 4 tune verify
	fails_with 4 tune apply --dry-run
}

@test "plan and verify name who else sets a value" {
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	set_value etc/sysctl.d/99-mine.conf vm.swappiness=7
	fails_with 4 tune verify
	says "vm.swappiness: contested: sysctl.d sets it to 7 at boot: etc/sysctl.d/99-mine.conf:1"
	fails_with 4 tune plan
	says contested
	fails_with 0 tune apply
	ln -s 99-loop.conf "$host/etc/sysctl.d/99-loop.conf"
	fails_with 4 tune verify
	says "who else sets these values is not known: " "99-loop.conf"
}

@test "a rule that names a missing object is a finding" {
	use_policy - <<<'disks: [{match: sdz, scheduler: none}, {match: hdd, rq_affinity: 1}]'
	fails_with 4 tune verify
	says "etc/ganeti/tune.yaml:1: match 'sdz' fits no disk here"
	fails_with 4 tune plan
	says "match 'sdz' fits no disk here"
}

@test "apply --dry-run and revert --dry-run write nothing" {
	local before
	before=$(fingerprint)
	fails_with 4 tune apply --dry-run
	[ "$before" = "$(fingerprint)" ]
	tune apply || true
	before=$(fingerprint)
	fails_with 4 tune revert --dry-run
	[ "$before" = "$(fingerprint)" ]
}

@test "every command prints JSON" {
	needs jq
	local command
	for command in list plan verify status "explain disk.scheduler" apply revert; do
		# shellcheck disable=SC2086
		tune $command --json -o + 2>/dev/null >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ] || [ "$command" = apply ]
		jq -e 'to_entries[0].value | length > 0' "$BATS_TEST_TMPDIR/json"
	done
}

@test "JSON is one document, with --dry-run, too" {
	needs jq
	tune apply --dry-run --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ]
	jq -es 'length == 1 and (.[0].settings | length) == 14' "$BATS_TEST_TMPDIR/json"
	tune apply --json >"$BATS_TEST_TMPDIR/json" || true
	jq -es 'length == 1 and (.[0].settings | length) == 14' "$BATS_TEST_TMPDIR/json"
	tune revert --dry-run --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ]
	jq -es 'length == 1 and (.[0].settings | length) > 0' "$BATS_TEST_TMPDIR/json"
}

# comma_locale: one whose numbers have a comma, and nothing else of its own, in $LOCPATH.
comma_locale() {
	needs localedef
	LOCPATH=$BATS_TEST_TMPDIR/locales
	mkdir -p "$LOCPATH"
	localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" >/dev/null 2>&1 || [ -e "$LOCPATH/de_DE.UTF-8/LC_NUMERIC" ] ||
		skip "localedef has no sources here, see the package locales"
	export LOCPATH
}

@test "numbers and words are the same in any locale" {
	local host command
	comma_locale
	[ "$(LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5')" = 1,5 ]
	make_host drbd-84 other
	for command in "drbd" "drbd --json" "status --json -o +" "plan --json"; do
		# shellcheck disable=SC2086
		diff <(tune $command 2>&1) <(LC_ALL=de_DE.UTF-8 LANGUAGE=de tune $command 2>&1)
	done
	tune drbd | grep -q '1\.50'
}

@test "revert says that what appears later is left alone, until apply says otherwise" {
	tune apply || true
	[ ! -e "$host/run/ganeti-tune/reverted" ]
	tune revert --dry-run || [ $? -eq 4 ]
	[ ! -e "$host/run/ganeti-tune/reverted" ]
	tune revert || true
	[ -e "$host/run/ganeti-tune/reverted" ]
	tune apply || true
	[ ! -e "$host/run/ganeti-tune/reverted" ]
}

@test "doctor: what is there, what is missing, and a way out; nothing is written" {
	needs jq
	local before
	before=$(fingerprint)
	fails_with 4 tune doctor --separator=: --no-headers
	says "qemu:missing:usr/bin/kvm is not there:apt install qemu-system-x86" "ganeti:missing:" "hooks:missing:0 of 14" \
		"drbd:optional:" "gnt-tune cpu publish on the master"
	[ "$before" = "$(fingerprint)" ]
	set_value proc/drbd "version: 8.4.11"
	set_value proc/sys/kernel/osrelease 5.4.0-generic
	fails_with 4 tune doctor --separator=: --no-headers
	says "drbd:missing:" "kernel:missing:5.4.0-generic:run Linux 5.6 or later"
	set_value proc/sys/kernel/osrelease 6.1.0-37-amd64
	make_program usr/bin/kvm true
	tune doctor --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ]
	[ "$(jq -r '.doctor[] | select(.state == "good") | .part' "$BATS_TEST_TMPDIR/json" | grep -cxE 'kernel|qemu')" -eq 2 ]
	fails_with 2 tune doctor now
}

@test "JSON keeps any value whole" {
	needs jq
	use_policy - <<<'attributes: {sys/kernel/mm/odd: "\"a\\b\" | <ü>"}'
	set_value sys/kernel/mm/odd 'say "x\y"	<é>'
	tune plan --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ]
	[ "$(jq -r '.settings[0].have' "$BATS_TEST_TMPDIR/json")" = 'say "x\y" <é>' ]
	[ "$(jq -r '.settings[0].want' "$BATS_TEST_TMPDIR/json")" = '"a\b" | <ü>' ]
}

@test "JSON is UTF-8 whatever the kernel shows" {
	needs jq iconv
	use_policy - <<<'attributes: {sys/kernel/mm/odd: plain}'
	set_value sys/kernel/mm/odd $'a\x01\xff'
	tune plan --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 4 ]
	iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/json" | jq -e '.settings | length == 1'
}

@test "JSON of nothing to report is still JSON" {
	needs jq
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	tune verify --json | jq -e '.settings == []'
}

@test "--separator and --no-headers" {
	run --separate-stderr tune plan --separator=: -o param,want
	[ "${lines[0]}" = "PARAM:WANT" ]
	[ "${lines[3]}" = "vm.swappiness:10" ]
	run --separate-stderr tune plan --separator=: --no-headers -o param,want
	[ "${lines[2]}" = "vm.swappiness:10" ]
	run --separate-stderr tune plan --no-headers
	[[ "${lines[0]}" == vm.dirty_background_bytes* ]]
}

# A value may hold control characters that are meant for an administrator's terminal.
@test "--separator: control characters reach a file, and no terminal" {
	needs script
	printf '60\033]0;title\a\302\233\377\n' >"$host/proc/sys/vm/swappiness"
	run --separate-stderr tune plan --separator=: --no-headers -o param,have
	[[ "$output" == *$'vm.swappiness:60\033]0;title\a\302\233\377'* ]]
	run script -qec "'$gnt_tune' plan --root '$host' --separator=: --no-headers -o param,have" /dev/null
	[[ "$output" == *"vm.swappiness:60?]0;title??"* ]]
	[[ "$output" != *$'\033'* && "$output" != *$'\302\233'* ]]
}

@test "-o chooses fields, -o + adds some" {
	run --separate-stderr tune plan --separator=, -o verdict,param
	[ "${lines[0]}" = "VERDICT,PARAM" ]
	run --separate-stderr tune plan --separator=, -o +risk,path
	[ "${lines[0]}" = "PARAM,OBJECT,HAVE,WANT,VERDICT,RISK,PATH" ]
	run --separate-stderr tune plan --separator=, -o +
	[ "${lines[0]}" = "PARAM,OBJECT,HAVE,WANT,VERDICT" ]
}

@test "an unknown field is called wrong, and nothing is written" {
	local before
	before=$(fingerprint)
	fails_with 2 tune apply -o param,colour
	says "unknown output field 'colour'"
	fails_with 2 tune plan -o ''
	fails_with 2 tune plan -o verdict,
	[ "$before" = "$(fingerprint)" ]
}

@test "--help of every command lists its fields" {
	local command field
	for command in $commands; do
		fails_with 0 "$gnt_tune" "$command" --help
		says "Fields for -o" "--root" "--json"
	done
	"$gnt_tune" plan --help | grep -q '\* verdict'
	"$gnt_tune" list --help | grep -q '  source'
}

@test "--help lists every command" {
	fails_with 0 "$gnt_tune" --help
	# shellcheck disable=SC2086
	says $commands "Exit status"
}

@test "--version" {
	fails_with 0 "$gnt_tune" --version
	[[ "$output" == "ganeti-tune "[0-9]* ]]
}

@test "list shows every row of the table" {
	local key
	"$gnt_tune" list --no-headers --separator='|' -o param >"$BATS_TEST_TMPDIR/list"
	sed -n 's/^\t{ \([A-Z]*\), "\([^"]*\)".*/\2/p' "$TUNE_SRCDIR/libtune/tuning/params.c" >"$BATS_TEST_TMPDIR/rows"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -gt 50 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -eq "$(wc -l <"$BATS_TEST_TMPDIR/list")" ]
	while read -r key; do
		grep -qE "(^|\.)$(sed 's/[*.]/\\&/g' <<<"$key")$" "$BATS_TEST_TMPDIR/list"
	done <"$BATS_TEST_TMPDIR/rows"
}

@test "explain: a sysctl, a disk's attribute, one that is not in the policy" {
	fails_with 0 tune explain vm.swappiness
	says "60" "10 (" "safe" "proc/sys/vm/swappiness" "vm.rst"
	fails_with 0 tune explain disk.scheduler
	says "bfq" "mq-deadline" "sdb" "sdc"
	fails_with 0 tune explain ksm.run
	says "not in the policy" "side-channel"
	[[ "$output" != *because* ]]
}

@test "explain: what an offload, and an MTU, cost and gain" {
	make_host network network
	fails_with 0 tune explain ethtool.feature/gso
	says "eth2" "6.6 with sg, tso, gso and gro off on the bridge's ports" "never by default"
	fails_with 0 tune explain link.mtu
	says "br0" "until it is told one itself" "a running one keeps it"
	fails_with 0 tune explain vm.swappiness
	[[ "$output" != *known* ]]
}

@test "status: interfaces by their own name" {
	make_host network network
	use_policy "$TUNE_SRCDIR/examples/wiki.yaml"
	fails_with 0 tune status
	says "link.eth2" "ethtool.eth2" "1 settings, 1 not as wanted" "4 settings, 4 not as wanted"
}

@test "explain: a sysctl of no row, an attribute by its path" {
	set_value proc/sys/kernel/odd 7
	fails_with 0 tune explain kernel.odd
	says "7"
	fails_with 0 tune explain /sys/kernel/mm/ksm/pages_shared
	says "0"
}

@test "explain: one thing has one answer, by whatever name" {
	local name
	for name in vm.swappiness vm/swappiness proc/sys/vm/swappiness /proc/sys/vm/swappiness; do
		fails_with 0 tune explain "$name"
		says "vm.swappiness" "10 (built-in" "safe"
	done
	fails_with 0 tune explain /sys/kernel/mm/ksm/run
	says "ksm.run" "side-channel"
	fails_with 0 tune explain sys/block/sdb/queue/scheduler
	says "disk.scheduler" "sdb" "mq-deadline (built-in"
	[[ "$output" != *sdc* ]]
	use_policy - <<<'attributes: {proc/sys/vm/swappiness: 30}'
	fails_with 0 tune explain vm.swappiness
	says "30 ("
}

@test "explain: a parameter that no object here has is explained all the same" {
	make_host minimal other
	local name
	for name in link.mtu ethtool.feature/tso drbd.net/max-buffers disk.scheduler; do
		fails_with 0 tune explain "$name"
		says "$name" "does" "risk" "source"
		[[ "$output" =~ now\ +absent ]]
	done
	# DRBD that does not answer is unknown, not missing.
	make_host drbd-84 drbd
	make_program usr/sbin/drbdsetup "exit 20"
	fails_with 0 tune explain drbd.net/max-buffers
	[[ "$output" =~ now\ +unknown ]]
	says "because" "status 20"
}

@test "what is not possible here says what is wanted and what is shown, on one line without tabs" {
	use_policy - <<<'sysctl: {net.ipv4.tcp_rmem: [1, 2]}'
	fails_with 4 tune plan
	says "net.ipv4.tcp_rmem: refused: '1 2' is not possible: shows '4096 131072 6291456'"
}

@test "explain: what cannot be read says why" {
	rm "$host/proc/sys/vm/swappiness"
	mkdir "$host/proc/sys/vm/swappiness"
	use_policy - <<<'{}'
	fails_with 0 tune explain vm.swappiness
	[[ "$output" =~ now\ +unknown ]]
	says "because" "Is a directory"
}

@test "explain: misspelt and unknown names" {
	fails_with 1 tune explain ""
	says "no such parameter"
	fails_with 1 tune explain vm.swapiness
	says "did you mean vm.swappiness"
	fails_with 1 tune explain disk.sheduler
	says "did you mean disk.scheduler"
	local name
	for name in scheduler=disk.scheduler shceduler=disk.scheduler swappiness=vm.swappiness \
		max-buffers=drbd.net/max-buffers read_expire=disk.iosched/read_expire; do
		fails_with 1 tune explain "${name%=*}"
		says "${name%=*}: no such parameter, did you mean ${name#*=}?"
	done
	fails_with 1 tune explain xyz
	[[ "$stderr" != *"did you mean"* ]]
	fails_with 1 tune explain no.such.thing.at.all
	says "no such parameter"
}

@test "status: before and after an apply" {
	fails_with 0 tune status
	says "node1.example.com" "built-in" "nothing changed since boot" "ksm" "disk.sdb"
	tune apply 2>/dev/null || true
	fails_with 0 tune status
	says "settings changed since boot"
}

@test "status: the wiki's KSM sample gives the profit it names" {
	set_value sys/kernel/mm/ksm/run 1
	set_value sys/kernel/mm/ksm/pages_shared 769324
	set_value sys/kernel/mm/ksm/pages_sharing 1510361
	set_value sys/kernel/mm/ksm/pages_unshared 4712835
	set_value sys/kernel/mm/ksm/pages_volatile 602177
	[ "$(getconf PAGESIZE)" -eq 4096 ] || skip "the sample is of 4 KiB pages"
	fails_with 0 tune status
	says "5700378048 bytes" "3.1" "wasted"
}

@test "status: a kernel without KSM, a machine without disks" {
	make_host no-ksm second
	fails_with 0 tune status
	says "not in this kernel"
}

@test "colours on a terminal only, and not with NO_COLOR" {
	local escape=$'\e'
	run on_terminal "$gnt_tune" plan --root "$host"
	[[ "$output" == *"$escape["* ]]
	run on_terminal NO_COLOR=1 "$gnt_tune" plan --root "$host"
	[[ "$output" != *"$escape["* ]]
	run tune plan
	[[ "$output" != *"$escape["* ]]
}

@test "the machine's own policy is read, and without one the built-in, which is examples/default.yaml" {
	tune plan -v >"$BATS_TEST_TMPDIR/builtin" || true
	use_policy "$TUNE_SRCDIR/examples/default.yaml"
	tune plan -v >"$BATS_TEST_TMPDIR/own" || true
	cmp "$BATS_TEST_TMPDIR/builtin" "$BATS_TEST_TMPDIR/own"
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	fails_with 0 tune plan
}

# rejects TEXT WORDS...: the policy is refused at a place and in WORDS, and nothing is written.
rejects() {
	local before text=$1
	use_policy - <<<"$text"
	before=$(fingerprint)
	fails_with 1 tune apply
	[ -z "$output" ]
	[[ "$stderr" =~ ^gnt-tune:\ /etc/ganeti/tune\.yaml:[0-9]+:[0-9]+:\  ]] || { echo "no place: $stderr"; return 1; }
	says "${@:2}"
	[ "$before" = "$(fingerprint)" ]
}

@test "a policy that is wrong is refused with its line and column, and nothing is written" {
	rejects 'sysctl: {vm.swapiness: 10}' ":1:10:" "swapiness" "vm.swappiness"
	rejects 'sysctl: {vm.swappiness: lots}' "lots" "number"
	rejects 'sysctl: {vm.swappiness: 1000}' "1000" "0..200"
	rejects 'sysctl: {vm.swappiness: 10, vm.swappiness: 20}' "vm.swappiness"
	rejects 'sysctl: {vm.swappiness: 10, vm/swappiness: 20}' "set already"
	rejects 'sysctl: {kernel.odd: 10, kernel/odd: 20}' "set already"
	rejects 'sysctl: {vm.dirty_bytes: 10000, vm.dirty_ratio: 20}' "one setting"
	rejects 'sysctl: [vm.swappiness]' "key: value"
	rejects 'sysctl: {vm.swappiness: [1, 2]}'
	rejects 'sysclt: {vm.swappiness: 10}' "sysctl"
	rejects 'disks: [{scheduler: none}]' "match"
	rejects 'disks: [{match: dbrd, scheduler: none}]' "drbd"
	rejects 'disks: {match: drbd}'
	rejects 'attributes: {etc/passwd: x}' "etc/passwd"
	rejects 'attributes: {sys/../etc/passwd: x}'
	rejects 'version: 2' "version"
	rejects 'sysctl: {vm.swappiness: 10'
	rejects $'sysctl:\n\tvm.swappiness: 10'
}

@test "an error in the last line counts for all before it" {
	use_policy "$TUNE_SRCDIR/examples/default.yaml"
	echo 'ksm: {run: 3}' >>"$host/etc/ganeti/tune.yaml"
	rejects "$(cat "$host/etc/ganeti/tune.yaml")" "0..2"
}

@test "root takes no policy that others may write" {
	needs_root
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	chmod 666 "$host/etc/ganeti/tune.yaml"
	fails_with 1 tune apply
	says "not trusted"
	chmod 644 "$host/etc/ganeti/tune.yaml"
	chown 65534 "$host/etc/ganeti/tune.yaml"
	fails_with 1 tune verify
	says "not trusted"
	[ "$(get_value proc/sys/vm/swappiness)" = 60 ]
}

@test "a policy that is a directory, a root that is a file" {
	mkdir -p "$host/etc/ganeti/tune.yaml"
	fails_with 1 tune plan
	says "is a directory"
	fails_with 1 "$gnt_tune" plan --root "$gnt_tune"
	says "Not a directory"
}

# powerless COMMAND...: root without its powers, to whom files of others are closed; not another user, from whom the build
# may be hidden.
powerless() {
	setpriv --inh-caps=-all --bounding-set=-all "$gnt_tune" "$1" --root "$host" "${@:2}"
}

@test "a root that may not be read" {
	needs_root
	needs setpriv
	chmod 700 "$host"
	chown 65534 "$host"
	fails_with 1 powerless plan
	says "Permission denied"
}

@test "an option of another command is called wrong, and nothing is written" {
	local before option
	before=$(fingerprint)
	for option in --apply --remove; do
		fails_with 2 tune apply "$option"
		says "gnt-tune: apply has no option $option (cpu tags has it); the nearest is --" "gnt-tune apply --help"
		fails_with 2 tune cpu show "$option"
		says "cpu show has no option $option"
	done
	fails_with 2 tune apply --pairs
	says "apply has no option --pairs (cpu matrix has it); the nearest is --"
	fails_with 2 tune apply --link 10G --qemu x
	says "apply has no option --qemu (doctor has it)"
	fails_with 2 tune apply --polciy x
	says "apply has no option --polciy; the nearest is --policy,"
	fails_with 2 tune revert --policy x
	says "revert has no option --policy (plan has it)"
	fails_with 2 tune apply -vx
	says "apply has no option -x"
	fails_with 2 tune cpu --pairs show
	says "cpu show has no option --pairs (cpu matrix has it)"
	for command in publish store; do
		fails_with 2 "$gnt_tune" cpu "$command" --root "$host" --dry-run </dev/null
		says "cpu $command has no option --dry-run"
	done
	fails_with 2 tune drbd --link 10G
	says "drbd [advise [--link SPEED]]"
	[ "$(fingerprint)" = "$before" ]
}

@test "options may stand in front of the command, and what is behind -- is none" {
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	fails_with 0 "$gnt_tune" --root "$host" plan
	says "1 setting: 1 same"
	fails_with 0 "$gnt_tune" --root="$host" -vo param --no-headers verify
	[ "$output" = vm.swappiness ]
	fails_with 0 "$gnt_tune" --separator : -o param --no-headers --root "$host" verify -v
	[ "$output" = vm.swappiness ]
	fails_with 0 "$gnt_tune" explain --root "$host" -- vm.swappiness
	fails_with 2 "$gnt_tune" plan --root "$host" -- --verbose
	says "plan takes no argument '--verbose'"
	# A value is no command.
	fails_with 2 "$gnt_tune" --root plan
	says "Usage:"
}

@test "help: -h, in front of a command and behind it, of a verb alone" {
	local way
	for way in "-h" "--help"; do
		fails_with 0 "$gnt_tune" $way
		says "Exit status"
		for command in "$gnt_tune $way apply" "$gnt_tune apply $way" "$gnt_tune apply --pairs $way"; do
			fails_with 0 $command
			says "gnt-tune apply" "--dry-run" "Fields for -o"
			[[ "$output" != *--pairs* && "$output" != *--qemu* ]]
		done
		fails_with 0 "$gnt_tune" $way cpu matrix
		says "gnt-tune cpu matrix" "--pairs" "matrix: Fields"
		[[ "$output" != *--remove* && "$output" != *"tags: Fields"* ]]
		fails_with 0 "$gnt_tune" cpu $way
		says "Verbs:" "--pairs" "--remove" "tags: Fields"
	done
}

@test "every command takes the options that its help names" {
	local command option words
	while IFS=: read -r command words; do
		[ -n "$command" ] && [ "$command" != values ] || continue
		for option in $words; do
			[[ "$option" == --* ]] || continue
			# shellcheck disable=SC2086
			"$gnt_tune" $command --help | grep -q -- " $option[= ]"
		done
	done < <("$gnt_tune" --completion)
}

@test "apply prints one table for a program, two for people" {
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	fails_with 0 tune apply --separator=: -o param,verdict
	[ "$output" = $'PARAM:VERDICT\nvm.swappiness:changed' ]
	tune revert --separator=: -o param,verdict >"$BATS_TEST_TMPDIR/revert"
	[ "$(cat "$BATS_TEST_TMPDIR/revert")" = $'PARAM:VERDICT\nvm.swappiness:changed' ]
	fails_with 4 tune apply --dry-run --separator=: --no-headers -o param,verdict
	[ "$output" = "vm.swappiness:would-change" ]
	fails_with 0 tune apply --no-headers
	[ "${#lines[@]}" -eq 2 ]
}

@test "a field that is not there is told before anything is written, also to a program" {
	local before
	before=$(fingerprint)
	fails_with 2 tune apply --json -o colour
	fails_with 2 tune apply --separator=: -o colour
	fails_with 2 tune revert --json -o colour
	[ "$before" = "$(fingerprint)" ]
}

@test "plan counts on standard output, for people alone" {
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	fails_with 0 tune plan
	[ "$output" = "1 setting: 1 same" ]
	[ -z "$stderr" ]
	for option in --no-headers --separator=: --json; do
		fails_with 0 tune plan "$option"
		[[ "$output" != *same* ]]
	done
	fails_with 0 tune verify
	[ -z "$output" ]
	[ "$stderr" = "1 setting: 1 same" ]
}

@test "on the running host messages name paths with a slash" {
	fails_with 1 "$gnt_tune" explain /proc/sys/nonexistent
	fails_with 1 "$gnt_tune" cpu show qemu:nonexistent.socket
	fails_with 0 "$gnt_tune" explain /proc/sys/kernel -o what,text --no-headers
	says "/proc/sys/kernel: Is a directory"
}

@test "the usage of a verb has only the arguments that it takes" {
	fails_with 2 "$gnt_tune" cluster verify x
	says "usage: gnt-tune cluster verify, see gnt-tune cluster --help"
	fails_with 2 "$gnt_tune" hooks run
	says "usage: gnt-tune hooks run HOOK [KEY=VALUE...], see"
	fails_with 2 "$gnt_tune" cpu tags --apply --remove
	says "gnt-tune: --apply and --remove exclude each other"
	fails_with 2 "$gnt_tune" cpu compare host
	says "usage: gnt-tune cpu compare FROM TO, see"
	printf 'format: 1
' >"$BATS_TEST_TMPDIR/empty.yaml"
}

@test "README: its commands exist, and its screen is what plan prints" {
	local table words
	table=$("$gnt_tune" --completion)
	while read -r words; do
		grep -q "^${words#gnt-tune }:" <<<"$table" || { echo "there is no $words"; return 1; }
	done < <(cd "$TUNE_SRCDIR" && grep -hoE '\bgnt-tune ((cpu|cluster|hooks) )?[a-z][a-z-]+' README.md CONTRIBUTING.md SECURITY.md)
	make_host nvme other
	tune plan >"$BATS_TEST_TMPDIR/plan" || [ $? -eq 4 ]
	diff "$BATS_TEST_TMPDIR/plan" <(sed -n '/^    # gnt-tune plan$/,/^$/s/^    //p' "$TUNE_SRCDIR/README.md" | tail -n +2)
}

@test "gnt-tune(8) has all commands, verbs and options, and no others" {
	local table page=$TUNE_SRCDIR/gnt-tune/gnt-tune.8
	table=$("$gnt_tune" --completion | sed '/^values:/d')
	diff <(cut -d: -f1 <<<"$table" | awk 'NF { print $NF }' | sort -u) \
		<(sed -nE '/^\.Ss Verdicts/q; s/^\.It Cm ([a-z]+-?[a-z]*( , [a-z]+)*).*/\1/p' "$page" | sed 's/ , /\n/g' |
			grep -vxE 'host|instance|qemu' | sort -u)
	diff <(grep -oE -- '--[a-z-]+' <<<"$table" | sort -u) \
		<(sed -nE '/^\.Ss Options/,/^\.Ss Verdicts/s/^\.It Fl (. , )?-([a-z-]+)( , -([a-z-]+))?.*/--\2 --\4/p' "$page" |
			tr ' ' '\n' | grep -v '^--$' | sort -u)
}

@test "output that cannot be written is no success" {
	[ -c /dev/full ] || skip "no /dev/full"
	local command
	for command in "list" "plan --json" "status" "verify --separator :"; do
		fails_with 1 bash -c "'$gnt_tune' $command --root '$host' >/dev/full"
		says "No space left"
	done
	# The next commands fail for reasons of their own.
	make_host drbd-84 drbd
	fails_with 1 bash -c "'$gnt_tune' drbd --root '$host' >/dev/full"
	says "standard output: No space left"
}

@test "a policy that is a link to nothing is not the built-in one" {
	mkdir -p "$host/etc/ganeti"
	ln -s /srv/not-mounted/tune.yaml "$host/etc/ganeti/tune.yaml"
	local command
	for command in plan apply verify status; do
		fails_with 1 tune "$command"
		says "/etc/ganeti/tune.yaml: is a dangling symbolic link"
		[ -z "$output" ]
	done
}

@test "an error of permission names the whole path" {
	needs_root
	needs setpriv
	mkdir -p "$host/run"
	chown 65534 "$host/run"
	fails_with 1 powerless apply
	says "gnt-tune: run/ganeti-tune: Permission denied"
}

@test "a value that may not be read is unknown, which is a fault" {
	needs_root
	needs setpriv
	use_policy - <<<'sysctl: {vm.swappiness: 60}'
	chown 65534 "$host/proc/sys/vm/swappiness"
	chmod 600 "$host/proc/sys/vm/swappiness"
	fails_with 4 powerless verify
	says "vm.swappiness: unknown: proc/sys/vm/swappiness: Permission denied"
}
