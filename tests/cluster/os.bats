# The OS definition `tune` on the cluster of lab.bash: as gnt-os sees it, and instances made by each variant.  One of
# them boots to a login.  TUNE_MIRROR is a Debian mirror for that, if it is not to be the one that apt uses here.
# shellcheck disable=SC2016 # scripts for other shells
load cluster
disks=/srv/ganeti/shared-file-storage

setup_file() {
	[ -n "$LACKING" ] || make_tree
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/mirror.pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/mirror.pid")"
}

# make_tree: a tar of a small guest, on all nodes.
make_tree() {
	local tree=$BATS_FILE_TMPDIR/tree
	mkdir -p "$tree/etc"
	echo ID=small >"$tree/etc/os-release"
	echo "/dev/sda1 / ext4 defaults 0 1" >"$tree/etc/fstab"
	tar -C "$tree" -czf "$BATS_FILE_TMPDIR/tree.tar.gz" .
	# shellcheck disable=SC2046
	put "$BATS_FILE_TMPDIR/tree.tar.gz" /srv/tree.tar.gz $(lab_nodes)
}

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
	lab_wait 10 "detaching loop devices" has_no_loop
	! on node2 sh -c 'grep -ls /run/ganeti-tune /proc/[0-9]*/mountinfo' || return 1
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
	add inst2 image 64M -O image=/srv/tree.tar.gz
	first=$(uuid_of inst2)
	[ -n "$first" ]
	run master gnt-instance reinstall -f -O image=/srv/tree.tar.gz inst2.lab.test
	echo "$output"
	[ "$status" -eq 0 ]
	[ -n "$(uuid_of inst2)" ]
	[ "$(uuid_of inst2)" != "$first" ]
	nothing_left
}

# Files of Ganeti are always new ones; what a logical volume may hold, this one has from the test before.
@test "a used disk is refused" {
	run on node2 env DISK_COUNT=1 "DISK_0_PATH=$(disk_of inst2)" INSTANCE_NAME=inst2.lab.test OS_NAME=tune \
		OS_VARIANT=noop /usr/local/lib/ganeti/os/tune/create
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
		on "$node" sh -c 'chmod 755 /srv/ganeti/os/small/create && mkdir /srv/small && tar -C /srv/small -xf /srv/tree.tar.gz'
	done
	add inst3 wrap 64M -O delegate=small
	run on node2 debugfs -R "cat etc/fstab" "$(disk_of inst3)"
	echo "$output"
	[[ "$output" == *"UUID="*"noatime"* ]]
	nothing_left
}

@test "what cannot be done ends with one line that says why" {
	run add inst4 image 64M -O image=/srv/nonesuch
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[-1]}" == "tune: node2.lab.test: inst4.lab.test: create failed: image: /srv/nonesuch: No such file or directory" ]]
	run add inst5 image 64M -O image=nonesuch
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"verify failed: OS parameter image: 'nonesuch' is no absolute path"* ]]
	nothing_left
}

# ---- a guest that boots ----

# find_mirror: a Debian mirror that answers, in $mirror.
find_mirror() {
	local site
	for site in ${TUNE_MIRROR-} $(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | sort -u); do
		mirror=$site
		if python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10).read(1)' \
			"$site/dists/bookworm/Release" 2>/dev/null; then return; fi
	done
	skip "no Debian mirror answers"
}

# lend_mirror NODE: as http://127.0.0.1:3142 there.
lend_mirror() {
	"$here/mirror" "$GNT_LAB/run/mirror" "$mirror" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/mirror.pid"
	lab_wait 10 "starting the mirror" test -S "$GNT_LAB/run/mirror"
	on "$1" socat TCP-LISTEN:3142,bind=127.0.0.1,fork,reuseaddr UNIX-CONNECT:/run/lab/mirror </dev/null 3>&- &
	sleep 0.5
}

# add_report IMAGE: a unit that tells what of the tuning has arrived, on a serial port of its own: a login hangs up
# whoever else has its terminal.
add_report() {
	unshare --mount bash -c '
		mount -o loop,offset=1048576 "$1" /mnt && cat >/mnt/etc/systemd/system/report.service &&
		ln -s ../report.service /mnt/etc/systemd/system/multi-user.target.wants/' - "$1" <<-'UNIT'
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		StandardOutput=tty
		TTYPath=/dev/ttyS1
		ExecStart=/bin/sh -c 'echo "report root $(findmnt -no OPTIONS /)"; echo "report scheduler $(cat /sys/block/vda/queue/scheduler)"; echo "report swappiness $(sysctl -n vm.swappiness)"; echo "report trim $(systemctl is-active fstrim.timer)"; echo "report agent $(systemctl is-active qemu-guest-agent)"; echo "report speed $(stty -F /dev/ttyS0 speed)"; echo "report id $(wc -c </etc/machine-id)"; echo "report name $(hostname)"; echo "report sshd $(systemctl is-active ssh) $(ls /etc/ssh/ssh_host_*_key | wc -l)"; echo "report cmdline $(cat /proc/cmdline)"; echo report end'
	UNIT
}

has_booted() {
	grep -qa "login:" "$BATS_TEST_TMPDIR/serial" && grep -qa "^report end" "$BATS_TEST_TMPDIR/report"
}

# boot IMAGE: with one processor, for which the kernel would not choose the scheduler none by itself.
boot() {
	touch "$BATS_TEST_TMPDIR/serial" "$BATS_TEST_TMPDIR/report"
	timeout 600 qemu-system-x86_64 -accel tcg -m 512 -smp 1 -display none -monitor none \
		-serial "file:$BATS_TEST_TMPDIR/serial" -serial "file:$BATS_TEST_TMPDIR/report" -drive "file=$1,format=raw,if=virtio,snapshot=on" -nic none \
		-device virtio-serial -chardev null,id=agent \
		-device virtserialport,chardev=agent,name=org.qemu.guest_agent.0 3>&- &
	local qemu=$! status=0
	lab_wait 500 "booting" has_booted || status=1
	kill $qemu
	return $status
}

@test "debootstrap: made, boots to a login on the serial console, and is tuned inside" {
	local text image=$BATS_TEST_TMPDIR/image
	command -v debootstrap >/dev/null || skip "needs debootstrap"
	command -v socat >/dev/null || skip "needs socat"
	find_mirror
	lend_mirror node2
	master gnt-cluster modify --ipolicy-bounds-specs min:disk-size=16,cpu-count=1,disk-count=0,memory-size=16,nic-count=0,spindle-use=1/max:disk-size=4096,cpu-count=8,disk-count=16,memory-size=4096,nic-count=8,spindle-use=12
	add inst6 debootstrap 2G -O mirror=http://127.0.0.1:3142,ssh-keys=/root/.ssh/authorized_keys
	nothing_left
	on node2 cat "$(disk_of inst6)" >"$image"
	add_report "$image"
	boot "$image" || { tail -n 30 "$BATS_TEST_TMPDIR/serial"; false; }
	cat "$BATS_TEST_TMPDIR/report"
	for text in "root rw,noatime" "scheduler \[none\]" "swappiness 30" "trim active" "agent active" "speed 38400" \
		"id 33" "sshd active 3" "name inst6.lab.test" "cmdline .*root=UUID=.*console=ttyS0,38400n8"; do
		grep -qa "^report $text" "$BATS_TEST_TMPDIR/report"
	done
}
