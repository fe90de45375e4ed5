# Instances of the OS definition `tune`, for the scenarios about it.
# shellcheck disable=SC2016 # scripts for other shells
disks=/srv/ganeti/shared-file-storage

# add NAME VARIANT SIZE [OPTION...]: an instance on node2 that does not run.
add() {
	remove_guest "$1" >/dev/null 2>&1 || :
	master gnt-instance add -t sharedfile --disk "0:size=$3" -o "tune+$2" -n node2.lab.test --no-name-check \
		--no-ip-check --no-wait-for-sync --no-start --net 0:link=br0 -B memory=32M,vcpus=1 "${@:4}" \
		"$1.lab.test"
}

# disk_of NAME: its path on the nodes.
disk_of() {
	on node2 sh -c "echo $disks/$1.lab.test/*.disk0"
}

# uuid_of NAME: of its first partition.
uuid_of() {
	on node2 blkid -p -o value -s UUID -O $((1024 * 1024)) "$(disk_of "$1")"
}

has_no_loop() {
	! losetup -n -O BACK-FILE | grep -qF $disks
}

nothing_left() {
	lab_wait 60 "detaching loop devices" has_no_loop
	! on node2 sh -c 'grep -ls /run/ganeti-tune /proc/[0-9]*/mountinfo' || return 1
}

# skip_kvm: the nodes know already that KVM does not start the machine that opens guests' disks, which is true on some
# hosts and takes a minute to find out on others.
skip_kvm() {
	local node
	for node in $(lab_nodes); do
		on "$node" sh -c 'mkdir -p /run/ganeti-tune && echo tcg >/run/ganeti-tune/accelerator'
	done
}
