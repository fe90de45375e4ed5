# One image of the OS definition `tune` by debootstrap, booted without KVM to a login on its serial console: minutes, and a
# Debian mirror, TUNE_MIRROR or the one that apt uses here.  Run by "make check-os".
# shellcheck disable=SC2016 # scripts for other shells
load cluster
load os

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/mirror.pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/mirror.pid")" 2>/dev/null || :
}

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
	"${BATS_TEST_FILENAME%/*}/mirror" "$GNT_LAB/run/mirror" "$mirror" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/mirror.pid"
	lab_wait 60 "starting the mirror" test -S "$GNT_LAB/run/mirror"
	on "$1" socat TCP-LISTEN:3142,bind=127.0.0.1,fork,reuseaddr UNIX-CONNECT:/run/lab/mirror </dev/null 3>&- &
	sleep 0.5
}

# add_report IMAGE: a unit that tells what of the tuning has arrived, on a serial port of its own: a login would hang up
# another user of its terminal.
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
	command -v mmdebstrap >/dev/null || skip "needs mmdebstrap"
	command -v socat >/dev/null || skip "needs socat"
	find_mirror
	lend_mirror node2
	master gnt-cluster modify --ipolicy-bounds-specs min:disk-size=16,cpu-count=1,disk-count=0,memory-size=16,nic-count=0,spindle-use=1/max:disk-size=4096,cpu-count=8,disk-count=16,memory-size=4096,nic-count=8,spindle-use=12
	on node2 sh -c 'mkdir -p /srv/ganeti/images && cp /root/.ssh/authorized_keys /srv/ganeti/images/keys'
	add inst6 debootstrap 2G -O mirror=http://127.0.0.1:3142,ssh-keys=/srv/ganeti/images/keys
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
