# The plan of each machine of tests/hosts under each policy of examples: tests/expected/MACHINE/POLICY.txt.
# A new machine is a new file there; TUNE_UPDATE=1 writes what is expected, for you to read before it is committed.
load helper

# How `gnt-tune plan` ends, too, is expected; its count comes last.
plan_text() {
	local status=0
	tune plan -v -o +note >"$BATS_TEST_TMPDIR/output" || status=$?
	sed '$d' "$BATS_TEST_TMPDIR/output"
	echo "exit status $status"
	sed -n '$p' "$BATS_TEST_TMPDIR/output"
}

compare() {
	local expected=$TUNE_SRCDIR/tests/expected/$1/$2.txt
	make_host "$1" "$1-$2"
	use_policy "$TUNE_SRCDIR/examples/$2.yaml"
	plan_text >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	if [ "${TUNE_UPDATE:-}" ]; then
		mkdir -p "${expected%/*}" && cp "$BATS_TEST_TMPDIR/plan" "$expected"
	fi
	diff -u --label "$1/$2.txt" "$expected" --label plan "$BATS_TEST_TMPDIR/plan"
}

@test "every machine under every policy" {
	local machine policy n_differ=0
	for machine in "$TUNE_SRCDIR"/tests/hosts/*.host; do
		for policy in "$TUNE_SRCDIR"/examples/*.yaml; do
			compare "$(basename "$machine" .host)" "$(basename "$policy" .yaml)" || n_differ=$((n_differ + 1))
		done
	done
	[ "$n_differ" -eq 0 ]
}

@test "no plan is expected of a machine or policy that is gone" {
	local expected
	for expected in "$TUNE_SRCDIR"/tests/expected/*/*.txt; do
		[ -e "$TUNE_SRCDIR/tests/hosts/$(basename "${expected%/*}").host" ]
		[ -e "$TUNE_SRCDIR/examples/$(basename "$expected" .txt).yaml" ]
	done
}
