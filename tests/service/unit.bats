# ganeti-tune.service, sandboxed as it is, on a machine with systemd: it sets what the policy says, of each mechanism one.
# shellcheck source=tests/service/service.bash
. "$BATS_TEST_DIRNAME/service.bash"
bats_require_minimum_version 1.5.0
: "${TUNE_BUILDDIR:=$BATS_TEST_DIRNAME/../../build}"

setup_file() {
	LACKING=$(service_why_not)
	export LACKING GNT_LAB=$BATS_FILE_TMPDIR/machine
	[ -z "$LACKING" ] || return 0
	mkdir "$GNT_LAB"
	service_prepare "$TUNE_BUILDDIR"
	service_run || { tail -n 20 "$GNT_LAB/log/console"; return 1; }
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	result=$GNT_LAB/run/result
}

@test "the unit ends well" {
	cat "$result"/{lvm,start,log}
	[ "$(cat "$result/status")" = 0 ]
	[ -e "$result/done" ]
}

@test "it was sandboxed" {
	grep -qx ProtectSystem=strict "$result/properties"
	grep -qx NoNewPrivileges=yes "$result/properties"
	[ "$(grep -o 'cap_[a-z_]*' "$result/properties" | wc -l)" -eq 4 ]
}

@test "sysctls, KSM, an MTU, a scheduler and a disk found by its volume group are as the policy says" {
	[ "$(xargs <"$result/after")" = "7 8192 1 1400 512 mq-deadline" ]
	[ "$(cat "$result/before")" != "$(cat "$result/after")" ]
}

@test "a disk that appears starts it where it is enabled, and neither where it is disabled nor after a revert" {
	[ "$(cat "$result/disabled")" = 0 ]
	diff "$result/before" "$result/plugged-after-revert"
	[ "$(cat "$result/plugged-enabled")" = yes ]
}

@test "its journal is root's alone, and what it says can be put back" {
	[ "$(xargs <"$result/modes")" = "755 root 600 root" ]
	[ -s "$result/journal" ]
	diff "$result/before" "$result/reverted"
}
