# KSM of the running kernel merges the pages of two processes; all its values are put back, whatever fails.
load kernel

ksm=/sys/kernel/mm/ksm

# What can be set, as `grep .` prints it.
ksm_values() {
	local file
	for file in $ksm/*; do
		[ ! -w "$file" ] || [ "$(stat -c %a "$file")" = 444 ] || echo "${file##*/}=$(sed 's/.*\[\(.*\)\].*/\1/' "$file")"
	done
}

counter() {
	cat "$ksm/$1"
}

has_merged() {
	[ "$(counter pages_sharing)" -ge 1500 ]
}

start_mergeable() {
	local n
	for n in 1 2; do
		mkfifo "$BATS_TEST_TMPDIR/stop$n"
		"$TUNE_BUILDDIR/tests/kernel/mergeable" 8 <"$BATS_TEST_TMPDIR/stop$n" >"$BATS_TEST_TMPDIR/said$n" 3>&- &
		processes+=($!)
	done
	exec {keep_first}>"$BATS_TEST_TMPDIR/stop1" {keep_second}>"$BATS_TEST_TMPDIR/stop2"
	wait_until 60 grep -q ready "$BATS_TEST_TMPDIR/said1"
	wait_until 60 grep -q ready "$BATS_TEST_TMPDIR/said2"
}

setup() {
	needs_own_journal
	[ -w $ksm/run ] || skip "no KSM in this kernel, or not ours"
	[ "$(counter run)" -eq 0 ] && [ "$(counter pages_shared)" -eq 0 ] || skip "KSM is in use"
	processes=()
	recorded=$(ksm_values)
}

# The advisor and run come last: the advisor resets pages_to_scan, and with run nothing else can be changed.
put_back() {
	local line
	[ "$(counter pages_shared)" -eq 0 ] || echo 2 >$ksm/run
	grep '^advisor_mode' <<<"$recorded" | while IFS== read -r _ line; do echo "$line" >$ksm/advisor_mode; done
	grep -vE '^(advisor_mode|run)=' <<<"$recorded" | while IFS== read -r name line; do
		echo "$line" >"$ksm/$name" || true
	done
	echo 0 >$ksm/run
}

teardown() {
	[ -z "${recorded:-}" ] || put_back
	[ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" || true
	[ -z "${recorded:-}" ] || forget_journal
}

# kernel_and_status_agree: what status says lies between the kernel's own figures read before and after.
# They move: a virtual machine of another test lends its pages to KSM, too.
kernel_and_status_agree() {
	local before after ours
	before=$(counter general_profit)
	ours=$("$gnt_tune" status --policy "$policy" --separator=: | sed -n 's/^ksm.profit:\(-\?[0-9]*\) bytes$/\1/p')
	after=$(counter general_profit)
	echo "kernel $before, then $after; status $ours"
	[ "$((before < after ? before : after))" -le "$ours" ] && [ "$ours" -le "$((before < after ? after : before))" ]
}

@test "pages merge, profit is the kernel's own, what needs unmerging is done, and all is put back" {
	policy 'ksm: {sleep_millisecs: 10, pages_to_scan: 5000, run: 1}'
	start_mergeable
	fails_with 0 on_this_host apply
	fails_with 0 on_this_host verify
	wait_until 180 has_merged
	if [ -e $ksm/general_profit ]; then wait_until 180 kernel_and_status_agree; fi

	policy 'ksm: {sleep_millisecs: 10, pages_to_scan: 5000, max_page_sharing: 128, run: 1}'
	if [ -e $ksm/merge_across_nodes ]; then sed -i 's/max_page/merge_across_nodes: 0, max_page/' "$policy"; fi
	fails_with 4 on_this_host plan
	says "max_page_sharing"
	fails_with 0 on_this_host apply
	[ "$(counter max_page_sharing)" -eq 128 ]
	[ "$(counter run)" -eq 1 ]
	fails_with 0 on_this_host verify
	wait_until 180 has_merged

	fails_with 0 "$gnt_tune" revert
	diff <(echo "$recorded") <(ksm_values)
	[ ! -e $mine/journal ]
}

@test "the advisor and what it resets are put back" {
	[ -e $ksm/advisor_mode ] || skip "this kernel has no advisor"
	echo 1234 >$ksm/pages_to_scan
	local before
	before=$(ksm_values)
	policy 'ksm: {advisor_mode: scan-time, advisor_target_scan_time: 100, run: 1}'
	fails_with 0 on_this_host apply
	fails_with 0 on_this_host verify
	fails_with 0 "$gnt_tune" revert
	diff <(echo "$before") <(ksm_values)
}

@test "pages_to_scan is not fought over with the advisor" {
	[ -e $ksm/advisor_mode ] || skip "this kernel has no advisor"
	policy 'ksm: {advisor_mode: scan-time, pages_to_scan: 4000}'
	fails_with 1 on_this_host apply
	says "ksm.pages_to_scan: refused: the advisor sets it"
	fails_with 0 "$gnt_tune" revert
	diff <(echo "$recorded") <(ksm_values)
}

@test "a second apply writes nothing" {
	needs_ptrace
	policy 'ksm: {sleep_millisecs: 10, pages_to_scan: 5000, smart_scan: 0, use_zero_pages: 1}'
	fails_with 0 on_this_host apply
	strace -o "$BATS_TEST_TMPDIR/calls" -e trace=openat2 "$gnt_tune" apply --policy "$policy"
	! grep -E 'O_WRONLY|O_RDWR' "$BATS_TEST_TMPDIR/calls"
}
