# DRBD as administrators and Ganeti see it: gnt-tune drbd, verify, and the hooks, on a machine whose drbdsetup is a
# script that keeps what it is told.
load helper

path=/sbin:/bin:/usr/sbin:/usr/bin
devices=$(program hooks/instance-devices)
instance_add=$(program hooks/instance-add-post)
paths=(instance-start instance-reboot instance-modify instance-migrate instance-failover mirrors-replace disk-grow)
recorded=$TUNE_SRCDIR/tests/hook-env

setup() {
	make_host drbd-84
	use_policy - <<<'{drbd: {disk/al-extents: 3389}, sysctl: {vm.swappiness: 10}}'
}

# volume N: as Ganeti names the data volume of minor N.
volume() {
	printf '3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e%02d.disk%d_data' "$1" $(($1 % 2))
}

# with PROGRAM PATH VARIABLE...: as Ganeti would.
with() {
	env -i PATH="$path" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" GANETI_HOOKS_VERSION=2 \
		GANETI_HOOKS_PHASE=post GANETI_HOOKS_PATH="$2" "${@:3}" "$1" --root "$host" </dev/null
}

# disk_of N MINOR: what Ganeti says of disk N, which is minor MINOR here.
disk_of() {
	echo "GANETI_POST_INSTANCE_DISK$1_DEV_TYPE=drbd" "GANETI_POST_INSTANCE_DISK$1_DATA_VG=xenvg" \
		"GANETI_POST_INSTANCE_DISK$1_DATA_ID=$(volume "$2")"
}

# tuned: the minors that have what the policy wants.
tuned() {
	grep -l 'al-extents *	3389;' "$host"/run/drbd/* | sed 's|.*/||' | tr '\n' ' '
}

log_tool() {
	mv "$host/usr/sbin/drbdsetup" "$host/usr/sbin/drbdsetup.real"
	printf '#!/bin/sh\necho "$@" >>"%s"\n%s\nexec "$0.real" "$@"\n' "$BATS_TEST_TMPDIR/log" "$1" >"$host/usr/sbin/drbdsetup"
	chmod 755 "$host/usr/sbin/drbdsetup"
}

@test "drbd lists minors with instance, role, connection, ceiling and what bounds it" {
	fails_with 4 tune drbd --separator '|' -o minor,instance,disk,role,connection,state,ceiling,limit,latency,below
	diff - <(echo "$output") <<-'END'
		MINOR|INSTANCE|DISK|ROLE|CONNECTION|STATE|CEILING|LIMIT|LATENCY|BELOW
		drbd0|inst1.example.com|0|Primary/Secondary|Connected|UpToDate/UpToDate|40960|max-buffers|1.50|0.40
		drbd1|inst2.example.com|1|Secondary/Primary|SyncTarget|Inconsistent/UpToDate|40960|max-buffers|1.60|0.41
		drbd2|inst3.example.com|0|Primary/Secondary|SyncSource|UpToDate/Inconsistent|102400|c-max-rate|1.70|0.42
		drbd3|inst4.example.com|1|Secondary/Unknown|WFConnection|UpToDate/DUnknown|40960|max-buffers|1.80|0.43
		drbd4|inst5.example.com|0|Primary/Secondary|Connected|Diskless/UpToDate|40960|max-buffers|1.90|-
		drbd5|inst6.example.com|1|Secondary/Unknown|StandAlone|UpToDate/DUnknown|-|-|-|-
	END
	says "drbd0 and 2 more: c-max-rate 102400 KiB/s cannot be reached: max-buffers 2048 let through 40960"
}

@test "drbd as JSON" {
	needs jq
	fails_with 4 tune drbd --json
	[ "$(jq -r '.minors[2] | .minor + " " + .limit' <<<"$output")" = "drbd2 c-max-rate" ]
}

@test "drbd writes nothing, and asks drbdsetup once" {
	log_tool
	local print
	print=$(fingerprint "$host/run")
	tune drbd >/dev/null 2>&1 || true
	[ "$print" = "$(fingerprint "$host/run")" ]
	[ "$(cat "$BATS_TEST_TMPDIR/log")" = "show all --show-defaults" ]
}

@test "drbd without DRBD, and with a drbdsetup that fails" {
	rm "$host/proc/drbd"
	fails_with 0 tune drbd --no-headers
	[ -z "$output$stderr" ]
	make_host drbd-84 second
	log_tool 'exit 20'
	fails_with 1 tune drbd
	says "drbdsetup: failed with status 20"
	make_host drbd-84 third
	log_tool 'echo "resource {"; exit 0'
	fails_with 1 tune drbd
	says "drbdsetup show: line"
}

