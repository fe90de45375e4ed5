# rename of the OS definition: how it changes a guest; nothing in a guest makes it fail.
load helper
os=$(program os-scripts/ganeti-tune-os)

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	needs_root
	needs_mounts
	needs mkfs.ext4 debugfs e2fsck setfattr
	needs_machine
}

# make_guest FILE=TEXT...: disk, with an ext4 file system on all of it that has these files.
make_guest() {
	local file
	rm -rf tree disk
	mkdir -p tree/etc
	for file; do printf '%s\n' "${file#*=}" >"tree/${file%%=*}"; done
	truncate -s 16M disk
	mkfs.ext4 -q -F -d tree disk
}

# rename_guest [VARIABLE=VALUE...]: inst1 has become web; on the node that is in $root, if it is set.
rename_guest() {
	without_kvm env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LIBGUESTFS_CACHEDIR="$LIBGUESTFS_CACHEDIR" OS_API_VERSION=20 OS_NAME=tune OS_VARIANT=noop \
		INSTANCE_NAME=web.example.org OLD_INSTANCE_NAME=inst1.example.com DISK_COUNT=1 DISK_0_PATH="$PWD/disk" \
		"$@" "$os" ${root:+--root "$root"} rename
}

guest_says() {
	debugfs -R "cat $1" disk 2>/dev/null
}

# kept TEXT [VARIABLE=VALUE...]: with success, this in the log, and not a byte of the disk changed.
kept() {
	local before
	before=$(sha256sum <disk)
	fails_with 0 rename_guest "${@:2}"
	says "$1"
	[ "$before" = "$(sha256sum <disk)" ]
}

@test "hostname, hosts, mailname, machine-id; the file system is whole, and nothing stays mounted" {
	local mounts
	mounts=$(cat /proc/self/mounts)
	make_guest etc/os-release=ID=test etc/hostname=inst1 "etc/hosts=127.0.1.1 inst1.example.com inst1" \
		etc/mailname=inst1.example.com etc/machine-id=0123456789abcdef0123456789abcdef
	mkfifo tree/etc/hostname.new tree/etc/mailname.new
	setfattr -n security.selinux -v system_u:object_r:hostname_etc_t:s0 tree/etc/hostname
	mkfs.ext4 -q -F -d tree disk
	umask 077
	fails_with 0 rename_guest
	says "disk 0: etc/hostname: says web.example.org now"
	[ -z "$output" ]
	[ "$(guest_says etc/hostname)" = web ]
	[ "$(guest_says etc/hosts)" = "127.0.1.1 web.example.org web" ]
	[ "$(guest_says etc/mailname)" = web.example.org ]
	[ -z "$(guest_says etc/machine-id)" ]
	debugfs -R "stat etc/hostname" disk 2>/dev/null | grep -q "Mode:  0644"
	debugfs -R "ea_get etc/hostname security.selinux" disk 2>/dev/null | grep -q hostname_etc_t
	e2fsck -fn disk
	[ "$mounts" = "$(cat /proc/self/mounts)" ]
	[ -z "$(losetup -j disk)" ]
	no_machine_left
}

# Processes that the verb has started have its environment, and with that the path of this disk.
no_machine_left() {
	! grep -lsz "^DISK_0_PATH=$PWD/disk$" /proc/[0-9]*/environ
}

# The tenant's superblock says that the kernel should panic at the first error, and there is one.
@test "a file system that asks for a panic: the virtual machine panics, not the node" {
	make_guest etc/os-release=ID=test etc/hostname=inst1
	tune2fs -e panic disk
	dd if=/dev/urandom of=disk bs=1024 count=4 conv=notrunc status=none \
		seek="$(debugfs -R 'blocks /etc' disk 2>/dev/null | tr -d ' ')"
	fails_with 0 rename_guest
	says "the guest keeps its name"
}

# With tuning=none no machine is started.
@test "tuning=none: the disk is not opened at all" {
	make_guest etc/os-release=ID=test etc/hostname=inst1
	kept "the guest keeps its name: tuning=none" OSP_TUNING=none PATH=/nonexistent
}

