# The OS definition `tune` with real gnt-* commands: as gnt-os sees it, and instances made by its variants.
load cluster
load os

setup_file() {
	[ -z "$LACKING" ] || return 0
	make_tree
	skip_kvm
}

# make_tree: a tar of a small guest, on all nodes.
make_tree() {
	local tree=$BATS_FILE_TMPDIR/tree
	mkdir -p "$tree/etc"
	echo ID=small >"$tree/etc/os-release"
	echo "/dev/sda1 / ext4 defaults 0 1" >"$tree/etc/fstab"
	tar -C "$tree" -czf "$BATS_FILE_TMPDIR/tree.tar.gz" .
	# shellcheck disable=SC2046
	put "$BATS_FILE_TMPDIR/tree.tar.gz" /srv/ganeti/images/tree.tar.gz $(lab_nodes)
}

@test "gnt-os list, diagnose and info are clean on all nodes" {
	local variant
	run master gnt-os list
	echo "$output"
	[ "$status" -eq 0 ]
	for variant in wrap image debootstrap noop; do [[ "$output" == *"tune+$variant"* ]]; done
	run master gnt-os diagnose
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"OS: tune [global status: valid]"* ]]
	[ "$(grep -c "status: valid (path: .*/os/tune)" <<<"$output")" -eq "$(master gnt-node list --no-headers | wc -l)" ]
	run master gnt-os info tune
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"- valid: True"* && "$output" == *"- overwrite: yes: a disk that holds something"* ]]
}

@test "noop: made, and the disk is empty" {
	add inst1 noop 64M
	run ! on node2 blkid -p "$(disk_of inst1)"
	nothing_left
}

@test "image: made, and reinstalled on the disk that is then used" {
	local first
	add inst2 image 64M -O image=/srv/ganeti/images/tree.tar.gz
	first=$(uuid_of inst2)
	[ -n "$first" ]
	run master gnt-instance reinstall -f -O image=/srv/ganeti/images/tree.tar.gz inst2.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[ -n "$(uuid_of inst2)" ]
	[ "$(uuid_of inst2)" != "$first" ]
	nothing_left
}

# Files of Ganeti are always new ones; what a logical volume may hold, this one has from the test before.
@test "a used disk is refused" {
	run on node2 env DISK_COUNT=1 "DISK_0_PATH=$(disk_of inst2)" INSTANCE_NAME=inst2.lab.test OS_NAME=tune \
		OS_VARIANT=noop "$(on node2 sh -c 'ls -d /usr/local/lib/ganeti/os/tune/create /usr/*/ganeti/os/tune/create 2>/dev/null | head -n 1')"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == "tune: node2.lab.test: inst2.lab.test: create failed: disk 0 ("*") holds a partition table of type dos, UUID "* ]]
}

@test "wrap: another definition's guest is tuned" {
	local node
	for node in $(lab_nodes); do
		on "$node" cp -a /srv/ganeti/os/halt /srv/ganeti/os/small
		put - /srv/ganeti/os/small/create "$node" <<-'SCRIPT'
			#!/bin/sh
			mkfs.ext4 -q -F -d /srv/small "$DISK_0_PATH"
		SCRIPT
		on "$node" sh -c 'chmod 755 /srv/ganeti/os/small/create && mkdir /srv/small && tar -C /srv/small -xf /srv/ganeti/images/tree.tar.gz'
	done
	add inst3 wrap 64M -O delegate=small
	run on node2 debugfs -R "cat etc/fstab" "$(disk_of inst3)"
	echo "$output"
	[[ "$output" == *"UUID="*"noatime"* ]]
	nothing_left
}

@test "what cannot be done ends with one line that says why" {
	run add inst4 image 64M -O image=/srv/ganeti/images/nonesuch
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[-1]}" == "tune: node2.lab.test: inst4.lab.test: create failed: image: /srv/ganeti/images/nonesuch: No such file or directory" ]]
	run add inst5 image 64M -O image=nonesuch
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"verify failed: OS parameter image: 'nonesuch' is not an absolute path"* ]]
	nothing_left
}