@test "drbd tells no secret" {
	{ tune drbd --json -o +state,volume; tune plan -v --json; } >"$BATS_TEST_TMPDIR/all" 2>&1 || true
	grep -q drbd0 "$BATS_TEST_TMPDIR/all"
	run ! grep f00 "$BATS_TEST_TMPDIR/all"
}

@test "advise for a link, and for the one there is" {
	fails_with 0 tune drbd advise --link 1G
	says "gnt-cluster modify -D 'drbd:dynamic-resync=True,c-plan-ahead=20,c-fill-target=488,c-delay-target=10,c-max-rate=122070,c-min-rate=24414,net-custom=--max-buffers 6104 --max-epoch-size 6104,disk-custom=--al-extents 3389'"
	fails_with 0 tune drbd advise --no-headers --separator '|' -o param,value
	says "c-max-rate|400000" "modify|gnt-cluster modify"
	# Without any connection Ganeti's secondary address tells, here on the slower interface.
	set_value var/lib/ganeti/ssconf_node_secondary_ips $'node2.example.com 198.51.100.12\nnode1.example.com 192.0.2.11'
	fails_with 0 tune drbd advise
	says "c-max-rate=122070"
	rm "$host/var/lib/ganeti/ssconf_node_secondary_ips"
	fails_with 1 tune drbd advise --link fast
	says "invalid speed 'fast'"
	rm "$host/sys/class/net/eth1/speed"
	fails_with 1 tune drbd advise
	says "eth1 does not tell its speed" "--link 10G"
	fails_with 2 tune drbd frobnicate
	fails_with 2 tune drbd advise more
}

@test "verify names contradictions, where the policy speaks of DRBD" {
	tune apply >/dev/null 2>&1
	fails_with 4 tune verify
	says "resync-rate 61440 is ignored" "cannot be reached"
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	fails_with 0 tune verify
	[[ "$output$stderr" != *resync* ]]
	use_policy "$TUNE_SRCDIR/examples/drbd.yaml"
	tune apply >/dev/null 2>&1
	fails_with 0 tune verify
}

@test "cluster-verify-post names contradictions on one line" {
	tune apply >/dev/null 2>&1
	fails_with 1 with "$cluster_verify" cluster-verify
	is_one_line
	says "node1.example.com" "drbd0 and 4 more: resync-rate 61440 is ignored" "see gnt-tune drbd"
	use_policy "$TUNE_SRCDIR/examples/drbd.yaml"
	tune apply >/dev/null 2>&1
	fails_with 0 with "$cluster_verify" cluster-verify
	[ -z "$output$stderr" ]
}