# A program in QEMU's place that does nothing: the verb ends by its deadline, and says so in one line.  It is the
# shortest one that a policy can have.
@test "a machine that hangs: the deadline of the policy, one line, nothing left" {
	make_guest etc/os-release=ID=test etc/hostname=inst1
	mkdir -p root/etc/ganeti
	printf 'guests:\n  deadline: 60\n  accelerator: tcg\n' >root/etc/ganeti/tune.yaml
	printf '#!/bin/sh\nexec sleep 987651\n' >hanging
	chmod 755 hanging
	# shellcheck disable=SC2016 # for another shell
	fails_with 1 unshare --mount bash -c 'mount --bind hanging "$1" && shift && exec "$@"' - "$(command -v qemu-system-x86_64)" \
		env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LIBGUESTFS_CACHEDIR="$LIBGUESTFS_CACHEDIR" \
		OS_API_VERSION=20 OS_NAME=tune OS_VARIANT=noop INSTANCE_NAME=web.example.org OLD_INSTANCE_NAME=inst1.example.com \
		DISK_COUNT=1 DISK_0_PATH="$PWD/disk" "$os" --root root rename
	says "web.example.org: rename failed: the work in the guest's disk was not done after 60 s"
	run ! pgrep -f '^sleep 987651'
	[ "$(guest_says etc/hostname)" = inst1 ]
}

# with_qemu LINE [OPTION...]: rename with a script in QEMU's place, and the policy that is in root/.
with_qemu() {
	printf '#!/bin/sh\n%s\n' "$1" >instead
	chmod 755 instead
	# shellcheck disable=SC2016 # for another shell
	unshare --mount bash -c 'mount --bind instead "$1" && shift && exec "$@"' - "$(command -v qemu-system-x86_64)" \
		env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LIBGUESTFS_CACHEDIR="$LIBGUESTFS_CACHEDIR" \
		OS_API_VERSION=20 OS_NAME=tune OS_VARIANT=noop INSTANCE_NAME=web.example.org OLD_INSTANCE_NAME=inst1.example.com \
		DISK_COUNT=1 DISK_0_PATH="$PWD/disk" "$os" --root root rename
}

