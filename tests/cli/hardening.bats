# What the compiler and the linker were asked to put into each program that is installed, read back from the files; and
# what systemd thinks of the unit.
load helper

needs_hardening() {
	needs readelf
	[ -z "$(setting INSTRUMENT_CFLAGS | tr -d ' ')" ] || skip "built with sanitizers or for coverage"
}

# programs: paths of all that are installed.
programs() {
	local name
	for name in $(setting sbin_PROGRAMS) $(setting hooksexec_PROGRAMS) $(setting ostuneexec_PROGRAMS); do
		program "$name"
	done
}

library=$TUNE_BUILDDIR/libtune/.libs/libtune.so

# all_have WHAT PATTERN FLAG FILE...: says which file has no line of `readelf FLAG` that matches.
all_have() {
	local what=$1 pattern=$2 flag=$3 file status=0
	shift 3
	[ $# -gt 0 ]
	for file; do
		readelf -W "$flag" "$file" | grep -Eq "$pattern" || { echo "$file: no $what"; status=1; }
	done
	return $status
}

@test "all programs are position independent" {
	needs_hardening
	# shellcheck disable=SC2046
	all_have PIE 'FLAGS_1.*\bPIE\b' -d $(programs)
}

@test "relocations of programs and library are resolved at the start and read-only from then on" {
	needs_hardening
	# shellcheck disable=SC2046
	all_have BIND_NOW 'FLAGS_1.*\bNOW\b' -d "$library" $(programs)
	# shellcheck disable=SC2046
	all_have RELRO 'GNU_RELRO' -l "$library" $(programs)
}

@test "programs and library check their stacks" {
	needs_hardening
	# shellcheck disable=SC2046
	all_have "stack protector" '\b__stack_chk_fail\b' --dyn-syms "$library" $(programs)
}

@test "programs and library check the sizes of buffers" {
	needs_hardening
	[[ "$(setting CFLAGS)" =~ -O[1-3s] ]] || skip "built without optimisation"
	# shellcheck disable=SC2046
	all_have FORTIFY '\b__[a-z]+_chk\b' --dyn-syms "$library" $(programs)
}

# Of the objects: the linker drops the mark of a program when one part has none, and Debian's startup objects have none.
@test "all code can run with control-flow enforcement" {
	needs_hardening
	local objects
	[ "$(uname -m)" = x86_64 ] || skip "of x86_64 alone"
	mapfile -t objects < <(find "$TUNE_BUILDDIR"/{libtune,gnt-tune,hooks,os-scripts} -name '*.o')
	all_have CET 'IBT, SHSTK' -n "${objects[@]}"
}

@test "the unit is exposed as little as its work allows" {
	needs systemd-analyze
	systemd-analyze security --help 2>&1 | grep -q -e --offline || skip "systemd is older than 250"
	# In tenths.
	systemd-analyze security --offline=true --threshold=40 "$TUNE_BUILDDIR/gnt-tune/ganeti-tune.service"
}
