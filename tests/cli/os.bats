# The OS definition `tune`, as Ganeti runs it: disks are files and loop devices of the test's own; what the node has
# in /srv/ganeti/os is seen by the test alone.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells; each test has its own variables
load helper
tune_os=$(program os-scripts/ganeti-tune-os)
definition=$TUNE_SRCDIR/os-scripts/tune

setup() {
	unset "${!OSP_@}" "${!INSTANCE_@}" "${!DISK_@}"
	disk=$BATS_TEST_TMPDIR/disk
	oses=$BATS_TEST_TMPDIR/oses
	mkdir "$oses"
	hidden=
	root=/
}

teardown() {
	local device process
	for process in ${background:+$(pgrep -P "$background")}; do kill -9 "$process"; done
	for device in $(losetup -n -O NAME -j "$disk"); do losetup -d "$device"; done
}

# needs_disks: what creating an instance takes on a node.
needs_disks() {
	needs_root
	needs_mounts
	needs losetup sfdisk mkfs.ext4 tar
	needs_machine
	[ -e /dev/loop-control ] || skip "no loop devices"
}

# make_disk SIZE [SECTOR]: a file, or a loop device with such sectors; its path is $path.
make_disk() {
	rm -f "$disk"
	truncate -s "$1" "$disk"
	path=$disk
	[ -z "${2-}" ] || path=$(losetup --find --show --sector-size "$2" "$disk") || skip "no loop devices"
}

# seen FILE: the path by which a file of the test is found where images are.
seen() {
	echo "/srv/ganeti/images/${1##*/}"
}

# create VARIANT [VARIABLE=VALUE...]: with what Ganeti sets; $hidden is a program that cannot be run on the node,
# $root another node.  A file of the test that is named as an image is where images are, see seen().
create() {
	set -- "${@/#OSP_IMAGE=$BATS_TEST_TMPDIR/OSP_IMAGE=/srv/ganeti/images}"
	set -- "${@/#OSP_SSH_KEYS=$BATS_TEST_TMPDIR/OSP_SSH_KEYS=/srv/ganeti/images}"
	unshare --mount bash -c '
		mount -t tmpfs srv /srv && mkdir -p /srv/ganeti/os /srv/ganeti/images &&
			mount --bind "$1" /srv/ganeti/os && mount --bind "$3" /srv/ganeti/images &&
			mkdir -p /run/ganeti-tune && mount -t tmpfs tune /run/ganeti-tune &&
			echo tcg >/run/ganeti-tune/accelerator || exit 99
		[ -z "$2" ] || mount --bind /dev/null "$(command -v "$2")" || exit 99
		shift 3
		umask 077
		exec env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin "$@" </dev/null' - \
		"$oses" "$hidden" "$BATS_TEST_TMPDIR" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LIBGUESTFS_CACHEDIR="$LIBGUESTFS_CACHEDIR" \
		OS_API_VERSION=20 OS_NAME=tune OS_VARIANT="$1" \
		INSTANCE_NAME=inst1.example.com INSTANCE_OS="tune+$1" HYPERVISOR=kvm DISK_COUNT=1 DISK_0_PATH="$path" \
		INSTANCE_HV_serial_console=True INSTANCE_HV_serial_speed=38400 \
		"${@:2}" "$tune_os" --root "$root" create 2>&1
}

# use_instead PROGRAM LINE: what with_instead runs in its place: the line, then the program.
use_instead() {
	replaced=$(command -v "$1") replacement=$BATS_TEST_TMPDIR/instead
	cp "$replaced" "$replacement.real"
	printf '#!/bin/sh\n%s\nexec "%s.real" "$@"\n' "$2" "$replacement" >"$replacement"
	chmod 755 "$replacement"
}

with_instead() {
	unshare --mount bash -c 'mount --bind "$1" "$2" && shift 2 && "$@"' - "$replacement" "$replaced" \
		bash -c "$(declare -p BATS_TEST_TMPDIR oses hidden root path tune_os; declare -f create)"'; "$@"' - "$@"
}

# succeeds COMMAND...: and leaves nothing.
succeeds() {
	run "$@"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	nothing_left
}

# fails COMMAND...: with 1 and one clear last line that names instance and verb; leaves nothing.
fails() {
	run "$@"
	[ "$status" -eq 1 ] || { echo "exit status $status: $output"; return 1; }
	last=${lines[-1]}
	[[ "$last" == "tune: "*": inst1.example.com: create failed: "* ]] || { echo "last line: $last"; return 1; }
	if grep -qP '[^\x20-\x7e]' <<<"$last"; then return 1; fi
	nothing_left
}

# ends_with TEXT: the reason in the last line holds it.
ends_with() {
	[[ "$last" == *"$1"* ]] || { echo "'$1' is missing in: $last"; return 1; }
}

# nothing_left: no loop device of ours but the test's own, no mount in any namespace, no process.
nothing_left() {
	local end=$((SECONDS + 120)) left=
	while [ $SECONDS -lt $end ]; do
		left=$(losetup -n -O NAME,BACK-FILE | grep -F "$BATS_TEST_TMPDIR" | grep -v "^$path " || :)
		[ "$path" != "$disk" ] || left=$(losetup -n -O NAME -j "$disk")
		left+=$(grep -ls "$oses " /proc/[0-9]*/mountinfo || :)
		[ -n "$left" ] || return 0
		sleep 0.1
	done
	echo "left: $left"
	return 1
}

# look START COMMAND...: runs in the root of the guest on $disk, which starts at that byte.
look() {
	unshare --mount bash -c 'mount -o loop,ro,noload,offset="$2" "$1" /mnt && cd /mnt && shift 2 && "$@"' - \
		"$disk" "$1" "${@:2}"
}

# make_tree: a tar of a small guest, in $tar.
make_tree() {
	local tree=$BATS_TEST_TMPDIR/tree
	tar=$BATS_TEST_TMPDIR/tree.tar.gz
	mkdir -p "$tree"/etc/ssh "$tree"/boot/grub "$tree"/usr/sbin "$tree"/lib/systemd/system
	echo ID=small >"$tree/etc/os-release"
	echo "/dev/sda1 / ext4 defaults 0 1" >"$tree/etc/fstab"
	echo 0123 >"$tree/etc/machine-id"
	printf 'linux /vmlinuz root=/dev/sda1 ro\n' >"$tree/boot/grub/grub.cfg"
	touch "$tree/usr/sbin/sshd" "$tree/etc/ssh/ssh_host_rsa_key" "$tree/lib/systemd/system/fstrim.timer"
	tar -C "$tree" -czf "$tar" .
}

