# export and import of the OS definition, as Ganeti's import-export daemon starts them: a dirty environment, a pipe.
load helper
os=$(program os-scripts/ganeti-tune-os)

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${loop-}" ] || losetup --detach "$loop"
}

# make_disk FILE: 24 MiB, of which 3 MiB at several places are data; what can be packed and what cannot.
make_disk() {
	truncate -s 24M "$1"
	head -c 1M /dev/urandom | dd of="$1" bs=64k seek=0 conv=notrunc status=none
	yes "some text that repeats itself" | head -c 1M | dd of="$1" bs=64k seek=101 conv=notrunc status=none
	head -c 1M /dev/urandom | dd of="$1" bs=64k seek=368 conv=notrunc status=none
}

# A disk that a removed instance has left behind.
make_used_disk() {
	yes used | head -c "${2-24M}" >"$1"
}

# with_disk KIND DISK VERB [NAME=VALUE...]
with_disk() {
	env TMPDIR=/nonexistent LC_ALL=tr_TR.UTF-8 http_proxy=x INSTANCE_NAME=inst1.example.com OS_NAME=tune OS_VARIANT=noop \
		"$1_DISK_PATH=$2" "$1_INDEX=0" "${@:4}" "$os" "$3"
}

export_disk() {
	with_disk EXPORT "$1" export "${@:2}"
}

import_disk() {
	with_disk IMPORT "$1" import "${@:2}"
}

is_unusable() {
	head -c 512 "$1" | grep -qa "This disk is not complete"
	cmp <(head -c 1M "$1" | tail -c +513) <(head -c $((1048576 - 512)) /dev/zero)
	cmp <(tail -c 1M "$1") <(head -c 1M /dev/zero)
}

# refused TEXT: the disk is unusable, and the last line has the reason, the node and the instance.
refused() {
	says "remove it, and import a good backup"
	# shellcheck disable=SC2154 # bats sets it
	[[ "${stderr##*$'\n'}" == "tune: "*": inst1.example.com: import failed: $PWD/new is left unusable: "*"$1"* ]]
	is_unusable new
}

@test "there and back through a pipe: the same bytes, each packing" {
	local packing
	make_disk old
	for packing in zstd gzip none; do
		make_used_disk new
		export_disk "$PWD/old" OSP_EXPORT_COMPRESS=$packing 2>log | import_disk "$PWD/new" 2>>log
		cmp old new
		grep -q "tune: inst1.example.com: disk 0 exported: 25165824 bytes, of which 3145728 data" log
		grep -q "tune: inst1.example.com: disk 0 imported: 25165824 bytes, of which 3145728 data" log
	done
}

@test "standard output is the stream alone, whatever is asked for besides" {
	make_disk old
	export_disk "$PWD/old" >stream 2>log
	[ "$(head -c 16 stream)" = "ganeti-tune disk" ]
	[ "$(tail -c 32 stream | od -An -tx1 | tr -d ' \n')" = "$(head -c -32 stream | sha256sum | cut -d' ' -f1)" ]
	export_disk "$PWD/old" EXP_SIZE_FD=1 2>log >again
	cmp stream again
}

@test "the size is announced where Ganeti wants it, and it can do without" {
	make_disk old
	export_disk "$PWD/old" EXP_SIZE_FD=11 11>size >/dev/null
	[ "$(cat size)" = 3145728 ]
	[ "$(wc -l <size)" -eq 1 ]
	export_disk "$PWD/old" EXP_SIZE_FD=77 >/dev/null
	fails_with 1 export_disk "$PWD/old" EXP_SIZE_FD=x
	says "EXP_SIZE_FD is 'x'"
}

@test "an export that cannot be: no stream, one reason" {
	fails_with 1 export_disk "$PWD/none"
	says "$PWD/none: No such file"
	[ -z "$output" ]
	fails_with 1 export_disk /dev/null
	says "/dev/null: neither a block device nor a file"
	[ -z "$output" ]
	make_disk old
	fails_with 1 export_disk "$PWD/old" OSP_EXPORT_COMPRESS=lzop
	[ -z "$output" ]
}

@test "a reader who is gone, a full disk: exit status 1 with a reason" {
	make_disk old
	run bash -c 'set -o pipefail; "$@" 2>log | head -c 10 >/dev/null' - \
		env INSTANCE_NAME=inst1 EXPORT_DISK_PATH="$PWD/old" "$os" export
	[ "$status" -eq 1 ]
	grep -q "export failed: stream: Broken pipe" log
	run bash -c '"$@" >/dev/full' - env INSTANCE_NAME=inst1 EXPORT_DISK_PATH="$PWD/old" "$os" export
	[ "$status" -eq 1 ]
	says "export failed: stream: No space left on device"
}

@test "a truncated stream is refused, and the disk is unusable" {
	make_disk old
	export_disk "$PWD/old" >stream 2>log
	make_used_disk new
	head -c -1 stream >short
	fails_with 1 import_disk "$PWD/new" <short
	refused "it ends before its checksum does"
	make_used_disk new
	head -c 1500000 stream >short
	fails_with 1 import_disk "$PWD/new" <short
	refused "stream ends too early, after 1500000 bytes"
	make_used_disk new
	fails_with 1 import_disk "$PWD/new" </dev/null
	refused "stream is empty"
}

