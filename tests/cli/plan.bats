# What every machine of tests/hosts is told under every policy of examples: tests/expected/MACHINE/POLICY.txt.
# A new machine is a new file there; TUNE_UPDATE=1 writes what is expected, for you to read before it is committed.
load helper

# How `gnt-tune plan` ends, too, is expected.
plan_text() {
	local status=0
	tune plan -v -o +note || status=$?
	echo "exit status $status"
}

compare() {
	local expected=$TUNE_SRCDIR/tests/expected/$1/$2.txt
	make_host "$1" "$1-$2"
	use_policy "$TUNE_SRCDIR/examples/$2.yaml"
	plan_text >"$BATS_TEST_TMPDIR/plan" 2>"$BATS_TEST_TMPDIR/words"
	sed -n '$p' "$BATS_TEST_TMPDIR/words" >>"$BATS_TEST_TMPDIR/plan"
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
