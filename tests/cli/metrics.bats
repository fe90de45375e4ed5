#!/usr/bin/env bats
# gnt-tune metrics, by Prometheus' own tool where it is installed, and the alerts that stand on it.

load helper
make_record=$(program tests/unit/make-record)

setup() {
	make_host drbd-84
	set_value proc/sys/kernel/hostname node1.example.com
	use_policy - <<<'{sysctl: {vm.swappiness: 10, kernel.hostname: node1.example.com}}'
	set_value proc/sys/vm/swappiness 60
}

# tells LINE...: each of them is a line of the metrics.
tells() {
	local line
	fails_with 0 tune metrics
	for line; do
		grep -qxF "$line" <<<"$output" || { echo "no line '$line' in:"; echo "$output"; return 1; }
	done
}

@test "metrics: settings by verdict, and those that are not as wanted by name" {
	tells 'ganeti_tune_settings{verdict="same"} 1' 'ganeti_tune_settings{verdict="would-change"} 1' \
		'ganeti_tune_setting_not_as_wanted{setting="vm.swappiness",object=""} 1' \
		'ganeti_tune_settings_changed 0' 'ganeti_tune_unread{part="settings"} 0'
	[[ "$output" != *last_change_timestamp* ]]
	tune apply >/dev/null
	tells 'ganeti_tune_settings{verdict="same"} 2' 'ganeti_tune_settings_changed 1'
	[[ "$output" == *ganeti_tune_last_change_timestamp_seconds\ [0-9]* ]]
	[[ "$output" != *'setting_not_as_wanted{'* ]]
}

@test "metrics: DRBD's minors and ceilings, hooks, the record" {
	tells 'ganeti_tune_hooks{state="absent"} 14' 'ganeti_tune_record_published 0'
	grep -q '^ganeti_tune_drbd_info{minor="drbd0",ganeti_instance="[^"]*",connection="Connected",role="[^"]*",disk_state="[^"]*"} 1$' <<<"$output"
	grep -q '^ganeti_tune_drbd_resync_ceiling_bytes_per_second{minor="drbd0",limit="[^"]*"} [0-9]*$' <<<"$output"
	mkdir -p "$host/var/lib/ganeti-tune/nodes"
	"$make_record" node1.example.com "" >"$host/var/lib/ganeti-tune/nodes/node1.example.com.yaml"
	# No KVM below this root gives that.
	tells 'ganeti_tune_record_published 1' 'ganeti_tune_record_current 0'
}

@test "metrics: KSM, where the kernel has it" {
	make_host no-ksm bare
	fails_with 0 tune metrics
	[[ "$output" != *ganeti_tune_ksm* ]]
	make_host linux-6.18 ksm
	set_value sys/kernel/mm/ksm/run 1
	set_value sys/kernel/mm/ksm/pages_unshared 100
	tells 'ganeti_tune_ksm_run 1' 'ganeti_tune_ksm_profit_bytes -6400'
	grep -q '^ganeti_tune_ksm_pages{state="sharing"} [0-9]*$' <<<"$output"
}

@test "metrics: migrations by verdict, of the last 90 days" {
	tells 'ganeti_tune_migrations{verdict="refused"} 0' 'ganeti_tune_migrations{verdict="lost"} 0'
	mkdir -p "$host/var/lib/ganeti-tune"
	now=$(date +%s)
	printf '%s\t%s\tinst1\tn1\tn2\t-\n' "$now" refused "$now" same "$((now - 100 * 86400))" lost >"$host/var/lib/ganeti-tune/ledger"
	tells 'ganeti_tune_migrations{verdict="refused"} 1' 'ganeti_tune_migrations{verdict="same"} 1' 'ganeti_tune_migrations{verdict="lost"} 0'
	echo garbage >>"$host/var/lib/ganeti-tune/ledger"
	tells 'ganeti_tune_unread{part="migrations"} 1'
	[[ "$output" != *ganeti_tune_migrations* ]]
}

@test "metrics: what somebody else sets as well is contested, and not as wanted" {
	set_value proc/sys/vm/swappiness 10
	set_value etc/sysctl.d/99-zz.conf 'vm.swappiness = 60'
	tells 'ganeti_tune_settings{verdict="contested"} 1' \
		'ganeti_tune_setting_not_as_wanted{setting="vm.swappiness",object=""} 1'
}

