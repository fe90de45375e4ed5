# cpu publish and what the hooks do with it: a cluster whose ssh answers from a directory for each node.
load helper

make_record=$(program tests/unit/make-record)
records=var/lib/ganeti-tune/nodes

setup() {
	make_host drbd-sata
	make_master
	make_ssh
	add_node node1 M Y
	add_node node2
	add_node node3
}

# The node is the word before the last, which is the command.
# shellcheck disable=SC2016 # expanded there
make_ssh() {
	make_program usr/bin/ssh \
		'for word; do node=$command command=$word; done' \
		'cd "${0%/*}/../../nodes/${node#root@}" || exit' \
		'if [ -e trouble ]; then . ./trouble; fi' \
		'case $command in' \
		'*store) exec cat >told ;;' \
		'*record) exec cat digest record ;;' \
		'*) exec cat digest ;;' \
		'esac'
}

# add_node NAME [ROLE MASTER OFFLINE]
add_node() {
	add_to_list "$1.example.com" "${2-C}" "${3-N}" "${4-N}"
	printf '%064d\n' 0 | set_below "$1" digest
	"$make_record" "$1.example.com" "" | set_below "$1" record
}

# set_below NODE FILE: from standard input.
set_below() {
	mkdir -p "$host/nodes/$1.example.com"
	cat >"$host/nodes/$1.example.com/$2"
}

get_below() {
	cat "$host/nodes/$1.example.com/$2"
}

# published: names of the nodes that have a record.
published() {
	(cd "$host/$records" && echo *) | sed 's/\.example\.com\.yaml//g'
}

are_published() {
	[ "$(published 2>/dev/null)" = "$1" ]
}

@test "publish: all that is new is said, then nothing is" {
	fails_with 0 tune cpu publish --separator='|' --no-headers
	diff - <<-TABLE <(echo "$output")
		node1.example.com|new|-
		node2.example.com|new|-
		node3.example.com|new|-
	TABLE
	[ "$(published)" = "node1 node2 node3" ]
	fails_with 0 tune cpu publish --separator='|' --no-headers
	diff - <<-TABLE <(echo "$output")
		node1.example.com|unchanged|-
		node2.example.com|unchanged|-
		node3.example.com|unchanged|-
	TABLE
	"$make_record" node2.example.com "-rtm" | set_below node2 record
	fails_with 0 tune cpu publish
	says "node2.example.com changed   lost rtm" "node3.example.com unchanged"
}

@test "history: what a node was before, and since when" {
	fails_with 1 tune cpu history node2.example.com
	says "no CPU record of node2.example.com here, see gnt-tune cpu publish"
	tune cpu publish
	"$make_record" node2.example.com "-rtm" | sed "/^node:/a time: 1800000000" | set_below node2 record
	tune cpu publish
	"$make_record" node2.example.com "-rtm -hle" | sed "/^node:/a time: 1800000060" | set_below node2 record
	tune cpu publish
	fails_with 0 tune cpu history node2.example.com --separator='|' --no-headers -o node,time,change
	grep -qxF "node2.example.com|2027-01-15 08:00:00|lost rtm" <<<"$output"
	[ "$(wc -l <<<"$output")" -eq 3 ]
	fails_with 0 tune cpu history --bit rtm --separator='|' --no-headers -o node,bit,change
	diff - <<-TABLE <(echo "$output")
		node1.example.com|yes|-
		node2.example.com|yes|-
		node2.example.com|no|lost rtm
		node3.example.com|yes|-
	TABLE
	fails_with 1 tune cpu history --bit nonsense
	says "'nonsense' is no CPU feature that is known"
	fails_with 1 tune cpu history ../node2
	says "'../node2' cannot be the name of a node"
}

@test "publish: one that fails is named, and the others are done" {
	echo 'echo ssh: no route >&2; exit 255' | set_below node2 trouble
	fails_with 1 tune cpu publish
	says "node1.example.com new" "node2.example.com failed  cannot be reached by ssh, see gnt-cluster verify: ssh: no route" "node3.example.com new"
	[ "$(published)" = "node1 node3" ]
	rm "$host/nodes/node2.example.com/trouble"
	fails_with 0 tune cpu publish
	says "node2.example.com new"
}

