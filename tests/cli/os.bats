# The OS definition `tune`: what it is, what it refuses, other definitions, and images.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells; each test has its own variables
load os-helper

# ---- the definition ----

@test "the definition: nothing in it makes gnt-os diagnose fail" {
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
	says "unknown verb 'mount'"
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

@test "the guard: a probe that dies means unknown" {
	needs_disks
	make_library 'return raise(SIGKILL);'
	make_disk 16M
	fails create noop LD_PRELOAD="$library"
	ends_with "disk 0: not known whether it holds something: $path: reading it failed, or took too long: if it may be lost, use -O overwrite=yes"
	succeeds create noop LD_PRELOAD="$library" OSP_OVERWRITE=yes
	[[ "$output" == *"disk 0: not known what it held: $path: reading it failed, or took too long"* ]]
}

# The longest wait for a disk that does not answer.
@test "the guard: a probe that hangs means unknown" {
	needs_disks
	make_library 'return raise(SIGSTOP);'
	make_disk 16M
	fails create noop LD_PRELOAD="$library"
	ends_with "disk 0: not known whether it holds something: $path: reading it failed, or took too long"
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

@test "wrap: a definition may print any amount, and processes that it leaves behind are not waited for" {
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

# make_raid MINIMUM OPTIMAL: a library in $raid that reports these sizes of writes for all disks.
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

# A header that is changed after the check is not followed, and the change is noticed.
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
