# A real Ganeti cluster on one machine, for scripts that source this: three nodes in namespaces of their own, each
# with this machine's files under an overlay, its own daemons, sshd and addresses; KVM and the CPU are shared.
#
#	lab_up BUILD-DIRECTORY && lab_make_cluster
#	on node1 gnt-node list
#	lab_down
#
# All of it hangs on one process, the hub, and that on the process that called lab_up: it ends with either of
# them, however they end.  Nothing of this machine is changed but $GNT_LAB, a directory of its own.

lab_here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
lab_domain=lab.test
lab_net=192.0.2

# lab_why_not: what this machine lacks; empty when a cluster can run here.
lab_why_not()
{
	local program
	if [ -n "${TUNE_NO_CLUSTER-}" ]; then
		echo "TUNE_NO_CLUSTER is set"
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
		return
	fi
	for program in gnt-cluster qemu-system-x86_64 sshd ssh-keygen ip unshare nsenter python3; do
		if ! command -v "$program" >/dev/null; then
			echo "needs $program"
			return
		fi
	done
	if [ ! -w /dev/kvm ]; then
		echo "needs /dev/kvm: a guest that KVM does not run is not checked"
	elif ! unshare --mount --net --uts --ipc --pid --fork true 2>/dev/null; then
		echo "needs namespaces"
	fi
}

# lab_nodes: names of all.
lab_nodes()
{
	echo node1 node2 node3
}

# lab_wait SECONDS WHAT TEST...: until TEST is true.
lab_wait()
{
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		if [ $SECONDS -gt "$end" ]; then
			echo "$what: it took too long" >&2
			tail -n 5 "$GNT_LAB"/log/* >&2
			return 1
		fi
		sleep 0.1
	done
}

# lab_guard OWNER: in a session of its own, so that Ctrl-C is for the owner; cleans up when it or the hub is gone.
lab_guard()
{
	unshare --mount --net --pid --fork --kill-child --mount-proc \
		"$lab_here/hub" "$GNT_LAB" $lab_net $lab_domain "$(lab_nodes)" >"$GNT_LAB/log/hub" 2>&1 </dev/null &
	local hub=$!
	echo $hub >"$GNT_LAB/run/hub-parent"
	tail --pid="$1" -s 0.2 -f /dev/null &
	local owner=$!
	wait -n || :
	kill -KILL $hub $owner 2>/dev/null
	wait
	rm -rf --one-file-system "$GNT_LAB"
}

# lab_up BUILD-DIRECTORY: start the nodes, with what `make install` of this build installs.
lab_up()
{
	GNT_LAB=$(mktemp -d "${TMPDIR:-/tmp}/gnt-lab.XXXXXX")
	export GNT_LAB
	mkdir "$GNT_LAB/run" "$GNT_LAB/log" "$GNT_LAB/install"
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$1" install \
		DESTDIR="$GNT_LAB/install" hooksdir=/etc/ganeti/hooks >"$GNT_LAB/log/install" 2>&1 </dev/null || return
	ssh-keygen -q -t ed25519 -N '' -C lab -f "$GNT_LAB/run/key"
	export -f lab_guard lab_nodes
	export lab_here lab_net lab_domain
	setsid bash -c "lab_guard $$" >/dev/null 2>&1 </dev/null 3>&- 4>&- &
	disown
	lab_wait 30 "starting the nodes" lab_is_ready
}

lab_is_ready()
{
	local node
	for node in $(lab_nodes); do
		[ -e "$GNT_LAB/run/$node.ready" ] || return
	done
}

lab_down()
{
	[ -d "${GNT_LAB-}" ] || return 0
	kill -KILL "$(cat "$GNT_LAB/run/hub-parent")" 2>/dev/null
	lab_wait 10 "taking the nodes down" test ! -d "$GNT_LAB"
}

# on NODE COMMAND...: run it there, as root.
on()
{
	local hub
	hub=$(cat "/proc/$(cat "$GNT_LAB/run/hub-parent")/task/"*/children)
	nsenter -t "${hub%% *}" -m -p nsenter -t "$(cat "$GNT_LAB/run/$1.pid")" -m -u -i -n -p -r -w \
		env -i HOME=/root USER=root TERM=dumb LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"
}

# put FILE|- PATH NODE...: copy it into these nodes.
put()
{
	local text node
	text=$(mktemp -p "$GNT_LAB")
	cat "$1" >"$text"
	for node in "${@:3}"; do
		# shellcheck disable=SC2016
		on "$node" sh -c 'mkdir -p "${1%/*}" && rm -f "$1" && cat >"$1"' - "$2" <"$text"
	done
	rm "$text"
}

# lab_make_cluster: node1 becomes the master of a cluster, which the others join.
lab_make_cluster()
{
	local node
	on node1 gnt-cluster init --no-etc-hosts --master-netdev=eth0 --enabled-hypervisors=kvm \
		--enabled-disk-templates=sharedfile,diskless --file-storage-dir=/srv/ganeti/file-storage \
		--shared-file-storage-dir=/srv/ganeti/shared-file-storage --nic-parameters=mode=bridged,link=br0 \
		-H kvm:kernel_path=,initrd_path=,vnc_bind_address=127.0.0.1 \
		--ipolicy-bounds-specs=min:disk-size=16,cpu-count=1,disk-count=0,memory-size=16,nic-count=0,spindle-use=1/max:disk-size=1024,cpu-count=8,disk-count=16,memory-size=4096,nic-count=8,spindle-use=12 \
		cluster.$lab_domain </dev/null || return
	for node in $(lab_nodes); do
		[ "$node" = node1 ] || on node1 gnt-node add --no-ssh-key-check "$node.$lab_domain" </dev/null || return
	done
}
