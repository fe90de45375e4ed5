# Nodes that are virtual machines, for lab.bash: QEMU without KVM, Debian's kernel with LVM and DRBD, and as root
# what a container has, this machine's files and what was installed, over 9p.  No image is built.  The hypervisor
# of their cluster is Ganeti's "fake".
#
# $TUNE_VM_KERNEL is a directory with boot/vmlinuz-* and lib/modules, / where Debian's kernel is installed; otherwise
# Debian's package is unpacked once below the build directory, $TUNE_BUILDDIR.

# What the machine starts with, then what may be loaded in it.
vm_modules="crc32c_generic virtio_pci virtio_net virtio_blk virtio_rng 9p 9pnet_virtio overlay dm_mod dm_snapshot
	drbd bridge tun loop bonding 8021q
	dm_multipath dm_round_robin raid1 scsi_debug sd_mod null_blk"

vm_why_not()
{
	if ! lab_has busybox cpio modprobe depmod vgcreate drbdsetup; then
		:
	elif [ ! -c /dev/net/tun ]; then
		echo "needs /dev/net/tun"
	elif ! vm_find_kernel >/dev/null; then
		echo "needs Debian's kernel, which apt-get does not get here: name one with TUNE_VM_KERNEL"
	fi
}

vm_prepare()
{
	local kernel
	kernel=$(vm_find_kernel) || return
	ln -s "$kernel"/boot/vmlinuz-* "$GNT_LAB/run/vmlinuz" && vm_make_initramfs "$kernel"
}

# vm_find_kernel: prints where it is.
vm_find_kernel()
{
	local kernel=${TUNE_VM_KERNEL-${TUNE_BUILDDIR-$lab_here/../../build}/tests/vm-kernel} work
	if [ ! -d "$kernel/lib/modules" ]; then
		mkdir -p "${kernel%/*}" && work=$(mktemp -d "$kernel.XXXXXX") || return
		if ! vm_unpack_kernel "$work" >&2 || ! mv -T "$work/root" "$kernel"; then
			rm -rf "$work"
			return 1
		fi
		rm -rf "$work"
	fi
	realpath "$kernel"
}

# vm_unpack_kernel DIRECTORY: into its root; the list of packages may be older than the packages.
vm_unpack_kernel()
{
	vm_get_kernel "$1" || { apt-get update -q && vm_get_kernel "$1"; } || return
	dpkg-deb -x "$1"/*.deb "$1/root" && depmod -b "$1/root" "$(ls "$1/root/lib/modules")"
}

vm_get_kernel()
{
	local package
	package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$package" ] && (cd "$1" && apt-get download -q -o APT::Sandbox::User=root "$package")
}

# vm_make_initramfs KERNEL: busybox, some modules, and an /init that makes the root; they find the modules again in
# $GNT_LAB/run.
vm_make_initramfs()
{
	local directory=$GNT_LAB/initramfs version module
	version=$(ls "$1/lib/modules")
	mkdir -p "$directory"/{bin,proc,sys,dev}
	# shellcheck disable=SC2046
	cp --parents -t "$directory" $(ldd /bin/busybox | grep -o '/[^ ]*')
	cp /bin/busybox "$directory/bin/"
	cp "$lab_here/vm-init" "$directory/init"
	(cd "$1" && vm_list_modules "$version" | xargs cp --parents -t "$directory" \
		"lib/modules/$version"/modules.{order,builtin,builtin.modinfo})
	depmod -b "$directory" "$version"
	cp -a "$directory/lib/modules/$version" "$GNT_LAB/run/modules"
	(cd "$directory" && find . | cpio -o -H newc --quiet | gzip -1) >"$GNT_LAB/run/initramfs"
}

# vm_list_modules VERSION: paths of all that are needed, in the kernel's directory.
vm_list_modules()
{
	local module
	for module in $vm_modules; do
		modprobe -d "$PWD" -S "$1" --show-depends "$module" 2>/dev/null
	done | sed -n "s|^insmod $PWD/\([^ ]*\).*|\1|p" | sort -u
}

# vm_on NODE COMMAND...
vm_on()
{
	in_hub ssh -i "$GNT_LAB/run/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		-o BatchMode=yes -o ConnectTimeout=10 -o ControlMaster=auto -o ControlPersist=300 \
		-o ControlPath="$GNT_LAB/run/$1.ssh" -F none "root@$lab_net.1${1#node}" \
		"env -i ${lab_environment[*]} $(printf '%q ' "${@:2}")"
}
