# The OS definition `tune` with real gnt-* commands: an instance exported, imported and renamed, and streams that are
# damaged.  Its guests never start.
load cluster
load os
shared=/srv/ganeti/shared-file-storage
backup=/var/lib/ganeti/export/inst8.lab.test

setup_file() {
	[ -n "$LACKING" ] || skip_kvm
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	# In a directory of the test's own.
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "$LACKING" ] || remove inst8 inst9
	on node2 rm -rf "$backup" </dev/null
}

remove() {
	local name
	for name; do
		master gnt-instance remove -f --ignore-failures --shutdown-timeout=0 "$name.lab.test" >/dev/null 2>&1 || :
	done
}

# add NAME [OPTION...]
add() {
	master gnt-instance add -t sharedfile --disk 0:size=24M -o tune+noop -n node1.lab.test --no-start --no-name-check \
		--no-ip-check --no-wait-for-sync -B memory=32M,vcpus=1 "${@:2}" "$1.lab.test"
}

# import NAME: what inst8 was, from the backup on node2.
import() {
	run master gnt-backup import -t sharedfile -n node1.lab.test --src-node=node2.lab.test --src-dir="$backup" \
		--no-name-check --no-ip-check "$1.lab.test"
}

# disk NAME: path of its disk, the same on all nodes.
disk() {
	on node1 find "$shared/$1.lab.test" -type f </dev/null
}

# read_disk NAME, write_disk NAME: from and to standard input and output
read_disk() {
	on node1 cat "$(disk "$1")" </dev/null
}

write_disk() {
	on node1 dd of="$(disk "$1")" bs=1M conv=notrunc status=none
}

# on_backup COMMAND...: on node2, with the file that the backup is, as Ganeti has called it.
on_backup() {
	# shellcheck disable=SC2016
	on node2 sh -c 'exec "$@" "$(find "$0" -type f ! -name config.ini)"' "$backup" "$@"
}

# A disk with an ext4 file system that begins at 1 MiB, and in it the few files that tell who it is.
make_guest() {
	local name=$1
	mkdir -p tree/etc
	echo "$name" >tree/etc/hostname
	printf '127.0.0.1 localhost\n127.0.1.1 %s.lab.test %s\n' "$name" "$name" >tree/etc/hosts
	echo "$name.lab.test" >tree/etc/mailname
	echo 0123456789abcdef0123456789abcdef >tree/etc/machine-id
	echo 'ID=test' >tree/etc/os-release
	head -c 3M /dev/urandom >tree/noise
	truncate -s 22M root
	mkfs.ext4 -q -F -d tree root
	truncate -s 24M guest
	# One partition of type 0x83, from sector 2048 to 1 MiB before the end.
	printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\260\0\0' | dd of=guest bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of=guest bs=1 seek=510 conv=notrunc status=none
	dd if=root of=guest bs=1M seek=1 conv=notrunc,sparse status=none
}

# says TEXT...: each of them stands in what the last `run` printed.
says() {
	local text
	for text; do
		[[ "$output" == *"$text"* ]] || { echo "'$text' is missing in: $output"; return 1; }
	done
}

# Whoever starts it gets a line of text and nothing else.
is_unusable() {
	read_disk "$1" >found
	head -c 512 found | grep -qa "This disk is not complete"
	cmp <(head -c 1M found | tail -c +513) <(head -c $((1048576 - 512)) /dev/zero)
	cmp <(tail -c 1M found) <(head -c 1M /dev/zero)
}

need_backup() {
	make_guest inst8
	add inst8
	write_disk inst8 <guest
	master gnt-backup export -n node2.lab.test inst8.lab.test
	remove inst8
}

@test "verify: a bad parameter is refused where it is given" {
	run add inst8 -O export-compress=lzop
	[ "$status" -ne 0 ]
	says "OS parameter export-compress: 'lzop' is none of zstd|gzip|none"
	run master gnt-os modify -O overwrite=perhaps tune+noop
	[ "$status" -ne 0 ]
	says "OS parameter overwrite: 'perhaps' is none of no|yes"
	run master gnt-os modify -O export-compress=gzip tune+noop
	[ "$status" -eq 0 ]
	master gnt-os modify -O export-compress=default tune+noop
}

@test "exported and imported: the same bytes, and a small backup" {
	need_backup
	on_backup cat </dev/null >stream
	[ "$(head -c 16 stream)" = "ganeti-tune disk" ]
	[ "$(stat -c %s stream)" -lt 4000000 ]
	import inst8
	[ "$status" -eq 0 ]
	[[ "$output" != *WARNING* ]]
	read_disk inst8 >found
	cmp guest found
}

@test "a truncated backup: Ganeti only warns, and the disk is unusable" {
	need_backup
	on_backup truncate -s -1000 </dev/null
	import inst9
	says "WARNING"
	is_unusable inst9
	on node1 sh -c 'cat /var/log/ganeti/os/import-tune*inst9*' </dev/null >log
	grep -q "import failed: .* is left unusable: stream " log
}

@test "a flipped bit: Ganeti only warns, and the disk is unusable" {
	need_backup
	on_backup cat </dev/null >stream
	printf '\377\0\377' | dd of=stream bs=1 seek=1500000 conv=notrunc status=none
	on_backup tee <stream >/dev/null
	import inst9
	says "WARNING"
	is_unusable inst9
}

@test "the backup of another definition: a disk image" {
	need_backup
	on_backup tee <guest >/dev/null
	import inst8
	[ "$status" -eq 0 ]
	[[ "$output" != *WARNING* ]]
	read_disk inst8 >found
	cmp guest found
}

# guest_says FILE: what stands in the file system on the disk of inst9.
guest_says() {
	read_disk inst9 | tail -c +1048577 >root
	debugfs -R "cat $1" root 2>/dev/null
}

@test "gnt-instance rename: the guest has the new name, and will be a machine of its own" {
	make_guest inst8
	add inst8
	write_disk inst8 <guest
	run master gnt-instance rename inst8.lab.test inst9.lab.test
	[ "$status" -eq 0 ]
	[[ "$output" != *WARNING* ]]
	[ "$(guest_says etc/hostname)" = inst9 ]
	[ "$(guest_says etc/mailname)" = inst9.lab.test ]
	[[ "$(guest_says etc/hosts)" == *"127.0.1.1 inst9.lab.test inst9" ]]
	[ -z "$(guest_says etc/machine-id)" ]
	e2fsck -fn root
}

@test "gnt-instance rename: a guest of which nothing is known is left as it is" {
	add inst8
	head -c 5M /dev/urandom | write_disk inst8
	read_disk inst8 >before
	run master gnt-instance rename inst8.lab.test inst9.lab.test
	[ "$status" -eq 0 ]
	[[ "$output" != *WARNING* ]]
	read_disk inst9 >after
	cmp before after
}

@test "an import under another name renames the guest" {
	need_backup
	import inst9
	[ "$status" -eq 0 ]
	[[ "$output" != *WARNING* ]]
	[ "$(guest_says etc/hostname)" = inst9 ]
}
