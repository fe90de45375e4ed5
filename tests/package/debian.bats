# Debian's packages: made from this tree, installed in a root that has nothing but what they pull in, upgraded, removed,
# purged.  `make check-package`.
#
#	TUNE_PACKAGES=DIRECTORY           packages that are there already
#	TUNE_PACKAGES_BEFORE=DIRECTORY    those of an earlier version, from which is upgraded; else from the same files
#	TUNE_PACKAGES_RELEASE=trixie      another release than this machine's
#	TUNE_PACKAGES_BESIDE=ganeti,lvm2  what the root has beforehand; nothing
bats_require_minimum_version 1.5.0
: "${TUNE_SRCDIR:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"

why_not() {
	local tool
	[ "$(id -u)" = 0 ] || { echo "needs root"; return; }
	for tool in mmdebstrap dpkg-deb unshare; do
		command -v $tool >/dev/null || { echo "needs $tool"; return; }
	done
	unshare --mount true 2>/dev/null || echo "needs mount namespaces, which are not permitted here"
}

setup_file() {
	LACKING=$(why_not)
	packages=${TUNE_PACKAGES:-$TUNE_SRCDIR/build/packages}
	template=$BATS_FILE_TMPDIR/template
	export LACKING packages template
	[ -z "$LACKING" ] || return 0
	[ -n "${TUNE_PACKAGES-}" ] || (cd "$TUNE_SRCDIR" && ./quickstart package) >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		{ tail -n 40 "$BATS_FILE_TMPDIR/log"; return 1; }
	# apt alone: no package that is merely usual on a node.
	mmdebstrap --quiet --variant=apt --skip=check/qemu,cleanup/apt/lists ${TUNE_PACKAGES_BESIDE:+--include="$TUNE_PACKAGES_BESIDE"} \
		"${TUNE_PACKAGES_RELEASE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}" "$template" >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		{ tail -n 40 "$BATS_FILE_TMPDIR/log"; return 1; }
	make_next
	[ -z "${TUNE_PACKAGES_BEFORE-}" ] || packages=$TUNE_PACKAGES_BEFORE
	install "$template" ./libtune1_*.deb ./ganeti-tune_*.deb >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		{ tail -n 40 "$BATS_FILE_TMPDIR/log"; return 1; }
	cp "$BATS_FILE_TMPDIR/log" "$BATS_FILE_TMPDIR/first"
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	root=$BATS_TEST_TMPDIR/root
	cp -a "$template" "$root"
}

# in_root DIRECTORY COMMAND...: what it mounts goes with its namespace.
in_root() {
	# shellcheck disable=SC2016 # expanded there
	unshare --mount --pid --fork sh -ec '
		mount -t proc proc "$1/proc"
		root=$1
		shift
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"' - "$@"
}

