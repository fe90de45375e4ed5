# What `make install` puts where, and what a program of somebody else finds there.
load helper

# Apart from the make that runs these tests.
make_in_tree() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		make -s -C "$TUNE_BUILDDIR" DESTDIR="$BATS_FILE_TMPDIR/root" "$@" >/dev/null 2>&1
}

setup_file() {
	make_in_tree install
	root=$BATS_FILE_TMPDIR/root
	hooks=$root$(setting hooksdir)
	libdir=$root$(setting libdir)
	includedir=$root$(setting includedir)
	pkgconfigdir=$root$(setting pkgconfigdir)
	export root hooks libdir includedir pkgconfigdir
}

headers_of() {
	needs pkg-config "$1"
	pkg-config --cflags glib-2.0
}

@test "Ganeti finds each hook: a name without a dot, executable" {
	local source hook link n_hooks=0
	for source in "$TUNE_SRCDIR"/hooks/*-{pre,post}.c; do
		hook=$(basename "$source" .c)
		n_hooks=$((n_hooks + 1))
		for link in "$hooks/$hook.d"/*; do
			[[ "${link##*/}" =~ ^[a-zA-Z0-9_-]+$ ]]
			[ -x "$root$(readlink "$link")" ]
			[[ "$(readlink "$link")" == */$hook ]]
		done
	done
	# One program under seven names.
	for link in "$hooks"/{instance-{start,reboot,modify,migrate,failover},mirrors-replace,disk-grow}-post.d/*; do
		[ -x "$root$(readlink "$link")" ]
		[[ "$(readlink "$link")" == */instance-devices ]]
		n_hooks=$((n_hooks + 1))
	done
	[ "$(find "$hooks" -type l | wc -l)" -eq $n_hooks ]
}

@test "Ganeti finds the OS definition, in a directory that it searches, and its scripts find the program" {
	local directory script
	directory=$(setting osdefinitiondir)
	[[ "$directory" == */lib/ganeti/os/tune || "$directory" == /srv/ganeti/os/tune ||
		"$directory" == /usr/share/ganeti/os/tune ]]
	[ "$(find "$root" -name ganeti_api_version | wc -l)" -eq 1 ]
	for script in create export import rename verify; do
		[ -x "$root$directory/$script" ]
		[ -x "$root$(sed -n "s/^exec '\(.*\)' \".*/\1/p" "$root$directory/$script")" ]
	done
	[ -s "$root$directory/parameters.list" ]
	[ -s "$root$directory/variants.list" ]
}