# make_image TABLE SIZE: raw and qcow2 with a small guest, in $raw and $qcow2.
make_image() {
	local start=0
	raw=$BATS_TEST_TMPDIR/image.raw qcow2=$BATS_TEST_TMPDIR/image.qcow2
	make_tree
	rm -f "$raw"
	truncate -s "$2" "$raw"
	if [ "$1" != none ]; then
		start=1024
		sfdisk -q "$raw" <<<"label: ${1/mbr/dos}"$'\nstart=1MiB, type=linux'
	fi
	mkfs.ext4 -q -F -b 1024 -E offset=$((start * 1024)) -d "$BATS_TEST_TMPDIR/tree" "$raw" \
		$(($(stat -c %s "$raw") / 1024 - 3 * start))
	qemu-img convert -O qcow2 "$raw" "$qcow2"
}

# make_delegate NAME API: an OS definition whose create is standard input.
make_delegate() {
	mkdir "$oses/$1"
	echo "$2" >"$oses/$1/ganeti_api_version"
	{ printf '#!/bin/bash\nset -e\n'; cat; } >"$oses/$1/create"
	chmod 755 "$oses/$1/create"
}

# ---- the definition ----

@test "the definition: what gnt-os diagnose falls over is not in it" {
	[ "$(cat "$definition/ganeti_api_version")" = 20 ]
	[ "$(xargs <"$definition/variants.list")" = "wrap image debootstrap noop" ]
	run ! grep -nvE '^[a-z][a-z-]* [^ ].*$' "$definition/parameters.list"
	[ -z "$(cut -d' ' -f1 "$definition/parameters.list" | sort | uniq -d)" ]
	run ! grep -q '^os-' "$definition/parameters.list"
}

@test "the scripts: one line each, executable, by the five names" {
	local verb
	for verb in create export import rename verify; do
		[ -x "$TUNE_BUILDDIR/os-scripts/tune/$verb" ]
		grep -q "^exec '/.*/ganeti-tune-os' " "$TUNE_BUILDDIR/os-scripts/tune/$verb"
	done
}

@test "verify: names what is wrong, accepts what is missing" {
	fails_with 0 "$tune_os" verify parameters
	OSP_OVERWRITE=maybe fails_with 1 "$tune_os" verify parameters
	says "verify failed: OS parameter overwrite: 'maybe' is none of no|yes"
}

@test "called wrongly: usage, and no namespace of its own" {
	fails_with 2 "$tune_os" mount
	says "'mount' is no verb"
	fails_with 2 "$tune_os"
}

# ---- the guard ----

@test "a disk that holds something is refused by type, label and UUID; overwrite and reinstall pass" {
	needs_disks
	local row
	make_disk 64M
	succeeds create noop
	for row in "mkfs.ext4 -q -L data -U 11111111-2222-4333-8444-555555555555|a file system of type ext4, label data, UUID 11111111-2222-4333-8444-555555555555" \
		"mkswap -q -L sw -U 11111111-2222-4333-8444-555555555555|data of type swap, label sw, UUID 1111" \
		"sfdisk -q|a partition table of type dos, UUID " \
		"sfdisk -q -X gpt|a partition table of type gpt, UUID "; do
		make_disk 64M
		# shellcheck disable=SC2086
		${row%%|*} "$disk" >/dev/null 2>&1 <<<",,"
		fails create noop
		ends_with "disk 0 ($disk) holds ${row#*|}"
		ends_with "if it may be lost, use -O overwrite=yes"
		succeeds create noop OSP_OVERWRITE=yes
		succeeds create noop INSTANCE_REINSTALL=1
	done
	echo 'pv @ lvm2-pv' >"$BATS_TEST_TMPDIR/pv.host"
	"$TUNE_BUILDDIR/tests/unit/unroll" "$BATS_TEST_TMPDIR/pv.host" "$BATS_TEST_TMPDIR"
	make_disk 64M
	dd if="$BATS_TEST_TMPDIR/pv" of="$disk" conv=notrunc status=none
	fails create noop
	ends_with "holds a part of a RAID or volume group of type LVM2_member, UUID "
}

@test "the second disk is guarded, too" {
	needs_disks
	make_disk 64M
	truncate -s 16M "$disk.2"
	mkfs.ext4 -q "$disk.2"
	fails create noop DISK_COUNT=2 DISK_1_PATH="$disk.2"
	ends_with "disk 1 ($disk.2) holds a file system of type ext4"
}

@test "a disk that cannot be looked at is refused" {
	needs_disks
	path=$BATS_TEST_TMPDIR/absent
	fails create noop
	ends_with "disk 0 ($path): No such file"
	mkfifo "$path"
	fails create noop
	ends_with "disk 0 ($path): is neither a block device nor a file"
}

# make_library FUNCTION: in $library, what libblkid's blkid_do_probe() shall be.
make_library() {
	needs gcc
	if [[ "$(ldd "$tune_os")" == *libasan* ]]; then skip "sanitizers want to be the first library"; fi
	library=$BATS_TEST_TMPDIR/probe.so
	gcc -D_GNU_SOURCE -shared -fPIC -x c -o "$library" - <<-PROGRAM
		#include <fcntl.h>
		#include <signal.h>
		#include <stdio.h>
		#include <sys/prctl.h>
		#include <unistd.h>
		int blkid_do_probe(void *prober) { $1 }
	PROGRAM
}

@test "the guard: a probe that dies has found out nothing" {
	needs_disks
	make_library 'return raise(SIGKILL);'
	make_disk 16M
	fails create noop LD_PRELOAD="$library"
	ends_with "disk 0: not known whether it holds something: $path: looking at it did not end well: if it may be lost, use -O overwrite=yes"
	succeeds create noop LD_PRELOAD="$library" OSP_OVERWRITE=yes
	[[ "$output" == *"disk 0: not known what it held: $path: looking at it did not end well"* ]]
}

# The longest wait for a disk that does not answer.
@test "the guard: a probe that hangs has found out nothing" {
	needs_disks
	make_library 'return raise(SIGSTOP);'
	make_disk 16M
	fails create noop LD_PRELOAD="$library"
	ends_with "disk 0: not known whether it holds something: $path: looking at it did not end well"
	run ! pgrep -f "^$tune_os .*create"
}

