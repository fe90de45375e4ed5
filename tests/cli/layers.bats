# The rooms of libtune stand on each other in this order, and no two files of a program use each other in a circle.
# The linker's names tell it, so a function in a table counts as well as a call.
load helper
rooms="base ganeti host cpu qemu tuning origins migration cluster"

# find_object SOURCE: to $object, what it was compiled to, for libtune.so or for a program; both below $TUNE_BUILDDIR.
find_object() {
	local directory=${1%/*} name=${1##*/}
	for object in "$directory"/{.libs/,.libs/libguest_la-,.libs/libstream_la-,ganeti_tune_os-,gnt_tune-,}"${name%.c}.o"; do
		if [ -e "$TUNE_BUILDDIR/$object" ]; then return; fi
	done
	echo "$1 is compiled to nothing" >&2
	return 1
}

# pairs DIRECTORY: to $pairs, "FILE FILE NAME" for each name that the first file takes from the second.
pairs() {
	local sources source object objects=()
	pairs=$BATS_TEST_TMPDIR/pairs
	mapfile -t sources < <(cd "$TUNE_SRCDIR" && find "$1" -name '*.c')
	for source in "${sources[@]}"; do
		find_object "$source"
		objects+=("$object")
	done
	(cd "$TUNE_BUILDDIR" && nm -A -P "${objects[@]}") |
		sed -E 's,/(\.libs/)?(lib[a-z]+_la-|ganeti_tune_os-|gnt_tune-)?([^/]*)\.o: ,/\3 ,' >"$BATS_TEST_TMPDIR/names"
	awk '
		$3 ~ /^[TDRBC]$/ { home[$2] = $1 }
		$3 == "U" { uses[++n] = $1; takes[n] = $2 }
		END {
			for (i = 1; i <= n; i++)
				if (takes[i] in home && home[takes[i]] != uses[i])
					print uses[i], home[takes[i]], takes[i]
		}' "$BATS_TEST_TMPDIR/names" >"$pairs"
	if [ ! -s "$pairs" ]; then skip "nm tells no names of the objects: built with -flto?"; fi
}

setup() {
	needs nm tsort
}

@test "no room of libtune uses one that stands above it" {
	pairs libtune
	run -0 awk -v rooms="$rooms" '
		BEGIN { n = split(rooms, names); for (i = 1; i <= n; i++) rank[names[i]] = i }
		{ split($1, from, "/"); split($2, to, "/") }
		rank[to[2]] > rank[from[2]] { print $1 " uses " $3 " of " $2 }' "$pairs"
	[ -z "$output" ]
}

@test "each folder of libtune is a room, and includes nothing of those above it" {
	local room above
	diff <(printf '%s\n' $rooms | sort) <(cd "$TUNE_SRCDIR/libtune" && find . -mindepth 2 -name '*.c' | cut -d/ -f2 | sort -u)
	above=$rooms
	for room in $rooms; do
		above=${above#"$room"} above=${above# }
		: "${above:=none}"
		run grep -rnE "#include <libtune/((tune-)?(${above// /|})[./]|tune\.h)" "$TUNE_SRCDIR/libtune/$room"
		[ -z "$output" ]
	done
}

@test "no files of libtune or of one program use each other in a circle" {
	local directory
	for directory in libtune os-scripts hooks gnt-tune; do
		pairs $directory
		run tsort <(cut -d' ' -f1,2 "$pairs")
		grep '^tsort:' <<<"$output" && false
		[ "$status" -eq 0 ]
	done
}

@test "programs include no header of libtune but those that are installed" {
	run grep -rnE '#include <libtune/' "$TUNE_SRCDIR"/{hooks,gnt-tune,os-scripts}
	[ -z "$(grep -vE '<libtune/tune(-[a-z]+)?\.h>' <<<"$output")" ]
}
