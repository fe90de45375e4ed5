# The hooks as Ganeti runs them: a clean environment, and output that is shown only on failure, as one line.
# Some environments come from a real cluster, see tests/hook-env.
load helper

recorded=$TUNE_SRCDIR/tests/hook-env
path=/sbin:/bin:/usr/sbin:/usr/bin
node_add_environment=(GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PHASE=post GANETI_HOOKS_PATH=node-add
	GANETI_OP_CODE=OP_NODE_ADD GANETI_NODE_NAME=node1.example.com GANETI_NODE_PIP=192.0.2.11)
verify_environment=(GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PHASE=post GANETI_HOOKS_PATH=cluster-verify
	GANETI_OP_CODE=OP_CLUSTER_VERIFY_GROUP GANETI_NODE_TAGS_node1.example.com= GANETI_CLUSTER_TAGS=)

setup() {
	make_host drbd-sata
	before=$(shown)
}

# with OPTION...: as Ganeti would, the hook in $hook, environment in $environment.
with() {
	env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" \
		"${environment[@]}" "$hook" --root "$host" "$@" </dev/null
}

use_node_add() {
	hook=$node_add environment=("${node_add_environment[@]}" "$@")
}

use_verify() {
	hook=$cluster_verify environment=("${verify_environment[@]}" "$@")
}

# Of a real cluster: lines are NAME=VALUE, after comments.
use_recorded() {
	mapfile -t environment <"$recorded/$1.env"
	set_value proc/sys/kernel/hostname "${2:-node1.lab.test}"
	make_quiet_master node{1..3}.lab.test
	rm -f "$host/var/lib/ganeti/ssconf_node_list"
	before=$(shown)
}

fulfil() {
	tune apply >/dev/null 2>&1 || true
	# In a tree of files no attributes come with a scheduler.
	local disk
	for disk in sdb sdc; do
		set_value "sys/block/$disk/queue/iosched/read_expire" 152
		set_value "sys/block/$disk/queue/iosched/write_expire" 1500
		set_value "sys/block/$disk/queue/iosched/front_merges" 0
	done
}

@test "verify reports a rule that names an interface which is not here" {
	use_verify
	mkdir -p "$host/sys/class/net/lo"
	use_policy - <<<'links: [{match: eth77, tx_queue_len: 1000}]'
	run --separate-stderr with
	[ "$status" -ne 0 ]
	says "node1.example.com: " "match 'eth77' fits no interface here"
}

@test "node-add-post tunes the new node, and is silent" {
	use_node_add
	fails_with 0 with
	[ -z "$output$stderr" ]
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
	[ "$(get_value sys/block/sdb/queue/scheduler)" = mq-deadline ]
}

@test "node-add-post does nothing on the other nodes" {
	use_node_add GANETI_NODE_NAME=node2.example.com GANETI_NODE_PIP=192.0.2.12
	fails_with 0 with
	[ -z "$output$stderr" ]
	changes
}

@test "node-add-post knows a node by its short host name" {
	set_value proc/sys/kernel/hostname node1
	use_node_add
	fails_with 0 with
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
}

@test "node-add-post with the environments of a real cluster" {
	hook=$node_add
	use_recorded OP_NODE_ADD.post.node-add.node1 node1.lab.test
	fails_with 0 with
	changes
	use_recorded OP_NODE_ADD.post.node-add.node2 node3.lab.test
	fails_with 0 with
	changes
	use_recorded OP_NODE_ADD.post.node-add.node2 node2.lab.test
	fails_with 0 with
	[ -z "$output$stderr" ]
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
}

@test "cluster-verify-post with the environments of a real cluster" {
	local node
	hook=$cluster_verify
	for node in node1 node2 node3; do
		use_recorded OP_CLUSTER_VERIFY_GROUP.post.cluster-verify.$node $node.lab.test
		fails_with 1 with
		is_one_line
		says "$node.lab.test" "vm.swappiness have 60 want 10"
	done
	fulfil
	fails_with 0 with
	[ -z "$output$stderr" ]
}

@test "cluster-verify-post is silent when all is as wanted" {
	fulfil
	use_verify
	fails_with 0 with
	[ -z "$output$stderr" ]
}

@test "cluster-verify-post names node, parameter, object, have and want" {
	fulfil
	set_value sys/block/sdb/queue/scheduler "[none] mq-deadline"
	set_value proc/sys/vm/swappiness 60
	use_verify
	fails_with 1 with
	is_one_line
	says "node1.example.com" "vm.swappiness have 60 want 10" "disk.scheduler of sdb have none want mq-deadline" "2 of 14"
}

