# The completion of bash: what it offers, from the tables of the program.
load helper

setup() {
	make_host drbd-sata
	script=$TUNE_BUILDDIR/gnt-tune/gnt-tune.bash
}

# complete_words WORD...: what is offered for the last one, a line each.  In a directory with one file, and with no
# program on its way: whoever presses a key must not have to wait for a node.
complete_words() {
	mkdir -p "$BATS_TEST_TMPDIR/cwd/dir"
	touch "$BATS_TEST_TMPDIR/cwd/file.yaml"
	(cd "$BATS_TEST_TMPDIR/cwd" && env -i PATH=/nonexistent "$BASH" --norc --noprofile -c '
		source "$1"
		shift
		COMP_WORDS=(gnt-tune "$@") COMP_CWORD=$#
		_gnt_tune
		printf "%s\n" "${COMPREPLY[@]}"' bash "$script" "$@")
}

# offers WANTED WORD...: exactly these, in any order
offers() {
	run complete_words "${@:2}"
	[ "$(tr '\n' ' ' <<<"$output")" = "$1 " ] || { echo "offers $output, not $1"; return 1; }
}

@test "it is bash, and completes gnt-tune" {
	run bash -c 'source "$1" && complete -p gnt-tune' bash "$script"
	[ "$output" = "complete -F _gnt_tune gnt-tune" ]
	# Found by the name of the command.
	[[ "$(setting bashcompletiondir)" == */bash-completion/completions ]]
	[ "$(setting nodist_bashcompletion_DATA)" = gnt-tune/gnt-tune.bash ]
}

@test "it is of this program" {
	diff <("$gnt_tune" --completion) <(sed -n "/^_gnt_tune_table='/,/^'/p" "$script" | sed '1d;$d')
}

@test "commands" {
	offers "list plan apply verify revert explain export status metrics doctor drbd cpu cluster hooks" ""
	offers "explain export" ex
	offers "plan" --root dir pl
	offers "plan" --root = dir pl
	offers "plan" -v pl
	offers "" frob
}

@test "verbs, and other words of a command" {
	offers "compare" cpu com
	offers "verify status check-migrate ledger pending upgrade admit" cluster ""
	offers "list enable disable run" hooks ""
	offers "sysctl sysfs" export sys
	offers "advise" drbd ""
	offers "disk.scheduler" explain disk.sch
	offers "" explain disk.scheduler disk.sch
	offers "" plan pl
}

@test "options of the command and of the verb, and no others" {
	offers "--pairs --policy" cpu matrix --p || offers "--policy --pairs" cpu matrix --p
	offers "--policy" apply --p
	offers "--dry-run" apply --d
	offers "" plan --d
	offers "" revert --p
	offers "--apply" cpu tags --a
	offers "--remove --root" cpu tags --r || offers "--root --remove" cpu tags --r
	offers "" cpu show --a
	offers "" frobnicate --
	offers "--version" --v
}

@test "values: directories for a root, files for a policy, nothing for a separator" {
	offers "dir" plan --root ""
	offers "dir" plan --root =
	offers "dir" plan --root = d
	offers "dir file.yaml" plan --policy "" || offers "file.yaml dir" plan --policy ""
	offers "" plan --separator p
	offers "" plan -o p
}

@test "images of cpu are files, and host" {
	offers "host" cpu show h
	offers "file.yaml" cpu compare host f
	offers "" cluster check-migrate f
	offers "" hooks list f
}