@test "a flipped bit is refused, and the disk is unusable" {
	local at
	make_disk old
	export_disk "$PWD/old" OSP_EXPORT_COMPRESS=none >stream 2>log
	for at in 3 1000000 3145000; do
		cp stream flipped
		printf '\377' | dd of=flipped bs=1 seek=$at conv=notrunc status=none
		if cmp -s stream flipped; then printf '\376' | dd of=flipped bs=1 seek=$at conv=notrunc status=none; fi
		make_used_disk new
		fails_with 1 import_disk "$PWD/new" <flipped
		refused "stream is damaged near byte"
	done
}

@test "a disk that is too small is refused, and unusable" {
	make_disk old
	export_disk "$PWD/old" >stream 2>log
	make_used_disk new 20M
	fails_with 1 import_disk "$PWD/new" <stream
	refused "stream has a disk of 25165824 bytes, too large for this one of 20971520"
}

@test "streams of old: a disk image, and one with gzip" {
	make_disk old
	make_used_disk new
	fails_with 0 import_disk "$PWD/new" <old
	says "a disk image without a checksum"
	cmp old new
	make_used_disk new
	fails_with 0 import_disk "$PWD/new" < <(gzip -1 <old)
	cmp old new
	make_used_disk new
	fails_with 1 import_disk "$PWD/new" < <(tar cf - old)
	refused "it is a tar archive"
}

@test "a disk image that was cut short: its partition table tells" {
	truncate -s 24M old
	# One partition of type 0x83, from sector 2048 on, of 22 MiB.
	printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\260\0\0' | dd of=old bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of=old bs=1 seek=510 conv=notrunc status=none
	make_used_disk new
	fails_with 0 import_disk "$PWD/new" <old
	cmp old new
	fails_with 1 import_disk "$PWD/new" < <(head -c 12M old)
	refused "stream ends too early: partition 1 of the disk image goes on after its 12582912 bytes"
}

@test "killed half-way, it leaves a disk that nobody can use" {
	make_disk old
	export_disk "$PWD/old" OSP_EXPORT_COMPRESS=none >stream 2>log
	make_used_disk new
	mkfifo pipe
	env INSTANCE_NAME=inst1 IMPORT_DISK_PATH="$PWD/new" "$os" import <pipe 2>log &
	local reader=$! text=6619136
	exec {writer}>pipe
	head -c 2200000 stream >&$writer
	for ((i = 0; i < 100; i++)); do
		if cmp -s -i $text -n 1024 old new; then break; fi
		sleep 0.1
	done
	[ $i -lt 100 ]
	kill -KILL $reader
	exec {writer}>&-
	wait $reader || :
	is_unusable new
}

@test "what the disk refuses to take is an error, and the disk unusable" {
	needs_ptrace
	local when
	make_disk old
	export_disk "$PWD/old" >stream 2>log
	make_used_disk new
	fails_with 1 env INSTANCE_NAME=inst1.example.com IMPORT_DISK_PATH="$PWD/new" strace -f -o /dev/null -P "$PWD/new" \
		-e trace=pwrite64 -e inject=pwrite64:error=EIO:when=34+ "$os" import <stream
	says "is left unusable: $PWD/new: Input/output error"
	is_unusable new
	for when in 2 3; do
		make_used_disk new
		fails_with 1 env INSTANCE_NAME=inst1.example.com IMPORT_DISK_PATH="$PWD/new" strace -f -o /dev/null \
			-P "$PWD/new" -e trace=fsync -e inject=fsync:error=EIO:when=$when "$os" import <stream
		says "is left unusable: $PWD/new: Input/output error"
		is_unusable new
	done
}

@test "a disk that cannot punch holes gets its zeros all the same" {
	needs_ptrace
	make_disk old
	export_disk "$PWD/old" >stream 2>log
	make_used_disk new
	fails_with 0 env INSTANCE_NAME=inst1 IMPORT_DISK_PATH="$PWD/new" strace -f -o /dev/null -P "$PWD/new" \
		-e trace=fallocate -e inject=fallocate:error=EOPNOTSUPP "$os" import <stream
	cmp old new
}

@test "block devices: there and back, and a mounted one is left alone" {
	needs_root
	needs losetup mkfs.ext4 blkid
	needs_mounts
	make_disk old
	make_used_disk new
	loop=$(losetup --find --show old) || skip "no loop devices"
	export_disk "$loop" EXP_SIZE_FD=11 11>size >stream 2>log
	[ "$(cat size)" = 25165824 ]
	losetup --detach "$loop"
	loop=$(losetup --find --show new)
	import_disk "$loop" <stream
	cmp old "$loop"
	mkfs.ext4 -q -F "$loop"
	mkdir mnt
	# shellcheck disable=SC2016
	fails_with 1 unshare -m sh -c 'mount "$0" mnt && exec "$@"' "$loop" \
		env INSTANCE_NAME=inst1 IMPORT_DISK_PATH="$loop" "$os" import <stream
	says "$loop: Device or resource busy"
	[ "$(blkid -p -o value -s TYPE "$loop")" = ext4 ]
}