@test "cluster-verify-post names a CPU record that is stale or damaged, and drift beside it" {
	local records=$host/var/lib/ganeti-tune/nodes
	fulfil
	mkdir -p "$records"
	# This machine has no KVM at all.
	"$(program tests/unit/make-record)" node1.example.com "" >"$records/node1.example.com.yaml"
	use_verify
	fails_with 1 with
	is_one_line
	says "tune: node1.example.com: its CPU record is stale: run gnt-tune cpu publish on the master"
	set_value proc/sys/vm/swappiness 60
	fails_with 1 with
	is_one_line
	says "vm.swappiness have 60 want 10" "its CPU record is stale"
	sed -i '4,$d' "$records/node1.example.com.yaml"
	fails_with 1 with
	is_one_line
	says "/var/lib/ganeti-tune/nodes/node1.example.com.yaml"
}

@test "cluster-verify-post writes nothing" {
	local print
	print=$(fingerprint)
	use_verify
	fails_with 1 with
	[ "$print" = "$(fingerprint)" ]
}

@test "a setting that a node does not have or permit is no fault" {
	fulfil
	rm "$host/proc/sys/vm/swappiness"
	use_policy - <<<'sysctl: {vm.swappiness: 10, kernel.no_such_thing: 1}'
	use_verify
	fails_with 0 with
	use_node_add
	fails_with 0 with
	[ -z "$output$stderr" ]
}

# in_container: the hook, where the kernel's files are mounted read-only.
in_container() {
	needs_root
	needs_mounts
	fails_with 0 unshare -m sh -ec '
		for tree in proc sys; do
			mount --bind "$1/$tree" "$1/$tree"
			mount -o remount,bind,ro "$1/$tree"
		done
		shift
		exec "$@"' - "$host" env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
		ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" "$hook" --root "$host"
}

@test "node-add-post succeeds in a container that permits no writes" {
	use_node_add
	in_container
	[ -z "$output$stderr" ]
	changes
}

@test "cluster-verify-post succeeds in a container that permits no writes" {
	use_verify
	in_container
	[ -z "$output$stderr" ]
}

@test "512 drifted disks fit into one short line" {
	mkdir -p "$host"/sys/block/disk{1..512}/queue
	tee "$host"/sys/block/disk{1..512}/queue/scheduler >/dev/null <<<"[none] mq-deadline"
	use_policy - <<<'disks: [{match: "disk*", scheduler: mq-deadline}]'
	use_verify
	fails_with 1 with
	is_one_line
	says "512 of 512" "and 507 more"
}

@test "the line is ASCII whatever a value holds" {
	set_value sys/kernel/mm/odd $'gr\xc3\xbcn\xff\nsecond\ttab\e[31m'
	use_policy - <<<'attributes: {sys/kernel/mm/odd: "wörd"}'
	use_verify
	fails_with 1 with
	is_one_line
	says "sys/kernel/mm/odd have gr??n? second tab?[31m want w??rd"
}

@test "an endless value makes no endless line" {
	set_value sys/kernel/mm/odd "$(printf '%05000d' 7)"
	use_policy - <<<'attributes: {sys/kernel/mm/odd: 1}'
	use_verify
	fails_with 1 with
	is_one_line
	says "sys/kernel/mm/odd"
}

@test "the environment of another Ganeti is refused" {
	use_node_add GANETI_HOOKS_VERSION=3
	fails_with 1 with
	is_one_line
	says "GANETI_HOOKS_VERSION is '3'"
	use_node_add GANETI_HOOKS_PATH=node-remove
	fails_with 1 with
	is_one_line
	says "node-remove"
	use_verify GANETI_HOOKS_PHASE=pre
	fails_with 1 with
	is_one_line
	says "GANETI_HOOKS_PHASE is 'pre'"
	changes
}

@test "by hand, without any environment, it is about this node" {
	hook=$cluster_verify environment=()
	fails_with 1 with
	is_one_line
	hook=$node_add
	fails_with 0 with
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
}

@test "--dry-run writes nothing and says what would be done" {
	local print
	print=$(fingerprint)
	use_node_add
	fails_with 0 with --dry-run
	says "would change 14" "vm.swappiness have 60 want 10"
	[ "$print" = "$(fingerprint)" ]
}

@test "--help, and options that are none" {
	local hook
	for hook in "$node_add" "$cluster_verify"; do
		fails_with 0 "$hook" --help
		says "--dry-run" "--root" "--deadline"
		fails_with 2 "$hook" --frobnicate
		fails_with 2 "$hook" --deadline 0
		fails_with 2 "$hook" word
	done
}

@test "a policy that is wrong is one line with file, line and column" {
	use_policy - <<<'sysctl: {vm.swapiness: 10}'
	use_node_add
	fails_with 1 with
	is_one_line
	says "node1.example.com: /etc/ganeti/tune.yaml:1:10:"
	changes
}

