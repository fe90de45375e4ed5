# gnt-tune hooks: which of them Ganeti would run, on and off, and one by hand.
load helper

recorded=$TUNE_SRCDIR/tests/hook-env

setup_file() {
	hooksdir=$(setting hooksdir)
	hooksexecdir=$(setting hooksexecdir)
	export hooksdir hooksexecdir
}

setup() {
	make_host minimal
	set_value var/lib/ganeti/ssconf_cluster_name cluster.lab.test
	set_value var/lib/ganeti/ssconf_master_node node1.lab.test
	local source
	for source in "$TUNE_SRCDIR"/hooks/{*-{pre,post},instance-devices}.c; do
		# A shell forgets variables with a dot in their name.
		# shellcheck disable=SC2016
		make_hook "$(basename "$source" .c)" 'tr "\0" "\n" <"/proc/$$/environ"'
	done
}

# make_hook NAME COMMAND: its program; nothing links to it.
make_hook() {
	set_value "$hooksexecdir/$1" "#!/bin/sh
$2"
	chmod 755 "$host/$hooksexecdir/$1"
}

# state HOOK
state() {
	tune hooks list --no-headers --separator=: -o hook,state | sed -n "s/^$1://p"
}

@test "list: a row for each hook, and status 4 while one does not work" {
	fails_with 4 tune hooks list
	says "instance-migrate-pre" "absent" "$hooksdir/instance-migrate-pre.d/50-tune" \
		"not linked: gnt-tune hooks enable instance-migrate-pre"
	tune hooks enable
	fails_with 0 tune hooks list
	[[ "$output" != *absent* ]]
	chmod 644 "$host/$hooksexecdir/node-add-post"
	fails_with 4 tune hooks list
	says "broken" "$hooksexecdir/node-add-post is missing or not executable"
	fails_with 4 tune hooks list --json
	python3 -c 'import json, sys; assert len(json.load(sys.stdin)["hooks"]) >= 5' <<<"$output"
}

@test "enable and disable: all, or those that are named" {
	fails_with 0 tune hooks enable instance-migrate-pre node-add-post
	says "instance-migrate-pre: enabled" "node-add-post: enabled"
	[ "$(state instance-add-post)" = absent ]
	[ "$(readlink "$host/$hooksdir/node-add-post.d/50-tune")" = "$hooksexecdir/node-add-post" ]
	fails_with 0 tune hooks disable node-add-post
	says "node-add-post: disabled"
	[ "$(state node-add-post)" = disabled ]
	[ ! -e "$host/$hooksdir/node-add-post.d/50-tune" ]
	fails_with 0 tune hooks disable
	fails_with 0 tune hooks list
	[[ "$output" != *enabled* ]]
	fails_with 0 tune hooks enable
	[ "$(find "$host/$hooksdir" -name '*.disabled')" = "" ]
}

@test "--missing: what was switched off or is somebody else's stays, and a link that was deleted does not come back" {
	tune hooks enable
	tune hooks disable instance-migrate-pre
	rm "$host/$hooksdir/node-add-post.d/50-tune" "$host/$hooksdir/node-remove-post.d/50-tune"
	set_value "$hooksdir/node-remove-post.d/50-tune" "not ours"
	fails_with 0 tune hooks disable --missing
	[ "$stderr" = "node-add-post: disabled" ]
	rm -r "$host/$hooksdir/node-modify-post.d"
	fails_with 0 tune hooks enable --missing
	[ "$stderr" = "node-modify-post: enabled" ]
	[ "$(state instance-migrate-pre)$(state node-add-post)$(state node-remove-post)" = disableddisabledforeign ]
	[ "$(tune hooks list --no-headers -o state | grep -c enabled)" -eq 11 ]
	fails_with 0 tune hooks enable --missing
	[ -z "$stderr" ]
	fails_with 2 tune plan --missing
}

@test "nothing is changed where a name is wrong, or with --dry-run" {
	local before
	before=$(fingerprint)
	fails_with 2 tune hooks enable node-add-post node-ad-post
	says "there is no hook 'node-ad-post'"
	fails_with 0 tune hooks enable --dry-run
	says "node-add-post: would be enabled"
	fails_with 2 tune hooks
	fails_with 2 tune hooks enabled
	fails_with 2 tune hooks list x
	[ "$(fingerprint)" = "$before" ]
}

