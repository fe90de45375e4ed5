# A real Ganeti cluster on one machine, for scripts that source this: nodes in namespaces of their own, each with
# this machine's files under an overlay, its own daemons, sshd and addresses; KVM and the CPU are shared.
#
#	lab_up BUILD-DIRECTORY && lab_make_cluster
#	on node1 gnt-node list
#	lab_down
#
# LAB_RELEASES="node1=12-backports node3=13" gives nodes the root of another release, see tests/release, and with it the
# Ganeti and the QEMU of that release; there has to be one Ganeti on all.
#
# With LAB_KIND=vm the nodes are virtual machines with a kernel of their own, see vm.bash.
#
# All of it ends with one process, the hub, which ends with the owner, by default the process that called lab_up,
# however that ends.  Nothing of this machine is changed but $GNT_LAB, a directory of its own.

lab_here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
lab_domain=lab.test
lab_net=192.0.2
# Of the secondary addresses of virtual machines.
lab_net2=198.51.100
: "${LAB_KIND:=container}" "${LAB_NODES:=node1 node2 node3}" "${LAB_RELEASES:=}"
. "$lab_here/vm.bash"

# lab_why_not: what this machine lacks; empty when a cluster can run here.
lab_why_not()
{
	if [ -n "${TUNE_NO_CLUSTER-}" ]; then
		echo "TUNE_NO_CLUSTER is set"
	elif [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ! lab_has gnt-cluster qemu-system-x86_64 sshd ssh-keygen ip unshare nsenter setpriv python3; then
		:
	elif ! unshare --mount --net --uts --ipc --pid --fork true 2>/dev/null; then
		echo "needs namespaces, which are not permitted here"
	elif [ "$LAB_KIND" = vm ]; then
		vm_why_not
	elif [ ! -w /dev/kvm ]; then
		echo "needs /dev/kvm: a guest that KVM does not run is not checked"
	fi
}

# lab_has PROGRAM...: says which one is missing.
lab_has()
{
	local program
	for program; do
		if ! command -v "$program" >/dev/null; then
			echo "needs $program"
			return 1
		fi
	done
}

# lab_nodes: names of all.
lab_nodes()
{
	echo "$LAB_NODES"
}

# lab_release NODE: that of the node; empty where it is this machine's.
lab_release()
{
	local pair
	for pair in $LAB_RELEASES; do
		if [ "${pair%%=*}" = "$1" ]; then echo "${pair#*=}"; fi
	done
}

# lab_root NODE: what lies below the files of the node.
lab_root()
{
	local release
	release=$(lab_release "$1")
	if [ -n "$release" ]; then "$lab_here/../release" --root "$release"; else echo /; fi
}

# lab_make_roots: of all releases that nodes have; those that are there already take no time.
lab_make_roots()
{
	local pair
	for pair in $LAB_RELEASES; do "$lab_here/../release" "${pair#*=}" true || return; done
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

# lab_up BUILD-DIRECTORY [OWNER]: start the nodes, with what `make install` of this build installs.
lab_up()
{
	export GNT_LAB LAB_KIND LAB_NODES LAB_RELEASES
	lab_make_roots || return
	if [ -n "${GNT_LAB-}" ]; then
		mkdir -m 700 "$GNT_LAB" || return
	else
		GNT_LAB=$(mktemp -d "${TMPDIR:-/tmp}/gnt-lab.XXXXXX")
	fi
	mkdir "$GNT_LAB/run" "$GNT_LAB/log" "$GNT_LAB/install"
	printf '%s=%q\n' LAB_KIND "$LAB_KIND" LAB_NODES "$LAB_NODES" LAB_RELEASES "$LAB_RELEASES" >"$GNT_LAB/run/settings"
	setsid "$lab_here/guard" "${2-$$}" "$1" >"$GNT_LAB/log/guard" 2>&1 </dev/null 3>&- 4>&- &
	disown
	lab_wait "$([ "$LAB_KIND" = vm ] && echo 300 || echo 120)" "starting the nodes" lab_has_ended_starting
	lab_is_ready || { tail -n 5 "$GNT_LAB"/log/* >&2; return 1; }
}

# lab_prepare BUILD-DIRECTORY: what the nodes will find.
lab_prepare()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$1" install \
		DESTDIR="$GNT_LAB/install" hooksdir=/etc/ganeti/hooks >"$GNT_LAB/log/install" 2>&1 </dev/null || return
	# Of the hooks only ours: this machine may be a node of a real cluster.
	cp -a "$GNT_LAB/install/etc/ganeti/hooks" "$lab_here/node-setup" "$lab_here/vm-main" "$GNT_LAB/run/" || return
	ssh-keygen -q -t ed25519 -N '' -C lab -f "$GNT_LAB/run/key" || return
	[ "$LAB_KIND" != vm ] || vm_prepare
}

# lab_reinstall NODE RELEASE: it loses all that it had, and starts with the root of this release.
lab_reinstall()
{
	"$lab_here/../release" "$2" true || return
	rm "$GNT_LAB/run/$1.ready"
	in_hub env LAB_RELEASES="$1=$2" "$lab_here/hub" "$GNT_LAB" "$lab_net" "$lab_domain" "$lab_net2" "$1" &&
		lab_wait 120 "starting $1" test -e "$GNT_LAB/run/$1.ready"
}

lab_has_ended_starting()
{
	[ -e "$GNT_LAB/run/failed" ] || lab_is_ready
}

lab_is_ready()
{
	local node
	for node in $(lab_nodes); do
		[ -e "$GNT_LAB/run/$node.ready" ] || return
	done
}

# lab_down: also when it came up in part, or never did.
lab_down()
{
	[ -d "${GNT_LAB-}" ] || return 0
	kill -TERM "$(cat "$GNT_LAB/run/guard.pid")" 2>/dev/null
	lab_wait 60 "taking the nodes down" test ! -d "$GNT_LAB"
}

lab_environment=(HOME=/root USER=root TERM=dumb LANG=C.UTF-8
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

# on NODE COMMAND...: run it there, as root.
on()
{
	if [ "$LAB_KIND" = vm ]; then
		vm_on "$@"
	else
		in_hub nsenter -t "$(cat "$GNT_LAB/run/$1.pid")" -m -u -i -n -p -r -w \
			env -i "${lab_environment[@]}" "${@:2}"
	fi
}

# in_hub COMMAND...: where the nodes are seen from outside.
in_hub()
{
	local hub
	hub=$(cat "/proc/$(cat "$GNT_LAB/run/hub-parent.pid")/task/"*/children)
	nsenter -t "${hub%% *}" -m -n -p "$@"
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

# lab_make_cluster [NODE...]: the first becomes the master of a cluster, which the others join; by default all.
lab_make_cluster()
{
	local master node secondary=() storage=(--enabled-hypervisors=kvm --enabled-disk-templates=sharedfile,diskless
		-H kvm:kernel_path=,initrd_path=,vnc_bind_address=127.0.0.1,vhost_net=False)
	# shellcheck disable=SC2046
	[ $# -gt 0 ] || set -- $(lab_nodes)
	master=$1
	[ "$LAB_KIND" != vm ] || storage=(--enabled-hypervisors=fake --enabled-disk-templates=drbd,plain,file,diskless
		--vg-name=xenvg --drbd-usermode-helper=/bin/true)
	[ "$LAB_KIND" != vm ] || secondary=(-s "$lab_net2.1${1#node}")
	on "$master" gnt-cluster init "${secondary[@]}" --no-etc-hosts --master-netdev=eth0 "${storage[@]}" \
		--file-storage-dir=/srv/ganeti/file-storage --shared-file-storage-dir=/srv/ganeti/shared-file-storage \
		--nic-parameters=mode=bridged,link=br0 \
		--ipolicy-bounds-specs=min:disk-size=16,cpu-count=1,disk-count=0,memory-size=16,nic-count=0,spindle-use=1/max:disk-size=1024,cpu-count=8,disk-count=16,memory-size=4096,nic-count=8,spindle-use=12 \
		cluster.$lab_domain </dev/null || return
	for node in "${@:2}"; do
		[ "$LAB_KIND" != vm ] || secondary=(-s "$lab_net2.1${node#node}")
		on "$master" gnt-node add "${secondary[@]}" --no-ssh-key-check "$node.$lab_domain" </dev/null || return
	done
}
