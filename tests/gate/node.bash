# A node of a cluster with a running guest, in namespaces of its own: /etc, /run, /var/lib, processes and the
# host name are private, all else is this machine.  For scripts that begin with
#
#	. tests/gate/node.bash; enter_node "$0" "$@"
#
# The guest is a QEMU under KVM that stands still before its first instruction.

records=/var/lib/ganeti-tune/nodes
kvm_state=/run/ganeti/kvm-hypervisor

# why_not: what this machine lacks; empty when the gate can be shown here.
why_not()
{
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ! command -v qemu-system-x86_64 >/dev/null; then
		echo "needs qemu-system-x86"
	elif [ ! -w /dev/kvm ]; then
		echo "needs /dev/kvm: a guest that KVM does not run is not checked"
	elif ! unshare --mount --uts --pid --fork true 2>/dev/null; then
		echo "needs namespaces"
	fi
}

# enter_node SCRIPT ARGUMENT...: start the script once more, inside; all it started ends with it.
enter_node()
{
	[ -z "${GATE_NODE-}" ] || return 0
	GATE_NODE=node2.example.com exec unshare --mount --uts --pid --fork --kill-child --mount-proc "$@"
}

# make_node: what Ganeti would have made of this one.
make_node()
{
	mount --make-rprivate /
	hostname "$GATE_NODE"
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /var/lib
	mkdir -p "$records" "$kvm_state"/{pid,ctrl,conf} /run/etc/{new,work}
	mount -t overlay -o lowerdir=/etc,upperdir=/run/etc/new,workdir=/run/etc/work overlay /etc 2>/dev/null ||
		{ cp -a /etc /run/etc/all && mount --bind /run/etc/all /etc; }
}

# start_qemu NAME OPTION...: as Ganeti starts one, as far as the gate looks; returns once it is there.
start_qemu()
{
	qemu-system-x86_64 -name "$1" -m 16 -S -display none -nodefaults -no-user-config -daemonize \
		-pidfile "$kvm_state/pid/$1" -qmp "unix:$kvm_state/ctrl/$1.qmp,server=on,wait=off" "${@:2}"
}

# start_guest NAME CPU [OPTION...]
start_guest()
{
	start_qemu "$1" -enable-kvm -machine pc -cpu "$2" "${@:3}"
}

get_guest_pid()
{
	cat "$kvm_state/pid/$1"
}

# start_host_guest NAME [OPTION...]: with all that the host has.  Older QEMUs cannot start "host" on an AMD host whose KVM
# offers arch-capabilities; without that bit they can.
start_host_guest()
{
	start_guest "$1" host "${@:2}" 2>/dev/null || start_guest "$1" host,-arch-capabilities "${@:2}"
}

# copy_record FROM TO: TO is a node of the same kind.
copy_record()
{
	sed "s/^node: .*/node: \"$2\"/" "$records/$1.yaml" >"$records/$2.yaml"
}

# mask_record NODE WORD BIT: take one bit out of the node's record; FALSE when it was not there.
mask_record()
{
	local old new
	old=$(sed -n "s/^  $2: //p" "$records/$1.yaml")
	new=$(printf '0x%x' $((old & ~(1 << $3))))
	[ "$new" != "$old" ] && sed -i "s/^  $2: .*/  $2: $new/" "$records/$1.yaml"
}

# add_to_record NODE WORD BIT: add one bit to the node's record; FALSE when it was there already.
add_to_record()
{
	local old new
	old=$(sed -n "s/^  $2: //p" "$records/$1.yaml")
	new=$(printf '0x%x' $((old | 1 << $3)))
	[ "$new" != "$old" ] && sed -i "s/^  $2: .*/  $2: $new/" "$records/$1.yaml"
}

# bad_qemu NAME SOCKET TALK...: what answers on that socket of a guest from now on, see bad-qemu.
bad_qemu()
{
	local socket=$kvm_state/ctrl/$1.$2
	[ "$3" = hold ] || [ "$3" = say ] || rm -f "$socket"
	read -r < <("$(dirname "${BASH_SOURCE[0]}")/bad-qemu" "$socket" "${@:3}" 2>/dev/null)
}

# migrate_pre HOOK INSTANCE TARGET [VARIABLE=VALUE...]: as Ganeti runs it on the source of a live migration.
# Behind the words in $hook_prefix and with those in $hook_options.
migrate_pre()
{
	# shellcheck disable=SC2086 # words
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PATH=instance-migrate \
		GANETI_HOOKS_PHASE=pre GANETI_OP_CODE=OP_INSTANCE_MIGRATE GANETI_MASTER=node1.example.com \
		GANETI_INSTANCE_NAME="$2" GANETI_INSTANCE_HYPERVISOR=kvm GANETI_INSTANCE_HV_cpu_type=host \
		GANETI_INSTANCE_HV_kvm_path=/usr/bin/kvm GANETI_INSTANCE_STATUS=up GANETI_INSTANCE_TAGS= \
		GANETI_MIGRATE_CLEANUP=False GANETI_OLD_PRIMARY="$GATE_NODE" GANETI_NEW_PRIMARY="$3" "${@:4}" \
		${hook_prefix-} "$1" ${hook_options-}
}

# open_node DIRECTORY: a node that stays until close_node, for in_node; DIRECTORY is for its own use.
# shellcheck disable=SC2016 # for the shell inside
open_node()
{
	local ready=$1/ready
	mkfifo "$ready"
	GATE_NODE=node2.example.com unshare --mount --uts --pid --fork --kill-child --mount-proc \
		bash -c '. "$1"; make_node; echo >"$2"; exec sleep 600' - "${BASH_SOURCE[0]}" "$ready" \
		</dev/null >/dev/null 2>&1 3>&- &
	node_holder=$!
	read -r -t 60 <"$ready"
	rm "$ready"
	node_pid=$(pgrep -P $node_holder)
}

# close_node: all that runs on it ends with it.
close_node()
{
	kill -KILL "$node_pid" && wait "$node_holder"
}

# in_node COMMAND...: a function of this file or a program, on the node of open_node.
# shellcheck disable=SC2016 # for the shell inside
in_node()
{
	GATE_NODE=node2.example.com nsenter --target "$node_pid" --mount --uts --pid \
		bash -c '. "$1"; shift; "$@"' - "${BASH_SOURCE[0]}" "$@" 3>&-
}

# What befalls a guest: it ends without a word, hangs, or does not let its command line be read.
kill_guest()
{
	local pid
	pid=$(get_guest_pid "$1")
	kill -KILL "$pid"
	while [ -e "/proc/$pid/cmdline" ] && [ -s "/proc/$pid/comm" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do
		sleep 0.01
	done
}
freeze_guest()
{
	kill -STOP "$(get_guest_pid "$1")"
}
# The start of a memory is nowhere mapped: EIO.
hide_command_line()
{
	mount --bind "/proc/$$/mem" "/proc/$(get_guest_pid "$1")/cmdline"
}

# write_file FILE TEXT, make_policy TEXT: of this node.
write_file()
{
	printf '%s\n' "$2" >"$1"
}
make_policy()
{
	mkdir -p /etc/ganeti
	write_file /etc/ganeti/tune.yaml "$1"
	chmod 644 /etc/ganeti/tune.yaml
}