@test "apply and revert through the real tool's syntax" {
	local before
	before=$(cat "$host"/run/drbd/*)
	use_policy - <<<'drbd: {net/max-buffers: 8000, disk/c-max-rate: 160000}'
	log_tool
	fails_with 0 tune apply
	grep -qx 'net-options ipv4:198.51.100.11:11000 ipv4:198.51.100.12:11000 --max-buffers=8000' "$BATS_TEST_TMPDIR/log"
	grep -qx 'disk-options 0 --c-max-rate=160000' "$BATS_TEST_TMPDIR/log"
	run ! grep set-defaults "$BATS_TEST_TMPDIR/log"
	[ "$before" != "$(cat "$host"/run/drbd/*)" ]
	fails_with 0 tune revert
	[ "$before" = "$(cat "$host"/run/drbd/*)" ]
}

@test "each hook tunes the minors of its instance, and nothing else" {
	local path
	for path in "${paths[@]}"; do
		rm -rf "$host"
		make_host drbd-84
		use_policy - <<<'{drbd: {disk/al-extents: 3389}, sysctl: {vm.swappiness: 10}}'
		fails_with 0 with "$devices" "$path" GANETI_POST_INSTANCE_DISK_COUNT=2 $(disk_of 0 1) $(disk_of 1 3)
		[ -z "$output$stderr" ]
		[ "$(tuned)" = "1 3 " ]
		[ "$(get_value proc/sys/vm/swappiness)" = 60 ]
	done
}

@test "the disks' part of the policy, too" {
	set_value sys/block/sda/queue/scheduler "[none] mq-deadline"
	use_policy - <<<'disks: [{match: sda, scheduler: mq-deadline}]'
	fails_with 0 with "$devices" instance-start GANETI_INSTANCE_DISK_COUNT=0
	[ "$(get_value sys/block/sda/queue/scheduler)" = mq-deadline ]
}

@test "a hook with nothing to do asks once and writes nothing" {
	tune apply >/dev/null 2>&1
	log_tool
	fails_with 0 with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 1)
	[ "$(cat "$BATS_TEST_TMPDIR/log")" = "show all --show-defaults" ]
}

@test "an instance without DRBD, or on other nodes, changes nothing" {
	log_tool
	fails_with 0 with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=1 GANETI_POST_INSTANCE_DISK0_DEV_TYPE=plain
	[ ! -e "$BATS_TEST_TMPDIR/log" ]
	fails_with 0 with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=1 GANETI_POST_INSTANCE_DISK0_DEV_TYPE=drbd \
		GANETI_POST_INSTANCE_DISK0_DATA_VG=xenvg GANETI_POST_INSTANCE_DISK0_DATA_ID=elsewhere.disk0_data
	[ -z "$(tuned)" ]
}

@test "instance-add-post cannot tell minors apart, and tunes all of them" {
	fails_with 0 with "$instance_add" instance-add GANETI_MASTER=node1.example.com GANETI_INSTANCE_NAME=inst1.example.com \
		GANETI_INSTANCE_HYPERVISOR=kvm GANETI_POST_INSTANCE_DISK_COUNT=1 GANETI_POST_INSTANCE_DISK0_UUID=
	[ -z "$output$stderr" ]
	[ "$(tuned)" = "0 1 2 3 5 " ]
}

@test "instance-add-post: a CPU type that cannot be had does not keep devices from being tuned" {
	use_policy - <<<'{drbd: {disk/al-extents: 3389}, cpu: {type: host}}'
	fails_with 1 with "$instance_add" instance-add GANETI_MASTER=node1.example.com GANETI_INSTANCE_NAME=inst1.example.com \
		GANETI_INSTANCE_HYPERVISOR=kvm GANETI_POST_INSTANCE_DISK_COUNT=1
	is_one_line
	[ "$(tuned)" = "0 1 2 3 5 " ]
}

@test "a minor that vanishes is no fault" {
	log_tool 'd=${0%/usr/*}; case "$*" in disk-options\ 1*) rm -f $d/run/drbd/1; sed -i "/^ 1: cs/s/cs:.*/cs:Unconfigured/" $d/proc/drbd; esac'
	fails_with 0 with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=2 $(disk_of 0 1) $(disk_of 1 3)
	[ -z "$output$stderr" ]
	[ "$(tuned)" = "3 " ]
}

@test "a drbdsetup that hangs, or refuses, is one line" {
	log_tool 'case $1 in disk-options) echo "1: Failure: (145) busy" >&2; exit 10; esac'
	fails_with 1 with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 1)
	is_one_line
	says "drbd.disk/al-extents of drbd1"
	log_tool 'exec sleep 600'
	fails_with 1 with "$devices" instance-start
	is_one_line
	says "drbdsetup: no answer in time"
}

