# What a target's KVM refuses when QEMU loads the guest's state there: by then the source has let the guest go.
load ../cli/helper

# SYSENTER_CS, which every QEMU loads.
msr=174

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	[ -w /dev/kvm ] || skip "no /dev/kvm"
	[ -x /usr/bin/kvm ] || skip "no QEMU"
	needs cc
	cc -D_GNU_SOURCE -O1 -shared -fPIC -o refuse-msr.so "$TUNE_SRCDIR/tests/kernel/refuse-msr.c" || skip "no headers of KVM"
	for type in host host,-arch-capabilities kvm64; do
		! "$gnt_tune" cpu try "$type" >/dev/null || return 0
	done
	skip "QEMU starts with no cpu_type here"
}

teardown() {
	local pid
	for pid in ${source_pid-} ${target_pid-}; do kill -KILL "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
}

# start NAME OPTION...: a guest whose firmware runs; its monitor reads from ./NAME.in and writes to ./NAME.out.
start() {
	mkfifo "$1.in"
	kvm -nodefaults -no-user-config -display none -m 16 -machine pc,accel=kvm -cpu "$type" -monitor stdio \
		"${@:2}" <>"$1.in" >"$1.out" 2>"$1.err" 3>&- &
}

# order NAME TEXT...: to its monitor.
order() {
	printf '%s\n' "${*:2}" >"$1.in"
}

# wait_for NAME ORDER TEXT: orders that again and again, until the monitor says the text.
wait_for() {
	local end=$((SECONDS + 30))
	until grep -q "$3" "$1.out"; do
		[ $SECONDS -lt $end ] || { cat "$1.out" "$1.err"; return 1; }
		order "$1" "$2"
		sleep 0.1
	done
}

start_pair() {
	export REFUSE_MSR=$msr REFUSE_FROM=$PWD/refuse
	LD_PRELOAD=$PWD/refuse-msr.so start target -incoming "unix:$PWD/stream"
	target_pid=$!
	start source
	source_pid=$!
	wait_for source "info status" "VM status: running"
	wait_for target "info status" "inmigrate"
}

@test "all is taken: the guest runs on the target" {
	start_pair
	order source "migrate -d unix:$PWD/stream"
	wait_for source "info migrate" "Migration status: completed"
	wait_for target "info status" "VM status: running"
}

@test "one MSR is refused: the source says completed, and the target is dead" {
	start_pair
	: >refuse
	order source "migrate -d unix:$PWD/stream"
	wait_for source "info migrate" "Migration status: completed"
	wait_for source "info status" "postmigrate"
	local status=0 end=$((SECONDS + 30))
	while kill -0 "$target_pid" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
	wait "$target_pid" || status=$?
	target_pid=
	[ "$status" -eq $((128 + 6)) ]
	grep -q "failed to set MSR 0x$msr" target.err
}