@test "the guard: a probe that is taken over can do nothing on the node" {
	needs_disks
	make_library "
		FILE *status = fopen(\"/proc/self/status\", \"r\");
		char line[200];
		unsigned long set, n = 0;
		while (status && fgets(line, sizeof(line), status))
			if (sscanf(line, \"CapEff: %lx\", &set) == 1 || sscanf(line, \"CapPrm: %lx\", &set) == 1)
				n += set == 0;
		if (n != 2 || getuid() == 0 || geteuid() == 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
			return raise(SIGKILL);
		if (open(\"/etc/shadow\", O_RDONLY) >= 0 || open(\"$disk\", O_RDWR) >= 0 || setuid(0) == 0)
			return raise(SIGKILL);
		return 1;"
	make_disk 16M
	chmod 600 "$disk"
	succeeds create noop LD_PRELOAD="$library"
}

@test "a disk that the node uses is refused, whatever may be lost" {
	needs_disks
	local device
	make_tree
	make_disk 64M 512
	mkfs.ext4 -q "$path"
	mkdir "$BATS_TEST_TMPDIR/mnt"
	mount "$path" "$BATS_TEST_TMPDIR/mnt"
	run create image OSP_IMAGE="$tar" OSP_OVERWRITE=yes OSP_PARTITION=none
	umount "$BATS_TEST_TMPDIR/mnt"
	[ "$status" -eq 1 ]
	[[ "$output" == *"create failed: disk 0 ($path): is in use on this node: "* ]]
	[ "$(blkid -p -o value -s TYPE "$path")" = ext4 ]
	device=$path path=$disk
	run create noop OSP_OVERWRITE=yes
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"create failed: disk 0 ($disk): is in use on this node: it is under $device"* ]]
	losetup -d "$device"
	succeeds create noop OSP_OVERWRITE=yes
}

@test "a disk that is being written to can be mounted by nobody else" {
	needs_disks
	needs qemu-img
	head -c 1M /dev/urandom >"$BATS_TEST_TMPDIR/image"
	make_disk 64M 512
	mkfs.ext4 -q "$path"
	use_instead qemu-img "mkfs.ext4 -q -F '$path' >/dev/null 2>&1 && exit 9"
	succeeds with_instead create image OSP_IMAGE="$BATS_TEST_TMPDIR/image" OSP_OVERWRITE=yes OSP_TUNING=none OSP_GROW=no
	cmp -n $((1 << 20)) "$BATS_TEST_TMPDIR/image" "$path"
}

@test "what is refused is not touched" {
	needs_disks
	local before
	make_tree
	make_disk 64M
	mkfs.ext4 -q "$disk"
	before=$(sha256sum "$disk")
	fails create image OSP_IMAGE="$tar"
	fails create wrap OSP_DELEGATE=nonesuch OSP_OVERWRITE=yes
	fails create image OSP_IMAGE="$BATS_TEST_TMPDIR/nonesuch" OSP_OVERWRITE=yes
	fails create image OSP_IMAGE="$tar" OSP_IMAGE_CHECKSUM="$(printf '%064d' 0)" OSP_OVERWRITE=yes
	[ "$before" = "$(sha256sum "$disk")" ]
}

# ---- wrap ----

@test "wrap: the other definition sees itself, and what it made is tuned" {
	needs_disks
	make_delegate other 20 <<-'SCRIPT'
		echo "cwd $PWD umask $(umask) name $OS_NAME variant $OS_VARIANT os $INSTANCE_OS api $OS_API_VERSION"
		echo "osp $(compgen -v OSP_ | xargs) size $OSP_DISK_SIZE"
		mkfs.ext4 -q -F "$DISK_0_PATH"
		mount -o loop "$DISK_0_PATH" /mnt
		mkdir /mnt/etc
		echo "/dev/vda / ext4 defaults 0 1" >/mnt/etc/fstab
		umount /mnt
	SCRIPT
	make_disk 64M
	succeeds create wrap OSP_DELEGATE=other+small OSP_DELEGATE_PARAMS=disk-size=9,x=a=b
	[[ "$output" == *"cwd /srv/ganeti/os/other umask 0077 name other variant small os other+small api 20"* ]]
	[[ "$output" == *"osp OSP_DISK_SIZE OSP_X size 9"* ]]
	run look 0 cat etc/fstab etc/sysctl.d/60-tune.conf
	[[ "$output" == "UUID="*"noatime"*"vm.swappiness"* ]]
}

@test "wrap: definitions of older API versions" {
	needs_disks
	make_delegate old 10 <<<'echo "variant <$OS_VARIANT> api $OS_API_VERSION"'
	make_delegate middle 15 <<<'echo "variant <$OS_VARIANT> api $OS_API_VERSION"'
	printf '# first\n\nalpha\nbeta\n' >"$oses/middle/variants.list"
	make_delegate odd 5 <<<true
	make_disk 64M
	succeeds create wrap OSP_DELEGATE=old
	[[ "$output" == *"variant <> api 10"*"nothing is tuned: disk 0 has no root file system"* ]]
	succeeds create wrap OSP_DELEGATE=middle OSP_TUNING=none
	[[ "$output" == *"variant <alpha> api 15"* ]]
	fails create wrap OSP_DELEGATE=old+alpha
	ends_with "of API version 10, which has no variants"
	fails create wrap OSP_DELEGATE=middle OSP_DELEGATE_PARAMS=a=b
	ends_with "of API version 15, which has no parameters"
	fails create wrap OSP_DELEGATE=odd
	ends_with "no API version that is known here"
}

@test "wrap: itself, in whatever way, is refused" {
	needs_disks
	make_delegate again 20 <<-SCRIPT
		OS_NAME=tune OS_VARIANT=wrap OSP_DELEGATE=again exec "$tune_os" create
	SCRIPT
	make_disk 64M
	fails create wrap OSP_DELEGATE=tune
	ends_with "tune cannot wrap itself"
	fails create wrap OSP_DELEGATE=again
	ends_with "again cannot wrap itself"
	fails create wrap
	ends_with "the OS parameter delegate says which OS definition to wrap"
}

@test "wrap: a definition that fails half-way leaves nothing mounted, and its last line is ours" {
	needs_disks
	make_delegate half 20 <<-'SCRIPT'
		mkfs.ext4 -q -F "$DISK_0_PATH"
		mount -o loop "$DISK_0_PATH" /mnt
		sleep 1000 &
		exec >/dev/null
		echo "the mirror is gone" >&2
		kill -9 $!
		exit 7
	SCRIPT
	make_disk 64M
	fails create wrap OSP_DELEGATE=half
	ends_with "OS definition half: /srv/ganeti/os/half/create: failed with status 7: the mirror is gone"
}

@test "wrap: a definition may say as much as it likes, and holds nobody up with what it leaves behind" {
	needs_disks
	make_delegate chatty 20 <<-'SCRIPT'
		sleep 987653 &
		yes "a line of progress" | head -c 40000000
		printf 'a label: \033]0;title\007\n'
		echo "the last word"
	SCRIPT
	make_disk 16M
	succeeds create wrap OSP_DELEGATE=chatty OSP_TUNING=none
	[[ "$output" == *"a label: ?]0;title?"* ]]
	[ "${#output}" -gt 40000000 ]
	[[ "${output: -20}" == *"the last word" ]]
	run ! pgrep -f '^sleep 987653'
}

@test "wrap: a definition that leaves the disk mounted is an error" {
	needs_disks
	make_delegate mounted 20 <<-'SCRIPT'
		mkfs.ext4 -q -F "$DISK_0_PATH"
		mount "$DISK_0_PATH" /mnt
	SCRIPT
	make_disk 64M 512
	fails create wrap OSP_DELEGATE=mounted
	ends_with "OS definition mounted has ended: disk 0 ($path): is in use on this node: "
}

@test "started without standard files: what is said lands in no disk" {
	needs_disks
	make_delegate quiet 20 <<-SCRIPT
		mount -t proc proc /proc
		for fd in 0 1 2; do [ /proc/\$PPID/fd/\$fd -ef /dev/null ] && echo "\$fd"; done >"$BATS_TEST_TMPDIR/files"
	SCRIPT
	make_disk 16M
	succeeds create wrap OSP_DELEGATE=quiet sh -c 'exec "$@" <&- >&- 2>&-' -
	[ "$(xargs <"$BATS_TEST_TMPDIR/files")" = "0 1 2" ]
	[ "$(head -c 16M "$disk" | tr -d '\0' | wc -c)" -eq 0 ]
}

@test "wrap: no root file system to tune is an error only where tuning was asked for" {
	needs_disks
	make_delegate empty 20 <<<true
	make_disk 64M
	succeeds create wrap OSP_DELEGATE=empty OSP_TUNING=none
	fails create wrap OSP_DELEGATE=empty OSP_TUNING=noatime
	ends_with "disk 0 has no root file system to tune"
}

# ---- image ----

@test "image of a tar: unpacked, aligned and tuned, on any sector, table and file system" {
	needs_disks
	needs jq mkfs.xfs
	make_tree
	local sector table hypervisor start
	while read -r sector hypervisor table; do
		make_disk 400M "$sector"
		succeeds create image OSP_IMAGE="$tar" OSP_PARTITION="$table" HYPERVISOR="$hypervisor"
		# A guest of KVM counts in 512 bytes, whatever the disk does.
		[ $hypervisor = kvm ] && { losetup -d "$path"; path=$(losetup --find --show --sector-size 512 "$disk"); }
		start=$(sfdisk -J "$path" | jq '.partitiontable.partitions[0].start * (.partitiontable.sectorsize // 512)')
		[ "$start" -eq $((1024 * 1024)) ]
		losetup -d "$path"
		run look "$start" cat etc/fstab boot/grub/grub.cfg
		[[ "$output" == "UUID="*"noatime"*"root=UUID="*"terminal_output console serial" ]]
	done <<-'ROWS'
		512 kvm mbr
		4096 kvm gpt
		4096 xen-pvm gpt
	ROWS
	make_disk 400M
	fails create image OSP_IMAGE="$tar" OSP_FILESYSTEM=xfs
	ends_with "disk 0 is smaller than the 640 MiB of filesystem=xfs"
	make_disk 700M
	succeeds create image OSP_IMAGE="$tar" OSP_PARTITION=none OSP_FILESYSTEM=xfs
	[ "$(blkid -p -o value -s TYPE "$disk")" = xfs ]
}

# make_raid MINIMUM OPTIMAL: a library in $raid that makes all disks say so; few machines have such a one to spare.
make_raid() {
	needs gcc
	raid=$BATS_TEST_TMPDIR/raid.so
	gcc -shared -fPIC -x c -o "$raid" - <<-PROGRAM
		unsigned long blkid_topology_get_minimum_io_size(void *topology) { return topology ? $1 : 0; }
		unsigned long blkid_topology_get_optimal_io_size(void *topology) { return topology ? $2 : 0; }
	PROGRAM
}

@test "partition and stripes are where a RAID of three disks wants them" {
	needs_disks
	needs jq mkfs.xfs xfs_db tune2fs
	if [[ "$(ldd "$tune_os")" == *libasan* ]]; then skip "sanitizers want to be the first library"; fi
	make_tree
	make_raid 65536 196608
	local sector start device
	for sector in 4096; do
		make_disk 400M "$sector"
		succeeds create image LD_PRELOAD="$raid" OSP_IMAGE="$tar" HYPERVISOR=xen-pvm
		start=$(sfdisk -J "$path" | jq '.partitiontable.partitions[0].start * (.partitiontable.sectorsize // 512)')
		[ "$start" -eq $((1152 * 1024)) ]
		losetup -d "$path"
		device=$(losetup --find --show --offset "$start" "$disk")
		run tune2fs -l "$device"
		losetup -d "$device"
		grep -q '^RAID stride: *16$' <<<"$output"
		grep -q '^RAID stripe width: *48$' <<<"$output"
	done
	# Of less than 1 GiB, mkfs.xfs does not care for stripes.
	make_disk 2G
	path=$(losetup --find --show "$disk")
	succeeds create image LD_PRELOAD="$raid" OSP_IMAGE="$tar" OSP_PARTITION=none OSP_FILESYSTEM=xfs
	run xfs_db -r -c 'sb 0' -c 'p unit width' "$disk"
	[ "$(xargs <<<"$output")" = "unit = 16 width = 48" ]
}

@test "image: raw and qcow2 are copied, grown and tuned" {
	needs_disks
	needs qemu-img jq
	local table image start
	for table in mbr gpt; do
		make_image $table 100M
		image=$raw
		[ $table = mbr ] || image=$qcow2
		make_disk 300M
		succeeds create image OSP_IMAGE="$image" OSP_IMAGE_CHECKSUM="sha256:$(sha256sum <"$image" | cut -d' ' -f1)"
		start=$(($(sfdisk -J "$disk" | jq '.partitiontable.partitions[0].start') * 512))
		[ "$(look "$start" df --output=size -m . | tail -n 1)" -gt 250 ]
		look "$start" grep -q noatime etc/fstab
		[ -z "$(look "$start" cat etc/machine-id)" ]
	done
	make_image none 100M
	make_disk 300M
	succeeds create image OSP_IMAGE="$qcow2" OSP_GROW=no
	[ "$(look 0 df --output=size -m . | tail -n 1)" -lt 100 ]
	look 0 grep -q noatime etc/fstab
	make_disk 10M
	fails create image OSP_IMAGE="$qcow2"
	ends_with "$(seen "$qcow2") needs 100 MiB, disk 0 has 10 MiB"
}

@test "image: a partition for LVM in it is left alone, and the node gets no device of it" {
	needs_disks
	make_image mbr 60M
	truncate -s 90M "$raw"
	sfdisk -q --append "$raw" <<<"start=62MiB, type=lvm"
	make_disk 120M
	replaced=/dev/loop-control replacement=/dev/null
	succeeds with_instead create image OSP_IMAGE="$raw"
	cmp <(tail -c +$((62 * 1048576 + 1)) "$raw") <(tail -c +$((62 * 1048576 + 1)) "$disk" | head -c $((28 * 1048576)))
	look 1048576 grep -q noatime etc/fstab
}

@test "image: not there, not what it should be, or a part of something" {
	needs_disks
	needs qemu-img
	make_image none 64M
	make_disk 64M
	fails create image
	ends_with "the OS parameter image says which file to install"
	fails create image OSP_IMAGE="$BATS_TEST_TMPDIR/nonesuch"
	ends_with "image: /srv/ganeti/images/nonesuch: No such file or directory"
	fails create image OSP_IMAGE="$tar" OSP_IMAGE_CHECKSUM="$(printf '%064d' 0)"
	ends_with "$(seen "$tar") has the SHA-256 sum $(sha256sum <"$tar" | cut -d' ' -f1), not 0000"
	fails create image OSP_IMAGE="$tar" OSP_IMAGE_FORMAT=qcow2
	ends_with "the file is tar, not qcow2"
	qemu-img create -q -f qcow2 -b "$raw" -F raw "$BATS_TEST_TMPDIR/child.qcow2"
	fails create image OSP_IMAGE="$BATS_TEST_TMPDIR/child.qcow2"
	ends_with "it has a backing file"
}

@test "image: only regular files, and only those that are where images are" {
	needs_disks
	needs qemu-img
	local row
	mkdir "$BATS_TEST_TMPDIR/sub"
	head -c 8M /dev/urandom >"$BATS_TEST_TMPDIR/sub/plain"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	ln -s sub/plain "$BATS_TEST_TMPDIR/inside"
	ln -s /etc/hostname "$BATS_TEST_TMPDIR/outside"
	ln -s ../../../etc/hostname "$BATS_TEST_TMPDIR/above"
	ln -s /proc/self/fd/0 "$BATS_TEST_TMPDIR/magic"
	mknod "$BATS_TEST_TMPDIR/null" c 1 3
	make_disk 16M
	for row in "/etc/hostname|is in no directory that may be used (/srv/ganeti/images): put it there, or list" \
		"/srv/ganeti/images-too/x|is in no directory that may be used" \
		"/srv/ganeti/images|is in no directory that may be used" \
		"/srv/ganeti/images/../../../etc/hostname|leads out of /srv/ganeti/images" \
		"$BATS_TEST_TMPDIR/outside|leads out of /srv/ganeti/images" \
		"$BATS_TEST_TMPDIR/above|leads out of /srv/ganeti/images" \
		"$BATS_TEST_TMPDIR/magic|leads out of /srv/ganeti/images" \
		"$BATS_TEST_TMPDIR/fifo|is not a regular file" \
		"$BATS_TEST_TMPDIR/null|is not a regular file" \
		"$BATS_TEST_TMPDIR/sub|is not a regular file"; do
		fails create image OSP_IMAGE="${row%%|*}" OSP_IMAGE_FORMAT=raw
		ends_with "image: /"
		ends_with "${row#*|}"
	done
	[ "$(head -c 16M "$disk" | tr -d '\0' | wc -c)" -eq 0 ]
	succeeds create image OSP_IMAGE="$BATS_TEST_TMPDIR/inside" OSP_IMAGE_FORMAT=raw OSP_TUNING=none OSP_GROW=no
	cmp -n $((8 << 20)) "$BATS_TEST_TMPDIR/sub/plain" "$disk"
}

# By the time qemu-img runs, the image has been read for its sum.
@test "image: a file that takes its name after the check is not what is copied" {
	needs_disks
	needs qemu-img
	local sum image=$BATS_TEST_TMPDIR/image.qcow2
	head -c 8M /dev/urandom >"$BATS_TEST_TMPDIR/good"
	qemu-img convert -O qcow2 "$BATS_TEST_TMPDIR/good" "$image"
	echo SECRET-OF-THE-NODE >"$BATS_TEST_TMPDIR/secret"
	truncate -s 8M "$BATS_TEST_TMPDIR/secret"
	qemu-img create -q -f qcow2 -b "$BATS_TEST_TMPDIR/secret" -F raw "$BATS_TEST_TMPDIR/next"
	sum=$(sha256sum <"$image")
	use_instead qemu-img "mv '$BATS_TEST_TMPDIR/next' '$image'"
	make_disk 16M
	succeeds with_instead create image OSP_IMAGE="$image" OSP_IMAGE_CHECKSUM="${sum%% *}" OSP_TUNING=none OSP_GROW=no
	[ ! -e "$BATS_TEST_TMPDIR/next" ]
	cmp -n $((8 << 20)) "$BATS_TEST_TMPDIR/good" "$disk"
}

# What the header says after it was checked is not followed, and what was written is not taken for what was checked.
@test "image: one that is written to meanwhile names no other file, and fails" {
	needs_disks
	needs qemu-img
	local image=$BATS_TEST_TMPDIR/image.qcow2
	qemu-img create -q -f qcow2 "$image" 8M
	echo SECRET-OF-THE-NODE >"$BATS_TEST_TMPDIR/secret"
	truncate -s 8M "$BATS_TEST_TMPDIR/secret"
	qemu-img create -q -f qcow2 -b "$BATS_TEST_TMPDIR/secret" -F raw "$BATS_TEST_TMPDIR/next"
	use_instead qemu-img "cat '$BATS_TEST_TMPDIR/next' >'$image'"
	make_disk 16M
	fails with_instead create image OSP_IMAGE="$image" OSP_TUNING=none OSP_GROW=no
	ends_with "was written to while it was installed: install it again"
	run ! grep -aq SECRET "$disk"
}

@test "image: qemu-img has limits" {
	needs_disks
	needs qemu-img
	truncate -s 8M "$BATS_TEST_TMPDIR/image"
	use_instead qemu-img 'echo "limits $(ulimit -v) $(ulimit -t)"'
	make_disk 16M
	succeeds with_instead create image OSP_IMAGE="$BATS_TEST_TMPDIR/image" OSP_TUNING=none OSP_GROW=no
	[[ "$output" == *"limits 1048576 301"* ]]
}

@test "image: no disk at all" {
	needs_disks
	make_tree
	make_disk 64M
	fails create image OSP_IMAGE="$tar" DISK_COUNT=0
	ends_with "the instance has no disk"
}

# ---- debootstrap ----

# As root of the node would see it, without a mirror: mmdebstrap is a script that tells who it is, and packs a small tree.
@test "debootstrap: mmdebstrap has no rights on the node; what it packs becomes the guest" {
	needs_disks
	needs mmdebstrap
	local image=$BATS_TEST_TMPDIR
	make_tree
	tar -C "$image/tree" -cf "$image/tree.tar" .
	echo "ssh-ed25519 AAAA somebody" >"$image/keys"
	replaced=$(command -v mmdebstrap) replacement=$image/instead
	cat >"$replacement" <<-'SCRIPT'
		#!/bin/bash
		echo "root is $(xargs </proc/self/uid_map), tmp $(stat -c %u%a "$TMPDIR") $HOME" >&2
		printf 'word <%s>\n' "$@" >&2
		touch /etc/evil && echo "wrote to the node" >&2
		cat /etc/shadow >/dev/null && echo "read the node's secrets" >&2
		kill -0 1 2>/dev/null && [ "$(cat /proc/1/comm)" = systemd ] && echo "reached the node's processes" >&2
		for word; do case $word in --customize-hook=*) files=${word#*sync-in } files=${files% /};; esac; done
		cp /srv/ganeti/images/tree.tar "$TMPDIR/tar"
		tar -C "$files" --owner=0 --group=0 -rf "$TMPDIR/tar" ./etc ./root
		cat "$TMPDIR/tar"
	SCRIPT
	chmod 755 "$replacement"
	make_disk 64M
	succeeds with_instead create debootstrap OSP_SUITE=trixie OSP_MIRROR=file:///srv/mirror OSP_EXTRA_PACKAGES=vim OSP_PARTITION=none \
		OSP_SSH_KEYS="$image/keys" INSTANCE_HV_kernel_path=/boot/vmlinuz
	[[ "$output" == *"root is 0 1878982656 65536, tmp 0700 /var/lib/ganeti-tune/guest."* ]]
	[[ "$output" == *"<--mode=unshare>"*"<--include="*"openssh-server,vim>"*"<trixie>"*"<->"*"<copy:///srv/mirror>"* ]]
	[[ "$output" != *"wrote to"* && "$output" != *"read the"* && "$output" != *"reached the"* ]]
	[ ! -e /etc/evil ]
	[ "$(look 0 cat etc/hostname)" = inst1.example.com ]
	[ "$(look 0 cat root/.ssh/authorized_keys)" = "ssh-ed25519 AAAA somebody" ]
	[ "$(look 0 stat -c %u%a root root/.ssh | xargs)" = "0700 0700" ]
	run ! compgen -G "/var/lib/ganeti-tune/guest.*"
}

@test "debootstrap: a mirror that is not signed is refused" {
	needs_disks
	needs mmdebstrap
	local mirror=$BATS_TEST_TMPDIR/mirror
	mkdir -p "$mirror/dists/bookworm/main/binary-amd64"
	: >"$mirror/dists/bookworm/main/binary-amd64/Packages"
	printf 'Suite: bookworm\nCodename: bookworm\nArchitectures: amd64\nComponents: main\nSHA256:\n %s 0 main/binary-amd64/Packages\n' \
		"$(sha256sum </dev/null | cut -d' ' -f1)" >"$mirror/dists/bookworm/Release"
	make_disk 64M
	fails create debootstrap OSP_MIRROR="file://$(seen "$mirror")"
	[[ "$output" == *"is not signed"* ]]
	[ "$(head -c 64M "$disk" | tr -d '\0' | wc -c)" -eq 0 ]
}

@test "debootstrap: what is missing is said before anything is done" {
	needs_disks
	make_disk 64M
	root=$oses
	fails create debootstrap
	ends_with "mmdebstrap is not installed on this node: apt-get install mmdebstrap"
	root=/
	needs mmdebstrap
	fails create debootstrap OSP_SSH_KEYS=/root/.ssh/authorized_keys
	ends_with "ssh-keys: /root/.ssh/authorized_keys: is in no directory that may be used"
	fails create debootstrap OSP_SSH_KEYS="$BATS_TEST_TMPDIR/nonesuch"
	ends_with "ssh-keys: /srv/ganeti/images/nonesuch: No such file"
}

@test "debootstrap: killed, it leaves no process, and the next removes its files" {
	needs_disks
	needs mmdebstrap
	make_tree
	replaced=$(command -v mmdebstrap) replacement=$BATS_TEST_TMPDIR/instead
	printf '#!/bin/sh\ntouch "$TMPDIR/started"\nsetsid sleep 987652 &\nsleep 987652\n' >"$replacement"
	chmod 755 "$replacement"
	make_disk 64M
	with_instead create debootstrap >/dev/null 2>&1 3>&- 4>&- &
	background=$!
	local end=$((SECONDS + 120)) first
	until compgen -G "/var/lib/ganeti-tune/guest.*/work/started" >/dev/null; do [ $SECONDS -lt $end ]; sleep 0.1; done
	for first in $(pgrep -f '^[^ ]*ganeti-tune-os --root / create$'); do
		! grep -qF "$disk" "/proc/$first/environ" || break
	done
	kill -9 "$first"
	while pgrep -f '^sleep 987652' >/dev/null; do [ $SECONDS -lt $end ]; sleep 0.1; done
	printf '#!/bin/sh\nexit 1\n' >"$replacement"
	run with_instead create debootstrap
	[ "$status" -eq 1 ]
	run ! compgen -G "/var/lib/ganeti-tune/guest.*"
}

# What the tar has for a boot loader, device nodes and links: all of it stays inside the machine.
@test "a hostile tar: no device of the node is written, no file of it read, no program of it run" {
	needs_disks
	make_tree
	local tree=$BATS_TEST_TMPDIR/tree victim
	echo "SECRET-OF-THE-NODE" >"$BATS_TEST_TMPDIR/secret"
	truncate -s 1M "$BATS_TEST_TMPDIR/victim"
	victim=$(losetup --find --show "$BATS_TEST_TMPDIR/victim")
	mkdir -p "$tree/usr/bin" "$tree/usr/lib/syslinux/mbr"
	printf '#!/bin/sh\ntouch %s/was-run\n' "$BATS_TEST_TMPDIR" >"$tree/usr/bin/extlinux"
	chmod 755 "$tree/usr/bin/extlinux"
	ln -s "$BATS_TEST_TMPDIR/secret" "$tree/usr/lib/syslinux/mbr/mbr.bin"
	touch "$tree/vmlinuz"
	mkfifo "$tree/etc/machine-id.new"
	rm "$tree/etc/fstab"
	mknod "$tree/etc/fstab" b $((0x$(stat -c %t "$victim"))) $((0x$(stat -c %T "$victim")))
	mknod "$tree/boot/grub/grub.cfg.new" b $((0x$(stat -c %t "$victim"))) $((0x$(stat -c %T "$victim")))
	tar -C "$tree" -czf "$tar" .
	make_disk 400M
	run create image OSP_IMAGE="$tar" OSP_TUNING=default
	echo "$output"
	losetup -d "$victim"
	[ "$status" -eq 0 ]
	[[ "$output" == *"etc/fstab: is not a regular file, and is left as it is"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/was-run" ]
	[ "$(tr -d '\0' <"$BATS_TEST_TMPDIR/victim" | wc -c)" -eq 0 ]
	run ! grep -aq SECRET-OF-THE-NODE "$disk"
	nothing_left
}

# make_labelled_image LABEL: an image in $raw of a guest whose SELinux is enforcing; without LABEL, its files have none.
make_labelled_image() {
	local tree=$BATS_TEST_TMPDIR/labelled
	raw=$BATS_TEST_TMPDIR/labelled.raw
	rm -rf "$tree" "$raw"
	mkdir -p "$tree"/etc/{selinux,sysctl.d,kept,udev/rules.d/60-tune-scheduler.rules.new,systemd/system} "$tree/lib/systemd/system"
	echo ID=small >"$tree/etc/os-release"
	printf '# SELINUX=disabled\nSELINUX=enforcing\n' >"$tree/etc/selinux/config"
	echo tenant >"$tree/etc/udev/rules.d/60-tune-scheduler.rules.new/x"
	ln -s ../kept "$tree/etc/sysctl.d/60-tune.conf"
	touch "$tree/lib/systemd/system/fstrim.timer"
	[ -z "${1-}" ] || find "$tree" -exec setfattr -h -n security.selinux -v "$1" {} +
	truncate -s 32M "$raw"
	mkfs.ext4 -q -F -d "$tree" "$raw"
}

guest_has() {
	debugfs -R "stat $1" "$disk" 2>/dev/null | grep -q "Type: $2"
}

@test "labels, links to directories and directories of the tenant's" {
	needs_disks
	needs setfattr debugfs qemu-img
	local made label=system_u:object_r:etc_t:s0
	make_labelled_image $label
	make_disk 32M
	succeeds create image OSP_IMAGE="$raw"
	# A link is replaced; nothing is put into what it leads to.
	guest_has etc/sysctl.d/60-tune.conf regular
	run ! guest_has etc/kept/60-tune.conf.new regular
	# What stands where a new file would be made is not ours to remove.
	guest_has etc/udev/rules.d/60-tune-scheduler.rules.new/x regular
	run ! guest_has etc/udev/rules.d/60-tune-scheduler.rules regular
	for made in etc/sysctl.d/60-tune.conf etc/systemd/system/timers.target.wants \
		etc/systemd/system/timers.target.wants/fstrim.timer; do
		echo "$made"
		debugfs -R "ea_get $made security.selinux" "$disk" 2>/dev/null | grep -q "$label"
	done
	run ! guest_has .autorelabel regular
	# Where there is no label to give, the guest is to make them.
	make_labelled_image
	make_disk 32M
	succeeds create image OSP_IMAGE="$raw"
	guest_has .autorelabel regular
}

# What is read, written or removed, each in turn with another kind of thing in its place.
odd_places=(etc/fstab boot/grub/grub.cfg boot/extlinux/a.conf boot/loader/entries/a.conf etc/iscsi/initiatorname.iscsi
	etc/machine-id etc/default/grub.d/60-tune.cfg etc/udev/rules.d/60-tune-scheduler.rules
	etc/systemd/system/tune-host-keys.service etc/systemd/system/timers.target.wants/fstrim.timer
	etc/ssh/ssh_host_rsa_key etc/nvme/hostnqn var/lib/systemd/random-seed var/lib/dhcp/dhclient.a.leases)
odd_kinds=(directory fifo socket character block link hard-link immutable sparse)

# make_odd KIND FILE DEVICE
make_odd() {
	mkdir -p "${2%/*}"
	rm -rf "$2"
	case $1 in
	directory) mkdir "$2" && touch "$2/tenant" ;;
	fifo) mkfifo "$2" ;;
	socket) perl -MIO::Socket::UNIX -e 'chdir shift; IO::Socket::UNIX->new(Local => shift, Listen => 1) or die' "${2%/*}" "${2##*/}" ;;
	character) mknod "$2" c 1 5 ;;
	block) mknod "$2" b $((0x$(stat -c %t "$3"))) $((0x$(stat -c %T "$3"))) ;;
	link) ln -s ../../../../../../etc/shadow "$2" ;;
	hard-link) echo tenant >"$2" && ln -f "$2" "$2.other" ;;
	immutable) echo tenant >"$2" ;;
	sparse) truncate -s 1G "$2" ;;
	esac
}

