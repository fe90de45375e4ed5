# What the process tests share: machines to work on, the programs, and ways to look at what they did.
# `bats tests/cli/plan.bats` works by hand, too, for a build in ./build.
bats_require_minimum_version 1.5.0

here=${BASH_SOURCE[0]%/*}
: "${TUNE_SRCDIR:=$(cd "$here/../.." && pwd)}" "${TUNE_BUILDDIR:=$TUNE_SRCDIR/build}"
# ptrace and the leak checker of the sanitizers exclude each other.
export LC_ALL=C ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
unset NO_COLOR "${!GANETI_@}"

# libtool puts a script in a program's place; strace must see the program.
export LD_LIBRARY_PATH=$TUNE_BUILDDIR/libtune/.libs
program() {
	local real=$TUNE_BUILDDIR/${1%/*}/.libs/${1##*/}
	if [ -x "$real" ]; then echo "$real"; else echo "$TUNE_BUILDDIR/$1"; fi
}
gnt_tune=$(program gnt-tune/gnt-tune)
node_add=$(program hooks/node-add-post)
cluster_verify=$(program hooks/cluster-verify-post)

# setting NAME: as configure has it, e.g. hooksdir.
setting() {
	echo "print-it: ; @echo '\$($1)'" |
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$TUNE_BUILDDIR" -f Makefile -f - print-it
}

# make_host NAME: the machine of tests/hosts/NAME.host, in $host.  Its name is node1.example.com.
make_host() {
	host=$BATS_TEST_TMPDIR/${2:-host}
	mkdir "$host"
	"$TUNE_BUILDDIR/tests/unit/unroll" "$TUNE_SRCDIR/tests/hosts/$1.host" "$host"
	journal=$host/run/ganeti-tune/journal
	lock=$host/run/ganeti-tune/lock
}

# use_policy FILE|-: becomes the machine's own policy, whoever owns the source tree.
use_policy() {
	mkdir -p "$host/etc/ganeti"
	cat "$1" >"$host/etc/ganeti/tune.yaml"
	chmod 644 "$host/etc/ganeti/tune.yaml"
}

# tune COMMAND [OPTION...]: gnt-tune on $host.
tune() {
	"$gnt_tune" "$1" --root "$host" "${@:2}"
}

# set_value PATH VALUE, get_value PATH: below $host.
set_value() {
	mkdir -p "$(dirname "$host/$1")"
	printf '%s\n' "$2" >"$host/$1"
}
get_value() {
	cat "$host/$1"
}

# make_program PATH LINE...: a script, below $host.
make_program() {
	mkdir -p "$(dirname "$host/$1")"
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$host/$1"
	chmod 755 "$host/$1"
}

# make_master: $host becomes the master of a cluster that has no nodes yet, see add_to_list.
make_master() {
	set_value var/lib/ganeti/ssconf_master_node "$(get_value proc/sys/kernel/hostname)"
	set_value var/lib/ganeti/ssconf_cluster_name cluster.example.com
	# shellcheck disable=SC2016 # expanded there
	make_program usr/sbin/gnt-node 'cat "${0%/*}/../../list"'
	: >"$host/list"
}

# add_to_list NAME ROLE MASTER OFFLINE: as gnt-node lists it.
add_to_list() {
	echo "$1|$2|$3|$4|N|Y|192.0.2.1|22||default" >>"$host/list"
}

# make_quiet_master NODE...: of nodes that nobody asks anything, as none is online.
make_quiet_master() {
	local node
	make_master
	for node; do add_to_list "$node" O Y Y; done
}

# A checksum of all that is below a directory: names, modes, times and contents.
fingerprint() {
	tar -C "${1:-$host}" --sort=name -cf - . | sha256sum
}

# What the kernel, and DRBD, would show below $host: of a choice only what is chosen, blanks folded.
shown() {
	(cd "$host" && find proc sys run/drbd -type f -print0 2>/dev/null | sort -z | xargs -0 awk '
		match($0, /\[[^]]*\]/) { $0 = substr($0, RSTART + 1, RLENGTH - 2) }
		{ $1 = $1; print FILENAME ": " $0 }')
}

# changes: which of the values shown are not those of $before (from shown).
changes() {
	diff <(echo "$before") <(shown)
}

# fails_with STATUS COMMAND...: its output is in $output and $stderr.
fails_with() {
	local expected=$1
	shift
	run --separate-stderr "$@"
	[ "$status" -eq "$expected" ] || { echo "exit status $status, not $expected: $output $stderr"; return 1; }
}

# says TEXT...: each of them stands in what the last `run` printed.
says() {
	local text
	for text; do
		[[ "$output$stderr" == *"$text"* ]] || { echo "'$text' is missing in: $output $stderr"; return 1; }
	done
}

# What Ganeti can show: one line, ASCII, short.
is_one_line() {
	[ "${#lines[@]}" -eq 1 ] || { echo "${#lines[@]} lines: $output"; return 1; }
	[ "${#output}" -lt 1100 ]
	[[ "$output" == "tune: "* ]]
	! grep -qP '[^\x20-\x7e]' <<<"$output"
	[ -z "$stderr" ]
}

needs() {
	local tool
	for tool; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done
}

needs_ptrace() {
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "ptrace is not permitted"
}

needs_mounts() {
	unshare -m true 2>/dev/null || skip "mount namespaces are not permitted"
}

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

# wait_until SECONDS COMMAND...: the limit is for what never comes; a machine under load may need most of it.
wait_until() {
	local end=$((SECONDS + $1))
	until "${@:2}"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# hold_lock: as another apply does, until release_lock.
hold_lock() {
	needs flock
	mkdir -p "${lock%/*}"
	flock --no-fork "$lock" sleep 600 3>&- &
	lock_holder=$!
	wait_until 60 is_locked
}

is_locked() {
	! flock -n "$lock" true
}

release_lock() {
	kill "$lock_holder"
	wait "$lock_holder" || true
}

# has_lock_open PID: it waits for the lock, while somebody else holds it.
# shellcheck disable=SC2012 # names of ours
has_lock_open() {
	ls -l "/proc/$1/fd" 2>/dev/null | grep -q "${lock##*/}"
}

# fails COMMAND...: for wait_until.
fails() {
	! "$@"
}

# needs_machine: the virtual machine that opens guests' disks can be started here.  libguestfs keeps its appliance in
# the build's directory, where the first test to come makes it.
needs_machine() {
	needs supermin qemu-system-x86_64
	compgen -G '/boot/vmlinuz-*' >/dev/null || [ -n "${SUPERMIN_KERNEL-}" ] || skip "no kernel for libguestfs"
	export LIBGUESTFS_CACHEDIR=$TUNE_BUILDDIR/tests/appliance
	mkdir -p "$LIBGUESTFS_CACHEDIR"
}

# without_kvm COMMAND...: as on a node that knows already that KVM does not start the machine: it runs anywhere.
without_kvm() {
	# shellcheck disable=SC2016 # for another shell
	unshare --mount bash -c '
		mkdir -p /run/ganeti-tune && mount -t tmpfs tune /run/ganeti-tune &&
			echo tcg >/run/ganeti-tune/accelerator && exec "$@"' - "$@"
}
