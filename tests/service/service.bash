# A machine whose pid 1 is systemd, for unit.bats: QEMU without KVM, this machine's files with what `make install`
# installs under an overlay of its own; with TUNE_SERVICE_RELEASE=13 those of that release, see tests/release.  It runs
# one script, service-main, and ends.
# shellcheck source=tests/cluster/lab.bash
. "${BASH_SOURCE[0]%/*}/../cluster/lab.bash"

service_why_not()
{
	local lacking
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ! lab_has qemu-system-x86_64 unshare busybox cpio modprobe depmod pvs vgcreate; then
		:
	elif [ ! -x /lib/systemd/systemd ]; then
		echo "needs systemd"
	elif ! unshare --mount true 2>/dev/null; then
		echo "needs mount namespaces, which are not permitted here"
	elif ! vm_find_kernel >/dev/null; then
		echo "needs Debian's kernel, which apt-get does not get here: name one with TUNE_VM_KERNEL"
	fi
}

# service_libdir BUILD-DIRECTORY: of the prefix that it was configured for.
service_libdir()
{
	sed -n "s/^libdir='\(.*\)'/\1/p" "$1/libtune/libtune.la"
}

# service_prepare BUILD-DIRECTORY: what the machine will find, in $GNT_LAB.
service_prepare()
{
	mkdir -p "$GNT_LAB"/{run,log,install,hub}
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$1" install DESTDIR="$GNT_LAB/install" >/dev/null 2>&1 || return
	# ldconfig has not run there.
	mkdir -p "$GNT_LAB/install/etc/systemd/system"
	sed '/^\[Service\]/a Environment=LD_LIBRARY_PATH='"$(service_libdir "$1")" "$1/gnt-tune/ganeti-tune.service" \
		>"$GNT_LAB/install/etc/systemd/system/ganeti-tune.service"
	cat >"$GNT_LAB/install/etc/systemd/system/tune-scenario.service" <<-'UNIT'
		[Unit]
		FailureAction=reboot-force
		SuccessAction=reboot-force
		[Service]
		Type=oneshot
		ExecStart=/bin/bash /run/lab/service-main
		TimeoutStartSec=14min
	UNIT
	cp "${BASH_SOURCE[0]%/*}"/service-{init,main} "$GNT_LAB/run/"
	[ -z "${TUNE_SERVICE_RELEASE-}" ] || "$lab_here/../release" "$TUNE_SERVICE_RELEASE" true || return
	vm_prepare
	truncate -s 1G "$GNT_LAB/disk"
}

# service_run: until the machine has ended; its console is in $GNT_LAB/log/console.
service_run()
{
	local below=/
	[ -z "${TUNE_SERVICE_RELEASE-}" ] || below=$("$lab_here/../release" --root "$TUNE_SERVICE_RELEASE")
	# shellcheck disable=SC2016 # expanded there
	below=$below GNT_LAB=$GNT_LAB timeout 900 unshare --mount sh -eu -c '
		# Layers of an overlay must not lie in each other.
		mount -t tmpfs hub "$GNT_LAB/hub"
		mkdir "$GNT_LAB/hub/rootfs"
		cp -a "$GNT_LAB/install" "$GNT_LAB/hub/install"
		mount -t overlay -o "lowerdir=$GNT_LAB/hub/install:$below" rootfs "$GNT_LAB/hub/rootfs"
		exec qemu-system-x86_64 -accel tcg,tb-size=1024 -cpu max -smp 2 -m 1024 -display none -no-reboot -nic none \
			-kernel "$GNT_LAB/run/vmlinuz" -initrd "$GNT_LAB/run/initramfs" \
			-append "console=ttyS0 panic=-1 lab.init=/run/lab/service-init" \
			-drive "file=$GNT_LAB/disk,format=raw,if=virtio,cache=unsafe" -device virtio-rng-pci \
			-virtfs "local,path=$GNT_LAB/hub/rootfs,mount_tag=rootfs,security_model=none,readonly=on,multidevs=remap" \
			-virtfs "local,path=$GNT_LAB/run,mount_tag=lab,security_model=none" \
			-serial "file:$GNT_LAB/log/console" -monitor none </dev/null'
}