# After the deadline, its alarm would have said another line.
@test "a lock that another apply holds is named before the deadline" {
	hold_lock
	use_node_add
	fails_with 1 with --deadline 5
	is_locked
	release_lock
	is_one_line
	says "lock: locked by another apply or revert"
	changes
}

# alarmed COMMAND: a hook with the deadline's alarm as soon as COMMAND succeeds; status 1 and its line.
alarmed() {
	(exec env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" \
		"$hook" --root "$host" --deadline 60 </dev/null >"$BATS_TEST_TMPDIR/said" 3>&-) &
	local child=$!
	wait_until 60 eval "$1"
	kill -ALRM $child
	status=0
	wait $child || status=$?
	[ "$status" -eq 1 ]
	output=$(cat "$BATS_TEST_TMPDIR/said")
	echo "$output"
	[[ "$output" == "tune: "*": timed out after 60 s" ]]
}

@test "the alarm ends a hook that hangs" {
	make_host fresh second
	make_program sbin/pvs "touch $BATS_TEST_TMPDIR/begun" 'exec sleep 60'
	use_verify
	alarmed 'test -e $BATS_TEST_TMPDIR/begun'
}

@test "a value, a journal, a lock or a policy that is no regular file does not block" {
	local file
	for file in proc/sys/vm/swappiness run/ganeti-tune/journal run/ganeti-tune/lock etc/ganeti/tune.yaml; do
		make_host drbd-sata "${file##*/}"
		rm -rf "${host:?}/$file"
		mkdir -p "$host/${file%/*}"
		mkfifo "$host/$file"
		use_node_add
		echo "$file"
		fails_with 1 with
		is_one_line
		says "${file##*/}" "not a regular file"
	done
}

@test "a node without a name is an error" {
	: >"$host/proc/sys/kernel/hostname"
	use_verify
	fails_with 1 with
	is_one_line
	says "proc/sys/kernel/hostname: is empty"
	rm "$host/proc/sys/kernel/hostname"
	mkfifo "$host/proc/sys/kernel/hostname"
	fails_with 1 with
	is_one_line
	says "proc/sys/kernel/hostname: is not a regular file"
}

@test "a pvs that hangs is given up before the deadline, so that there is a report" {
	make_host fresh second
	printf '#!/bin/sh\nsleep 60\n' >"$host/sbin/pvs"
	use_verify
	fails_with 1 with --deadline 5
	is_one_line
	says "settings differ"
}

@test "an apply that the deadline ended can be put back" {
	make_host drbd-84 second
	before=$(shown)
	mv "$host/usr/sbin/drbdsetup" "$host/usr/sbin/drbdsetup.real"
	make_program usr/sbin/drbdsetup "case \$1 in *-options) touch $BATS_TEST_TMPDIR/begun; exec sleep 60; esac" 'exec "$0.real" "$@"'
	use_policy - <<<'{sysctl: {vm.swappiness: 10}, drbd: {disk/al-extents: 3389}}'
	use_node_add
	alarmed 'test -e $BATS_TEST_TMPDIR/begun'
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
	mv "$host/usr/sbin/drbdsetup.real" "$host/usr/sbin/drbdsetup"
	tune revert >/dev/null 2>&1
	changes
}

@test "all of standard input, output and error closed" {
	use_node_add
	fails_with 0 bash -c '"$@" <&- >&- 2>&-' - env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
		ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" "$hook" --root "$host"
	[ "$(get_value proc/sys/vm/swappiness)" = 10 ]
	tune revert >/dev/null 2>&1
	changes
}

@test "the deadline's line lands in no file of ours where standard output is closed" {
	hold_lock
	use_node_add
	local closed child
	for closed in '<&- >&- 2>&-' '</dev/null >&-' '<&- >&-'; do
		bash -c "exec \"\$@\" $closed" - env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
			ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" "$hook" --root "$host" --deadline 60 3>&- &
		child=$!
		# The alarm comes while it waits for the lock.
		wait_until 60 has_lock_open $child
		kill -ALRM $child
		wait $child || true
		[ ! -s "$lock" ] || break
	done
	release_lock
	[ ! -s "$lock" ]
}

@test "a pipe that nobody reads: the exit status is told all the same" {
	use_verify
	run bash -c '"$@" | true; exit ${PIPESTATUS[0]}' - env -i PATH=$path LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
		ASAN_OPTIONS="$ASAN_OPTIONS" "${environment[@]}" \
		sh -c 'sleep 0.2; exec "$@"' - "$hook" --root "$host"
	[ "$status" -eq 1 ]
}
