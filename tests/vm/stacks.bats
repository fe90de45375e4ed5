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

# Two hosts that show the same disk.
make_multipath() {
	local disks sectors
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=64 add_host=2 vpd_use_hostno=0
	timeout 300 sh -c 'until [ -b /dev/sdb ]; do sleep 0.1; done'
	sectors=$(cat /sys/block/sda/size)
	disks="$(cat /sys/block/sda/dev) 1 $(cat /sys/block/sdb/dev) 1"
	dmsetup create shelf --noudevsync -u mpath-33333330000007d0 \
		--table "0 $sectors multipath 0 0 1 1 round-robin 0 2 1 $disks"
	dmsetup mknodes
	lvm pvcreate /dev/mapper/shelf
	lvm vgcreate shelves /dev/mapper/shelf
	make_minor 20 shelves
}

# Of a third disk only a partition; the fourth is nobody's.
make_mirror() {
	modprobe null_blk nr_devices=4 gb=1 memory_backed=1
	mdadm --create /dev/md0 --run --assume-clean --metadata=1.2 -l 1 -n 2 /dev/nullb0 /dev/nullb1 2>&1
	lvm pvcreate /dev/md0
	lvm vgcreate mirrors /dev/md0
	make_minor 21 mirrors
}

make_partition() {
	echo "start=2048, size=131072" | sfdisk -q --no-tell-kernel /dev/nullb2
	blockdev --rereadpt /dev/nullb2
	lvm pvcreate /dev/nullb2p1
	lvm vgcreate parts /dev/nullb2p1
	make_minor 22 parts
}

take_down() {
	local minor group
	for minor in 20 21 22; do drbdsetup down stack$minor || :; done
	for group in shelves mirrors parts; do lvm vgremove -ff $group || :; done
	dmsetup remove --noudevsync shelf || :
	mdadm --stop /dev/md0 || :
	rmmod null_blk || :
	rmmod scsi_debug || :
	rm -f /etc/ganeti/tune.yaml
} >&2

# schedulers DISK...: which each of them has, of which write_expire.
schedulers() {
	local name
	for name; do
		echo "$name $(grep -o '\[.*\]\|^none$' "/sys/block/$name/queue/scheduler")" \
			"$(cat "/sys/block/$name/queue/iosched/write_expire" 2>/dev/null)"
	done
}

setup_file() {
	[ -z "$LACKING" ] || return 0
	on node1 sh -c 'command -v mdadm' || export LACKING="needs mdadm"
	[ -z "$LACKING" ] || return 0
	in_node node1 make_multipath >&2
	in_node node1 make_mirror >&2
	in_node node1 make_partition >&2
	shelf=$(on node1 sh -c 'basename "$(readlink -f /sys/block/sda/holders/*)"')
	export shelf
	use_policy node1 <<-'END'
		volume-groups: [xenvg]
		disks: [{match: [drbd, "!virtio"], scheduler: mq-deadline, iosched/write_expire: 1500}]
	END
}

teardown_file() {
	[ -n "$LACKING" ] || in_node node1 take_down
}

# names POLICY DISK...: the disks that plan speaks of under this policy.
names() {
	put - /tmp/disks.yaml node1 <<<"$1"
	run --separate-stderr on node1 gnt-tune plan --policy /tmp/disks.yaml --no-headers -v -o object </dev/null
	echo "$output$stderr"
	[ "$(sort -u <<<"$output" | xargs)" = "$(printf '%s\n' "${@:2}" | sort | xargs)" ]
}

@test "under DRBD: of multipath the device, of md and of a partition the disks" {
	names 'disks: [{match: [drbd, "!virtio"], scheduler: mq-deadline}]' "$shelf" nullb0 nullb1 nullb2
	# Ganeti's own, whether or not a minor runs on it.
	names '{volume-groups: [xenvg], disks: [{match: drbd, scheduler: mq-deadline}]}' \
		"$shelf" nullb0 nullb1 nullb2 vda
}

@test "under DRBD: a multipath device one of whose paths has failed" {
	on node1 dmsetup message shelf 0 fail_path "$(on node1 cat /sys/block/sda/dev)"
	on node1 dmsetup status shelf | grep -q ' F '
	names 'disks: [{match: [drbd, "!virtio"], scheduler: mq-deadline}]' "$shelf" nullb0 nullb1 nullb2
	on node1 dmsetup message shelf 0 reinstate_path "$(on node1 cat /sys/block/sda/dev)"
}

@test "a class or a pattern means disks, and neither paths of others nor what is stacked" {
	on node1 sh -c 'echo 1 >/sys/block/nullb3/queue/rotational'
	names 'disks: [{match: rotational, scheduler: mq-deadline}]' nullb3
	names 'disks: [{match: ssd, scheduler: mq-deadline}]' "$shelf" nullb0 nullb1 nullb2
	names 'disks: [{match: virtio, scheduler: mq-deadline}]' vda
	names 'disks: [{match: "sd*", scheduler: mq-deadline}]'
	names 'disks: [{match: "*", scheduler: mq-deadline}]' "$shelf" nullb0 nullb1 nullb2 nullb3 vda
}

@test "plan, apply, verify, revert: schedulers of the kernel" {
	local disks=("$shelf" nullb0 nullb1 nullb2) before
	before=$(in_node node1 schedulers "${disks[@]}" nullb3 sda sdb)
	fails_with 4 on node1 gnt-tune plan
	fails_with 0 on node1 gnt-tune apply
	diff <(in_node node1 schedulers "${disks[@]}") <(printf '%s [mq-deadline] 1500\n' "${disks[@]}")
	diff <(in_node node1 schedulers nullb3 sda sdb) <(tail -n 3 <<<"$before")
	fails_with 0 on node1 gnt-tune verify
	fails_with 0 on node1 gnt-tune revert
	diff <(in_node node1 schedulers "${disks[@]}" nullb3 sda sdb) <(echo "$before")
}

@test "udev's rule: a disk that appears is tuned, and so is a multipath device once it is named, not what lies on them" {
	local found volumes
	found=$(in_node node1 wanting add "/sys/block/$shelf" /sys/block/{drbd20,loop0,md0,nullb0,sda,vda})
	[ "$found" = "nullb0 sda vda" ] || { echo "add: $found"; return 1; }
	volumes=$(on node1 sh -c "ls -d /sys/block/$shelf/holders/*")
	# shellcheck disable=SC2086
	found=$(in_node node1 wanting change "/sys/block/$shelf" $volumes /sys/block/{drbd20,md0,nullb0,sda})
	[ "$found" = "$shelf" ] || { echo "change: $found"; return 1; }
}