@test "publish: a node whose record is too large keeps no other from being published" {
	head -c 100000 /dev/zero | tr '\0' x | set_below node2 record
	fails_with 1 tune cpu publish
	says "node1.example.com new" "node2.example.com failed" "the answer has more than 65 KiB" "node3.example.com new"
	# A record that is small when it is sent, and too large when it is stored.
	{ printf 'format: 1\nnode: node2.example.com\nmachines: ['
	yes "'$(printf '%60s' | tr ' ' '"')'," | head -n 950; printf ']\ncomplete: yes\n'; } | set_below node2 record
	fails_with 1 tune cpu publish
	says "node2.example.com failed" "this one would be stored with"
	[ "$(published)" = "node1 node3" ]
	# A record that an older version has stored is replaced by the next one.
	head -c 300000 /dev/zero | tr '\0' x >"$host/$records/node2.example.com.yaml"
	"$make_record" node2.example.com "" | set_below node2 record
	fails_with 0 tune cpu publish
	says "node2.example.com new"
	[ "$(published)" = "node1 node2 node3" ]
}

@test "publish: what it sends is what store takes and digest tells" {
	local other=$BATS_TEST_TMPDIR/other
	tune cpu publish
	mkdir -p "$other/$records"
	"$make_record" node9.example.com "" >"$other/$records/node9.example.com.yaml"
	"$gnt_tune" cpu store --root "$other" <"$host/nodes/node2.example.com/told"
	diff -r "$host/$records" "$other/$records"
	[ "$("$gnt_tune" cpu digest --root "$other")" = "$(tune cpu digest)" ]
	# As large as a cluster may be, and no more.
	fails_with 1 "$gnt_tune" cpu store --root "$other" < <(head -c 40000000 /dev/zero)
	says "standard input: longer than 32 MiB"
	fails_with 1 "$gnt_tune" cpu store --root "$other" < <(head -c 1000 "$host/nodes/node2.example.com/told")
	says "some records are missing in the input: nothing is changed"
	diff -r "$host/$records" "$other/$records"
}

@test "publish: only on the master, only in our directory" {
	local before
	before=$(cd "$host" && find . -path ./var/lib/ganeti-tune -prune -o -path ./run/ganeti-tune -prune -o -type f -print | sort)
	tune cpu publish
	rm "$host"/nodes/*/told
	diff <(echo "$before") <(cd "$host" && find . -path ./var/lib/ganeti-tune -prune -o -path ./run/ganeti-tune -prune -o -type f -print | sort)
	set_value var/lib/ganeti/ssconf_master_node node2.example.com
	fails_with 1 tune cpu publish
	says "node1.example.com is not the master node: run it on node2.example.com"
	fails_with 2 tune cpu publish x
	fails_with 2 tune cpu store x
	fails_with 2 tune cpu digest x
}

@test "publish: two at once wait for each other" {
	echo 'sleep 1' | set_below node2 trouble
	tune cpu publish >"$BATS_TEST_TMPDIR/first" &
	fails_with 0 tune cpu publish
	wait $!
	cat "$BATS_TEST_TMPDIR/first" - <<<"$output" | sort | uniq -c | grep -q '1 node3.example.com new'
}

# publish_all WORD: all of the 200 nodes are it.
publish_all() {
	local start=${EPOCHREALTIME/./}
	fails_with 0 tune cpu publish
	[ "$(grep -c " $1" <<<"$output")" -eq 200 ] || { grep -v " $1" <<<"$output"; return 1; }
	echo "# 200 nodes, one waits for the others, $1: $(((${EPOCHREALTIME/./} - start) / 1000)) ms" >&3
}

# node77 answers only when all others have been asked.  If nodes were asked one after the other, or in groups that wait for
# their slowest node, those after it would not be asked, and it would fail.
@test "publish: the slowest of 200 nodes holds up none of the others" {
	local i word
	: >"$host/list"
	add_node node1 M Y
	# shellcheck disable=SC2016 # expanded there
	for i in {2..200}; do
		add_node "node$i"
		echo 'touch "asked${command##* }"' | set_below "node$i" trouble
	done
	# shellcheck disable=SC2016 # expanded there
	for word in record store; do
		echo "case \$command in *$word) until [ \$(ls -d ../*/asked$word | wc -l) -ge 198 ]; do sleep 0.1; done;; esac"
	done | set_below node77 trouble
	publish_all new
	publish_all unchanged
}

# ---- hooks ----

# with HOOK NAME=VALUE... [-- OPTION...]: as Ganeti would run it on the master.
with() {
	local name=$1 environment=(GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PHASE=post GANETI_HOOKS_PATH="$1"
		GANETI_DATA_DIR=/var/lib/ganeti GANETI_MASTER=node1.example.com)
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" \
		"${environment[@]}" "$(program "hooks/$name-post")" --root "$host" "${@:2}" </dev/null
}

