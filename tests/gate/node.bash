# A node of a cluster with a running guest, in namespaces of its own: /var/lib/ganeti-tune, /run/ganeti and the
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
	mkdir -p /run/ganeti /var/lib/ganeti-tune
	mount -t tmpfs tmpfs /run/ganeti
	mount -t tmpfs tmpfs /var/lib/ganeti-tune
	mkdir -p "$records" "$kvm_state"/{pid,ctrl,conf}
}

# start_guest NAME CPU: as Ganeti starts one, as far as the gate looks; returns once it is there.
start_guest()
{
	qemu-system-x86_64 -enable-kvm -name "$1" -machine pc -cpu "$2" -m 16 -S -display none -nodefaults \
		-no-user-config -daemonize -pidfile "$kvm_state/pid/$1" \
		-qmp "unix:$kvm_state/ctrl/$1.qmp,server=on,wait=off"
}

get_guest_pid()
{
	cat "$kvm_state/pid/$1"
}

# start_host_guest NAME: with all that the host has.  Older QEMUs cannot start "host" on an AMD host whose KVM
# offers arch-capabilities; without that bit they can.
start_host_guest()
{
	start_guest "$1" host 2>/dev/null || start_guest "$1" host,-arch-capabilities
}

# copy_record FROM TO: TO is a node of the same kind.
copy_record()
{
	sed "s/^node: .*/node: \"$2\"/" "$records/$1.yaml" >"$records/$2.yaml"
}

# mask_record NODE WORD BIT: take one bit out of what the node has promised; FALSE when it was not there.
mask_record()
{
	local old new
	old=$(sed -n "s/^  $2: //p" "$records/$1.yaml")
	new=$(printf '0x%x' $((old & ~(1 << $3))))
	[ "$new" != "$old" ] && sed -i "s/^  $2: .*/  $2: $new/" "$records/$1.yaml"
}

# migrate_pre HOOK INSTANCE TARGET [VARIABLE=VALUE...]: as Ganeti runs it on the source of a live migration.
migrate_pre()
{
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PATH=instance-migrate \
		GANETI_HOOKS_PHASE=pre GANETI_OP_CODE=OP_INSTANCE_MIGRATE GANETI_MASTER=node1.example.com \
		GANETI_INSTANCE_NAME="$2" GANETI_INSTANCE_HYPERVISOR=kvm GANETI_INSTANCE_HV_cpu_type=host \
		GANETI_INSTANCE_HV_kvm_path=/usr/bin/kvm GANETI_INSTANCE_STATUS=up GANETI_INSTANCE_TAGS= \
		GANETI_MIGRATE_CLEANUP=False GANETI_OLD_PRIMARY="$GATE_NODE" GANETI_NEW_PRIMARY="$3" "${@:4}" \
		"$1"
}