@test "libtune.so exports what libtune.sym lists, and no more" {
	needs nm
	diff <(sed -n 's/^\t\(tune_[a-z0-9_]*\);$/\1/p' "$TUNE_SRCDIR/libtune/libtune.sym" | sort) \
		<(nm -D --defined-only "$libdir/libtune.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
}

@test "libtune.sym lists what the headers declare, and no more" {
	diff <(sed -n 's/^\t\(tune_[a-z0-9_]*\);$/\1/p' "$TUNE_SRCDIR/libtune/libtune.sym" | sort) \
		<(cat "$includedir"/libtune/*.h | grep -E '^[A-Za-z].*\btune_[a-z0-9_]+\(' | grep -v '^G_DEFINE' |
			grep -oE '\btune_[a-z0-9_]+\(' | tr -d '(' | sort)
}

@test "tune.h brings every header, and each compiles alone, as C and as C++" {
	local flags header
	[ "$(grep -c '#include <libtune/' "$includedir/libtune/tune.h")" -eq "$(find "$includedir/libtune" -name 'tune-*.h' | wc -l)" ]
	flags=$(headers_of gcc)
	for header in "$includedir"/libtune/*.h; do
		echo "#include <libtune/${header##*/}>" >"$BATS_TEST_TMPDIR/alone.c"
		# shellcheck disable=SC2086
		gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $flags -I"$includedir" "$BATS_TEST_TMPDIR/alone.c"
		if ! command -v g++ >/dev/null; then continue; fi
		# shellcheck disable=SC2086
		g++ -x c++ -Wall -Wextra -Werror -fsyntax-only $flags -I"$includedir" "$BATS_TEST_TMPDIR/alone.c"
	done
}

@test "a program of ten lines builds with libtune.pc and runs" {
	needs gcc pkg-config readelf
	if readelf -d "$libdir/libtune.so" | grep -q 'lib[au]b\?san'; then skip "the library is built with sanitizers"; fi
	sed "s|^prefix=|&$root|" "$pkgconfigdir/libtune.pc" >"$BATS_TEST_TMPDIR/libtune.pc"
	cat >"$BATS_TEST_TMPDIR/ten.c" <<-'PROGRAM'
		#include <libtune/tune.h>
		int main(int argc, char *argv[])
		{
			g_autoptr(GError) error = NULL;
			g_autoptr(TuneRoot) root = tune_root_open(argv[argc - 1], &error);
			g_autoptr(TunePolicy) policy = root ? tune_policy_load(root, NULL, &error) : NULL;
			g_autoptr(TunePlan) plan = policy ? tune_plan_new(root, policy, &error) : NULL;
			g_print("%u settings\n", plan ? tune_plan_get_length(plan) : 0);
			return plan ? 0 : 1;
		}
	PROGRAM
	# shellcheck disable=SC2046
	gcc -Wall -Werror -o "$BATS_TEST_TMPDIR/ten" "$BATS_TEST_TMPDIR/ten.c" \
		$(PKG_CONFIG_PATH=$BATS_TEST_TMPDIR pkg-config --cflags --libs libtune)
	make_host drbd-sata
	LD_LIBRARY_PATH=$libdir run "$BATS_TEST_TMPDIR/ten" "$host"
	[ "$output" = "14 settings" ]
}

@test "make all and the tests' programs in one call: what all builds is not built at the same time by another make" {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$TUNE_BUILDDIR" -npq all >"$BATS_TEST_TMPDIR/rules" 2>/dev/null || true
	grep -qE '^check-programs: all( |$)' "$BATS_TEST_TMPDIR/rules"
	grep -qE '^(check-unit|bench): check-programs( |$)' "$BATS_TEST_TMPDIR/rules"
	run ! grep -E '^(check-unit|bench): .*tests/' "$BATS_TEST_TMPDIR/rules"
}

@test "without CUnit all but the unit tests is built, and configure says so" {
	needs pkg-config gcc
	cat >"$BATS_TEST_TMPDIR/pkg-config" <<-'SCRIPT'
		#!/bin/sh
		case " $* " in *" cunit "*) exit 1 ;; esac
		exec /usr/bin/pkg-config "$@"
	SCRIPT
	chmod 755 "$BATS_TEST_TMPDIR/pkg-config"
	mkdir "$BATS_TEST_TMPDIR/build"
	cd "$BATS_TEST_TMPDIR/build"
	run -0 "$TUNE_SRCDIR/configure" PKG_CONFIG="$BATS_TEST_TMPDIR/pkg-config"
	says "unit tests    no"
}