added=(node-add GANETI_NODE_NAME=node3.example.com GANETI_NODE_PIP=192.0.2.13)

is_silent() {
	fails_with 0 "$@"
	[ -z "$output$stderr" ] || { echo "$output$stderr"; return 1; }
}

@test "hooks: what changes the nodes publishes the records, in silence" {
	local call
	is_silent with "${added[@]}"
	[ "$(published)" = "node1 node2 node3" ]
	for call in cluster-init "node-modify GANETI_OFFLINE=False GANETI_VM_CAPABLE=None" \
		"node-modify GANETI_OFFLINE=None GANETI_VM_CAPABLE=True" "node-remove GANETI_NODE_NAME=node4.example.com"; do
		rm -r "${host:?}/$records"
		# shellcheck disable=SC2086 # words
		is_silent with $call
		[ "$(published)" = "node1 node2 node3" ] || { echo "$call"; return 1; }
	done
}

@test "hooks: a node that is gone loses its record, on all nodes" {
	is_silent with cluster-init
	grep -v node3 "$host/list" >"$host/list.new"
	mv "$host/list.new" "$host/list"
	is_silent with node-remove GANETI_NODE_NAME=node3.example.com
	[ "$(published)" = "node1 node2" ]
	! grep -q node3 "$host/nodes/node2.example.com/told"
}

@test "hooks: nothing to do for other changes, on other nodes, by hand" {
	is_silent with node-modify GANETI_OFFLINE=True GANETI_VM_CAPABLE=None
	is_silent with node-modify GANETI_OFFLINE=None GANETI_VM_CAPABLE=False
	is_silent with node-remove GANETI_MASTER=node2.example.com
	is_silent with node-modify GANETI_OFFLINE=False GANETI_MASTER=node2.example.com
	is_silent env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" ASAN_OPTIONS="$ASAN_OPTIONS" "$(program hooks/node-remove-post)" --root "$host"
	fails_with 0 with node-remove -- --dry-run
	says "would publish the CPU records of all nodes"
	[ ! -e "$host/$records" ]
}

@test "hooks: a fresh node without ganeti-tune is one line for the administrator" {
	echo 'echo bash: gnt-tune: command not found >&2; exit 127' | set_below node3 trouble
	fails_with 1 with "${added[@]}"
	is_one_line
	says "tune: node1.example.com: CPU records: node3.example.com has no gnt-tune: install ganeti-tune there; then run gnt-tune cpu publish"
	[ "$(published)" = "node1 node2" ]
}

@test "hooks: what else is wrong stands in the same line" {
	use_policy - <<<'nonsense: {}'
	echo 'exit 127' | set_below node3 trouble
	fails_with 1 with "${added[@]}"
	is_one_line
	says "node3.example.com has no gnt-tune" "; /etc/ganeti/tune.yaml:1:1: "
	# And nothing keeps the records of the others from being published.
	[ "$(published)" = "node1 node2" ]
	set_value var/lib/ganeti/ssconf_master_node node2.example.com
	fails_with 1 with node-remove
	is_one_line
	says "node1.example.com is not the master node"
}

@test "hooks: one node that hangs does not hold the hook, nor the others' records for ever" {
	# shellcheck disable=SC2016 # expanded there
	echo 'cut -d" " -f6 /proc/$$/stat >session; until [ -e go ]; do sleep 0.1; done' | set_below node3 trouble
	is_silent with node-remove
	[ ! -e "$host/$records" ]
	set_below node3 go </dev/null
	# A signal to the hook's session does not reach the child.
	[ "$(get_below node3 session)" != "$(cut -d' ' -f6 /proc/$BASHPID/stat)" ]
	wait_until 60 are_published "node1 node2 node3"
}

@test "hooks: a master that is no x86 machine publishes nothing" {
	set_value proc/sys/kernel/arch aarch64
	rm -f "$host/$records"/*
	is_silent with "${added[@]}"
	[ -z "$(ls "$host/$records" 2>/dev/null)" ]
}

@test "hooks: a child that is killed has not published, and the hook says so" {
	# shellcheck disable=SC2016 # expanded there
	echo 'kill -9 $PPID; sleep 1' | set_below node2 trouble
	fails_with 1 with cluster-init
	is_one_line
	says "CPU records: publishing ended before it was done; then run gnt-tune cpu publish"
}
