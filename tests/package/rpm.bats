# The spec file, by rpmbuild of any system: what the packages hold, and what their scripts do to hooks.
bats_require_minimum_version 1.5.0
: "${TUNE_SRCDIR:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}" "${TUNE_BUILDDIR:=$TUNE_SRCDIR/build}"

setup_file() {
	rpms=$BATS_FILE_TMPDIR/RPMS
	export rpms
	command -v rpmbuild >/dev/null || return 0
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$TUNE_BUILDDIR" dist-xz >/dev/null 2>&1
	mv "$TUNE_BUILDDIR"/ganeti-tune-*.tar.xz "$BATS_FILE_TMPDIR"
	# What it is built with, Debian's packages have brought.
	rpmbuild -bb --nodeps --nocheck --define "_topdir $BATS_FILE_TMPDIR" --define "_sourcedir $BATS_FILE_TMPDIR" \
		"$TUNE_SRCDIR/packaging/rpm/ganeti-tune.spec" >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		{ tail -n 40 "$BATS_FILE_TMPDIR/log"; return 1; }
}

setup() {
	command -v rpmbuild >/dev/null || skip "needs rpmbuild"
}

files() {
	rpm -qpl "$rpms"/*/"$1"-[0-9]*.rpm
}

@test "no link of a hook is shipped, and no script of a program is missing" {
	run -0 files ganeti-tune
	[[ "$output" == */usr/libexec/ganeti-tune/instance-migrate-pre* && "$output" == */usr/sbin/gnt-tune* ]]
	[[ "$output" != *"/etc/"* && "$output" != *HACKING* ]]
	run -0 files ganeti-tune-os
	[[ "$output" == */usr/share/ganeti/os/tune/create* ]]
}

# script NAME: what the package does then, on hooks below $BATS_TEST_TMPDIR, with gnt-tune that says what it is asked.
script() {
	local words=$BATS_TEST_TMPDIR/words
	printf '#!/bin/sh\necho "$*" >>%s\n' "$words" >"$BATS_TEST_TMPDIR/gnt-tune"
	chmod 755 "$BATS_TEST_TMPDIR/gnt-tune"
	: >"$words"
	rpm -qp --scripts "$rpms"/*/ganeti-tune-[0-9]*.rpm |
		awk -v name="$1 scriptlet" '/ scriptlet \(/ { on = index($0, name) == 1; next } on' |
		sed "s|/usr/sbin/gnt-tune|$BATS_TEST_TMPDIR/gnt-tune|g; s|/etc/ganeti|$BATS_TEST_TMPDIR/ganeti|g; s|^\tsystemctl.*||" \
			>"$BATS_TEST_TMPDIR/script"
	[ -s "$BATS_TEST_TMPDIR/script" ]
	sh "$BATS_TEST_TMPDIR/script" "$2"
}

@test "what was deleted is switched off before an upgrade and a removal; only what is missing is linked" {
	script preinstall 1
	[ ! -s "$BATS_TEST_TMPDIR/words" ]
	script preinstall 2
	[ "$(cat "$BATS_TEST_TMPDIR/words")" = "hooks disable --missing" ]
	script postinstall 1
	[ "$(cat "$BATS_TEST_TMPDIR/words")" = "hooks enable --missing" ]
	script preuninstall 1
	[ ! -s "$BATS_TEST_TMPDIR/words" ]
}

@test "removed, Ganeti finds no hook of ours; what is somebody else's or switched off stays" {
	mkdir -p "$BATS_TEST_TMPDIR/ganeti/hooks"/{a,b,c}.d
	ln -s /usr/libexec/ganeti-tune/a "$BATS_TEST_TMPDIR/ganeti/hooks/a.d/50-tune"
	ln -s /bin/true "$BATS_TEST_TMPDIR/ganeti/hooks/b.d/50-tune"
	ln -s /usr/libexec/ganeti-tune/c "$BATS_TEST_TMPDIR/ganeti/hooks/c.d/50-tune.disabled"
	script preuninstall 0
	[ "$(cat "$BATS_TEST_TMPDIR/words")" = "hooks disable --missing" ]
	[ "$(cd "$BATS_TEST_TMPDIR/ganeti/hooks" && find . -type l | sort | xargs)" = "./b.d/50-tune ./c.d/50-tune.disabled" ]
}