@test "metrics: what cannot be read leaves a gap, and is told" {
	mkdir -p "$host/var/lib/ganeti-tune/nodes"
	echo "format: x" >"$host/var/lib/ganeti-tune/nodes/node1.example.com.yaml"
	tells 'ganeti_tune_unread{part="record"} 1' 'ganeti_tune_unread{part="settings"} 0'
	[[ "$stderr" == *"metrics of record: "*"node1.example.com.yaml:1:9: "* ]]
	[[ "$output" != *ganeti_tune_record_* ]]
}

@test "metrics: a name with control characters breaks no line" {
	use_policy - <<<'attributes: {"sys/kernel/mm/a\"b\\c": 1}'
	set_value 'sys/kernel/mm/a"b\c' 0
	tells 'ganeti_tune_setting_not_as_wanted{setting="sys/kernel/mm/a\"b\\c",object=""} 1'
	mv "$host/var/run/ganeti/instance-disks/inst1.example.com:0" "$host/var/run/ganeti/instance-disks/"$'inst\e[2J:0'
	fails_with 0 tune metrics
	[[ "$output" == *'ganeti_instance="inst?[2J"'* ]]
}

@test "metrics: a file is replaced at once, for the collector" {
	local file=$BATS_TEST_TMPDIR/here/ganeti-tune.prom
	mkdir "${file%/*}"
	echo old >"$file"
	exec 5<"$file"
	tune metrics "$file"
	[ "$(cat <&5)" = old ]
	exec 5<&-
	grep -q '^ganeti_tune_settings{' "$file"
	[ "$(ls "${file%/*}")" = ganeti-tune.prom ]
	fails_with 2 tune metrics a b
}

# series AGE METRICS...: its lines, of a node that is called like the file, as they were AGE seconds ago.
series() {
	local file now
	now=$(date +%s)
	for file in "${@:2}"; do
		sed -E "/^#/d; s/^([a-z_]+)\{/\1{instance=\"${file##*/}\",/; t out; s/^([a-z_]+)/\1{instance=\"${file##*/}\"}/; :out; s/\$/ $((now - $1))/" "$file"
	done
}

@test "metrics: a real Prometheus has an answer to each query of the dashboard" {
	needs promtool
	needs prometheus
	local dashboard=$TUNE_SRCDIR/examples/prometheus/ganeti-tune-dashboard.json metrics=$BATS_TEST_TMPDIR/metrics
	mkdir "$metrics" "$host/var/lib/ganeti-tune" "$host/var/lib/ganeti-tune/nodes"
	"$make_record" node1.example.com "" | sed "s/^source: .*/&\ntime: $(date +%s)/" >"$host/var/lib/ganeti-tune/nodes/node1.example.com.yaml"
	tune metrics >"$metrics/drbd"
	make_host linux-6.18 ksm
	tune metrics >"$metrics/ksm"
	{ series 120 "$metrics"/*; series 60 "$metrics"/*; echo '# EOF'; } >"$BATS_TEST_TMPDIR/series"
	promtool tsdb create-blocks-from openmetrics "$BATS_TEST_TMPDIR/series" "$BATS_TEST_TMPDIR/data" >/dev/null
	# shellcheck disable=SC2016 # a variable of the dashboard
	jq -r '.. | .expr? // empty' "$dashboard" | sed 's/\$node/.*/g' >"$BATS_TEST_TMPDIR/queries"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/queries")" -ge 12 ]
	echo '{}' >"$BATS_TEST_TMPDIR/config.yml"
	# In a network of its own, so that the port is free.
	# shellcheck disable=SC2016 # for the shell inside
	run -0 timeout 300 unshare --net --pid --fork --kill-child bash -c '
		ip link set lo up
		prometheus --config.file="$1/config.yml" --storage.tsdb.path="$1/data" \
			--web.listen-address=127.0.0.1:9090 >"$1/log" 2>&1 3>&- &
		until promtool query instant http://127.0.0.1:9090 1 >/dev/null 2>&1; do sleep 0.1; done
		while read -r query; do
			promtool query instant http://127.0.0.1:9090 "$query" </dev/null | grep -q "=>" || echo "no answer: $query"
		done <"$1/queries"' - "$BATS_TEST_TMPDIR"
	[ -z "$output" ]
}

@test "metrics: Prometheus takes them, and the alerts fire" {
	needs promtool
	tune metrics | promtool check metrics
	promtool check rules "$TUNE_SRCDIR/examples/prometheus/ganeti-tune.rules.yml"
	cp "$TUNE_SRCDIR/examples/prometheus/ganeti-tune.rules.yml" "$BATS_TEST_TMPDIR"
	cp "$TUNE_SRCDIR/tests/expected/alerts.yml" "$BATS_TEST_TMPDIR"
	promtool test rules "$BATS_TEST_TMPDIR/alerts.yml"
}