# When a machine starts neither with KVM nor without, KVM is tried again the next time.
@test "a machine that does not start: one short line, and KVM is tried again the next time" {
	make_guest etc/os-release=ID=test etc/hostname=inst1
	mkdir root
	fails_with 1 with_qemu "exit 1"
	says "the virtual machine that opens guests' disks did not start"
	[[ "$stderr" != *LIBGUESTFS_DEBUG* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[ ! -e root/run/ganeti-tune/accelerator ]
}

# The try of KVM has a deadline of its own, and does not shorten the verb's.
@test "KVM that hangs: the deadline is that of the work" {
	[ -w /dev/kvm ] || skip "no /dev/kvm"
	make_guest etc/os-release=ID=test etc/hostname=inst1
	mkdir -p root/etc/ganeti
	printf 'guests:\n  deadline: 60\n' >root/etc/ganeti/tune.yaml
	# The verb has a /tmp of its own.
	fails_with 1 with_qemu 'mkdir /tmp/tried && exec sleep 987652; exit 1'
	says "did not start"
	run ! pgrep -f '^sleep 987652'
}

# QEMU is killed when it first writes to the guest's disk.
@test "a machine that ends while it works: what happened, and nothing of the node's storage" {
	needs_ptrace
	make_guest etc/os-release=ID=test etc/hostname=inst1
	fails_with 1 rename_guest strace -o /dev/null -f -P /tmp/disk -e trace=pwrite64,pwritev -e inject=pwrite64,pwritev:signal=KILL
	says "rename failed: the virtual machine ended while it had the disk"
	[[ "$stderr" != *"storage full"* ]]
	[[ "$stderr" != *LIBGUESTFS_DEBUG* ]]
	[ "$(guest_says etc/hostname)" = inst1 ]
	no_machine_left
}

# find_process PATTERN: the first process of a verb on this disk whose command line has it.
find_process() {
	local environment process
	for environment in $(grep -lsz "^DISK_0_PATH=$PWD/disk$" /proc/[0-9]*/environ | sort -V); do
		process=${environment//[!0-9]/}
		! tr '\0' ' ' <"/proc/$process/cmdline" | grep -q "$1" || { found=$process; return; }
	done
	return 1
}

# Of a process that starts, runs its virtual machine, and is anywhere.
@test "killed while its machine is at work: nothing is left, and the next one does the work" {
	local moment pause=$((RANDOM % 20))
	echo "killed after $pause s, too"
	for moment in "ganeti-tune-os rename" qemu-system-x86_64 "ganeti-tune-os rename"; do
		make_guest etc/os-release=ID=test etc/hostname=inst1
		rename_guest >/dev/null 2>&1 3>&- &
		wait_until 120 find_process "$moment"
		[ "$moment" != "${last-}" ] || sleep $pause
		! find_process "ganeti-tune-os rename" || kill -9 "$found"
		wait $! || :
		wait_until 120 no_machine_left
		last="ganeti-tune-os rename"
	done
	run ! compgen -G "/tmp/libguestfs*"
	[ -z "$(losetup -j disk)" ]
	fails_with 0 rename_guest
	[ "$(guest_says etc/hostname)" = web ]
}

# In Ganeti's list of instances are both names: that is what an import under a new name leaves.
@test "a copy gets keys of its own, a guest that is renamed keeps its keys" {
	local keys=etc/ssh/ssh_host_rsa_key root=root
	make_guest etc/os-release=ID=test etc/hostname=inst1
	mkdir -p tree/etc/ssh tree/usr/bin tree/usr/sbin root/var/lib/ganeti root/run/ganeti-tune
	touch tree/usr/sbin/sshd tree/usr/bin/cloud-init
	echo secret >tree/$keys
	echo tcg >root/run/ganeti-tune/accelerator
	mkfs.ext4 -q -F -d tree disk
	printf 'web.example.org\n' >root/var/lib/ganeti/ssconf_instance_list
	fails_with 0 rename_guest
	[ "$(guest_says etc/hostname)" = web ]
	[ "$(guest_says $keys)" = secret ]
	mkfs.ext4 -q -F -d tree disk
	printf 'web.example.org\ninst1.example.com\n' >root/var/lib/ganeti/ssconf_instance_list
	fails_with 0 rename_guest
	says "tuning identity: removed $keys"
	[ "$(guest_says etc/hostname)" = web ]
	[ -z "$(guest_says $keys)" ]
}

@test "prepare: the machine is started before a guest needs it, and nothing is left" {
	mkdir cache
	fails_with 0 without_kvm env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LIBGUESTFS_CACHEDIR="$PWD/cache" "$os" prepare
	[ -z "$output$stderr" ]
	compgen -G "cache/.guestfs-*/appliance.d/kernel"
	run ! compgen -G "/tmp/ganeti-tune-*"
}

@test "under its own name it is not even mounted" {
	make_guest etc/os-release=ID=test etc/hostname=inst1
	kept "" INSTANCE_NAME=inst1.example.com
	[ -z "$stderr" ]
}

@test "a guest with a name of its own, or in another form, keeps it" {
	make_guest etc/os-release=ID=test etc/hostname=pet
	fails_with 0 rename_guest
	says "it keeps the name it has"
	[ "$(guest_says etc/hostname)" = pet ]
}

@test "a disk of which nothing is known is left alone" {
	head -c 16M /dev/urandom >disk
	kept "keeps its name: disk 0 has no root file system"
}

@test "an instance without a disk, or with one that has no path" {
	fails_with 0 rename_guest DISK_COUNT=0
	says "the guest keeps its name"
	fails_with 0 rename_guest DISK_0_PATH= DISK_0_URI=rbd:rbd/disk0
	says "the guest keeps its name"
}
