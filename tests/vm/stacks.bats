# What lies under DRBD on a real kernel: LVM on a multipath device, on a mirror of md and on plain disks.  gnt-tune has
# to find the disks that have a queue of their own, and no others.  All on node1, beside the volume group of Ganeti.
load machines

# LVM of the machines looks at Ganeti's disk alone.
lvm() {
	local command=$1
	shift
	"$command" --config 'devices { global_filter = [ "a|.*|" ] }' -q -y "$@"
}

# make_minor N GROUP: DRBD with its metadata beside the data, as Ganeti has it.
make_minor() {
	lvm lvcreate -n data -L 16M -Wn "$2"
	lvm lvcreate -n meta -L 8M -Wn "$2"
	drbdsetup new-resource "stack$1"
	drbdsetup new-minor "stack$1" "$1" 0
	drbdmeta --force "$1" v08 "/dev/$2/meta" flex-external create-md
	drbdsetup attach "$1" "/dev/$2/data" "/dev/$2/meta" flexible
}

# Two hosts that show the same disk; a third and a fourth, whose disks nobody uses.
make_multipath() {
	local disks sectors
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=64 add_host=2 vpd_use_hostno=0
	until [ -b /dev/sdb ]; do sleep 0.1; done
	sectors=$(cat /sys/block/sda/size)
	disks="$(cat /sys/block/sda/dev) 1 $(cat /sys/block/sdb/dev) 1"
	dmsetup create shelf --noudevsync -u mpath-33333330000007d0 \
		--table "0 $sectors multipath 0 0 1 1 round-robin 0 2 1 $disks"
	dmsetup mknodes
	lvm pvcreate /dev/mapper/shelf
	lvm vgcreate shelves /dev/mapper/shelf
	make_minor 20 shelves
}

make_mirror() {
	modprobe null_blk nr_devices=3 gb=1 memory_backed=1
	mdadm --create /dev/md0 --run --assume-clean --metadata=1.2 -l 1 -n 2 /dev/nullb0 /dev/nullb1 2>&1
	lvm pvcreate /dev/md0
	lvm vgcreate mirrors /dev/md0
	make_minor 21 mirrors
}

take_down() {
	local minor group
	for minor in 20 21; do drbdsetup down stack$minor || :; done
	for group in shelves mirrors; do lvm vgremove -ff $group || :; done
	dmsetup remove --noudevsync shelf || :
	mdadm --stop /dev/md0 || :
	rmmod null_blk || :
	rmmod scsi_debug || :
	rm -f /etc/ganeti/tune.yaml
} >&2

schedulers() {
	local name
	for name; do
		echo "$name $(grep -o '\[.*\]\|^none$' "/sys/block/$name/queue/scheduler")"
	done
}

setup_file() {
	[ -z "$LACKING" ] || return 0
	in_node node1 make_multipath >&2
	in_node node1 make_mirror >&2
	shelf=$(on node1 sh -c 'basename $(readlink -f /sys/block/sda/holders/*)')
	export shelf
	use_policy node1 <<-'END'
		volume-groups: [xenvg]
		disks: [{match: [drbd], scheduler: mq-deadline, iosched/write_expire: 1500}]
	END
}

teardown_file() {
	[ -n "$LACKING" ] || in_node node1 take_down
}

@test "under DRBD: of multipath the device, of md the disks, of Ganeti's group the disk" {
	fails_with 4 on node1 gnt-tune plan --no-headers --separator '|' -v -o object
	[ "$(sort -u <<<"$output" | xargs)" = "$(printf '%s\n' "$shelf" nullb0 nullb1 vda | sort | xargs)" ]
}