@test "two hooks at once: both minors are tuned, and the journal puts both back" {
	local before
	before=$(cat "$host"/run/drbd/*)
	with "$devices" instance-start GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 1) &
	with "$devices" instance-reboot GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 3)
	wait $!
	[ "$(tuned)" = "1 3 " ]
	tune revert >/dev/null 2>&1
	[ "$before" = "$(cat "$host"/run/drbd/*)" ]
}

# make_secondary: node2.example.com, which the master's ssh reaches, with the same minors; its files are in $second.
make_secondary() {
	local first=$host
	make_host drbd-84 second
	set_value proc/sys/kernel/hostname node2.example.com
	use_policy "$first/etc/ganeti/tune.yaml"
	second=$host host=$first
	make_quiet_master
	# The hook there works below its own root.
	make_program usr/bin/ssh 'for word; do node=$command command=$word; done' \
		"echo \"\$node\" >>$BATS_TEST_TMPDIR/asked" \
		"LD_LIBRARY_PATH=${LD_LIBRARY_PATH@Q} ASAN_OPTIONS=${ASAN_OPTIONS@Q} exec sh -c \"\$command --root $second\""
}

tuned_there() {
	host=$second tuned
}

# replaced STATUS SECONDARY NEW-SECONDARY: Ganeti's words after its operation on the instance of minor 1.
replaced() {
	fails_with "$1" with "$devices" mirrors-replace GANETI_MASTER=node1.example.com \
		GANETI_POST_INSTANCE_SECONDARIES="$2" GANETI_NEW_SECONDARY="$3" GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 1)
}

@test "after replace-disks the master has the secondary tune its devices: Ganeti asks it only when it is named as new" {
	make_secondary
	replaced 0 node2.example.com None
	[ -z "$output$stderr" ]
	[ "$(tuned)" = "1 " ]
	[ "$(tuned_there)" = "1 " ]
	[ "$(cat "$BATS_TEST_TMPDIR/asked")" = root@node2.example.com ]
}

@test "after replace-disks nobody is asked twice, nor the master itself, nor by another node" {
	make_secondary
	replaced 0 node2.example.com node2.example.com
	replaced 0 node1.example.com None
	fails_with 0 with "$devices" mirrors-replace GANETI_MASTER=node3.example.com \
		GANETI_POST_INSTANCE_SECONDARIES=node2.example.com GANETI_NEW_SECONDARY=None
	[ ! -e "$BATS_TEST_TMPDIR/asked" ]
	[ -z "$(tuned_there)" ]
}

@test "after replace-disks a secondary that fails, or cannot be reached, is one line that names it" {
	make_secondary
	printf '#!/bin/sh\nexit 10\n' >"$second/usr/sbin/drbdsetup"
	replaced 1 node2.example.com None
	is_one_line
	[[ "$output" == "tune: node1.example.com: node2.example.com: "* ]]
	[ "$(tuned)" = "1 " ]
	make_program usr/bin/ssh 'echo ssh: no route >&2; exit 255'
	replaced 1 node2.example.com None
	is_one_line
	says "tune: node1.example.com: node2.example.com: cannot be reached by ssh, see gnt-cluster verify: ssh: no route"
}

@test "after replace-disks a lock that is held and a secondary that hangs are both told before the deadline" {
	make_secondary
	make_program usr/bin/ssh 'exec sleep 600'
	printf '#!/bin/sh\nexec %q --deadline 5 "$@"\n' "$devices" >"$BATS_TEST_TMPDIR/short"
	chmod +x "$BATS_TEST_TMPDIR/short"
	local lock=$host/run/ganeti-tune/lock
	hold_lock
	fails_with 1 with "$BATS_TEST_TMPDIR/short" mirrors-replace GANETI_MASTER=node1.example.com \
		GANETI_POST_INSTANCE_SECONDARIES=node2.example.com GANETI_NEW_SECONDARY=None \
		GANETI_POST_INSTANCE_DISK_COUNT=1 $(disk_of 0 1)
	is_locked
	release_lock
	is_one_line
	says "lock: locked by another apply or revert; node2.example.com: no answer within"
}

@test "after replace-disks a secondary whose hook is switched off is left alone" {
	make_secondary
	ln -s "$devices" "$BATS_TEST_TMPDIR/50-tune"
	devices=$BATS_TEST_TMPDIR/50-tune
	sed -i "2irm $devices" "$host/usr/bin/ssh"
	replaced 0 node2.example.com None
	[ -z "$output$stderr" ]
	[ -s "$BATS_TEST_TMPDIR/asked" ]
	[ -z "$(tuned_there)" ]
}

@test "started for an operation that it does not serve" {
	fails_with 1 with "$devices" instance-remove
	is_one_line
	says "GANETI_HOOKS_PATH is 'instance-remove'"
}

@test "with the environments of a real cluster" {
	local file environment
	for file in "$recorded"/drbd-*.post.{instance-migrate,instance-failover,disk-grow,mirrors-replace}.node1.env; do
		mapfile -t environment <"$file"
		rm -rf "$host"
		make_host drbd-84
		use_policy - <<<'drbd: {disk/al-extents: 3389}'
		# Its first disk is minor 2 here.
		local id
		id=$(sed -n 's/^GANETI_INSTANCE_DISK0_DATA_ID=//p' "$file")
		sed -i "s/$(volume 2)/$id/" "$host/run/drbd/2"
		fails_with 0 env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" \
			"$devices" --root "$host"
		[ -z "$output$stderr" ]
		[ "$(tuned)" = "2 " ]
	done
}

@test "a program that is started without standard files has /dev/null in their place, not a file of its own" {
	make_program usr/sbin/drbdsetup \
		'for fd in 0 1 2; do readlink "/proc/$PPID/fd/$fd"; done >"${0%/usr/*}/files"; exit 1'
	local command
	for command in "$gnt_tune drbd" "$gnt_tune apply" "env GANETI_HOOKS_PHASE=post GANETI_HOOKS_PATH=cluster-verify $cluster_verify"; do
		rm -f "$host/files"
		# shellcheck disable=SC2086 # words
		bash -c '"$@" <&- >&- 2>&-' - $command --root "$host" || :
		[ "$(xargs <"$host/files")" = "/dev/null /dev/null /dev/null" ] || { echo "$command: $(xargs <"$host/files")"; return 1; }
	done
}
