# The policy of a node as configuration of other programs: tests/expected/MACHINE/POLICY.FORMAT.
# TUNE_UPDATE=1 writes what is expected, for you to read before it is committed.
load helper

# expect MACHINE POLICY FORMAT
expect() {
	local expected=$TUNE_SRCDIR/tests/expected/$1/$2.$3
	make_host "$1" "$1-$2-$3"
	use_policy "$TUNE_SRCDIR/examples/$2.yaml"
	tune export "$3" >"$BATS_TEST_TMPDIR/text" 2>/dev/null
	if [ "${TUNE_UPDATE:-}" ]; then cp "$BATS_TEST_TMPDIR/text" "$expected"; fi
	diff -u --label "$1/$2.$3" "$expected" --label export "$BATS_TEST_TMPDIR/text"
}

@test "sysctl" {
	expect drbd-sata default sysctl
	expect fresh multi-tenant sysctl
}

@test "udev: disks by what stays theirs" {
	expect drbd-sata default udev
	expect md wiki udev
	expect multipath default udev
}

@test "udev: a disk by its WWN, its serial number, or its name" {
	local row
	make_host drbd-sata
	use_policy "$TUNE_SRCDIR/examples/default.yaml"
	for row in 'E:ID_WWN=0x5000c5001|ENV{ID_WWN}=="0x5000c5001"' 'E:ID_SERIAL=QEMU_1-2.3|ENV{ID_SERIAL}=="QEMU_1-2.3"' \
		'E:ID_WWN=|KERNEL=="sdb"' 'E:ID_SERIAL=a"b|KERNEL=="sdb"' 'E:ID_SERIAL=*|KERNEL=="sdb"' \
		$'E:ID_SERIAL=x\nE:ID_WWN=0x7|ENV{ID_WWN}=="0x7"'; do
		set_value "run/udev/data/b$(get_value sys/block/sdb/dev)" "${row%|*}"
		tune export udev 2>/dev/null | grep -qF "ENV{DEVTYPE}==\"disk\", ${row#*|}, "
	done
}

@test "tmpfiles" {
	expect drbd-sata overcommit tmpfiles
}

@test "interfaces" {
	expect network wiki interfaces
	expect network default interfaces
}

@test "sysfs" {
	expect md wiki sysfs
	expect network wiki sysfs
}

@test "what is exported is what the policy asks for, tuned already or not" {
	make_host md
	use_policy "$TUNE_SRCDIR/examples/wiki.yaml"
	local format before after
	for format in sysctl udev tmpfiles interfaces sysfs; do
		before+=$(tune export $format 2>/dev/null)
	done
	tune apply >/dev/null 2>&1
	for format in sysctl udev tmpfiles interfaces sysfs; do
		after+=$(tune export $format 2>/dev/null)
	done
	diff <(echo "$before") <(echo "$after")
}

@test "every setting of a host can be expressed in one of the formats" {
	local machine
	for machine in drbd-sata network; do
		make_host $machine $machine
		use_policy "$TUNE_SRCDIR/examples/wiki.yaml"
		tune plan -v --no-headers -o param,object 2>/dev/null | wc -l >"$BATS_TEST_TMPDIR/all"
		for format in sysctl udev tmpfiles interfaces; do
			tune export $format 2>&1 >/dev/null
		done | awk '{ n += $1 } END { print n }' | diff - "$BATS_TEST_TMPDIR/all"
	done
}

@test "characters of a value that mean something else in a format are escaped" {
	make_host drbd-sata
	use_policy - <<'END'
attributes:
  sys/kernel/mm/odd: '50%n \x41 "q" $x'
  "sys/kernel/mm/of two": 1
disks: [{match: sdb, iosched/odd: '5%k $name "q"'}]
END
	set_value sys/kernel/mm/odd x
	set_value "sys/kernel/mm/of two" 0
	set_value sys/block/sdb/queue/iosched/odd x
	tune export udev 2>/dev/null | grep -xF '  ATTR{queue/iosched/odd}="5%%k $$name \"q\""'
	tune export tmpfiles >"$BATS_TEST_TMPDIR/tune.conf" 2>/dev/null
	grep -xF 'w /sys/kernel/mm/odd - - - - 50%%n \\x41 "q" $x' "$BATS_TEST_TMPDIR/tune.conf"
	needs systemd-tmpfiles
	systemd-tmpfiles --root="$host" --create "$BATS_TEST_TMPDIR/tune.conf"
	[ "$(get_value sys/kernel/mm/odd)" = '50%n \x41 "q" $x' ]
	[ "$(get_value "sys/kernel/mm/of two")" = 1 ]
}

@test "sysctl(8) and systemd-tmpfiles(8) find nothing wrong with it" {
	make_host drbd-sata
	use_policy "$TUNE_SRCDIR/examples/overcommit.yaml"
	tune export tmpfiles >"$BATS_TEST_TMPDIR/tune.conf" 2>/dev/null
	needs systemd-tmpfiles
	mkdir -p "$BATS_TEST_TMPDIR/empty"
	run systemd-tmpfiles --root="$BATS_TEST_TMPDIR/empty" --create "$BATS_TEST_TMPDIR/tune.conf"
	[[ "$output" != *"tune.conf:"* ]]
}

@test "udev finds nothing wrong with it" {
	make_host drbd-sata
	use_policy "$TUNE_SRCDIR/examples/default.yaml"
	tune export udev >"$BATS_TEST_TMPDIR/61-tune.rules" 2>/dev/null
	udevadm verify --help >/dev/null 2>&1 || skip "no udevadm verify"
	udevadm verify --no-summary "$BATS_TEST_TMPDIR/61-tune.rules"
	udevadm verify --no-summary "$TUNE_SRCDIR/gnt-tune/60-ganeti-tune.rules"
}

@test "an unknown format, and more than one" {
	make_host minimal
	fails_with 2 tune export
	says "export takes one of sysctl udev tmpfiles interfaces sysfs"
	fails_with 2 tune export netplan
	fails_with 2 tune export udev sysctl
	fails_with 0 "$gnt_tune" export --help
	says "/etc/udev/rules.d/61-ganeti-tune.rules"
}

@test "the unit: systemd finds nothing wrong with it" {
	local unit=$TUNE_BUILDDIR/gnt-tune/ganeti-tune.service
	grep -q '^Type=oneshot$' "$unit"
	grep -q '^ExecStart=/.*/sbin/gnt-tune apply --no-headers$' "$unit"
	# Started anew for each device that appears.
	[ -z "$(grep '^RemainAfterExit' "$unit")" ]
	needs systemd-analyze
	mkdir -p "$BATS_TEST_TMPDIR/units"
	sed "s|^ExecStart=[^ ]*|ExecStart=$gnt_tune|" "$unit" >"$BATS_TEST_TMPDIR/units/ganeti-tune.service"
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/units/ganeti-tune.service"
	[[ "$output" != *ganeti-tune.service* ]]
}

@test "the rule: what it starts is the unit, and every line is whole" {
	local rules=$TUNE_SRCDIR/gnt-tune/60-ganeti-tune.rules
	[ "$(grep -c 'ENV{SYSTEMD_WANTS}+="ganeti-tune.service"' "$rules")" -eq 2 ]
	# KEY, operator, quoted value; nothing else.
	[ -z "$(grep -v '^#' "$rules" | grep -vE '^([A-Z]+(\{[A-Za-z_]+\})?(==|!=|\+=|=)"[^"]*"(, |$))+$')" ]
	[ "$(grep -o 'GOTO="[^"]*"' "$rules" | sort -u)" = "$(sed -n 's/^LABEL=/GOTO=/p' "$rules")" ]
}