# install ROOT PACKAGE-PATTERN...: as an administrator would, from files.
install() {
	local root=$1
	shift
	mkdir -p "$root/packages"
	cp "$packages"/*.deb "$root/packages"
	cp "$BATS_FILE_TMPDIR"/next/*.deb "$root/packages"
	# shellcheck disable=SC2016,SC2048,SC2086 # patterns are expanded there
	in_root "$root" sh -ec 'cd /packages; exec apt-get install -qy --no-install-recommends $*' - $*
}

# The same files as version 0.1.0-0tune2; these packages themselves where there are earlier ones.
make_next() {
	local package work=$BATS_FILE_TMPDIR/next
	mkdir "$work"
	for package in libtune1 ganeti-tune; do
		if [ -n "${TUNE_PACKAGES_BEFORE-}" ]; then
			cp "$packages/${package}"_*.deb "$work/$package.next.deb"
			continue
		fi
		dpkg-deb -R "$packages/${package}"_*.deb "$work/tree"
		sed -i 's/0\.1\.0-0tune1/0.1.0-0tune2/' "$work/tree/DEBIAN/control"
		dpkg-deb --root-owner-group -Zgzip -b "$work/tree" "$work/$package.next.deb" >/dev/null
		rm -r "$work/tree"
	done
}

# state HOOK: as gnt-tune says it.
state() {
	in_root "$root" gnt-tune hooks list --no-headers --separator=: -o hook,state | sed -n "s/^$1://p"
}

upgrade() {
	install "$root" ./libtune1.next.deb ./ganeti-tune.next.deb
}

@test "installing tunes nothing: hooks are linked, the unit is there and disabled, and postinst says so" {
	[ "$(in_root "$root" gnt-tune hooks list --no-headers -o state | sort | uniq -c | xargs)" = "14 enabled" ]
	[ -e "$root/lib/systemd/system/ganeti-tune.service" ]
	[ -z "$(find "$root/etc/systemd" -name 'ganeti-tune*')" ]
	[ ! -e "$root/run/ganeti-tune" ] && [ ! -e "$root/var/lib/ganeti-tune" ]
	[ "$(grep -c ': enabled$' "$BATS_FILE_TMPDIR/first")" -eq 14 ]
	run ! grep '^gnt-tune:' "$BATS_FILE_TMPDIR/first"
}

@test "what they pull in is little" {
	grep '^Setting up' "$BATS_FILE_TMPDIR/first"
	[ "$(grep -c '^Setting up' "$BATS_FILE_TMPDIR/first")" -le 8 ]
}

@test "an upgrade loses nothing and switches nothing on: disabled, deleted, foreign, a policy, a record" {
	in_root "$root" gnt-tune hooks disable instance-migrate-pre
	rm "$root/etc/ganeti/hooks/node-add-post.d/50-tune"
	ln -sf /bin/true "$root/etc/ganeti/hooks/node-remove-post.d/50-tune"
	echo 'sysctl: {vm.swappiness: 10}' >"$root/etc/ganeti/tune.yaml"
	mkdir -p "$root/var/lib/ganeti-tune/nodes"
	echo kept >"$root/var/lib/ganeti-tune/nodes/a.example.com.yaml"
	upgrade
	[ "$(in_root "$root" dpkg-query -W -f '${Version}' ganeti-tune)" = "$(dpkg-deb -f "$root/packages/ganeti-tune.next.deb" Version)" ]
	[ "$(state instance-migrate-pre) $(state node-add-post) $(state node-remove-post)" = "disabled disabled foreign" ]
	[ "$(in_root "$root" gnt-tune hooks list --no-headers -o state | grep -c enabled)" -eq 11 ]
	[ "$(cat "$root/etc/ganeti/tune.yaml")" = 'sysctl: {vm.swappiness: 10}' ]
	[ -e "$root/var/lib/ganeti-tune/nodes/a.example.com.yaml" ]
}

@test "a hook that is new in a version is linked by the upgrade" {
	# As if the version before had not had it: what its removal would have asked is a link that is not there.
	in_root "$root" dpkg --unpack /packages/libtune1.next.deb /packages/ganeti-tune.next.deb
	rm "$root/etc/ganeti/hooks/node-modify-post.d/50-tune"
	in_root "$root" apt-get install -qyf --no-install-recommends
	[ "$(state node-modify-post)" = enabled ]
}

@test "removed, Ganeti finds no hook; installed again, what was off is off" {
	in_root "$root" gnt-tune hooks disable instance-migrate-pre
	rm "$root/etc/ganeti/hooks/node-add-post.d/50-tune"
	ln -sf /bin/true "$root/etc/ganeti/hooks/node-remove-post.d/50-tune"
	echo '{}' >"$root/etc/ganeti/tune.yaml"
	in_root "$root" apt-get remove -qy ganeti-tune
	[ "$(cd "$root/etc/ganeti/hooks" && echo */50-tune)" = node-remove-post.d/50-tune ]
	[ -e "$root/etc/ganeti/tune.yaml" ]
	install "$root" ./ganeti-tune_*.deb
	[ "$(state instance-migrate-pre) $(state node-add-post) $(state node-remove-post)" = "disabled disabled foreign" ]
	[ "$(in_root "$root" gnt-tune hooks list --no-headers -o state | grep -c enabled)" -eq 11 ]
}

@test "purged, nothing is left but what is somebody else's" {
	ln -sf /bin/true "$root/etc/ganeti/hooks/node-remove-post.d/50-tune"
	in_root "$root" gnt-tune hooks disable node-add-post
	echo '{}' >"$root/etc/ganeti/tune.yaml"
	mkdir -p "$root/var/lib/ganeti-tune/nodes"
	in_root "$root" apt-get purge -qy ganeti-tune libtune1
	# Ganeti has files of its own beside them.
	[ "$(cd "$root/etc" && find ganeti/hooks ! -type d)" = ganeti/hooks/node-remove-post.d/50-tune ]
	[ ! -e "$root/etc/ganeti/tune.yaml" ] && [ ! -e "$root/var/lib/ganeti-tune" ]
	[ -z "$(find "$root" -xdev -name '*ganeti-tune*' ! -path '*/packages/*' ! -path '*/var/lib/dpkg/*' ! -path '*/var/log/*')" ]
}

@test "the OS definition can be installed, with libguestfs and what it runs" {
	run -0 in_root "$root" sh -c 'cd /packages; apt-get install -qys --no-install-recommends ./ganeti-tune-os_*.deb'
	[[ "$output" == *"Inst libguestfs0"* && "$output" == *"Inst ganeti-tune-os"* ]]
}

@test "lintian has nothing to say that would stop an upload" {
	command -v lintian >/dev/null || skip "needs lintian"
	run -0 lintian --pedantic --allow-root --fail-on error,warning,pedantic "$packages"/*.dsc "$packages"/*.deb
	echo "$output"
}