# make_odd_image TURN DEVICE: the place N has the kind N + TURN.
make_odd_image() {
	local tree=$BATS_TEST_TMPDIR/tree n place immutable=()
	raw=$BATS_TEST_TMPDIR/odd.raw
	rm -rf "$tree" "$raw"
	make_tree
	touch "$tree/lib/systemd/systemd" "$tree/usr/sbin/sshd"
	for n in "${!odd_places[@]}"; do
		place=${odd_places[n]} kind=${odd_kinds[(n + $1) % ${#odd_kinds[@]}]}
		make_odd "$kind" "$tree/$place" "$2"
		[ "$kind" != immutable ] || immutable+=("$place")
	done
	truncate -s 64M "$raw"
	mkfs.ext4 -q -F -d "$tree" "$raw"
	for place in "${immutable[@]}"; do debugfs -w -R "set_inode_field $place flags 0x80010" "$raw" 2>/dev/null; done
}

# All turns take minutes: TUNE_TURNS="0 1 2 3 4 5 6 7 8" does them.
@test "odd files in each place: none ends the work, and what stays is in the log" {
	needs_disks
	needs debugfs perl
	local turn victim
	truncate -s 1M "$BATS_TEST_TMPDIR/victim"
	victim=$(losetup --find --show "$BATS_TEST_TMPDIR/victim")
	for turn in ${TUNE_TURNS-0 4}; do
		make_odd_image "$turn" "$victim"
		make_disk 64M
		run create image OSP_IMAGE="$raw" OSP_GROW=no
		echo "turn $turn: $output"
		[ "$status" -eq 0 ] || { losetup -d "$victim"; false; }
		[[ "$output" == *"tuning memory: etc/sysctl.d/60-tune.conf"* ]]
		[ "${#lines[@]}" -lt 50 ]
		e2fsck -fn "$disk"
	done
	losetup -d "$victim"
	[ "$(tr -d '\0' <"$BATS_TEST_TMPDIR/victim" | wc -c)" -eq 0 ]
	nothing_left
}

# What stands where tuning makes its new files, and links of their names that lead to a directory.
@test "a tar with traps for the tuning: they are replaced, and what is said to be done is done" {
	needs_disks
	make_tree
	local tree=$BATS_TEST_TMPDIR/tree victim
	truncate -s 1M "$BATS_TEST_TMPDIR/victim"
	victim=$(losetup --find --show "$BATS_TEST_TMPDIR/victim")
	mkfifo "$tree/etc/machine-id.new"
	mknod "$tree/boot/grub/grub.cfg.new" b $((0x$(stat -c %t "$victim"))) $((0x$(stat -c %T "$victim")))
	mkdir -p "$tree/etc/sysctl.d" "$tree/etc/systemd/system/multi-user.target.wants"
	touch "$tree/lib/systemd/systemd"
	ln -s /etc/ssh "$tree/etc/sysctl.d/60-tune.conf"
	ln -s /etc/ssh "$tree/etc/systemd/system/multi-user.target.wants/tune-host-keys.service"
	tar -C "$tree" -czf "$tar" .
	make_disk 400M
	run create image OSP_IMAGE="$tar" OSP_PARTITION=none
	losetup -d "$victim"
	echo "$output"
	[ "$status" -eq 0 ]
	nothing_left
	[ "$(tr -d '\0' <"$BATS_TEST_TMPDIR/victim" | wc -c)" -eq 0 ]
	[[ "$output" == *"tuning memory: etc/sysctl.d/60-tune.conf"* ]]
	look 0 test ! -e etc/machine-id.new -a ! -s etc/machine-id
	look 0 grep -q root=UUID= boot/grub/grub.cfg
	look 0 test -f etc/sysctl.d/60-tune.conf
	[ "$(look 0 readlink etc/systemd/system/multi-user.target.wants/tune-host-keys.service)" = /etc/systemd/system/tune-host-keys.service ]
}

# ---- faults ----

@test "a tar that is cut short" {
	needs_disks
	make_tree
	head -c 300 "$tar" >"$BATS_TEST_TMPDIR/short.tar.gz"
	make_disk 64M
	fails create image OSP_IMAGE="$BATS_TEST_TMPDIR/short.tar.gz"
	ends_with "unpacking it: "
}

@test "qemu-img is not there" {
	needs_disks
	needs qemu-img
	make_tree
	make_disk 64M
	hidden=qemu-img
	fails create image OSP_IMAGE="$tar" OSP_IMAGE_FORMAT=raw
	ends_with "qemu-img: "
}

@test "the guest's disk is full" {
	needs_disks
	make_tree
	head -c 40M /dev/urandom >"$BATS_TEST_TMPDIR/tree/big"
	tar -C "$BATS_TEST_TMPDIR/tree" -czf "$tar" .
	make_disk 32M
	fails create image OSP_IMAGE="$tar"
	ends_with "unpacking it: "
}

@test "the node's disk is full under a sparse file" {
	needs_disks
	make_tree
	head -c 20M /dev/urandom >"$BATS_TEST_TMPDIR/tree/big"
	tar -C "$BATS_TEST_TMPDIR/tree" -czf "$tar" .
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=12M small "$BATS_TEST_TMPDIR/small"
	disk=$BATS_TEST_TMPDIR/small/disk
	make_disk 64M
	run create image OSP_IMAGE="$tar"
	nothing_left || { umount -l "$BATS_TEST_TMPDIR/small"; false; }
	umount "$BATS_TEST_TMPDIR/small"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[-1]}" == "tune: "*": inst1.example.com: create failed: "* ]]
	[[ "${lines[-1]}" == *"the node could not write all, is its storage full?"* ]]
}

@test "killed at any moment: nothing stays mounted, nothing goes on" {
	needs_disks
	make_delegate slow 20 <<-SCRIPT
		mkfs.ext4 -q -F "\$DISK_0_PATH"
		mount -o loop "\$DISK_0_PATH" /mnt
		(exec >/dev/null 2>&1; setsid sleep 987654 &)
		echo \$\$ >"$BATS_TEST_TMPDIR/started"
		sleep 987654
	SCRIPT
	make_disk 64M
	create wrap OSP_DELEGATE=slow >/dev/null 2>&1 3>&- 4>&- &
	background=$!
	local end=$((SECONDS + 120)) first
	until [ -e "$BATS_TEST_TMPDIR/started" ]; do [ $SECONDS -lt $end ]; sleep 0.1; done
	first=$(pgrep -P $background)
	[ -n "$(losetup -n -O NAME -j "$disk")" ]
	kill -9 "$first"
	nothing_left
	run ! pgrep -f '^sleep 987654'
}