@test "--dry-run: what could not be done would not be done" {
	set_value "$hooksdir/node-add-post.d/50-tune" "not ours"
	chmod -x "$host/$hooksexecdir/node-remove-post"
	fails_with 1 tune hooks enable --dry-run
	says "node-add-post: $hooksdir/node-add-post.d/50-tune is not ours: remove it first" \
		"node-remove-post is missing or not executable" "node-modify-post: would be enabled"
	[[ "$stderr" != *"node-add-post: would"* && "$stderr" != *"node-remove-post: would"* ]]
	fails_with 1 tune hooks disable --dry-run
	says "node-remove-post: would be disabled"
	[[ "$stderr" != *"node-add-post: would"* ]]
}

@test "what is somebody else's is named and left alone, and the others are done" {
	set_value "$hooksdir/node-add-post.d/50-tune" "not ours"
	fails_with 1 tune hooks enable
	says "gnt-tune: node-add-post: $hooksdir/node-add-post.d/50-tune is not ours: remove it first" \
		"instance-add-post: enabled"
	fails_with 1 tune hooks disable node-add-post
	[ "$(get_value "$hooksdir/node-add-post.d/50-tune")" = "not ours" ]
	[ "$(state node-add-post)" = foreign ]
}

@test "enable: without the program there is no link" {
	rm "$host/$hooksexecdir/node-add-post"
	fails_with 1 tune hooks enable node-add-post
	says "$hooksexecdir/node-add-post is missing or not executable: install it first"
	[ ! -e "$host/$hooksdir/node-add-post.d/50-tune" ]
}

@test "run: the environment of Ganeti, and no more" {
	local hook file assignments
	while read -r hook file; do
		mapfile -t assignments < <(grep '^GANETI_' "$recorded/$file" |
			grep -vE '^GANETI_(HOOKS_.*|CLUSTER|MASTER|DATA_DIR|OP_.*|OBJECT_TYPE)=')
		fails_with 0 tune hooks run "$hook" "${assignments[@]}"
		diff <(grep -v '^GANETI_OP_TARGET' "$recorded/$file" | LC_ALL=C sort) \
			<(grep -v '^GANETI_OP_TARGET=' <<<"$output" | LC_ALL=C sort)
	done <<-END
		cluster-init-post OP_CLUSTER_POST_INIT.post.cluster-init.node1.env
		cluster-verify-post OP_CLUSTER_VERIFY_GROUP.post.cluster-verify.node2.env
		instance-add-post OP_INSTANCE_CREATE.post.instance-add.node1.env
		instance-migrate-pre OP_INSTANCE_MIGRATE.pre.instance-migrate.node1.env
		node-add-post OP_NODE_ADD.post.node-add.node1.env
	END
}

@test "run: working directory, umask, input; status and output are the hook's" {
	# shellcheck disable=SC2016
	make_hook cluster-verify-post 'pwd; umask; wc -c; echo "$0 $*"; echo no >&2; exit 7'
	fails_with 7 tune hooks run cluster-verify-post </dev/zero
	[ "${lines[0]}" = / ]
	[ "${lines[1]}" = 0077 ]
	[ "${lines[2]}" = 0 ]
	[[ "${lines[3]}" == *"/cluster-verify-post --root=$host" ]]
	[ "$stderr" = no ]
	fails_with 7 tune hooks run --dry-run cluster-verify-post
	says "--root=$host --dry-run"
}

@test "run: a hook of ours does its work" {
	use_policy - <<<'sysctl: {vm.swappiness: 10}'
	make_hook cluster-verify-post "LD_LIBRARY_PATH=${LD_LIBRARY_PATH@Q} ASAN_OPTIONS=${ASAN_OPTIONS@Q} exec ${cluster_verify@Q} \"\$@\""
	fails_with 1 tune hooks run cluster-verify-post
	says "vm.swappiness"
	fails_with 0 tune apply
	fails_with 0 tune hooks run cluster-verify-post
	[ -z "$output$stderr" ]
}

@test "run: what is missing is named, and nothing runs" {
	fails_with 2 tune hooks run instance-migrate-pre INSTANCE_NAME=inst1
	says "instance-migrate-pre needs INSTANCE_HYPERVISOR= OLD_PRIMARY= NEW_PRIMARY= as well"
	rm "$host/var/lib/ganeti/ssconf_master_node"
	fails_with 2 tune hooks run node-add-post NODE_NAME=node2
	says "needs MASTER="
	fails_with 2 tune hooks run node-add-post NODE_NAME
	says "'NODE_NAME' is not KEY=VALUE"
	fails_with 2 tune hooks run
	fails_with 2 tune hooks run no-such-hook
	rm "$host/$hooksexecdir/cluster-verify-post"
	fails_with 1 tune hooks run cluster-verify-post
	says "cluster-verify-post: No such file"
}
