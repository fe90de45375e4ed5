# The lab itself: nothing of it stays, however it ends, and nothing of this machine is changed.
load cluster

# A lab of one node, apart from that of the other scenarios.
setup_file() {
	export small_lab=$BATS_FILE_TMPDIR/lab
	export here=${BATS_TEST_FILENAME%/*}
}

small() {
	GNT_LAB=$small_lab LAB_NODES=node1 "$@"
}

# start_owner: a process of its own group, as from a terminal; in $owner.
# shellcheck disable=SC2016 # for the shell inside
start_owner() {
	GNT_LAB=$small_lab LAB_NODES=node1 env --default-signal=INT setsid \
		bash -c '. "$1" && lab_up "$TUNE_BUILDDIR" && exec sleep 60' - "$here/lab.bash" >/dev/null 2>&1 3>&- &
	owner=$!
}

# leftovers: what there still is of it, but for the owner.
leftovers() {
	ls -d "$small_lab" 2>/dev/null
	grep -F "$small_lab" /proc/mounts
	grep -laF "GNT_LAB=$small_lab" /proc/[0-9]*/environ 2>/dev/null | grep -vFx "/proc/$owner/environ"
	diff "$BATS_TEST_TMPDIR/links" <(ip -o link | sort)
}

is_gone() {
	[ -z "$(leftovers)" ]
}

# ends_by SIGNAL PROCESS FILE: once the lab has that file, the process (-: the group) gets the signal.
ends_by() {
	ip -o link | sort >"$BATS_TEST_TMPDIR/links"
	start_owner
	lab_wait 120 "$3" test -e "$small_lab/run/$3"
	[ -n "$(leftovers)" ]
	local process=$2
	case $process in
	owner) process=$owner ;;
	group) process=-$owner ;;
	*) process=$(cat "$small_lab/run/$2.pid") ;;
	esac
	kill "-$1" -- "$process"
	lab_wait 60 "$*: something is left" is_gone || { leftovers; return 1; }
	kill -KILL "$owner" 2>/dev/null || :
	wait "$owner" 2>/dev/null || :
}

@test "the owner is killed: nothing is left" {
	ends_by KILL owner node1.ready
}

@test "the owner is killed while the nodes start: nothing is left" {
	ends_by KILL owner guard.pid
}

@test "Ctrl-C: nothing is left" {
	ends_by INT group node1.ready
}

@test "the hub is killed: its nodes end, and nothing is left when the owner ends" {
	ip -o link | sort >"$BATS_TEST_TMPDIR/links"
	start_owner
	lab_wait 120 "the node" test -e "$small_lab/run/node1.ready"
	kill -KILL "$(cat "$small_lab/run/hub-parent.pid")"
	lab_wait 60 "the end of the nodes" test -e "$small_lab/run/failed"
	kill "$owner"
	lab_wait 60 "the lab leaves something" is_gone
}

@test "the guard is killed, then the owner: no process is left" {
	ip -o link | sort >"$BATS_TEST_TMPDIR/links"
	start_owner
	lab_wait 120 "the node" test -e "$small_lab/run/node1.ready"
	kill -KILL "$(cat "$small_lab/run/guard.pid")" "$owner"
	has_no_process() {
		[[ "$(leftovers)" != */proc/* ]]
	}
	lab_wait 60 "the processes" has_no_process
	rm -r "$small_lab"
}

@test "a lab that cannot start says why, and nothing is left" {
	ip -o link | sort >"$BATS_TEST_TMPDIR/links"
	owner=$$
	TUNE_BUILDDIR=$BATS_TEST_TMPDIR/none run small "$here/lab" up
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"none: No such file or directory"* ]]
	is_gone
}

@test "by hand: lab up, on, down" {
	run small "$here/lab" on node1 true
	[ "$status" -eq 1 ]
	[[ "$output" == "lab: no nodes here, see "* ]]
	small "$here/lab" up
	run small "$here/lab" up
	[ "$status" -eq 1 ]
	[ "$(small "$here/lab" on node1 hostname)" = node1.lab.test ]
	small "$here/lab" down
	[ ! -e "$small_lab" ]
	run small "$here/lab" sideways
	[ "$status" -eq 2 ]
}

@test "a node cannot change this machine's kernel" {
	run on node1 sysctl -w "vm.swappiness=$(sysctl -n vm.swappiness)"
	[ "$status" -ne 0 ]
	run on node1 sh -c 'echo 1 >/sys/kernel/mm/ksm/run'
	[ "$status" -ne 0 ]
}
