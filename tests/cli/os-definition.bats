# The OS definition as `make install` puts it, held against what Ganeti demands of one: a fault in these few files
# does not stay with the definition, it breaks gnt-os diagnose and gnt-os info for the whole cluster.
load helper

setup_file() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make -s -C "$TUNE_BUILDDIR" \
		DESTDIR="$BATS_FILE_TMPDIR/root" install osdir=/os >/dev/null 2>&1
	definition=$BATS_FILE_TMPDIR/root/os/tune
	export definition
}

# lint DIRECTORY: every fault that Ganeti would stumble over, one a line.
lint() {
	local file name
	[[ "${1##*/}" =~ ^[a-zA-Z0-9_-]+$ ]] || echo "${1##*/}: a name that Ganeti does not find"
	for file in create export import rename verify; do
		[ -f "$1/$file" ] && [ -x "$1/$file" ] || echo "$file: no executable file"
	done
	for file in ganeti_api_version parameters.list variants.list; do
		[ -f "$1/$file" ] || echo "$file: no file"
		[ -z "$(tail -c 1 "$1/$file")" ] || echo "$file: no newline at its end"
		! grep -qP '[^\x20-\x7e]' "$1/$file" || echo "$file: more than ASCII"
	done
	cmp -s "$1/ganeti_api_version" <(echo 20) || echo "ganeti_api_version: is not 20 alone"
	! grep -nvE '^[a-z][a-z-]* [^ ].*$' "$1/parameters.list" || echo "parameters.list: no name and description"
	[ -z "$(cut -d' ' -f1 "$1/parameters.list" | sort | uniq -d)" ] || echo "parameters.list: a name twice"
	! grep -nvE '^[a-z0-9_-]+$' "$1/variants.list" || echo "variants.list: no name"
	for name in $(sort "$1/variants.list" | uniq -d); do echo "variants.list: $name twice"; done
}

# spoil COMMAND...: in a copy of the definition; the lint has to find it.
spoil() {
	local copy=$BATS_TEST_TMPDIR/tune
	rm -rf "$copy"
	cp -a "$definition" "$copy"
	(cd "$copy" && "$@")
	[ -n "$(lint "$copy" 2>/dev/null)" ] || { echo "not found: $*"; return 1; }
}

@test "nothing in it that Ganeti would stumble over" {
	[ -z "$(lint "$definition")" ] || { lint "$definition"; return 1; }
	[ "$(find "$definition" -mindepth 1 | wc -l)" -eq 8 ]
}

@test "the lint finds what would break a cluster" {
	spoil sh -c 'echo >>parameters.list'
	spoil sh -c 'echo "# comment" >>parameters.list'
	spoil sh -c 'echo nameonly >>parameters.list'
	spoil sh -c 'head -n 1 parameters.list >>parameters.list'
	spoil sh -c 'echo >>ganeti_api_version'
	spoil sh -c 'printf "noop\n" >>variants.list'
	spoil sh -c 'printf "no newline" >>variants.list'
	spoil chmod -x verify
	spoil rm export
}

@test "Ganeti itself can read it" {
	local modules=(/usr/share/ganeti/*/ganeti/backend.py)
	export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=${modules[-1]%/ganeti/backend.py}
	/usr/bin/python3 -c 'import ganeti.backend' 2>/dev/null || skip "no Ganeti here"
	/usr/bin/python3 - "$(dirname "$definition")" <<-'PYTHON'
		import sys
		from ganeti import backend
		found = backend.OSFromDisk("tune", base_dir=sys.argv[1])
		assert found.api_versions == [20], found.api_versions
		assert found.supported_variants == open(found.path + "/variants.list").read().split()
		for parameter in found.supported_parameters:
		    name, description = parameter
	PYTHON
}
