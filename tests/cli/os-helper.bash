# What the tests of the OS definition `tune` share.  It is run as Ganeti runs it: disks are files and loop devices of the
# test's own; what the node has in /srv/ganeti/os is seen by the test alone.
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
