#!/usr/bin/env bats
# check_ganeti_tune: the states of a monitoring plugin, by the real gnt-tune on a node, and by recorded answers of a cluster.

load helper

setup() {
	make_host drbd-84
	use_policy - <<<'{sysctl: {vm.swappiness: 10}}'
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	# shellcheck disable=SC2016 # expanded there
	answer_with 'exec "$REAL" "$@" --root "$HOST"'
	# shellcheck disable=SC2154 # of the helper
	export REAL=$gnt_tune HOST=$host PATH=$bin:$PATH
}

# answer_with LINE...: the gnt-tune that the plugin finds.
answer_with() {
	printf '%s\n' '#!/bin/sh' "$@" >"$bin/gnt-tune"
	chmod 755 "$bin/gnt-tune"
}

# checks STATUS LINE ARGUMENT...
checks() {
	run "-$1" --separate-stderr "$TUNE_SRCDIR/examples/nagios/check_ganeti_tune" "${@:3}"
	[ "$output" = "$2" ] || { printf '%s\n' "$output"; return 1; }
	[ -z "$stderr" ]
}

@test "nagios: a node that is as wanted, and one that is not" {
	set_value proc/sys/vm/swappiness 10
	checks 0 'GANETI_TUNE OK - node: 0 findings | findings=0;0;;0' node
	set_value proc/sys/vm/swappiness 60
	checks 1 'GANETI_TUNE WARNING - node: 1 findings, first: vm.swappiness;-;60;10;would-change | findings=1;0;;0' node
	checks 0 'GANETI_TUNE OK - node: 1 findings, first: vm.swappiness;-;60;10;would-change | findings=1;1;;0' -w 2 node
	checks 2 'GANETI_TUNE CRITICAL - node: 1 findings, first: vm.swappiness;-;60;10;would-change | findings=1;1;0;0' -w 2 -c 1 node
}

@test "nagios: options of DRBD that contradict each other, not its minors" {
	checks 1 'GANETI_TUNE WARNING - drbd: 4 findings, first: drbd0 and 2 more: c-max-rate 102400 KiB/s cannot be reached: max-buffers 2048 let through 40960 | findings=4;0;;0' drbd
}

@test "nagios: a guest that has lost features is critical, a refusal is only counted" {
	# shellcheck disable=SC2016 # expanded there
	answer_with '[ "$1 $2" = "cluster ledger" ] || exit 2' \
		'echo "2026-11-28 10:00:00;inst1;n1;n2;refused;inst1 not migrated to n2;lost;"'
	checks 0 'GANETI_TUNE OK - gate: 0 findings | findings=0;0;0;0 refused=1' gate
	# A loss counts although another node has not answered.
	answer_with 'echo "2026-11-28 10:00:00;inst1;n1;n2;lost;cx16"' 'echo "gnt-tune: n3: is offline" >&2' 'exit 4'
	checks 2 'GANETI_TUNE CRITICAL - gate: 1 findings, first: 2026-11-28 10:00:00;inst1;n1;n2;lost;cx16 | findings=1;0;0;0 refused=0' gate
}

@test "nagios: what cannot be found out is unknown" {
	answer_with 'echo "gnt-tune: n3: is offline, and was not asked" >&2' 'exit 1'
	checks 3 'GANETI_TUNE UNKNOWN - gnt-tune: n3: is offline, and was not asked' cluster
	answer_with 'exec sleep 60'
	checks 3 'GANETI_TUNE UNKNOWN - gnt-tune drbd has not ended in 1 s' -t 1 drbd
	answer_with 'exit 4'
	checks 3 'GANETI_TUNE UNKNOWN - gnt-tune cluster verify has found something, and has not said what' cluster
	answer_with 'exit 127'
	checks 3 'GANETI_TUNE UNKNOWN - gnt-tune is not installed' node
}

@test "nagios: wrong arguments are unknown, and nothing is run" {
	local usage='usage: check_ganeti_tune [-w COUNT] [-c COUNT] [-t SECONDS] node/cluster/drbd/gate'
	answer_with "touch '$BATS_TEST_TMPDIR/was-run'"
	checks 3 "GANETI_TUNE UNKNOWN - $usage"
	checks 3 "GANETI_TUNE UNKNOWN - disk: $usage" disk
	checks 3 "GANETI_TUNE UNKNOWN - 0 is not a count: $usage" -w 0 node
	checks 3 "GANETI_TUNE UNKNOWN - 1e9 is not a count: $usage" -c 1e9 node
	checks 3 "GANETI_TUNE UNKNOWN -  is not a count: $usage" -t '' node
	checks 3 "GANETI_TUNE UNKNOWN - $usage" -x node
	[ ! -e "$BATS_TEST_TMPDIR/was-run" ]
}

@test "nagios: a finding cannot begin performance data of its own, or a second line" {
	answer_with 'printf "node1;a|b=9\033[2J;x\n"' 'exit 4'
	checks 1 'GANETI_TUNE WARNING - cluster: 1 findings, first: node1;a/b=9?[2J;x | findings=1;0;;0' cluster
}