@test "what is installed runs" {
	local program
	for program in "$root$(setting sbindir)/gnt-tune" "$root$(setting hooksexecdir)"/*; do
		LD_LIBRARY_PATH=$libdir "$program" --help
	done
}

@test "install and uninstall leave alone what somebody else has put in a hook's place" {
	local foreign=$hooks/node-add-post.d/50-tune other=$hooks/cluster-verify-post.d/50-tune
	rm "$foreign" "$other"
	echo "not ours" >"$foreign"
	ln -s /bin/true "$other"
	make_in_tree install
	[ "$(cat "$foreign")" = "not ours" ]
	[ "$(readlink "$other")" = /bin/true ]
	make_in_tree uninstall
	[ "$(cat "$foreign")" = "not ours" ]
	[ "$(readlink "$other")" = /bin/true ]
	rm "$foreign" "$other"
}

@test "what is switched off stays so, and is uninstalled" {
	make_in_tree install
	LD_LIBRARY_PATH=$libdir "$root$(setting sbindir)/gnt-tune" hooks disable --root "$root" node-add-post
	make_in_tree install
	[ "$(find "$hooks/node-add-post.d" -mindepth 1 -printf '%f')" = 50-tune.disabled ]
	make_in_tree uninstall
	[ ! -e "$hooks/node-add-post.d" ]
	make_in_tree install
	[ "$(find "$hooks/node-add-post.d" -mindepth 1 -printf '%f')" = 50-tune ]
}

@test "gnt-tune hooks list knows all, and finds them where they are installed" {
	LD_LIBRARY_PATH=$libdir "$root$(setting sbindir)/gnt-tune" hooks list --root "$root" --no-headers \
		--separator=: -o hook,state >"$BATS_TEST_TMPDIR/listed"
	diff <(for link in "$hooks"/*.d; do basename "$link" .d; done | sed 's/$/:enabled/' | sort) \
		<(sort "$BATS_TEST_TMPDIR/listed")
}

@test "udev's rule starts the unit where it is enabled and nothing was reverted, and nowhere else" {
	local rule machine=$BATS_TEST_TMPDIR/machine enabled
	needs systemctl
	rule=$root$(setting udevrulesdir)/60-ganeti-tune.rules
	enabled=$(sed -n 's/^TEST!="\(.*\)", GOTO="ganeti_tune_end"/\1/p' "$rule")
	grep -qx 'TEST=="/run/ganeti-tune/reverted", GOTO="ganeti_tune_end"' "$rule"
	# Both come before all that starts something.
	[ "$(grep -n SYSTEMD_WANTS "$rule" | head -n 1 | cut -d: -f1)" -gt "$(grep -n '^TEST' "$rule" | sed -n '2s/:.*//p')" ]
	mkdir -p "$machine/usr/lib/systemd/system"
	cp "$root$(setting systemdunitdir)/ganeti-tune.service" "$machine/usr/lib/systemd/system"
	[ ! -e "$machine/$enabled" ]
	systemctl --root="$machine" enable ganeti-tune.service
	[ -L "$machine/$enabled" ]
	systemctl --root="$machine" disable ganeti-tune.service
	[ ! -L "$machine/$enabled" ]
}

@test "a package leaves the links to its scripts" {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$TUNE_BUILDDIR" DESTDIR="$BATS_TEST_TMPDIR/package" HOOK_LINKS= \
		install >/dev/null 2>&1
	[ -x "$BATS_TEST_TMPDIR/package$(setting hooksexecdir)/instance-migrate-pre" ]
	[ ! -e "$BATS_TEST_TMPDIR/package$(setting hooksdir)" ]
}

# install_with_umask MASK: into a directory of its own, whose modes it lists.
install_with_umask() {
	local root=$BATS_TEST_TMPDIR/$1
	(umask "$1" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		make -s -C "$TUNE_BUILDDIR" DESTDIR="$root" install >/dev/null 2>&1)
	# The first directory is DESTDIR itself.
	find "$root" -mindepth 1 ! -type l -printf '%m %y %P\n' | sort -k 3
}

@test "whatever the umask is, everybody can read what is installed and only its owner can write" {
	local mask
	install_with_umask 022 >"$BATS_TEST_TMPDIR/modes"
	[ -s "$BATS_TEST_TMPDIR/modes" ]
	run grep -Ev '^(755 d|755 f|644 f) ' "$BATS_TEST_TMPDIR/modes"
	[ -z "$output" ]
	for mask in 000 077; do
		diff "$BATS_TEST_TMPDIR/modes" <(install_with_umask $mask)
	done
}

@test "uninstall leaves nothing" {
	make_in_tree install
	[ -L "$hooks/node-add-post.d/50-tune" ]
	make_in_tree uninstall
	[ -z "$(find "$root" ! -type d)" ]
	[ ! -e "$hooks/node-add-post.d" ]
}
