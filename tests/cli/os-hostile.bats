# The OS definition `tune`: debootstrap, trees and tars of people who mean harm, and faults.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells; each test has its own variables
load os-helper

# ---- debootstrap ----

# Without a mirror: mmdebstrap is a script that prints its user and rights, and packs a small tree.
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

# The tar's boot loader, device nodes and links have an effect inside the virtual machine only.
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
	# A file in the place of a new one is not removed.
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

# Files that are read, written or removed, each in turn with another kind of file in its place.
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

# One turn, for all take minutes: TUNE_TURNS="0 1 2 3 4 5 6 7 8" does them.
@test "odd files in each place: none ends the work, and what stays is in the log" {
	needs_disks
	needs debugfs perl
	local turn victim
	truncate -s 1M "$BATS_TEST_TMPDIR/victim"
	victim=$(losetup --find --show "$BATS_TEST_TMPDIR/victim")
	for turn in ${TUNE_TURNS-4}; do
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

# Things in the place of files that tuning makes, and links of their names to a directory.
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
